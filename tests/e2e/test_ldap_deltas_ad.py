"""Deltas by update numbers, as Active Directory's controllers have them:
what they bring is equal to a full read.  slapd plays the controller; what it
can not do, counting updates and keeping what was deleted, the test does.
"""

from __future__ import annotations

import itertools
import random
import uuid
from pathlib import Path

from harness.reader import DELTA, FULL, Reader
from harness.site import Site
from harness.slapd import PASSWORD, READER, SUFFIX, Slapd, ad_object, entry

DOMAIN = f"dc=ad,{SUFFIX}"
PEOPLE = f"ou=people,{DOMAIN}"
AWAY = f"ou=away,{DOMAIN}"
# Where a search of the domain does not find it, as without its control.
DELETED = f"cn=Deleted Objects,{SUFFIX}"
NTDS = f"cn=NTDS Settings,{SUFFIX}"
DELETED_GUID = "18E2EA80684F11D2B9AA00C04F79F805"
USERS_GUID = "A9D1CA15768811D1ADED00C04FD8D5CD"
SETTINGS = f"""
    base = "{PEOPLE}"
    preset = active-directory
    bind-dn = "{READER}"
    password-file = "%s/password"
    page-size = 7
    timeout = 5
    full-refresh = 1h
"""
ROOT_DSE = """\
supportedCapabilities: 1.2.840.113556.1.4.800
supportedControl: 1.2.840.113556.1.4.417
dsServiceName: %s
defaultNamingContext: %s
highestCommittedUSN: %d
"""


class Controller:
    """A domain of people; every change has its number."""

    def __init__(self, root: Path, seed: int = 0, people: int = 30):
        self.chance = random.Random(seed)
        self.numbers = itertools.count(1)
        self.usn = 1000
        self.people: dict[str, str] = {}  # rdn -> parent
        self.gone: list[str] = []
        self.slapd = Slapd(root / "ldap")
        password = root / "password"
        password.write_text(PASSWORD)
        password.chmod(0o600)
        self.slapd.load(self._domain(people))
        self.settings = SETTINGS % root
        self._folder = root / "reader"

    def __enter__(self) -> Controller:
        self._tell_usn()
        self.slapd.start()
        self.reader = Reader(self._folder, self.slapd.uri, self.settings)
        assert self.reader.check() == FULL
        return self

    def __exit__(self, *_: object) -> None:
        self.slapd.stop()

    def _domain(self, people: int) -> list[str]:
        extra = ["container", "mailRecipient"]
        identity = {"invocationId": uuid.uuid4().bytes}
        known = [f"B:32:{USERS_GUID}:CN=Users,{DOMAIN}"]
        known.append(f"B:32:{DELETED_GUID}:{DELETED}")
        head = {"uSNChanged": 1, "wellKnownObjects": known}
        return [
            entry(DOMAIN, ["domain", "mailRecipient"], dc="ad", **head),
            self.unit("people"),
            self.unit("away"),
            entry(DELETED, extra, cn="Deleted Objects", isDeleted="TRUE"),
            self.grave(),
            entry(NTDS, extra, cn="NTDS Settings", **identity),
            *(self.new_person() for _ in range(people)),
        ]

    def unit(self, name: str) -> str:
        values = {"ou": name, "uSNChanged": 2, "objectGUID": uuid.uuid4().bytes}
        classes = ["organizationalUnit", "mailRecipient"]
        return entry(f"ou={name},{DOMAIN}", classes, **values)

    def grave(self) -> str:
        """Of somebody who was deleted long ago."""
        values = {"isDeleted": "TRUE", "uSNChanged": 3, "cn": "grave0"}
        values["objectGUID"] = uuid.uuid4().bytes
        return entry(f"cn=grave0,{DELETED}", ["group", "mailRecipient"], **values)

    def modify(self, *records: str) -> None:
        self.slapd.modify("\n\n".join(records) + "\n")

    def _tell_usn(self) -> None:
        self.slapd.root_dse = ROOT_DSE % (NTDS, DOMAIN, self.usn)

    def commit(self) -> None:
        """The root DSE says what the highest number is; it is a file."""
        self._tell_usn()
        self.slapd.restart()

    def next_usn(self) -> int:
        self.usn += self.chance.choice([1, 1, 3])
        return self.usn

    # -- what may happen

    def addresses(self) -> list[str]:
        number = next(self.numbers)
        more = range(self.chance.randrange(3))
        others = [f"smtp:s{number}.{n}@company.example" for n in more]
        return [f"SMTP:u{number}@company.example", *others]

    def new_person(self, parent: str | None = None) -> str:
        name = f"u{next(self.numbers)}"
        parent = parent or self.chance.choice([PEOPLE, PEOPLE, AWAY])
        proxies = {"proxyAddresses": self.addresses()}
        if self.chance.random() < 0.2:
            proxies = {}
        self.people[f"cn={name}"] = parent
        values = {"objectGUID": uuid.UUID(int=self.chance.getrandbits(128)).bytes}
        values["uSNChanged"] = self.next_usn()
        record = ad_object("user", name, **values, **proxies)
        return record.replace(f"ou=people,{SUFFIX}", parent, 1)

    def pick(self) -> str:
        return self.chance.choice(sorted(self.people))

    def change(self, dn: str, attribute: str, values: list[str]) -> str:
        lines = [f"dn: {dn}", "changetype: modify", f"replace: {attribute}"]
        lines += [f"{attribute}: {value}" for value in values]
        lines += ["-", "replace: uSNChanged", f"uSNChanged: {self.next_usn()}"]
        return "\n".join(lines)

    def rename(self, dn: str, rdn: str, parent: str) -> str:
        lines = [f"dn: {dn}", "changetype: modrdn", f"newrdn: {rdn}"]
        lines += ["deleteoldrdn: 1", f"newsuperior: {parent}"]
        return "\n".join(lines)

    def step(self) -> list[str]:
        actions = [self.add, self.readdress, self.silence, self.describe]
        actions += [self.move, self.move, self.delete]
        return self.chance.choice(actions)()

    def add(self) -> list[str]:
        return [self.new_person().rstrip().replace("\n", "\nchangetype: add\n", 1)]

    def readdress(self) -> list[str]:
        rdn = self.pick()
        dn = f"{rdn},{self.people[rdn]}"
        return [self.change(dn, "proxyAddresses", self.addresses())]

    def silence(self) -> list[str]:
        rdn = self.pick()
        return [self.change(f"{rdn},{self.people[rdn]}", "proxyAddresses", [])]

    def describe(self) -> list[str]:
        rdn = self.pick()
        text = [f"number {next(self.numbers)}"]
        return [self.change(f"{rdn},{self.people[rdn]}", "description", text)]

    def move(self) -> list[str]:
        old = self.pick()
        new, parent = f"cn=u{next(self.numbers)}", self.chance.choice([PEOPLE, AWAY])
        move = self.rename(f"{old},{self.people.pop(old)}", new, parent)
        self.people[new] = parent
        text = [f"number {next(self.numbers)}"]
        return [move, self.change(f"{new},{parent}", "description", text)]

    def delete(self) -> list[str]:
        """It stays as an object that was deleted, without addresses."""
        rdn = self.pick()
        grave = f"cn=grave{next(self.numbers)}"
        dn = f"{rdn},{self.people.pop(rdn)}"
        self.gone.append(rdn)
        return [
            self.change(dn, "proxyAddresses", []),
            self.rename(dn, grave, DELETED),
            self.change(f"{grave},{DELETED}", "isDeleted", ["TRUE"]),
        ]

    def live(self) -> None:
        steps = self.chance.choice([1, 2, 5, 10])
        self.modify(*(record for _ in range(steps) for record in self.step()))
        self.commit()


