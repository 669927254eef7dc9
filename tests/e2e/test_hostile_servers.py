"""Directory servers that lie, drip, hang and flood: each harms its own list
alone, and not even that, for its last-good copy serves.  What each does is in
a table; all of a table are read side by side by one build.
"""

from __future__ import annotations

import itertools
import os
import ssl
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from harness.authority import Authority
from harness.ldap_script import number, page, result, text, tlv
from harness.liar import (
    CAPABILITIES,
    CLIENT_TLS,
    HANG_UP,
    MY_EOF,
    MY_OK,
    PG_COPY,
    PG_END,
    PG_PREPARED,
    PG_READY,
    PG_WELCOME,
    LdapLiar,
    Liar,
    MysqlLiar,
    PostgresqlLiar,
    Raw,
    Says,
    Step,
    my_columns,
    my_error,
    my_greeting,
    my_row,
    my_rows,
    pg,
    pg_authentication,
    pg_columns,
    pg_error,
    pg_parameter,
    pg_row,
    pg_rows,
)
from harness.site import COMPILER, DIRECTORY_FAILED, GUARD_REFUSED, PUBLISHED, Site

CONF = """
accepted-domain "company.example" { type = authoritative }
connector "one" { address-spaces = { "company.example" } smart-hosts = { "10.0.0.1" } }
deadline = %d
keep = 2
directory "staff" { type = file path = "staff.txt" }
"""
PASSWORD = "open-sesame-7391"
# What any of them may wait, and what all may take on a busy machine.
WAIT_S, DEADLINE_S, BUILD_S = 5, 60, 50
# More than a good build of the same.
# libldap takes 16 bytes and more for each value of a message, of 2 bytes at the
# least: 220 to 390 MiB were seen.  Without limits it was 840 and more.
MEMORY_KIB = 512 << 10
# Its malloc(3) tells nothing, and keeps more.
IS_SANITIZED = b"__asan_init" in COMPILER.read_bytes()


@dataclass
class Lie:
    """words: what its sentence has; () = the list is taken all the same."""

    name: str
    words: tuple[str, ...]
    steps: dict[str, Step]
    more: str = ""
    # Where TLS is spoken, once it was offered.
    is_tls: bool = False
    may_hear: bool = True  # the password
    wait_s: int = WAIT_S


@dataclass
class Protocol:
    liar: type[Liar]
    block: str
    good: Callable[[str], dict[str, Step]]


def drip(*said: bytes) -> Step:
    """The whole in bytes, five a second."""

    def says() -> Says:
        for byte in b"".join(said):
            time.sleep(0.2)
            yield Raw([byte])
        time.sleep(BUILD_S)

    return says


def silence() -> Says:
    time.sleep(BUILD_S)
    return []


def says(*said: bytes) -> Step:
    return lambda: said


def flood(*said: bytes) -> Step:
    return lambda: itertools.cycle(said)


def then_silent(*said: bytes) -> Step:
    def says() -> Says:
        yield from said
        yield from silence()

    return says


GARBAGE = Raw(bytes(range(256)) * 4)
ESCAPES = "\x1b]0;owned\x07\x1b[2J\r\nroot: all is well\u202e\u2028\x9b31m"


# -- the course of a test


def block(
    protocol: Protocol, name: str, server: Liar, more: str, wait_s: int = WAIT_S
) -> str:
    return (
        f'directory "{name}" {{\n{protocol.block % server.port}\n'
        f"connect-timeout = {wait_s} timeout = {wait_s}\n{more}\n}}\n"
    )


# Between us and what is measured: a process begins with its parent's size.
MEASURE = """
import pathlib, resource, subprocess, sys
done = subprocess.run(sys.argv[2:], stdin=subprocess.DEVNULL)
largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
pathlib.Path(sys.argv[1]).write_text(str(largest))
sys.exit(done.returncode)
"""


def build(site: Site, *options: str) -> tuple[int, str, int]:
    """Its status, what it says, and what the largest of its processes held in
    KiB."""
    largest = site.root / "largest"
    command = [COMPILER, "-c", site.conf, "-s", site.state, "build", *options]
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, largest, *command],
        capture_output=True,
        text=True,
        env=os.environ | {"ASAN_OPTIONS": "quarantine_size_mb=1"},
        timeout=2 * BUILD_S,
    )
    return done.returncode, done.stdout + done.stderr, int(largest.read_text())


