"""What a request costs policyd, held against a server that says the same to all.

Both are asked by policy_load.c.  Ratios of CPU are taken with server and clients on
one core, where what the server needs repeats best; rates with a core for each.
Clients run under SCHED_BATCH for every server alike: see policy_load.c.
"""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.paths import BIN, wait_until
from harness.policy import PolicyClient

TOOLS = BIN.parent / "tests/bench"
DOMAIN = "company.example"
CONF = f"""
accepted-domain "{DOMAIN}" {{ type = authoritative }}
connector "exchange" {{
    address-spaces = {{ "{DOMAIN}" }}
    smart-hosts = {{ "10.8.0.25", "10.8.0.26" }}
}}
directory "staff" {{
    type = file
    path = "staff.txt"
    connector = "exchange"
}}
"""
UNKNOWN_EACH = 20  # one in so many asks for nobody
CONNECTIONS = (1, 10, 100, 500)
MANY = (1_000, 10_000)
CPU_MAX, CPU_MAX_TEN_MILLION = 1.35, 1.4
RATE_MIN = 0.80
P999_MAX = 2.0
RSS_MAX_KB = 8 * 1024
IDLE_MAX_KB = 8
IDLE = 1_000
FIRST_ANSWER_MAX_MS = 5.0
SPAWNS = 20
WARM_UP = 60_000
# What stands in the way of nobody else, of /dev/log's kind.
DRAIN = """
import socket, sys
log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
log.bind(sys.argv[1])
while True:
    log.recv(8192)
"""
# As Server runs it: the endpoint is the first argument.
POSTGREY = (
    'exec postgrey --user=root --group=root --delay=1 --quiet --dbdir="$0"'
    ' --unix="${1#unix:}" >/dev/null 2>&1'
)
OWN_DEV = 'mount --bind /dev/null "$0/null" && mount --rbind "$0" /dev && exec "$@"'


@dataclass
class Server:
    """command: what serves at the endpoint that follows it."""

    name: str
    command: list[str]
    takes_any: bool = False  # it is not asked whether it is right
    figures: dict[str, list[float]] = field(default_factory=dict)

    def median(self, name: str) -> float:
        return statistics.median(self.figures[name])

    @contextlib.contextmanager
    def serve(self, path: Path, core: int) -> Iterator[int]:
        """Its process; nothing else listens at path."""
        path.unlink(missing_ok=True)
        words = ["taskset", "-c", str(core), *self.command, f"unix:{path}"]
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL)
        try:
            wait_until(path.exists, f"{self.name} listens")
            yield process.pid
        finally:
            process.terminate()
            process.wait()

    def take(self, figures: dict[str, float]) -> None:
        for name, value in figures.items():
            self.figures.setdefault(name, []).append(value)


def ask(server: Server, path: Path, pid: int, core: int, *options: str) -> dict[str, float]:
    """What policy_load prints; wrong answers end the bench."""
    words = ["taskset", "-c", str(core), str(TOOLS / "policy_load"), *options]
    words += ["-p", str(pid), *(["-a"] if server.takes_any else [])]
    words += [f"unix:{path}", str(path.parent / "asked.txt")]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    first, *wrong = done.stdout.splitlines()
    assert not wrong, f"{server.name}: {wrong}"
    return {name: float(value) for name, _, value in (w.partition("=") for w in first.split())}


def write_recipients(folder: Path, count: int) -> None:
    with (folder / "staff.txt").open("w") as staff, (folder / "asked.txt").open("w") as asked:
        for n in range(count):
            address = f"first.last{n}@{DOMAIN}\n"
            staff.write(address)
            asked.write(address)
            if n % UNKNOWN_EACH == 0:
                asked.write(f"nobody{n}@{DOMAIN}\t550 5.1.1 \n")


def publish(folder: Path) -> Path:
    """The state folder, with a second generation of the same content."""
    (folder / "namespace.conf").write_text(CONF)
    state = folder / "state"
    build = [BIN / "transport-map-gen", "-q", "-c", folder / "namespace.conf"]
    build += ["-s", state, "build", "--no-wait"]
    subprocess.run(build, check=True)
    shutil.copytree(state / "generations/1", state / "generations/2")
    return state


def switch(state: Path, number: int) -> None:
    (state / "next").symlink_to(f"generations/{number}")
    (state / "next").rename(state / "current")


def daemon(state: Path, *options: str) -> list[str]:
    return [str(BIN / "policyd"), "-s", str(state), *options, "--listen"]


