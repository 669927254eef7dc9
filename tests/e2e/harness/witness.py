"""Three witnesses of one answer: policyd, explain, and a mail that is sent."""

from __future__ import annotations

import re

from harness.client import Reply, Sent
from harness.site import Site
from harness.sink import Sink

ACCEPTING = ("accept", "relay")


def three_witnesses(site: Site, *addresses: str) -> dict[str, dict]:
    """Sends one mail to all addresses and returns what explain said of each;
    fails, naming the address, where two witnesses do not agree."""
    said = {address: site.explain(address) for address in addresses}
    with site.policy() as policyd:
        actions = {a: policyd.ask(internal(a)) for a in addresses}
    sent = site.send(*addresses, utf8=any(not a.isascii() for a in addresses))
    places = site.places(sent)
    faults = []
    for address, answer in said.items():
        faults += action_faults(answer, actions[address])
        faults += reply_faults(answer, sent.replies[address])
        faults += text_faults(answer, sent.replies[address])
        if address in places:
            faults += place_faults(site, answer, places[address])
    assert not faults, "\n".join(faults)
    return said


def internal(address: str) -> str:
    """The unquoted form in which Postfix asks policyd."""
    local, _, domain = address.rpartition("@")
    if local.startswith('"') and local.endswith('"'):
        local = re.sub(r"\\(.)", r"\1", local[1:-1])
    return f"{local}@{domain}"


def action_faults(answer: dict, action: str) -> list[str]:
    if action == answer["reply"]:
        return []
    return [f"{answer}: policyd says {action!r}"]


def reply_faults(answer: dict, reply: Reply) -> list[str]:
    """What SMTP must say where explain says so (a stranger asks)."""
    verdict, words = answer["verdict"], answer["reply"].split(" ", 2)
    if verdict == "pass":
        is_right = reply.code == 554 and reply.status == "5.7.1"
    elif answer["reason"] == "verify":
        is_right = reply.code in (250, 550, 450)
    elif verdict in ACCEPTING:
        is_right = reply.code == 250 and words == ["DUNNO"]
    else:
        is_right = [str(reply.code), reply.status] == words[:2]
    return [] if is_right else [f"{answer}: SMTP says {reply}"]


def text_faults(answer: dict, reply: Reply) -> list[str]:
    """Where policyd refuses, explain has the reply word by word."""
    if answer["verdict"] not in ("reject", "defer"):
        return []
    if str(reply) == answer["smtp_reply"]:
        return []
    return [f"{answer}: SMTP says {reply}"]


def place_faults(site: Site, answer: dict, places: list[str]) -> list[str]:
    """An accepted recipient goes once, to the first host of its next hop."""
    sink = sink_of(site, answer["nexthop"])
    expected = (sink.name, mailbox(answer["delivered_to"]))
    found = [place.split(" ", 1) for place in places]
    if [(name, mailbox(address)) for name, address in found] == [expected]:
        return []
    return [f"{answer}: delivered to {places or 'nobody'}"]


def mailbox(address: str) -> str:
    """The same for every spelling of an address."""
    local, _, domain = address.lower().rpartition("@")
    return f"{local}@{domain.encode('idna').decode()}"


def sink_of(site: Site, nexthop: str) -> Sink:
    first = nexthop.split(", ")[0].partition(":")[2]
    for sink in site.sinks.values():
        if first in (sink.hop, sink.socket_hop):
            return sink
    raise AssertionError(f"no mail system at {nexthop!r}")


def expect_places(site: Site, sent: Sent, expected: dict[str, str]) -> None:
    """expected: recipient -> "sink" or "sink recipient-there"."""
    places = site.places(sent)
    for recipient, place in expected.items():
        full = place if " " in place else f"{place} {recipient}"
        got = places.get(recipient, [f"reply {sent.replies[recipient]}"])
        assert got == [full], f"{recipient}: expected {full}, got {got}"
