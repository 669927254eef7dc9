"""A directory that is read again and again, by deltas where it can be.

Each read is compared, byte by byte, with a full one into a fresh state
folder, and line by line with one that knows no deltas at all.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
import time
from hashlib import blake2b
from pathlib import Path

from harness.paths import BIN

READ_DIRECTORY = BIN.parent / "tests/bench/read_directory"
FIRST_LINE = b"postshare-sync 1\n"
DIGEST_SIZE = 128
DELTA, FULL = "delta", "full"

CONF = """
accepted-domain "#company.example" { type = authoritative }
connector "one" {
    address-spaces = { "#company.example" }
    smart-hosts = { "[192.0.2.1]:25" }
}
directory "people" {
    type = ldap
    uri = { "%s" }
    deltas = %s
%s
}
"""


class Reader:
    """settings: lines of the directory's block."""

    def __init__(self, folder: Path, uri: str, settings: str):
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.state = folder / "state"
        self.state.mkdir(exist_ok=True)
        self.store = self.state / "sync" / "people"
        self.conf = folder / "deltas.conf"
        self._plain = folder / "plain.conf"
        self.now = int(time.time())
        self.configure(uri, settings)

    def configure(self, uri: str, settings: str) -> None:
        self.uri, self.settings = uri, settings
        self.conf.write_text(CONF % (uri, "yes", settings))
        self._plain.write_text(CONF % (uri, "no", settings))

    def run(
        self, conf: Path, state: Path, *more: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [READ_DIRECTORY, conf, state, "people", str(self.now), *more],
            capture_output=True,
            text=True,
            timeout=120,
        )

    def read(self, *more: str) -> str:
        """With what is remembered; how it was read is in how()."""
        self.now += 1
        return _output(self.run(self.conf, self.state, *more))

    def fail(self) -> str:
        """Its sentence."""
        self.now += 1
        done = self.run(self.conf, self.state)
        assert done.returncode != 0, done
        return done.stderr

    def how(self) -> str:
        """How the last read() was done: a full read has its hour."""
        return FULL if self.full_hour() == self.now else DELTA

    def full_hour(self) -> int:
        head = self.store.read_bytes()[len(FIRST_LINE) :][:32]
        return struct.unpack("<4Q", head)[2]

    def set_mark(self, mark: bytes) -> None:
        """As if the last read, a full one, had left this one."""
        assert self.store.read_bytes().count(FIRST_LINE) == 1
        data = self.store.read_bytes()[len(FIRST_LINE) : -DIGEST_SIZE]
        settings, length, hour, count = struct.unpack("<4Q", data[:32])
        head = struct.pack("<4Q", settings, len(mark), hour, count)
        rest = data[32 + settings + length :]
        body = FIRST_LINE + head + data[32:][:settings] + mark + rest
        self.store.write_bytes(body + blake2b(body).hexdigest().encode())

    def full_read(self) -> str:
        """Into a state folder that was never seen before."""
        fresh = self._folder / "fresh"
        fresh.mkdir()
        try:
            return _output(self.run(self.conf, fresh))
        finally:
            shutil.rmtree(fresh)

    def plain_read(self) -> str:
        return _output(self.run(self._plain, self.state, "dry"))

    def check(self) -> str:
        """One read, equal to both others; how it was read."""
        found = self.read()
        how = self.how()
        full = self.full_read()
        assert found == full, f"{how}: {_difference(full, found)}"
        plain = "".join(sorted(self.plain_read().splitlines(True)))
        ordered = "".join(sorted(found.splitlines(True)))
        assert ordered == plain, f"{how}: {_difference(plain, ordered)}"
        return how


def _output(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, f"{done.args}: {done.stderr}"
    return done.stdout


def _difference(expected: str, found: str) -> str:
    one, other = expected.splitlines(), found.splitlines()
    missing = sorted(set(one) - set(other))
    surplus = sorted(set(other) - set(one))
    return f"missing {missing[:5]}, surplus {surplus[:5]}"