def verdict(is_kept: bool) -> str:
    return "" if is_kept else "; NOT KEPT"


def show(text: str) -> None:
    print(f"  {text}")
    sys.stdout.flush()


def spread(values: Sequence[float], digits: int) -> str:
    middle = statistics.median(values)
    return f"{middle:.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def alternate(
    servers: list[Server], folder: Path, cores: tuple[int, int], rounds: int, *options: str
) -> None:
    path = folder / "socket"
    for server in servers:
        server.figures = {}
    for _ in range(rounds):
        for server in servers:
            with server.serve(path, cores[0]) as pid:
                server.take(ask(server, path, pid, cores[1], *options))


def ratios(of: Server, to: Server, name: str) -> list[float]:
    """Of each round."""
    return [a / b for a, b in zip(of.figures[name], to.figures[name], strict=True)]


def compare_cpu(
    servers: list[Server], folder: Path, connections: int, rounds: int, limit: float
) -> bool:
    floor, policyd = servers[:2]
    options = ("-c", str(connections), "-n", "150000", "-w", str(WARM_UP))
    alternate(servers, folder, (0, 0), rounds, *options)
    for server in servers:
        show(
            f"{connections:5} connections, one core: {server.name:22} "
            f"{spread(server.figures['cpu_us'], 2)} us of CPU a request, "
            f"{server.median('cpu_us') / floor.median('cpu_us'):.2f} of the constant"
        )
    found = statistics.median(ratios(policyd, floor, "cpu_us"))
    is_kept = found <= limit
    show(f"  ratio {found:.2f}; {limit} promised{verdict(is_kept)}")
    return is_kept


def compare_rate(servers: list[Server], folder: Path, connections: int, rounds: int) -> bool:
    floor, policyd = servers[:2]
    options = ("-c", str(connections), "-n", "150000", "-w", str(WARM_UP))
    alternate(servers, folder, (0, 1), rounds, *options)
    for server in servers:
        show(
            f"{connections:5} connections, two cores: {server.name:22} "
            f"{spread(server.figures['rate'], 0)} a second; "
            f"p50 {server.median('p50_us'):.0f} us, p99 {server.median('p99_us'):.0f} us, "
            f"p99.9 {server.median('p999_us'):.0f} us"
        )
    found = statistics.median(ratios(policyd, floor, "rate"))
    is_kept = found >= RATE_MIN
    show(f"  ratio {found:.2f}; {RATE_MIN} promised{verdict(is_kept)}")
    return is_kept


def compare_peer(policyd: Server, folder: Path, rounds: int) -> None:
    """With what others run, where it is installed; it asks a database of its own."""
    if shutil.which("postgrey") is None:
        show("no peer: postgrey is not installed")
        return
    database = folder / "postgrey"
    database.mkdir()
    peer = Server("postgrey", ["sh", "-c", POSTGREY, str(database)], takes_any=True)
    alternate([peer, policyd], folder, (0, 0), rounds, "-c", "10", "-n", "5000", "-w", "500")
    for server in (peer, policyd):
        show(
            f"   10 connections, one core: {server.name:22} "
            f"{spread(server.figures['cpu_us'], 2)} us of CPU a request"
        )
    found = statistics.median(ratios(peer, policyd, "cpu_us"))
    show(f"  {found:.0f} times what policyd takes")


def across_a_change(server: Server, state: Path, rounds: int) -> bool:
    """A second with a switch against one without, by p99.9."""
    path = state.parent / "socket"
    quiet: list[float] = []
    changing: list[float] = []
    options = ("-c", "100", "-t", "3", "-w", str(WARM_UP))
    with server.serve(path, 0) as pid:
        for turn in range(rounds):
            quiet.append(ask(server, path, pid, 1, *options)["p999_us"])
            is_over = threading.Event()
            switching = threading.Thread(target=switch_often, args=(state, is_over))
            switching.start()
            changing.append(ask(server, path, pid, 1, *options)["p999_us"])
            is_over.set()
            switching.join()
    show(f"p99.9 without a change of generation {spread(quiet, 0)} us")
    show(f"p99.9 with one each second           {spread(changing, 0)} us")
    found = statistics.median(changing) / statistics.median(quiet)
    is_kept = found <= P999_MAX
    show(f"  ratio {found:.2f}; {P999_MAX} promised{verdict(is_kept)}")
    return is_kept


