"""Q259531: relay for domains and subdomains.  A name includes what is below
it, "#name" is that name alone, a deeper entry overrides, and all of a name
space goes to one smart host.
"""

from __future__ import annotations

from harness.site import Site
from harness.witness import expect_places, three_witnesses

CONF = """
accepted-domain "space.example" { type = external-relay }
accepted-domain "#exact.example" { type = external-relay }
accepted-domain "*.below.example" { type = external-relay }
accepted-domain "#own.space.example" { type = authoritative }
accepted-domain "closed.example" { type = external-relay accept-from = trusted }
accepted-domain "listed.closed2.example" {
    type = authoritative
    accept-from = trusted
}
connector "smarthost" {
    address-spaces = { "space.example", "#exact.example", "*.below.example" }
    smart-hosts = { "$smarthost" }
}
connector "own" {
    address-spaces = { "own.space.example", "deep.space.example",
        "closed.example", "listed.closed2.example" }
    smart-hosts = { "$own" }
}
directory "own" { type = file path = "own.txt" connector = "own" }
"""

EXPECTED = {
    "a@space.example": "smarthost",
    "a@x.space.example": "smarthost",
    "a@y.x.space.example": "smarthost",
    "a@exact.example": "smarthost",
    "a@x.below.example": "smarthost",
    "ann@own.space.example": "own",
    # "#own": what is below belongs to the name space again, and goes by the
    # longest address space.
    "a@x.own.space.example": "own",
    "a@deep.space.example": "own",
}
NOT_OURS = [
    "a@xspace.example",
    "a@x.exact.example",
    "a@below.example",
    "a@example",
]


def set_up(site: Site, policyd: str | None = "spawn") -> None:
    site.sink("smarthost")
    site.sink("own")
    site.write("own.txt", ["ann@own.space.example", "ann@listed.closed2.example"])
    site.namespace(CONF)
    site.build()
    site.start(policyd)


def test_inclusive_exact_and_deeper(site: Site) -> None:
    set_up(site)
    said = three_witnesses(site, *EXPECTED, *NOT_OURS, "ghost@own.space.example")
    assert {said[a]["reason"] for a in NOT_OURS} == {"not-ours"}
    assert said["ghost@own.space.example"]["reason"] == "unknown"
    site.forget()
    expect_places(site, site.send(*EXPECTED), EXPECTED)


def trusted_beside_anyone(site: Site, policyd: str | None) -> None:
    """"Override relay restrictions" for anyone, or for those that Postfix
    trusts; 192.0.2.200 is in mynetworks."""
    set_up(site, policyd)
    closed = ["a@closed.example", "a@x.closed.example"]
    listed = ["ann@listed.closed2.example"]
    asked = [*closed, *listed, "ghost@listed.closed2.example", "a@space.example"]
    shut = dict.fromkeys(asked, "554 5.7.1")
    site.expect(shut | {"a@space.example": "250 2.1.5"})
    sent = site.send(*asked, client="192.0.2.200")
    assert sent.replies["ghost@listed.closed2.example"].code == 550
    expect_places(site, sent, dict.fromkeys([*closed, *listed], "own"))


def test_trusted_beside_anyone(site: Site) -> None:
    trusted_beside_anyone(site, "spawn")


def test_trusted_beside_anyone_by_the_maps_alone(site: Site) -> None:
    trusted_beside_anyone(site, None)
