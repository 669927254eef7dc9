"""What stands in place of a file of the state folder and is no file: nobody
waits for a pipe, reads a device or takes memory for a size without bytes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from harness.paths import wait_until
from harness.policy import PolicyClient
from harness.site import Site

CONF = """
accepted-domain "company.example" { type = authoritative }
connector "mail" { address-spaces = { "company.example" } smart-hosts = { "10.0.0.1" } }
keep = 1
directory "staff" { type = file path = "staff.txt" }
"""
ANN, GHOST = "ann@company.example", "ghost@company.example"
SPARSE = 1 << 42


def sparse(path: Path) -> None:
    path.touch()
    os.truncate(path, SPARSE)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


# Each kind once, for a build that publishes takes seconds.
IN_PLACE: dict[str, Callable[[Path], None]] = {
    "policyd.sums": os.mkfifo,
    "policy.cdb": device,
    "relay_recipients.cdb": os.mkfifo,
    "transport.cdb": Path.mkdir,
}


def ask(socket: Path, recipient: str) -> str:
    with PolicyClient(socket) as client:
        return client.ask(recipient)


def put(path: Path, way: Callable[[Path], None]) -> None:
    path.unlink(missing_ok=True)
    way(path)
    if not path.is_symlink():
        path.chmod(0o755)


def build_anew(site: Site, number: int) -> None:
    """With one recipient more than before."""
    site.write("staff.txt", [ANN, *(f"user{n}@company.example" for n in range(number))])
    site.build()


def expect_sound(socket: Path) -> None:
    wait_until(
        lambda: ask(socket, GHOST).startswith("550 5.1.1 ")
        and ask(socket, ANN) == "DUNNO",
        "a sound generation is taken",
        8,
    )


def test_in_place_of_a_map(site: Site) -> None:
    site.namespace(CONF)
    socket = site.root / "policyd.sock"
    number = 0
    build_anew(site, number)
    for name, way in IN_PLACE.items():
        put(site.state / "current" / name, way)
        socket.unlink(missing_ok=True)
        site.start_daemon(socket)
        said = ask(socket, ANN)
        assert said == "DUNNO" or said.startswith("450 4.3.0 "), f"{name}: {said}"
        build_anew(site, number := number + 1)
        expect_sound(socket)
        site.stop_daemon()


def test_in_place_of_what_stands_beside(site: Site) -> None:
    site.namespace(CONF)
    build_anew(site, 1)
    socket = site.root / "policyd.sock"
    site.start_daemon(socket)
    for way in (os.mkfifo, sparse):
        # It listens before it has read them.
        expect_sound(socket)
        put(site.state / "freshness", way)
        wait_until(
            lambda: "can not be read; the times" in site.daemon_log.read_text(),
            "the times can not be read",
            8,
        )
        # What this generation knew holds.
        expect_sound(socket)
        site.build()
        assert (site.state / "freshness").is_file()
        expect_sound(socket)
        site.daemon_log.write_text("")
    site.stop_daemon()
    put(site.state / "current" / "manifest.json", sparse)
    build_anew(site, 2)


KEPT = {
    "directories/staff": "directories/staff: the last-good copy is damaged",
    "directories/staff~read": "",
    "current/leaving.dates": "leaving.dates: 4398046511104 bytes, at most",
}


def test_in_place_of_what_a_build_keeps(site: Site) -> None:
    """It is named, and the list is read and kept anew."""
    site.namespace(CONF)
    build_anew(site, 1)
    for name, told in KEPT.items():
        put(site.state / name, sparse)
        done = site.compile("build", "--no-wait")
        assert done.returncode == 0, (name, done)
        assert told in done.stderr, (name, done)
        assert (site.state / "directories/staff").stat().st_size < SPARSE
