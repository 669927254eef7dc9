"""A bare Debian in a folder, and a way into it that leaves nothing behind.

What runs in it has mounts, processes and a loopback of its own, and all of
that ends with the process that entered.  The network is used before, to make
it; where there is none, the test is left out.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import subprocess
import sys
from pathlib import Path

from harness.left_out import LeftOut

RELEASE = "bookworm"
CACHE = "/var/cache/apt/archives"
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
ENVIRONMENT = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "DEBIAN_FRONTEND": "noninteractive",
    "LC_ALL": "C.UTF-8",
    "HOME": "/root",
}
ISOLATED = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]


def mirror() -> str:
    """Of this machine's own apt."""
    said = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE) $(REPO_URI) $(CODENAME)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for line in said.splitlines():
        words = line.split()
        if words[-1] == RELEASE and "debian" in line:
            return words[-2]
    return "http://deb.debian.org/debian"


def proxy() -> dict[str, str]:
    said = subprocess.run(
        ["apt-config", "shell", "PROXY", "Acquire::http::Proxy"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    value = said.strip().removeprefix("PROXY=").strip("'")
    return {"http_proxy": value} if value and value != "DIRECT" else {}


def can_be_reached(url: str) -> bool:
    host = url.split("/")[2].split("@")[-1]
    name, _, port = host.partition(":")
    try:
        socket.create_connection((name, int(port or 80)), 10).close()
        return True
    except OSError:
        return False


def expect_namespaces() -> None:
    done = subprocess.run([*ISOLATED, "--net", "true"], capture_output=True, text=True)
    if done.returncode != 0:
        raise LeftOut(f"no namespaces of its own: {done.stderr.strip()}")


def make(root: Path, packages: list[str], debs: list[Path]) -> None:
    """A minimal system with these packages, and all that is needed to install
    the debs, which are put into /root."""
    expect_namespaces()
    source, via = mirror(), proxy()
    if not can_be_reached(via.get("http_proxy", source)):
        raise LeftOut(f"{source} can not be reached")
    _run(
        [
            *(*ISOLATED, "debootstrap"),
            *("--variant=minbase", f"--cache-dir={CACHE}"),
            *(f"--include={','.join(packages)}", RELEASE, root, source),
        ],
        via,
    )
    for deb in debs:
        (root / "root" / deb.name).write_bytes(deb.read_bytes())
    names = [f"/root/{deb.name}" for deb in debs]
    install = ["apt-get", "install", "-y", "--download-only", *names]
    _run([*ISOLATED, "chroot", root, *install], via)


def _run(command: list[str | Path], more: dict[str, str]) -> None:
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=ENVIRONMENT | more,
    )
    assert done.returncode == 0, f"{command}: {done.stdout[-3000:]}"


def run_isolated(script: Path, *arguments: str | Path) -> None:
    """A script of ours, in a machine of its own but for the files."""
    done = subprocess.run(
        [*ISOLATED, "--net", sys.executable, script, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout


# -- within


def enter(root: Path) -> None:
    """Called once, by a script that runs isolated."""
    loopback_up()
    for kind, place in (("proc", "proc"), ("sysfs", "sys"), ("tmpfs", "run")):
        subprocess.run(["mount", "-t", kind, kind, root / place], check=True)
    subprocess.run(["mount", "-t", "devpts", "devpts", root / "dev/pts"], check=True)


def loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh22x", b"lo", IFF_UP)
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, request)


class Bare:
    """What is done in the system, by its own programs."""

    def __init__(self, root: Path):
        self.root = root

    def run(self, *command: str, check: bool = True) -> str:
        """Both of its outputs."""
        done = subprocess.run(
            ["chroot", self.root, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=ENVIRONMENT,
            cwd=self.root,
        )
        assert not check or done.returncode == 0, (
            f"{command}: {done.returncode}\n{done.stdout[-4000:]}"
        )
        return done.stdout

    def shell(self, script: str) -> str:
        """As one would type it, in /root; the first failure ends it."""
        return self.run("bash", "-ec", f"cd /root\n{script}")

    def path(self, name: str) -> Path:
        return self.root / name.lstrip("/")

    def exists(self, name: str) -> bool:
        return os.path.lexists(self.path(name))
