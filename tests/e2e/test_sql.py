"""Recipients that live in PostgreSQL, MariaDB and SQLite.

The environment and the home folder of whoever builds are hostile all the
while: nothing but namespace.conf may count.
"""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import ExitStack

from harness.authority import Authority
from harness.database import DATABASE, PASSWORD, READER, Database, Value, block
from harness.mariadb import MariaDb
from harness.paths import TREE
from harness.postgresql import PostgreSql
from harness.relay import Relay
from harness.site import COMPILER, DIRECTORY_FAILED, Site
from harness.witness import expect_places

CONF = """
accepted-domain "company.example" { type = authoritative }
connector "one" {
    address-spaces = { "company.example" }
    smart-hosts = { "$one" }
}
"""
DIRECTORY_EXAMPLES = TREE / "directory-examples"
ANN, BEN = "ann@company.example", "ben@company.example"
CRM, CRM_THERE = "crm@company.example", "crm@saas.example"
# Not from outside: to Postfix a "%" is a source route.
PERCENT = "50%s@company.example"
QUOTED = '"o\'neil \\"x\\" (y)"@company.example'
BACKSLASH = '"a\\\\b;--"@company.example'
GHOST = "ghost@company.example"
ACCEPTED, UNKNOWN = "250 2.1.5", "550 5.1.1"
LISTED = dict.fromkeys([ANN, CRM, QUOTED, BACKSLASH], ACCEPTED)
QUERY = "SELECT address, target FROM recipients ORDER BY id"
# What a hung or a lost server may cost, a build on a busy machine included.
SECONDS_MAX = 12

HOSTILE = {
    "PGHOST": "nowhere.example",
    "PGPASSWORD": "wrong",
    "PGSSLMODE": "disable",
    "PGOPTIONS": "-c search_path=nowhere -c client_encoding=latin1",
    "PGSERVICE": "nowhere",
    "MYSQL_PWD": "wrong",
    "MYSQL_TCP_PORT": "1",
    "MYSQL_UNIX_PORT": "/nowhere",
    "MYSQL_HOME": "/nowhere",
}


def make_hostile(site: Site) -> None:
    home = site.root / "home"
    (home / ".postgresql").mkdir(parents=True)
    (home / ".postgresql/root.crt").write_text("no certificate\n")
    (home / ".pgpass").write_text("*:*:*:*:wrong\n")
    (home / ".pgpass").chmod(0o600)
    (home / ".my.cnf").write_text("[client]\npassword=wrong\nssl-ca=/nowhere\n")
    os.environ.update(HOSTILE, HOME=str(home))


def secret(site: Site, name: str, text: str) -> None:
    (site.root / name).write_text(f"{text}\n")
    (site.root / name).chmod(0o600)


def set_up(site: Site) -> Authority:
    site.sink("one")
    make_hostile(site)
    secret(site, "password", PASSWORD)
    secret(site, "wrong", "no such word")
    Authority(site.root / "other", "Somebody else")
    return Authority(site.root / "ca")


def literal(text: str) -> str:
    """For standard SQL; MariaDB is told to read it so."""
    return "'" + text.replace("'", "''") + "'"


def create_recipients(addresses: dict[str, str | None]) -> str:
    rows = ", ".join(
        f"({n}, {literal(a)}, {literal(t) if t is not None else 'NULL'})"
        for n, (a, t) in enumerate(addresses.items())
    )
    return (
        "CREATE TABLE recipients (id integer, address text, target text);"
        f"INSERT INTO recipients VALUES {rows};"
    )


RECIPIENTS = create_recipients(
    {ANN: None, CRM: CRM_THERE, QUOTED: "", BACKSLASH: None, PERCENT: None}
)


def use(site: Site, settings: dict[str, Value]) -> None:
    site.namespace(CONF + block("sql", {"query": QUERY} | settings))


