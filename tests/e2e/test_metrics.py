"""policyd --metrics: that its numbers are true, and that nobody waits."""

from __future__ import annotations

import re
import socket
import subprocess
import threading
import time
from collections import Counter
from pathlib import Path

from harness.ending import end
from harness.paths import BIN, wait_until
from harness.policy import PolicyClient
from harness.scrape import Watched, watched
from harness.site import DIRECTORY_FAILED, Site

CONF = """
accepted-domain "company.example" {
    type = internal-relay
    recipient-filter = directories
}
accepted-domain "old.example" { secondary-of = "company.example" }
accepted-domain "open.example" { type = internal-relay }
accepted-domain "asked.example" {
    type = external-relay
    recipient-filter = verify
}
accepted-domain "all.example" {
    type = authoritative
    catch-all = "ann@company.example"
}
accepted-domain "late.example" { type = authoritative }
connector "%(name)s" {
    address-spaces = { "company.example", "open.example", "asked.example",
        "all.example", "late.example" }
    smart-hosts = { "$mail" }
    clients = { "192.0.2.77" }
}
directory "staff" {
    type = file path = "staff.txt"
    domains = { "company.example", "all.example" }
}
directory "late" {
    type = file path = "late.txt"
    domains = { "late.example" }
}
contact "sales@company.example" { target = "crm@saas.example" }
"""
ANN, GHOST = "ann@company.example", "ghost@company.example"
LINE = re.compile(
    r"verdict=(\S+) reason=(\S+) .*? type=(\S+) connector=(\S+) .* us=(\d+)$", re.M
)
ASKED = [
    *(ANN, "sales@company.example", "postmaster@company.example"),
    *("ann@old.example", "anybody@all.example", "anybody@open.example"),
    *("anybody@asked.example", GHOST, "who@late.example"),
]
REASONS = {
    *("listed", "contact", "postmaster", "secondary", "catch-all", "unlisted"),
    *("verify", "unknown", "directory-stale", "not-ours", "not-an-address", "loop"),
}


def publish(site: Site, connector: str = "mail") -> None:
    site.write("staff.txt", [ANN])
    site.namespace(CONF % {"name": connector})
    site.build("--no-wait", expect=DIRECTORY_FAILED)
    site.build("--no-wait", expect=DIRECTORY_FAILED)


def set_up(site: Site) -> None:
    site.sink("mail")
    publish(site)
    site.start("dead")


def logged(text: str) -> Counter[tuple[str, ...]]:
    """An independent count of the verdict lines."""
    return Counter(match[:4] for match in LINE.findall(text))


def mail_and_ask(site: Site) -> None:
    """Some by Postfix, and what Postfix would not ask by hand."""
    site.codes(*ASKED)
    site.codes(ANN, client="192.0.2.77")
    with site.policy() as policy:
        for _ in range(3):
            policy.ask("no-address")
        policy.ask("a@not.example")
        policy.ask(ANN, protocol_state="DATA")
        for _ in range(50):
            policy.ask(GHOST)


def test_counts_are_those_of_the_log(site: Site) -> None:
    set_up(site)
    with watched(site) as one:
        mail_and_ask(site)
        before = one.value("postshare_generation")
        publish(site, connector="other")
        wait_until(lambda: one.value("postshare_generation") != before, "a new one")
        mail_and_ask(site)
        text = site.daemon_log.read_text()
        counts = logged(text)
        reasons = {reason for _, reason, _, _ in counts}
        assert reasons == REASONS, reasons ^ REASONS
        assert {connector for *_, connector in counts} == {"mail", "other", "-"}
        assert one.verdicts() == counts
        expect_times(one, text)
        judged = sum(counts.values())
        assert one.value("postshare_requests_total", judged="yes") == judged
        assert one.value("postshare_requests_total", judged="no") == 2
        asked_by_us(site, one.verdicts())


