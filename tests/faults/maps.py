"""What Postfix finds in a state folder, through the links that main.cf names."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LEAVING = "transport_leaving.cdb"
ROUTES = ("relay_domains.cdb", "transport.cdb", LEAVING, "tls_policy.cdb")
# policyd's own among them.
CURRENT = (
    "relay_recipients.cdb",
    "relay_recipients.regexp",
    "virtual_alias.cdb",
    "recipient_access.cdb",
    "policy.cdb",
)
LINKS = {"routes": ROUTES, "current": CURRENT}
MANIFEST = "manifest.json"
TABLES = 256
HEADER_SIZE = 8 * TABLES
NO_RECORDS = struct.pack("<2I", HEADER_SIZE, 0) * TABLES

# Bytes of each file; None where the link leads nowhere.
Content = dict[str, bytes] | None


@dataclass(frozen=True)
class Found:
    routes: Content
    current: Content

    def without_leaving(self) -> Found:
        """What was accepted earlier depends on what was published when."""
        if self.routes is None:
            return self
        kept = {name: b for name, b in self.routes.items() if name != LEAVING}
        return Found(kept, self.current)


class Damaged(Exception):
    pass


def cdb_hash(key: bytes) -> int:
    value = 5381
    for byte in key:
        value = ((value << 5) + value & 0xFFFFFFFF) ^ byte
    return value


def cdb_find(data: bytes, key: bytes) -> bytes | None:
    value = cdb_hash(key)
    start, slots = struct.unpack_from("<2I", data, value % TABLES * 8)
    for n in range(slots):
        at = start + (value // TABLES + n) % slots * 8
        found, record = struct.unpack_from("<2I", data, at)
        if record == 0:
            return None
        sizes = struct.unpack_from("<2I", data, record)
        name = data[record + 8 : record + 8 + sizes[0]]
        if found == value and name == key:
            return data[record + 8 + sizes[0] :][: sizes[1]]
    return None


def cdb_records(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at, end = HEADER_SIZE, struct.unpack_from("<I", data, 0)[0]
    while at < end:
        key, value = struct.unpack_from("<2I", data, at)
        yield data[at + 8 :][:key], data[at + 8 + key :][:value]
        at += 8 + key + value
    if at != end:
        raise Damaged("the records do not end where the tables begin")


def check_cdb(path: Path, data: bytes) -> None:
    """That each record is found by its key."""
    try:
        for key, value in cdb_records(data):
            if cdb_find(data, key) != value or not value:
                raise Damaged(f"{path}: {key!r} is not found")
    except struct.error as error:
        raise Damaged(f"{path}: {error}") from None


def read_link(state: Path, link: str) -> Content:
    if not os.path.lexists(state / link):
        return None
    content = {}
    for name in LINKS[link]:
        try:
            content[name] = (state / link / name).read_bytes()
        except OSError as error:
            raise Damaged(f"Postfix says 451 to all: {error}") from None
        if name.endswith(".cdb"):
            check_cdb(state / link / name, content[name])
    return content


def read(state: Path) -> Found:
    """Fails where Postfix would."""
    return Found(read_link(state, "routes"), read_link(state, "current"))


def is_between(found: Found, old: Found, new: Found) -> bool:
    """Whole generations, and the recipients of the new one only with its
    routes."""
    whole = [(old.routes, old.current), (new.routes, old.current)]
    whole.append((new.routes, new.current))
    return (found.routes, found.current) in whole


def left_over(state: Path) -> list[str]:
    """What no run may leave lying about."""
    found = []
    for path in state.rglob("*"):
        if path.name.startswith(".") or path.name.endswith(".tmp"):
            found.append(str(path.relative_to(state)))
    for folder in (state / "generations").iterdir():
        lacking = {*ROUTES, *CURRENT, MANIFEST} - set(os.listdir(folder))
        if lacking or not folder.name.isdigit():
            found.append(f"generations/{folder.name} without {sorted(lacking)}")
    return found