def of_this_test(site: Site) -> list[str]:
    """Processes that work on its configuration."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(site.conf).encode() in path.read_bytes():
                found.append(str(path))
        except OSError:
            pass
    return found


def recipient(name: str) -> str:
    return f"{name}@company.example"


def expect_lies(site: Site, protocol: Protocol, lies: list[Lie]) -> None:
    (site.root / "password").write_text(f"{PASSWORD}\n")
    (site.root / "password").chmod(0o600)
    site.write("staff.txt", [recipient("ann")])
    authority = Authority(site.root / "ca")
    Authority(site.root / "other", "Somebody else")
    certificate = authority.issue("server", "/CN=localhost", "DNS:localhost,IP:127.0.0.1")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate.pem, certificate.key)
    with ExitStack() as stack:
        servers = {
            lie.name: stack.enter_context(protocol.liar(**protocol.good(lie.name)))
            for lie in lies
        }

        def configure(is_good: bool) -> None:
            blocks = (
                block(protocol, lie.name, servers[lie.name],
                      "" if is_good else lie.more, lie.wait_s)
                for lie in lies
            )
            site.conf.write_text(CONF % DEADLINE_S + "".join(blocks))

        configure(True)
        status, said, memory = build(site)
        assert status == PUBLISHED, said
        for lie in lies:
            servers[lie.name].steps = protocol.good(lie.name) | lie.steps
            servers[lie.name].heard.clear()
            servers[lie.name].context = context if lie.is_tls else None
        configure(False)
        site.write("staff.txt", [recipient("ann"), recipient("ben")])
        began = time.monotonic()
        status, said, needed = build(site)
        took = time.monotonic() - began
        heard = {name: bytes(server.heard) for name, server in servers.items()}
    expect_told(lies, said)
    assert status == DIRECTORY_FAILED, said
    assert took < BUILD_S, f"{took:.1f} s: {said}"
    assert IS_SANITIZED or needed < memory + MEMORY_KIB, f"{memory} KiB before, now {needed}"
    assert not of_this_test(site), of_this_test(site)
    assert PASSWORD not in said
    for lie in lies:
        assert b"root:" not in heard[lie.name], lie.name
        assert lie.may_hear or PASSWORD.encode() not in heard[lie.name], lie.name
    expect_served(site, [lie.name for lie in lies])


def expect_told(lies: list[Lie], said: str) -> None:
    wrong = []
    for lie in lies:
        told = [n for n in said.splitlines() if f": directory {lie.name}: " in n]
        fits = len(told) == (1 if lie.words else 0) and all(
            word in told[0] for word in lie.words
        )
        if not fits or (told and not told[0].endswith("its last-good copy serves")):
            wrong.append(f"{lie.name}: {told}")
    assert not wrong, "\n".join([*wrong, "--", said])
    assert all(n.isprintable() for n in said.splitlines()), repr(said)


def expect_served(site: Site, names: list[str]) -> None:
    """Whoever was there before, and the other directory's new one."""
    for each in [*names, "ann", "ben"]:
        explained = site.explain(recipient(each))
        assert explained["verdict"] == "accept", (each, explained)
    assert site.explain(recipient("ghost"))["verdict"] == "reject"


# -- PostgreSQL and what all databases have in common

SQL = (
    'type = sql driver = %s hosts = { "127.0.0.1" } port = %%d database = "mail" '
    'user = "reader" password-file = "password" query = "SELECT address FROM people"'
)
LATE_LOGIN = f'no answer within {WAIT_S} s ("connect-timeout")'
LATE = f'no answer within {WAIT_S} s ("timeout")'
LARGE = LATE if IS_SANITIZED else "the server sends more than 16 MiB"
# A quick machine has it within its time, and libpq finds it wrong.
LARGE_ROW = "" if IS_SANITIZED else LARGE
NO_TLS = "the server must offer TLS"
POSTGRESQL = Protocol(
    PostgresqlLiar,
    SQL % "postgresql",
    lambda name: {"rows": lambda: pg_rows(recipient(name))},
)
PG_ONE = (PG_PREPARED, pg_columns(), pg_row(recipient("one")))


