"""A publish in which a call fails, or that is killed there: some of all cases.

"make faults" takes all of them; tests/faults tells what is done and looked at.
"""

from __future__ import annotations

import subprocess
import sys

from harness.left_out import LeftOut, need_mounts, need_trace
from harness.paths import BIN, TREE
from harness.site import Site

CONF = """
accepted-domain "#company.example" { type = authoritative }
connector "mail" {
    address-spaces = { "#company.example" }
    smart-hosts = { "10.0.0.1" }
}
directory "staff" { type = file path = "staff.txt" max-shrink = "100%" }
"""
FAULTS = TREE / "tests/faults/faults.py"


def run(*options: str) -> None:
    need_mounts()
    need_trace()
    done = subprocess.run(
        [sys.executable, FAULTS, *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    print(done.stdout)
    assert done.returncode == 0


def test_failing_calls_of_a_build(_site: Site) -> None:
    run("--sample", "60", "recipients", "routes", "both", "open")


def test_failing_calls_of_others(_site: Site) -> None:
    run("--sample", "40", "first", "init", "rollback", "release")


def test_no_memory(_site: Site) -> None:
    if b"__asan_init" in (BIN / "transport-map-gen").read_bytes():
        raise LeftOut("ASan has an allocator of its own")
    run("--memory", "--sample", "60", "both", "rollback")


def test_rollback_goes_on_where_it_was_killed(site: Site) -> None:
    """Its recipients are in force, and nobody has told smtpd."""
    site.namespace(CONF)
    for name in ("ann", "bob"):
        site.write("staff.txt", [f"{name}@company.example"])
        site.build()
    assert site.compile("rollback", "1").returncode == 0
    record = site.state / "publish"
    record.write_text(record.read_text().replace("step=done", "step=recipients"))
    retired = site.state / "generations/2/relay_recipients.cdb"
    before = retired.stat().st_mtime
    done = site.compile("rollback", "1")
    assert done.returncode == 0, done
    assert "has the content of 1 already" in done.stdout, done
    assert "step=done" in record.read_text()
    assert retired.stat().st_mtime > before
