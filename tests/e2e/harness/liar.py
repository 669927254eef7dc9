"""Servers on loopback that say what a test has written down, byte by byte, and
keep what they were told: directory servers that lie, drip, hang and flood.

    with PostgresqlLiar(rows=endless) as server: ... server.port

Each step of a conversation ("login", "rows") is a function that gives what is
said then: messages, bytes that are no message (Raw), or HANG_UP.
"""

from __future__ import annotations

import contextlib
import itertools
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import ClassVar

from harness.ldap_script import BIND, SEARCH, UNBIND, items, page, result, tlv

Says = Iterable[bytes]
Step = Callable[[], Says]
EXTENDED = 0x77
ANSWERS = {BIND: 0x61, EXTENDED: 0x78}


class Raw(bytes):
    """Bytes that are sent as they are."""


HANG_UP = Raw()


class Line:
    """One connection, from the server's side."""

    def __init__(self, peer: socket.socket, heard: bytearray):
        self._peer = peer
        self._heard = heard

    def read(self, size: int) -> bytes:
        got = b""
        while len(got) < size:
            more = self._peer.recv(size - len(got))
            if not more:
                raise ConnectionError
            self._heard += more
            got += more
        return got

    def say(self, said: bytes) -> None:
        self._peer.sendall(said)

    def secure(self, context: ssl.SSLContext) -> None:
        self._peer = context.wrap_socket(self._peer, server_side=True)

    def close(self) -> None:
        self._peer.close()


class Liar:
    """steps: what is said otherwise than a good server says it.  heard: all
    that clients sent."""

    good: ClassVar[dict[str, Step]] = {}

    def __init__(self, **steps: Step):
        self.steps = steps
        self.heard = bytearray()
        self.context: ssl.SSLContext | None = None
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=20)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Liar:
        return self

    def __exit__(self, *_: object) -> None:
        # Wakes accept(), which close() alone does not.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def talk(self, line: Line) -> None:
        raise NotImplementedError

    def says(self, name: str) -> Says:
        return self.steps.get(name, self.good[name])()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                peer, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer: socket.socket) -> None:
        line = Line(peer, self.heard)
        # What is no message, but a handshake of TLS, ends it too.
        with contextlib.suppress(OSError, ValueError, IndexError):
            self.talk(line)
        line.close()

    def _say_all(
        self, line: Line, name: str, frame: Callable[[bytes], bytes] = bytes
    ) -> None:
        for each in self.says(name):
            if each is HANG_UP:
                raise ConnectionError
            line.say(each if isinstance(each, Raw) else frame(each))


# -- LDAP (RFC 4511)


class LdapLiar(Liar):
    good: ClassVar[dict[str, Step]] = {
        "bind": lambda: [result(0, kind=ANSWERS[BIND])],
        "extended": lambda: [result(0, kind=ANSWERS[EXTENDED])],
        "search": lambda: [page()],
    }
    names: ClassVar[dict[int, str]] = {
        BIND: "bind", EXTENDED: "extended", SEARCH: "search"}

    @property
    def uri(self) -> str:
        return f"ldap://127.0.0.1:{self.port}"

    def talk(self, line: Line) -> None:
        while True:
            (_, number), (tag, _), *_ = items(self._read(line))
            if tag == UNBIND:
                return
            if tag not in self.names:
                continue  # what is given up

            def frame(operation: bytes, number: bytes = number) -> bytes:
                return tlv(0x30, tlv(0x02, number), operation)

            self._say_all(line, self.names[tag], frame)
            if tag == EXTENDED and self.context is not None:
                line.secure(self.context)

    @staticmethod
    def _read(line: Line) -> bytes:
        size = line.read(2)[1]
        if size & 0x80:
            size = int.from_bytes(line.read(size & 0x7F), "big")
        return line.read(size)


# -- PostgreSQL, protocol 3.0


def pg(kind: bytes, body: bytes = b"") -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body


def pg_authentication(kind: int, more: bytes = b"") -> bytes:
    return pg(b"R", struct.pack("!I", kind) + more)


def pg_parameter(name: str, value: str) -> bytes:
    return pg(b"S", f"{name}\0{value}\0".encode())


def pg_error(said: str, kind: bytes = b"E", code: str = "XX000") -> bytes:
    return pg(kind, f"SERROR\0VERROR\0C{code}\0M{said}\0\0".encode())


def pg_columns(count: int = 1) -> bytes:
    column = b"address\0" + struct.pack("!IhIhih", 0, 0, 25, -1, -1, 0)
    return pg(b"T", struct.pack("!h", count) + count * column)


def pg_row(*values: str | bytes | None) -> bytes:
    listed = [v.encode() if isinstance(v, str) else v for v in values]
    fields = (
        struct.pack("!i", -1) if v is None else struct.pack("!I", len(v)) + v
        for v in listed
    )
    return pg(b"D", struct.pack("!h", len(values)) + b"".join(fields))


