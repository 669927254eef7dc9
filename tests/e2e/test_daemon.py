"""policyd as a daemon: its sockets, whom it runs as, how it ends."""

from __future__ import annotations

import contextlib
import pwd
import signal
import socket
import stat
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness.ending import end
from harness.paths import free_port, wait_until
from harness.policy import PolicyClient
from harness.postfix import state_group
from harness.site import Site
from harness.staff import ANN, GHOST, build_staff


@contextlib.contextmanager
def begun(site: Site, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """As root; its log is site.daemon_log.  It may not serve yet."""
    with site.daemon_log.open("wb") as log:
        process = subprocess.Popen(
            [site.postfix.programs / "policyd", "-s", site.state]
            + ["--user", "nobody", "--log", "stderr", *options],
            stdin=subprocess.DEVNULL,
            stderr=log,
            group=state_group(),
        )
    try:
        yield process
    finally:
        end(process)


@contextlib.contextmanager
def daemon(site: Site, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    build_staff(site)
    with begun(site, *options) as process:
        wait_until(lambda: "is in force" in log_of(site), "policyd serves")
        yield process


def log_of(site: Site) -> str:
    return site.daemon_log.read_text()


def identity(process: subprocess.Popen[bytes]) -> dict[str, list[str]]:
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return {name: value.split() for name, _, value in (n.partition(":") for n in lines)}


def test_two_sockets_as_nobody_until_sigterm(site: Site) -> None:
    path, port = site.root / "policyd.sock", free_port()
    listen = ["--listen", f"unix:{path}", "--listen", f"inet:127.0.0.1:{port}"]
    with daemon(site, *listen, "--mode", "0622") as process:
        assert stat.S_IMODE(path.stat().st_mode) == 0o622
        nobody = str(pwd.getpwnam("nobody").pw_uid)
        is_now = identity(process)
        assert is_now["Uid"] == [nobody] * 4
        assert "0" not in is_now["Gid"] + is_now["Groups"]
        with PolicyClient(path) as asked:
            assert asked.ask(ANN) == "DUNNO"
            assert asked.ask(GHOST).startswith("550 5.1.1 ")
        words = ["request=smtpd_access_policy", "protocol_state=RCPT"]
        request = "\n".join([*words, f"recipient={GHOST}", "", ""])
        with socket.create_connection(("127.0.0.1", port), 10) as stream:
            stream.sendall(request.encode())
            assert stream.recv(4096).startswith(b"action=550 5.1.1 ")
            # Somebody idle does not hold it up.
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
            assert stream.recv(4096) == b""


def test_a_hangup_ends_it_at_no_time(site: Site) -> None:
    """Sent as soon as its socket is there, which is before it looks for any."""
    path = site.root / "policyd.sock"
    build_staff(site)
    for _ in range(5):
        with begun(site, "--listen", f"unix:{path}") as process:
            while not path.exists():
                assert process.poll() is None, log_of(site)
            process.send_signal(signal.SIGHUP)
            wait_until(lambda: "is in force" in log_of(site), "policyd serves")
            with PolicyClient(path) as asked:
                assert asked.ask(ANN) == "DUNNO"
            process.send_signal(signal.SIGSTOP)
            for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGCONT):
                process.send_signal(number)
            assert process.wait(10) == 0
        path.unlink(missing_ok=True)


def test_in_shadow_it_only_logs(site: Site) -> None:
    path = site.root / "policyd.sock"
    with daemon(site, "--listen", f"unix:{path}", "--shadow"):
        with PolicyClient(path) as asked:
            assert asked.ask(GHOST) == "DUNNO"
        wait_until(lambda: "verdict=" in log_of(site), "a verdict line")
    line = log_of(site).splitlines()[-1]
    assert "verdict=reject reason=unknown" in line
    assert 'reply="550 5.1.1 ' in line
    assert line.endswith("shadow=yes")


def test_a_new_generation_within_a_second(site: Site) -> None:
    path, new = site.root / "policyd.sock", "new@company.example"
    with daemon(site, "--listen", f"unix:{path}"), PolicyClient(path) as asked:
        assert asked.ask(new).startswith("550 5.1.1 ")
        site.write("staff.txt", [ANN, new])
        switched = (site.state / "current").readlink()
        with ThreadPoolExecutor(1) as pool:
            build = pool.submit(site.build)
            wait_until(
                lambda: (site.state / "current").readlink() != switched, "a switch", 30
            )
            # With a margin for a busy machine.
            wait_until(lambda: asked.ask(new) == "DUNNO", "the new one", 1.5)
            build.result()
