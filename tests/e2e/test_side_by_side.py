"""Directories are read side by side: one that hangs, crashes or shrinks takes
nobody's mail away, delays the build by no more than the deadline, and leaves
no process behind.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.paths import wait_until
from harness.site import COMPILER, DIRECTORY_FAILED, GUARD_REFUSED, Site
from harness.witness import expect_places

CONF = """
deadline = "%s"
accepted-domain "company.example" { type = authoritative }
accepted-domain "other.example" { type = authoritative }
connector "one" {
    address-spaces = { "company.example", "other.example" }
    smart-hosts = { "$one" }
}
connector "two" { smart-hosts = { "$two" } }
directory "fast" {
    type = file
    path = "fast.txt"
    connector = "one"
}
directory "slow" {
    type = command
    command = { "./slow" }
    timeout = "1h"
    connector = "two"
    domains = { "company.example" }
}
"""
ANN, BEN, CARL = (f"{name}@company.example" for name in ("ann", "ben", "carl"))
OTHER_ANN = "ann@other.example"
GHOST, OTHER_GHOST = "ghost@company.example", "ghost@other.example"
ACCEPTED, UNKNOWN, LATER = "250 2.1.5", "550 5.1.1", "450 4.3.0"
DEADLINE_S = 3
LONG_S = 3600  # no build takes so long
# Far from that, however slow the machine.
SOON_S = 200


def write_program(site: Site, *lines: str) -> None:
    """What the directory "slow" runs."""
    new = site.root / "slow.new"
    new.write_text("#!/bin/sh\n" + "".join(f"{line}\n" for line in lines))
    new.chmod(0o755)
    new.rename(site.root / "slow")


def hang(site: Site) -> str:
    """The command that hangs, and by whose length the test knows it."""
    return f"sleep {LONG_S + zlib.crc32(bytes(site.root)) % 1000000}"


def write_answer(site: Site, *recipients: str) -> None:
    write_program(site, *(f"echo {recipient}" for recipient in recipients))


def set_up(site: Site, deadline_s: int = DEADLINE_S) -> None:
    site.sink("one")
    site.sink("two")
    site.write("fast.txt", [ANN, OTHER_ANN])
    write_answer(site, BEN)
    site.namespace(CONF % f"{deadline_s}s")


def timed_build(site: Site, expect: int) -> tuple[str, float]:
    start = time.monotonic()
    return site.build(expect=expect), time.monotonic() - start


def processes_of(site: Site) -> list[int]:
    """Builds and their readers, programs and what these started."""
    own = [bytes(site.root / "slow"), hang(site).replace(" ", "\0").encode()]
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            line = (folder / "cmdline").read_bytes()
        except OSError:
            continue  # gone meanwhile
        is_build = bytes(COMPILER) in line and bytes(site.state) in line
        if is_build or any(words in line for words in own):
            found.append(int(folder.name))
    return found


def expect_nothing_left(site: Site) -> None:
    wait_until(lambda: processes_of(site) == [], "no process is left")


@contextmanager
def hanging_build(site: Site) -> Iterator[subprocess.Popen[bytes]]:
    """A build whose directory "slow" is being read, and will be."""
    started = site.root / "started"
    write_program(site, f"touch {started}", f"{hang(site)} & wait")
    build = subprocess.Popen(
        [COMPILER, "-c", site.conf, "-s", site.state, "build"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"MAIL_CONFIG": str(site.postfix.config)},
    )
    try:
        wait_until(started.exists, "the slow directory is being read")
        yield build
    finally:
        if build.poll() is None:
            build.kill()
            build.wait(60)


def contents(folder: Path) -> dict[str, bytes | str]:
    """Each file's bytes and each link's target."""
    return {
        str(path.relative_to(folder)): (
            os.readlink(path) if path.is_symlink() else path.read_bytes()
        )
        for path in folder.rglob("*")
        if path.is_symlink() or path.is_file()
    }


def test_slow_from_the_first_run_defers_its_own(site: Site) -> None:
    """Who may be its user gets a 450, nobody a 550 wrongly."""
    set_up(site)
    write_program(site, f"exec {hang(site)}")
    output, seconds = timed_build(site, DIRECTORY_FAILED)
    assert "still being read after 3 s, deadline = 3s" in output, output
    assert "never loaded" in output, output
    assert DEADLINE_S <= seconds < SOON_S, seconds
    expect_nothing_left(site)
    site.start()
    site.expect(
        {ANN: ACCEPTED, OTHER_ANN: ACCEPTED, OTHER_GHOST: UNKNOWN}
        | dict.fromkeys([BEN, GHOST], LATER),
    )
    expect_places(site, site.send(ANN), {ANN: "one"})
    write_answer(site, BEN)
    site.build()
    site.expect({BEN: ACCEPTED, GHOST: UNKNOWN, ANN: ACCEPTED})
    expect_places(site, site.send(ANN, BEN), {ANN: "one", BEN: "two"})


def test_slow_later_keeps_its_recipients(site: Site) -> None:
    """New hires and leavers of the others come and go meanwhile."""
    set_up(site)
    site.build()
    site.start()
    write_program(site, hang(site))
    site.write("fast.txt", [CARL, OTHER_ANN])
    output, seconds = timed_build(site, DIRECTORY_FAILED)
    assert "its last-good copy serves" in output, output
    assert "directory slow: 1 recipient as last read" in output, output
    assert DEADLINE_S <= seconds < SOON_S, seconds
    site.expect({ANN: UNKNOWN, BEN: ACCEPTED, CARL: ACCEPTED, GHOST: UNKNOWN})
    expect_places(site, site.send(BEN, CARL), {BEN: "two", CARL: "one"})


def test_crash_keeps_its_recipients(site: Site) -> None:
    """The reader itself is killed, as where memory is short."""
    set_up(site)
    site.build()
    site.start()
    write_program(site, f"echo {CARL}", "kill -KILL $PPID", hang(site))
    output = site.build(expect=DIRECTORY_FAILED)
    assert "its reader was ended by signal 9 (SIGKILL)" in output, output
    expect_nothing_left(site)
    site.expect({ANN: ACCEPTED, BEN: ACCEPTED, CARL: UNKNOWN})


def test_down_from_the_first_run_defers_its_own(site: Site) -> None:
    """By the maps alone; the domain is shared with one that answers."""
    set_up(site)
    write_program(site, "echo no such host >&2", "exit 1")
    output = site.build(expect=DIRECTORY_FAILED)
    assert "no such host" in output, output
    site.start(policyd=None)
    site.expect(
        {ANN: ACCEPTED, OTHER_ANN: ACCEPTED, OTHER_GHOST: UNKNOWN}
        | dict.fromkeys([BEN, GHOST], LATER),
    )
    expect_places(
        site, site.send(ANN, OTHER_ANN), {ANN: "one", OTHER_ANN: "one"}
    )


def test_half_of_a_list_is_refused_until_accepted(site: Site) -> None:
    set_up(site)
    many = [f"user{n}@company.example" for n in range(40)]
    write_answer(site, *many)
    site.build()
    site.start()
    write_answer(site, *many[:20])
    output = site.build(expect=GUARD_REFUSED)
    assert "20 of 40 entries would be lost" in output, output
    site.expect({ANN: ACCEPTED, many[0]: ACCEPTED, many[39]: ACCEPTED})
    expect_places(site, site.send(ANN, many[39]), {ANN: "one", many[39]: "two"})
    site.build("--accept-shrink", "slow")
    site.expect({ANN: ACCEPTED, many[0]: ACCEPTED, many[39]: UNKNOWN})


def test_empty_answer_is_refused_until_accepted(site: Site) -> None:
    """Of five people too, whom the guard would let go one by one."""
    set_up(site)
    few = [f"user{n}@company.example" for n in range(5)]
    write_answer(site, *few)
    site.build()
    site.start()
    write_answer(site)
    output = site.build(expect=GUARD_REFUSED)
    assert "it lists nobody now and listed 5 before" in output, output
    site.expect({ANN: ACCEPTED, few[0]: ACCEPTED, few[4]: ACCEPTED})
    site.build("--accept-shrink", "slow")
    site.expect({ANN: ACCEPTED, few[0]: UNKNOWN, few[4]: UNKNOWN})


def write_ldif(site: Site, objects: dict[str, str]) -> None:
    """Address and class of each object."""
    lines = [
        f"dn: cn={address}\nobjectClass: {kind}\nmail: {address}\n"
        for address, kind in objects.items()
    ]
    site.write("objects.ldif", lines)


def test_class_that_has_gone_is_named(site: Site) -> None:
    """The list may be as long as before; it is said once, from cron too."""
    set_up(site)
    text = (CONF % "3s").replace(
        'type = command\n    command = { "./slow" }\n    timeout = "1h"',
        'type = ldif path = "objects.ldif" preset = openldap',
    )
    site.namespace(text)
    write_ldif(site, {BEN: "inetOrgPerson", CARL: "groupOfNames"})
    output = site.build()
    counts = "directory slow: 2 recipients; 1 inetOrgPerson, 1 groupOfNames"
    assert counts in output.splitlines(), output
    write_ldif(site, {BEN: "inetOrgPerson", CARL: "inetOrgPerson"})
    told = "warning: directory \"slow\": 1 object of class groupOfNames before, none"
    checked = site.compile("-q", "check")
    assert checked.returncode == 0 and told in checked.stderr, checked
    output = site.build("-q")
    assert told in output and output.count("\n") == 1, output
    assert "before, none now" not in site.build()
    assert site.build("-q") == ""


def killed_build_leaves_nothing(site: Site, number: int) -> None:
    set_up(site, deadline_s=LONG_S)
    site.build()
    site.start()
    before = contents(site.state)
    with hanging_build(site) as build:
        # the build, its reader, that one's guard, the program, its child
        wait_until(lambda: len(processes_of(site)) >= 4, "all of them run")
        build.send_signal(number)
        assert build.wait(60) == -number
        expect_nothing_left(site)
    assert contents(site.state) == before
    site.expect({ANN: ACCEPTED, BEN: ACCEPTED, GHOST: UNKNOWN})
    write_answer(site, CARL)
    site.build()
    site.expect({ANN: ACCEPTED, BEN: UNKNOWN, CARL: ACCEPTED})


def test_killed_build_leaves_nothing(site: Site) -> None:
    killed_build_leaves_nothing(site, signal.SIGKILL)


def test_terminated_build_leaves_nothing(site: Site) -> None:
    killed_build_leaves_nothing(site, signal.SIGTERM)


def test_check_reads_side_by_side_and_writes_nothing(site: Site) -> None:
    set_up(site)
    write_program(site, f"exec {hang(site)}")
    done = site.compile("check")
    assert done.returncode == DIRECTORY_FAILED, done
    assert 'directory "slow": ' in done.stderr
    assert "deadline = 3s" in done.stderr
    assert contents(site.state) == {}