def fails(site: Site, settings: dict[str, Value], *words: str) -> None:
    """One clear sentence, in time, and nothing secret in it."""
    use(site, settings)
    begin = time.monotonic()
    output = site.build(expect=DIRECTORY_FAILED)
    seconds = time.monotonic() - begin
    told = [n for n in output.splitlines() if ": directory sql: " in n]
    assert len(told) == 1 and told[0].endswith("its last-good copy serves"), output
    missing = [word for word in words if word not in told[0]]
    assert not missing, f"{missing} not in: {told[0]}"
    assert seconds < SECONDS_MAX, f"{seconds:.1f} s: {told[0]}"
    assert PASSWORD not in output and "no such word" not in output, output
    assert told[0].isprintable(), repr(told[0])


def lists_recipients(site: Site, settings: dict[str, Value]) -> None:
    use(site, settings)
    site.build()
    site.start()
    site.expect(LISTED | {BEN: UNKNOWN, GHOST: UNKNOWN})
    assert site.explain(PERCENT)["verdict"] == "accept"
    places = {ANN: "one", CRM: f"world {CRM_THERE}", QUOTED: "one"}
    expect_places(site, site.send(*places), places)


def follows_changes(
    site: Site, settings: dict[str, Value], server: Database
) -> None:
    """Who left is refused, who came is accepted, from the next build on."""
    server.run(
        f"DELETE FROM recipients WHERE address = '{ANN}';"
        f"INSERT INTO recipients VALUES (9, '{BEN}', NULL)"
    )
    use(site, settings)
    site.build()
    site.expect(LISTED | {ANN: UNKNOWN, BEN: ACCEPTED})


def refuses_wrong_settings(site: Site, server: Database) -> None:
    ask = server.settings
    fails(site, ask(**{"password-file": "wrong"}), "check user and password-file")
    fails(site, ask(**{"tls-ca-file": "other/ca.pem"}), "tls-ca-file must hold")
    fails(site, ask(hosts=["127.0.0.1"]), "127.0.0.1: ", "write the host as")
    fails(site, ask(query="SELECT 1, 2, 3"), "gives 3 columns")
    fails(site, ask(query="SELECT a FROM nobody"), "the query failed: ", "nobody")
    fails(site, ask(query=f"{QUERY}; {QUERY}"), "the query failed: ")
    fails(site, ask(query="SELEC"), "the query failed: ", "SELEC")
    fails(site, ask(query="DELETE FROM recipients"), "the query failed: ")


def bears_a_bad_network(site: Site, server: Database, many: str, slow: str) -> None:
    ask = server.settings
    with Relay(None) as silent:
        for tls in ({"tls": "verify"}, {"tls": "encrypt"}, {"tls": "none"}):
            settings = ask(port=silent.port) | tls
            if tls["tls"] != "verify":
                del settings["tls-ca-file"]
            fails(site, settings, 'no answer within 2 s ("connect-timeout")')
    with Relay(("127.0.0.1", server.port)) as relay:
        relay.cut_after = 300_000
        fails(site, ask(port=relay.port, query=many), "the list ends after row ")
        relay.cut_after, relay.stall_after = None, 300_000
        words = 'no answer within 2 s ("timeout"); the list ends after row '
        fails(site, ask(port=relay.port, query=many), words)
        relay.stall_after = 200  # before or within the TLS handshake
        fails(site, ask(port=relay.port), "no answer within 2 s")
    killer = threading.Thread(target=server.lose_reader)
    killer.start()
    fails(site, ask(query=slow, timeout="20s"), "onnection")
    killer.join()
    fails(site, ask(query=slow), 'no answer within 2 s ("timeout")')
    server.pause()
    fails(site, ask(), "localhost: no answer within 2 s")
    server.go_on()


def needs_tls(site: Site, server: Database) -> None:
    """A server without it: "encrypt" is no wish."""
    server.stop()
    fails(site, server.settings(), "localhost: ", "onnect")
    server.certificate = None
    server.start()
    plain = server.settings()
    del plain["tls-ca-file"]
    fails(site, server.settings(), "the server must offer TLS")
    fails(site, plain | {"tls": "encrypt"}, "the server must offer TLS")
    use(site, plain | {"tls": "none"})
    site.build()


