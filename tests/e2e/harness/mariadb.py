"""A private MariaDB.

    with MariaDb(site.root / "mariadb", certificate) as server:
        server.run("CREATE TABLE t (address varchar(255))")
"""

from __future__ import annotations

from pathlib import Path

from harness.authority import Certificate
from harness.database import DATABASE, PASSWORD, READER, Database, quote


class MariaDb(Database):
    driver = "mysql"

    def __init__(self, folder: Path, certificate: Certificate | None = None):
        super().__init__(folder, "nobody", certificate)

    @property
    def socket(self) -> Path:
        return self.folder / "socket"

    def create(self) -> None:
        self.as_account(
            ["mariadb-install-db", "--no-defaults", "--skip-test-db"]
            + ["--auth-root-authentication-method=normal"]
            + [f"--datadir={self.folder}/data"]
        )

    def command(self) -> list[str | Path]:
        options = {
            "datadir": self.folder / "data",
            "socket": self.socket,
            "port": self.port,
            "bind-address": "127.0.0.1",
            "pid-file": self.folder / "pid",
            "tmpdir": self.folder,
            "innodb-buffer-pool-size": "16M",
            "innodb-flush-log-at-trx-commit": 0,
            "character-set-server": "latin1",
        }
        if self.certificate is not None:
            options["ssl-cert"] = self.own(self.certificate.pem)
            options["ssl-key"] = self.own(self.certificate.key)
        given = [f"--{key}={value}" for key, value in options.items()]
        return ["/usr/sbin/mariadbd", "--no-defaults", *given]

    def create_reader(self) -> None:
        self.run(f"CREATE DATABASE {DATABASE}", "")
        self.run(
            "SET sql_mode = 'NO_BACKSLASH_ESCAPES';"
            f"CREATE USER {READER} IDENTIFIED BY {quote(PASSWORD)};"
            f"GRANT SELECT, LOCK TABLES ON {DATABASE}.* TO {READER}"
        )

    def grant(self, database: str) -> None:
        self.run(f"GRANT SELECT ON {database}.* TO {READER}", "")

    def sessions(self) -> list[str]:
        return self.run(
            "SELECT id FROM information_schema.processlist "
            f"WHERE user = '{READER}' AND info LIKE '%sleep%'"
        ).split()

    def end_session(self, session: str) -> None:
        self.run(f"KILL CONNECTION {session}")

    def run(self, statements: str, database: str = DATABASE) -> str:
        return self.as_account(
            ["mariadb", "--no-defaults", "--batch", "--skip-column-names"]
            + ["--default-character-set=utf8mb4", "-u", "root"]
            + [f"--socket={self.socket}", *([database] if database else [])],
            statements,
        )
