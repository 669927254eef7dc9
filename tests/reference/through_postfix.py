"""The same questions put to a real Postfix: what RCPT says, and to which
stand-in mail system, under which address, each accepted recipient came.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from faults import every_fault
from harness.client import Sent
from harness.site import Site
from model import VERIFY, Answer, Model, hops_of_others
from programs import DIRECTORY_FAILED, PUBLISHED, publish
from spelling import a_label, has_strange_letters
from walk import quote, unquote
from worlds import LITERALS, Maker, addresses, client_of

INSIDER = "192.0.2.200"  # in mynetworks
# Routed by the sender, or for a program's option (allow_min_user).
REFUSED_AT_ONCE = re.compile(r"[%!@]|^-")
NOBODY_LISTENS = "[127.0.0.1]:1"
AT_A_TIME = 50
ATTEMPTS = 200


@dataclass(frozen=True)
class Question:
    address: str
    client: str


def ask_postfix(root: Path, seed: int, count: int) -> tuple[int, list[str]]:
    """One configuration; how many agreed, and who did not."""
    with Site(root) as site:
        return ask_site(site, seed, count)


def ask_site(site: Site, seed: int, count: int) -> tuple[int, list[str]]:
    chance = Random(seed)
    model = _model(chance, site)
    done = publish(model.world, site.root)
    said = f"build {done.returncode}: {done.stdout}{done.stderr}"
    assert done.returncode in (PUBLISHED, DIRECTORY_FAILED), said
    site.start("spawn", more=f"recipient_delimiter = {model.world.extension}\n")
    questions = list(_questions(chance, model, count))
    wrong = []
    for batch in _batches(model, questions):
        wrong += _wrong(site, model, batch)
    return len(questions) - len(wrong), [f"seed {seed}: {w}" for w in wrong]


def _model(chance: Random, site: Site) -> Model:
    """Sound, every system a stand-in, and nobody to be asked: verify(8) takes
    seconds for each address."""
    for _ in range(ATTEMPTS):
        world = Maker(chance).world()
        if any(d.filter == VERIFY for d in world.domains):
            continue
        if every_fault(Model(world)):
            continue
        for n, connector in enumerate(world.connectors):
            sink = site.sink(connector.name)
            hosts = (sink.hop,)
            if len(connector.hosts) > 1:
                hosts = (NOBODY_LISTENS, sink.hop)
            world.connectors[n] = replace(connector, hosts=hosts, transport="")
        for sink in site.sinks.values():
            sink.utf8 = True
        return Model(world)
    raise AssertionError("no sound configuration by chance")


def _questions(chance: Random, model: Model, count: int) -> Iterator[Question]:
    while count > 0:
        for address in addresses(chance, model, count):
            local, _, domain = address.rpartition("@")
            if not local or not domain or REFUSED_AT_ONCE.search(local):
                continue
            if domain in LITERALS or has_strange_letters(address):
                continue
            client = INSIDER if chance.random() < 0.25 else client_of(chance, model)
            if ":" in client:  # this Postfix knows IPv4 alone
                continue
            count -= 1
            yield Question(address, client)


def _batches(model: Model, questions: list[Question]) -> Iterator[list[Question]]:
    """Of one client, all in ASCII or none, and never two that come to one
    address: Postfix would deliver once."""
    rest = questions
    while rest:
        batch: dict[str, Question] = {}
        kind = _kind(rest[0])
        for question in rest:
            target = model.resolve(question.address).target or question.address
            if _kind(question) == kind and len(batch) < AT_A_TIME:
                batch.setdefault(target.casefold().rstrip("."), question)
        taken = {id(question) for question in batch.values()}
        yield list(batch.values())
        rest = [question for question in rest if id(question) not in taken]


def _kind(question: Question) -> tuple[str, bool]:
    return question.client, question.address.isascii()


def _wrong(site: Site, model: Model, batch: list[Question]) -> Iterator[str]:
    client, is_ascii = _kind(batch[0])
    recipients = {quote(q.address): q.address for q in batch}
    sent = site.send(*recipients, client=client, utf8=not is_ascii)
    places = site.places(sent)
    for recipient, address in recipients.items():
        wanted = _expected(model, address, client)
        found = _found(sent, places, recipient)
        if not _is_same(found, wanted):
            yield f"{address!r} from {client}: Postfix {found}, the model {wanted}"


def _expected(model: Model, address: str, client: str) -> tuple[str, str, str]:
    """The reply; the system and the address to which it comes."""
    domain = model.domain_of(_domain(address))
    is_open = domain is not None and not domain.is_trusted
    if client != INSIDER and not is_open:
        return "554 5.7.1", "", ""
    answer: Answer = model.resolve(address, client)
    if answer.code:
        return answer.code, "", ""
    hops = answer.hops
    if domain is None:
        hops = hops_of_others(model, address)
    system = hops[0].name if hops else "world"
    return "250 2.1.5", system, answer.target or address


def _domain(address: str) -> str:
    return a_label(address.rpartition("@")[2].rstrip("."))


def _found(
    sent: Sent, places: dict[str, list[str]], recipient: str
) -> tuple[str, str, str]:
    reply = sent.replies[recipient]
    came = places.get(recipient, [])
    if len(came) != 1:
        return f"{reply.code} {reply.status}", " and ".join(came), ""
    system, _, address = came[0].partition(" ")
    return f"{reply.code} {reply.status}", system, unquote(address)


def _is_same(one: tuple[str, str, str], other: tuple[str, str, str]) -> bool:
    if one[:2] != other[:2]:
        return False
    locals_ = [t[2].rpartition("@")[0].casefold() for t in (one, other)]
    return locals_[0] == locals_[1] and _domain(one[2]) == _domain(other[2])


def through_postfix(seed: int, count: int, each: int) -> tuple[int, list[str]]:
    """Configuration by configuration, a Postfix for each."""
    passed, wrong = 0, []
    while passed + len(wrong) < count:
        root = Path(tempfile.mkdtemp(prefix="differential."))
        try:
            part = min(each, count - passed - len(wrong))
            agreed, others = ask_postfix(root, seed, part)
        finally:
            shutil.rmtree(root, ignore_errors=True)
        passed, wrong, seed = passed + agreed, wrong + others, seed + 1
    return passed, wrong