def serves(site: Site, server: Database, many: str, slow: str) -> None:
    lists_recipients(site, server.settings())
    for settings in (
        server.settings(hosts=["127.0.0.3", "localhost"]),
        {k: v for k, v in server.settings(tls="encrypt").items() if k != "tls-ca-file"},
    ):
        use(site, settings)
        site.build()
    refuses_wrong_settings(site, server)
    bears_a_bad_network(site, server, many, slow)
    site.expect(LISTED | {BEN: UNKNOWN, GHOST: UNKNOWN})
    follows_changes(site, server.settings(), server)
    needs_tls(site, server)


def tells_bad_rows(
    site: Site, server: Database, query: str, *reasons: str, database: str = DATABASE
) -> None:
    """What stands before the recipients is no address."""
    query += " UNION ALL SELECT address FROM recipients"
    settings = server.settings(tls="none", query=query, database=database)
    del settings["tls-ca-file"]
    use(site, settings)
    output = site.build()
    for n, reason in enumerate(reasons, 1):
        told = [t for t in output.splitlines() if f": advice: row {n}: " in t]
        assert len(told) == 1 and reason in told[0], output
    assert site.explain(BEN)["verdict"] == "accept"
    assert site.explain(GHOST)["verdict"] == "reject"


def test_postgresql(site: Site) -> None:
    certificate = set_up(site).issue("server", "/CN=localhost", "DNS:localhost")
    with PostgreSql(site.root / "postgresql", certificate) as server:
        server.run(RECIPIENTS)
        numbers = "FROM generate_series(1, 100000) n"
        many = f"SELECT 'user' || n || '@company.example' {numbers}"
        slow = f"SELECT '{ANN}' || coalesce(pg_sleep(20)::text, '')"
        serves(site, server, many, slow)
        # A database that does not know in what its texts are written.
        server.run("CREATE DATABASE raw ENCODING 'SQL_ASCII' TEMPLATE template0", "")
        server.run(RECIPIENTS, "raw")
        server.run(f"INSERT INTO recipients VALUES (9, '{BEN}', NULL)", "raw")
        server.grant("raw")
        raw = "SELECT E'j\\xF6rg@company.example' AS address"
        tells_bad_rows(site, server, raw, "not UTF-8", database="raw")


def test_mariadb(site: Site) -> None:
    certificate = set_up(site).issue("server", "/CN=localhost", "DNS:localhost")
    with MariaDb(site.root / "mariadb", certificate) as server:
        server.run("SET sql_mode = 'NO_BACKSLASH_ESCAPES';" + RECIPIENTS)
        many = "SELECT concat('user', seq, '@company.example') FROM seq_1_to_100000"
        slow = f"SELECT concat('{ANN}', repeat('', sleep(20)))"
        serves(site, server, many, slow)
        nul = f"SELECT CAST(concat('{GHOST}', char(0), '.x') AS binary)"
        raw = "SELECT x'6AF6726740636F6D70616E792E6578616D706C65'"
        words = ("holds a NUL byte", "not UTF-8")
        tells_bad_rows(site, server, f"{nul} AS address UNION ALL {raw}", *words)
        knows_no_limit(site, server)
        changes_no_table(site, server)


def knows_no_limit(site: Site, server: Database) -> None:
    """Of the server, which would end the rows as if there were no more."""
    server.run("SET GLOBAL sql_select_limit = 1")
    settings = server.settings(tls="none")
    del settings["tls-ca-file"]
    use(site, settings)
    site.build()
    site.expect(dict.fromkeys([BEN, CRM, QUOTED, BACKSLASH], ACCEPTED))
    server.run("SET GLOBAL sql_select_limit = DEFAULT")


def changes_no_table(site: Site, server: Database) -> None:
    """Not even for an account that may do all."""
    server.run(f"GRANT ALL ON {DATABASE}.* TO {READER}")
    settings = server.settings(tls="none")
    del settings["tls-ca-file"]
    for query in ("DELETE FROM recipients", "DROP TABLE recipients"):
        fails(site, settings | {"query": query}, '"query" must be a SELECT')
    assert server.run("SELECT count(*) FROM recipients").split() == ["5"]


