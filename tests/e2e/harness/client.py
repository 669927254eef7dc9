"""An SMTP client that gives the reply to each recipient apart."""

from __future__ import annotations

import itertools
import os
import re
import socket
from dataclasses import dataclass
from typing import NamedTuple

STRANGER = "203.0.113.9"
SENDER = "sender@elsewhere.example"
_ids = itertools.count(1)


class Reply(NamedTuple):
    code: int
    text: str

    @property
    def status(self) -> str:
        """The enhanced status code, "" for none."""
        found = re.match(r"[245]\.\d+\.\d+", self.text)
        return found.group() if found else ""

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


@dataclass(frozen=True)
class Sent:
    """One transaction.  end: the reply to the data, None if none was sent."""

    mail_id: str
    replies: dict[str, Reply]
    tokens: dict[str, str]  # recipient -> the ORCPT that travels with it
    end: Reply | None

    @property
    def accepted(self) -> list[str]:
        if self.end is None or self.end.code != 250:
            return []
        return [r for r, reply in self.replies.items() if reply.code == 250]


class Client:
    """A session with Postfix, which takes us for the given client."""

    def __init__(
        self, server: tuple[str, int], address: str = STRANGER, timeout: float = 60
    ):
        self._socket = socket.create_connection(server, timeout)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._in = self._socket.makefile("rb")
        greeting = self.reply()
        assert greeting.code == 220, greeting
        self.command("EHLO client.test", 250)
        if address != "127.0.0.1":
            self.command(f"XCLIENT ADDR={address} NAME=[UNAVAILABLE]", 220)
            self.command("EHLO client.test", 250)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        try:
            self._socket.sendall(b"QUIT\r\n")
        except OSError:
            pass
        self._in.close()
        self._socket.close()

    def reply(self) -> Reply:
        lines = []
        while True:
            line = self._in.readline().decode("utf-8", "replace").rstrip("\r\n")
            if not line:
                raise ConnectionError("the server hung up")
            lines.append(line[4:])
            if line[3:4] != "-":
                return Reply(int(line[:3]), "\n".join(lines))

    def command(self, line: str, expected: int | None = None) -> Reply:
        self._socket.sendall(line.encode("utf-8", "surrogateescape") + b"\r\n")
        reply = self.reply()
        assert expected in (None, reply.code), f"{line}: {reply}"
        return reply

    def mail(self, sender: str, utf8: bool = False) -> None:
        self.command(f"MAIL FROM:<{sender}>{' SMTPUTF8' if utf8 else ''}", 250)

    def rcpt(self, recipient: str, token: str = "") -> Reply:
        orcpt = f" ORCPT=rfc822;{token}" if token else ""
        return self.command(f"RCPT TO:<{recipient}>{orcpt}")

    def rcpt_at_once(self, recipients: list[str]) -> list[Reply]:
        """Without waiting for a reply before the next (RFC 2920)."""
        lines = "".join(f"RCPT TO:<{recipient}>\r\n" for recipient in recipients)
        self._socket.sendall(lines.encode())
        return [self.reply() for _ in recipients]

    def ask(
        self, recipients: list[str], sender: str = SENDER, utf8: bool = False
    ) -> dict[str, Reply]:
        """The reply to each recipient; nothing is sent."""
        self.mail(sender, utf8)
        replies = {r: self.rcpt(r) for r in recipients}
        self.command("RSET", 250)
        return replies

    def send(
        self,
        recipients: list[str],
        sender: str = SENDER,
        utf8: bool = False,
        body: bytes | None = None,
    ) -> Sent:
        """One message to all of them; body is a whole message if given."""
        mail_id = f"m{os.getpid()}.{next(_ids)}"
        self.mail(sender, utf8)
        tokens = {r: f"{mail_id}.{n}@trace" for n, r in enumerate(recipients)}
        replies = {r: self.rcpt(r, tokens[r]) for r in recipients}
        end = None
        if any(reply.code == 250 for reply in replies.values()):
            self.command("DATA", 354)
            self._socket.sendall(body or self._message(mail_id, sender))
            end = self.command("\r\n.")
        else:
            self.command("RSET", 250)
        return Sent(mail_id, replies, tokens, end)

    @staticmethod
    def _message(mail_id: str, sender: str) -> bytes:
        return (
            f"From: <{sender or 'mailer-daemon@elsewhere.example'}>\r\n"
            f"Subject: a test\r\nMessage-Id: <{mail_id}@client.test>\r\n"
            f"X-Mail-Id: {mail_id}\r\n\r\nHello.\r\n"
        ).encode()