def pg_long(kind: bytes, size: int) -> Raw:
    """The head of a message that is as long as that."""
    return Raw(kind + struct.pack("!I", size))


PG_LIES = [
    Lie("silent", (LATE_LOGIN,), {"login": silence}),
    Lie("closes", ("closed the connection",), {"login": says(HANG_UP)}),
    Lie("closes-in-a-message", ("closed the connection",),
        {"login": says(PG_WELCOME[:20], HANG_UP)}),
    Lie("closes-in-a-row", ("closed the connection", "the list ends after row 1"),
        {"rows": says(*PG_ONE, pg_row(recipient("two"))[:-3], HANG_UP)}),
    Lie("drips", (LATE_LOGIN,), {"login": drip(PG_WELCOME)}),
    Lie("drips-rows", (LATE, "after row 1"),
        {"rows": lambda: itertools.chain(PG_ONE, drip(pg_row("x" * 1000))())}),
    Lie("stops-in-rows", (LATE, "after row 1"), {"rows": then_silent(*PG_ONE)}),
    Lie("garbage", ("expected authentication request",), {"login": says(GARBAGE)}),
    Lie("garbage-rows", ("lost synchronization",), {"rows": says(*PG_ONE, GARBAGE)}),
    Lie("announces-2g", ("postgresql://",), {"rows": then_silent(pg_long(b"D", 0x7FFFFFFF))}),
    Lie("announces-4g", ("postgresql://",),
        {"rows": then_silent(pg_long(b"D", 0xFFFFFFFF))}),
    Lie("long-login", ("127.0.0.1: ",), {"login": then_silent(pg_long(b"R", 0x7FFFFFFF))}),
    Lie("long-error", (LATE_LOGIN,),
        {"login": then_silent(pg_long(b"E", 0x7FFFFFFF))}),
    Lie("floods-a-row", (LARGE_ROW,),
        {"rows": lambda: itertools.chain(
            [pg_long(b"D", 0x2FFFFFFF)], flood(Raw(bytes(1 << 20)))())}),
    Lie("floods-notices", (LATE,), {"rows": flood(1000 * pg_error("x" * 999, b"N"))}),
    Lie("floods-notices-at-login", (LATE_LOGIN,),
        {"login": lambda: itertools.chain(
            [pg_authentication(0)], flood(1000 * pg_error("x" * 999, b"N"))())}),
    Lie("floods-parameters", (LARGE,),
        {"rows": lambda: (pg_parameter(f"p{n}", "x" * 20000) for n in itertools.count())}),
    Lie("floods-notifications", (LARGE,),
        {"rows": flood(100 * pg(b"A", bytes(4) + b"channel\0" + b"x" * 9999 + b"\0"))}),
    Lie("copies", ("must be a SELECT",), {"rows": says(PG_PREPARED, PG_COPY)}),
    Lie("copies-for-ever", ("must be a SELECT",),
        {"rows": lambda: itertools.chain(
            [PG_PREPARED, PG_COPY], flood(pg(b"d", bytes(10000)))())}),
    Lie("copies-at-begin", ("BEGIN",), {"begin": says(PG_COPY)}),
    Lie("rows-at-begin", ("BEGIN",),
        {"begin": says(pg_columns(), pg_row("x"), pg(b"C", b"SELECT 1\0"), PG_READY)}),
    Lie("terminal", ("]0;owned", "all is well"), {"login": says(pg_error(ESCAPES))}),
    Lie("terminal-rows", ("]0;owned", "all is well"), {"rows": says(pg_error(ESCAPES))}),
    Lie("fails-after-rows", ("the query failed: no more", "after row 1"),
        {"rows": says(*PG_ONE, pg_error("no more"))}),
    Lie("unknown-authentication", ("99",), {"login": says(pg_authentication(99))}),
    Lie("no-tls", (NO_TLS,), {"login": says(pg_authentication(3))},
        "tls = encrypt", may_hear=False),
    Lie("no-tls-verify", (NO_TLS,), {"login": says(pg_authentication(3))},
        'tls = verify tls-ca-file = "ca/ca.pem"', may_hear=False),
    Lie("garbage-for-tls", ("SSL",), {"tls": says(GARBAGE)}, "tls = encrypt",
        may_hear=False),
    Lie("text-before-tls", ("unencrypted data",), {"tls": says(b"S" + PG_WELCOME)},
        "tls = encrypt", is_tls=True, may_hear=False),
    Lie("another-certificate", ("tls-ca-file must hold",), {"tls": says(b"S")},
        'tls = verify tls-ca-file = "other/ca.pem"', is_tls=True, may_hear=False),
    Lie("three-columns", ("3 columns",),
        {"rows": says(PG_PREPARED, pg_columns(3), pg_row("a", "b", "c"), PG_END)}),
    Lie("no-columns", ("must be a SELECT",),
        {"rows": says(PG_PREPARED, pg_columns(0), pg_row(), PG_END)}),
    Lie("other-length", ("field count",),
        {"rows": says(PG_PREPARED, pg_columns(2), pg_row("a@company.example"), PG_END)}),
    Lie("other-columns", ("the list ends after row 1",),
        {"rows": says(*PG_ONE, pg_columns(2), pg_row("a", "b"), PG_END)}),
    Lie("other-columns-later", ("the list ends after row 1",),
        {"rows": says(*PG_ONE, pg(b"C", b"SELECT 1\0"), pg_columns(2),
                      pg_row("a", "b"), PG_END)}),
    Lie("fewer-columns-later", ("the list ends after row 1",),
        {"rows": says(PG_PREPARED, pg_columns(2), pg_row("a@company.example", "b"),
                      pg(b"C", b"SELECT 1\0"), pg_columns(1), pg_row("a"), PG_END)}),
    Lie("nulls", ("is an address",),
        {"rows": says(PG_PREPARED, pg_columns(), pg_row(None), pg_row(None), PG_END)}),
    Lie("binary", ("is an address",),
        {"rows": lambda: pg_rows("a\0b@company.example", ESCAPES, "x" * 500_000)}),
]