PG_READY = pg(b"Z", b"I")
PG_BEGUN = pg(b"C", b"BEGIN\0") + pg(b"Z", b"T")
PG_END = pg(b"C", b"SELECT 1\0") + pg(b"Z", b"T")
PG_PREPARED = pg(b"1") + pg(b"2")
PG_COPY = pg(b"H", struct.pack("!bh", 0, 0))
PG_WELCOME = (
    pg_authentication(0) + pg_parameter("server_encoding", "UTF8") + PG_READY
)


def pg_rows(*addresses: str) -> Says:
    return [PG_PREPARED + pg_columns(), *map(pg_row, addresses), PG_END]


class PostgresqlLiar(Liar):
    good: ClassVar[dict[str, Step]] = {
        "tls": lambda: [b"N"],
        "login": lambda: [PG_WELCOME],
        "password": lambda: [PG_WELCOME],
        "begin": lambda: [PG_BEGUN],
        "rows": lambda: pg_rows(),
    }

    def talk(self, line: Line) -> None:
        (size,) = struct.unpack("!I", line.read(4))
        if struct.unpack("!I", line.read(size - 4)[:4])[0] == 80877103:
            self._say_all(line, "tls")
            if self.context is not None:
                line.secure(self.context)
            line.read(struct.unpack("!I", line.read(4))[0] - 4)
        self._say_all(line, "login")
        while True:
            kind, size = struct.unpack("!cI", line.read(5))
            line.read(size - 4)
            if kind == b"X":
                return
            if kind in b"QSp":
                names = {b"Q": "begin", b"S": "rows", b"p": "password"}
                self._say_all(line, names[kind])


# -- MySQL, protocol 10

PROTOCOL_41, SECURE, PLUGINS, CLIENT_TLS = 0x200, 0x8000, 0x80000, 0x800
CAPABILITIES = 1 | 8 | 0x80 | 0x2000 | PROTOCOL_41 | SECURE | PLUGINS
MY_OK = b"\0\0\0" + struct.pack("<HH", 2, 0)
MY_EOF = b"\xfe" + struct.pack("<HH", 0, 2)


def my_greeting(
    capabilities: int = CAPABILITIES, plugin: str = "mysql_native_password"
) -> bytes:
    low, high = capabilities & 0xFFFF, capabilities >> 16
    return (
        b"\x0a5.7.0\0" + struct.pack("<I", 1) + b"12345678\0"
        + struct.pack("<HBHHB", low, 45, 2, high, 21) + bytes(10)
        + b"123456789012\0" + plugin.encode() + b"\0"
    )


def my_length(size: int) -> bytes:
    return bytes([size]) if size < 251 else b"\xfe" + struct.pack("<Q", size)


def my_text(value: str | bytes | None) -> bytes:
    if value is None:
        return b"\xfb"
    listed = value.encode() if isinstance(value, str) else value
    return my_length(len(listed)) + listed


def my_columns(count: int = 1) -> Says:
    column = (
        b"".join(map(my_text, ("def", "", "", "", "address", "")))
        + b"\x0c" + struct.pack("<HIBHB", 45, 1000, 0xFD, 0, 0) + bytes(2)
    )
    return [my_length(count), *count * [column], MY_EOF]


def my_row(*values: str | bytes | None) -> bytes:
    return b"".join(map(my_text, values))


def my_rows(*addresses: str) -> Says:
    return [*my_columns(), *map(my_row, addresses), MY_EOF]


def my_error(said: str, code: int = 1064) -> bytes:
    return b"\xff" + struct.pack("<H", code) + b"#42000" + said.encode()


class MysqlLiar(Liar):
    good: ClassVar[dict[str, Step]] = {
        "greeting": lambda: [my_greeting()],
        "login": lambda: [MY_OK],
        "set": lambda: [MY_OK],
        "rows": lambda: my_rows(),
    }

    def talk(self, line: Line) -> None:
        self._tell(line, "greeting", 0)
        number, body = self._read(line)
        if struct.unpack("<I", body[:4])[0] & CLIENT_TLS and self.context is not None:
            line.secure(self.context)
            number, body = self._read(line)
        self._tell(line, "login", number + 1)
        while True:
            number, body = self._read(line)
            if body[:1] == b"\1":
                return
            if body[:1] == b"\3":
                is_query = body[1:7].upper() == b"SELECT"
                self._tell(line, "rows" if is_query else "set", number + 1)

    @staticmethod
    def _read(line: Line) -> tuple[int, bytes]:
        head = line.read(4)
        return head[3], line.read(int.from_bytes(head[:3], "little"))

    def _tell(self, line: Line, name: str, number: int) -> None:
        numbers: Iterator[int] = itertools.count(number)

        def frame(body: bytes) -> bytes:
            return struct.pack("<I", len(body))[:3] + bytes([next(numbers) & 255]) + body

        self._say_all(line, name, frame)
