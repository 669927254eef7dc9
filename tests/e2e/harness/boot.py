"""Boots a bare Debian (harness/bare.py) by its own systemd: as process 1 of
its own namespaces, with a control group of its own, the kernel's settings
read-only.  Nothing outlives its end.
"""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

from harness.bare import ENVIRONMENT, ISOLATED, Bare
from harness.left_out import LeftOut

# A user namespace can not be made below chroot(2), hence pivot_root(2).
BOOT = """
set -e
root=$1 group=$root/sys/fs/cgroup
mount --make-rprivate /
mount --rbind "$root" "$root"
mount -t proc proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs sysfs -o ro "$root/sys"
mount -t tmpfs tmpfs "$root/run"
mount -t devpts devpts -o newinstance,ptmxmode=0666 "$root/dev/pts"
mount -t cgroup2 cgroup2 "$group"
mkdir "$group/$2"
echo 0 >"$group/$2/cgroup.procs"
umount "$group"
exec unshare --cgroup sh -ec '
    mount -t cgroup2 cgroup2 "$1/sys/fs/cgroup"
    cd "$1"
    mkdir -p old
    pivot_root . old
    cd /
    umount -l /old
    exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin \\
        /lib/systemd/systemd --system --log-target=console
' sh "$root"
"""
CLEAN = """
mount -t cgroup2 cgroup2 "$1"
find "$1/$2" -depth -type d -exec rmdir {} +
"""
SERVICE = """
[Service]
Type=oneshot
ExecStart=/bin/sh -c "sh -ex /root/script >/root/said 2>&1; echo $? >/root/status"
[Install]
WantedBy=multi-user.target
"""
# What a machine with hardware of its own would start.
NEEDLESS = [
    *("systemd-udevd.service", "systemd-logind.service", "dbus.service"),
    *("systemd-timesyncd.service", "getty.target", "postfix.service"),
]


def run_under_systemd(root: Path, script: str, seconds: float = 90) -> str:
    """What the script says, that a service runs at the end of the boot."""
    bare = Bare(root)
    bare.path("/root/script").write_text(script)
    bare.path("/etc/systemd/system/script.service").write_text(SERVICE)
    wants = bare.path("/etc/systemd/system/multi-user.target.wants")
    wants.mkdir(exist_ok=True)
    (wants / "script.service").symlink_to("/etc/systemd/system/script.service")
    for unit in NEEDLESS:
        bare.path(f"/etc/systemd/system/{unit}").symlink_to("/dev/null")
    status = bare.path("/root/status")
    console = bare.path("/root/console")
    _boot(root, status, console, seconds)
    if not status.exists():
        said = console.read_text(errors="replace")
        if "systemd 2" not in said:
            raise LeftOut(f"no systemd can be started: {said[-500:]}")
        raise AssertionError(f"not within {seconds} s: {said[-3000:]}")
    said = bare.path("/root/said").read_text()
    assert status.read_text() == "0\n", said
    return said


def _boot(root: Path, status: Path, console: Path, seconds: float) -> None:
    group = f"bare-{os.getpid()}"
    apart = [*ISOLATED, "--net", "--uts", "--ipc"]
    deadline = time.monotonic() + seconds
    with console.open("wb") as out:
        process = subprocess.Popen(
            [*apart, "sh", "-c", BOOT, "sh", root, group],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env=ENVIRONMENT,
        )
    try:
        while process.poll() is None and time.monotonic() < deadline:
            if status.exists() and status.read_text():
                break
            time.sleep(0.1)
    finally:
        process.kill()
        process.wait()
        folder = root / "tmp/cgroup"
        folder.mkdir(exist_ok=True)
        # The processes in it are gone a moment after their namespace is.
        for _ in range(50):
            clean = ["unshare", "--mount", "sh", "-ec", CLEAN, "sh", folder, group]
            if subprocess.run(clean, capture_output=True).returncode == 0:
                break
            time.sleep(0.1)
