"""A DNS server of one test: dnsmasq on a loopback port, which knows what it
is told and asks nobody; and servers that fail as real ones do.

    with NameServer(folder, ["mx-host=company.example,mx.company.example,10"]):
"""

from __future__ import annotations

import signal
import socket
import struct
import subprocess
import threading
from pathlib import Path

from harness.paths import free_port, wait_until

SERVFAIL, REFUSED = 2, 5
HEADER = struct.Struct("!6H")


class NameServer:
    """records: lines of dnsmasq's configuration.  Whatever they do not name
    below "example" does not exist."""

    def __init__(
        self, folder: Path, records: list[str], host: str = "127.0.0.1", port: int = 0
    ):
        folder.mkdir(parents=True, exist_ok=True)
        self.host = host
        self.port = port or free_port()
        self._log = folder / "dnsmasq.log"
        self._conf = folder / "dnsmasq.conf"
        lines = [
            f"port={self.port}",
            f"listen-address={host}",
            "bind-interfaces",
            "user=nobody",
            "pid-file=",
            "no-resolv",
            "no-hosts",
            "no-poll",
            "local=/example/",
            *records,
        ]
        self._conf.write_text("\n".join(lines) + "\n")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> NameServer:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                ["/usr/sbin/dnsmasq", "-k", f"--conf-file={self._conf}"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wait_until(self._answers, f"dnsmasq answers; see {self._log}")
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(20)
            self._process = None

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError(f"dnsmasq: {self._log.read_text()}")
        try:
            socket.create_connection((self.host, self.port), 1).close()
            return True
        except OSError:
            return False

    @property
    def name(self) -> str:
        """As --resolver wants it."""
        return f"{self.host}:{self.port}"


class FailingServer:
    """Says to every question that it can not answer; code None: says
    nothing at all."""

    def __init__(self, code: int | None):
        self._code = code
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.name = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self.n_asked = 0

    def __enter__(self) -> FailingServer:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                question, client = self._socket.recvfrom(4096)
                self.n_asked += 1
                if self._code is not None:
                    self._socket.sendto(self._answer(question), client)
            except OSError:
                return

    def _answer(self, question: bytes) -> bytes:
        number, flags, *_ = HEADER.unpack_from(question)
        # QR and RA; RD as it was asked.
        flags = 0x8080 | flags & 0x0100 | (self._code or 0)
        return HEADER.pack(number, flags, 1, 0, 0, 0) + question[HEADER.size :]


class RingServer(FailingServer):
    """Says of every name that it is a CNAME of itself, and no more."""

    def __init__(self) -> None:
        super().__init__(0)

    def _answer(self, question: bytes) -> bytes:
        number, flags, *_ = HEADER.unpack_from(question)
        asked = question[HEADER.size :]
        end = asked.index(b"\0") + 5  # the name, its type and class
        # Back to the name asked for, at offset 12, for a minute.
        alias = b"\xc0\x0c\x00\x05\x00\x01\x00\x00\x00\x3c\x00\x02\xc0\x0c"
        header = HEADER.pack(number, 0x8080 | flags & 0x0100, 1, 1, 0, 0)
        return header + asked[:end] + alias
