"""policyd under many clients and bad ones: each request is answered once, rightly
and in order, and nothing is spent on who only waits.  How fast is a matter of
tests/bench/load.py.
"""

from __future__ import annotations

import contextlib
import os
import random
import resource
import select
import signal
import socket
import struct
import subprocess
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness.ending import end
from harness.paths import free_port, wait_until
from harness.policy import PolicyClient
from harness.postfix import state_group
from harness.site import Site
from harness.staff import ANN, GHOST, build_staff

NEW = "new@company.example"
STRANGER, MAIL_SYSTEM = "203.0.113.7", "10.0.0.1"
# Client, recipient, how the answer begins: three that differ.
QUESTIONS = (
    (STRANGER, ANN, b"action=DUNNO"),
    (STRANGER, GHOST, b"action=550 5.1.1 "),
    (MAIL_SYSTEM, ANN, b"action=550 5.4.6 "),
)
IDLE, BUSY, ROUNDS = 10_000, 1_000, 5
SPARE_FILES = 200  # of this process, and what policyd keeps for itself
SLOW, DEAF, DEAF_PATIENCE_SECONDS = 100, 5, 0.5
DEAF_MAX = 50_000  # questions, ten times as many as sockets hold
STORM_WORKERS, STORM_VISITS = 8, 250
FEW_FILES, FOREIGN_FILES = 100, 60
# What policyd reads at once ends with a question: the hardest place to stop.
QUESTION_BYTES, MORE_THAN_A_PIECE = 128, 600
HANGUPS = 1_000
# Who waits takes next to nothing; a loop takes all that it gets, which on a busy
# machine is little enough.
CPU_SHARE_MAX = 0.05
REST_TRIES = 10
DEAF_MAX_KB = 64  # for one of them
STORM_GROWTH_MAX_KB = 1024
STOP_SECONDS_MAX = 10
PATIENCE_SECONDS = 60


class Peer:
    """Asks without waiting, and judges what comes back."""

    def __init__(
        self, place: Path | tuple[str, int], seed: int = 0, is_patient: bool = True
    ):
        """is_patient: waits while the queue of connections is full."""
        self.socket = socket.socket(
            socket.AF_UNIX if isinstance(place, Path) else socket.AF_INET
        )
        self.socket.setblocking(is_patient)
        self.socket.connect(str(place) if isinstance(place, Path) else place)
        self.socket.settimeout(PATIENCE_SECONDS)
        self._chance = random.Random(seed)
        self._expected: deque[bytes] = deque()
        self._rest = b""

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def question(self) -> bytes:
        """One more, whose answer is awaited from now on."""
        client, recipient, answer = self._chance.choice(QUESTIONS)
        self._expected.append(answer)
        request = (
            "request=smtpd_access_policy\nprotocol_state=RCPT\n"
            f"client_address={client}\nrecipient={recipient}\nhelo_name="
        )
        return (request.ljust(QUESTION_BYTES - 2, "a") + "\n\n").encode()

    def count_waiting(self) -> int:
        return len(self._expected)

    def take(self, piece: bytes) -> None:
        *replies, self._rest = (self._rest + piece).split(b"\n\n")
        for reply in replies:
            assert self._expected, f"nobody asked for {reply!r}"
            expected = self._expected.popleft()
            assert reply.startswith(expected), f"{reply!r}, expected {expected!r}"

    def hear_all(self) -> None:
        while self._expected:
            piece = self.socket.recv(65536)
            assert piece, f"hung up, {len(self._expected)} are not answered"
            self.take(piece)
        assert self._rest == b"", self._rest

    def hear_end(self) -> None:
        assert self.socket.recv(65536) == b""

    def hears_nothing(self) -> bool:
        # Not select(), which knows no descriptor beyond 1,023.
        poll = select.poll()
        poll.register(self.socket, select.POLLIN)
        return not poll.poll(0)


