"""Limits of docs/security.md that only a running policyd or another server
shows: what is a unit below and what is just of the size is taken, a unit more
is not.
"""

from __future__ import annotations

import resource
import select
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from harness.database import DATABASE, PASSWORD, READER
from harness.ldap_script import ScriptedServer, number, page, text, tlv
from harness.mariadb import MariaDb
from harness.paths import free_port, wait_until
from harness.policy import PolicyClient
from harness.postfix import state_group
from harness.site import Site
from harness.staff import ANN, CONF, build_staff

OPEN_FILES, SPARE = 100, 24
CONNECTIONS = OPEN_FILES - SPARE
REQUEST, HTTP_HEAD, HTTP_BODY, HTTP_CONNECTIONS = 65536, 8192, 1024, 16
LDAP_MESSAGE, MYSQL_PACKET = 16 << 20, 1 << 20


@contextmanager
def policyd(site: Site, *options: str) -> Iterator[None]:
    build_staff(site)
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


# -- other servers


def check(site: Site, directory: str) -> str:
    """What is said of a list that such a directory has."""
    listed = 'directory "staff" { type = file path = "staff.txt" }'
    site.namespace(CONF.replace(listed, f'directory "staff" {{ {directory} }}'))
    done = site.compile("check")
    return done.stdout + done.stderr


def padded(size: int) -> bytes:
    """An entry whose message has so many bytes after its own head."""
    mail = tlv(0x30, text("mail"), tlv(0x31, text(ANN)))

    def operation(length: int) -> bytes:
        photo = tlv(0x30, text("photo"), tlv(0x31, text(b"x" * length)))
        return tlv(0x64, text("cn=a,dc=company"), tlv(0x30, mail, photo))

    head = len(number(1))
    # What stands around it has lengths, too, which are shorter than the whole.
    around = len(operation(size - 100)) - (size - 100)
    padded = operation(size - around - head)
    assert head + len(padded) == size
    return padded


def test_ldap_message(site: Site) -> None:
    said: list[bytes] = []
    with ScriptedServer(lambda _search: said) as server:
        directory = (
            f'type = ldap uri = {{ "{server.uri}" }} base = "dc=company" '
            'filter = "(mail=*)" attributes = { "mail" } deltas = no timeout = 100'
        )
        for size in (LDAP_MESSAGE - 1, LDAP_MESSAGE, LDAP_MESSAGE + 1):
            said[:] = [padded(size), page()]
            found = check(site, directory)
            assert ("1 recipient" in found) == (size <= LDAP_MESSAGE), (size, found)
            is_refused = "the connection was lost" in found
            assert is_refused == (size > LDAP_MESSAGE), (size, found)


def test_mysql_packet(site: Site) -> None:
    """Of one value, whose length stands before it in four bytes."""
    (site.root / "password").write_text(PASSWORD)
    (site.root / "password").chmod(0o600)
    with MariaDb(site.root / "mariadb") as server:
        directory = (
            'type = sql driver = mysql hosts = { "127.0.0.1" } tls = none '
            f"port = {server.port} database = {DATABASE} user = {READER} "
            'password-file = "password" max-bad = 10 query = "%s"'
        )
        for size in (MYSQL_PACKET - 1, MYSQL_PACKET, MYSQL_PACKET + 1):
            query = f"SELECT repeat('a', {size - 1 - 4}) AS address"
            found = check(site, directory % query)
            is_read = "Lost connection" not in found
            assert is_read == (size <= MYSQL_PACKET), (size, found)
            # It is no address, which is told of what was read.
            assert ("aaaaaaaa" in found) == is_read, (size, found)
