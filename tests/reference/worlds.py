"""Small configurations by chance that use all features together, sound and
unsound ones, and addresses near to what they list.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from random import Random

from model import (
    AUTHORITATIVE,
    BELOW,
    DIRECTORIES,
    EXACT,
    EXTERNAL,
    FRESH,
    INCLUSIVE,
    INTERNAL,
    NEVER,
    OFF,
    STALE,
    VERIFY,
    Connector,
    Directory,
    Domain,
    Model,
    Name,
    World,
)
from walk import quote

DOMAINS = ("north.example", "south.example", "west.example", "xn--bcher-kva.example")
SECONDARIES = ("former.example", "ancient.example")
SUBS = ("lab", "dev", "x.lab")
OUTSIDE = ("saas.example", "partner.example")
PEOPLE = (
    *("ann", "bob", "carol", "a.b", "o'neil", "two words", "j\u00f6rg", "eve+lists"),
    *("Dan", "postmaster", "sales", "info"),
)
STRANGER = "203.0.113.9"
CONNECTORS = ("ash", "beech", "cedar", "date")


class Maker:
    def __init__(self, chance: Random):
        self.chance = chance
        self.is_stale_world = chance.random() < 0.3

    def is_so(self, share: float) -> bool:
        return self.chance.random() < share

    def world(self) -> World:
        chance = self.chance
        domains = self._domains()
        names = sorted({n for d in domains for n in self._names(d)})
        connectors = self._connectors(domains)
        directories = [
            self._directory(f"list{n}", names, connectors, domains)
            for n in range(chance.randint(1, 3))
        ]
        world = World(domains, connectors, directories)
        world.extension = chance.choice(["+", "+", "+", "", "+-"])
        world.refuses_conflicts = self.is_so(0.1)
        targets = self._targets(world)
        if self.is_so(0.5):
            world.postmaster = chance.choice(targets)
        world.domains = [self._with_catch_all(d, targets) for d in domains]
        for _ in range(chance.randint(0, 3)):
            address = self._address(names)
            world.contacts[address] = chance.choice(
                [*targets, *targets, *world.contacts, self._address(names)]
            )
        return world

    # -- domains

    def _domains(self) -> list[Domain]:
        chance = self.chance
        made = [
            self._domain(Name(chance.choice([INCLUSIVE, INCLUSIVE, EXACT, BELOW]), n))
            for n in chance.sample(DOMAINS, chance.randint(1, 3))
        ]
        primaries = [d for d in made if d.name.form != BELOW]
        for domain in list(made):
            if self.is_so(0.5):
                sub = f"{chance.choice(SUBS)}.{domain.name.name}"
                form = chance.choice([INCLUSIVE, EXACT, EXACT, BELOW])
                made.append(self._domain(Name(form, sub)))
            if self.is_so(0.1):
                made.append(self._beside(domain))
        for name in SECONDARIES:
            if primaries and self.is_so(0.5):
                made += self._secondary(name, primaries)
        return made

    def _beside(self, domain: Domain) -> Domain:
        """The same name again, in a form of its own."""
        form = BELOW if domain.name.form == EXACT else EXACT
        return self._domain(Name(form, domain.name.name))

    def _secondary(self, name: str, primaries: list[Domain]) -> list[Domain]:
        """And now and then something below it; primaries gets longer."""
        chance = self.chance
        primary = chance.choice(primaries)
        if self.is_so(0.2):
            name = f"old.{primary.name.name}"
        form = chance.choice([INCLUSIVE, INCLUSIVE, EXACT, EXACT, BELOW])
        new = Domain(Name(form, name), secondary_of=primary.name.name)
        if form != BELOW and self.is_so(0.3):
            primaries.append(new)
        if self.is_so(0.9):
            return [new]
        sub = Name(chance.choice([INCLUSIVE, EXACT]), f"{chance.choice(SUBS)}.{name}")
        return [new, self._domain(sub)]

    def _domain(self, name: Name) -> Domain:
        chance = self.chance
        kind = chance.choice([AUTHORITATIVE, INTERNAL, EXTERNAL])
        filters = [DIRECTORIES, DIRECTORIES, DIRECTORIES, VERIFY]
        if kind != AUTHORITATIVE or self.is_so(0.03):
            filters += [OFF, OFF]
        return Domain(
            name,
            kind,
            chance.choice(filters),
            is_trusted=self.is_so(0.1),
            is_enabled=not self.is_so(0.03),
        )

    def _names(self, domain: Domain) -> list[str]:
        """Where its recipients may be."""
        own = domain.name.name
        below = [f"{sub}.{own}" for sub in SUBS]
        if domain.name.form == EXACT:
            return [own]
        return below if domain.name.form == BELOW else [own, own, *below]

    def _with_catch_all(self, domain: Domain, targets: list[str]) -> Domain:
        if domain.secondary_of or not self.is_so(0.2):
            return domain
        target = self.chance.choice(targets)
        return Domain(
            domain.name,
            domain.type,
            domain.filter,
            domain.is_trusted,
            target,
            is_enabled=domain.is_enabled,
        )

    # -- connectors

    def _connectors(self, domains: list[Domain]) -> list[Connector]:
        chance = self.chance
        names = CONNECTORS[: chance.randint(2, 4)]
        spaces: dict[str, dict[Name, int]] = {name: {} for name in names}
        primary = [d.name for d in domains if not d.secondary_of]
        for name in primary:
            if not self.is_so(0.03):
                spaces[chance.choice(names)][name] = chance.randint(1, 3)
        for name in primary:
            if self.is_so(0.3):
                spaces[chance.choice(names)].setdefault(name, chance.randint(1, 3))
            if self.is_so(0.2):
                part = Name(EXACT, f"{chance.choice(SUBS)}.{name.name}")
                spaces[chance.choice(names)].setdefault(part, chance.randint(1, 3))
        if self.is_so(0.3):
            spaces[chance.choice(names)][Name(EXACT, OUTSIDE[1])] = 1
        if self.is_so(0.3):
            spaces[chance.choice(names)][Name(INCLUSIVE, "")] = 100
        return [
            self._connector(n, name, tuple(spaces[name].items()), names)
            for n, name in enumerate(names)
        ]

    def _connector(
        self,
        n: int,
        name: str,
        spaces: tuple[tuple[Name, int], ...],
        names: tuple[str, ...],
    ) -> Connector:
        chance = self.chance
        is_smtp = self.is_so(0.8)
        count = chance.randint(1, 2)
        hosts = tuple(f"[10.{n}.0.{h + 1}]:{2500 + h}" for h in range(count))
        clients = (f"10.{n}.0.77", f"10.{n}.8.0/24") if self.is_so(0.7) else ()
        others = [other for other in names if other != name]
        unknowns = "reject"
        if self.is_so(0.03):
            unknowns = chance.choice(["return", *others])
        return Connector(
            name,
            spaces,
            hosts if is_smtp else (),
            "" if is_smtp else f"lmtp:unix:private/{name}",
            clients,
            unknowns,
            is_backup=self.is_so(0.4),
            stops_loops=not self.is_so(0.2),
            is_enabled=not self.is_so(0.02),
        )

    # -- directories and contacts

    def _directory(
        self,
        name: str,
        names: list[str],
        connectors: list[Connector],
        domains: list[Domain],
    ) -> Directory:
        chance = self.chance
        state = FRESH
        if self.is_stale_world:
            state = chance.choice([FRESH, STALE, NEVER])
        limits: tuple[Name, ...] = ()
        if self.is_so(0.4):
            limits = tuple(d.name for d in domains if self.is_so(0.7))
        contacts: dict[str, str] = {}
        listed = {self._address(names): None for _ in range(chance.randint(1, 8))}
        if self.is_so(0.5):
            for _ in range(chance.randint(1, 3)):
                target = f"{chance.choice(PEOPLE[:4])}@{chance.choice(OUTSIDE)}"
                if self.is_so(0.4):
                    target = self._address(names)
                contacts[self._address(names)] = target
        contacts = {a: t for a, t in contacts.items() if a != t and a not in listed}
        return Directory(
            name,
            tuple(listed),
            tuple(contacts.items()),
            chance.choice(connectors).name if self.is_so(0.7) else "",
            limits,
            state,
            is_enabled=not self.is_so(0.03),
        )

    def _address(self, names: list[str]) -> str:
        return f"{self.chance.choice(PEOPLE)}@{self.chance.choice(names)}"

    def _targets(self, world: World) -> list[str]:
        """Some that are listed, some elsewhere."""
        chance = self.chance
        fresh = [d for d in world.directories if d.state == FRESH]
        listed = [a for d in fresh for a in d.listed]
        listed += [f"crm@{OUTSIDE[0]}", f"crm@{OUTSIDE[1]}", f"a+b@{OUTSIDE[0]}"]
        return chance.sample(listed, min(3, len(listed)))


def addresses(chance: Random, model: Model, count: int) -> list[str]:
    """In internal form: what is listed, what is near to it, what is not."""
    known = [f"{local}@{name}" for local, name in model.listed]
    known += [f"{local}@{name}" for local, name in [*model.brought, *model.contacts]]
    names = [d.name.name for d in model.domains]
    names += [f"{sub}.{name}" for name in names for sub in (*SUBS, "nothing")]
    names += OUTSIDE
    made = []
    for _ in range(count):
        if known and chance.random() < 0.6:
            local, _, name = chance.choice(known).rpartition("@")
        else:
            local, name = chance.choice((*PEOPLE, "nobody")), chance.choice(names)
        made.append(_near(chance, local, name, names))
    return made


def _near(chance: Random, local: str, name: str, names: list[str]) -> str:
    drawn = chance.random()
    if drawn < 0.15:
        local += chance.choice(["+x", "+", "-x", "+a+b"])
    elif drawn < 0.2:
        local = chance.choice(["postmaster", "Postmaster", "postmaster+x"])
    elif drawn < 0.35:
        name = chance.choice(names)
    elif drawn < 0.4:
        local = chance.choice([f"{local}@{name}", f"{local}%x", "", "two  words"])
    elif drawn < 0.42:
        return local
    if chance.random() < 0.15:
        local, name = local.upper(), name.title()
    if chance.random() < 0.1 and "xn--" in name.lower():
        name = name.lower().replace("xn--bcher-kva", "b\u00fccher")
    return f"{local}@{name}" + ("." if chance.random() < 0.1 else "")


def client_of(chance: Random, model: Model) -> str:
    """A third of the time one of a connector's own."""
    if chance.random() < 0.67:
        return STRANGER
    own = [h[1 : h.index("]")] for c in model.world.connectors for h in c.hosts]
    for connector in model.world.connectors:
        own += [c.replace(".0/24", ".9") for c in connector.clients]
    return chance.choice(own or [STRANGER])


