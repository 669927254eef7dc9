"""doctor --probe: what smart hosts say to somebody and to nobody.  A real
Postfix is the sound one, with TLS; systems that are wrong in one way each,
and servers that are hostile, are the harness's.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from harness.authority import Authority, Certificate
from harness.doctor import Finding, examine, listing
from harness.paths import free_port
from harness.postfix import PrivatePostfix
from harness.sink import Sink
from harness.site import Site

Found = tuple[str, str]  # check, severity


def look(site: Site, *options: str) -> list[Finding]:
    """What the checks of --probe found."""
    found = examine(site, "--probe", *options)
    return [f for f in found if f.check.startswith("probe-")]


def kinds(findings: list[Finding], subject: str) -> list[Found]:
    return [(f.check, f.severity) for f in findings if f.subject == subject]


# -- systems that are wrong in one way


@dataclass(frozen=True)
class System:
    """The system of NAME.example: what it does, what is found."""

    expected: list[Found]
    says: str = ""  # that the finding has
    filter: str = "directories"
    options: str = ""  # of its connector
    listed: list[str] = field(default_factory=lambda: ["ann"])
    to_ann: str | None = None
    to_nobody: str | None = None  # None: 550
    has_utf8: bool = True


TAKEN = "250 2.1.5 Ok"
GREY = "451 4.7.1 Greylisted"
SYSTEMS = {
    "sound": System([]),
    "sound-off": System([], filter="off"),
    "refuses": System(
        [("probe-listed", "error")],
        "whom a directory lists there: we accept the mail and bounce it; it "
        "answers 550 5.1.1 no such user",
        to_ann="550 5.1.1 no such user",
    ),
    "refuses-oddly": System(
        [("probe-listed", "error")], "550 ?[31m gone", to_ann="550 \x1b[31m gone"
    ),
    "later": System(
        [("probe-listed", "unknown")], "451 4.3.0 later", to_ann="451 4.3.0 later"
    ),
    "takes-all": System(
        [("probe-unlisted", "error")],
        "bounced to forged senders",
        filter="off",
        to_nobody=TAKEN,
    ),
    "takes-all-verified": System(
        [("probe-unlisted", "error")], filter="verify", to_nobody=TAKEN
    ),
    "takes-all-filtered": System([("probe-unlisted", "warning")], to_nobody=TAKEN),
    "grey": System(
        [("probe-unlisted", "unknown")], GREY, filter="off", to_nobody=GREY
    ),
    "returns": System([], options="unknowns = return", to_nobody=TAKEN),
    "returns-not": System(
        [("probe-unknowns", "warning")],
        "reject would be the truth",
        options="unknowns = return",
    ),
    "ascii": System(
        [("probe-smtputf8", "warning")],
        "jörg@ascii.example",
        listed=["jörg", "ann"],
        has_utf8=False,
    ),
    "ascii-enough": System([], has_utf8=False),
    "beyond-ascii": System([], listed=["jörg", "ann"]),
    "plain": System([], options="tls = may"),
    "no-tls": System(
        [("probe-tls", "error")], "does not offer STARTTLS", options="tls = encrypt"
    ),
}


def make_system(site: Site, name: str, system: System) -> str:
    """Its part of namespace.conf."""
    sink = site.sink(name)
    sink.utf8 = system.has_utf8

    def answer(recipient: str) -> str | None:
        if recipient.startswith("ann@"):
            return system.to_ann
        return system.to_nobody

    sink.answer = answer
    sink.users = {f"ann@{name}.example"}
    site.write(f"{name}.txt", [f"{who}@{name}.example" for who in system.listed])
    return f"""
