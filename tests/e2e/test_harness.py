"""The tools of these tests, proven without the programs under test: with
maps made by cdb(1), and against a Postfix that asks no policyd."""

from __future__ import annotations

import subprocess

from harness.site import Site
from harness.witness import expect_places

EMPTY = "postshare-none"


def make_cdb(site: Site, name: str, records: dict[str, str]) -> None:
    path = site.state / f"{name}.cdb"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(
        f"+{len(k.encode())},{len(v.encode())}:{k}->{v}\n"
        for k, v in (records or {EMPTY: "x"}).items()
    )
    subprocess.run(
        ["cdb", "-c", str(path)], input=f"{lines}\n".encode(), check=True
    )


def make_maps(site: Site, transport: dict[str, str], listed: list[str]) -> None:
    """As the compiler makes them, for one inclusive domain d.test."""
    make_cdb(site, "routes/relay_domains", {"d.test": "x", ".d.test": "x"})
    make_cdb(site, "routes/transport", transport)
    make_cdb(site, "current/relay_recipients", dict.fromkeys(listed, "x"))
    for name in (
        "routes/transport_leaving",
        "routes/tls_policy",
        "current/virtual_alias",
        "current/recipient_access",
    ):
        make_cdb(site, name, {})
    (site.state / "current/relay_recipients.regexp").write_text("")


def test_examples_route_each_recipient(site: Site) -> None:
    """Two systems, one message: each recipient goes its way, once."""
    one, two = site.sink("one"), site.sink("two")
    routes = {
        "d.test": f"smtp:{one.hop}",
        ".d.test": f"smtp:{one.hop}",
        "b@d.test": f"smtp:{two.hop}",
    }
    make_maps(site, routes, ["a@d.test", "b@d.test"])
    site.start(policyd=None)
    sent = site.send("a@d.test", "b@d.test", "B+x@D.test", "c@d.test", "e@f.test")
    assert sent.replies["c@d.test"].code == 550
    assert sent.replies["c@d.test"].status == "5.1.1"
    assert sent.replies["e@f.test"].code == 554
    expect_places(
        site, sent, {"a@d.test": "one", "b@d.test": "two", "B+x@D.test": "two"}
    )
    assert site.world.mail == []


def test_dead_policyd_costs_a_second_and_nothing_else(site: Site) -> None:
    one = site.sink("one")
    make_maps(site, {"d.test": f"smtp:{one.hop}"}, ["a@d.test"])
    site.start(policyd="dead")
    codes = {
        "a@d.test": "250 2.1.5",
        "b@d.test": "550 5.1.1",
        "c@elsewhere.test": "554 5.7.1",
    }
    site.expect(codes)


def test_sinks_refuse_defer_return_and_go_down(site: Site) -> None:
    first, second = site.sink("first"), site.sink("second")
    ring = site.sink("ring")
    routes = {
        "d.test": f"smtp:{first.hop}, {second.hop}",
        "ring@d.test": f"smtp:{ring.hop}",
    }
    make_maps(site, routes, ["a@d.test", "ring@d.test"])
    site.start(policyd=None)
    first.down()
    sent = site.send("a@d.test")
    expect_places(site, sent, {"a@d.test": "second"})
    first.up()
    first.answer = lambda _r: "450 4.2.0 later"
    second.answer = first.answer
    with site.client() as client:
        sent = client.send(["a@d.test"])
    first.answer = lambda _r: None
    site.postfix.wait_empty()
    expect_places(site, sent, {"a@d.test": "first"})
    ring.users, ring.returns_to = set(), site.postfix.server
    site.send("ring@d.test")
    # Two hops may write down their replies at the same time.
    assert "5.4.0" in {reply.status for _, reply in ring.returned}
    first.users = set()
    site.send("a@d.test")
    bounce = site.world.mail[-1]
    assert bounce.sender == "" and b"5.1.1" in bounce.data


def test_local_system_takes_mail_by_lmtp(site: Site) -> None:
    site.local_sink("dovecot", "private/dovecot-lmtp")
    make_maps(site, {"d.test": "lmtp:unix:private/dovecot-lmtp"}, ["a@d.test"])
    site.start(policyd=None, setup="dovecot")
    expect_places(site, site.send("a@d.test"), {"a@d.test": "dovecot"})


def test_client_pretends_and_speaks_utf8(site: Site) -> None:
    one = site.sink("one")
    make_maps(site, {"d.test": f"smtp:{one.hop}"}, ["jörg@d.test"])
    site.start(policyd=None)
    sent = site.send("Jörg@d.test", utf8=True, sender="")
    expect_places(site, sent, {"Jörg@d.test": "one"})
    assert one.mail[-1].sender == ""
    assert "from unknown[203.0.113.9]" in site.postfix.log()
