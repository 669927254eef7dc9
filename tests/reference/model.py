"""What the rules of resolution say of one recipient: a second reading of them,
in another language and with none of the compiler's or policyd's code.

It is written to be plain, not to be fast: each rule is looked up in the
configuration anew for every question.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from spelling import a_label, is_mixed, u_label

EXACT, INCLUSIVE, BELOW = "#", "", "*."
OFF, VERIFY, DIRECTORIES = "off", "verify", "directories"
FRESH, STALE, NEVER = "fresh", "stale", "never loaded"
AUTHORITATIVE, INTERNAL, EXTERNAL = (
    "authoritative",
    "internal-relay",
    "external-relay",
)
POSTMASTER = "postmaster"
NEVER_SPLIT = (POSTMASTER, "mailer-daemon", "double-bounce")
# Where the target itself makes an entry a contact, though it be its own.
PRESETS = ("exchange", "active-directory")
CHAIN_MAX = 20

Key = tuple[str, str]  # local part, domain in its A-label form


@dataclass(frozen=True)
class Name:
    """d, #d or *.d; the name alone is "" for "*", everything."""

    form: str
    name: str

    def __str__(self) -> str:
        return f"{self.form}{self.name}" if self.name else "*"

    def holds(self, domain: str) -> bool:
        if not self.name:
            return True
        if domain == self.name:
            return self.form != BELOW
        if self.form == EXACT:
            return False
        return any(domain.endswith(f".{n}") for n in (self.name, u_label(self.name)))

    def labels(self) -> int:
        return self.name.count(".") + 1 if self.name else 0

    def rank(self) -> tuple[int, bool]:
        """Of accepted domains: the highest is the longest match."""
        return self.labels(), self.form != INCLUSIVE


@dataclass(frozen=True)
class Domain:
    name: Name
    type: str = AUTHORITATIVE
    filter: str = DIRECTORIES
    is_trusted: bool = False
    catch_all: str = ""
    secondary_of: str = ""
    is_enabled: bool = True


@dataclass(frozen=True)
class Connector:
    name: str
    spaces: tuple[tuple[Name, int], ...] = ()  # and the cost of each
    hosts: tuple[str, ...] = ()  # [host]:port, or a transport instead
    transport: str = ""
    clients: tuple[str, ...] = ()
    unknowns: str = "reject"
    is_backup: bool = False
    stops_loops: bool = True
    is_enabled: bool = True

    def kind(self) -> str:
        """Of its transport; "" where that has no second host."""
        if self.hosts:
            return "smtp"
        kind, _, rest = self.transport.partition(":")
        return "" if rest.startswith("unix:") else kind

    def next_hops(self) -> tuple[str, ...]:
        return self.hosts or (self.transport.partition(":")[2],)

    def has_client(self, client: str) -> bool:
        address = ipaddress.ip_address(client)
        own = [ipaddress.ip_network(c) for c in self.clients]
        own += [ipaddress.ip_network(literal) for literal in self.literals()]
        return any(address in network for network in own)

    def literals(self) -> Iterator[str]:
        """Hosts that are addresses, but for those of this machine."""
        for host in self.hosts:
            try:
                literal = ipaddress.ip_address(host[1 : host.index("]")])
            except ValueError:
                continue
            if not literal.is_loopback:
                yield str(literal)


@dataclass(frozen=True)
class Directory:
    name: str
    listed: tuple[str, ...] = ()
    contacts: tuple[tuple[str, str], ...] = ()
    connector: str = ""
    domains: tuple[Name, ...] = ()
    state: str = FRESH
    is_enabled: bool = True
    format: str = "file"  # of the list
    disabled: tuple[str, ...] = ()  # whose account is
    skips_disabled: bool = False
    gone: tuple[str, ...] = ()  # whom it listed before

    def mailboxes(self) -> tuple[str, ...]:
        own = () if self.format in PRESETS else self.contacts
        itself = tuple(a for a, target in own if parse(a) == parse(target))
        disabled = () if self.skips_disabled else self.disabled
        return (*self.listed, *disabled, *itself)

    def may_list(self, domain: str) -> bool:
        return not self.domains or any(n.holds(domain) for n in self.domains)


