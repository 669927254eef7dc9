"""A stand-in mail system: takes mail by SMTP or LMTP and remembers it.

Each sink has a loopback address of its own, so that a next hop names it.
What it does with a recipient may change while it runs.
"""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from harness.client import Client, Reply

ADDRESS = re.compile(r"^(?:MAIL FROM|RCPT TO):\s*<(.*)>((?: [^<>]*)?)$", re.I)
ORCPT = re.compile(r"ORCPT=rfc822;(\S+)", re.I)


@dataclass(frozen=True)
class Delivery:
    """One transaction that ended well."""

    sink: str
    sender: str
    recipients: list[str]
    tokens: list[str]  # ORCPT of each recipient, "" for none
    data: bytes

    def header(self, name: str) -> str | None:
        head = self.data.split(b"\r\n\r\n", 1)[0].decode("utf-8", "replace")
        found = re.search(rf"^{name}: *(.*)$", head, re.I | re.M)
        return found.group(1).strip() if found else None


class _Server(socketserver.ThreadingMixIn):
    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False
    request_queue_size = 128
    sink: Sink


class _TcpServer(_Server, socketserver.TCPServer):
    pass


class _UnixServer(_Server, socketserver.UnixStreamServer):
    pass


@dataclass
class _Transaction:
    sender: str
    recipients: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)


class _Session(socketserver.StreamRequestHandler):
    """One connection."""

    server: _Server
    wbufsize = 0
    disable_nagle_algorithm = True

    def setup(self) -> None:
        if isinstance(self.server, _UnixServer):
            self.disable_nagle_algorithm = False
        super().setup()

    def say(self, *lines: str) -> None:
        for line in lines:
            self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        self.now: _Transaction | None = None
        self.say(f"220 {self.server.sink.name}.test ready")
        try:
            while line := self.rfile.readline(70000):
                text = line.decode("utf-8", "surrogateescape").rstrip("\r\n")
                if not self.obey(text):
                    break
        except OSError:
            pass

    def obey(self, line: str) -> bool:
        verb = line[:4].upper()
        if verb == "QUIT":
            self.say("221 2.0.0 bye")
            return False
        commands = {
            "EHLO": self.hello,
            "LHLO": self.hello,
            "HELO": self.hello,
            "MAIL": self.mail,
            "RCPT": self.rcpt,
            "DATA": self.data,
            "RSET": self.reset,
        }
        commands.get(verb, self.unknown)(line)
        return True

    def hello(self, _line: str) -> None:
        words = ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "DSN"]
        if self.server.sink.utf8:
            words.append("SMTPUTF8")
        self.say(f"250-{self.server.sink.name}.test")
        self.say(*(f"250-{word}" for word in words[:-1]), f"250 {words[-1]}")

    def reset(self, _line: str) -> None:
        self.now = None
        self.say("250 2.0.0 ok")

    def unknown(self, line: str) -> None:
        self.say("250 2.0.0 ok" if line.upper() == "NOOP" else "502 5.5.1 what?")

    def mail(self, line: str) -> None:
        found = ADDRESS.match(line)
        self.now = _Transaction(found.group(1) if found else line)
        self.say("250 2.1.0 ok")

    def rcpt(self, line: str) -> None:
        found = ADDRESS.match(line)
        if self.now is None or found is None:
            self.say("503 5.5.1 not now")
            return
        answer = self.server.sink.answer_to(found.group(1))
        if answer.startswith("2"):
            token = ORCPT.search(found.group(2))
            self.now.recipients.append(found.group(1))
            self.now.tokens.append(token.group(1) if token else "")
        self.say(answer)

    def data(self, _line: str) -> None:
        if self.now is None or not self.now.recipients:
            self.say("503 5.5.1 no recipients")
            return
        self.say("354 go on")
        body = bytearray()
        while (line := self.rfile.readline(70000)) not in (b".\r\n", b""):
            body += line[1:] if line.startswith(b".") else line
        if line == b"":
            return
        self.server.sink.take(self.now, bytes(body))
        for _ in self.now.recipients if self.server.sink.is_lmtp else [0]:
            self.say("250 2.0.0 taken")
        self.now = None


