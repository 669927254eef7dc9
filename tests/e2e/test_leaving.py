"""A recipient that was removed, while its last route is kept."""

from __future__ import annotations

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
