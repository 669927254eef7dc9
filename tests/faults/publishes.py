#!/usr/bin/env python3
"""Many publishes under load, each answer judged.

usage: publishes.py [--smtp] [COUNT]

Publishes of recipients alone, as fast as they go, while requests go to policyd
over several connections without a pause: each answer has to be right for a
generation that may be in force when it is given.  The compiler does not wait
here, for its sleeps only move its clock.

--smtp: against a real Postfix and in real time, two seconds a publish, while
mail flows.  As root.  BIN names the folder of the programs.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

from harness.paths import BIN, wait_until  # noqa: E402
from harness.policy import PolicyClient  # noqa: E402
from harness.postfix import state_group  # noqa: E402
from harness.site import COMPILER, Site  # noqa: E402
from harness.traffic import Traffic  # noqa: E402
from test_builds_under_traffic import CONF as SMTP_CONF  # noqa: E402
from test_builds_under_traffic import GHOST  # noqa: E402

CLOCK = BIN.parent / "tests/faults/clock.so"
COUNT = 10_000
CONNECTIONS = 4
PAUSE_SECONDS = 0.001
# policyd looks once a second; a loaded machine lets it look late.
NOTICED_SECONDS = 3.0
# So many publishes list a recipient, then as many do not.
BLOCK = 250
FRESH = 60
YES, NO = "DUNNO", "550 5.1.1 "
CONF = """
accepted-domain "#company.example" { type = authoritative }
connector "mail" {
    address-spaces = { "#company.example" }
    smart-hosts = { "10.0.0.1" }
}
directory "staff" { type = file path = "staff.txt" max-shrink = "100%" }
keep = 3
"""
STABLE = [f"stable{n}" for n in range(20)]
GHOSTS = [f"ghost{n}" for n in range(5)]
SLOW = [f"slow{n}" for n in range(10)]


def listed(name: str, number: int) -> bool:
    """Whether the publish of that number lists him.  Each lists one who was
    never listed, so that each is a publish."""
    if name in STABLE:
        return True
    if name in SLOW:
        return ((number + BLOCK // len(SLOW) * SLOW.index(name)) // BLOCK) % 2 == 1
    return name.startswith("fresh") and 0 <= number - int(name[5:]) < FRESH


@dataclass
class Times:
    """When the publish of each number began and had ended."""

    began: list[float] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)

    def numbers(self, first: float, last: float) -> range:
        """Those that may be answered from, by a request of that time."""
        ended, began = list(self.ended), list(self.began)
        low = len(ended) - 1
        while low > 0 and ended[low] > first - NOTICED_SECONDS:
            low -= 1
        high = low
        while high + 1 < len(began) and began[high + 1] <= last:
            high += 1
        return range(low, high + 1)


@dataclass
class Tally:
    asked: int = 0
    decided: int = 0  # where all generations that may answer agree
    wrong: list[str] = field(default_factory=list)
    slowest: float = 0.0


class Asker(threading.Thread):
    """One connection, with one request at a time."""

    def __init__(self, socket: Path, times: Times, stop: threading.Event, seed: int):
        super().__init__()
        self._client = PolicyClient(socket)
        self._times = times
        self._stopped = stop
        self._chance = random.Random(seed)
        self.tally = Tally()

    def run(self) -> None:
        try:
            while not self._stopped.is_set():
                self._ask(self._pick())
                time.sleep(PAUSE_SECONDS)
        except Exception as error:
            self.tally.wrong.append(repr(error))

    def _pick(self) -> str:
        kind = self._chance.random()
        if kind < 0.2:
            newest = len(self._times.began) - 1
            return f"fresh{max(0, newest - self._chance.randrange(2 * FRESH))}"
        return self._chance.choice(STABLE + GHOSTS + SLOW)

    def _ask(self, name: str) -> None:
        first = time.monotonic()
        action = self._client.ask(f"{name}@company.example")
        last = time.monotonic()
        right = {listed(name, n) for n in self._times.numbers(first, last)}
        said = {YES: True}.get(action, False if action.startswith(NO) else None)
        self.tally.asked += 1
        self.tally.decided += len(right) == 1
        self.tally.slowest = max(self.tally.slowest, last - first)
        if said not in right:
            self.tally.wrong.append(f"{name}: {action}, expected {right}")


class Publisher:
    """Builds one generation after the other."""

    def __init__(self, root: Path):
        self._root = root
        self.state = root / "state"
        self.times = Times()
        # The clock takes the waits away; ASan wants to be the first otherwise.
        self.environment = os.environ | {
            "LD_PRELOAD": str(CLOCK),
            "MAIL_CONFIG": str(root / "postfix"),
            "ASAN_OPTIONS": "verify_asan_link_order=0",
        }
        (root / "namespace.conf").write_text(CONF)
        (root / "postfix").mkdir()
        (root / "postfix/main.cf").write_text("compatibility_level = 3.6\n")
        (root / "postfix/master.cf").touch()

    def publish(self) -> None:
        number = len(self.times.began)
        fresh = [f"fresh{n}" for n in range(max(0, number - FRESH + 1), number + 1)]
        names = [n for n in STABLE + SLOW + fresh if listed(n, number)]
        text = "".join(f"{name}@company.example\n" for name in names)
        (self._root / "staff.txt").write_text(text)
        self.times.began.append(time.monotonic())
        done = subprocess.run(
            [COMPILER, "-c", self._root / "namespace.conf", "-s", self.state]
            + ["build"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            group=state_group(),
            env=self.environment,
            timeout=120,
        )
        assert done.returncode == 0 and "published:" in done.stdout, done
        self.times.ended.append(time.monotonic())


def memory_of(pid: int) -> tuple[int, int]:
    """Own kilobytes, and how many descriptors."""
    status = Path(f"/proc/{pid}/status").read_text()
    own = next(n for n in status.splitlines() if n.startswith("RssAnon:"))
    return int(own.split()[1]), len(os.listdir(f"/proc/{pid}/fd"))


def start_policyd(root: Path, state: Path, log: Path) -> subprocess.Popen[bytes]:
    socket = root / "policyd.socket"
    with log.open("ab") as sink:
        daemon = subprocess.Popen(
            [BIN / "policyd", "-s", state, "--log", "stderr"]
            + ["--listen", f"unix:{socket}"],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
        )
    wait_until(socket.is_socket, "policyd listens")
    return daemon


def judge(tallies: list[Tally], least_decided: float) -> Tally:
    whole = Tally()
    for tally in tallies:
        whole.asked += tally.asked
        whole.decided += tally.decided
        whole.wrong += tally.wrong
        whole.slowest = max(whole.slowest, tally.slowest)
    assert not whole.wrong, f"{len(whole.wrong)} wrong, first {whole.wrong[:5]}"
    assert whole.decided > least_decided * whole.asked, whole
    return whole


def publish_to_policyd(root: Path, count: int) -> str:
    """What came of it, in a sentence."""
    publisher = Publisher(root)
    publisher.publish()
    log = root / "policyd.log"
    daemon = start_policyd(root, publisher.state, log)
    stop = threading.Event()
    askers = [
        Asker(root / "policyd.socket", publisher.times, stop, seed)
        for seed in range(CONNECTIONS)
    ]
    begin = time.monotonic()
    try:
        for asker in askers:
            asker.start()
        before = memory_of(daemon.pid)
        for number in range(count):
            publisher.publish()
            if number == count // 10:
                before = memory_of(daemon.pid)
            os.truncate(log, 0) if number % 1000 == 999 else None
        after = memory_of(daemon.pid)
    finally:
        stop.set()
        for asker in askers:
            if asker.ident is not None:
                asker.join()
        daemon.terminate()
        daemon.wait(20)
    seconds = time.monotonic() - begin
    whole = judge([asker.tally for asker in askers], 0.5)
    left = os.listdir(publisher.state / "generations")
    assert len(left) <= 4 and all(name.isdigit() for name in left), left
    return (
        f"{count} publishes in {seconds:.0f} s: {whole.asked} answers, none wrong, "
        f"{whole.decided} of them with one right answer; slowest "
        f"{whole.slowest * 1000:.0f} ms; policyd's own memory {before[0]} KiB, then "
        f"{after[0]} KiB, descriptors {before[1]}, then {after[1]}"
    )


STAYING = {f"one{n}@company.example": "one" for n in range(3)} | {
    f"two{n}@company.example": "two" for n in range(3)
}
ROUND = 20


def smtp_round(site: Site, first: int, count: int) -> int:
    """So many publishes; how many replies to RCPT were looked at."""
    names = [f"fresh{n}@company.example" for n in range(first, first + count)]

    def write(fresh: list[str]) -> None:
        one = [r for r, place in STAYING.items() if place == "one"]
        site.write("one.txt", one + fresh)

    with Traffic(site, lambda: [*STAYING, GHOST, names[0], names[-1]]) as traffic:
        for n, name in enumerate(names):
            write(names[max(0, n - 2) : n + 1])
            site.build()
            # In the very next session.
            gone = {names[n - 3]: "550 5.1.1"} if n > 2 else {}
            site.expect({name: "250 2.1.5", GHOST: "550 5.1.1"} | gone)
    assert traffic.errors == [], traffic.errors
    for recipient in STAYING:
        traffic.expect(recipient, "250 2.1.5")
    traffic.expect(GHOST, "550 5.1.1")
    for name in (names[0], names[-1]):
        traffic.expect(name, "250 2.1.5", "550 5.1.1")
    traffic.expect_places(STAYING | {names[0]: "one", names[-1]: "one"})
    assert site.world.mail == []
    site.forget()
    return sum(len(sent.replies) for sent in traffic.sent)


def publish_to_postfix(site: Site, count: int) -> str:
    site.sink("one")
    site.sink("two")
    for sink in ("one", "two"):
        site.write(f"{sink}.txt", [r for r, s in STAYING.items() if s == sink])
    site.namespace(SMTP_CONF)
    site.build()
    site.start("spawn")
    begin = time.monotonic()
    replies = 0
    for first in range(0, count, ROUND):
        replies += smtp_round(site, first, min(ROUND, count - first))
        if sys.stdout.isatty() or first % (10 * ROUND) == 0:
            print(f"{first + ROUND} publishes, {replies} replies", flush=True)
    seconds = time.monotonic() - begin
    return f"{count} publishes in {seconds:.0f} s: {replies} replies, none wrong"


def main() -> int:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--smtp", action="store_true")
    parser.add_argument("count", type=int, nargs="?", default=COUNT)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="publishes.") as folder:
        root = Path(folder)
        if options.smtp:
            with Site(root) as site:
                print(publish_to_postfix(site, options.count))
        else:
            print(publish_to_policyd(root, options.count))
    return 0


if __name__ == "__main__":
    sys.exit(main())
