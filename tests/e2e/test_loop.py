"""Two systems that both forward whom they do not know play ping-pong.  With
policyd it ends at the first return, in a reply that names the address;
without, at Postfix's limit of hops.
"""

from __future__ import annotations

from harness.site import Site
from harness.witness import expect_places

CONF = """
accepted-domain "company.example" { type = internal-relay }
connector "exchange" {
    address-spaces = { "company.example" }
    smart-hosts = { "$exchange" }
    clients = { "10.8.0.25", "10.9.0.0/24" }
    unknowns = reject
}
connector "unix" { smart-hosts = { "$unix" } clients = { "10.8.1.25" } }
directory "exchange" { type = file path = "exchange.txt" connector = "exchange" }
directory "unix" { type = file path = "unix.txt" connector = "unix" }
"""
ANN, URSULA = "ann@company.example", "ursula@company.example"
GHOST = "ghost@company.example"
POSTMASTER = "postmaster@company.example"


def set_up(site: Site, policyd: str | None) -> None:
    """exchange claims to refuse unknowns, and hands them back."""
    exchange = site.sink("exchange")
    site.sink("unix")
    exchange.users = {ANN, POSTMASTER}
    exchange.returns_to = site.postfix.server
    exchange.returns_as = "10.8.0.25"
    site.write("exchange.txt", [ANN])
    site.write("unix.txt", [URSULA])
    site.namespace(CONF)
    site.build()
    site.start(policyd)


def test_first_return_is_refused(site: Site) -> None:
    set_up(site, "spawn")
    exchange = site.sinks["exchange"]
    assert site.send(GHOST).replies[GHOST].code == 250
    ((recipient, reply),) = exchange.returned
    assert recipient == GHOST
    assert (reply.code, reply.status) == (550, "5.4.6")
    assert GHOST in reply.text
    assert exchange.asked == [GHOST]


def test_who_is_judged_by_where_he_sends_from(site: Site) -> None:
    set_up(site, "spawn")
    with site.policy() as policyd:
        action = policyd.ask(GHOST, client="10.8.0.25")
    assert action.startswith("550 5.4.6 ")
    for client in ("10.8.0.25", "10.9.0.77"):
        codes = {
            GHOST: "550 5.4.6",
            ANN: "550 5.4.6",
            URSULA: "250 2.1.5",
            POSTMASTER: "250 2.1.5",
        }
        site.expect(codes, client=client)
    site.expect({GHOST: "250 2.1.5"}, client="10.8.1.25")
    sent = site.send(URSULA, client="10.8.0.25")
    expect_places(site, sent, {URSULA: "unix"})


def test_without_policyd_hops_are_counted(site: Site) -> None:
    set_up(site, None)
    site.send(GHOST)
    exchange = site.sinks["exchange"]
    assert 1 < len(exchange.returned) <= 50
    ends = [reply for _, reply in exchange.returned if reply.code != 250]
    assert [end.status for end in ends] == ["5.4.0"]
