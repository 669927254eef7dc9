"""Deltas of LDAP directories: whatever happened to a directory since it was
last read, what they bring is equal to a full read.  Against slapd with
syncprov (RFC 4533), with and without its session log, and against one that
looks like a domain controller of Active Directory.
"""

from __future__ import annotations

import itertools
import random
from pathlib import Path

from harness.reader import DELTA, FULL, Reader
from harness.relay import Relay
from harness.site import Site
from harness.slapd import PASSWORD, READER, SUFFIX, Slapd, entry, person

PEOPLE = f"ou=people,{SUFFIX}"
AWAY = f"ou=away,{SUFFIX}"
SETTINGS = f"""
    base = "{PEOPLE}"
    preset = openldap
    bind-dn = "{READER}"
    password-file = "%s/password"
    page-size = 7
    timeout = 5
    full-refresh = 1h
"""


def unit(name: str, parent: str) -> str:
    return entry(f"ou={name},{parent}", ["organizationalUnit"], ou=name)


def settings(site: Site) -> str:
    file = site.root / "password"
    file.write_text(PASSWORD)
    file.chmod(0o600)
    return SETTINGS % site.root


def change(dn: str, kind: str, *lines: str) -> str:
    return "\n".join([f"dn: {dn}", f"changetype: {kind}", *lines]) + "\n\n"


def replace(dn: str, attribute: str, *values: str) -> str:
    lines = [f"{attribute}: {value}" for value in values]
    return change(dn, "modify", f"replace: {attribute}", *lines)


def rename(dn: str, rdn: str, parent: str) -> str:
    new = [f"newrdn: {rdn}", "deleteoldrdn: 1", f"newsuperior: {parent}"]
    return change(dn, "modrdn", *new)


def added(record: str) -> str:
    return record.replace("\n", "\nchangetype: add\n", 1)


class History:
    """What may happen to people and to the units in which they are."""

    def __init__(self, seed: int):
        self.chance = random.Random(seed)
        self.numbers = itertools.count()
        # Units by name; where each one is.
        self.units = {"a": PEOPLE, "b": PEOPLE, "c": AWAY}
        self.people: dict[str, str] = {}  # rdn -> parent
        self.gone: list[tuple[str, str]] = []
        self.has_moved_unit = False

    def parents(self) -> list[str]:
        return [PEOPLE, AWAY, *(self.dn_of(name) for name in self.units)]

    def dn_of(self, name: str) -> str:
        return f"ou={name},{self.units[name]}"

    def start(self) -> list[str]:
        roots = [unit("away", SUFFIX), *(unit(n, p) for n, p in self.units.items())]
        return roots + [self.new_person() for _ in range(40)]

    def new_person(self) -> str:
        number = next(self.numbers)
        mail = {} if self.chance.random() < 0.3 else {"mail": self.mail(number)}
        rdn, parent = f"cn=p{number}", self.chance.choice(self.parents())
        if self.chance.random() < 0.2 and self.gone:
            rdn, parent = self.gone.pop()  # the name of one who left
        self.people[rdn] = parent
        name = rdn.removeprefix("cn=")
        values = {"cn": name, "sn": name} | mail
        return entry(f"{rdn},{parent}", ["inetOrgPerson"], **values)

    def mail(self, number: int) -> list[str]:
        more = self.chance.randrange(3)
        bad = ["no address"] if self.chance.random() < 0.1 else []
        return [f"p{number}.{n}@company.example" for n in range(1 + more)] + bad

    def step(self) -> str:
        actions = [self.add, self.add, self.delete, self.readdress]
        actions += [self.readdress, self.silence, self.describe, self.move, self.move]
        if self.chance.random() < 0.04:
            return self.move_unit()
        return self.chance.choice(actions)()

    def pick(self) -> str:
        return self.chance.choice(sorted(self.people))

    def add(self) -> str:
        return added(self.new_person())

    def delete(self) -> str:
        rdn = self.pick()
        parent = self.people.pop(rdn)
        self.gone.append((rdn, parent))
        return change(f"{rdn},{parent}", "delete")

    def readdress(self) -> str:
        rdn = self.pick()
        mail = self.mail(next(self.numbers))
        return replace(f"{rdn},{self.people[rdn]}", "mail", *mail)

    def silence(self) -> str:
        """Out of the filter."""
        rdn = self.pick()
        return replace(f"{rdn},{self.people[rdn]}", "mail")

    def describe(self) -> str:
        rdn = self.pick()
        text = f"number {next(self.numbers)}"
        return replace(f"{rdn},{self.people[rdn]}", "description", text)

    def move(self) -> str:
        old = self.pick()
        new, parent = f"cn=p{next(self.numbers)}", self.chance.choice(self.parents())
        before = f"{old},{self.people.pop(old)}"
        self.people[new] = parent
        return rename(before, new, parent)

    def move_unit(self) -> str:
        """With all who are in it: they are not changed themselves."""
        name = self.chance.choice(sorted(self.units))
        old = self.dn_of(name)
        inner = {n for n, parent in self.units.items() if parent == old}
        parents = [PEOPLE, AWAY]
        parents += [self.dn_of(n) for n in self.units if n not in inner | {name}]
        parents = [p for p in parents if old not in p]
        self.units[name] = self.chance.choice(parents)
        new = self.dn_of(name)
        self.has_moved_unit = True
        for where in (self.units, self.people):
            for key, parent in where.items():
                if parent == old or parent.endswith(f",{old}"):
                    where[key] = parent.removesuffix(old) + new
        return rename(old, f"ou={name}", self.units[name])


def live(site: Site, sync_log: int, seed: int, restarts: bool) -> list[str]:
    """A history; how each read was done."""
    history = History(seed)
    ways = []
    with Slapd(site.root / "ldap", sync_log=sync_log) as slapd:
        slapd.load(history.start())
        slapd.start()
        reader = Reader(site.root / "reader", slapd.uri, settings(site))
        assert reader.check() == FULL
        for _ in range(40):
            history.has_moved_unit = False
            steps = history.chance.choice([0, 1, 1, 2, 5, 12])
            slapd.modify("".join(history.step() for _ in range(steps)))
            if restarts and history.chance.random() < 0.2:
                slapd.restart()
            ways.append(reader.check())
            if not history.has_moved_unit:
                assert ways[-1] == DELTA, f"seed {seed}: read {len(ways)}"
    return ways


def test_histories_with_a_session_log(site: Site) -> None:
    ways = live(site, sync_log=1000, seed=1, restarts=False)
    assert FULL in ways, "no unit was moved"


def test_histories_with_a_short_session_log(site: Site) -> None:
    """Which has often forgotten what is asked for."""
    live(site, sync_log=3, seed=2, restarts=False)


def test_histories_with_a_session_log_and_restarts(site: Site) -> None:
    live(site, sync_log=1000, seed=3, restarts=True)


def test_histories_without_session_log(site: Site) -> None:
    """The server says who is still there."""
    live(site, sync_log=0, seed=4, restarts=True)
