"""A directory server that says what a test has written down: answers that no
server at hand would give (ranges of values, pages without their control).

    def answer(request: Search) -> list[bytes]:
        return [entry("cn=a", {"mail": ["a@company.example"]}), done()]

    with ScriptedServer(answer) as server: ... server.uri
"""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

PAGED = b"1.2.840.113556.1.4.319"
BIND, UNBIND, SEARCH = 0x60, 0x42, 0x63


@dataclass
class Search:
    base: str
    scope: int
    attributes: list[str]
    cookie: bytes | None = None  # None: without the control of pages
    controls: dict[bytes, bytes] = field(default_factory=dict)


# -- BER, as much as LDAP needs of it


def tlv(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + body


def number(value: int, tag: int = 0x02) -> bytes:
    return tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def text(value: str | bytes, tag: int = 0x04) -> bytes:
    return tlv(tag, value.encode() if isinstance(value, str) else value)


def items(body: bytes) -> list[tuple[int, bytes]]:
    found = []
    while body:
        tag, size, at = body[0], body[1], 2
        if size & 0x80:
            at += size & 0x7F
            size = int.from_bytes(body[2:at], "big")
        found.append((tag, body[at : at + size]))
        body = body[at + size :]
    return found


# -- what a script says


def entry(name: str, attributes: dict[str, list[str]]) -> bytes:
    listed = [
        tlv(0x30, text(key), tlv(0x31, *(text(v) for v in values)))
        for key, values in attributes.items()
    ]
    return tlv(0x64, text(name), tlv(0x30, *listed))


def result(code: int, said: str = "", kind: int = 0x65) -> bytes:
    return tlv(kind, number(code, 0x0A), text(""), text(said))


def page(cookie: bytes = b"", code: int = 0) -> bytes:
    """The end of a page; an empty cookie: of the last one."""
    value = tlv(0x30, number(0), text(cookie))
    control = tlv(0x30, text(PAGED), text(value))
    return result(code) + tlv(0xA0, control)


def valueless(control: bytes, *value: bytes) -> bytes:
    """A result with that control, which should have a value and has none, or
    an empty one (b"")."""
    return result(0) + tlv(0xA0, tlv(0x30, text(control), *map(text, value)))


# -- the server


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        while message := self._read():
            (_, number_), (tag, body), *rest = items(message)
            if tag == BIND:
                self._say(number_, result(0, kind=0x61))
            elif tag == SEARCH:
                for each in self.server.answer(_search(body, rest)):
                    self._say(number_, each)
            elif tag == UNBIND:
                return

    def _read(self) -> bytes:
        head = self.rfile.read(2)
        if len(head) < 2:
            return b""
        size = head[1]
        if size & 0x80:
            size = int.from_bytes(self.rfile.read(size & 0x7F), "big")
        return self.rfile.read(size)

    def _say(self, number_: bytes, operation: bytes) -> None:
        self.wfile.write(tlv(0x30, tlv(0x02, number_), operation))


def _search(body: bytes, rest: list[tuple[int, bytes]]) -> Search:
    fields = items(body)
    search = Search(
        base=fields[0][1].decode(),
        scope=int.from_bytes(fields[1][1], "big"),
        attributes=[value.decode() for _, value in items(fields[7][1])],
    )
    for _, controls in rest:
        for _, control in items(controls):
            parts = items(control)
            search.controls[parts[0][1]] = parts[-1][1]
    if PAGED in search.controls:
        search.cookie = items(items(search.controls[PAGED])[0][1])[1][1]
    return search


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    answer: Callable[[Search], list[bytes]]


class ScriptedServer:
    def __init__(self, answer: Callable[[Search], list[bytes]]):
        self._server = _Server(("127.0.0.1", 0), _Session)
        self._server.answer = answer
        self.uri = f"ldap://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self) -> ScriptedServer:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
