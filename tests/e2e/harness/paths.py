"""Where things are, and waiting for them."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

TREE = Path(__file__).resolve().parents[3]
EXAMPLES = TREE / "postfix-conf-examples"
BIN = Path(os.environ.get("BIN", "build/release/bin"))
BIN = BIN if BIN.is_absolute() else TREE / BIN


def free_port(host: str = "127.0.0.1") -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


def wait_until(claim: Callable[[], bool], what: str, seconds: float = 20) -> None:
    """Returns as soon as claim() holds; a failure says what did not come."""
    deadline = time.monotonic() + seconds
    while not claim():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.02)