def test_sqlite(site: Site) -> None:
    set_up(site)
    file = sqlite3.connect(site.root / "mail.db", isolation_level=None)
    file.executescript(RECIPIENTS)
    settings: dict[str, Value] = {"driver": "sqlite", "database": "mail.db"}
    settings["timeout"] = "2s"
    lists_recipients(site, settings)
    fails(site, settings | {"database": "none.db"}, "No such file or directory")
    fails(site, settings | {"query": "SELECT a FROM nobody"}, "no such table: nobody")
    fails(site, settings | {"query": f"{QUERY}; {QUERY}"}, "several statements")
    fails(site, settings | {"query": "DELETE FROM recipients"}, "must be a SELECT")
    file.execute("BEGIN EXCLUSIVE")
    fails(site, settings, "database is locked")
    file.execute("ROLLBACK")
    site.expect(LISTED | {BEN: UNKNOWN})
    file.execute("INSERT INTO recipients VALUES (9, ?, NULL)", [BEN])
    use(site, settings)
    site.build()
    site.expect(LISTED | {BEN: ACCEPTED})


def test_bad_rows_are_told_and_the_rest_is_served(site: Site) -> None:
    """A NUL, another character set, NULL: never a shortened address."""
    set_up(site)
    file = sqlite3.connect(site.root / "mail.db", isolation_level=None)
    file.executescript(RECIPIENTS)
    nul = f"{BEN}\0.other.example".encode()
    latin1 = "jörg@company.example".encode("latin1")
    for n, value in enumerate((nul, latin1, None, "")):
        file.execute(
            "INSERT INTO recipients VALUES (?, CAST(? AS TEXT), NULL)", (10 + n, value)
        )
    use(site, {"driver": "sqlite", "database": "mail.db"})
    output = site.build()
    for n, why in enumerate(["a NUL byte", "not UTF-8", "is NULL", "is empty"], 6):
        told = [t for t in output.splitlines() if f"mail.db: advice: row {n}: " in t]
        assert len(told) == 1 and why in told[0], output
    site.start()
    site.expect(LISTED | {BEN: UNKNOWN})


MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"""


def reader_memory_mb(site: Site, settings: dict[str, Value]) -> int:
    """Of the largest process of a build whose rows are all bad, so that
    nothing but the reader's own memory counts."""
    use(site, settings)
    build = [COMPILER, "-c", site.conf, "-s", site.state, "build", "--no-wait"]
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *build],
        capture_output=True,
        text=True,
        # A sanitized build keeps what was freed.
        env=os.environ | {"ASAN_OPTIONS": "quarantine_size_mb=1"},
    )
    output, _, peak = done.stdout.rstrip().rpartition("\n")
    assert "none of its 1000000 entries is an address" in output, output
    return int(peak)


def streams(site: Site, settings: dict[str, Value], numbers: str, n: str) -> None:
    """A hundred thousand are listed; a million are never held: four
    hundred bytes each would make as many megabytes."""
    one = f"SELECT concat('user', {n}, '@company.example') {numbers % 100_000}"
    use(site, settings | {"query": one})
    site.build("--no-wait", "--accept-shrink", "sql")
    for name in ("user1", "user100000"):
        assert site.explain(f"{name}@company.example")["verdict"] == "accept"
    query = f"SELECT NULL, repeat('x', 400) {numbers % 1_000_000}"
    peak = reader_memory_mb(site, settings | {"query": query})
    print(f"{settings['driver']}: {peak} MB")
    assert peak < 128, f"{settings['driver']}: {peak} MB"


def test_a_million_rows_are_not_held(site: Site) -> None:
    set_up(site)
    with PostgreSql(site.root / "postgresql") as server:
        settings = server.settings(tls="none", timeout="20s")
        del settings["tls-ca-file"]
        streams(site, settings, "FROM generate_series(1, %d) n", "n")
    with MariaDb(site.root / "mariadb") as server:
        settings = server.settings(tls="none", timeout="20s")
        del settings["tls-ca-file"]
        streams(site, settings, "FROM seq_1_to_%d", "seq")


