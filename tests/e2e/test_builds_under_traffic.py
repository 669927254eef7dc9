"""Publishing while mail flows.  company.example lives on "one"; whoever is
listed by "two" leaves by a route of his own.
"""

from __future__ import annotations

import threading

from harness.site import Site
from harness.sleeps import expect_waits_for_routes, told_sleeps
from harness.traffic import Traffic
from harness.witness import expect_places

CONF = """
accepted-domain "company.example" { type = authoritative }
connector "one" {
    address-spaces = { "company.example" }
    smart-hosts = { "$one" }
}
connector "two" { smart-hosts = { "$two" } }
directory "one" { type = file path = "one.txt" connector = "one" max-shrink = "100%" }
directory "two" { type = file path = "two.txt" connector = "two" max-shrink = "100%" }
"""
STAYING = {f"one{n}@company.example": "one" for n in range(4)} | {
    f"two{n}@company.example": "two" for n in range(4)
}
GHOST = "ghost@company.example"
WITH_ROUTES, WITHOUT_ROUTES = 6, 15


class Lists:
    """Who is listed where, on the way from one build to the next."""

    def __init__(self, site: Site):
        self._site = site
        self.place = dict(STAYING)
        self.write()

    def write(self) -> None:
        for sink in ("one", "two"):
            listed = [r for r, place in self.place.items() if place == sink]
            self._site.write(f"{sink}.txt", listed)

    def add(self, recipient: str, place: str) -> None:
        self.place[recipient] = place
        self.write()

    def remove(self, recipient: str) -> None:
        del self.place[recipient]
        self.write()


def set_up(site: Site, policyd: str | None = "spawn") -> Lists:
    site.sink("one")
    site.sink("two")
    lists = Lists(site)
    site.namespace(CONF)
    site.build()
    site.start(policyd)
    return lists


def publish_under_traffic(site: Site, policyd: str | None) -> None:
    """Each build brings a recipient, and from the third on takes one away
    again; those that stay are never refused nor misrouted, and a new one is
    accepted only where his route is in force."""
    lists = set_up(site, policyd)
    ever = dict(lists.place)
    lock = threading.Lock()
    names = [f"new{n}@company.example" for n in range(WITH_ROUTES)]
    plain = [f"plain{n}@company.example" for n in range(WITHOUT_ROUTES)]

    def recipients() -> list[str]:
        with lock:
            return [*STAYING, GHOST, *names, *plain[:3]]

    with Traffic(site, recipients) as traffic:
        for n, name in enumerate(names):
            ever[name] = "two"
            lists.add(name, "two")
            with told_sleeps(site) as slept:
                site.build()
            # In the very next session, and after no other waits than these.
            site.expect({name: "250 2.1.5"})
            expect_waits_for_routes(slept)
            if n >= 2:
                lists.remove(names[n - 2])
        for name in plain:
            ever[name] = "one"
            lists.add(name, "one")
            site.build()
            # In the very next session.
            site.expect({name: "250 2.1.5"})
    assert traffic.errors == []
    assert len(traffic.sent) > 100
    for recipient in STAYING:
        traffic.expect(recipient, "250 2.1.5")
    traffic.expect(GHOST, "550 5.1.1")
    for name in names:
        traffic.expect(name, "250 2.1.5", "550 5.1.1")
    traffic.expect_places(ever)
    assert site.world.mail == []


def test_publish_under_traffic(site: Site) -> None:
    publish_under_traffic(site, "spawn")


def test_publish_under_traffic_by_the_maps_alone(site: Site) -> None:
    publish_under_traffic(site, None)


def test_removed_recipient_keeps_his_way(site: Site) -> None:
    """What was accepted for him waits in the queue while he is removed, and
    still goes where it went."""
    lists = set_up(site)
    two = site.sinks["two"]
    name = "leaver@company.example"
    lists.add(name, "two")
    site.build()
    two.answer = lambda _recipient: "450 4.2.0 later"
    with site.client() as client:
        sent = client.send([name])
    lists.remove(name)
    site.build()
    site.expect({name: "550 5.1.1"})
    two.answer = lambda _recipient: None
    site.postfix.flush()
    site.postfix.wait_empty()
    expect_places(site, sent, {name: "two"})


def test_nothing_changed_nothing_restarts(site: Site) -> None:
    set_up(site)
    site.codes(GHOST)
    before = site.postfix.children("smtpd"), site.postfix.children("qmgr")
    links = [(site.state / name).readlink() for name in ("routes", "current")]
    for _ in range(3):
        assert "unchanged" in site.build()
    assert [(site.state / n).readlink() for n in ("routes", "current")] == links
    site.codes(GHOST)
    assert before == (
        site.postfix.children("smtpd"),
        site.postfix.children("qmgr"),
    )