accepted-domain "{name}.example" {{
    type = internal-relay
    recipient-filter = {system.filter}
}}
connector "{name}" {{
    address-spaces = {{ "{name}.example" }}
    smart-hosts = {{ "{sink.hop}" }}
    {system.options}
}}
directory "{name}" {{ type = file path = "{name}.txt" connector = "{name}" }}
"""


# Where somebody else's address is sent to; he is not asked for.  And a system
# that nobody asks any more.
OUT = """
connector "off" {{ enabled = no smart-hosts = {{ "127.0.0.1:1" }} }}
contact "crm@sound.example" {{ target = "crm@saas.example" }}
connector "out" {{ address-spaces = {{ "*" }} smart-hosts = {{ "{hop}" }} }}
"""


def test_each_system(site: Site) -> None:
    site.conf.write_text(
        "".join(make_system(site, name, system) for name, system in SYSTEMS.items())
        + OUT.format(hop=site.world.hop)
    )
    site.build()
    site.postfix.configure(["gateway", "spawn"])
    found = look(site)
    for name, system in SYSTEMS.items():
        sink = site.sinks[name]
        mine = [f for f in found if f.subject == sink.hop]
        got = [(f.check, f.severity) for f in mine]
        assert got == system.expected, f"{name}: {got}{listing(found)}"
        assert all(system.says in f.text for f in mine), f"{name}{listing(mine)}"
        assert all(f'connector "{name}"' in f.text for f in mine)
        expect_asked(name, sink, [f"ann@{name}.example"] if name != "no-tls" else [])
        assert sink.mail == []
    assert site.world.asked == []
    assert len(found) == sum(len(s.expected) for s in SYSTEMS.values())


def expect_asked(name: str, sink: Sink, known: list[str]) -> None:
    """For one that is listed, and for one that nobody could have."""
    if not known:
        assert sink.asked == [], (name, sink.asked)
        return
    assert sink.asked[:-1] == known, (name, sink.asked)
    local, _, domain = sink.asked[-1].partition("@")
    digits = local.removeprefix("postshare-probe-")
    assert domain == f"{name}.example"
    assert len(digits) == 16 and int(digits, 16) != 0, sink.asked


def test_a_socket(site: Site) -> None:
    """LMTP; the path is relative to the queue folder."""
    sink = site.local_sink("store", "private/store")
    sink.users = {"ann@company.example"}
    site.write("staff.txt", ["ann@company.example"])
    site.conf.write_text(
        'accepted-domain "company.example" { type = internal-relay }\n'
        f'connector "store" {{ transport = "lmtp:{sink.socket_hop}"\n'
        '    address-spaces = { "company.example" } }\n'
        'directory "staff" { type = file path = "staff.txt" connector = "store" }\n'
    )
    site.build()
    site.postfix.configure(["gateway", "spawn"])
    assert look(site) == []
    assert sink.asked[0] == "ann@company.example"
    sink.users = set()
    assert kinds(look(site), sink.socket_hop) == [("probe-listed", "error")]
    sink.users = None
    assert kinds(look(site), sink.socket_hop) == [("probe-unlisted", "error")]
    sink.down()
    (found,) = look(site)
    assert (found.check, found.severity) == ("probe-unreachable", "unknown")
    assert "private/store: No such file or directory" in found.text


# -- a real Postfix as the mail system behind


INNER_MAIN = """
myhostname = inner.test
relay_domains = company.example
relay_recipient_maps = inline:{{ {{ ann@company.example = x }} }}
smtpd_relay_restrictions = reject_unauth_destination
smtpd_tls_cert_file = {good.pem}
smtpd_tls_key_file = {good.key}
"""

INNER_LISTENER = """
{host}:{port} inet n - n - - smtpd
    -o smtpd_tls_security_level={level}
    -o smtpd_tls_cert_file={certificate.pem}
    -o smtpd_tls_key_file={certificate.key}