@dataclass(frozen=True)
class Answer:
    """connector and nexthop are "-" where there is none; target is the
    address under which it leaves."""

    verdict: str
    reason: str
    connector: str = "-"
    nexthop: str = "-"
    target: str = ""
    code: str = ""
    hops: tuple[Connector, ...] = field(default=(), repr=False)
    is_caught: bool = field(default=False, compare=False)  # by a catch-all

    @property
    def is_accepted(self) -> bool:
        return self.verdict in ("accept", "relay")


NOT_OURS = Answer("pass", "not-ours")
NOT_AN_ADDRESS = Answer("pass", "not-an-address")
UNKNOWN = Answer("reject", "unknown", code="550 5.1.1")
DIRECTORY_STALE = Answer("defer", "directory-stale", code="450 4.3.0")


def parse(address: str) -> Key | None:
    """Of an address in Postfix's internal form, without quotes."""
    local, at, domain = address.rpartition("@")
    if not at or not domain:
        return None
    if domain.endswith(".") and not domain.endswith(".."):
        domain = domain[:-1]
    local = local.lower() if address.isascii() else local.casefold()
    return local, a_label(domain)


def show(key: Key) -> str:
    return f"{key[0]}@{key[1]}"


@dataclass
class World:
    """One configuration with what its directories list."""

    domains: list[Domain]
    connectors: list[Connector]
    directories: list[Directory]
    contacts: dict[str, str] = field(default_factory=dict)
    postmaster: str = ""
    extension: str = "+"
    refuses_conflicts: bool = False
    seed: int = 0  # of the way in which it is written
    left: Domain | None = None  # that was accepted before
    left_to: str = ""  # the connector that had it

    def former(self) -> World:
        """As it was when all that is gone was here."""
        directories = [
            replace(d, listed=(*d.listed, *d.gone)) for d in self.directories
        ]
        if self.left is None:
            return replace(self, directories=directories)
        more = ((self.left.name, 1),)
        connectors = [
            replace(c, spaces=c.spaces + more) if c.name == self.left_to else c
            for c in self.connectors
        ]
        return replace(
            self,
            domains=[*self.domains, self.left],
            connectors=connectors,
            directories=directories,
        )

    def has_changed(self) -> bool:
        return self.left is not None or any(d.gone for d in self.directories)

    def changed_long_ago(self) -> bool:
        """Before what is stale now was read for the last time."""
        return any(d.state == STALE for d in self.directories)


