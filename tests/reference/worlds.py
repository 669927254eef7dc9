"""Small configurations by chance that use all features together, sound and
unsound ones, and addresses near to what they list.
"""

from __future__ import annotations

import unicodedata
from dataclasses import replace
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
from spelling import a_name, u_label

DOMAINS = (
    *("north.example", "south.example", "west.example", "kiss.example"),
    *(a_name("b\u00fccher.example"), a_name("stra\u00dfe.example")),
    a_name("\u03bf\u03b4\u03cc\u03c2.example"),
    a_name("\u4f8b.\u043f\u043e\u0447\u0442\u0430"),
)
SECONDARIES = ("former.example", a_name("fr\u00fcher.example"), "ancient.example")
SUBS = ("lab", "dev", "x.lab", a_name("gr\u00fcn"), a_name("x.gr\u00fcn"))
LEFT, LONELY = "left.example", "lonely.example"
OUTSIDE = (LEFT, "saas.example", "partner.example", a_name("m\u00fcller.example"))
PEOPLE = (
    *("ann", "bob", "carol", "a.b", "o'neil", "two words", "j\u00f6rg", "eve+lists"),
    *("Dan", "postmaster", "sales", "info", "d-e", "-f", "a=b", "mailer-daemon"),
    *("owner-staff", "staff-request", "-request", "eve-lists", "skip", "a/b"),
    *(".dot", "dot.", "a..b", 'quo"te', "back\\slash", "com,ma", "semi;colon"),
    *("(paren)", "<ang>", "two #words", "#hash", "x%y", "x!y", "at@sign", " "),
    *("stra\u00dfe", "\u03bf\u03b4\u03cc\u03c2", "\u0434\u0438\u043c\u0430"),
    *("\u7528\u6237", "\ufb01ona", "\u0130lker", "l" * 64),
)
PLAIN_PEOPLE = PEOPLE[:12]
STRANGER = "203.0.113.9"
LITERALS = ("[192.0.2.1]", "[IPv6:2001:db8::1]")
CONNECTORS = ("ash", "beech", "cedar", "date")
FORMATS = ("file", "postfix", "csv", "exchange", "ldif", "active-directory")
EXTENSIONS = ("+", "+", "+", "+", "", "+-", "-", "-+", "=", "=+/")


