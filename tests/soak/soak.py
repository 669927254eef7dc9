#!/usr/bin/env python3
"""policyd for an hour, with a publish each ten seconds: nothing may grow.

usage: soak.py [--minutes N] [--publish-seconds N]

A daemon and a policyd as spawn(8) starts it are asked at a modest rate, each answer
judged.  Clients of the daemon come and go, some in the midst of a request, and its
metrics are read.  The compiler runs as it does from cron.  Memory and descriptors are
sampled; what the second half of the time has, on average, is held against the first,
the warm-up aside.  As root.  BIN names the folder of the programs.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "e2e"), str(TESTS / "faults")]

from harness.paths import BIN, wait_until  # noqa: E402
from harness.policy import PolicyClient  # noqa: E402
from harness.postfix import state_group  # noqa: E402
from publishes import Asker, Publisher, Times  # noqa: E402

DAEMON_CONNECTIONS, DAEMON_PAUSE = 4, 0.02
SPAWNED_PAUSE = 0.05
REQUESTS_A_CONNECTION = 500
RUDE_PEERS = 20
RECIPIENTS = 20_000
BULK = 'directory "many" { type = file path = "many.txt" }\n'
SAMPLES_MIN = 12
WARM_UP_SHARE = 0.1
ROWS = 12
# Growth between the halves.  malloc and the mapped pages of the maps are not
# still for a moment; a leak of a byte a request passes these within the hour.
ANON_GROWTH_MAX_KB = 64
RSS_GROWTH_MAX = 0.1
STOP_SECONDS = 5


@dataclass(frozen=True)
class Sample:
    seconds: float
    rss_kb: int
    anon_kb: int
    descriptors: int


@dataclass
class Watched:
    name: str
    process: subprocess.Popen[bytes]
    samples: list[Sample] = field(default_factory=list)

    def sample(self, seconds: float) -> None:
        pid = self.process.pid
        status = Path(f"/proc/{pid}/status").read_text().splitlines()
        words = {name: rest.split() for name, _, rest in (n.partition(":") for n in status)}
        descriptors = len(os.listdir(f"/proc/{pid}/fd"))
        rss, anon = int(words["VmRSS"][0]), int(words["RssAnon"][0])
        self.samples.append(Sample(seconds, rss, anon, descriptors))

    def halves(self) -> tuple[list[Sample], list[Sample]]:
        warm = self.samples[int(len(self.samples) * WARM_UP_SHARE) :]
        return warm[: len(warm) // 2], warm[len(warm) // 2 :]

    def stop(self, number: int) -> int:
        self.process.send_signal(number)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return -signal.SIGKILL


class SteadyAsker(Asker):
    """Asks at a rate; its connection is closed and opened anew now and then."""

    def __init__(
        self,
        path: Path,
        times: Times,
        stop: threading.Event,
        seed: int,
        pause: float,
    ):
        super().__init__(path, times, stop, seed)
        self._path = path
        self._pause = pause
        self.is_staying = False

    def run(self) -> None:
        try:
            while not self._stopped.wait(self._pause):
                self._ask(self._pick())
                self._ask_listed()
                if not self.is_staying and self.tally.asked % REQUESTS_A_CONNECTION == 0:
                    self._client.__exit__()
                    self._client = PolicyClient(self._path)
        except Exception as error:
            self.tally.wrong.append(repr(error))
        finally:
            self._client.__exit__()

    def _ask_listed(self) -> None:
        """One of the many, who are always there."""
        name = f"many{self._chance.randrange(RECIPIENTS)}"
        action = self._client.ask(f"{name}@company.example")
        self.tally.asked += 1
        if action != "DUNNO":
            self.tally.wrong.append(f"{name}: {action}")


def be_rude(path: Path) -> None:
    """Peers that leave: without a word, in the midst of one, before the answer."""
    said = (b"", b"request=smtpd_acc", b"request=smtpd_access_policy\nprotocol_state=RCPT\n\n")
    for number in range(RUDE_PEERS):
        with socket.socket(socket.AF_UNIX) as peer:
            peer.connect(str(path))
            peer.sendall(said[number % len(said)])


def scrape(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(30)
        peer.connect(str(path))
        peer.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        with peer.makefile("rb") as reply:
            assert b"postshare_generation " in reply.read(), "no metrics"


def new_publisher(root: Path) -> Publisher:
    publisher = Publisher(root)
    # In real time.
    publisher.environment.pop("LD_PRELOAD")
    with (root / "namespace.conf").open("a") as conf:
        conf.write(BULK)
    lines = (f"many{n}@company.example\n" for n in range(RECIPIENTS))
    (root / "many.txt").write_text("".join(lines))
    return publisher


class Soak:
    def __init__(self, root: Path):
        self._publisher = new_publisher(root)
        self._publisher.publish()
        self._stop = threading.Event()
        self._socket = root / "socket"
        self._metrics = root / "metrics"
        self._log = root / "log"
        self.askers: list[SteadyAsker] = []
        self.watched = [self._start_daemon(), self._start_spawned(root / "spawn")]
        self.publishes = 0

    def _policyd(self, *options: str | Path, **descriptors: object) -> subprocess.Popen[bytes]:
        words = [BIN / "policyd", "-s", self._publisher.state, *options]
        return subprocess.Popen(words, group=state_group(), **descriptors)

    def _asker(self, path: Path, pause: float) -> SteadyAsker:
        seed = len(self.askers)
        asker = SteadyAsker(path, self._publisher.times, self._stop, seed, pause)
        self.askers.append(asker)
        return asker

    def _start_daemon(self) -> Watched:
        listen = ["--listen", f"unix:{self._socket}", "--metrics", f"unix:{self._metrics}"]
        with self._log.open("ab") as log:
            process = self._policyd(
                *listen, "--log", "stderr", stdin=subprocess.DEVNULL, stderr=log
            )
        wait_until(self._metrics.is_socket, "policyd listens")
        wait_until(self._socket.is_socket, "policyd listens")
        for _ in range(DAEMON_CONNECTIONS):
            self._asker(self._socket, DAEMON_PAUSE)
        return Watched("daemon", process)

    def _start_spawned(self, path: Path) -> Watched:
        """One for its one client, as an smtpd has it."""
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
            listener.listen()
            self._asker(path, SPAWNED_PAUSE).is_staying = True
            end, _ = listener.accept()
            with end:
                process = self._policyd("--log", "none", stdin=end, stdout=end, stderr=end)
        return Watched("spawned", process)

    def _turn(self, begin: float) -> None:
        """A publish, and what else comes with it."""
        self._publisher.publish()
        self.publishes += 1
        os.truncate(self._log, 0)
        be_rude(self._socket)
        scrape(self._metrics)
        time.sleep(0.2)  # until it has seen that they left
        for watched in self.watched:
            watched.sample(time.monotonic() - begin)

    def run(self, seconds: float, publish_seconds: float) -> None:
        begin = time.monotonic()
        for asker in self.askers:
            asker.start()
        while (spent := time.monotonic() - begin) < seconds:
            self._turn(begin)
            time.sleep(max(0.0, begin + spent + publish_seconds - time.monotonic()))

    def stop(self) -> list[int]:
        """How the daemon and the spawned one ended."""
        self._stop.set()
        for asker in self.askers:
            if asker.ident is not None:
                asker.join()
        daemon, spawned = self.watched
        # The end of its client is the end of the latter.
        return [daemon.stop(signal.SIGTERM), spawned.stop(0)]


def show_table(watched: Watched) -> None:
    print(f"{watched.name:10} {'minute':>8} {'RSS kB':>8} {'RssAnon kB':>11} {'descriptors':>12}")
    step = max(1, len(watched.samples) // ROWS)
    for n in range(0, len(watched.samples), step):
        part = watched.samples[n : n + step]
        rss = statistics.mean(s.rss_kb for s in part)
        anon = statistics.mean(s.anon_kb for s in part)
        most = max(s.descriptors for s in part)
        print(f"{'':10} {part[0].seconds / 60:8.1f} {rss:8.0f} {anon:11.0f} {most:12}")


def compare(watched: Watched, name: str, of: Callable[[Sample], int], growth_max: float) -> bool:
    """The mean of the second half against that of the first."""
    first, second = (statistics.mean(map(of, half)) for half in watched.halves())
    is_flat = second - first <= growth_max
    word = "ok" if is_flat else "FAIL"
    print(f"{word:4} {watched.name} {name}: {first:.1f}, then {second:.1f}")
    return is_flat


def is_flat(watched: Watched) -> list[bool]:
    first, _ = watched.halves()
    rss_max = RSS_GROWTH_MAX * statistics.mean(s.rss_kb for s in first)
    return [
        compare(watched, "RSS kB", lambda s: s.rss_kb, rss_max),
        compare(watched, "RssAnon kB", lambda s: s.anon_kb, ANON_GROWTH_MAX_KB),
        # Less than one: a client may just be there.
        compare(watched, "descriptors", lambda s: s.descriptors, 0.9),
    ]


def is_right(asked: int, wrong: list[str], statuses: list[int]) -> list[bool]:
    print(f"{'FAIL' if wrong else 'ok':4} {asked} answers, {len(wrong)} wrong {wrong[:3]}")
    has_ended = statuses == [0, 0]
    print(f"{'ok' if has_ended else 'FAIL':4} ended with {statuses}")
    return [not wrong, has_ended]


def soak(root: Path, minutes: float, publish_seconds: float) -> bool:
    run = Soak(root)
    try:
        run.run(minutes * 60, publish_seconds)
    finally:
        statuses = run.stop()
    for watched in run.watched:
        show_table(watched)
    print(f"{run.publishes} publishes in {minutes:g} minutes")
    asked = sum(asker.tally.asked for asker in run.askers)
    wrong = [n for asker in run.askers for n in asker.tally.wrong]
    if any(len(watched.samples) < SAMPLES_MIN for watched in run.watched):
        print(f"fewer than {SAMPLES_MIN} samples: too short to say")
        return False
    ends = is_right(asked, wrong, statuses)
    for watched in run.watched:
        ends += is_flat(watched)
    print(f"{ends.count(True)} passed, {ends.count(False)} failed")
    return all(ends)


def main() -> int:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--publish-seconds", type=float, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak.") as folder:
        return 0 if soak(Path(folder), options.minutes, options.publish_seconds) else 1


if __name__ == "__main__":
    sys.exit(main())