def test_postgresql(site: Site) -> None:
    expect_lies(site, POSTGRESQL, PG_LIES)


# -- MariaDB and MySQL

MYSQL = Protocol(
    MysqlLiar, SQL % "mysql", lambda name: {"rows": lambda: my_rows(recipient(name))}
)
MY_ONE = (*my_columns(), my_row(recipient("one")))
LOST = "Lost connection"
LOCAL_INFILE = b"\xfb/etc/passwd"


def my_long(size: int) -> Raw:
    """The head of a packet of 16 MiB, which the next one goes on, and all of
    those packets that come before the size is reached."""
    return Raw(b"\xff\xff\xff\x01" + bytes(size))


def my_switch(plugin: str) -> bytes:
    return b"\xfe" + plugin.encode() + b"\0" + b"12345678901234567890\0"


MY_LIES = [
    Lie("silent", (LATE_LOGIN,), {"greeting": silence}),
    Lie("closes", (LOST,), {"greeting": says(HANG_UP)}),
    Lie("closes-in-a-message", (LOST,),
        {"greeting": says(Raw(b"\x50\0\0\0\x0a5.7"), HANG_UP)}),
    Lie("closes-in-a-row", (LOST, "the list ends after row 1"),
        {"rows": says(*MY_ONE, Raw(b"\x20\0\0\x05abc"), HANG_UP)}),
    Lie("drips", (LATE_LOGIN,),
        {"greeting": drip(b"\x50\0\0\0", my_greeting())}),
    Lie("drips-login", (LATE_LOGIN,), {"login": drip(b"\xff\0\0\2", bytes(255))}),
    Lie("drips-tls", (LATE_LOGIN,),
        {"greeting": lambda: itertools.chain(
            [my_greeting(CAPABILITIES | CLIENT_TLS)], drip(b"\x16\3\3\x40\0", bytes(255))())},
        "tls = encrypt", may_hear=False),
    Lie("drips-rows", (LATE, "after row 1"),
        {"rows": lambda: itertools.chain(MY_ONE, drip(b"\xff\0\0\5", bytes(255))())}),
    Lie("stops-in-rows", (LATE, "after row 1"), {"rows": then_silent(*MY_ONE)}),
    Lie("garbage", ("127.0.0.1: ",), {"greeting": says(GARBAGE)}),
    Lie("garbage-login", ("127.0.0.1: ",), {"login": says(GARBAGE)}),
    Lie("garbage-rows", ("the list ends after row 1",), {"rows": says(*MY_ONE, GARBAGE)}),
    Lie("long-greeting", ("127.0.0.1: ",), {"greeting": lambda: [my_long(100 << 20)]}),
    Lie("long-columns", ("connection",), {"rows": lambda: [my_long(100 << 20)]}),
    Lie("many-columns", ("columns",),
        {"rows": lambda: [b"\xfe" + struct.pack("<Q", 0xFFFFFFFF), *100 * my_columns()[1:2], MY_EOF]}),
    Lie("many-columns-come", ("columns",), {"rows": lambda: my_columns(20000)}),
    Lie("long-value", ("the list ends after",),
        {"rows": says(*MY_ONE, b"\xfe" + struct.pack("<Q", 1 << 62) + b"x")}),
    Lie("value-of-4g", ("after row 1",),
        {"rows": says(*MY_ONE, b"\xfe" + struct.pack("<Q", (1 << 32) - 1) + b"x")}),
    Lie("our-file", (LATE,), {"rows": says(LOCAL_INFILE)}, may_hear=False),
    Lie("our-file-and-more", ("Load data local infile forbidden",),
        {"rows": says(LOCAL_INFILE, Raw(b"\7\0\0\3" + MY_OK))}, may_hear=False),
    Lie("our-file-at-set", ("127.0.0.1",), {"set": says(LOCAL_INFILE)}, may_hear=False),
    Lie("our-file-at-login", ("127.0.0.1",), {"login": says(LOCAL_INFILE)}, may_hear=False),
    Lie("rows-at-set", ("127.0.0.1",), {"set": lambda: my_rows("x")}),
    Lie("clear-password", ("127.0.0.1: ",),
        {"login": says(my_switch("mysql_clear_password"), MY_OK)}, may_hear=False),
    Lie("clear-password-at-once", ("127.0.0.1: ",),
        {"greeting": says(my_greeting(plugin="mysql_clear_password"))}, may_hear=False),
    Lie("asks-the-terminal", ("127.0.0.1: ",),
        {"login": says(my_switch("dialog"), b"\2Password: ", MY_OK)}, may_hear=False),
    Lie("another-plugin", ("127.0.0.1: ",),
        {"login": says(my_switch("../../../../tmp/evil"))}, may_hear=False),
    Lie("no-tls", (NO_TLS,), {}, "tls = encrypt", may_hear=False),
    Lie("no-tls-and-clear-password", ("127.0.0.1: ",),
        {"login": says(my_switch("mysql_clear_password"), MY_OK)},
        "tls = encrypt", may_hear=False),
    Lie("no-tls-verify", (NO_TLS,), {}, 'tls = verify tls-ca-file = "ca/ca.pem"',
        may_hear=False),
    Lie("another-certificate", ("tls-ca-file must hold",),
        {"greeting": lambda: [my_greeting(CAPABILITIES | CLIENT_TLS)]},
        'tls = verify tls-ca-file = "other/ca.pem"', is_tls=True, may_hear=False),
    Lie("terminal", ("]0;owned", "all is well"), {"login": says(my_error(ESCAPES))}),
    Lie("terminal-greeting", ("]0;owned", "all is well"),
        {"greeting": says(b"\xff" + struct.pack("<H", 1040) + ESCAPES.encode())}),
    Lie("terminal-rows", ("the query failed", "]0;owned", "all is well"),
        {"rows": says(my_error(ESCAPES))}),
    Lie("fails-after-rows", ("the query failed: no more", "after row 1"),
        {"rows": says(*MY_ONE, my_error("no more"))}),
    Lie("three-columns", ("3 columns",),
        {"rows": lambda: [*my_columns(3), my_row("a", "b", "c"), MY_EOF]}),
    Lie("no-columns", ("must be a SELECT",), {"rows": says(MY_OK)}),
    Lie("short-row", ("the query failed",),
        {"rows": lambda: [*my_columns(2), my_row("a@company.example"), MY_EOF]}),
    Lie("another-result", ("several results",),
        {"rows": lambda: [*MY_ONE, b"\xfe" + struct.pack("<HH", 0, 10), *my_columns(), MY_EOF]}),
    Lie("nulls", ("is an address",),
        {"rows": lambda: [*my_columns(), my_row(None), my_row(None), MY_EOF]}),
    Lie("binary", ("is an address",),
        {"rows": lambda: my_rows("a\0b@company.example", ESCAPES, "x" * 500_000)}),
]


