"""Q174351: every mailbox of company.example also receives as the same name
in domain2.example, without naming anybody twice; and whoever does not exist
does not exist under the second name either.
"""

from __future__ import annotations

from harness.site import Site
from harness.witness import expect_places, three_witnesses

N_USERS = 2000
CONF = """
accepted-domain "company.example" { type = authoritative }
accepted-domain "domain2.example" { secondary-of = "company.example" }
connector "exchange" {
    address-spaces = { "company.example" }
    smart-hosts = { "$exchange" }
}
connector "unix" { smart-hosts = { "$unix" } }
directory "exchange" { type = file path = "exchange.txt" connector = "exchange" }
directory "unix" { type = file path = "unix.txt" connector = "unix" }
extension = "+"
"""


def set_up(site: Site) -> None:
    site.sink("exchange")
    site.sink("unix")
    site.write("exchange.txt", [f"user{n}@company.example" for n in range(N_USERS)])
    site.write("unix.txt", ["ursula@company.example", "only2@domain2.example"])
    site.namespace(CONF)
    site.build()


def in_bulk(site: Site, policyd: str | None) -> None:
    set_up(site)
    site.start(policyd)
    users = [f"user{n}@domain2.example" for n in range(N_USERS)]
    ghosts = [f"ghost{n}@domain2.example" for n in range(N_USERS // 10)]
    assert set(site.codes(*users).values()) == {"250 2.1.5"}
    assert set(site.codes(*ghosts).values()) == {"550 5.1.1"}
    sent = site.send(*users)
    expected = {u: f"exchange {u.replace('domain2', 'company')}" for u in users}
    expect_places(site, sent, expected)


def test_in_bulk(site: Site) -> None:
    in_bulk(site, "spawn")


def test_in_bulk_by_the_maps_alone(site: Site) -> None:
    in_bulk(site, None)


def test_one_by_one(site: Site) -> None:
    set_up(site)
    site.start()
    expected = {
        "user7@company.example": "exchange",
        "User7@Domain2.Example": "exchange user7@company.example",
        "user7+tag@domain2.example": "exchange user7+tag@company.example",
        "ursula@domain2.example": "unix ursula@company.example",
        # Listed under the second name alone: delivered under it.
        "only2@domain2.example": "unix",
    }
    refused = ["ghost@domain2.example", "only2@company.example"]
    refused += ["user7@sub.domain2.example"]
    said = three_witnesses(site, *expected, *refused)
    assert said["ursula@domain2.example"]["reason"] == "secondary"
    assert {said[r]["reason"] for r in refused} == {"unknown"}
    site.forget()
    expect_places(site, site.send(*expected), expected)
