"""What has to be refused of a configuration, by the same second reading."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from model import (
    AUTHORITATIVE,
    BELOW,
    DIRECTORIES,
    EXACT,
    FRESH,
    OFF,
    STALE,
    Domain,
    Model,
    parse,
    show,
)

# Where secondary domains of each other have names without end.
NAME_LABELS_MAX = 12


def every_fault(model: Model) -> list[str]:
    """Of each world that is built on the way to this one: what is stale now
    was fresh when it was read, and who has left was here."""
    world = model.world
    fresh = [
        replace(d, state=FRESH if d.state == STALE else d.state)
        for d in world.directories
    ]
    ways = [replace(world, directories=fresh), world]
    if world.has_changed():
        ways += [way.former() for way in ways]
    return [fault for way in ways for fault in faults(Model(way))]


def faults(model: Model) -> list[str]:
    """A sentence for each; none: it has to be taken."""
    return [
        *_domain_faults(model),
        *_secondary_faults(model),
        *_target_faults(model),
        *_connector_faults(model),
        *_rings(model),
        *_conflicts(model),
        *_wayless(model),
    ]


def names_of(model: Model, domain: Domain) -> list[str]:
    """Names that stand for all that belong to the domain: its own, one that
    nothing speaks of, and those that connectors speak of."""
    own = domain.name.name
    names = {own, f"nothing.{own}"}
    for connector in model.connectors.values():
        for space, _ in connector.spaces:
            names |= {space.name, f"nothing.{space.name}"}
    return sorted(n for n in names if n and model.domain_of(n) is domain)


def _domain_faults(model: Model) -> Iterator[str]:
    if not model.domains:
        yield "no accepted domain"
    seen = set()
    for domain in model.world.domains:
        # A block that is out has to be sound in itself.
        if domain.type == AUTHORITATIVE and domain.filter == OFF:
            yield f"{domain.name} is authoritative and not filtered"
    for domain in model.domains:
        if domain.name in seen:
            yield f"{domain.name} twice"
        seen.add(domain.name)
        is_complete = domain.type == AUTHORITATIVE and domain.filter == DIRECTORIES
        if not is_complete and not domain.secondary_of:
            if not all(model.hops_of(n) for n in names_of(model, domain)):
                yield f"{domain.name} has no connector"
        if domain.is_trusted and _is_below_open(model, domain):
            yield f"{domain.name} is trusted below one that is open"


def _is_below_open(model: Model, domain: Domain) -> bool:
    return any(
        other.name.form != EXACT
        and model.has_names_below(other)
        and not other.is_trusted
        and domain.name.name.endswith(f".{other.name.name}")
        for other in model.domains
    )


def _secondary_faults(model: Model) -> Iterator[str]:
    for domain in model.domains:
        if domain.secondary_of and model.primary_of(domain) is None:
            yield f"{domain.name} is secondary of nothing"
        elif domain.secondary_of and model.is_half_open(domain):
            yield f"{domain.name} would be open to strangers in part"
        ways = [model.primary_of]
        if domain.name.form != EXACT:
            ways.append(model.primary_below)
        if any(_comes_back(domain, further) for further in ways):
            yield f"{domain.name} is secondary of itself"


def _comes_back(
    domain: Domain, further: Callable[[Domain], Domain | None]
) -> bool:
    seen: list[Domain] = []
    at: Domain | None = domain
    while at is not None and at.secondary_of and at not in seen:
        seen.append(at)
        at = further(at)
    return at in seen


def _target_faults(model: Model) -> Iterator[str]:
    targets = dict(model.world.contacts)
    for address in targets:
        key = parse(address)
        if key and not model.domain_of(key[1]):
            yield f"contact {address} is in no accepted domain"
        elif key and model.runs_in_a_ring(key):
            yield f"contact {address} leads back to itself"
    targets |= {str(d.name): d.catch_all for d in model.domains if d.catch_all}
    if model.world.postmaster:
        targets["postmaster"] = model.world.postmaster
    for name, target in targets.items():
        key = parse(target)
        assert key
        if model.runs_in_a_ring(key):
            yield f"{name}: {show(key)} leads back to itself"
        answer = model.resolve(target)
        if answer.verdict == "reject":
            yield f"{name}: {show(key)} is not accepted"


def _connector_faults(model: Model) -> Iterator[str]:
    disabled = {c.name for c in model.world.connectors if not c.is_enabled}
    for directory in model.directories:
        if directory.connector in disabled:
            yield f"{directory.name} needs {directory.connector}, disabled"
    for connector in model.connectors.values():
        if connector.unknowns in disabled:
            yield f"{connector.name} forwards to {connector.unknowns}, disabled"
    for directory in model.directories:
        if directory.connector:
            continue
        for domain in model.domains:
            for name in _own_names(domain):
                if directory.may_list(name) and not model.hops_of(name):
                    yield f"{directory.name} may list {name}, without connector"


def _own_names(domain: Domain) -> Iterator[str]:
    """The name itself, and one for all below that nothing speaks of."""
    if domain.name.form != BELOW:
        yield domain.name.name
    if domain.name.form != EXACT:
        yield f"nothing.{domain.name.name}"


def _rings(model: Model) -> Iterator[str]:
    for domain in model.domains:
        if domain.filter == DIRECTORIES or domain.secondary_of:
            continue
        for name in names_of(model, domain):
            if _runs_in_a_ring(model, name):
                yield f"{domain.name}: unlisted recipients run in a ring"


def _runs_in_a_ring(model: Model, name: str) -> bool:
    hops = model.hops_of(name)
    at = hops[0].name if hops else "reject"
    seen: set[str] = set()
    while at in model.connectors and at not in seen:
        seen.add(at)
        unknowns = model.connectors[at].unknowns
        at = hops[0].name if unknowns == "return" else unknowns
    return at in seen


def _conflicts(model: Model) -> Iterator[str]:
    if model.world.refuses_conflicts:
        yield from (f"{show(key)} is listed twice" for key in model.conflicts)


def _wayless(model: Model) -> Iterator[str]:
    """Who is accepted, and no connector takes him."""
    addresses = [f"postmaster@{name}" for name in spoken_names(model)]
    addresses += [show(key) for key in model.listed]
    for address in addresses:
        answer = model.resolve(address)
        is_lost = answer.verdict == "accept" and not answer.hops
        if is_lost and parse(answer.target) == parse(address):
            yield f"nobody takes the mail of {address}"


def spoken_names(model: Model) -> set[str]:
    """What the configuration or a list has, and other names of these."""
    names = {d.name.name for d in model.domains} | model.entries
    found: set[str] = set()
    while names - found:
        found |= names
        for domain in model.domains:
            if domain.secondary_of:
                below = f".{domain.secondary_of}"
                names |= {
                    n.removesuffix(below) + f".{domain.name.name}"
                    for n in found
                    if n.endswith(below) and n.count(".") < NAME_LABELS_MAX
                }
    return {name for name in found if model.is_spoken_of(name)}