class Policyd:
    def __init__(self, site: Site, files: int, taken: Sequence[int]):
        self.path, self.port = site.root / "socket", free_port()
        self.metrics = free_port()
        self.state, self._log = site.state, site.daemon_log
        limit = (files, files)
        listen = [f"unix:{self.path}", f"inet:127.0.0.1:{self.port}"]
        words = [w for place in listen for w in ("--listen", place)]
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [site.postfix.programs / "policyd", "-s", site.state, *words]
                + ["--user", "nobody", "--log", "stderr"]
                + ["--metrics", f"inet:127.0.0.1:{self.metrics}"],
                stdin=subprocess.DEVNULL,
                stderr=log,
                group=state_group(),
                pass_fds=taken,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, limit),
            )
        wait_until(lambda: "is in force" in self.log(), "policyd serves")
        maps = Path(f"/proc/{self.process.pid}/maps").read_text()
        self.has_own_malloc = "libasan" not in maps

    def log(self) -> str:
        return self._log.read_text()

    def descriptors(self) -> list[int]:
        return [int(n) for n in os.listdir(f"/proc/{self.process.pid}/fd")]

    def own_kb(self) -> int:
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return int(next(n for n in lines if n.startswith("RssAnon:")).split()[1])

    def cpu_seconds(self) -> float:
        stat = Path(f"/proc/{self.process.pid}/stat").read_text()
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def expect_rest(self, what: str) -> None:
        """It waits, once what came before is done, and does not go round."""
        shares: list[float] = []
        while not shares or shares[-1] >= CPU_SHARE_MAX:
            assert len(shares) < REST_TRIES, f"{what}: {shares} of a processor"
            begin, before = time.monotonic(), self.cpu_seconds()
            time.sleep(1.5)
            used = self.cpu_seconds() - before
            shares.append(used / (time.monotonic() - begin))

    def end(self) -> None:
        """As it is asked to, in time."""
        self.process.terminate()
        self.expect_end()

    def expect_end(self) -> None:
        assert self.process.wait(STOP_SECONDS_MAX) == 0


@contextlib.contextmanager
def policyd(
    site: Site, files: int | None = None, taken: Sequence[int] = ()
) -> Iterator[Policyd]:
    """files: how many it may have open, as many as this process by default;
    taken: those that it is given, of no use."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    build_staff(site)
    daemon = Policyd(site, files or hard, taken)
    try:
        yield daemon
    finally:
        end(daemon.process)


def expect_answers(place: Path | tuple[str, int]) -> None:
    """Somebody new is served."""
    with Peer(place) as peer:
        peer.socket.sendall(b"".join(peer.question() for _ in range(10)))
        peer.hear_all()


def possible(count: int) -> int:
    """As many connections as can be opened here, at most so many."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return count if soft == resource.RLIM_INFINITY else min(count, soft - SPARE_FILES)


# -- many


