"""postfix-conf-examples: each set-up, file by file as it stands there."""

from __future__ import annotations

import shlex
import shutil
import socket

from harness.paths import EXAMPLES, TREE
from harness.site import Site
from harness.witness import expect_places, three_witnesses

ANN, CAROL = "ann@company.example", "carol@company.example"
GHOST = "ghost@company.example"


def dovecot(site: Site, policyd: str) -> None:
    exchange = site.sink("exchange")
    site.local_sink("dovecot", "private/dovecot-lmtp")
    site.use_example("dovecot", {"mail.exchange.company.example": exchange})
    site.build()
    site.start(policyd, setup="dovecot")
    said = three_witnesses(site, ANN, CAROL, GHOST)
    assert said[GHOST]["reason"] == "unknown"
    site.forget()
    tagged = "carol+list@company.example"
    sent = site.send(ANN, CAROL, tagged)
    expect_places(site, sent, {ANN: "exchange", CAROL: "dovecot", tagged: "dovecot"})


def test_dovecot_with_policyd_by_spawn(site: Site) -> None:
    dovecot(site, "spawn")


def test_dovecot_with_policyd_as_a_daemon(site: Site) -> None:
    dovecot(site, "daemon")


def unit(name: str) -> dict[str, str]:
    """The settings of a unit of systemd/."""
    lines = (TREE / "systemd" / name).read_text().splitlines()
    pairs = [n.partition("=") for n in lines if "=" in n and n[0] != "#"]
    return {key: value for key, _, value in pairs}


def test_policyd_by_systemd(site: Site) -> None:
    """Its socket and command line as the units have them; the harness hands
    the socket over as systemd does (sd_listen_fds(3))."""
    listen, service = unit("policyd.socket"), unit("policyd.service")
    site.use_example("gateway", {})
    site.build()
    site.start("dead")
    name = listen["ListenStream"].removeprefix("/var/spool/postfix/")
    path = site.postfix.queue / name
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        path.chmod(int(listen["SocketMode"], 8))
        shutil.chown(path, listen["SocketUser"])
        server.listen()
        command = service["ExecStart"].replace("/var/lib/postshare", str(site.state))
        site.start_service(command, server)
        codes = {ANN: "550 5.4.6", GHOST: "550 5.1.1"}
        site.expect(codes, client="10.8.0.25")


def test_example_is_checked_clean(site: Site) -> None:
    """Not one error, and build after check says the same."""
    for setup in ("gateway", "dovecot"):
        site.use_example(setup, {})
        done = site.compile("check")
        assert done.returncode == 0, done.stdout + done.stderr


def test_cron_line_runs(site: Site) -> None:
    site.use_example("gateway", {})
    lines = (EXAMPLES / "postshare.cron").read_text().splitlines()
    (job,) = [line for line in lines if line.startswith("*")]
    command, *words = shlex.split(job.split(None, 6)[6])
    assert command == "/usr/local/sbin/transport-map-gen"
    replaced = {
        "/etc/postshare/namespace.conf": str(site.conf),
        "/var/lib/postshare": str(site.state),
    }
    done = site.compile_raw([replaced.get(word, word) for word in words])
    assert done.returncode == 0, done.stdout + done.stderr
    assert (site.state / "current").is_dir()