SCHEMAS = {
    "postfixadmin": """
        CREATE TABLE domain (domain varchar(255) NOT NULL PRIMARY KEY,
            backupmx {bool} NOT NULL, active {bool} NOT NULL);
        CREATE TABLE mailbox (username varchar(255) NOT NULL PRIMARY KEY,
            domain varchar(255) NOT NULL, active {bool} NOT NULL);
        CREATE TABLE alias (address varchar(255) NOT NULL PRIMARY KEY,
            goto text NOT NULL, domain varchar(255) NOT NULL,
            active {bool} NOT NULL);
        INSERT INTO domain VALUES ('ALL', {no}, {yes}),
            ('{d}', {no}, {yes}), ('off.{d}', {no}, {no}),
            ('backup.{d}', {yes}, {yes});
        INSERT INTO mailbox VALUES ('yes.user@{d}', '{d}', {yes}),
            ('yes.keeps@{d}', '{d}', {yes}), ('yes.alone@{d}', '{d}', {yes}),
            ('no.gone@{d}', '{d}', {no}),
            ('no.user@off.{d}', 'off.{d}', {yes}),
            ('no.user@backup.{d}', 'backup.{d}', {yes});
        INSERT INTO alias VALUES
            ('yes.user@{d}', 'yes.user@{d}', '{d}', {yes}),
            ('yes.keeps@{d}', 'yes.keeps@{d},x@saas.example', '{d}', {yes}),
            ('no.gone@{d}', 'no.gone@{d}', '{d}', {yes}),
            ('yes.alias@{d}', 'yes.user@{d}', '{d}', {yes}),
            ('no.alias@{d}', 'yes.user@{d}', '{d}', {no}),
            ('no.alias@off.{d}', 'yes.user@{d}', 'off.{d}', {yes}),
            ('@{d}', 'yes.user@{d}', '{d}', {yes});
    """,
    "modoboa": """
        CREATE TABLE admin_domain (id integer PRIMARY KEY,
            name varchar(100) NOT NULL, type varchar(20) NOT NULL,
            enabled {bool} NOT NULL);
        CREATE TABLE core_user (id integer PRIMARY KEY,
            is_active {bool} NOT NULL);
        CREATE TABLE admin_mailbox (id integer PRIMARY KEY,
            address varchar(252) NOT NULL, domain_id integer NOT NULL,
            user_id integer NOT NULL, is_send_only {bool} NOT NULL);
        CREATE TABLE admin_alias (id integer PRIMARY KEY,
            address varchar(254) NOT NULL, domain_id integer,
            enabled {bool} NOT NULL, internal {bool} NOT NULL,
            expire_at {time});
        CREATE TABLE modoboa_admin_aliasrecipient (id integer PRIMARY KEY,
            address varchar(254) NOT NULL, alias_id integer NOT NULL);
        INSERT INTO admin_domain VALUES (1, '{d}', 'domain', {yes}),
            (2, 'off.{d}', 'domain', {no});
        INSERT INTO core_user VALUES (1, {yes}), (2, {no}), (3, {yes}), (4, {yes});
        INSERT INTO admin_mailbox VALUES (1, 'yes.user', 1, 1, {no}),
            (2, 'no.gone', 1, 2, {no}), (3, 'no.sends', 1, 3, {yes}),
            (4, 'no.user', 2, 4, {no});
        INSERT INTO admin_alias VALUES
            (1, 'yes.user@{d}', 1, {yes}, {yes}, NULL),
            (2, 'no.gone@{d}', 1, {yes}, {yes}, NULL),
            (3, 'yes.alias@{d}', 1, {yes}, {no}, NULL),
            (4, 'yes.later@{d}', 1, {yes}, {no}, '2100-01-01 00:00:00'),
            (5, 'no.expired@{d}', 1, {yes}, {no}, '2001-01-01 00:00:00'),
            (6, 'no.alias@{d}', 1, {no}, {no}, NULL),
            (7, 'no.nowhere@{d}', 1, {yes}, {no}, NULL),
            (8, '@alias.{d}', NULL, {yes}, {yes}, NULL),
            (9, '@{d}', 1, {yes}, {no}, NULL),
            (10, 'no.alias@off.{d}', 2, {yes}, {no}, NULL);
        INSERT INTO modoboa_admin_aliasrecipient
            SELECT id, 'yes.user@{d}', id FROM admin_alias WHERE id <> 7;
    """,
    "mailcow": """
        CREATE TABLE domain (domain varchar(255) NOT NULL PRIMARY KEY,
            backupmx tinyint(1) NOT NULL, relay_unknown_only tinyint(1) NOT NULL,
            active tinyint(1) NOT NULL);
        CREATE TABLE mailbox (username varchar(255) NOT NULL PRIMARY KEY,
            domain varchar(255) NOT NULL, active tinyint(1) NOT NULL);
        CREATE TABLE alias (id int NOT NULL AUTO_INCREMENT PRIMARY KEY,
            address varchar(255) NOT NULL UNIQUE, goto text NOT NULL,
            domain varchar(255) NOT NULL, active tinyint(1) NOT NULL);
        CREATE TABLE spamalias (address varchar(255) NOT NULL PRIMARY KEY,
            goto text NOT NULL, validity int(11),
            permanent tinyint(1) NOT NULL DEFAULT 0);
        INSERT INTO domain VALUES ('{d}', 0, 0, 1), ('off.{d}', 0, 0, 0),
            ('backup.{d}', 1, 0, 1), ('shared.{d}', 1, 1, 1);
        INSERT INTO mailbox VALUES ('yes.user@{d}', '{d}', 1),
            ('yes.quiet@{d}', '{d}', 2), ('no.gone@{d}', '{d}', 0),
            ('no.user@off.{d}', 'off.{d}', 1),
            ('no.user@backup.{d}', 'backup.{d}', 1),
            ('yes.user@shared.{d}', 'shared.{d}', 1);
        INSERT INTO alias (address, goto, domain, active) VALUES
            ('yes.user@{d}', 'yes.user@{d}', '{d}', 1),
            ('no.gone@{d}', 'no.gone@{d}', '{d}', 1),
            ('yes.alias@{d}', 'yes.user@{d}', '{d}', 1),
            ('yes.hidden@{d}', 'yes.user@{d}', '{d}', 2),
            ('no.alias@{d}', 'yes.user@{d}', '{d}', 0),
            ('@{d}', 'yes.user@{d}', '{d}', 1);
        INSERT INTO spamalias VALUES
            ('yes.temporary@{d}', 'yes.user@{d}', 2000000000, 0),
            ('yes.permanent@{d}', 'yes.user@{d}', 0, 1),
            ('no.ended@{d}', 'yes.user@{d}', 1000000000, 0),
            ('no.temporary@off.{d}', 'yes.user@{d}', 2000000000, 0);
    """,
    "iredmail": """
        CREATE TABLE domain (domain varchar(255) NOT NULL PRIMARY KEY,
            backupmx {int} NOT NULL, active {int} NOT NULL);
        CREATE TABLE mailbox (username varchar(255) NOT NULL PRIMARY KEY,
            domain varchar(255) NOT NULL, enabledeliver {int} NOT NULL,
            active {int} NOT NULL);
        CREATE TABLE forwardings (id integer PRIMARY KEY,
            address varchar(255) NOT NULL, forwarding varchar(255) NOT NULL,
            domain varchar(255) NOT NULL, active {int} NOT NULL);
        CREATE TABLE maillists (id integer PRIMARY KEY,
            address varchar(255) NOT NULL, domain varchar(255) NOT NULL,
            active {int} NOT NULL);
        INSERT INTO domain VALUES ('{d}', 0, 1), ('off.{d}', 0, 0),
            ('backup.{d}', 1, 1);
        INSERT INTO mailbox VALUES ('yes.user@{d}', '{d}', 1, 1),
            ('no.gone@{d}', '{d}', 1, 0), ('no.silent@{d}', '{d}', 0, 1),
            ('no.user@off.{d}', 'off.{d}', 1, 1),
            ('no.user@backup.{d}', 'backup.{d}', 1, 1);
        INSERT INTO forwardings VALUES
            (1, 'yes.user@{d}', 'yes.user@{d}', '{d}', 1),
            (2, 'no.gone@{d}', 'no.gone@{d}', '{d}', 1),
            (3, 'yes.alias@{d}', 'yes.user@{d}', '{d}', 1),
            (4, 'no.alias@{d}', 'no.gone@{d}', '{d}', 1),
            (5, 'yes.both@{d}', 'no.gone@{d}', '{d}', 1),
            (6, 'yes.both@{d}', 'x@saas.example', '{d}', 1),
            (7, 'no.list@{d}', 'yes.user@{d}', '{d}', 0),
            (8, '{d}', 'yes.user@{d}', '{d}', 1),
            (9, 'no.alias@off.{d}', 'yes.user@{d}', 'off.{d}', 1);
        INSERT INTO maillists VALUES (1, 'yes.list@{d}', '{d}', 1),
            (2, 'no.oldlist@{d}', '{d}', 0);
    """,
}
DIALECTS = {
    "postgresql": {
        "bool": "boolean", "yes": "true", "no": "false",
        "int": "int2", "time": "timestamp with time zone",
    },
    "mysql": {
        "bool": "tinyint(1)", "yes": "1", "no": "0",
        "int": "tinyint(1)", "time": "datetime(6)",
    },
}
# Which driver's server each example is run against.
RUNS = {
    "postfixadmin": ("mysql", "postgresql"),
    "modoboa": ("postgresql", "mysql"),
    "mailcow": ("mysql",),
    "iredmail": ("mysql", "postgresql"),
}


