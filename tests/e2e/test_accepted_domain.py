"""The article on accepted domains and send connectors, and what its readers
suffered: one word shares a domain, costs choose the way, and recipient
filtering with one directory of two refuses real people.
"""

from __future__ import annotations

from harness.site import Site
from harness.witness import expect_places, three_witnesses

CONF = """
accepted-domain "mycompany.example" { type = %s }
connector "ex2007" { smart-hosts = { "$ex2007" } }
connector "internal-relay" {
    address-spaces = { "mycompany.example;1" }
    smart-hosts = { "$other", "$second" }
}
connector "dearer" {
    address-spaces = { "mycompany.example;2" }
    smart-hosts = { "$dearer" }
}
directory "ex2007" { type = file path = "ex2007.txt" connector = "ex2007" }
"""
OTHER_DIRECTORY = """
directory "other" { type = file path = "other.txt" connector = "internal-relay" }
"""
ANN, BEN = "ann@mycompany.example", "ben@mycompany.example"


def set_up(site: Site) -> None:
    for name in ("ex2007", "other", "second", "dearer"):
        site.sink(name)
    site.write("ex2007.txt", [ANN])
    site.write("other.txt", [BEN])


def test_one_word_shares_the_domain(site: Site) -> None:
    set_up(site)
    site.namespace(CONF % "authoritative")
    site.build()
    site.start()
    assert three_witnesses(site, ANN, BEN)[BEN]["reason"] == "unknown"
    site.namespace(CONF % "internal-relay")
    site.build()
    assert three_witnesses(site, ANN, BEN)[BEN]["reason"] == "unlisted"
    site.forget()
    expect_places(site, site.send(ANN, BEN), {ANN: "ex2007", BEN: "other"})


def test_both_directories_cure_the_ndr(site: Site) -> None:
    """Filtering with one directory refuses Ben, who exists; with both he
    is known, and typing errors are refused all the same."""
    set_up(site)
    filtered = CONF % "internal-relay recipient-filter = directories"
    site.namespace(filtered)
    site.build()
    site.start()
    site.expect({ANN: "250 2.1.5", BEN: "550 5.1.1"})
    site.namespace(filtered + OTHER_DIRECTORY)
    site.build()
    ghost = "bne@mycompany.example"
    assert three_witnesses(site, ANN, BEN, ghost)[ghost]["reason"] == "unknown"
    site.forget()
    expect_places(site, site.send(ANN, BEN), {ANN: "ex2007", BEN: "other"})


def test_second_smart_host_serves_while_the_first_is_down(site: Site) -> None:
    set_up(site)
    site.namespace(CONF % "internal-relay")
    site.build()
    site.start()
    site.sinks["other"].down()
    expect_places(site, site.send(ANN, BEN), {ANN: "ex2007", BEN: "second"})
    site.sinks["other"].up()
    expect_places(site, site.send(BEN), {BEN: "other"})


def test_costs_choose_among_equals(site: Site) -> None:
    set_up(site)
    turned = (CONF % "internal-relay").replace("example;1", "example;3")
    site.namespace(turned)
    site.build()
    site.start()
    assert three_witnesses(site, BEN)[BEN]["connector"] == "dearer"


WITHOUT_A_WAY = """
accepted-domain "*.mycompany.example" { type = authoritative }
contact "sales@lab.mycompany.example" { target = "crm@saas.example" }
"""


def test_whom_nobody_takes_is_an_error_of_the_configuration(site: Site) -> None:
    site.namespace(WITHOUT_A_WAY)
    for command in ("check", "build"):
        done = site.compile(command)
        assert done.returncode == 78, (command, done)
        assert ":2: error: nobody takes the mail of postmaster@lab." in done.stderr
    site.namespace(WITHOUT_A_WAY + 'postmaster = "postmaster@saas.example"')
    assert site.compile("check").returncode == 0
