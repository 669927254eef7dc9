"""Q258203: a domain shared with other mail systems.  Each listed recipient
goes to its own system, a custom recipient (contact) to its target, whoever
is in no directory on to the foreign system, or is refused.
"""

from __future__ import annotations

from harness.site import Site
from harness.witness import expect_places, three_witnesses

SYSTEMS = """
connector "exchange" { smart-hosts = { "$exchange" } }
connector "notes" {
    address-spaces = { "company.example" }
    smart-hosts = { "$notes" }
}
connector "internet" { address-spaces = { "*;100" } smart-hosts = { "$internet" } }
directory "exchange" { type = file path = "exchange.txt" connector = "exchange" }
directory "notes" { type = file path = "notes.txt" connector = "notes" }
contact "sales@company.example" { target = "crm@saas.example" }
contact "info@company.example" { target = "ann@company.example" }
"""

EVERYBODY = {
    "ann@company.example": "exchange",
    "nora@company.example": "notes",
    "sales@company.example": "internet crm@saas.example",
    "info@company.example": "exchange ann@company.example",
}


def share(site: Site, domain: str, more: str = "") -> None:
    accepted = f'accepted-domain "company.example" {{ {domain} }}\n'
    site.namespace(accepted + SYSTEMS + more)


def set_up(site: Site) -> None:
    for name in ("exchange", "notes", "internet"):
        site.sink(name)
    site.write("exchange.txt", ["ann@company.example", "bob@company.example"])
    site.write("notes.txt", ["nora@company.example"])


def test_unknown_go_on_to_the_foreign_system(site: Site) -> None:
    """Steps 4 to 6 of the article: an internal relay."""
    set_up(site)
    share(site, "type = internal-relay")
    site.build()
    site.start()
    said = three_witnesses(
        site, *EVERYBODY, "ghost@company.example", "ann@elsewhere.example"
    )
    assert said["ann@company.example"]["reason"] == "listed"
    assert said["ann@company.example"]["directory"] == "exchange"
    assert said["sales@company.example"]["reason"] == "contact"
    ghost = said["ghost@company.example"]
    assert (ghost["verdict"], ghost["reason"]) == ("relay", "unlisted")
    assert ghost["connector"] == "notes"
    site.forget()
    sent = site.send(*EVERYBODY, "ghost@company.example")
    expect_places(site, sent, EVERYBODY | {"ghost@company.example": "notes"})


def refused(site: Site, domain: str) -> None:
    set_up(site)
    share(site, domain)
    site.build()
    site.start()
    said = three_witnesses(site, *EVERYBODY, "ghost@company.example")
    ghost = said["ghost@company.example"]
    assert (ghost["verdict"], ghost["reason"]) == ("reject", "unknown")
    assert ghost["reply"].startswith("550 5.1.1 ")
    site.forget()
    expect_places(site, site.send(*EVERYBODY), EVERYBODY)


def test_unknown_are_refused_where_authoritative(site: Site) -> None:
    refused(site, "type = authoritative")


def test_unknown_are_refused_where_filtered(site: Site) -> None:
    refused(site, "type = internal-relay recipient-filter = directories")


def test_two_foreign_systems(site: Site) -> None:
    """The article allows one; here each further one is a connector and a
    directory, and the cost says who gets those whom nobody lists."""
    set_up(site)
    site.sink("unix")
    site.write("unix.txt", ["ursula@company.example", "nora@company.example"])
    third = """
        connector "unix" {
            address-spaces = { "company.example;5" }
            smart-hosts = { "$unix" }
        }
        directory "unix" { type = file path = "unix.txt" connector = "unix" }
    """
    share(site, "type = internal-relay", third)
    output = site.build()
    assert "nora@company.example" in output, "the conflict is reported"
    site.start()
    people = EVERYBODY | {
        "ursula@company.example": "unix",
        "ghost@company.example": "notes",
    }
    three_witnesses(site, *people)
    site.forget()
    expect_places(site, site.send(*people), people)
