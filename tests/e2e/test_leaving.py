"""A recipient that was removed, while its last route is kept."""

from __future__ import annotations

from harness.paths import wait_until
from harness.site import Site

CONF = """
accepted-domain "#inside.example" {
    type = authoritative
    accept-from = trusted
}
connector "mail" {
    address-spaces = { "#inside.example" }
    smart-hosts = { "$mail" }
}
directory "staff" { type = file path = "staff.txt" }
"""
ANN, BOB = "ann@inside.example", "bob@inside.example"
INSIDER = "192.0.2.200"


def test_last_route_does_not_let_in(site: Site) -> None:
    """Nothing but the route keeps insiders from strangers to the list of a
    trusted domain, and Bob's is kept for what he is still owed."""
    mail = site.sink("mail")
    site.write("staff.txt", [ANN, BOB])
    site.namespace(CONF)
    site.build()
    site.start(None)
    mail.answer = lambda _: "450 4.2.1 not now"
    with site.client(INSIDER) as client:
        assert client.send([ANN, BOB]).accepted == [ANN, BOB]
    site.write("staff.txt", [ANN])
    site.build()
    codes = site.codes(ANN, BOB, client=INSIDER)
    assert codes == {ANN: "250 2.1.5", BOB: "550 5.1.1"}
    assert site.explain(BOB)["reply"].startswith("550 5.1.1 ")
    mail.answer = lambda _: None
    site.postfix.wait_empty()
    assert mail.recipients() == [ANN, BOB]


SHARED = """
accepted-domain "#company.example" { type = authoritative }
connector "mail" {
    address-spaces = { "#company.example" }
    smart-hosts = { "$mail" }
}
connector "shop" { smart-hosts = { "$shop" } }
directory "staff" { type = file path = "staff.txt" }
directory "shop" { type = file path = "shop.txt" connector = "shop" }
"""
SALES, ANN_SHARED = "sales@company.example", "ann@company.example"
NOW_A_CONTACT = f'contact "{SALES}" {{ target = "{ANN_SHARED}" }}\n'


def forget_route(site: Site) -> None:
    """qmgr asks again for the last address it asked for after 30 s only."""
    with site.client() as client:
        client.send([ANN_SHARED])
    wait_until(lambda: site.sinks["mail"].got(ANN_SHARED) != [], "the other mail")


def test_what_becomes_a_contact_keeps_its_way(site: Site) -> None:
    """Mail that was accepted before it had another target goes to the shop,
    not to the system of the domain, which never heard of it."""
    site.sink("mail")
    shop = site.sink("shop")
    site.write("staff.txt", [ANN_SHARED])
    site.write("shop.txt", [SALES])
    site.namespace(SHARED)
    site.build()
    site.start(None)
    shop.answer = lambda _: "450 4.2.1 not now"
    with site.client() as client:
        before = client.send([SALES])
    site.namespace(SHARED + NOW_A_CONTACT)
    site.build()
    forget_route(site)
    shop.answer = lambda _: None
    site.postfix.wait_empty()
    assert site.places(before) == {SALES: [f"shop {SALES}"]}
    after = site.send(SALES)
    assert site.places(after) == {SALES: [f"mail {ANN_SHARED}"]}
