"""--max-memory: a run that wants more ends before the machine suffers, leaves
what stands, and nothing of its own; readers and their programs count.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from harness.paths import wait_until
from harness.site import Site

CONF = """
accepted-domain "#company.example" { type = authoritative }
connector "mail" {
    address-spaces = { "company.example" }
    smart-hosts = { "10.8.0.25" }
}
directory "staff" { type = file path = "staff.txt" max-shrink = "100%" }
"""
# So far from what it takes that a fast machine is there for many looks.
TIGHT, AMPLE = "10", "8000"
GREEDY_SECONDS = 300
GREEDY = f"import time; x = bytearray(400 << 20); time.sleep({GREEDY_SECONDS})"
TOO_MUCH = 71
MANY = 500_000


def list_people(site: Site, count: int) -> None:
    site.write("staff.txt", [f"user{n:07}@company.example" for n in range(count)])


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def too_much(site: Site, *arguments: str, bound: str = TIGHT) -> None:
    done = site.compile(*arguments, "--max-memory", bound)
    assert done.returncode == TOO_MUCH, done
    assert "more memory is in use (" in done.stderr, done
    assert f"than --max-memory {bound} allows" in done.stderr, done


def test_what_stands_outlives_a_run_that_wants_too_much(site: Site) -> None:
    list_people(site, 3)
    site.namespace(CONF)
    site.build("--no-wait", "--max-memory", AMPLE)
    site.build("--no-wait")
    before = files(site.state)
    list_people(site, MANY)
    too_much(site, "build")
    assert files(site.state) == before
    assert os.readlink(site.state / "current") == "generations/1"
    assert site.explain("user0000002@company.example")["verdict"] == "accept"
    for command in ("check", "diff", "build --dry-run"):
        too_much(site, *command.split())
    assert files(site.state) == before
    assert f"{MANY} recipients" in site.build("--no-wait", "--max-memory", AMPLE)


def test_program_of_a_reader_counts(site: Site) -> None:
    """A tree of three: the run, the reader, what the directory runs."""
    program = site.root / "greedy"
    program.write_text(
        "#!/bin/sh\n"
        "echo $$ > pid.new && mv pid.new pid\n"
        f"exec {sys.executable} -c '{GREEDY}'\n"
    )
    program.chmod(0o755)
    site.namespace(
        CONF.replace(
            'type = file path = "staff.txt"',
            f'type = command command = {{ "/bin/sh", "-c", "cd {site.root} && ./greedy" }}',
        )
    )
    began = time.monotonic()
    too_much(site, "build", "--no-wait", bound="300")
    assert time.monotonic() - began < GREEDY_SECONDS
    pid = int((site.root / "pid").read_text())
    wait_until(lambda: not Path(f"/proc/{pid}/cmdline").exists(), "it has ended")


def test_status_is_that_of_the_run(site: Site) -> None:
    list_people(site, 3)
    site.namespace("colour = blue\n" + CONF)
    assert site.compile("check", "--max-memory", AMPLE).returncode == 78
    site.namespace(CONF)
    done = site.compile("check", "--max-memory", AMPLE)
    assert done.returncode == 0, done
    assert "3 recipients" in done.stdout