def test_mysql(site: Site) -> None:
    expect_lies(site, MYSQL, MY_LIES)


# -- LDAP

LDAP = Protocol(
    LdapLiar,
    'type = ldap uri = {{ "ldap://127.0.0.1:%d" }} base = "dc=company" deltas = no '
    'filter = "(mail=*)" attributes = {{ "mail" }} bind-dn = "cn=reader" '
    'password-file = "password"'.replace("{{", "{").replace("}}", "}"),
    lambda name: {"search": lambda: [person(recipient(name)), page()]},
)
ONE_NAME = "cn=one,dc=company"
LATE_LDAP = f"no answer for {WAIT_S} seconds (timeout)"
LATE_BIND = "no answer within connect-timeout"
NOT_LDAP = "an answer that is not LDAP"
GONE = "the connection was lost"
VALUES = 1_000_000
FAR = "ldap://127.0.0.1:%d/dc=far"


def person(*mail: str | bytes, name: str = ONE_NAME) -> bytes:
    values = (text(value) for value in mail)
    attribute = tlv(0x30, text("mail"), tlv(0x31, *values))
    return tlv(0x64, text(name), tlv(0x30, attribute))


def many(count: int, value: bytes, last: bytes) -> bytes:
    """An entry with so many values of one address, and one of another."""
    values = tlv(0x31, count * text(value), text(last))
    return tlv(0x64, text(ONE_NAME), tlv(0x30, tlv(0x30, text("mail"), values)))


