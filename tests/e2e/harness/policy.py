"""Asks policyd as smtpd does (SMTPD_POLICY_README)."""

from __future__ import annotations

import socket
from pathlib import Path

from harness.client import SENDER, STRANGER

# As Postfix 3.7 sends them at RCPT.
ATTRIBUTES = {
    "request": "smtpd_access_policy",
    "protocol_state": "RCPT",
    "protocol_name": "ESMTP",
    "client_address": STRANGER,
    "client_name": "unknown",
    "client_port": "40000",
    "reverse_client_name": "unknown",
    "server_address": "127.0.0.1",
    "server_port": "25",
    "helo_name": "client.test",
    "sender": SENDER,
    "recipient": "",
    "recipient_count": "0",
    "queue_id": "",
    "instance": "1a2b.65a0.1.0",
    "size": "0",
    "etrn_domain": "",
    "stress": "",
    "sasl_method": "",
    "sasl_username": "",
    "sasl_sender": "",
    "ccert_subject": "",
    "ccert_issuer": "",
    "ccert_fingerprint": "",
    "ccert_pubkey_fingerprint": "",
    "encryption_protocol": "",
    "encryption_cipher": "",
    "encryption_keysize": "0",
    "policy_context": "",
}


class PolicyClient:
    def __init__(self, place: Path | tuple[str, int], timeout: float = 60):
        """place: of a UNIX socket, or host and port."""
        if isinstance(place, Path):
            self._socket = socket.socket(socket.AF_UNIX)
            address: str | tuple[str, int] = str(place)
        else:
            self._socket, address = socket.socket(socket.AF_INET), place
        self._socket.settimeout(timeout)
        self._socket.connect(address)
        self._in = self._socket.makefile("rb")

    def __enter__(self) -> PolicyClient:
        return self

    def __exit__(self, *_: object) -> None:
        self._in.close()
        self._socket.close()

    def ask_raw(self, request: bytes) -> bytes:
        """The whole reply, with its empty line."""
        self._socket.sendall(request)
        reply = b""
        while not reply.endswith(b"\n\n"):
            line = self._in.readline()
            if not line:
                raise ConnectionError(f"policyd hung up after {reply!r}")
            reply += line
        return reply

    def ask(self, recipient: str, client: str = STRANGER, **more: str) -> str:
        """The action for a recipient in Postfix's internal form."""
        values = ATTRIBUTES | more
        values |= {"recipient": recipient, "client_address": client}
        lines = [f"{name}={value}\n" for name, value in values.items()]
        reply = self.ask_raw("".join([*lines, "\n"]).encode()).decode()
        assert reply.startswith("action="), reply
        return reply.removeprefix("action=").rstrip("\n")