class Sink:
    def __init__(self, name: str, host: str, unix: Path | None = None):
        self.name = name
        self.is_lmtp = unix is not None
        self.utf8 = True
        # None: everybody exists here.  Else what others get is a 550.
        self.users: set[str] | None = None
        # The answer to each recipient, before users is asked; None = go on.
        self.answer: Callable[[str], str | None] = lambda _recipient: None
        # Hands unknown recipients back: (host, port) and as which client.
        self.returns_to: tuple[str, int] | None = None
        self.returns_as = "127.0.0.1"
        self.returned: list[tuple[str, Reply]] = []
        self.asked: list[str] = []
        self.mail: list[Delivery] = []
        self._lock = threading.Lock()
        self._unix = unix
        self._address = (host, 0)
        self._server: _Server | None = None
        self.up()

    def up(self) -> None:
        assert self._server is None
        if self._unix is not None:
            self._server = _UnixServer(str(self._unix), _Session)
            self._unix.chmod(0o666)
        else:
            self._server = _TcpServer(self._address, _Session)
            self._address = self._server.server_address
        self._server.sink = self
        threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        ).start()

    def down(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
            if self._unix is not None:
                self._unix.unlink(missing_ok=True)

    @property
    def hop(self) -> str:
        host, port = self._address
        return f"[{host}]:{port}"

    @property
    def socket_hop(self) -> str:
        """As a connector names a socket below the queue folder."""
        if self._unix is None:
            return ""
        return f"unix:{self._unix.parent.name}/{self._unix.name}"

    def answer_to(self, recipient: str) -> str:
        with self._lock:
            self.asked.append(recipient)
        answer = self.answer(recipient)
        if answer is not None:
            return answer
        if self.knows(recipient) or self.returns_to is not None:
            return "250 2.1.5 ok"
        return "550 5.1.1 no such user in this system, host inner.test"

    def knows(self, recipient: str) -> bool:
        if self.users is None:
            return True
        local, _, domain = recipient.lower().rpartition("@")
        base = f"{local.split('+')[0]}@{domain}"
        return recipient.lower() in self.users or base in self.users

    def take(self, now: _Transaction, data: bytes) -> None:
        strangers = [r for r in now.recipients if not self.knows(r)]
        if strangers and self.returns_to is not None:
            self._return(now.sender, strangers, data)
            if len(strangers) == len(now.recipients):
                return
        delivery = Delivery(
            self.name, now.sender, now.recipients, now.tokens, data
        )
        with self._lock:
            self.mail.append(delivery)

    def _return(self, sender: str, strangers: list[str], data: bytes) -> None:
        """As a system does that takes us for the master of the domain."""
        assert self.returns_to is not None
        trace = f"Received: from us by {self.name}.test; now\r\n".encode()
        with Client(self.returns_to, self.returns_as) as client:
            sent = client.send(strangers, sender, body=trace + data)
        for recipient, reply in sent.replies.items():
            final = sent.end if reply.code == 250 and sent.end else reply
            with self._lock:
                self.returned.append((recipient, final))

    def got(self, recipient: str) -> list[Delivery]:
        """The deliveries to this recipient, in order."""
        with self._lock:
            return [m for m in self.mail if recipient in m.recipients]

    def recipients(self) -> list[str]:
        with self._lock:
            return sorted(r for m in self.mail for r in m.recipients)

    def places(self) -> list[tuple[str, str]]:
        """(token, recipient) of every recipient delivered here."""
        with self._lock:
            return [
                pair
                for m in self.mail
                for pair in zip(m.tokens, m.recipients, strict=True)
            ]

    def forget(self) -> None:
        with self._lock:
            self.mail.clear()
            self.asked.clear()
            self.returned.clear()