def example(name: str, server: Database, database: str) -> str:
    """An example's own directory and query, pointed at a server of ours."""
    text = (DIRECTORY_EXAMPLES / f"{name}.conf").read_text()
    lines = {
        "driver": server.driver,
        "hosts": f'{{ "127.0.0.1" }} port = {server.port}',
        "database": f'"{database}"',
        "user": READER,
        "password-file": '"password"',
    }
    for key, value in lines.items():
        text, n = re.subn(rf"(?m)^( +{key} +=) .*$", rf"\1 {value}", text)
        assert n == 1, f"{name}: {n} lines {key}"
    text = re.sub(r"(?m)^ +port += 13306$", "", text)
    title = f"{name}-{server.driver}"
    return text.replace(f'directory "{name}"', f'directory "{title}"')


def fill(name: str, server: Database) -> dict[str, str]:
    """The tables of an application; what SMTP shall say of each address."""
    domain = f"{name}.{server.driver}.example"
    words = DIALECTS[server.driver] | {"d": domain}
    statements = SCHEMAS[name].format(**words)
    server.run(f"CREATE DATABASE {name}", "")
    server.grant(name)
    server.run(statements, name)
    server.grant(name)
    named = set(re.findall(rf"(?:yes|no)\.\w+@[\w.]*{re.escape(domain)}", statements))
    named |= {f"{a}@{domain}" for a in re.findall(r"'((?:yes|no)\.\w+)'", statements)}
    assert len(named) > 5, named
    return {a: ACCEPTED if a.startswith("yes") else UNKNOWN for a in named}


def test_directory_examples(site: Site) -> None:
    """Each lists the active mailboxes and aliases of its application, and
    nobody else; every address with "no" in front is one not to be listed."""
    set_up(site)
    expected: dict[str, str] = {}
    with ExitStack() as stack:
        servers: dict[str, Database] = {
            "postgresql": stack.enter_context(PostgreSql(site.root / "postgresql")),
            "mysql": stack.enter_context(MariaDb(site.root / "mariadb")),
        }
        blocks = ""
        for name, drivers in RUNS.items():
            for driver in drivers:
                codes = fill(name, servers[driver])
                domain = f"{name}.{driver}.example"
                blocks += (
                    f'accepted-domain "{domain}" {{ type = authoritative }}\n'
                    f'connector "{domain}" {{ address-spaces = {{ "{domain}" }}'
                    f' smart-hosts = {{ "$one" }} }}\n'
                )
                blocks += example(name, servers[driver], name)
                expected |= codes | {f"ghost@{domain}": UNKNOWN}
        site.namespace(blocks)
        site.build()
    site.start()
    site.expect(expected)
    examples = {file.stem for file in DIRECTORY_EXAMPLES.glob("*.conf")}
    assert examples == set(RUNS), examples
