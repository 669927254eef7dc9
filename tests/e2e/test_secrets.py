"""Passwords of directories are nowhere but in their files: not in what is
printed, logged or published, nor where other users look (ps, /proc), while
all is well and while each source fails in each way.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import urllib.parse
from contextlib import ExitStack
from pathlib import Path

from harness.database import DATABASE
from harness.database import PASSWORD as SQL_PASSWORD
from harness.postgresql import PostgreSql
from harness.mariadb import MariaDb
from harness.site import COMPILER, Site
from harness.slapd import PASSWORD, READER, SUFFIX, Slapd, person

CANARY = "canary-5f1e77-secret"
SECRETS = [CANARY, PASSWORD, SQL_PASSWORD]
FEW = [["build", "--textfile", "numbers.prom"], ["check", "--directories"]]
ALL = [
    ["build"],
    ["diff"],
    ["explain", "--json", "ann@company.example"],
    ["doctor", "--json"],
    ["list", "--json"],
    *FEW,
]
NAMESPACE = """
accepted-domain "company.example" {{ type = authoritative }}
connector "mail" {{
    address-spaces = {{ "company.example" }}
    smart-hosts = {{ "10.8.0.25" }}
}}
directory "people" {{
    type = ldap uri = {{ "{ldap}" }} base = "{suffix}" timeout = 2
    bind-dn = "{reader}" password-file = "ldap.password" {ldap_more}
}}
directory "postgres" {{
    type = sql driver = postgresql hosts = {{ "127.0.0.1" }} port = {postgres}
    database = {database} user = reader password-file = "sql.password"
    query = "SELECT address FROM recipients" connect-timeout = 2 tls = none
}}
directory "maria" {{
    type = sql driver = mysql hosts = {{ "127.0.0.1" }} port = {maria}
    database = {database} user = reader password-file = "sql.password"
    query = "{query}" connect-timeout = 2 tls = none
}}
directory "program" {{
    type = command command = {{ "/usr/bin/env" }} max-bad = 100000
}}
"""


def forms() -> set[bytes]:
    """As they are, in a URI, in base64, and with what shells escape."""
    found = set()
    for secret in SECRETS:
        raw = secret.encode()
        found |= {raw, urllib.parse.quote(secret).encode()}
        found.add(raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"'))
    return found


def expect_silence(where: str, text: bytes) -> None:
    for form in forms():
        assert form not in text, f"{form!r} in {where}"


class Watch:
    """What others see of our processes: what ps shows, and /proc as root."""

    def __init__(self) -> None:
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.seen: set[bytes] = set()

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._is_over.wait(0.002):
            for process in Path("/proc").glob("[0-9]*"):
                self._look_at(process)

    def _look_at(self, process: Path) -> None:
        try:
            words = (process / "cmdline").read_bytes()
            if not words.startswith(str(COMPILER).encode()):
                return
            self.seen |= {words, (process / "environ").read_bytes()}
        except OSError:
            pass  # it has ended


def run_all(site: Site, commands: list[list[str]] = FEW) -> None:
    for command in commands:
        done = subprocess.run(
            [COMPILER, "-c", site.conf, "-s", site.state, *command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd=site.root,
            env=os.environ | {"MAIL_CONFIG": str(site.postfix.config)},
            timeout=120,
        )
        expect_silence(f"{command}, stdout", done.stdout)
        expect_silence(f"{command}, stderr", done.stderr)
        assert done.stdout + done.stderr, f"{command} says nothing"


def expect_silent_files(site: Site, places: list[Path]) -> None:
    count = 0
    for place in places:
        for path in [place, *place.rglob("*")]:
            if path.is_file():
                expect_silence(str(path), path.read_bytes())
                count += 1
    assert count > 10, "no state was looked at"


def write_passwords(site: Site, ldap: bytes, sql: bytes) -> None:
    for name, word in (("ldap.password", ldap), ("sql.password", sql)):
        (site.root / name).write_bytes(word)
        (site.root / name).chmod(0o600)


def test_passwords_stay_in_their_files(site: Site) -> None:
    site.postfix.configure(["gateway"])
    with ExitStack() as stack:
        slapd = stack.enter_context(Slapd(site.root / "slapd"))
        slapd.load([person("ann", mail="ann@company.example")])
        slapd.start()
        postgres = stack.enter_context(PostgreSql(site.root / "postgres"))
        maria = stack.enter_context(MariaDb(site.root / "maria"))
        for server in (postgres, maria):
            server.run(
                "CREATE TABLE recipients (address varchar(64));"
                "INSERT INTO recipients VALUES ('ben@company.example');"
            )
        facts = {
            "ldap": slapd.uri,
            "suffix": SUFFIX,
            "reader": READER,
            "ldap_more": "preset = openldap",
            "postgres": postgres.port,
            "maria": maria.port,
            "database": DATABASE,
            "query": "SELECT address FROM recipients",
        }

        def configure(**more: str) -> None:
            site.conf.write_text(NAMESPACE.format(**facts | more))

        watch = stack.enter_context(Watch())
        right = (PASSWORD.encode(), SQL_PASSWORD.encode())
        # All is well.
        configure()
        write_passwords(site, *right)
        run_all(site, ALL)
        assert site.explain("ann@company.example")["reason"] == "listed"
        assert site.explain("ben@company.example")["reason"] == "listed"
        # Refused; a second line; a byte that is none of a text; none at all.
        wrong = CANARY.encode()
        for word in (wrong, wrong + b"\nmore", b"\0" + wrong, b"\xff" + wrong, b""):
            write_passwords(site, word, word)
            run_all(site)
        # A query that fails, and certificates that are not to be had.
        write_passwords(site, *right)
        configure(
            query="SELECT nothing FROM nowhere",
            ldap_more="preset = openldap start-tls = yes",
        )
        run_all(site)
        # A secret where none belongs: a fault of the configuration.
        host = slapd.uri.removeprefix("ldap://")
        configure(ldap=f"ldap://reader:{CANARY}@{host}")
        run_all(site)
        for key in ("password", "bind-password", "bind-dn"):
            configure(ldap_more=f'preset = openldap {key} = "{CANARY}"')
            run_all(site)
        configure()
        # Nobody listens.
        slapd.stop()
        postgres.stop()
        maria.stop()
        run_all(site, ALL)
    assert watch.seen, "no process was seen"
    for text in watch.seen:
        expect_silence("what ps shows", text)
    expect_silent_files(site, [site.state, site.root / "numbers.prom"])
    shutil.rmtree(site.state)
