"""The doctor sees who asks policyd, how, and what comes back."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

from harness.doctor import (
    Fault,
    environment,
    examine,
    expect_alone,
    expect_sound,
    fill,
    find_and_mend,
    listing,
    run_lines,
)
from harness.ending import end
from harness.paths import free_port, wait_until
from harness.postfix import state_group
from harness.site import COMPILER, DIRECTORY_FAILED, Site
from harness.staff import ANN, CONF

RECIPIENT, RELAY = "smtpd_recipient_restrictions", "smtpd_relay_restrictions"
SERVICE = "check_policy_service { unix:private/policyd, %s }"
POLICYD = SERVICE % "default_action=DUNNO, timeout=5s"
ACCESS = "check_recipient_access cdb:{state}/current/recipient_access"
OTHER = "check_policy_service { inet:127.0.0.1:10023, default_action=%s }"
PERMITS = "permit_mynetworks, permit_sasl_authenticated"
GUARD = "reject_unauth_destination"
SUBMISSION = "192.0.2.9:587/inet"
FILTERED = "127.0.0.1:10025/inet"
ACCOUNT = f"nobody:{state_group()}"
LISTENER = "$(postconf -M | sed -n '/smtpd/{s, .*,,p;q}')/inet"


def recipients(*restrictions: str) -> str:
    return f"postconf -e '{RECIPIENT} = {', '.join(restrictions)}'"


def relays(*restrictions: str) -> str:
    return f"postconf -e '{RELAY} = {', '.join(restrictions)}'"


def options(text: str) -> str:
    return recipients(SERVICE % text, ACCESS, PERMITS)


def listener(service: str, *overrides: str) -> str:
    """A further smtpd, with what it overrides."""
    words = "".join(f" -o {o}" for o in overrides)
    name = service.partition("/")[0]
    return f"postconf -Me '{service}={name} inet n - n - - smtpd{words}'"


def spawn(user: str = ACCOUNT, more: str = "-s {state}") -> str:
    words = f"spawn user={user} argv={{root}}/programs/policyd {more}"
    return f"postconf -Fe 'policyd/unix/command={words}'"


FAULTS = [
    # Where it stands.
    Fault("policy-asked", recipients(ACCESS, PERMITS), RECIPIENT, "warning"),
    Fault(
        "policy-before-guard",
        relays("permit_mynetworks", POLICYD, GUARD),
        RELAY,
    ),
    Fault(
        "policy-before-guard",
        f"postconf -e 'smtpd_restriction_classes = ours' 'ours = {POLICYD}'\n"
        + relays("ours", GUARD),
        RELAY,
    ),
    Fault(
        "policy-behind-permit",
        recipients("permit_mynetworks", POLICYD, ACCESS),
        RECIPIENT,
        "warning",
    ),
    Fault(
        "policy-behind-permit",
        recipients("permit_sasl_authenticated", "reject_non_fqdn_recipient")
        + f"\npostconf -e \"{RECIPIENT} = $(postconf -h {RECIPIENT})"
        + f', {POLICYD}, {ACCESS}"',
        RECIPIENT,
        "warning",
    ),
    Fault(
        "policy-behind-permit",
        recipients("permit_auth_destination", POLICYD, ACCESS),
        RECIPIENT,
        "warning",
    ),
    Fault(
        "policy-elsewhere",
        f"postconf -e 'smtpd_sender_restrictions = {POLICYD}, permit_mynetworks'",
        "smtpd_sender_restrictions",
        "warning",
    ),
    Fault("policy-elsewhere", relays(GUARD, POLICYD), RELAY, "warning"),
    Fault(
        "policy-elsewhere",
        f"postconf -e 'smtpd_data_restrictions = {POLICYD}'",
        "smtpd_data_restrictions",
        "warning",
    ),
    Fault("recipient-access", recipients(POLICYD, PERMITS), RECIPIENT),
    Fault("recipient-access", recipients(ACCESS, POLICYD, PERMITS), RECIPIENT),
    Fault(
        "recipient-access",
        recipients(POLICYD, "permit_mynetworks", ACCESS),
        RECIPIENT,
    ),
    Fault(
        "recipient-access",
        recipients(POLICYD, ACCESS.replace("{state}", "/elsewhere"), PERMITS),
        RECIPIENT,
    ),
    # What stands in its braces.
    Fault("policy-default", options("timeout=5s"), RECIPIENT),
    Fault("policy-default", options("default_action=OK, timeout=5s"), RECIPIENT),
    Fault("policy-default", options("default_action=550, timeout=5s"), RECIPIENT),
    Fault(
        "policy-default",
        options("{ default_action = 451 4.3.5 away }, timeout=5s"),
        RECIPIENT,
    ),
    Fault("policy-others", relays(OTHER % "OK", GUARD), RELAY),
    Fault(
        "policy-others",
        "postconf -e 'smtpd_policy_service_default_action = 250'\n"
        + relays("permit_mynetworks", "check_policy_service inet:[::1]:10023", GUARD),
        RELAY,
    ),
    Fault(
        "policy-others",
        relays(PERMITS) + "\n" + recipients(OTHER % "OK", GUARD, POLICYD, ACCESS),
        RECIPIENT,
    ),
    Fault("policy-timeout", options("default_action=DUNNO"), RECIPIENT, "warning"),
    Fault(
        "policy-timeout",
        options("default_action=DUNNO, timeout=2m"),
        RECIPIENT,
        "warning",
    ),
    Fault(
        "policy-tries",
        options("default_action=DUNNO, timeout=5s, try_limit=1"),
        RECIPIENT,
        "warning",
    ),
    Fault(
        "policy-tries",
        "postconf -e 'smtpd_policy_service_try_limit = 1'",
        RECIPIENT,
        "warning",
    ),
    Fault(
        "policy-syntax", options("default_action = DUNNO, timeout=5s"), RECIPIENT
    ),
    Fault(
        "policy-syntax",
        options("default_action=DUNNO, timeout=5s, retries=3"),
        RECIPIENT,
    ),
    Fault(
        "policy-syntax",
        recipients(POLICYD, ACCESS, PERMITS)
        + f"\npostconf -e \"{RECIPIENT} = $(postconf -h {RECIPIENT}), "
        + 'check_policy_service { inet:127.0.0.1:10023, timeout = 5s }"',
        RECIPIENT,
    ),
    # Every smtpd of master.cf.
    Fault("relay-guard", relays(PERMITS), RELAY),
    Fault("relay-guard", relays("permit", GUARD), RELAY),
    Fault("relay-guard", f"postconf -e '{RELAY} ='", RELAY),
    Fault(
        "relay-guard",
        listener(SUBMISSION, f"{RELAY}=permit_sasl_authenticated"),
        f"{SUBMISSION}/{RELAY}",
    ),
    Fault(
        "relay-guard",
        listener(SUBMISSION, f"{RELAY}="),
        f"{SUBMISSION}/{RELAY}",
    ),
    Fault(
        "listener-asks",
        listener(SUBMISSION, f"{RECIPIENT}="),
        f"{SUBMISSION}/{RECIPIENT}",
        "warning",
    ),
    Fault(
        "policy-behind-permit",
        listener(
            SUBMISSION,
            f"{RECIPIENT}=permit_sasl_authenticated,check_policy_service,"
            "{unix:private/policyd,default_action=DUNNO,timeout=5s},"
            + ACCESS.replace(" ", ","),
        ),
        f"{SUBMISSION}/{RECIPIENT}",
        "warning",
    ),
    Fault(
        "listener-unknowns",
        "postconf -e 'receive_override_options = no_unknown_recipient_checks'",
        "receive_override_options",
    ),
    Fault(
        "listener-unknowns",
        listener(
            SUBMISSION,
            "receive_override_options="
            "no_unknown_recipient_checks,no_header_body_checks",
        ),
        f"{SUBMISSION}/receive_override_options",
    ),
    # The line that runs it.
    Fault(
        "spawn-limit",
        "postconf -Fe 'policyd/unix/process_limit=-'",
        "policyd/unix",
    ),
    Fault(
        "spawn-limit",
        "postconf -Fe 'policyd/unix/process_limit=1'",
        "policyd/unix",
    ),
    Fault("spawn-user", spawn(user="root"), "policyd/unix"),
    Fault("spawn-user", spawn(user="postfix"), "policyd/unix"),
    Fault("spawn-user", spawn(user="nobody:postfix"), "policyd/unix"),
    Fault("spawn-user", spawn(user="nobody-at-all"), "policyd/unix"),
    Fault(
        "spawn-user",
        "postconf -Fe 'policyd/unix/command=spawn "
        "argv={root}/programs/policyd -s {state}'",
        "policyd/unix",
    ),
    Fault("spawn-group", spawn(user="nobody:daemon"), "policyd/unix"),
    Fault(
        "spawn-owner",
        "chown nobody {state}",
        "policyd/unix",
        "warning",
        by_hand="chown root {state}",
    ),
    Fault(
        "spawn-program",
        "mv {root}/programs/policyd {root}/away",
        "policyd/unix",
        by_hand="mv {root}/away {root}/programs/policyd",
    ),
    Fault(
        "spawn-program", "chmod 644 {root}/programs/policyd", "policyd/unix"
    ),
    Fault(
        "spawn-program",
        "chmod 700 {root}/programs",
        "policyd/unix",
        by_hand="chmod 755 {root}/programs",
    ),
    Fault("spawn-state", spawn(more=""), "policyd/unix"),
    Fault("spawn-state", spawn(more="-s {root}"), "policyd/unix"),
    Fault("spawn-state", spawn(more="-s{root}"), "policyd/unix"),
    Fault("spawn-state", spawn(more="--state={root}"), "policyd/unix"),
    Fault(
        "spawn-time-limit",
        "postconf -X policyd_time_limit",
        "policyd_time_limit",
        "warning",
    ),
    # The way there.
    Fault(
        "policy-chroot",
        recipients(POLICYD.replace("private/", "{queue}/private/"), ACCESS, PERMITS)
        + f'\npostconf -Fe "{LISTENER}/chroot=y"',
        RECIPIENT,
    ),
]

# Rightly so, and nothing is found.
SOUND = [
    recipients(POLICYD, ACCESS, "permit"),
    recipients("reject_non_fqdn_recipient", POLICYD, ACCESS, PERMITS),
    recipients(POLICYD, ACCESS, "check_policy_service inet:127.0.0.1:10023"),
    recipients("check_policy_service inet:127.0.0.1:10023", POLICYD, ACCESS),
    relays(GUARD, OTHER % "OK"),
    recipients(POLICYD, ACCESS, OTHER % "OK"),
    "postconf -e 'smtpd_policy_service_default_action = DUNNO' "
    "'smtpd_policy_service_timeout = 5s'\n"
    + recipients("check_policy_service unix:private/policyd", ACCESS, PERMITS),
    f"postconf -e 'smtpd_restriction_classes = ours' 'ours = {POLICYD}, {ACCESS}'\n"
    + recipients("ours", PERMITS),
    listener(SUBMISSION, f"{RELAY}=permit_sasl_authenticated,reject"),
    listener(
        FILTERED,
        "content_filter=",
        f"{RELAY}=permit_mynetworks,reject",
        f"{RECIPIENT}=permit_mynetworks,reject",
        "receive_override_options=no_unknown_recipient_checks,no_milters",
    ),
    recipients(POLICYD.replace("private/", "{queue}/private/"), ACCESS, PERMITS),
]


def set_up(site: Site, *setups: str) -> None:
    """Everything as the manual says; no Postfix runs yet."""
    site.write("staff.txt", [ANN])
    site.namespace(CONF)
    site.postfix.configure(["gateway", *setups])
    site.postfix.prepare()
    site.build()


def test_each_fault_alone_and_mended(site: Site) -> None:
    set_up(site, "spawn")
    expect_sound(site)
    for fault in FAULTS:
        find_and_mend(site, fault)


def test_what_is_sound_stays_unnamed(site: Site) -> None:
    set_up(site, "spawn")
    main = site.postfix.config / "main.cf"
    master = site.postfix.config / "master.cf"
    kept = main.read_text(), master.read_text()
    for lines in SOUND:
        run_lines(site, fill(site, lines))
        found = examine(site)
        assert found == [], f"{lines}{listing(found)}"
        main.write_text(kept[0])
        master.write_text(kept[1])


# -- asking the socket itself


@contextlib.contextmanager
def impostor(site: Site, reply: bytes) -> Iterator[None]:
    """Somebody else at the socket, who says the same to whatever he is asked;
    and nothing where the reply is empty."""
    path = site.postfix.policy_socket
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    path.chmod(0o666)
    listener.listen()
    held: list[socket.socket] = []

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                stream, _ = listener.accept()
                held.append(stream)
                with contextlib.suppress(OSError):
                    stream.recv(4096)
                    stream.sendall(reply)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
        for stream in [listener, *held]:
            stream.close()
        path.unlink(missing_ok=True)


def test_daemon_is_asked_as_smtpd_asks(site: Site) -> None:
    set_up(site)
    socket_file = site.postfix.policy_socket
    endpoint = "unix:private/policyd"
    expect_alone(site, Fault("policy-socket", "", endpoint))
    site.start_daemon()
    expect_sound(site)
    said = site.daemon_log.read_text().splitlines()
    verdicts = [n for n in said if "verdict=" in n]
    assert ["verdict=pass reason=not-ours" in n for n in verdicts] == [True, False]
    assert "verdict=reject reason=unknown" in verdicts[1]
    assert [n for n in said if "warning" in n] == [], said
    # Made by root, and closed to the user that smtpd is.
    os.chown(socket_file, 0, 0)
    find_and_mend(
        site, Fault("policy-socket", "chmod 600 {queue}/private/policyd", endpoint)
    )
    assert (socket_file.owner(), socket_file.stat().st_mode & 0o777) == (
        "postfix",
        0o600,
    )
    # The file stays when it is killed, and nobody listens.
    site.stop_daemon(signal.SIGKILL)
    finding = expect_alone(site, Fault("policy-socket", "", endpoint))
    assert "nobody listens" in finding.text and finding.fix == ""
    site.start_daemon()
    expect_sound(site)


def test_daemon_over_tcp(site: Site) -> None:
    set_up(site)
    endpoint = f"inet:127.0.0.1:{free_port()}"
    asks = POLICYD.replace("unix:private/policyd", endpoint)
    run_lines(site, fill(site, recipients(asks, ACCESS, PERMITS)))
    finding = expect_alone(site, Fault("policy-socket", "", endpoint))
    assert "nobody listens" in finding.text
    with daemon(site, endpoint):
        expect_sound(site)


@contextlib.contextmanager
def daemon(
    site: Site, endpoint: str, *options: str, state: Path | None = None
) -> Iterator[None]:
    with site.daemon_log.open("wb") as log:
        process = subprocess.Popen(
            [site.postfix.programs / "policyd", "-s", state or site.state]
            + ["--user", "nobody", "--log", "stderr", "--listen", endpoint, *options],
            stdin=subprocess.DEVNULL,
            stderr=log,
            group=state_group(),
        )
    try:
        wait_until(
            lambda: "is in force" in site.daemon_log.read_text(), "policyd serves"
        )
        yield
    finally:
        end(process)


def test_socket_out_of_the_jail(site: Site) -> None:
    """policyd is there, and a chrooted smtpd would not find it."""
    set_up(site)
    path = site.root / "outside.sock"
    asks = POLICYD.replace("private/policyd", str(path))
    lines = recipients(asks, ACCESS, PERMITS)
    run_lines(site, fill(site, lines))
    site.start_daemon(path)
    expect_sound(site)
    run_lines(site, f'postconf -Fe "{LISTENER}/chroot=y"')
    finding = expect_alone(site, Fault("policy-chroot", "", RECIPIENT))
    assert finding.fix == "" and str(path) in finding.text


def test_somebody_else_at_the_socket(site: Site) -> None:
    set_up(site)
    for reply, said in [
        (b"action=OK\n\n", '"OK"'),
        (b"action=550 5.7.1 go\x1b[2J away\n\n", '"550 5.7.1 go?[2J away"'),
        (b"220 mail.example ESMTP\r\n\r\n\n\n", "220 mail.example"),
        (b"action=" + b"x" * 100000 + b"\n\n", "xxx"),
        (b"", "gives no answer"),
        (b"action=DUNNO\n", "gives no answer"),
    ]:
        with impostor(site, reply):
            finding = expect_alone(site, Fault("policy-answer", ""))
            assert said in finding.text and finding.fix == "", finding


def test_spawn_is_asked_where_postfix_runs(site: Site) -> None:
    set_up(site)
    site.postfix.start()
    program = site.postfix.programs / "policyd"
    command = f"spawn user={ACCOUNT} argv={program} -s {site.state}"
    lines = f"postconf -Me 'policyd/unix=policyd unix - n n - 0 {command}'\n"
    run_lines(site, lines + "postconf -e 'policyd_time_limit = 86400'")
    finding = expect_alone(site, Fault("policy-socket", ""))
    assert finding.fix == "postfix reload"
    run_lines(site, finding.fix)
    wait_until(site.postfix.policy_socket.is_socket, "master made it")
    expect_sound(site)
    # Another service beside it is not taken for ours.
    line = f"other unix - n n - 0 spawn user={ACCOUNT} argv=/bin/false"
    run_lines(site, f"postconf -Me 'other/unix={line}'")
    asks = POLICYD.replace("private/policyd", "private/other")
    run_lines(site, fill(site, recipients(POLICYD, ACCESS, asks, PERMITS)))
    expect_sound(site)


def test_smtpd_takes_the_lines_that_were_given(site: Site) -> None:
    """Those for main.cf and, without white space, those for master.cf."""
    set_up(site, "spawn")
    site.postfix.start()
    asks = "check_policy_service,{unix:private/policyd,timeout=5s}"
    lines = [
        options("default_action = DUNNO, timeout = 5s"),
        f'postconf -Pe "{LISTENER}/{RECIPIENT}=permit_sasl_authenticated,{asks}"',
    ]
    for line in lines:
        run_lines(site, fill(site, line))
        for _ in range(3):
            for finding in examine(site):
                run_lines(site, finding.fix)
        expect_sound(site)
        run_lines(site, "postfix reload")
        with site.client() as session:
            replies = session.ask([ANN, "bob@company.example"])
        assert replies[ANN].code == 250, replies
        assert "no directory of this domain" in replies["bob@company.example"].text, replies


def test_daemon_that_judges_by_something_else(site: Site) -> None:
    set_up(site)
    endpoint = f"unix:{site.postfix.policy_socket}"
    with daemon(site, endpoint, "--mode", "0666", "--shadow"):
        finding = expect_alone(site, Fault("policy-answer", "", "", "warning"))
        assert "--shadow" in finding.text
    # Of another state folder, where nobody can be refused for good.
    with site.conf.open("a") as conf:
        conf.write('directory "late" { type = file path = "late.txt" }\n')
    other = site.root / "other"
    done = site.compile_raw(["-c", site.conf, "-s", other, "build"])
    assert done.returncode == DIRECTORY_FAILED, done
    site.namespace(CONF)
    site.build()
    with daemon(site, endpoint, "--mode", "0666", state=other):
        finding = expect_alone(site, Fault("policy-answer", ""))
        assert '"450 4.3.0 ' in finding.text
    with daemon(site, endpoint, "--mode", "0666"):
        expect_sound(site)


def test_who_is_not_root_is_told_what_is_unknown(site: Site) -> None:
    set_up(site)
    site.start_daemon()
    program = shutil.copy(COMPILER, site.postfix.programs)
    done = subprocess.run(
        [program, "-c", site.conf, "-s", site.state, "doctor", "--json"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        user="nobody",
        group="daemon",
        extra_groups=[],
        env=environment(site),
        timeout=60,
    )
    found = json.loads(done.stdout)["findings"]
    unknown = {f["check"] for f in found if f["severity"] == "unknown"}
    assert {"published", "policy-socket"} <= unknown, found
    told = {f["check"] for f in found if f["severity"] != "unknown"}
    assert not told & {"publish-open", "hold", "policy-answer", "spawn-group"}, found
