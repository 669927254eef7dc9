"""Where things are, and waiting for them."""

from __future__ import annotations

import os
import random
import socket
import time
from collections.abc import Callable
from pathlib import Path

TREE = Path(__file__).resolve().parents[3]
EXAMPLES = TREE / "postfix-conf-examples"
BIN = Path(os.environ.get("BIN", "build/release/bin"))
BIN = BIN if BIN.is_absolute() else TREE / BIN

FIRST_PORT = 10_000
_held: list[socket.socket] = []


def free_port(host: str = "127.0.0.1") -> int:
    """It stays this process's, though nobody may listen there for a while: none of
    those that the kernel gives to who asks for any, and known to be taken, by an
    abstract name, to all others who ask here."""
    ports = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
    end = int(ports[0]) if int(ports[0]) > FIRST_PORT + 5000 else 65_536
    while True:
        port = random.SystemRandom().randrange(FIRST_PORT, end)
        name = socket.socket(socket.AF_UNIX)
        try:
            name.bind(f"\0postshare.test.port.{port}")
            with socket.socket() as probe:
                probe.bind((host, port))
        except OSError:
            name.close()
            continue
        _held.append(name)
        return port


def wait_until(claim: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Returns as soon as claim() holds; a failure says what did not come."""
    deadline = time.monotonic() + seconds
    while not claim():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.02)


def is_answering(path: Path) -> bool:
    """Its file alone does not say so: it is there before who made it listens."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True
