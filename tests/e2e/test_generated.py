"""What explain says and what Postfix does, for 2,000 recipients of a
generated namespace: no difference, neither with policyd nor without.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random

from generated import SYSTEMS, make_recipients, make_world
from harness.client import Sent
from harness.site import Site
from harness.witness import (
    action_faults,
    internal,
    place_faults,
    reply_faults,
    text_faults,
)

SEED, COUNT, AT_A_TIME = 20, 2000, 100


def set_up(site: Site) -> list[str]:
    random = Random(SEED)
    world = make_world(random)
    for name in [*SYSTEMS, "internet"]:
        site.sink(name)
    for name, people in world.lists.items():
        site.write(f"{name}.txt", people)
    rows = [f"{_cell(a)},{_cell(t)}" for a, t in world.contacts.items()]
    site.write("contacts.csv", ["address,target", *rows])
    site.namespace(world.conf())
    site.build()
    return make_recipients(random, world, COUNT)


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if '"' in text else text


def explain_all(site: Site, recipients: list[str]) -> dict[str, dict]:
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(recipients, pool.map(site.explain, recipients), strict=True))


def batches(recipients: list[str]) -> Iterator[list[str]]:
    """One spelling of an address a message: Postfix would deliver once."""
    rest = recipients
    while rest:
        batch: dict[str, str] = {}
        for recipient in rest:
            if len(batch) < AT_A_TIME:
                batch.setdefault(recipient.lower(), recipient)
        taken = set(batch.values())
        yield list(taken)
        rest = [r for r in rest if r not in taken]


def send_all(site: Site, recipients: list[str]) -> list[Sent]:
    with site.client() as client:
        sent = [client.send(batch, utf8=True) for batch in batches(recipients)]
    site.postfix.wait_empty(120)
    return sent


def reality_faults(site: Site, said: dict[str, dict], sent: list[Sent]) -> list[str]:
    places: dict[str, list[str]] = {}
    for name, sink in site.sinks.items():
        for token, address in sink.places():
            places.setdefault(token, []).append(f"{name} {address}")
    faults = []
    for message in sent:
        for recipient, reply in message.replies.items():
            wrong = reply_faults(said[recipient], reply)
            if recipient in message.accepted and not wrong:
                went = places.get(message.tokens[recipient], [])
                wrong = place_faults(site, said[recipient], went)
            faults += [f"{recipient}: {fault}" for fault in wrong]
    return faults


def report(faults: list[str]) -> None:
    shown = "\n".join(faults[:20])
    assert not faults, f"{len(faults)} differences:\n{shown}"


def agrees(site: Site, policyd: str | None) -> None:
    recipients = set_up(site)
    site.start(policyd)
    said = explain_all(site, recipients)
    reasons = {answer["reason"] for answer in said.values()}
    assert reasons >= {
        "listed",
        "contact",
        "secondary",
        "catch-all",
        "postmaster",
        "unlisted",
        "unknown",
        "not-ours",
    }, reasons
    sent = send_all(site, recipients)
    faults = reality_faults(site, said, sent)
    if policyd:
        for message in sent:
            for recipient, reply in message.replies.items():
                faults += text_faults(said[recipient], reply)
        with site.policy() as asked:
            for recipient, answer in said.items():
                action = asked.ask(internal(recipient))
                faults += action_faults(answer, action)
    report(faults)


def test_explain_is_what_happens(site: Site) -> None:
    agrees(site, "spawn")


def test_explain_is_what_happens_by_the_maps_alone(site: Site) -> None:
    agrees(site, None)