def search(*said: bytes) -> dict[str, Step]:
    return {"search": says(*said)}


def ldap_long(size: int) -> Raw:
    return Raw(b"\x30\x84" + struct.pack("!I", size))


ONE = person(recipient("one"))
LDAP_LIES = [
    Lie("silent", (LATE_BIND,), {"bind": silence}),
    Lie("closes", (GONE,), {"bind": says(HANG_UP)}),
    Lie("closes-in-a-message", (GONE,), {"bind": says(Raw(b"\x30\x0c\x02\x01"), HANG_UP)}),
    Lie("closes-in-an-entry", (GONE,), search(ONE, Raw(b"\x30\x30\x02\x01"), HANG_UP)),
    Lie("drips", (LATE_BIND,), {"bind": drip(b"\x30\x7f", bytes(127))}),
    Lie("drips-entries", (LATE_LDAP,),
        {"search": lambda: itertools.chain([ONE], drip(b"\x30\x7f", bytes(127))())}),
    Lie("stops-in-entries", (LATE_LDAP,), {"search": then_silent(ONE)}),
    Lie("garbage", (":",), {"bind": says(GARBAGE)}),
    Lie("garbage-entries", (":",), search(ONE, GARBAGE)),
    Lie("announces-2g", (":",), search(ldap_long(0x7FFFFFFF))),
    Lie("announces-4g", (":",), search(ldap_long(0xFFFFFFFF))),
    Lie("announces-more", (":",), search(Raw(b"\x30\x88" + b"\x7f" * 8))),
    Lie("floods-an-entry", (":",),
        {"search": lambda: itertools.chain(
            [ldap_long(64 << 20)], flood(Raw(bytes(1 << 20)))())}),
    Lie("floods-strangers", (LATE_LDAP,),
        {"search": flood(Raw(100 * tlv(0x30, number(7777), person("x" * 9000))))}),
    Lie("no-entries-but-messages", (LATE_LDAP,),
        {"search": flood(Raw(100 * tlv(0x30, number(0), result(0, kind=0x78))))}),
    Lie("nul-and-lines", ("is an address",),
        search(person("a\0@company.example", "b\n@company.example", "c\r@company.example",
                      b"\xff\xfe@company.example", ESCAPES), page())),
    Lie("pages-of-nobody", ("empty pages for ever",), search(page(b"again"))),
    Lie("refers", ("sends us to another",), search(ONE, result(10))),
    Lie("busy", ("the server is busy",), search(ONE, page(code=51))),
    Lie("unavailable", ("shutting down",), search(ONE, page(code=52))),
    Lie("limit-of-entries", ("limit of entries",), search(ONE, page(code=4))),
    Lie("limit-of-time", ("limit of time",), search(ONE, page(code=3))),
    Lie("success-and-no-page", ("without the answer of RFC 2696",), search(ONE, result(0))),
    Lie("busy-at-bind", ("the server is busy",), {"bind": says(result(51, kind=0x61))}),
    Lie("asks-on-at-bind", (":",), {"bind": says(result(14, kind=0x61))}),
    Lie("terminal", ("]0;owned", "all is well"),
        {"bind": says(result(80, ESCAPES, kind=0x61))}),
    Lie("terminal-entries", ("]0;owned", "all is well"), search(ONE, result(80, ESCAPES))),
    Lie("no-tls", (":",), {"extended": says(result(53, "no TLS here", kind=0x78))},
        "start-tls = yes", may_hear=False),
    Lie("wants-clear", (":",), {"extended": says(result(2, kind=0x78))},
        "start-tls = yes", may_hear=False),
    Lie("garbage-for-tls", (":",), {"extended": says(result(0, kind=0x78), GARBAGE)},
        "start-tls = yes", may_hear=False),
    Lie("text-before-tls", (":",),
        {"extended": says(result(0, kind=0x78),
                          Raw(tlv(0x30, number(2), result(0, kind=0x61))))},
        'start-tls = yes tls-ca-file = "ca/ca.pem"', is_tls=True, may_hear=False),
    Lie("another-certificate", ("tls-ca-file names",), {},
        'start-tls = yes tls-ca-file = "other/ca.pem"', is_tls=True, may_hear=False),
    Lie("deep", (NOT_LDAP,),
        {"search": lambda: [Raw(b"\x30\x84\0\x0f\xff\xff" + b"\x30\x80" * (1 << 19))]}),
]