def switch_often(state: Path, is_over: threading.Event) -> None:
    number = 1
    while not is_over.wait(1):
        number = 3 - number
        switch(state, number)
    switch(state, 1)


def rss_anon_kb(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1])
    raise AssertionError("no RssAnon")


def memory(server: Server, folder: Path) -> bool:
    """Its own, after many recipients, and of connections that were used once."""
    path = folder / "socket"
    with server.serve(path, 0) as pid, contextlib.ExitStack() as stack:
        ask(server, path, pid, 1, "-c", "100", "-n", "300000", "-w", str(WARM_UP))
        own = rss_anon_kb(pid)
        for n in range(IDLE):
            client = stack.enter_context(PolicyClient(path))
            assert client.ask(f"first.last{n}@{DOMAIN}") == "DUNNO"
        each = (rss_anon_kb(pid) - own) / IDLE
    is_kept = own <= RSS_MAX_KB
    show(f"own memory (RssAnon) {own} kB; {RSS_MAX_KB} promised{verdict(is_kept)}")
    is_small = each <= IDLE_MAX_KB
    show(f"an idle connection {each:.2f} kB; {IDLE_MAX_KB} promised{verdict(is_small)}")
    return is_kept and is_small


REQUEST = (
    "request=smtpd_access_policy\nprotocol_state=RCPT\nclient_address=203.0.113.77\n"
    f"recipient=first.last7@{DOMAIN}\n\n"
).encode()


def first_answer_ms(state: Path) -> float:
    """From before fork() until the first byte, as spawn(8) would have it."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    with ours:
        ours.sendall(REQUEST)
        actions = [(os.POSIX_SPAWN_DUP2, its.fileno(), fd) for fd in (0, 1, 2)]
        words = [str(BIN / "policyd"), "-s", str(state), "--log", "none"]
        begin = time.monotonic()
        pid = os.posix_spawn(words[0], words, os.environ, file_actions=actions)
        reply = ours.recv(4096)
        took = time.monotonic() - begin
        its.close()
        assert reply == b"action=DUNNO\n\n", reply
    os.waitpid(pid, 0)
    return took * 1000


def spawned(state: Path) -> bool:
    found = [first_answer_ms(state) for _ in range(SPAWNS)]
    is_kept = statistics.median(found) <= FIRST_ANSWER_MAX_MS
    show(
        f"first answer under spawn {spread(found, 2)} ms; "
        f"{FIRST_ANSWER_MAX_MS} promised{verdict(is_kept)}"
    )
    return is_kept


@contextlib.contextmanager
def syslog(folder: Path) -> Iterator[list[str]]:
    """The words that run a command with a syslog of our own, which is read."""
    dev = folder / "dev"
    dev.mkdir()
    (dev / "null").touch()
    reader = subprocess.Popen(["taskset", "-c", "1", sys.executable, "-c", DRAIN, dev / "log"])
    try:
        wait_until((dev / "log").exists, "syslog is there")
        yield ["unshare", "--mount", "sh", "-c", OWN_DEV, str(dev)]
    finally:
        reader.kill()
        reader.wait()


def possible(counts: Sequence[int]) -> list[int]:
    """As many connections as the machine lets this process and its children have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return [count for count in counts if count + 100 < hard]


def policyd(folder: Path, recipients: int, rounds: int) -> bool:
    folder = folder / "policyd"
    folder.mkdir()
    print(f"policyd, {recipients} recipients, one in {UNKNOWN_EACH + 1} of no one")
    write_recipients(folder, recipients)
    state = publish(folder)
    floor = Server("constant server", [str(TOOLS / "constant_server")], takes_any=True)
    silent = Server("policyd, no log", daemon(state, "--log", "none"))
    limit = CPU_MAX if recipients < 10_000_000 else CPU_MAX_TEN_MILLION
    kept = []
    with syslog(folder) as with_log:
        logging = Server("policyd, syslog", [*with_log, *daemon(state)])
        servers = [floor, silent, logging]
        for count in (*CONNECTIONS, *possible(MANY)):
            kept.append(compare_cpu(servers, folder, count, rounds, limit))
        for count in (*CONNECTIONS, *possible(MANY)):
            kept.append(compare_rate(servers, folder, count, rounds))
    compare_peer(silent, folder, rounds)
    kept.append(across_a_change(silent, state, rounds))
    kept.append(memory(silent, folder))
    kept.append(spawned(state))
    shutil.rmtree(folder)
    return all(kept)
