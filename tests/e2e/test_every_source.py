"""One domain, shared by as many systems as there are kinds of directories:
each one's people are known to policyd, to explain and to Postfix alike, and
stay known while none of the sources can be read.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import ExitStack

from harness.database import PASSWORD as SQL_PASSWORD
from harness.database import Database, block
from harness.mariadb import MariaDb
from harness.postgresql import PostgreSql
from harness.site import DIRECTORY_FAILED, Site
from harness.slapd import PASSWORD, READER, SUFFIX, Slapd, ad_object, person
from harness.witness import expect_places, three_witnesses

DOMAIN = "company.example"
TEXTS = {
    "file": "ann.{n}@{d}\nben.{n}@{d}\n",
    "postfix": "ann.{n}@{d} OK\nben.{n}@{d} OK\n",
    "csv": "Name,PrimarySmtpAddress\nAnn,ann.{n}@{d}\nBen,ben.{n}@{d}\n",
    "ldif": "dn: cn=ann\nmail: ann.{n}@{d}\n\ndn: cn=ben\nmail: ben.{n}@{d}\n\n",
    "passwd": "ann.{n}:x:1000:1:::\nben.{n}:x:1001:1:::\n",
    "aliases": "ann.{n}: root\nben.{n}: root\n",
}
MORE = {
    "csv": "preset = exchange",
    "ldif": "preset = openldap",
    "passwd": f'local-domain = "{DOMAIN}"',
    "aliases": f'local-domain = "{DOMAIN}"',
}
KINDS = [*TEXTS, "command", "sqlite", "postgresql", "mysql", "openldap", "ad"]
QUERY = "SELECT address FROM recipients"
PROGRAM = "#!/bin/sh\necho ann.command@{d}\necho ben.command@{d}\n"
ACCEPTED, UNKNOWN = "250 2.1.5", "550 5.1.1"


def people(kind: str) -> list[str]:
    return [f"{who}.{kind}@{DOMAIN}" for who in ("ann", "ben")]


def directory(kind: str, keys: str) -> str:
    return (
        f'connector "{kind}" {{ smart-hosts = {{ "${kind}" }} }}\n'
        f'directory "{kind}" {{ {keys} connector = "{kind}" }}\n'
    )


def texts(site: Site) -> str:
    blocks = ""
    for kind, text in TEXTS.items():
        (site.root / f"{kind}.list").write_text(text.format(n=kind, d=DOMAIN))
        keys = f'type = {kind} path = "{kind}.list" {MORE.get(kind, "")}'
        blocks += directory(kind, keys)
    program = site.root / "program"
    program.write_text(PROGRAM.format(d=DOMAIN))
    program.chmod(0o755)
    return blocks + directory("command", 'type = command command = { "./program" }')


def table(kind: str) -> str:
    rows = ", ".join(f"('{address}')" for address in people(kind))
    return (
        "CREATE TABLE recipients (address text);"
        f"INSERT INTO recipients VALUES {rows};"
    )


def database(kind: str, keys: dict) -> str:
    return block(kind, {"query": QUERY, "connector": kind} | keys) + (
        f'connector "{kind}" {{ smart-hosts = {{ "${kind}" }} }}\n'
    )


def databases(site: Site, servers: list[Database]) -> str:
    file = sqlite3.connect(site.root / "mail.db", isolation_level=None)
    file.executescript(table("sqlite"))
    file.close()
    blocks = database("sqlite", {"driver": "sqlite", "database": "mail.db"})
    for server in servers:
        server.run(table(server.driver))
        settings = server.settings(tls="none", **{"password-file": "sql-password"})
        del settings["tls-ca-file"]
        blocks += database(server.driver, settings)
    return blocks


def entries(kind: str) -> list[str]:
    if kind == "ad":
        return [ad_object("user", a, proxyAddresses=f"SMTP:{a}") for a in people(kind)]
    return [person(a, mail=a) for a in people(kind)]


def service(site: Site, kind: str, slapd: Slapd) -> str:
    slapd.load(entries(kind))
    slapd.start()
    preset = "active-directory" if kind == "ad" else kind
    keys = (
        f'type = ldap uri = {{ "{slapd.uri}" }} base = "{SUFFIX}" timeout = 2 '
        f'preset = {preset} bind-dn = "{READER}" password-file = "password"'
    )
    return directory(kind, keys)


def set_up(site: Site, stack: ExitStack) -> list[Callable[[], None]]:
    """The ways in which the sources are lost."""
    for kind in KINDS:
        site.sink(kind)
    for name, word in (("password", PASSWORD), ("sql-password", SQL_PASSWORD)):
        (site.root / name).write_text(f"{word}\n")
        (site.root / name).chmod(0o600)
    servers: list[Database] = [
        stack.enter_context(PostgreSql(site.root / "postgresql")),
        stack.enter_context(MariaDb(site.root / "mariadb")),
    ]
    services = {
        kind: stack.enter_context(Slapd(site.root / kind, sync_log=sync_log))
        for kind, sync_log in (("openldap", 100), ("ad", None))
    }
    blocks = f'accepted-domain "{DOMAIN}" {{ type = authoritative }}\n'
    blocks += texts(site) + databases(site, servers)
    for kind, slapd in services.items():
        blocks += service(site, kind, slapd)
    site.namespace(blocks)
    files = ["mail.db", "program", *(f"{kind}.list" for kind in TEXTS)]
    return [
        *((site.root / name).unlink for name in files),
        *(server.stop for server in servers),
        *(slapd.stop for slapd in services.values()),
    ]


def test_all_kinds_share_a_domain(site: Site) -> None:
    everybody = [address for kind in KINDS for address in people(kind)]
    ghosts = [f"ghost.{kind}@{DOMAIN}" for kind in KINDS]
    places = {address: kind for kind in KINDS for address in people(kind)}
    with ExitStack() as stack:
        losses = set_up(site, stack)
        site.build()
        site.start()
        said = three_witnesses(site, *everybody, ghosts[0])
        assert {a: said[a]["directory"] for a in everybody} == places
        for lose in losses:
            lose()
        output = site.build("-q", expect=DIRECTORY_FAILED)
    told = [n for n in output.splitlines() if n.endswith("its last-good copy serves")]
    assert len(told) == len(KINDS) == output.count("\n"), output
    site.forget()
    site.expect(dict.fromkeys(everybody, ACCEPTED) | dict.fromkeys(ghosts, UNKNOWN))
    expect_places(site, site.send(*everybody), places)
    three_witnesses(site, *everybody)