def history(site: Site, seed: int) -> None:
    with Controller(site.root, seed) as domain:
        for _ in range(15):
            domain.live()
            assert domain.reader.check() == DELTA
        assert domain.reader.check() == DELTA  # and nothing happened
        assert domain.gone, "nobody was deleted"


def test_histories(site: Site) -> None:
    history(site, 11)


def test_more_histories(site: Site) -> None:
    history(site, 12)


def test_unit_that_moved_is_read_whole(site: Site) -> None:
    """With all who are in it: they are not changed themselves."""
    with Controller(site.root) as domain:
        inner = f"ou=away,{PEOPLE}"
        domain.modify(domain.rename(AWAY, "ou=away", PEOPLE))
        domain.modify(domain.change(inner, "description", ["moved in"]))
        domain.commit()
        assert domain.reader.check() == FULL
        domain.modify(domain.rename(inner, "ou=away", DOMAIN))
        domain.modify(domain.change(AWAY, "description", ["moved out"]))
        domain.commit()
        assert domain.reader.check() == FULL


def test_another_controller_is_read_whole(site: Site) -> None:
    """Its numbers are its own; nor does one that was restored go on."""
    with Controller(site.root) as domain:
        domain.live()
        assert domain.reader.check() == DELTA
        restored = ["dn: " + NTDS, "changetype: modify", "replace: invocationId"]
        domain.modify("\n".join([*restored, "invocationId: 0123456789abcdef"]))
        domain.live()
        assert domain.reader.check() == FULL
        domain.live()
        assert domain.reader.check() == DELTA
        domain.usn -= 500
        domain.commit()
        assert domain.reader.check() == FULL


def test_deleted_objects_that_are_hidden_are_read_whole(site: Site) -> None:
    """As they are from whom no administrator has shown them."""
    hidden = [
        f'dn.subtree="{DELETED}" by * none',
        f'dn.children="{DELETED}" by * none',
        f'dn.exact="{NTDS}" by * none',
        "attrs=uSNChanged by * none",
    ]
    with Controller(site.root) as domain:
        for rule in hidden:
            domain.slapd.access = [rule, "* by * read"]
            domain.modify(*domain.delete())
            domain.commit()
            old = domain.reader.full_hour()
            found, plain = domain.reader.read(), domain.reader.plain_read()
            assert sorted(found.splitlines()) == sorted(plain.splitlines())
            assert domain.reader.full_hour() == old
        domain.slapd.access = ["* by * read"]
        domain.commit()
        assert domain.reader.check() == DELTA


def test_base_outside_the_domain_is_read_whole(site: Site) -> None:
    with Controller(site.root) as domain:
        hour = domain.reader.full_hour()
        domain.slapd.root_dse = ROOT_DSE % (NTDS, "dc=else,dc=example", 9000)
        domain.slapd.restart()
        found, plain = domain.reader.read(), domain.reader.plain_read()
        assert sorted(found.splitlines()) == sorted(plain.splitlines())
        assert domain.reader.full_hour() == hour