class Model:
    def __init__(self, world: World):
        self.world = world
        self.domains = [d for d in world.domains if d.is_enabled]
        self.domains = [self._as_open_as_primary(d) for d in self.domains]
        self.connectors = {c.name: c for c in world.connectors if c.is_enabled}
        self.directories = [d for d in world.directories if d.is_enabled]
        self.contacts = {
            key: target
            for address, target in world.contacts.items()
            if (key := parse(address)) and self.domain_of(key[1])
        }
        self.listed: dict[Key, Directory] = {}
        self.brought: dict[Key, str] = {}
        self.conflicts: set[Key] = set()
        for directory in self.directories:
            if directory.state != NEVER:
                self._read(directory)
        self.entries = {
            domain for _, domain in [*self.contacts, *self.listed, *self.brought]
        }

    def _read(self, directory: Directory) -> None:
        for key in self._kept(directory, directory.mailboxes()):
            if key in self.listed and self.listed[key] is not directory:
                self.conflicts.add(key)
            self.listed.setdefault(key, directory)
        for address, target in directory.contacts:
            for key in self._kept(directory, (address,)):
                # Who stands for himself is nobody, and hides nobody.
                if parse(target) != key:
                    self.brought.setdefault(key, target)

    def _kept(self, directory: Directory, addresses: tuple[str, ...]) -> Iterator[Key]:
        for address in addresses:
            key = parse(address)
            if key and self.domain_of(key[1]) and directory.may_list(key[1]):
                yield key

    # -- names

    def domain_of(self, name: str) -> Domain | None:
        found = [d for d in self.domains if d.name.holds(name)]
        return max(found, key=lambda d: d.name.rank(), default=None)

    def hops_of(self, name: str) -> tuple[Connector, ...]:
        """The connector with the best address space, and its backups; of a
        secondary domain that none serves but by "*" those of its primary."""
        domain = self.domain_of(name)
        primary = self.primary_of(domain) if domain and domain.secondary_of else None
        fitting = [
            (-space.labels(), cost, connector.name)
            for connector in self.connectors.values()
            for space, cost in connector.spaces
            if space.holds(name) and (space.name or not primary)
        ]
        if not fitting:
            return self.hops_of(primary.name.name) if primary else ()
        # "d" and "#d" both serve the name itself: the cost decides.
        longest = min(fitting)[0]
        equal = [name for labels, _, name in sorted(fitting) if labels == longest]
        first, *others = (self.connectors[name] for name in dict.fromkeys(equal))
        backups = [c for c in others if c.is_backup and c.kind() == first.kind()]
        return first, *(backups if first.kind() else [])

    def _tied_to(self, name: str) -> tuple[Connector, ...]:
        connector = self.connectors.get(name)
        return (connector,) if connector else ()

    @staticmethod
    def route(hops: tuple[Connector, ...]) -> str:
        """As transport(5) has it."""
        if not hops:
            return "-"
        if not hops[0].kind():
            return hops[0].transport
        return f"{hops[0].kind()}:" + ", ".join(h for c in hops for h in c.next_hops())

    def _stale(self, name: str) -> bool:
        return any(d.state != FRESH and d.may_list(name) for d in self.directories)

    def _keys(self, local: str) -> list[str]:
        """The local part, then without its extension."""
        if local in NEVER_SPLIT or self._is_owner_or_request(local):
            return [local]
        cuts = [local.find(mark) for mark in self.world.extension]
        cut = min((c for c in cuts if c >= 0), default=0)
        return [local, local[:cut]] if cut else [local]

    def _is_owner_or_request(self, local: str) -> bool:
        """Where "-" is a mark (owner_request_special)."""
        if "-" not in self.world.extension:
            return False
        return local.startswith("owner-") or local[1:].endswith("-request")

    def without_extension(self, local: str) -> str:
        return self._keys(local)[-1]

    def is_known(self, address: str) -> bool:
        """By a list or a contact, be it without its extension."""
        local, _, name = address.rpartition("@")
        keys = [(key, name) for key in self._keys(local)]
        return any(k in [*self.contacts, *self.listed, *self.brought] for k in keys)

    def is_postmaster(self, local: str) -> bool:
        return POSTMASTER in self._keys(local)

    # -- one recipient

    def resolve(self, address: str, client: str = "") -> Answer:
        key = parse(address)
        if key is None:
            return NOT_AN_ADDRESS
        answer = self._decide(key, ())
        if not client or not answer.is_accepted or POSTMASTER in self._keys(key[0]):
            return answer
        is_rewritten = parse(answer.target) != key
        returns = any(c.stops_loops and c.has_client(client) for c in answer.hops)
        if is_rewritten or not returns:
            return answer
        return replace(answer, verdict="reject", reason="loop", code="550 5.4.6")

    def _decide(self, key: Key, path: tuple[Key, ...]) -> Answer:
        """path: the addresses that led here; nobody is his own target."""
        local, name = key
        domain = self.domain_of(name)
        if domain is None:
            return NOT_OURS
        if key in path or len(path) > CHAIN_MAX:
            return UNKNOWN
        steps = (
            self._contact,
            self._list,
            self._brought_contact,
            self._postmaster,
            self._secondary,
            self._catch_all,
        )
        for step in steps:
            answer = step(key, domain, (*path, key))
            if answer is not None:
                return answer
        return self._not_listed(key, domain)

    def _leave(self, key: Key, verdict: str, reason: str, tied: str = "") -> Answer:
        hops = self._tied_to(tied) if tied else self.hops_of(key[1])
        connector = hops[0].name if hops else "-"
        nexthop = self.route(hops)
        return Answer(verdict, reason, connector, nexthop, show(key), "", hops)

    def _through(
        self, target: str, rest: str, reason: str, path: tuple[Key, ...]
    ) -> Answer | None:
        """By the way of the target, with what the key did not say of the local
        part; None where that is not accepted."""
        key = parse(target)
        assert key, target
        key = key[0] + rest, key[1]
        answer = self._decide_target(target, rest, reason, path)
        if answer == NOT_OURS:
            left = self._leave(key, "accept", reason)
            return replace(left, is_caught=reason == "catch-all")
        if not answer.is_accepted:
            return None
        answer = replace(answer, is_caught=reason == "catch-all")
        if reason == POSTMASTER:
            return replace(answer, reason=reason)
        # Who stands for somebody that is asked for is asked for, too.
        return answer if answer.reason == VERIFY else replace(answer, reason=reason)

    def _decide_target(
        self, target: str, rest: str, reason: str, path: tuple[Key, ...]
    ) -> Answer:
        plain = parse(target)
        assert plain, target
        key = plain[0] + rest, plain[1]
        answer = self._decide(key, path)
        if plain[0] in self._keys(key[0]) or answer == NOT_OURS:
            return answer
        return self._as_target(self._decide(plain, path), key, answer, reason)

    def _as_target(
        self, target: Answer, key: Key, answer: Answer, reason: str
    ) -> Answer:
        """The target with any extension is what it is without: taken, asked
        for, or neither.  It goes its own way, or that of whoever is not
        listed; but nobody is asked for who may be listed."""
        if not target.is_accepted:
            return target
        # The postmaster never is.
        is_asked_for = target.reason == VERIFY and reason != POSTMASTER
        if not answer.is_accepted:
            if is_asked_for and answer != UNKNOWN:
                return answer
            left = self._leave(key, target.verdict, target.reason)
            return replace(left, is_caught=target.is_caught)
        if is_asked_for:
            return replace(answer, verdict="relay", reason=VERIFY)
        if answer.reason == VERIFY and reason != POSTMASTER:
            return replace(answer, verdict="accept", reason=reason)
        return answer

    def _contact(
        self, key: Key, domain: Domain, path: tuple[Key, ...]
    ) -> Answer | None:
        for local in self._keys(key[0]):
            target = self.contacts.get((local, key[1]))
            if target:
                rest = key[0][len(local) :]
                answer = self._through(target, rest, "contact", path)
                # Proven to be accepted, or not to be judged now, for which
                # the postmaster does not wait.
                is_put_off = POSTMASTER in self._keys(key[0])
                return answer or (None if is_put_off else DIRECTORY_STALE)
        return None

    def _list(self, key: Key, domain: Domain, path: tuple[Key, ...]) -> Answer | None:
        for local in self._keys(key[0]):
            directory = self.listed.get((local, key[1]))
            if directory:
                return self._leave(key, "accept", "listed", directory.connector)
        return None

    def _brought_contact(
        self, key: Key, domain: Domain, path: tuple[Key, ...]
    ) -> Answer | None:
        for local in self._keys(key[0]):
            target = self.brought.get((local, key[1]))
            if target and not self._is_in_ring((local, key[1])):
                rest = key[0][len(local) :]
                answer = self._through(target, rest, "contact", path)
                if answer:
                    return answer
                if POSTMASTER in self._keys(key[0]):
                    return None
                target_answer = self._decide_target(target, rest, "contact", path)
                if target_answer.verdict == "defer":
                    return DIRECTORY_STALE
            if target:
                return None
        return None

    def _is_in_ring(self, contact: Key) -> bool:
        """Whether what it stands for, and that for, comes back to it."""
        at: Key | None = contact
        for _ in range(CHAIN_MAX * 2):
            at = self._alias_of(at)
            if at is None:
                return False
            if contact in [(local, at[1]) for local in self._keys(at[0])]:
                return True
        return False

    def runs_in_a_ring(self, key: Key) -> bool:
        """Though contacts that stand for each other are left out."""
        at: Key | None = key
        for _ in range(CHAIN_MAX * 2):
            at = self._alias_of(at, self._is_in_ring)
            if at is None:
                return False
        return True

    def _alias_of(
        self, key: Key, is_left_out: Callable[[Key], bool] = lambda _: False
    ) -> Key | None:
        """The next step alone, wherever it leads; is_left_out: of a contact
        that a directory brought."""
        domain = self.domain_of(key[1])
        if domain is None:
            return None
        for where in (self.contacts, self.listed, self.brought):
            for local in self._keys(key[0]):
                if (local, key[1]) not in where:
                    continue
                if where is self.listed:
                    return None
                if where is self.brought and is_left_out((local, key[1])):
                    break
                target = parse(where[local, key[1]])
                assert target
                return target[0] + key[0][len(local) :], target[1]
        if POSTMASTER in self._keys(key[0]):
            if not self._has_wildcard(key[1], domain):
                return None  # By the domain's way, though it be secondary.
            if not domain.secondary_of:
                own = parse(self.world.postmaster)
                return None if own == (POSTMASTER, key[1]) else own
        if domain.secondary_of:
            return self._namesake(key, domain)
        if self._has_wildcard(key[1], domain) and not self._stale(key[1]):
            return parse(domain.catch_all)
        return None

    def _postmaster(
        self, key: Key, domain: Domain, path: tuple[Key, ...]
    ) -> Answer | None:
        if POSTMASTER not in self._keys(key[0]):
            return None
        rest = key[0][len(POSTMASTER) :]
        answer = None
        if domain.secondary_of:
            if self._has_wildcard(key[1], domain):
                answer = self._namesake_of_postmaster(key, domain, path)
        elif self._has_wildcard(key[1], domain):
            own = parse(self.world.postmaster)
            if own and own != (POSTMASTER, key[1]):
                answer = self._through(self.world.postmaster, rest, POSTMASTER, path)
        answer = answer or self._leave(key, "accept", POSTMASTER)
        if answer.hops or parse(answer.target) != key:
            return answer
        # Somebody takes it: whoever may list him, or him whose domain it is.
        for name in self._in_charge(key[1]):
            for directory in self.directories:
                if directory.connector and directory.may_list(name):
                    return self._leave(key, "accept", POSTMASTER, directory.connector)
        return answer

    def _in_charge(self, name: str) -> Iterator[str]:
        """The name, what it stands for, and the domain to which that belongs."""
        domain = self.domain_of(name)
        while domain and domain.secondary_of:
            yield name
            if name != domain.name.name and self.primary_below(domain):
                name = self._name_in_primary(name, domain)
            else:
                name = domain.secondary_of
            domain = self.domain_of(name)
        yield name
        if domain and domain.name.form != BELOW:
            yield domain.name.name

    def _namesake_of_postmaster(
        self, key: Key, domain: Domain, path: tuple[Key, ...]
    ) -> Answer | None:
        answer = self._secondary(key, domain, path)
        if answer is None or not answer.is_accepted:
            return None
        return answer

    def _has_wildcard(self, name: str, domain: Domain) -> bool:
        """Below an inclusive domain: names that have entries of their own."""
        return name == domain.name.name or name in self.entries

    def is_spoken_of(self, name: str) -> bool:
        """By the configuration or a list, be it by the name's primary."""
        domain = self.domain_of(name)
        if domain is None:
            return False
        is_own = domain.name.form != BELOW and name == domain.name.name
        return is_own or self._has_names(name, domain)

    def _as_open_as_primary(self, domain: Domain) -> Domain:
        """As open to strangers as what its names stand for."""
        return replace(domain, is_trusted=self._ends(domain)[0].is_trusted)

    def is_half_open(self, domain: Domain) -> bool:
        """Its own name, and not those below, or the other way round."""
        return len({end.is_trusted for end in self._ends(domain)}) > 1

    def _ends(self, domain: Domain) -> list[Domain]:
        """What its own name, and the names below that are its, stand for."""
        name, form = domain.name.name, domain.name.form
        own = self._end(domain, self.primary_of)
        below = self._end(domain, self.primary_below)
        if form == EXACT or below.secondary_of:
            return [own]
        return [own, below] if self._owner(name) == domain.name else [below]

    def has_names_below(self, domain: Domain) -> bool:
        """Unless *.d beside it has them."""
        return self._named(domain.name.name, BELOW, INCLUSIVE) is domain

    def _owner(self, name: str) -> Name | None:
        domain = self._named(name, EXACT, INCLUSIVE)
        return domain.name if domain else None

    def _end(self, domain: Domain, way: Callable[[Domain], Domain | None]) -> Domain:
        at = domain
        for _ in self.domains:
            further = way(at) if at.secondary_of else None
            if further is None:
                return at
            at = further
        return at

    def primary_of(self, domain: Domain) -> Domain | None:
        """To which the primary's own name belongs."""
        return self._named(domain.secondary_of, EXACT, INCLUSIVE)

    def primary_below(self, domain: Domain) -> Domain | None:
        """To which the names below it belong."""
        return self._named(domain.secondary_of, BELOW, INCLUSIVE)

    def _named(self, name: str, *forms: str) -> Domain | None:
        for form in forms:
            for domain in self.domains:
                if domain.name == Name(form, name):
                    return domain
        return None

    def _namesake(self, key: Key, domain: Domain) -> Key | None:
        """The same local part in the primary domain."""
        if not domain.secondary_of or is_mixed(key[1]):
            return None
        name = self._name_in_primary(key[1], domain)
        if name == domain.secondary_of:
            return key[0], name
        primary = self.primary_below(domain)
        if primary is None or not self._has_names(name, primary):
            return None
        return key[0], name

    @staticmethod
    def _name_in_primary(name: str, domain: Domain) -> str:
        """Whatever belongs there."""
        own = domain.name.name
        tail = own if name.endswith(own) else u_label(own)
        return name.removesuffix(tail) + domain.secondary_of

    def _has_names(self, name: str, domain: Domain) -> bool:
        """Of a primary that is itself secondary those of its own primary."""
        if name in self.entries:
            return True
        if self.domain_of(name) is not domain or name == domain.name.name:
            return False
        return self._namesake(("", name), domain) is not None

    def _may_get_names(self, name: str, domain: Domain) -> bool:
        """By whoever may list recipients of what it stands for, and is
        stale."""
        primary = self.primary_below(domain)
        if primary is None:
            return False
        further = self._name_in_primary(name, domain)
        if self._stale(further):
            return True
        if self.domain_of(further) is not primary or not primary.secondary_of:
            return False
        return self._may_get_names(further, primary)

    def _secondary(
        self, key: Key, domain: Domain, path: tuple[Key, ...]
    ) -> Answer | None:
        if not domain.secondary_of:
            return None
        namesake = self._namesake(key, domain)
        if namesake is None:
            if self._may_get_names(key[1], domain):
                return DIRECTORY_STALE
            return self._refuse(key)
        answer = self._decide(namesake, path)
        # Somebody of that name may be listed here.
        if answer.is_caught and self._stale(key[1]):
            return DIRECTORY_STALE
        if answer.is_accepted and answer.reason != VERIFY:
            return replace(answer, reason="secondary")
        return self._refuse(key) if answer == UNKNOWN else answer

    def _catch_all(
        self, key: Key, domain: Domain, path: tuple[Key, ...]
    ) -> Answer | None:
        if not domain.catch_all or self._stale(key[1]):
            return None
        if not self._has_wildcard(key[1], domain):
            return None
        answer = self._through(domain.catch_all, "", "catch-all", path)
        if answer or domain.filter != DIRECTORIES:
            return answer
        # Whoever is relayed anyway does not wait for the target.
        target = self._decide_target(domain.catch_all, "", "catch-all", path)
        return DIRECTORY_STALE if target.verdict == "defer" else None

    def _not_listed(self, key: Key, domain: Domain) -> Answer:
        if domain.filter == OFF:
            return self._leave(key, "relay", "unlisted")
        if domain.filter == VERIFY:
            return self._leave(key, "relay", "verify")
        return self._refuse(key)

    def _refuse(self, key: Key) -> Answer:
        return DIRECTORY_STALE if self._stale(key[1]) else UNKNOWN


def hops_of_others(model: Model, address: str) -> tuple[Connector, ...]:
    """Of an address that is not ours.  The last way of what was accepted until
    lately is kept, for its mail that waits."""
    world, key = model.world, parse(address)
    assert key
    if world.left is None or not world.left.name.holds(key[1]):
        return model.hops_of(key[1])
    if world.changed_long_ago():
        return model.hops_of(key[1])
    before = Model(world.former())
    answer = before.resolve(address)
    return answer.hops if answer.reason == "listed" else before.hops_of(key[1])