class Maker:
    def __init__(self, chance: Random):
        self.chance = chance
        self.is_stale_world = chance.random() < 0.3
        self.is_tied_world = chance.random() < 0.2
        self.subs = chance.sample(SUBS, 3)
        self.people = chance.sample(PEOPLE, 6) + chance.sample(PLAIN_PEOPLE, 6)

    def is_so(self, share: float) -> bool:
        return self.chance.random() < share

    def world(self) -> World:
        chance = self.chance
        domains = self._domains()
        names = sorted({n for d in domains for n in self._names(d)})
        connectors = self._connectors(domains)
        directories = [
            self._directory(f"list{n}", names, connectors, domains)
            for n in range(chance.randint(1, 4))
        ]
        directories = self._conflicts(directories)
        world = World(domains, connectors, directories, seed=chance.getrandbits(32))
        world.extension = chance.choice(EXTENSIONS)
        if self.is_so(0.2):
            self._leave_behind(world)
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
        if self.is_so(0.02):
            self._leave_without_way(world)
        return world

    @staticmethod
    def _leave_without_way(world: World) -> None:
        """A name with a contact, whose postmaster nobody takes: no directory
        may list him, and no address space has the names below."""
        others = tuple(d.name for d in world.domains)
        world.postmaster = ""
        world.domains.append(Domain(Name(INCLUSIVE, LONELY)))
        world.contacts[f"ann@lab.{LONELY}"] = f"crm@{OUTSIDE[1]}"
        space = (Name(EXACT, LONELY), 1)
        for n, connector in enumerate(world.connectors):
            kept = [(name, cost) for name, cost in connector.spaces if name.name]
            world.connectors[n] = replace(connector, spaces=(*kept, space))
        for n, directory in enumerate(world.directories):
            limits = directory.domains or others
            world.directories[n] = replace(directory, domains=limits)

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
                sub = f"{chance.choice(self.subs)}.{domain.name.name}"
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
        forms = [f for f in (EXACT, INCLUSIVE, BELOW) if f != domain.name.form]
        return self._domain(Name(self.chance.choice(forms), domain.name.name))

    def _secondary(self, name: str, primaries: list[Domain]) -> list[Domain]:
        """And now and then something below it; primaries gets longer."""
        chance = self.chance
        primary = chance.choice(primaries)
        if self.is_so(0.2):
            name = f"old.{primary.name.name}"
        form = chance.choice([INCLUSIVE, INCLUSIVE, EXACT, EXACT, BELOW])
        new = Domain(Name(form, name), secondary_of=primary.name.name)
        if form != BELOW and self.is_so(0.5):
            primaries.append(new)
        if form == EXACT and self.is_so(0.2):
            return [new, replace(new, name=Name(BELOW, name))]
        if self.is_so(0.9):
            return [new]
        sub = f"{chance.choice(self.subs)}.{name}"
        return [new, self._domain(Name(chance.choice([INCLUSIVE, EXACT]), sub))]

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
        below = [f"{sub}.{own}" for sub in self.subs]
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

    def _leave_behind(self, world: World) -> None:
        """A domain that was accepted, and has no trace in what is now."""
        connectors = [c.name for c in world.connectors if c.is_enabled]
        if not connectors:
            return
        name = Name(self.chance.choice([INCLUSIVE, EXACT]), LEFT)
        world.left = replace(self._domain(name), is_trusted=False, is_enabled=True)
        world.left_to = self.chance.choice(connectors)
        for n, directory in enumerate(world.directories):
            if directory.state == FRESH:
                gone = self._others([LEFT, f"lab.{LEFT}"], [])
                world.directories[n] = replace(
                    directory, gone=(*directory.gone, *gone)
                )

    # -- connectors

    def _connectors(self, domains: list[Domain]) -> list[Connector]:
        chance = self.chance
        names = CONNECTORS[: chance.randint(2, 4)]
        spaces: dict[str, dict[Name, int]] = {name: {} for name in names}
        primary = [d.name for d in domains if not d.secondary_of]
        for name in primary:
            # Names below may have no way then.
            part = Name(EXACT, name.name) if self.is_so(0.1) else name
            if not self.is_so(0.03):
                spaces[chance.choice(names)][part] = chance.randint(1, 3)
        for name in primary:
            if self.is_so(0.3):
                spaces[chance.choice(names)].setdefault(name, chance.randint(1, 3))
            if self.is_so(0.2):
                part = Name(EXACT, f"{chance.choice(self.subs)}.{name.name}")
                spaces[chance.choice(names)].setdefault(part, chance.randint(1, 3))
        if self.is_so(0.3):
            spaces[chance.choice(names)][Name(EXACT, OUTSIDE[2])] = 1
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
        is_smtp = self.is_so(0.75)
        count = chance.choice([1, 1, 1, 2, 2, 3, 5])
        hosts = tuple(self._host(n, h) for h in range(count))
        clients = (f"10.{n}.0.77", f"10.{n}.8.0/24", f"2001:db8:{n + 1}:8::/64")
        clients = clients if self.is_so(0.7) else ()
        transports = [
            f"lmtp:unix:private/{name}",
            f"lmtp:[10.{n}.0.9]:24",
            f"relay:[mx.{name}.example]:26",
            f"smtp:[2001:db8:{n + 1}::9]:2525",
        ]
        others = [other for other in names if other != name]
        unknowns = "reject"
        if self.is_so(0.03):
            unknowns = chance.choice(["return", *others])
        return Connector(
            name,
            spaces,
            hosts if is_smtp else (),
            "" if is_smtp else chance.choice(transports),
            clients,
            unknowns,
            is_backup=self.is_so(0.4),
            stops_loops=not self.is_so(0.2),
            is_enabled=not self.is_so(0.02),
        )

    def _host(self, n: int, h: int) -> str:
        inner = self.chance.choice(
            [
                *[f"10.{n}.0.{h + 1}"] * 3,
                *[f"2001:db8:{n + 1}::{h + 1}"] * 2,
                f"mx{h}.{CONNECTORS[n]}.example",
            ]
        )
        return f"[{inner}]" + ("" if self.is_so(0.1) else f":{2500 + h}")

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
        is_tied = self.is_tied_world or self.is_so(0.7)
        contacts: dict[str, str] = {}
        kind = chance.choice(FORMATS)
        listed = {self._address(names): None for _ in range(chance.randint(1, 8))}
        if kind not in ("file", "postfix") and self.is_so(0.7):
            for _ in range(chance.randint(1, 3)):
                address = self._address(names)
                target = f"{chance.choice(PEOPLE[:4])}@{chance.choice(OUTSIDE[1:])}"
                if self.is_so(0.4):
                    target = self._address(names)
                contacts[address] = address if self.is_so(0.1) else target
        contacts = {a: t for a, t in contacts.items() if a not in listed}
        disabled: tuple[str, ...] = ()
        if kind == "active-directory":
            disabled = self._others(names, [*listed, *contacts])
        gone: tuple[str, ...] = ()
        if state == FRESH and self.is_so(0.3):
            gone = self._others(names, [*listed, *contacts, *disabled])
        return Directory(
            name,
            tuple(listed),
            tuple(contacts.items()),
            chance.choice(connectors).name if is_tied else "",
            limits,
            state,
            is_enabled=not self.is_so(0.03),
            format=kind,
            disabled=disabled,
            skips_disabled=self.is_so(0.6),
            gone=gone,
        )

    def _others(self, names: list[str], taken: list[str]) -> tuple[str, ...]:
        count = self.chance.randint(1, 3)
        made = dict.fromkeys(self._address(names) for _ in range(count))
        return tuple(address for address in made if address not in taken)

    def _conflicts(self, directories: list[Directory]) -> list[Directory]:
        """Now and then one also lists whom another one has, under whatever
        kind, first or last."""
        made = []
        for directory in directories:
            other = self.chance.choice(directories)
            theirs = [*other.listed, *other.disabled, *dict(other.contacts)]
            if self.is_so(0.3) and theirs:
                own = [*directory.listed, *directory.disabled]
                own += dict(directory.contacts)
                taken = self.chance.sample(theirs, min(2, len(theirs)))
                more = tuple(a for a in taken if a not in own)
                gone = tuple(a for a in directory.gone if a not in more)
                directory = replace(
                    directory, listed=(*directory.listed, *more), gone=gone
                )
            made.append(directory)
        return made

    def _address(self, names: list[str]) -> str:
        return f"{self.chance.choice(self.people)}@{self.chance.choice(names)}"

    def _targets(self, world: World) -> list[str]:
        """Some that are listed, some elsewhere."""
        chance = self.chance
        fresh = [d for d in world.directories if d.state == FRESH]
        listed = [a for d in fresh for a in d.listed]
        listed += [f"crm@{OUTSIDE[1]}", f"crm@{OUTSIDE[2]}", f"a+b@{OUTSIDE[1]}"]
        return chance.sample(listed, min(3, len(listed)))