"""


class Inner:
    """One Postfix, several listeners: each a smart host."""

    def __init__(self, root: Path, good: Certificate):
        root.mkdir()
        root.chmod(0o755)
        self.postfix = PrivatePostfix(root, root / "state", "discard:")
        self.postfix.configure([], INNER_MAIN.format(good=good))

    def listener(self, level: str, certificate: Certificate) -> int:
        port = free_port()
        with (self.postfix.config / "master.cf").open("a") as master:
            master.write(
                INNER_LISTENER.format(
                    host="127.0.0.1", port=port, level=level, certificate=certificate
                )
            )
        return port


def test_a_postfix_behind(site: Site) -> None:
    """Sound in each TLS level; and certificates that are not."""
    authority = Authority(site.root / "ca")
    good = authority.issue("good", "/CN=localhost", "DNS:localhost")
    other = authority.issue("other", "/CN=other.test", "DNS:other.test")
    inner = Inner(site.root / "inner", good)
    hosts = {
        "plain": (f"[127.0.0.1]:{inner.listener('none', good)}", "none"),
        "perhaps": (f"[127.0.0.1]:{inner.listener('none', good)}", "may"),
        "encrypts": (f"[127.0.0.1]:{inner.listener('may', other)}", "encrypt"),
        "verifies": (f"[localhost]:{inner.listener('may', good)}", "verify"),
        "secure": (f"[localhost]:{inner.listener('encrypt', good)}", "secure"),
        "forgets": (f"[127.0.0.1]:{inner.listener('none', good)}", "encrypt"),
        "differs": (f"[localhost]:{inner.listener('may', other)}", "secure"),
    }
    site.write("staff.txt", ["ann@company.example"])
    text = 'accepted-domain "company.example" { type = internal-relay }\n'
    text += 'directory "staff" { type = file path = "staff.txt"\n'
    text += '    connector = "secure" }\n'
    for name, (host, level) in hosts.items():
        space = "company" if name == "secure" else name
        text += f'connector "{name}" {{ smart-hosts = {{ "{host}" }}\n'
        text += f'    tls = {level} address-spaces = {{ "{space}.example" }} }}\n'
    site.conf.write_text(text)
    site.build()
    ca = f"smtp_tls_CAfile = {authority.pem}\n"
    site.postfix.configure(["gateway", "spawn"], ca)
    try:
        inner.postfix.start()
        found = look(site)
        site.postfix.configure(["gateway", "spawn"], "smtp_tls_CAfile =\n")
        without_ca = look(site)
        log = inner.postfix.log()
    finally:
        inner.postfix.stop()
    assert {f.subject for f in found} == {hosts["forgets"][0], hosts["differs"][0]}
    assert {f.check for f in found} == {"probe-tls"}, listing(found)
    assert {f.severity for f in found} == {"error"}
    text = {f.subject: f.text for f in found}
    assert "does not offer STARTTLS" in text[hosts["forgets"][0]]
    assert "certificate is refused: hostname mismatch" in text[hosts["differs"][0]]
    untrusted = {f.subject for f in without_ca} - {f.subject for f in found}
    assert untrusted == {hosts["verifies"][0], hosts["secure"][0]}
    # The sound one was asked under TLS for both.
    assert "User unknown in relay recipient table" in log
    assert "postshare-probe-" in log


# -- servers that are no polite ones


Script = Callable[[socket.socket], None]


class Server:
    """Does to each connection what it was told."""

    def __init__(self, script: Script, address: tuple[str, int] = ("127.0.0.1", 0)):
        self._script = script
        self._is_over = threading.Event()
        self._listener = socket.create_server(address)
        self._listener.settimeout(0.2)
        host, port = self._listener.getsockname()
        self.hop = f"[{host}]:{port}" if port != 25 else f"[{host}]"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while not self._is_over.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            threading.Thread(target=self._talk, args=[connection], daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        connection.settimeout(30)
        with connection:
            try:
                self._script(connection)
            except OSError:
                pass


GREETING = b"220 odd.test\r\n"


def answers(*replies: bytes) -> Script:
    """Each after one line was heard, the first at once; then it closes."""

    def script(connection: socket.socket) -> None:
        for number, reply in enumerate(replies):
            if number > 0:
                hear(connection)
            connection.sendall(reply)

    return script


def hear(connection: socket.socket) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        byte = connection.recv(1)
        if not byte:
            raise OSError("closed")
        line += byte
    return line


def endless(bytes_: bytes, pause: float = 0) -> Script:
    def script(connection: socket.socket) -> None:
        connection.sendall(b"220")
        while True:
            connection.sendall(bytes_)
            time.sleep(pause)

    return script


def silent(connection: socket.socket) -> None:
    connection.recv(1)


def breaks_tls(connection: socket.socket) -> None:
    """Offers it, and is broken; without it all is well."""
    connection.sendall(GREETING)
    while line := hear(connection):
        if line.startswith(b"STARTTLS"):
            connection.sendall(b"220 go on\r\nno TLS at all\r\n")
            return
        keyword = b"250-odd.test\r\n250 STARTTLS\r\n"
        refused = b"550 5.1.1 nobody\r\n"
        reply = {b"EHLO": keyword, b"RCPT": refused}
        connection.sendall(reply.get(line[:4], b"250 Ok\r\n"))


def is_gateway(connection: socket.socket) -> None:
    answers(GREETING, b"250 gateway.test\r\n", b"221 bye\r\n")(connection)


IMPOLITE: dict[str, tuple[Script, str]] = {
    "closes at once": (answers(), "at its greeting: it closed"),
    "closes after its greeting": (answers(GREETING), "at EHLO: it closed"),
    "closes after EHLO": (
        answers(GREETING, b"250 odd.test\r\n"),
        "at MAIL FROM: it closed",
    ),
    "closes after MAIL": (
        answers(GREETING, b"250 odd.test\r\n", b"250 Ok\r\n"),
        "at RCPT TO: it closed",
    ),
    "has had enough": (
        answers(GREETING, b"250 odd.test\r\n", b"250 Ok\r\n", b"421 too much\r\n"),
        "at RCPT TO: it closes with 421",
    ),
    "does not serve": (answers(b"554 no service\r\n"), "it answers 554 no service"),
    "refuses EHLO": (
        answers(GREETING, b"502 what?\r\n", b"504 no\r\n"),
        "it answers 504 no",
    ),
    "no SMTP": (answers(b"HTTP/1.1 400 Bad\r\n\r\n"), '"HTTP/1.1 400 Bad" is no'),
    "NULs": (answers(b"\0" * 40 + b"\r\n"), '"??????'),
    "8 bit": (answers(b"554 \xe4\xff nein\r\n"), "it answers 554 ?? nein"),
    "two codes": (
        answers(GREETING, b"250-odd.test\r\n550 no\r\n"),
        "one reply has two codes, 250 and 550",
    ),
    "endless line": (endless(b" more and more"), "longer than 2048 octets"),
    "endless lines": (endless(b"-more\r\n220"), "more than 128 lines"),
    "says nothing": (silent, "at its greeting: no answer in time"),
    "is slow": (endless(b"x", 0.3), "at its greeting: no answer in time"),
}


def connectors(servers: dict[str, Server], options: str = "") -> str:
    """One for each, whose unlisted mail it gets."""
    text = ""
    for number, server in enumerate(servers.values()):
        domain = f"d{number}.example"
        text += f'accepted-domain "{domain}" {{ type = internal-relay }}\n'
        text += f'connector "c{number}" {{ address-spaces = {{ "{domain}" }}\n'
        text += f'    smart-hosts = {{ "{server.hop}" }} {options} }}\n'
    return text


def test_impolite_servers(site: Site) -> None:
    """A clear sentence each, all together in the time of the slowest."""
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(Server(script))
            for name, (script, _) in IMPOLITE.items()
        }
        site.conf.write_text(connectors(servers))
        site.build()
        site.postfix.configure(["gateway", "spawn"])
        begin = time.monotonic()
        found = look(site)
        assert time.monotonic() - begin < 60
    for name, (_, says) in IMPOLITE.items():
        mine = [f for f in found if f.subject == servers[name].hop]
        got = [(f.check, f.severity) for f in mine]
        assert got == [("probe-unreachable", "unknown")], f"{name}{listing(found)}"
        assert says in mine[0].text, f"{name}{listing(mine)}"
        assert mine[0].text.isprintable()


def test_tls_that_need_not_be(site: Site) -> None:
    """smtp(8) would go on in plain text; where it must be, it is an error."""
    with Server(breaks_tls) as server:
        site.conf.write_text(connectors({"odd": server}, "tls = may"))
        site.build()
        site.postfix.configure(["gateway", "spawn"])
        assert look(site) == []
        site.conf.write_text(connectors({"odd": server}, "tls = encrypt"))
        assert kinds(look(site), server.hop) == [("probe-tls", "error")]


def test_senders_and_names(site: Site) -> None:
    """Who refuses the empty sender; who has our own name."""
    refuses = answers(GREETING, b"250 odd.test\r\n", b"553 5.1.8 who?\r\n")
    with ExitStack() as stack:
        servers = {
            "sender": stack.enter_context(Server(refuses)),
            "gateway": stack.enter_context(Server(is_gateway)),
        }
        try:
            host = f"127.{site.postfix.port >> 8}.{site.postfix.port & 255}.25"
            on_25 = stack.enter_context(Server(is_gateway, (host, 25)))
            servers["on 25"] = on_25
        except OSError:
            on_25 = None  # somebody has it, on all addresses
        site.conf.write_text(connectors(servers))
        site.postfix.configure(["gateway", "spawn"])
        site.build()
        found = look(site)
    assert kinds(found, servers["sender"].hop) == [("probe-sender", "error")]
    assert kinds(found, servers["gateway"].hop) == [("probe-ourselves", "warning")]
    if on_25 is not None:
        assert kinds(found, on_25.hop) == [("probe-ourselves", "error")]
    assert len(found) == len(servers), listing(found)


def test_nobody_there(site: Site) -> None:
    """Nothing listens; and no name leads there.  Before a first build, too."""
    down = f"[127.0.0.1]:{free_port()}"
    site.conf.write_text(
        'accepted-domain "company.example" { type = internal-relay }\n'
        'connector "inner" { address-spaces = { "company.example" }\n'
        f'    smart-hosts = {{ "{down}", "[no-such-host.invalid]" }} }}\n'
    )
    site.postfix.configure(["gateway", "spawn"])
    found = look(site)
    text = {f.subject: f.text for f in found}
    assert {f.check for f in found} == {"probe-unreachable"}, listing(found)
    assert "connect to 127.0.0.1: Connection refused" in text[down]
    assert "look up no-such-host.invalid" in text["[no-such-host.invalid]"]
    assert look(site, "--skip", "probe-unreachable") == []
