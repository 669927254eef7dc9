"""A namespace and recipients made by a seeded generator: nested domains,
exact and inclusive, contacts, secondary domains, conflicts, filters on and
off, catch-alls, postmasters, tags, letters of both cases, quoted names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

SYSTEMS = ["north", "south", "east", "west"]
TWIN, IDN = 8, (3, 9)
LOCALS = ["ann", "bob", "carol.c", "d-e", "x_y", "o'hara", '"two words"', "jörg"]


@dataclass
class Domain:
    name: str
    mark: str = ""  # "", "#" or "*."
    filter: str = "directories"
    system: str = ""
    primary: str = ""  # of a secondary domain

    @property
    def is_filtered(self) -> bool:
        return self.filter == "directories"

    def hosts(self) -> list[str]:
        """Names it covers."""
        below = [f"sub.{self.name}", f"a.sub.{self.name}"]
        return {"": [self.name, *below], "#": [self.name], "*.": below}[self.mark]


@dataclass
class World:
    domains: list[Domain] = field(default_factory=list)
    lists: dict[str, list[str]] = field(default_factory=dict)
    contacts: dict[str, str] = field(default_factory=dict)
    catch_alls: dict[str, str] = field(default_factory=dict)
    postmaster: str = ""

    def conf(self) -> str:
        parts = [self._domain(d) for d in self.domains]
        parts += [self._connector(s) for s in SYSTEMS]
        parts += [
            f'directory "{s}" {{ type = file path = "{s}.txt" connector = "{s}" }}'
            for s in SYSTEMS
        ]
        parts.append(
            'connector "internet" { address-spaces = { "*;100" }'
            ' smart-hosts = { "$internet" } }'
        )
        parts.append('contacts = { "contacts.csv" }')
        parts.append(f"postmaster = {_quoted(self.postmaster)}")
        parts.append('extension = "+"')
        return "\n".join(parts)

    def _domain(self, d: Domain) -> str:
        if d.primary:
            inner = f'secondary-of = "{d.primary}"'
        elif d.is_filtered:
            inner = "type = authoritative"
        else:
            inner = f"type = internal-relay recipient-filter = {d.filter}"
        if d.name in self.catch_alls:
            inner += f" catch-all = {_quoted(self.catch_alls[d.name])}"
        return f'accepted-domain "{d.mark}{d.name}" {{ {inner} }}'

    def _connector(self, system: str) -> str:
        spaces = [
            f'"{d.mark}{d.name};{1 + n % 7}"'
            for n, d in enumerate(self.domains)
            if d.system == system
        ]
        return (
            f'connector "{system}" {{ address-spaces = {{ {", ".join(spaces)} }}'
            f' smart-hosts = {{ "${system}" }} }}'
        )


def _quoted(text: str) -> str:
    """As namespace.conf takes it; no text here has both kinds of quotes."""
    return f'"{text}"' if "'" in text else f"'{text}'"


def make_world(random: Random) -> World:
    world = World()
    primaries = [_primary(random, n) for n in range(16)]
    nested = [
        Domain(f"{label}.{d.name}", mark, random.choice(["directories", "off"]))
        for d in primaries[::2]
        for label, mark in (("deep", ""), ("exact.deep", "#"))
    ]
    # "d" and "#d" side by side: the exact one has the name.
    nested.append(Domain(primaries[TWIN].name, "#", "directories"))
    for d in [*primaries, *nested]:
        d.system = random.choice(SYSTEMS)
    secondaries = [
        Domain(f"old{n}.example", d.mark if d.mark == "#" else "", primary=d.name)
        for n, d in enumerate(primaries[:6])
    ]
    world.domains = [*primaries, *nested, *secondaries]
    _list_people(random, world)
    _add_contacts(random, world)
    _add_catch_alls(random, world)
    return world


def _primary(random: Random, n: int) -> Domain:
    mark = "" if n < 6 or n == TWIN else random.choice(["", "#", "*."])
    name = f"dürr{n}.example" if n in IDN else f"d{n}.example"
    return Domain(name, mark, random.choice(["directories"] * 2 + ["off"]))


def _list_people(random: Random, world: World) -> None:
    """Each on one system, some on two: a conflict, and the first wins."""
    world.lists = {s: [] for s in SYSTEMS}
    for domain in world.domains:
        if domain.primary:
            continue
        for host in domain.hosts():
            for local in random.sample(LOCALS, 4) + [f"user{n}" for n in range(6)]:
                for system in random.sample(SYSTEMS, random.choice([1, 1, 1, 2])):
                    world.lists[system].append(f"{local}@{host}")
    world.postmaster = world.lists["north"][0]


def _add_contacts(random: Random, world: World) -> None:
    listed = [a for people in world.lists.values() for a in people]
    for n in range(60):
        host = random.choice(random.choice(world.domains).hosts())
        abroad = f"crm{n}@saas{n % 3}.example"
        target = random.choice([abroad, random.choice(listed)])
        world.contacts[f"contact{n}@{host}"] = target


def _add_catch_alls(random: Random, world: World) -> None:
    filtered = [
        d for d in world.domains if d.is_filtered and not d.primary and d.mark != "*."
    ]
    for domain in random.sample(filtered, 4):
        target = random.choice(world.lists["south"])
        world.catch_alls[domain.name] = target


def make_recipients(random: Random, world: World, count: int) -> list[str]:
    """Distinct as SMTP would compare them byte for byte."""
    listed = [a for people in world.lists.values() for a in people]
    hosts = [h for d in world.domains for h in d.hosts()]
    strange = ["elsewhere.example", "xd0.example", "d0.example.org", "example"]
    makers = [
        lambda: random.choice(listed),
        lambda: _tagged(random, random.choice(listed)),
        lambda: random.choice(list(world.contacts)),
        lambda: _tagged(random, random.choice(list(world.contacts))),
        lambda: f"{random.choice(LOCALS)}@{random.choice(hosts)}",
        lambda: f"ghost{random.randrange(50)}@{random.choice(hosts)}",
        lambda: f"user{random.randrange(9)}@unnamed.{random.choice(hosts)}",
        lambda: f"user{random.randrange(9)}@{random.choice(hosts)}",
        lambda: f"{random.choice(LOCALS)}@{random.choice(strange)}",
        lambda: _tagged(random, f"postmaster@{random.choice(hosts)}"),
        lambda: f"postmaster@{random.choice(hosts)}",
    ]
    made: dict[str, None] = {}
    while len(made) < count:
        made[_spelt(random, random.choice(makers)())] = None
    return list(made)


def _tagged(random: Random, address: str) -> str:
    local, _, domain = address.rpartition("@")
    if local.startswith('"'):
        return address
    return f"{local}+{random.choice(['tag', 'a+b', ''])}@{domain}"


def _spelt(random: Random, address: str) -> str:
    """Some with letters of any case, some with the domain in A-labels."""
    if random.random() < 0.3:
        return "".join(random.choice([c.lower(), c.upper()]) for c in address)
    local, _, domain = address.rpartition("@")
    if random.random() < 0.5:
        domain = domain.encode("idna").decode()
    return f"{local}@{domain}"