def addresses(chance: Random, model: Model, count: int) -> list[str]:
    """In internal form: what is listed, what is near to it, what is not."""
    known = [f"{local}@{name}" for local, name in model.listed]
    known += [f"{local}@{name}" for local, name in [*model.brought, *model.contacts]]
    for directory in model.directories:
        known += [*directory.gone, *directory.disabled]
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
    if drawn < 0.2:
        local += chance.choice(["+x", "+", "-x", "+a+b", "=x", "-a+b", "/y", "+\u00fc"])
    elif drawn < 0.25:
        local = chance.choice(["postmaster", "Postmaster", "postmaster+x"])
    elif drawn < 0.35:
        name = chance.choice(names)
    elif drawn < 0.4:
        local = chance.choice([f"{local}@{name}", f"{local}%x", "", "two  words"])
    elif drawn < 0.42:
        return local
    elif drawn < 0.43:
        name = chance.choice(LITERALS)
    if chance.random() < 0.3 and "xn--" in name:
        name = _other_labels(chance, name)
    if chance.random() < 0.15:
        local, name = local.upper(), name.title()
    if chance.random() < 0.03:
        local, name = _other_letters(local), _other_letters(name)
    address = f"{local}@{name}"
    if chance.random() < 0.05:
        address = unicodedata.normalize("NFD", address)
    return address + ("." if chance.random() < 0.1 else "")


def _other_labels(chance: Random, name: str) -> str:
    """All in Unicode, or some."""
    if chance.random() < 0.7:
        return u_label(name)
    labels = [u_label(x) if chance.random() < 0.5 else x for x in name.split(".")]
    return ".".join(labels)


def _other_letters(text: str) -> str:
    """Those that folding makes the same, and no keyboard has."""
    return text.replace("k", "\u212a").replace("s", "\u017f").replace("fi", "\ufb01")


def client_of(chance: Random, model: Model) -> str:
    """A third of the time one of a connector's own."""
    if chance.random() < 0.67:
        return STRANGER
    own = [host for c in model.world.connectors for host in c.literals()]
    for connector in model.world.connectors:
        for client in connector.clients:
            own.append(client.replace(".0/24", ".9").replace("::/64", "::9"))
    return chance.choice(own or [STRANGER])
