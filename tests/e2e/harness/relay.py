"""A TCP relay on loopback that cuts a connection, or goes silent, after so
many bytes from the server; and a server that takes connections and never
says a word is a relay to nobody.
"""

from __future__ import annotations

import socket
import threading
import time


class Relay:
    """cut_after and stall_after count the server's bytes of one connection;
    None = never.  target None: whoever connects is kept waiting."""

    def __init__(self, target: tuple[str, int] | None):
        self._target = target
        self.cut_after: int | None = None
        self.stall_after: int | None = None
        self.pause_s = 0.0  # before each 4 KiB of the server's
        self.bytes = 0  # that the server sent, in all connections
        self.connections = 0
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Relay:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        for each in [self._listener, *self._open]:
            _shut(each)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(client)
            if self._target is not None:
                self._join(client, self._target)

    def _join(self, client: socket.socket, target: tuple[str, int]) -> None:
        try:
            server = socket.create_connection(target, 10)
        except OSError:
            _shut(client)
            return
        server.settimeout(None)
        self._open.append(server)
        for pump in (self._up, self._down):
            threading.Thread(target=pump, args=(client, server), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        try:
            while data := client.recv(65536):
                server.sendall(data)
        except OSError:
            pass
        _shut(server)

    def _down(self, client: socket.socket, server: socket.socket) -> None:
        done = 0
        try:
            while data := server.recv(4096):
                self.bytes += len(data)
                time.sleep(self.pause_s)
                limit = _least(self.cut_after, self.stall_after)
                if limit is not None and done + len(data) >= limit:
                    client.sendall(data[: limit - done])
                    if self.stall_after == limit:
                        return  # and the connection stays open
                    break
                client.sendall(data)
                done += len(data)
        except OSError:
            pass
        _shut(client)
        _shut(server)


def _least(*limits: int | None) -> int | None:
    given = [limit for limit in limits if limit is not None]
    return min(given) if given else None


def _shut(each: socket.socket) -> None:
    try:
        each.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    each.close()
