"""How long policyd lets normal clients wait beside thousands of idle ones, slow ones,
such as do not read, and such as come and go; and how soon it ends.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from policyd import (
    TOOLS,
    Server,
    ask,
    daemon,
    possible,
    publish,
    rss_anon_kb,
    show,
    spread,
    verdict,
    write_recipients,
)

RECIPIENTS = 100_000
P99_MAX_US = 20_000
STOP_MAX_SECONDS = 5.0
SECONDS = "3"
WARM_UP = "5000"
HANGUPS, HANGUP_SECONDS = 1_000, 10
SERVER_CORE, CLIENT_CORE = 0, 1


@dataclass(frozen=True)
class Crowd:
    """How many normal clients, and beside whom."""

    busy: int
    idle: int = 0
    slow: int = 0
    deaf: int = 0
    visits: int = 0  # a second

    def __str__(self) -> str:
        rest = {"idle": self.idle, "slow": self.slow, "deaf": self.deaf}
        beside = [f"{count} {name}" for name, count in rest.items() if count]
        beside += [f"{self.visits} visits a second"] if self.visits else []
        return ", ".join([f"{self.busy} busy", *beside])

    @property
    def held(self) -> int:
        return self.busy + self.idle + self.slow + self.deaf


CROWDS = (
    Crowd(1),
    Crowd(100),
    Crowd(1_000),
    Crowd(1, idle=10_000),
    Crowd(100, idle=10_000),
    Crowd(1_000, idle=10_000),
    Crowd(1_000, idle=10_000, slow=1_000),
    Crowd(1_000, idle=10_000, deaf=100),
    Crowd(1_000, idle=10_000, visits=1_000),
    Crowd(1_000, idle=10_000, slow=1_000, deaf=100, visits=1_000),
)


@contextlib.contextmanager
def beside(crowd: Crowd, path: Path, is_left: bool = False) -> Iterator[None]:
    """All but the busy ones; is_left: the server goes first."""
    words = ["taskset", "-c", str(CLIENT_CORE), str(TOOLS / "connections")]
    words += ["-i", str(crowd.idle), "-s", str(crowd.slow), "-d", str(crowd.deaf)]
    words += ["-v", str(crowd.visits), f"unix:{path}"]
    crew = subprocess.Popen(
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if is_left else None,
    )
    assert crew.stdin is not None and crew.stdout is not None
    try:
        assert crew.stdout.readline() == b"ready\n"
        yield
    finally:
        crew.stdin.close()
        status = crew.wait()
        crew.stdout.close()
    assert is_left or status == 0, "policyd hung up on somebody"


def measure(server: Server, path: Path, crowd: Crowd) -> None:
    with server.serve(path, SERVER_CORE) as pid, beside(crowd, path):
        options = ("-c", str(crowd.busy), "-t", SECONDS, "-w", WARM_UP)
        figures = ask(server, path, pid, CLIENT_CORE, *options)
        figures["own_kb"] = rss_anon_kb(pid)
    server.take(figures)


def milliseconds(server: Server, name: str) -> str:
    return spread([us / 1000 for us in server.figures[name]], 2)


def waits(floor: Server, policyd: Server, path: Path, crowd: Crowd, rounds: int) -> bool:
    """Of normal requests; the constant server is asked in turn, where it can serve."""
    servers = [floor, policyd] if crowd.held == crowd.busy + crowd.idle else [policyd]
    servers = servers if not crowd.visits else [policyd]
    for server in servers:
        server.figures = {}
    for _ in range(rounds):
        for server in servers:
            measure(server, path, crowd)
    is_kept = policyd.median("p99_us") < P99_MAX_US
    show(f"{crowd}")
    for server in servers:
        show(
            f"  {server.name:16} p50 {milliseconds(server, 'p50_us')} ms, "
            f"p99 {milliseconds(server, 'p99_us')} ms, "
            f"p99.9 {milliseconds(server, 'p999_us')} ms"
        )
    show(
        f"  {spread(policyd.figures['cpu_us'], 2)} us of CPU a request, own memory "
        f"{policyd.median('own_kb'):.0f} kB{verdict(is_kept)}"
    )
    return is_kept


def hang_up(pid: int) -> None:
    begin = time.monotonic()
    for number in range(HANGUPS):
        os.kill(pid, signal.SIGHUP)
        due = begin + (number + 1) * HANGUP_SECONDS / HANGUPS
        time.sleep(max(0.0, due - time.monotonic()))


def hangups(server: Server, path: Path) -> bool:
    """An answer that is lost or wrong ends the bench."""
    with server.serve(path, SERVER_CORE) as pid:
        sending = threading.Thread(target=hang_up, args=(pid,))
        sending.start()
        options = ("-c", "100", "-t", str(HANGUP_SECONDS), "-w", WARM_UP)
        figures = ask(server, path, pid, CLIENT_CORE, *options)
        sending.join()
    show(
        f"{HANGUPS} SIGHUPs in {HANGUP_SECONDS} s: {figures['requests']:.0f} answers to "
        f"100 clients, none lost; p99 {figures['p99_us'] / 1000:.2f} ms"
    )
    return True


def ends(server: Server, path: Path, crowd: Crowd, rounds: int) -> bool:
    """How long SIGTERM takes, while all of them ask."""
    found = []
    for _ in range(rounds):
        with server.serve(path, SERVER_CORE) as pid, beside(crowd, path, is_left=True):
            words = [TOOLS / "policy_load", "-c", str(crowd.busy), "-t", "60", f"unix:{path}"]
            load = subprocess.Popen(
                [*words, path.parent / "asked.txt"], stderr=subprocess.DEVNULL
            )
            time.sleep(1)
            os.kill(pid, signal.SIGTERM)
            begin = time.monotonic()
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
            found.append(time.monotonic() - begin)
            load.wait()
    is_kept = max(found) <= STOP_MAX_SECONDS
    show(f"{crowd}: SIGTERM took {spread(found, 2)} s{verdict(is_kept)}")
    return is_kept


def load(folder: Path, rounds: int) -> bool:
    folder = folder / "load"
    folder.mkdir()
    print(f"policyd under many clients, {RECIPIENTS} recipients")
    print(f"  p99 under {P99_MAX_US / 1000:.0f} ms and an end within 5 s are promised")
    write_recipients(folder, RECIPIENTS)
    floor = Server("constant server", [str(TOOLS / "constant_server")], takes_any=True)
    server = Server("policyd, no log", daemon(publish(folder), "--log", "none"))
    path = folder / "socket"
    room = possible([crowd.held for crowd in CROWDS])
    crowds = [crowd for crowd in CROWDS if crowd.held in room]
    kept = [waits(floor, server, path, crowd, rounds) for crowd in crowds]
    kept.append(hangups(server, path))
    for crowd in (crowds[2], crowds[-1]):
        kept.append(ends(server, path, crowd, rounds))
    if len(crowds) < len(CROWDS):
        show("the larger ones are left out: raise the limit of open files")
    shutil.rmtree(folder)
    return all(kept)
