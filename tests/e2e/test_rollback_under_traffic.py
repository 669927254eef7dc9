"""Rolling back while mail flows.  company.example lives on "one"; whoever is
listed by "two" leaves by a route of his own, and one who moves has to be
accepted where he goes at each moment.
"""

from __future__ import annotations

import json
import re

from harness.client import Sent
from harness.site import Site
from harness.sleeps import expect_waits_for_routes, told_sleeps
from harness.traffic import Traffic
from harness.witness import expect_places
from test_builds_under_traffic import CONF

STAYING = {"one@company.example": "one", "two@company.example": "two"}
MOVING = "moving@company.example"
OLD, NEW = "old@company.example", "new@company.example"
GHOST = "ghost@company.example"
YES, NO = "250 2.1.5", "550 5.1.1"


def write(site: Site, place_of: dict[str, str]) -> None:
    for sink in ("one", "two"):
        site.write(f"{sink}.txt", [r for r, s in place_of.items() if s == sink])


def before(site: Site) -> None:
    write(site, STAYING | {MOVING: "one", OLD: "two"})


def after(site: Site) -> None:
    """One moves, one goes, one comes."""
    write(site, STAYING | {MOVING: "two", NEW: "two"})


def set_up(site: Site, policyd: str | None) -> None:
    site.sink("one")
    site.sink("two")
    site.namespace(CONF)
    before(site)
    site.build()
    site.start(policyd)


def run(site: Site, *command: str) -> str:
    done = site.compile(*command)
    assert done.returncode == 0, done
    return done.stdout


def rollback_under_traffic(site: Site, policyd: str | None) -> None:
    set_up(site, policyd)
    first = {OLD: YES, NEW: NO, MOVING: YES, GHOST: NO}
    second = first | {OLD: NO, NEW: YES}

    def recipients() -> list[str]:
        return [*STAYING, MOVING, OLD, NEW, GHOST]

    with Traffic(site, recipients) as traffic:
        phases = [("one", settled(traffic))]
        after(site)
        site.build()
        site.expect(second)
        phases.append(("two", settled(traffic)))
        with told_sleeps(site) as slept:
            run(site, "rollback")
        # In the very next session, after the waits of a build.
        site.expect(first)
        expect_waits_for_routes(slept)
        phases.append(("one", settled(traffic)))
        assert "held: generation 3 has the content of 1" in site.build()
        site.expect(first)
        run(site, "release")
        site.expect(first)
        site.build()
        site.expect(second)
        phases.append(("two", settled(traffic)))
    assert traffic.errors == []
    for recipient in (*STAYING, MOVING):
        traffic.expect(recipient, YES)
    traffic.expect(GHOST, NO)
    for recipient in (OLD, NEW):
        traffic.expect(recipient, YES, NO)
    expect_places_of_all(site, traffic)
    for sink, sent in phases:
        for one in sent:
            expect_places(site, one, {MOVING: sink})
    assert site.world.mail == []


def settled(traffic: Traffic) -> list[Sent]:
    """What is sent from now on, but for what may have begun before, and for
    what may be on its way yet when this returns."""
    begin = len(traffic.sent)
    traffic.wait(12)
    return traffic.sent[begin + 3 : -3]


def expect_places_of_all(site: Site, traffic: Traffic) -> None:
    """Each went once, to his system; one who moves, to either."""
    right = {**STAYING, OLD: "two", NEW: "two"}
    wrong = []
    for sent in traffic.sent:
        for recipient, places in site.places(sent).items():
            sinks = [place.split()[0] for place in places]
            either = [right[recipient]] if recipient in right else ["one", "two"]
            if len(sinks) != 1 or sinks[0] not in either:
                wrong.append(f"{recipient} went to {sinks}")
    assert not wrong, f"{len(wrong)}, first {wrong[:5]}"


def test_rollback_under_traffic(site: Site) -> None:
    rollback_under_traffic(site, "spawn")


def test_rollback_under_traffic_by_the_maps_alone(site: Site) -> None:
    rollback_under_traffic(site, None)


def test_mail_for_what_is_undone_keeps_its_way(site: Site) -> None:
    """It was accepted, and waits in the queue while the recipient goes."""
    set_up(site, "spawn")
    after(site)
    site.build("--reload")
    two = site.sinks["two"]
    two.answer = lambda _recipient: "450 4.2.0 later"
    with site.client() as client:
        sent = client.send([NEW])
    assert sent.accepted == [NEW]
    run(site, "rollback", "--reload")
    site.expect({NEW: NO, OLD: YES})
    two.answer = lambda _recipient: None
    site.postfix.flush()
    site.postfix.wait_empty()
    expect_places(site, sent, {NEW: "two"})


TRUSTED = """
accepted-domain "#inside.example" {
    type = authoritative
    accept-from = trusted
}
connector "mail" {
    address-spaces = { "#inside.example" }
    smart-hosts = { "$mail" }
}
directory "staff" { type = file path = "staff.txt" max-shrink = "100%" }
"""
INSIDER = "192.0.2.200"
ANN, BOB, CARL = (f"{name}@inside.example" for name in ("ann", "bob", "carl"))


def test_last_routes_of_a_trusted_domain_let_nobody_in(site: Site) -> None:
    """Bob leaves, and his refusal stands in the maps of then; he comes back
    and Carl with him; then what was without them is published again."""
    site.sink("mail")
    site.namespace(TRUSTED)
    lists = ([ANN, BOB], [ANN], [ANN, BOB, CARL])
    site.write("staff.txt", lists[0])
    site.build()
    site.start(None)
    for names in lists[1:]:
        site.write("staff.txt", names)
        site.build("--reload")
    expect_insiders(site, ANN, BOB, CARL)
    run(site, "rollback", "--reload", "2")
    expect_insiders(site, ANN)
    run(site, "rollback", "--reload", "3")
    expect_insiders(site, ANN, BOB, CARL)
    # Once more, with the refusals that the copies brought with them.
    run(site, "rollback", "--reload", "1")
    expect_insiders(site, ANN, BOB)


def test_refusal_of_a_list_too_old_is_no_refusal(site: Site) -> None:
    """The maps of then refuse Bob for good, and nobody knows any more."""
    site.sink("mail")
    site.namespace(TRUSTED.replace("max-shrink", "max-age = 1h max-shrink"))
    for names in ([ANN, BOB], [ANN], [ANN, CARL]):
        site.write("staff.txt", names)
        site.build("--no-wait")
        settle(site)
    manifest = site.state / "generations/2/manifest.json"
    aged = json.loads(manifest.read_text())
    aged["directories"][0]["loaded"] -= 7200
    manifest.write_text(json.dumps(aged))
    site.start(None)
    site.expect({ANN: YES, BOB: NO, CARL: YES}, INSIDER)
    run(site, "rollback", "--reload")
    later = "450 4.3.0"
    site.expect({ANN: YES, BOB: later, CARL: later}, INSIDER)


def settle(site: Site) -> None:
    """As if the 12 seconds were over."""
    record = site.state / "publish"
    record.write_text(re.sub(r"(?m)^(routes-sw.*)=.*$", r"\1=0", record.read_text()))
    site.build("--no-wait")


def expect_insiders(site: Site, *accepted: str) -> None:
    codes = {name: YES if name in accepted else NO for name in (ANN, BOB, CARL)}
    site.expect(codes, INSIDER)
    strangers = site.codes(*codes)
    assert set(strangers.values()) == {"554 5.7.1"}, strangers
    for name in codes:
        assert (site.explain(name)["verdict"] == "accept") == (name in accepted)
