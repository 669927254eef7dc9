"""policyd is killed while mail flows: recipients are validated and routed by
the maps alone, and nobody relays who could not before.
"""

from __future__ import annotations

import os
import signal

from harness.site import Site
from harness.traffic import Traffic

CONF = """
accepted-domain "company.example" { type = authoritative }
accepted-domain "open.example" { type = internal-relay }
connector "exchange" {
    address-spaces = { "company.example", "open.example" }
    smart-hosts = { "$exchange" }
    clients = { "10.8.0.25" }
}
connector "unix" { smart-hosts = { "$unix" } }
directory "exchange" { type = file path = "exchange.txt" connector = "exchange" }
directory "unix" { type = file path = "unix.txt" connector = "unix" }
"""
ANN, URSULA = "ann@company.example", "ursula@company.example"
ANYBODY, GHOST = "anybody@x.open.example", "ghost@company.example"
FOREIGN = "someone@elsewhere.example"
PLACES = {ANN: "exchange", URSULA: "unix", ANYBODY: "exchange"}
# Nobody knows yet who is there.
LATE = """
accepted-domain "late.example" { type = authoritative }
directory "late" {
    type = file
    path = "late.txt"
    connector = "unix"
    domains = { "late.example" }
}
contact "sales@company.example" { target = "lena@late.example" }
"""
SALES, LENA = "sales@company.example", "lena@late.example"
DIRECTORY_FAILED = 75


def set_up(site: Site, policyd: str) -> None:
    site.sink("exchange")
    site.sink("unix")
    site.write("exchange.txt", [ANN])
    site.write("unix.txt", [URSULA])
    site.namespace(CONF)
    site.build()
    site.start(policyd)


def judge(traffic: Traffic) -> None:
    assert traffic.errors == []
    for recipient in PLACES:
        traffic.expect(recipient, "250 2.1.5")
    traffic.expect(GHOST, "550 5.1.1")
    traffic.expect(FOREIGN, "554 5.7.1")
    traffic.expect_places(PLACES)


def everybody() -> list[str]:
    return [*PLACES, GHOST, FOREIGN]


def test_daemon_killed_and_started_again(site: Site) -> None:
    set_up(site, "daemon")
    loop = {ANN: "550 5.4.6"}
    site.expect(loop, client="10.8.0.25")
    with Traffic(site, everybody) as traffic:
        traffic.wait(10)
        site.stop_daemon(signal.SIGKILL)
        traffic.wait(6)
        site.expect({ANN: "250 2.1.5"}, client="10.8.0.25")
        site.start_daemon()
        traffic.wait(10)
    judge(traffic)
    site.expect(loop, client="10.8.0.25")


def test_children_of_spawn_killed(site: Site) -> None:
    set_up(site, "spawn")
    killed = 0
    with Traffic(site, everybody) as traffic:
        for _ in range(5):
            traffic.wait(5)
            for pid in site.postfix.children("policyd"):
                os.kill(pid, signal.SIGKILL)
                killed += 1
        traffic.wait(5)
    assert killed >= 5
    judge(traffic)
    site.expect({ANN: "550 5.4.6"}, client="10.8.0.25")


def test_contacts_that_can_not_be_judged_without_policyd(site: Site) -> None:
    """Put off, and never refused."""
    site.sink("exchange")
    site.sink("unix")
    site.write("exchange.txt", [ANN])
    site.write("unix.txt", [URSULA])
    site.namespace(CONF + LATE)
    site.build(expect=DIRECTORY_FAILED)
    site.start("daemon")
    wanted = {SALES: "450 4.3.0", LENA: "450 4.3.0", GHOST: "550 5.1.1"}
    site.expect(wanted)
    site.stop_daemon(signal.SIGKILL)
    site.expect(wanted)