# More than the others leave time for.
LDAP_LARGE = [
    Lie("value-of-15m", ("is an address",),
        {"search": lambda: [person("x" * (15 << 20)), page()]}),
    Lie("value-of-17m", (GONE,), {"search": lambda: [person("x" * (17 << 20)), page()]}),
    Lie("ranges-for-ever", ("more than 1000000 values or 16 MiB",),
        {"search": lambda: endless_ranges()}),
    Lie("long-name", (),
        search(person(*(recipient(f"n{n}") for n in range(20_000)), recipient("long-name"),
                      name="cn=" + "x" * (1 << 20)), page())),
    Lie("odd-name", (),
        search(person(recipient("odd-name"), name=f"cn={ESCAPES}"), page())),
    Lie("most-values", (),
        {"search": lambda: [
            many(VALUES - 1, b"x@y.example", b"most-values@company.example"), page()]}),
    Lie("one-value-more", ("more than 1000000 values",),
        {"search": lambda: [many(VALUES, b"x@y.example", b""), page()]}),
    Lie("empty-values", ("more than 1000000 values",),
        {"search": lambda: [many(8_000_000, b"", b""), page()]}),
]


_PIECES = itertools.count()


def endless_ranges() -> Says:
    """100,000 values a piece, and always more."""
    n = next(_PIECES) * 100_000
    values = tlv(0x31, 100_000 * text("x@company.example"))
    kind = f"mail;range={n}-{n + 99_999}"
    yield tlv(0x64, text(ONE_NAME), tlv(0x30, tlv(0x30, text(kind), values)))
    yield page() if n == 0 else result(0)


def test_ldap(site: Site) -> None:
    expect_lies(site, LDAP, LDAP_LIES)


def reference(uri: str) -> bytes:
    return tlv(0x73, text(uri))


def referral(uri: str) -> bytes:
    return tlv(0x65, number(10, 0x0A), text(""), text(""), tlv(0xA3, text(uri)))