def test_many_idle_and_many_busy(site: Site) -> None:
    with policyd(site) as daemon, contextlib.ExitStack() as stack:
        busy_count = min(BUSY, possible(BUSY + IDLE) // 10)
        for _ in range(possible(BUSY + IDLE) - busy_count):
            stack.enter_context(Peer(daemon.path))
        daemon.expect_rest("idle clients")
        busy = [stack.enter_context(Peer(daemon.path, n)) for n in range(busy_count)]
        for _ in range(ROUNDS):
            for peer in busy:
                peer.socket.sendall(peer.question())
            for peer in busy:
                peer.hear_all()
        assert all(peer.hears_nothing() for peer in busy), "answered twice"
        daemon.end()


def visit(daemon: Policyd, number: int) -> None:
    """Comes, asks or not, and leaves in one manner or the other."""
    place = daemon.path if number % 2 else ("127.0.0.1", daemon.port)
    with Peer(place, number) as peer:
        if number % 5 == 0:
            return
        question = peer.question()
        if number % 3 == 0:
            peer.socket.sendall(question[: number % len(question)])
        else:
            peer.socket.sendall(question)
        if number % 3 == 1:
            peer.hear_all()
        if number % 2 == 0:
            # A reset instead of an end.
            linger = struct.pack("ii", 1, 0)
            peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


def storm(daemon: Policyd) -> None:
    with ThreadPoolExecutor(STORM_WORKERS) as pool, Peer(daemon.path) as staying:
        count = STORM_WORKERS * STORM_VISITS
        visits = [pool.submit(visit, daemon, n) for n in range(count)]
        while not all(v.done() for v in visits):
            staying.socket.sendall(staying.question())
            staying.hear_all()
        for v in visits:
            v.result()


def test_storm_of_connections(site: Site) -> None:
    with policyd(site) as daemon:
        expect_answers(daemon.path)
        before = len(daemon.descriptors())
        storm(daemon)
        wait_until(lambda: len(daemon.descriptors()) <= before, "all are closed")
        own = daemon.own_kb()
        storm(daemon)
        wait_until(lambda: len(daemon.descriptors()) <= before, "all are closed")
        if daemon.has_own_malloc:
            assert daemon.own_kb() < own + STORM_GROWTH_MAX_KB, (own, daemon.own_kb())
        daemon.end()


def test_all_come_at_once(site: Site) -> None:
    """As after a restart; nobody finds the queue full, and smtpd does not wait."""
    longest = int(Path("/proc/sys/net/core/somaxconn").read_text())
    with policyd(site) as daemon, contextlib.ExitStack() as stack:
        daemon.process.send_signal(signal.SIGSTOP)
        count = min(BUSY, longest, possible(BUSY))
        peers = [
            stack.enter_context(Peer(daemon.path, n, is_patient=False))
            for n in range(count)
        ]
        for peer in peers:
            peer.socket.sendall(peer.question())
        daemon.process.send_signal(signal.SIGCONT)
        for peer in peers:
            peer.hear_all()
        daemon.end()


# -- slow and deaf


def test_slow_senders(site: Site) -> None:
    """A byte at a time, of many at the same time; they hold up nobody."""
    with policyd(site) as daemon, contextlib.ExitStack() as stack:
        slow = [stack.enter_context(Peer(daemon.path, n)) for n in range(SLOW)]
        said = [peer.question() for peer in slow]
        for at in range(max(map(len, said))):
            for peer, question in zip(slow, said, strict=True):
                peer.socket.sendall(question[at : at + 1])
            expect_answers(daemon.path)
        for peer in slow:
            peer.hear_all()
        daemon.end()


def ask_until_stuck(peer: Peer) -> bytes:
    """Until nobody takes any more for a while; what is left of a question."""
    peer.socket.setblocking(False)
    question = b""
    while select.select([], [peer.socket], [], DEAF_PATIENCE_SECONDS)[1]:
        assert peer.count_waiting() < DEAF_MAX, "it reads on"
        question = question or peer.question()
        with contextlib.suppress(BlockingIOError):
            question = question[peer.socket.send(question) :]
    peer.socket.settimeout(PATIENCE_SECONDS)
    return question


def test_peers_that_do_not_read(site: Site) -> None:
    with policyd(site) as daemon, contextlib.ExitStack() as stack:
        expect_answers(daemon.path)
        before = daemon.own_kb()
        deaf = [stack.enter_context(Peer(daemon.path, n)) for n in range(DEAF)]
        rests = [ask_until_stuck(peer) for peer in deaf]
        expect_answers(daemon.path)
        if daemon.has_own_malloc:
            grown = daemon.own_kb() - before
            assert grown < DEAF_MAX_KB * DEAF, f"{grown} kB for {DEAF} deaf peers"
        daemon.expect_rest("deaf peers")
        # They read at last, and miss nothing.
        for peer, rest in zip(deaf, rests, strict=True):
            sending = threading.Thread(target=peer.socket.sendall, args=(rest,))
            sending.start()
            peer.hear_all()
            sending.join()
        daemon.end()


# -- descriptors run out


def scrape(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS) as stream:
        stream.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        with stream.makefile("rb") as reply:
            return reply.readline()


def test_no_descriptor_left(site: Site) -> None:
    """Sooner than policyd reckons, for it was given many that it knows not of."""
    taken = [os.open(os.devnull, os.O_RDONLY) for _ in range(FOREIGN_FILES)]
    with policyd(site, FEW_FILES, taken) as daemon, contextlib.ExitStack() as stack:
        staying = stack.enter_context(PolicyClient(daemon.path, PATIENCE_SECONDS))
        assert staying.ask(NEW).startswith("550 5.1.1 ")
        crowd = []
        for n in range(FEW_FILES - FOREIGN_FILES):
            place = daemon.path if n % 2 else ("127.0.0.1", daemon.port)
            crowd.append(stack.enter_context(Peer(place, n)))
            crowd[-1].socket.sendall(crowd[-1].question())
        scraped = stack.enter_context(ThreadPoolExecutor(1)).submit(
            scrape, daemon.metrics
        )
        daemon.expect_rest("no descriptor left")
        assert len(daemon.descriptors()) == FEW_FILES
        assert "no further connection can be accepted" in daemon.log()
        # What it has it keeps, and a new generation waits.
        site.write("staff.txt", [ANN, NEW])
        site.build()
        daemon.expect_rest("a generation that can not be opened")
        assert staying.ask(ANN) == "DUNNO"
        assert staying.ask(GHOST)[:3] in ("550", "450")
        served = [peer for peer in crowd if not peer.hears_nothing()]
        assert 0 < len(served) < len(crowd), len(served)
        for peer in served:
            peer.hear_all()
            peer.socket.close()
        for peer in crowd:
            peer.hear_all()
        # 503 where it is asked before the new generation could be opened.
        assert scraped.result().split()[1] in (b"200", b"503"), scraped.result()
        wait_until(lambda: staying.ask(NEW) == "DUNNO", "the new generation")
        daemon.end()


def test_full_house_lets_in_again_and_again(site: Site) -> None:
    """At the limit, with somebody at the door all the time."""
    with policyd(site, FEW_FILES) as daemon, contextlib.ExitStack() as stack:
        crowd = deque(stack.enter_context(Peer(daemon.path, n)) for n in range(300))
        for peer in crowd:
            peer.socket.sendall(peer.question())
        daemon.expect_rest("a full house")
        while crowd:
            peer = crowd.popleft()
            peer.hear_all()
            peer.socket.close()
        expect_answers(daemon.path)
        daemon.end()


# -- signals


def test_sigterm_answers_what_was_asked(site: Site) -> None:
    """Stopped meanwhile, so that all of it is asked and nothing answered."""
    with policyd(site) as daemon, contextlib.ExitStack() as stack:
        places = (daemon.path, ("127.0.0.1", daemon.port))
        asked = [stack.enter_context(Peer(places[n % 2], n)) for n in range(60)]
        late, slow, idle = (stack.enter_context(Peer(daemon.path)) for _ in range(3))
        for peer in (*asked, late, slow, idle):
            peer.socket.sendall(peer.question())
            peer.hear_all()
        daemon.process.send_signal(signal.SIGSTOP)
        for n, peer in enumerate(asked):
            # Of some more than is read at once.
            count = 1 if n < 40 else MORE_THAN_A_PIECE
            peer.socket.sendall(b"".join(peer.question() for _ in range(count)))
        begun, never_ends = late.question(), slow.question()
        late.socket.sendall(begun[:40])
        slow.socket.sendall(never_ends[:40])
        daemon.process.terminate()
        daemon.process.send_signal(signal.SIGCONT)
        late.socket.sendall(begun[40:])
        for peer in (*asked, late):
            peer.hear_all()
            peer.hear_end()
        idle.hear_end()
        daemon.expect_end()


def test_sigterm_under_load(site: Site) -> None:
    with policyd(site) as daemon, contextlib.ExitStack() as stack:
        peers = [stack.enter_context(Peer(daemon.path, n)) for n in range(50)]
        deaf = stack.enter_context(Peer(daemon.path))
        ask_until_stuck(deaf)
        is_over = threading.Event()

        def ask_on() -> int:
            """Until it hangs up between two questions."""
            answered = 0
            while not is_over.is_set():
                for peer in list(peers):
                    try:
                        peer.socket.sendall(peer.question())
                    except OSError:
                        peers.remove(peer)
                for peer in list(peers):
                    if not hears(peer):
                        peers.remove(peer)
                    answered += 1
            return answered

        with ThreadPoolExecutor(1) as pool:
            asking = pool.submit(ask_on)
            time.sleep(0.5)
            daemon.process.terminate()
            try:
                daemon.expect_end()
            finally:
                is_over.set()
            assert asking.result() > len(peers)


def hears(peer: Peer) -> bool:
    """False: it hung up; half an answer is an error."""
    while peer.count_waiting():
        try:
            piece = peer.socket.recv(65536)
        except ConnectionResetError:
            piece = b""
        if not piece:
            assert peer._rest == b"", f"half an answer: {peer._rest!r}"
            return False
        peer.take(piece)
    return True


def test_many_sighups(site: Site) -> None:
    """Of 1,000, with a publish in their midst, none costs an answer."""
    with policyd(site) as daemon, contextlib.ExitStack() as stack:
        peers = [stack.enter_context(Peer(daemon.path, n)) for n in range(10)]
        site.write("staff.txt", [ANN, NEW])
        build = stack.enter_context(ThreadPoolExecutor(1)).submit(site.build)
        for _ in range(HANGUPS):
            for peer in peers:
                peer.socket.sendall(peer.question())
            daemon.process.send_signal(signal.SIGHUP)
            for peer in peers:
                peer.hear_all()
        build.result()
        daemon.process.send_signal(signal.SIGHUP)
        with PolicyClient(daemon.path, PATIENCE_SECONDS) as asked:
            wait_until(lambda: asked.ask(NEW) == "DUNNO", "the new generation")
        assert all(peer.hears_nothing() for peer in peers), "answered twice"
        daemon.end()
