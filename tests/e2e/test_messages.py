"""Messages as they come: many recipients, no sender, tags, letters large and
small, domain names in two spellings.
"""

from __future__ import annotations

from harness.client import SENDER
from harness.site import Site
from harness.witness import expect_places, three_witnesses

CONF = """
accepted-domain "company.example" { type = authoritative }
accepted-domain "bücher.example" { type = authoritative }
accepted-domain "faß.example" { type = authoritative }
connector "one" {
    address-spaces = { "company.example", "bücher.example", "faß.example" }
    smart-hosts = { "$one" }
}
connector "two" { smart-hosts = { "$two" } }
connector "three" { smart-hosts = { "$three" } }
directory "one" { type = file path = "one.txt" connector = "one" }
directory "two" { type = file path = "two.txt" connector = "two" }
directory "three" { type = file path = "three.txt" connector = "three" }
extension = "+"
"""
LISTS = {
    "one": ["a1@company.example", "a2@company.example", "ann@faß.example"],
    "two": ["b1@company.example", "b2@company.example", "Jörg@bücher.example"],
    "three": ["c1@company.example", "C2@Company.Example", '"c 3"@company.example'],
}


def set_up(site: Site) -> None:
    for name, addresses in LISTS.items():
        site.sink(name)
        site.write(f"{name}.txt", addresses)
    site.namespace(CONF)
    site.build()
    site.start()


def test_one_message_is_split_each_part_once(site: Site) -> None:
    set_up(site)
    recipients = [f"{s}{n}@company.example" for n in (1, 2) for s in "abc"]
    with site.client() as client:
        sent = client.send([*recipients, "ghost@company.example"])
    site.postfix.wait_empty()
    assert sent.accepted == recipients
    assert sent.replies["ghost@company.example"].code == 550
    for name in LISTS:
        (delivery,) = site.sinks[name].mail
        assert delivery.sender == SENDER
        assert delivery.header("X-Mail-Id") == sent.mail_id
        letter = {"one": "a", "two": "b", "three": "c"}[name]
        assert sorted(delivery.recipients) == [
            f"{letter}{n}@company.example" for n in (1, 2)
        ]
    assert site.world.mail == []


def test_null_sender(site: Site) -> None:
    set_up(site)
    sent = site.send("a1@company.example", "ghost@company.example", sender="")
    assert sent.replies["ghost@company.example"].status == "5.1.1"
    expect_places(site, sent, {"a1@company.example": "one"})
    assert site.sinks["one"].mail[0].sender == ""
    assert site.world.mail == []


def test_tags_and_letters(site: Site) -> None:
    set_up(site)
    expected = {
        "A1@COMPANY.example": "one",
        "b1+tag@company.example": "two",
        "B2+Tag+More@Company.Example": "two",
        "c2@company.example": "three",
        '"c 3"@company.example': "three",
    }
    refused = ["a1-tag@company.example", "+tag@company.example"]
    refused += ["ghost+a1@company.example"]
    three_witnesses(site, *expected, *refused)
    site.forget()
    expect_places(site, site.send(*expected), expected)


def test_domains_in_both_spellings(site: Site) -> None:
    """One recipient, whichever spelling the list or the sender uses; and
    "fass.example", which folding makes of "faß", is somebody else's."""
    set_up(site)
    expected = {
        "jörg@bücher.example": "two",
        "Jörg@BÜCHER.example": "two",
        "jörg@xn--bcher-kva.example": "two",
        "ann@xn--fa-hia.example": "one",
    }
    said = three_witnesses(
        site, *expected, "ghost@bücher.example", "ann@fass.example"
    )
    assert said["ghost@bücher.example"]["reason"] == "unknown"
    assert said["ann@fass.example"]["reason"] == "not-ours"
    site.forget()
    expect_places(site, site.send(*expected, utf8=True), expected)
