"""Recipients that a program prints.  What it prints counts once it has ended
well; until then, and when it hangs, whom it listed before is accepted.
"""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

from harness.paths import wait_until
from harness.site import DIRECTORY_FAILED, Site
from harness.witness import expect_places, three_witnesses

CONF = """
accepted-domain "company.example" { type = authoritative }
connector "unix" { smart-hosts = { "$unix" } }
directory "script" {
    type      = command
    command   = { "./list-users", "--for", "company.example; exit 9" }
    output    = %s
    timeout   = "2s"
    connector = "unix"
}
"""
CSV = 'csv columns = { "mail" } target-column = "forward"'
SAAS = """
connector "saas" {
    address-spaces = { "saas.example" }
    smart-hosts = { "$saas" }
}
"""
ANN, BEN, SALES = (f"{name}@company.example" for name in ("ann", "ben", "sales"))
GHOST = "ghost@company.example"
ACCEPTED, UNKNOWN, LATER = "250 2.1.5", "550 5.1.1", "450 4.3.0"

# What a program does, and the end of the sentence that says so.
FAILURES = {
    "status": (
        "echo {ben}; printf 'one\\nno \\033[1mroute\\n' >&2; exit 1",
        "failed with status 1; it said: no ?[1mroute",
    ),
    "signal": ("echo {ben}; kill -KILL $$", "killed by signal 9 (Killed)"),
    "half a line": (
        "echo {ben}; printf ann@comp",
        "its output ends within a line: either it was cut off, or the last "
        "line has to be ended too",
    ),
    "hangs": (
        "echo {ben}; sleep {length} & wait",
        'not ended after 2 s ("timeout"); it was killed with all that it had '
        "started",
    ),
    "leaves its output open": (
        "echo {ben}; sleep {length} & exit 0",
        "ended, but a process that it left behind has kept its standard "
        'output open for the rest of 2 s ("timeout"); start that with its '
        "output elsewhere",
    ),
    "another format": (
        "echo '<html>'",
        "none of its 1 entries is an address, which is no empty list but "
        "output of another kind",
    ),
}


def write_program(site: Site, script: str) -> None:
    new = site.root / "list-users.new"
    new.write_text(f"#!/bin/sh\n{script}\n")
    new.chmod(0o755)
    new.rename(site.root / "list-users")


def set_up(site: Site, output: str = "file") -> None:
    site.sink("unix")
    site.namespace(CONF % output)


def is_running(seconds: str) -> bool:
    """A sleep of that length, which no other process has."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # gone meanwhile
            if (folder / "cmdline").read_bytes() == f"sleep\0{seconds}\0".encode():
                return True
    return False


def test_its_users_are_delivered(site: Site) -> None:
    """By the whole way; arguments come as they were written, from nowhere
    near the configuration, with no environment of ours."""
    set_up(site)
    write_program(
        site,
        'test "$*" = "--for company.example; exit 9" || exit 3\n'
        'test "$(pwd)" = / || exit 4\n'
        'test -z "$MAIL_CONFIG$HOME" || exit 5\n'
        "read -r line && exit 6\n"
        f"echo '{ANN} # from the script'; echo {BEN}; echo progress >&2",
    )
    site.build()
    site.start()
    site.expect({ANN: ACCEPTED, BEN: ACCEPTED, GHOST: UNKNOWN})
    expect_places(site, site.send(ANN, BEN), {ANN: "unix", BEN: "unix"})
    said = three_witnesses(site, ANN, GHOST)
    assert said[ANN]["directory"] == "script"


def test_its_csv_is_read(site: Site) -> None:
    """With contacts; a leaver is refused after the next build."""
    set_up(site, CSV)
    site.sink("saas")
    rows = f"echo mail,forward; echo {ANN},; echo {SALES},crm@saas.example"
    write_program(site, f"{rows}; echo {BEN},")
    site.namespace(CONF % CSV + SAAS)
    site.build()
    site.start()
    sent = site.send(ANN, SALES)
    expect_places(site, sent, {ANN: "unix", SALES: "saas crm@saas.example"})
    site.expect({BEN: ACCEPTED})
    write_program(site, rows)
    site.build()
    site.expect({ANN: ACCEPTED, BEN: UNKNOWN})


def test_failed_keeps_its_recipients(site: Site) -> None:
    """Each in one sentence, and mail flows on."""
    set_up(site)
    write_program(site, f"echo {ANN}")
    site.build()
    site.start()
    length = str(1000 + time.time_ns() % 10**9)
    for name, (script, sentence) in FAILURES.items():
        write_program(site, script.format(ben=BEN, length=length))
        begin = time.monotonic()
        output = site.build(expect=DIRECTORY_FAILED)
        told = [t for t in output.splitlines() if "directory script: /" in t]
        assert len(told) == 1 and sentence in told[0], (name, output)
        assert "\033" not in output, output
        assert time.monotonic() - begin < 20, name
        site.expect({ANN: ACCEPTED, BEN: UNKNOWN, GHOST: UNKNOWN})
    wait_until(lambda: not is_running(length), "no process is left")
    expect_places(site, site.send(ANN), {ANN: "unix"})
    write_program(site, f"echo {ANN}; echo {BEN}")
    site.build()
    site.expect({ANN: ACCEPTED, BEN: ACCEPTED})


def test_never_ended_well_defers(site: Site) -> None:
    """Nobody knows who is there, so nobody is refused for good."""
    set_up(site)
    write_program(site, f"echo {ANN}; exit 1")
    site.build(expect=DIRECTORY_FAILED)
    site.start()
    site.expect({ANN: LATER, GHOST: LATER})
    write_program(site, f"echo {ANN}")
    site.build()
    site.expect({ANN: ACCEPTED, GHOST: UNKNOWN})


def test_not_there_is_said(site: Site) -> None:
    set_up(site)
    done = site.compile("-q", "check")
    assert done.returncode == DIRECTORY_FAILED, done
    path = f"{site.root}/./list-users"
    said = f"{path}: can not be run: No such file or directory"
    assert said in done.stderr.replace(f"{site.root}/list-users", path), done


def test_script_that_names_no_shell_is_said(site: Site) -> None:
    set_up(site)
    write_program(site, "")
    (site.root / "list-users").write_text(f"echo {ANN}\n")
    done = site.compile("-q", "check")
    assert done.returncode == DIRECTORY_FAILED, done
    assert "can not be run: Exec format error; the first line" in done.stderr


def test_list_of_nobody_from_the_first_is_told(site: Site) -> None:
    """No guard sees it, for nobody is lost; yet everybody is refused."""
    set_up(site)
    write_program(site, "exit 0")
    done = site.compile("check")
    assert done.returncode == 0, done
    nobody = 'advice: directory "script" was read and lists nobody;'
    assert nobody in done.stderr, done
    write_program(site, f"echo {ANN}")
    assert "lists nobody" not in site.compile("check").stderr