def expect_times(one: Watched, text: str) -> None:
    """The log cuts to microseconds."""
    took = [int(match[4]) for match in LINE.findall(text)]
    name = "postshare_decision_seconds"
    assert one.value(f"{name}_count") == len(took)
    total = (one.value(f"{name}_sum") or 0) * 1e6
    assert sum(took) <= total <= sum(took) + len(took) + 1
    for bound in ("5e-06", "2.5e-05", "0.0001", "0.001", "0.01"):
        bucket = one.value(f"{name}_bucket", le=bound)
        edge = round(float(bound) * 1e6)
        assert sum(t < edge for t in took) <= bucket <= sum(t <= edge for t in took)


def asked_by_us(site: Site, counts: Counter[tuple[str, ...]]) -> None:
    """What "policyd verdicts" counts in the same log."""
    done = subprocess.run(
        [BIN / "policyd", "verdicts", "--tsv"]
        + ["--count-by", "verdict,reason,type,connector", site.daemon_log],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    head = rows.pop(0)
    fields = [head.index(n) for n in ("verdict", "reason", "type", "connector")]
    (at,) = set(range(len(head))) - set(fields)
    told = {tuple(row[f] for f in fields): int(row[at]) for row in rows}
    assert told == counts, (told, counts)


def test_connections_and_refusals(site: Site) -> None:
    set_up(site)
    with watched(site) as one:
        start = one.value("postshare_connections_total")
        with site.policy() as policy, site.policy():
            policy.ask(ANN)
            wait_until(lambda: one.value("postshare_connections") == 2, "two")
            with socket.socket(socket.AF_UNIX) as stranger:
                stranger.connect(str(site.postfix.policy_socket))
                stranger.sendall(b"HELO there\n")
                assert stranger.recv(100) == b""
        wait_until(lambda: one.value("postshare_connections") == 0, "none")
        assert one.value("postshare_connections_total") == start + 3
        assert one.value("postshare_requests_refused_total") == 1


def test_health_by_generation(site: Site) -> None:
    """A stale directory is a warning; a new generation that can not be
    opened is 503, until it can."""
    set_up(site)
    with watched(site) as one:
        status, body = one.get("/healthz")
        assert (status, body.splitlines()[0]) == (200, "ok")
        assert "warning: directory late is stale, it never loaded\n" in body
        assert one.value("postshare_directory_never_loaded", directory="late") == 1
        assert one.value("postshare_directory_recipients", directory="staff") == 1
        current = site.state / "current"
        sound = current.readlink()
        current.unlink()
        current.symlink_to("generations/none")
        wait_until(lambda: one.get("/healthz")[0] == 503, "503")
        assert one.value("postshare_generation_problems") == 1
        assert "generation" in one.get("/healthz")[1]
        current.unlink()
        current.symlink_to(sound)
        wait_until(lambda: one.get("/healthz")[0] == 200, "200 again")
        assert one.get("/healthz", "HEAD") == (200, "")
        assert one.get("/other")[0] == 404
        assert one.get("/metrics", "POST")[0] == 405


def test_a_unix_socket_has_the_mode(site: Site) -> None:
    set_up(site)
    path, listen = site.root / "metrics.sock", site.root / "p.sock"
    process = subprocess.Popen(
        [site.postfix.programs / "policyd", "-s", site.state, "--mode", "0600"]
        + ["--listen", f"unix:{listen}", "--metrics", f"unix:{path}"]
        + ["--log", "stderr"],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(path.is_socket, "the socket")
        assert path.stat().st_mode & 0o777 == 0o600
        wait_until(lambda: b"200 OK" in ask_unix(path), "an answer")
    finally:
        end(process)


def ask_unix(path: Path) -> bytes:
    with socket.socket(socket.AF_UNIX) as stream:
        stream.settimeout(10)
        try:
            stream.connect(str(path))
        except ConnectionRefusedError:
            return b""
        stream.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        return stream.recv(4096)


def slowest(site: Site, requests: int = 1000) -> float:
    """The 99th percentile of answers, in seconds."""
    with site.policy() as policy:
        took = sorted(timed(policy) for _ in range(requests))
    return took[requests * 99 // 100]


def timed(policy: PolicyClient) -> float:
    begin = time.monotonic()
    assert policy.ask(GHOST).startswith("550 ")
    return time.monotonic() - begin


# Most of what is measured here is a busy machine.
SOON_S = 0.1


def test_a_crowd_delays_nobody(site: Site) -> None:
    """A thousand connections, silent or dripping: bounded, and gone after
    their time; then the next one is answered."""
    set_up(site)
    with watched(site) as one:
        fds = Path(f"/proc/{one.process.pid}/fd")
        idle = len(list(fds.iterdir()))
        crowd = [socket.socket() for _ in range(1000)]
        for stream in crowd:
            stream.setblocking(False)
            stream.connect_ex(("127.0.0.1", one.port))
        for stream in crowd[:100]:
            try:
                stream.send(b"GET /metrics HTTP/1.1\r\nX: ")
            except OSError:
                pass
        assert slowest(site) < SOON_S
        assert len(list(fds.iterdir())) <= idle + 17
        for stream in crowd:
            stream.close()
        wait_until(lambda: one.get("/healthz")[0] == 200, "the next", 30)
        wait_until(lambda: len(list(fds.iterdir())) <= idle, "all gone", 30)


def test_a_flood_delays_nobody(site: Site) -> None:
    set_up(site)
    with watched(site) as one:
        is_over = threading.Event()
        floods = [
            threading.Thread(target=flood, args=(one.port, is_over)) for _ in range(4)
        ]
        for thread in floods:
            thread.start()
        try:
            assert slowest(site) < SOON_S
        finally:
            is_over.set()
            for thread in floods:
                thread.join()
        assert one.get("/healthz")[0] == 200


def flood(port: int, is_over: threading.Event) -> None:
    while not is_over.is_set():
        try:
            send_raw(port, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 50)
        except OSError:
            pass


def send_raw(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), 20) as stream:
        stream.sendall(request)
        stream.shutdown(socket.SHUT_WR)
        reply = b""
        while piece := stream.recv(65536):
            reply += piece
        return reply


def test_nonsense_is_refused(site: Site) -> None:
    set_up(site)
    cases = {
        b"GET /metr": b"",
        b"\0\xff\0\r\n\r\n": b"HTTP/1.1 400 ",
        b"GET /" + b"a" * 7000 + b" HTTP/1.1\r\n\r\n": b"HTTP/1.1 404 ",
        b"GET / HTTP/1.1\r\nX: " + b"a" * 9000 + b"\r\n\r\n": b"HTTP/1.1 400 ",
        b"POST /metrics HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n": b"HTTP/1.1 413 ",
        b"GET /metrics HTTP/1.0\r\n\r\n": b"HTTP/1.0 200 ",
        b"GET /metrics?a=%00 HTTP/1.1\r\n\r\n": b"HTTP/1.1 200 ",
    }
    with watched(site) as one:
        for request, beginning in cases.items():
            reply = send_raw(one.port, request)
            assert reply.startswith(beginning) and bool(reply) == bool(beginning), (
                request[:60],
                reply[:100],
            )
        with socket.create_connection(("127.0.0.1", one.port), 20) as stream:
            try:
                stream.sendall(b"GET /" + b"a" * 5_000_000)
            except OSError:
                pass
        assert one.get("/healthz")[0] == 200


STRANGERS = 500


def test_strangers_do_not_fill_the_log(site: Site) -> None:
    """Those of the policy socket are counted, those of HTTP not told at all."""
    set_up(site)
    nonsense = (b"HELO there\r\n\r\n", b"\0\xff\0\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n")
    with watched(site) as one:
        before = site.daemon_log.read_text()
        for n in range(STRANGERS):
            with socket.socket(socket.AF_UNIX) as stranger:
                stranger.connect(str(site.postfix.policy_socket))
                stranger.sendall(b"HELO there\n")
                assert stranger.recv(100) == b""
            if n < 50:
                send_raw(one.port, nonsense[n % len(nonsense)])
        assert one.value("postshare_requests_refused_total") == STRANGERS
        lines = site.daemon_log.read_text().removeprefix(before).splitlines()
        # Where that takes longer than a minute, a count as well.
        assert 1 <= len(lines) <= 3, lines
        assert all("policy protocol" in line and "hung up on" in line for line in lines), lines


REQUESTS = 10_000


def burst(site: Site) -> float:
    """Seconds that so many requests take, one after the other."""
    begin = time.monotonic()
    with site.policy() as policy:
        for _ in range(REQUESTS):
            policy.ask(GHOST)
    return time.monotonic() - begin


def with_syslog(
    site: Site, folder: Path, is_read: bool
) -> tuple[float, float, float]:
    """What a burst took, and lines lost and waiting after it; where somebody
    reads, once he has caught up."""
    with watched(site, syslog=folder) as one:
        took = burst(site)
        assert sum(one.verdicts().values()) == REQUESTS
        if is_read:
            queue = "postshare_log_lines_waiting"
            wait_until(lambda: one.value(queue) == 0, "all lines are taken", 30)
        lost = one.value("postshare_log_lines_lost_total")
        waiting = one.value("postshare_log_lines_waiting")
        assert lost is not None and waiting is not None
        return took, lost, waiting


def drain(syslogd: socket.socket, heard: list[bytes]) -> None:
    while line := syslogd.recv(8192):
        heard.append(line)


def test_verdicts_are_counted_where_none_is_logged(site: Site) -> None:
    set_up(site)
    folder = site.root / "dev"
    folder.mkdir()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as syslogd:
        syslogd.bind(str(folder / "log"))
        (folder / "log").chmod(0o666)
        syslogd.settimeout(20)
        with watched(site, "--log", "none", syslog=folder) as one:
            with site.policy() as asked:
                assert asked.ask(GHOST).startswith("550 5.1.1 ")
                # What is wrong is said all the same.
                try:
                    asked.ask_raw(b"HELO there\n")
                except ConnectionError:
                    pass
                else:
                    raise AssertionError("not hung up on")
            assert sum(one.verdicts().values()) == 1
            heard = b""
            while b"does not speak the policy protocol" not in heard:
                heard += syslogd.recv(8192)
    assert b"verdict=" not in heard, heard


def test_a_dead_syslog_slows_nobody_and_loses_no_count(site: Site) -> None:
    set_up(site)
    folders = [site.root / name for name in ("live", "absent", "stuck")]
    for folder in folders:
        folder.mkdir()
    heard: list[bytes] = []
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as live,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as stuck,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last,
    ):
        for syslogd, folder in ((live, folders[0]), (stuck, folders[2])):
            syslogd.bind(str(folder / "log"))
            (folder / "log").chmod(0o666)
        reader = threading.Thread(target=drain, args=(live, heard))
        reader.start()
        sound, lost, waiting = with_syslog(site, folders[0], is_read=True)
        last.sendto(b"", str(folders[0] / "log"))
        reader.join()
        assert (lost, waiting) == (0, 0)
        assert sum(b"verdict=" in line for line in heard) == REQUESTS
        for folder in folders[1:]:
            took, lost, waiting = with_syslog(site, folder, is_read=False)
            assert took < 2 * sound + 1, f"{folder.name}: {took} s, {sound} s"
            # Beside the verdicts there is the line of the generation.
            taken = REQUESTS + 1 - lost - waiting
            assert lost > 1000 and waiting > 100, (lost, waiting)
            assert taken == len(held(stuck)) if folder.name == "stuck" else taken == 0


def held(syslogd: socket.socket) -> list[bytes]:
    """What the kernel keeps for a reader that has not read."""
    lines = []
    syslogd.setblocking(False)
    while True:
        try:
            lines.append(syslogd.recv(8192))
        except BlockingIOError:
            return lines
