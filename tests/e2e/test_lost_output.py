"""What is told to a full disk was not told: a command that only tells ends
with status 74, and one that publishes keeps the status of what it published;
so does one that has worse to say.
"""

from __future__ import annotations

import subprocess

from harness.doctor import SOMETHING_IS_WRONG, environment, run_lines
from harness.site import COMPILER, Site

CONF = """
accepted-domain "#company.example" { type = authoritative }
connector "mail" {
    address-spaces = { "#company.example" }
    smart-hosts = { "10.0.0.1" }
}
directory "staff" { type = file path = "staff.txt" }
"""
ANN = "ann@company.example"
TELLING = (
    ("check",),
    ("explain", ANN),
    ("explain", "--json", ANN),
    ("list",),
    ("list", "--json"),
    ("graph",),
    ("diff", "--json", "1", "current"),
    ("--version",),
    ("--help",),
)
PUBLISHING = (
    ("build", "--no-wait"),
    ("rollback", "--no-wait"),
    ("release",),
    ("init",),
)


def to_full_disk(site: Site, command: tuple[str, ...]) -> tuple[int, str]:
    """The status, and what is said to standard error."""
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [COMPILER, "-c", site.conf, "-s", site.state, *command],
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(site),
            text=True,
            timeout=120,
        )
    return done.returncode, done.stderr


def publish(site: Site, *people: str) -> None:
    site.write("staff.txt", list(people))
    site.namespace(CONF)
    site.build("--no-wait")
    site.build("--no-wait")


def test_who_only_tells_fails(site: Site) -> None:
    publish(site, ANN)
    publish(site, ANN, "bob@company.example")
    for command in TELLING:
        status, said = to_full_disk(site, command)
        assert status == 74, (command, status, said)
        assert said.count("No space left on device\n") == 1, (command, said)


def test_what_else_is_wrong_is_not_all_that_is_told(site: Site) -> None:
    """Whoever runs doctor by cron sees a status without a finding."""
    publish(site, ANN)
    site.postfix.configure(["gateway"])
    run_lines(site, "postconf -e relay_domains=")
    for options in ((), ("--json",)):
        status, said = to_full_disk(site, ("doctor", *options))
        assert status == SOMETHING_IS_WRONG, (status, said)
        assert "error: write to standard output: No space left" in said, said


def test_who_publishes_has_published(site: Site) -> None:
    publish(site, ANN)
    publish(site, ANN, "bob@company.example")
    for command in PUBLISHING:
        status, said = to_full_disk(site, command)
        assert status == 0, (command, status, said)
        assert "warning: write to standard output: No space left" in said, command
    assert site.compile("list").stdout.splitlines()[-1].startswith("         3 ")