# -- as files


def write(world: World, folder: Path) -> None:
    """namespace.conf and what its directories read, but those that were
    never loaded."""
    lines = [
        f'extension = "{world.extension}"',
        f"on-conflict = {'error' if world.refuses_conflicts else 'first'}",
    ]
    if world.postmaster:
        lines.append(f"postmaster = {_text(quote(world.postmaster))}")
    lines += [line for d in world.domains for line in _domain_lines(d)]
    lines += [line for c in world.connectors for line in _connector_lines(c)]
    for directory in world.directories:
        lines += _directory_lines(directory)
        file = folder / f"{directory.name}.list"
        file.unlink(missing_ok=True)
        if directory.state != NEVER:
            file.write_text(_list(directory))
    for address, target in world.contacts.items():
        lines.append(f"contact {_text(quote(address))} {{")
        lines.append(f"    target = {_text(quote(target))}\n}}")
    (folder / "namespace.conf").write_text("\n".join(lines) + "\n")


def _text(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _texts(values: Iterable[object]) -> str:
    return "{ " + ", ".join(_text(str(value)) for value in values) + " }"


def _yes(claim: bool) -> str:
    return "yes" if claim else "no"


def _domain_lines(domain: Domain) -> list[str]:
    lines = [f"accepted-domain {_text(str(domain.name))} {{"]
    lines.append(f"    enabled = {_yes(domain.is_enabled)}")
    if domain.secondary_of:
        lines.append(f"    secondary-of = {_text(domain.secondary_of)}")
        return [*lines, "}"]
    lines.append(f"    type = {domain.type}")
    lines.append(f"    recipient-filter = {domain.filter}")
    lines.append(f"    accept-from = {'trusted' if domain.is_trusted else 'anyone'}")
    if domain.catch_all:
        lines.append(f"    catch-all = {_text(quote(domain.catch_all))}")
    return [*lines, "}"]


def _connector_lines(connector: Connector) -> list[str]:
    lines = [
        f'connector "{connector.name}" {{',
        f"    enabled = {_yes(connector.is_enabled)}",
        f"    backup = {_yes(connector.is_backup)}",
        f"    loop = {'reject' if connector.stops_loops else 'off'}",
        f"    unknowns = {connector.unknowns}",
        f"    clients = {_texts(connector.clients)}",
    ]
    if connector.spaces:
        spaces = [f"{name};{cost}" for name, cost in connector.spaces]
        lines.append(f"    address-spaces = {_texts(spaces)}")
    if connector.hosts:
        lines.append(f"    smart-hosts = {_texts(connector.hosts)}")
    else:
        lines.append(f"    transport = {_text(connector.transport)}")
    return [*lines, "}"]


def _directory_lines(directory: Directory) -> list[str]:
    lines = [
        f'directory "{directory.name}" {{',
        f"    enabled = {_yes(directory.is_enabled)}",
        f'    path = "{directory.name}.list"',
    ]
    if directory.contacts:
        lines += ["    type = csv", '    columns = { "Mail" }']
        lines += ['    target-column = "Target"']
    else:
        lines.append("    type = file")
    if directory.connector:
        lines.append(f'    connector = "{directory.connector}"')
    if directory.domains:
        lines.append(f"    domains = {_texts(directory.domains)}")
    lines.append('    max-age = "2d"')
    return [*lines, "}"]


def _list(directory: Directory) -> str:
    if not directory.contacts:
        return "".join(f"{quote(a)}\n" for a in directory.listed)
    rows = [("Mail", "Target"), *((quote(a), "") for a in directory.listed)]
    rows += [(quote(a), quote(t)) for a, t in directory.contacts]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()
