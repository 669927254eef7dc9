"""Maps that are damaged under a running policyd, and before it starts.

Each answer is the sound one, or 450: nobody is refused who was not refused
before, and the daemon lives.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

from harness.paths import wait_until
from harness.policy import PolicyClient
from harness.site import Site

CONF = """
accepted-domain "company.example" { type = authoritative }
accepted-domain "off.example" { type = internal-relay }
connector "mail" {
    address-spaces = { "company.example", "off.example" }
    smart-hosts = { "10.0.0.1" }
    clients = { "10.0.0.9" }
}
directory "staff" { type = file path = "staff.txt" }
contact "sales@company.example" { target = "crm@far.example" }
"""
# So many that their map is mapped, and not copied into memory.
STAFF = [f"user{n}@company.example" for n in range(1500)]
ASKED = [STAFF[0], STAFF[750], STAFF[-1]]
OTHERS = ["sales@company.example", "x@off.example", "postmaster@company.example"]
GHOST, FOREIGN = "ghost@company.example", "ann@foreign.example"
FILES = ["relay_recipients.cdb", "policy.cdb", "policyd.sums"]
SEED = 7


class Running:
    """A policyd with its maps."""

    def __init__(self, site: Site):
        self.site = site
        site.namespace(CONF)
        site.write("staff.txt", STAFF)
        site.build()
        self.socket = site.root / "policyd.sock"
        self.start()

    def start(self) -> None:
        self.socket.unlink(missing_ok=True)
        self.site.start_daemon(self.socket)
        self.client = PolicyClient(self.socket)

    def log(self) -> str:
        return self.site.daemon_log.read_text()

    def expect_alive(self) -> None:
        """It was the same one all the time: it would not have come back."""
        assert self.ask(FOREIGN) == "DUNNO"
        assert "signal" not in self.log()

    def map(self, name: str) -> Path:
        return self.site.state / "current" / name

    def ask(self, recipient: str) -> str:
        return self.client.ask(recipient)

    def expect_nothing_wrong(self, where: str, asked: Iterable[str] = ASKED) -> None:
        for recipient in asked:
            said = self.ask(recipient)
            assert said == "DUNNO" or is_deferred(said), f"{where}: {recipient} {said}"
        said = self.ask(GHOST)
        assert is_refused(said) or is_deferred(said), f"{where}: {GHOST} {said}"

    def is_sound(self) -> bool:
        return is_refused(self.ask(GHOST)) and all(
            self.ask(recipient) == "DUNNO" for recipient in [*ASKED, *OTHERS, FOREIGN]
        )

    def wait_until_sound(self) -> None:
        """With a margin for a busy machine."""
        wait_until(self.is_sound, "a sound generation is taken", 4)


def is_refused(said: str) -> bool:
    return said.startswith("550 5.1.1 ")


def is_deferred(said: str) -> bool:
    return said.startswith("450 4.3.0 ")


def put(path: Path, offset: int, data: bytes) -> None:
    """In place, as no program of ours writes a map."""
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


def test_cut_short_in_place(site: Site) -> None:
    running = Running(site)
    for name in FILES:
        path = running.map(name)
        sound = path.read_bytes()
        lengths = [len(sound) * percent // 100 for percent in range(100)]
        # The smaller files have fewer places to be cut at.
        step = 1 if name == FILES[0] else 32
        lengths += range(0, min(2049, len(sound)), step)
        for number, length in enumerate(lengths):
            with path.open("r+b") as file:
                file.truncate(length)
            asked = [ASKED[number % len(ASKED)], OTHERS[number % len(OTHERS)]]
            running.expect_nothing_wrong(f"{name} of {length} bytes", asked)
            put(path, 0, sound)
    running.wait_until_sound()
    told = "is damaged, and what can not be known"
    wait_until(lambda: told in running.log(), "the damage is told", 4)
    running.expect_alive()


def test_flipped_bytes(site: Site) -> None:
    running = Running(site)
    chance = random.Random(SEED)
    path = running.map(FILES[0])
    sound = path.read_bytes()
    for number in range(10000):
        at = chance.randrange(len(sound))
        put(path, at, bytes([sound[at] ^ chance.randrange(1, 256)]))
        said = running.ask(ASKED[number % len(ASKED)])
        assert said == "DUNNO" or is_deferred(said), f"byte {at}: {said}"
        # Some stay, and others come to them.
        if number % 50 == 49:
            running.expect_nothing_wrong(f"up to byte {at}")
            put(path, 0, sound)
        elif number % 2:
            put(path, at, sound[at : at + 1])
    put(path, 0, sound)
    running.wait_until_sound()
    running.expect_alive()


def test_another_file_in_its_place(site: Site) -> None:
    running = Running(site)
    sound = {name: running.map(name).read_bytes() for name in FILES}
    others = [sound[FILES[1]], b"", b"\0" * 4096, b"no map at all\n" * 9000]
    for name in FILES:
        for other in others:
            path = running.map(name)
            path.write_bytes(other)
            running.expect_nothing_wrong(f"{len(other)} bytes as {name}")
            # Renamed, it is another file: what is open stays what it was.
            new = path.with_suffix(".new")
            new.write_bytes(sound[name])
            new.rename(path)
            running.wait_until_sound()
    running.expect_alive()


def test_damaged_or_missing_at_the_start(site: Site) -> None:
    running = Running(site)
    path = running.map(FILES[0])
    sound = path.read_bytes()
    for damaged in (None, b"", sound[: len(sound) // 2], running.map(FILES[1])):
        site.stop_daemon()
        path.unlink()
        if damaged is not None:
            other = damaged if isinstance(damaged, bytes) else damaged.read_bytes()
            path.write_bytes(other)
            path.chmod(0o644)
        running.start()
        for recipient in [*ASKED, GHOST]:
            assert is_deferred(running.ask(recipient)), recipient
        assert running.ask(FOREIGN) == "DUNNO"
        path.write_bytes(sound)
        path.chmod(0o644)
        running.wait_until_sound()
    running.expect_alive()


def test_build_takes_damaged_for_new(site: Site) -> None:
    running = Running(site)
    number = (site.state / "current").readlink()
    for name in FILES:
        path = running.map(name)
        middle = path.stat().st_size // 2
        put(path, middle, bytes(600))
        running.expect_nothing_wrong(name)
        site.build()
        assert (site.state / "current").readlink() != number
        number = (site.state / "current").readlink()
        running.wait_until_sound()


def test_diff_of_damaged_maps_is_an_error(site: Site) -> None:
    running = Running(site)
    site.write("staff.txt", [*STAFF, "new@company.example"])
    for name in FILES:
        path = running.map(name)
        sound = path.read_bytes()
        path.write_bytes(sound[:-1])
        done = site.compile("diff")
        assert done.returncode > 0, done.stdout
        assert f"/{name}: damaged" in done.stderr, done.stderr
        path.write_bytes(sound)
    assert "new@company.example" in site.compile("diff").stdout
