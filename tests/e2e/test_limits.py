"""Limits of docs/security.md that only a running policyd shows: what is a
unit below and what is just of the size is taken, a unit more is not.
"""

from __future__ import annotations

import resource
import select
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from harness.paths import free_port, wait_until
from harness.policy import PolicyClient
from harness.postfix import state_group
from harness.site import Site

CONF = """
accepted-domain "company.example" { type = authoritative }
connector "mail" {
    address-spaces = { "company.example" }
    smart-hosts = { "10.0.0.1" }
}
directory "staff" { type = file path = "staff.txt" }
"""
ANN = "ann@company.example"
OPEN_FILES, SPARE = 100, 24
CONNECTIONS = OPEN_FILES - SPARE
REQUEST, HTTP_HEAD, HTTP_BODY, HTTP_CONNECTIONS = 65536, 8192, 1024, 16


@contextmanager
def policyd(site: Site, *options: str) -> Iterator[None]:
    site.write("staff.txt", [ANN])
    site.namespace(CONF)
    site.build()
    limit = (OPEN_FILES, OPEN_FILES)
    with site.daemon_log.open("wb") as log:
        process = subprocess.Popen(
            [site.postfix.programs / "policyd", "-s", site.state]
            + ["--user", "nobody", "--log", "stderr"]
            + ["--listen", f"unix:{site.root / 'socket'}", *options],
            stdin=subprocess.DEVNULL,
            stderr=log,
            group=state_group(),
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, limit),
        )
    try:
        wait_until(lambda: "is in force" in site.daemon_log.read_text(), "a start")
        yield
    finally:
        process.terminate()
        assert process.wait(60) == 0


def is_silent(client: PolicyClient, seconds: float) -> bool:
    """Asks, and waits for an answer so long."""
    words = ["request=smtpd_access_policy", "protocol_state=RCPT"]
    request = "\n".join([*words, f"recipient={ANN}", "", ""])
    client._socket.sendall(request.encode())
    return not select.select([client._socket], [], [], seconds)[0]


def test_connections(site: Site) -> None:
    with policyd(site), ExitStack() as stack:
        clients: list[PolicyClient] = []
        for _ in range(CONNECTIONS):
            client = stack.enter_context(PolicyClient(site.root / "socket", 20))
            assert client.ask(ANN) == "DUNNO", f"{len(clients)} are taken"
            clients.append(client)
        late = stack.enter_context(PolicyClient(site.root / "socket", 20))
        assert is_silent(late, 1.5), f"more than {CONNECTIONS} are taken"
        # It waits, and is not lost.
        clients[0].__exit__()
        assert late._in.readline() == b"action=DUNNO\n"


def test_request(site: Site) -> None:
    with policyd(site):
        for size in (REQUEST - 1, REQUEST, REQUEST + 1):
            head = b"request=smtpd_access_policy\nhelo_name="
            request = head + b"a" * (size - len(head) - 2) + b"\n\n"
            with PolicyClient(site.root / "socket", 20) as client:
                try:
                    reply = client.ask_raw(request)
                except (ConnectionError, BrokenPipeError):
                    reply = b""
            expected = b"action=DUNNO\n\n" if size <= REQUEST else b""
            assert reply == expected, (size, reply)


# -- HTTP


def http(port: int, request: bytes) -> int:
    """The status; 0 where it hangs up without."""
    with socket.create_connection(("127.0.0.1", port), 20) as stream:
        try:
            stream.sendall(request)
            reply = stream.recv(4096)
        except ConnectionError:
            return 0
    return int(reply.split()[1]) if reply else 0


def test_http_body(site: Site) -> None:
    port = free_port()
    with policyd(site, "--metrics", f"inet:127.0.0.1:{port}"):
        for size in (HTTP_BODY - 1, HTTP_BODY, HTTP_BODY + 1):
            head = f"POST /metrics HTTP/1.0\r\nContent-Length: {size}\r\n\r\n"
            status = http(port, head.encode() + b"a" * size)
            # Nothing is posted here, and that much is not even read.
            assert status == (405 if size <= HTTP_BODY else 413), (size, status)


def test_http_head(site: Site) -> None:
    port = free_port()
    with policyd(site, "--metrics", f"inet:127.0.0.1:{port}"):
        for size in (HTTP_HEAD - 1, HTTP_HEAD, HTTP_HEAD + 1):
            line, end = b"GET /healthz HTTP/1.0\r\nX: ", b"\r\n\r\n"
            # Ends of lines do not count.
            rest = size - len(line + end) + 3 * len(b"\r\n")
            status = http(port, line + b"a" * rest + end)
            assert (status == 200) == (size <= HTTP_HEAD), (size, status)


def test_http_connections(site: Site) -> None:
    port = free_port()
    with policyd(site, "--metrics", f"inet:127.0.0.1:{port}"), ExitStack() as stack:
        idle = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port), 20))
            for _ in range(HTTP_CONNECTIONS - 1)
        ]
        request = b"GET /healthz HTTP/1.0\r\n\r\n"
        assert http(port, request) == 200, "the last one is taken"
        idle.append(
            stack.enter_context(socket.create_connection(("127.0.0.1", port), 20))
        )
        late = stack.enter_context(socket.create_connection(("127.0.0.1", port), 20))
        late.sendall(request)
        assert not select.select([late], [], [], 1)[0], "one more is taken"
        # One that says nothing is let go after some seconds; so is the wait.
        idle[0].close()
        assert late.recv(100).startswith(b"HTTP/1.0 200")