def test_nobody_is_sent_elsewhere(site: Site) -> None:
    """Neither a reference nor a referral makes us ask a server that the
    configuration does not name."""
    with LdapLiar() as far:
        uri = FAR % far.port
        expect_lies(
            site,
            LDAP,
            [
                Lie("refers", ("sends us to another", uri), search(ONE, referral(uri))),
                Lie("refers-at-once", ("sends us to another", uri), search(referral(uri))),
                Lie("refers-at-bind", ("sends us to another",),
                    {"bind": lambda: [tlv(0x61, number(10, 0x0A), text(""), text(""),
                                          tlv(0xA3, text(uri)))]}),
                Lie("part-is-elsewhere", ("1 of 2 entries are bad",),
                    search(ONE, reference(uri), page()), "max-bad = 0"),
            ],
        )
        assert far.connections == 0


def again(first: bytes, *said: bytes) -> Step:
    return lambda: itertools.chain([first], itertools.cycle(said))


# All at once, for each has all the time that there is.
ENDLESS: list[tuple[str, Protocol, Step]] = [
    ("same-row", POSTGRESQL,
     again(PG_PREPARED + pg_columns(), 100 * pg_row(recipient("same")))),
    ("null-rows", POSTGRESQL, again(PG_PREPARED + pg_columns(), 100 * pg_row(None))),
    ("same-my-row", MYSQL,
     lambda: itertools.chain(my_columns(), itertools.repeat(my_row(recipient("same"))))),
    ("same-entry", LDAP, flood(ONE)),
    ("same-page", LDAP, says(ONE, page(b"again"))),
    ("other-pages", LDAP, lambda: [page(b"%d" % next(_PIECES))]),
]


def test_answers_without_end(site: Site) -> None:
    """The deadline of all ends them."""
    (site.root / "password").write_text(f"{PASSWORD}\n")
    (site.root / "password").chmod(0o600)
    site.write("staff.txt", [recipient("ann")])
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(protocol.liar(**protocol.good(name)))
            for name, protocol, _ in ENDLESS
        }
        blocks = [block(kind, name, servers[name], "") for name, kind, _ in ENDLESS]
        site.conf.write_text(CONF % DEADLINE_S + "".join(blocks))
        site.build()
        for name, protocol, step in ENDLESS:
            servers[name].steps["search" if protocol is LDAP else "rows"] = step
        site.conf.write_text(CONF % 4 + "".join(blocks))
        site.write("staff.txt", [recipient("ann"), recipient("ben")])
        began = time.monotonic()
        status, said, needed = build(site)
        took = time.monotonic() - began
    words = ("still being read after 4 s, deadline = 4s",)
    expect_told([Lie(name, words, {}) for name, _, _ in ENDLESS], said)
    assert status == DIRECTORY_FAILED, said
    assert took < BUILD_S, took
    assert IS_SANITIZED or needed < MEMORY_KIB, needed
    assert not of_this_test(site), of_this_test(site)
    expect_served(site, [name for name, _, _ in ENDLESS])


def test_success_with_nobody(site: Site) -> None:
    """Each guard refuses what would empty a list; nothing is published."""
    (site.root / "password").write_text(f"{PASSWORD}\n")
    (site.root / "password").chmod(0o600)
    site.write("staff.txt", [recipient("ann")])
    for protocol, step in ((POSTGRESQL, "rows"), (MYSQL, "rows"), (LDAP, "search")):
        with protocol.liar(**protocol.good("one")) as server:
            site.conf.write_text(CONF % DEADLINE_S + block(protocol, "far", server, ""))
            site.build()
            server.steps.pop(step)
            said = site.build(expect=GUARD_REFUSED)
        assert "it lists nobody now and listed 1 before" in said, said
        assert "nothing is published" in said, said
        assert site.explain(recipient("one"))["verdict"] == "accept"


def test_large_ldap_entries(site: Site) -> None:
    # Nobody waits; but much is to be said on a busy machine.
    expect_lies(site, LDAP, [replace(lie, wait_s=40) for lie in LDAP_LARGE])
    for name in ("odd-name", "long-name"):
        said = site.compile("explain", recipient(name)).stdout
        assert all(line.isprintable() for line in said.splitlines()), repr(said)
        assert len(said) < 10_000, len(said)
