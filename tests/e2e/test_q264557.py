"""Q264557: mail for further domains.  One line each and a build; step 6 of
the article, stopping and starting the service, falls away.
"""

from __future__ import annotations

from harness.site import Site
from harness.witness import expect_places, three_witnesses

CONNECTOR = """
connector "exchange" {
    address-spaces = { "domain1.example", "domain2.example", "domain3.example" }
    smart-hosts = { "$exchange" }
}
"""


def accept(site: Site, *domains: str) -> None:
    lines = [f'accepted-domain "{d}" {{ type = external-relay }}' for d in domains]
    site.namespace("\n".join(lines) + CONNECTOR)


def test_domains_are_added_without_restart(site: Site) -> None:
    site.sink("exchange")
    accept(site, "domain1.example")
    site.build()
    site.start()
    master = site.postfix.master_pid()
    users = [f"user@server.domain{n}.example" for n in (1, 2, 3)]
    for known in (1, 2, 3):
        if known > 1:
            accept(site, *(f"domain{n}.example" for n in range(1, known + 1)))
            site.build()
        three_witnesses(site, *users)
        site.forget()
        sent = site.send(*users)
        assert sent.accepted == users[:known]
        expect_places(site, sent, dict.fromkeys(users[:known], "exchange"))
    assert site.postfix.master_pid() == master
    assert "reload" not in site.postfix.log()


def test_a_removed_domain_is_refused_at_once(site: Site) -> None:
    site.sink("exchange")
    accept(site, "domain1.example", "domain2.example")
    site.build()
    site.start()
    accept(site, "domain1.example")
    site.build()
    site.expect({"a@domain1.example": "250 2.1.5", "a@domain2.example": "554 5.7.1"})
