"""389 Directory Server offers RFC 4533, and what it tells is not all: so it is
read whole.  The server here is a script; what it says of the synchronization
are the bytes that 389-ds-base 2.3.1 sent, with its content sync and retro
changelog plugins.
"""

from __future__ import annotations

from harness.ldap_script import (
    PAGED,
    ScriptedServer,
    Search,
    entry,
    number,
    page,
    result,
    text,
    tlv,
)
from harness.reader import Reader
from harness.site import Site

SUFFIX = "dc=company,dc=example"
PEOPLE = f"ou=people,{SUFFIX}"
SETTINGS = f"""
    base = "{PEOPLE}"
    preset = openldap
    timeout = 5
"""
SYNC = b"1.3.6.1.4.1.4203.1.9.1.1"
STATE = b"1.3.6.1.4.1.4203.1.9.1.2"
DONE = b"1.3.6.1.4.1.4203.1.9.1.3"
INFO = b"1.3.6.1.4.1.4203.1.9.1.4"
COOKIE = f"localhost:13890#cn=reader,{SUFFIX}:{PEOPLE}:(mail=*)#"
ADD = 1
# Of nsUniqueId; the fourth byte is the person's.
ID = bytes.fromhex("92701187e59211f1a62ef06adcad7555")


def control(kind: bytes, value: bytes) -> bytes:
    """What stands behind an operation."""
    return tlv(0xA0, tlv(0x30, text(kind), text(value)))


class Server389:
    """Its people, and the changes since it began."""

    def __init__(self) -> None:
        self.people = {f"p{n}": [f"p{n}@company.example"] for n in range(1, 6)}
        self.deleted: list[tuple[int, str]] = []
        self.last = 134
        self.synced: list[bytes] = []

    # -- what happens

    def leave_filter(self, name: str) -> None:
        self.people[name] = []
        self.last += 1

    def delete(self, name: str) -> None:
        del self.people[name]
        self.last += 1
        self.deleted.append((self.last, name))

    # -- what it says

    def answer(self, request: Search) -> list[bytes]:
        if request.base == "":
            controls = [PAGED.decode(), SYNC.decode()]
            return [entry("", {"supportedControl": controls}), result(0)]
        if SYNC in request.controls:
            return self._sync(request.controls[SYNC])
        if PAGED in request.controls:
            return [*self._listed(), page()]
        return [entry(request.base, {}), result(0)]

    def _listed(self) -> list[bytes]:
        people = [(name, mail) for name, mail in self.people.items() if mail]
        return [entry(f"cn={n},{PEOPLE}", {"mail": mail}) for n, mail in people]

    def _sync(self, asked: bytes) -> list[bytes]:
        self.synced.append(asked)
        if COOKIE.encode() not in asked:
            return [*self._states(), self._done()]
        since = int(asked.rsplit(b"#", 1)[1])
        gone = [self._id(name) for when, name in self.deleted if when > since]
        # No word of those who left the filter.
        return [*([self._id_set(gone)] if gone else []), self._done()]

    def _id(self, name: str) -> bytes:
        return ID[:3] + bytes([int(name[1:])]) + ID[4:]

    def _states(self) -> list[bytes]:
        names = [name for name, mail in self.people.items() if mail]
        values = [tlv(0x30, number(ADD, 0x0A), text(self._id(n))) for n in names]
        states = [control(STATE, value) for value in values]
        return [message + state for message, state in zip(self._listed(), states)]

    def _id_set(self, ids: list[bytes]) -> bytes:
        cookie = text(f"{COOKIE}{self.last}")
        deletes = tlv(0x01, b"\xff")
        value = tlv(0xA3, cookie, deletes, tlv(0x31, *map(text, ids)))
        return tlv(0x79, text(INFO, 0x80), text(value, 0x81)) + tlv(0xA0)

    def _done(self) -> bytes:
        """Always without refreshDeletes: by the RFC nobody else is left."""
        value = tlv(0x30, text(f"{COOKIE}{self.last}"))
        return result(0) + control(DONE, value)


def addresses(listed: str) -> set[str]:
    words = listed.split()
    return {word for word in words if word.endswith("@company.example")}


def test_all_is_read_each_time(site: Site) -> None:
    """Who left the filter is no recipient, though no delta would say so."""
    directory = Server389()
    with ScriptedServer(directory.answer) as server:
        reader = Reader(site.root / "reader", server.uri, SETTINGS)

        def check(*numbers: int) -> None:
            found = reader.read()
            assert addresses(found) == {f"p{n}@company.example" for n in numbers}
            plain = reader.plain_read()
            assert sorted(found.splitlines()) == sorted(plain.splitlines())
            assert not reader.store.exists()

        check(1, 2, 3, 4, 5)
        directory.leave_filter("p2")
        check(1, 3, 4, 5)
        directory.delete("p3")
        check(1, 4, 5)
    assert not directory.synced, "asked for what is not all"
