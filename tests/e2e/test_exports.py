"""One domain whose people are in four kinds of text: exports of two
generations of Exchange, the users of a Unix system and its aliases.
"""

from __future__ import annotations

import shutil

from harness.paths import TREE
from harness.site import DIRECTORY_FAILED, Site
from harness.witness import expect_places, three_witnesses

CONF = """
accepted-domain "company.example" { type = authoritative }
connector "exchange" { smart-hosts = { "$exchange" } }
connector "old" { smart-hosts = { "$old" } }
connector "unix" { smart-hosts = { "$unix" } }
connector "saas" {
    address-spaces = { "saas.example", "partner.example" }
    smart-hosts = { "$saas" }
}
directory "exchange" {
    type = csv
    preset = exchange
    path = "exchange.csv"
    connector = "exchange"
}
directory "old" {
    type = csv
    preset = exchange-5.5
    path = "exchange_5_5_export.csv"
    connector = "old"
}
directory "users" {
    type = passwd
    path = "passwd"
    local-domain = "company.example"
    connector = "unix"
}
directory "aliases" {
    type = aliases
    path = "aliases"
    local-domain = "company.example"
    connector = "unix"
}
"""
DATA = TREE / "tests/data/directory"
FILES = ("exchange.csv", "exchange_5_5_export.csv", "passwd", "aliases")
PLACES = {
    "ann.lee": "exchange",
    "room1": "exchange",
    "all": "exchange",
    "sale": "saas crm@saas.example",
    "cy.old": "old",
    "everybody": "old",
    "board": "old",
    "dee": "saas dee@partner.example",
    "bob": "unix",
    "owner-team": "unix",
    '"two words"': "unix",
}
GONE = ("eve", "gone", "daemon", "nobody")
ACCEPTED, UNKNOWN = "250 2.1.5", "550 5.1.1"


def at_company(local: str) -> str:
    return f"{local}@company.example"


def set_up(site: Site) -> None:
    for name in ("exchange", "old", "unix", "saas"):
        site.sink(name)
    for name in FILES:
        shutil.copy(DATA / name, site.root)
    with (site.root / "passwd").open("a") as passwd:
        passwd.write("bob:x:1001:1001::/home/bob:/bin/sh\n")
    site.namespace(CONF)


def test_all_of_them_are_delivered(site: Site) -> None:
    """Each where it lives; Exchange's contact for somebody on the Unix side
    does not draw the mail to Exchange."""
    set_up(site)
    output = site.build()
    for line in ("UserMailbox", "Public Folder", "alias"):
        assert line in output, output
    site.start()
    places = {at_company(local): place for local, place in PLACES.items()}
    expect_places(site, site.send(*places), places)
    site.expect({at_company(local): UNKNOWN for local in GONE})
    said = three_witnesses(site, at_company("bob"), at_company("cy.old"))
    assert said[at_company("bob")]["directory"] == "users"


def test_damaged_exports_keep_their_recipients(site: Site) -> None:
    """What PowerShell and Excel do to a list, one sentence each."""
    set_up(site)
    site.build()
    site.start()
    exchange, old = (site.root / name for name in FILES[:2])
    whole, old_whole = exchange.read_text(), old.read_text()
    exchange.write_text(whole.replace("smtp:all@company.example}", "smtp:al..."))
    cell = "SMTP:cy@company.example%".ljust(255, "x")
    old.write_text(
        "Obj-Class,E-mail Addresses\n" + f"Mailbox,{cell}\n" + "dl,SMTP:e@f\n",
    )
    output = site.build(expect=DIRECTORY_FAILED)
    assert "exchange.csv:5: a list of addresses is cut off" in output, output
    assert "has 255 characters and no cell of the file has more" in output, output
    site.expect({at_company(x): ACCEPTED for x in ("ann.lee", "all", "cy.old")})
    exchange.write_text(whole)
    old.write_text(old_whole)
    site.build()
