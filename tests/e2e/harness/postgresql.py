"""A private PostgreSQL.

    with PostgreSql(site.root / "postgresql", certificate) as server:
        server.run("CREATE TABLE t (address text)")
"""

from __future__ import annotations

import signal
from pathlib import Path

from harness.authority import Certificate
from harness.database import DATABASE, PASSWORD, READER, Database, quote

PROGRAMS = max(
    Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name)
)


class PostgreSql(Database):
    driver = "postgresql"

    def __init__(self, folder: Path, certificate: Certificate | None = None):
        super().__init__(folder, "postgres", certificate)

    @property
    def socket(self) -> Path:
        return self.folder

    def create(self) -> None:
        self.as_account(
            [PROGRAMS / "initdb", "-D", "data", "-U", "root", "-E", "UTF8"]
            + ["--locale=C", "--no-sync", "--auth-local=trust"]
            + ["--auth-host=scram-sha-256"]
        )

    def command(self) -> list[str | Path]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": self.folder,
            "fsync": "off",
            "max_connections": 20,
            "shared_buffers": "16MB",
        }
        if self.certificate is not None:
            settings["ssl"] = "on"
            settings["ssl_cert_file"] = self.own(self.certificate.pem)
            settings["ssl_key_file"] = self.own(self.certificate.key)
        given = [("-c", f"{key}={value}") for key, value in settings.items()]
        return [PROGRAMS / "postgres", "-D", "data", *sum(given, ())]

    def create_reader(self) -> None:
        self.run(f"CREATE DATABASE {DATABASE}", "postgres")
        self.run(
            f"CREATE USER {READER} PASSWORD {quote(PASSWORD)};"
            f"ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {READER}"
        )

    def stop(self, how: int = signal.SIGINT) -> None:
        """Fast: it would wait for sessions to end."""
        super().stop(how)

    def grant(self, database: str) -> None:
        self.run(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {READER}", database)

    def sessions(self) -> list[str]:
        return self.run(
            "SELECT pid FROM pg_stat_activity WHERE state = 'active' "
            f"AND usename = '{READER}' AND query LIKE '%sleep%'"
        ).split()

    def end_session(self, session: str) -> None:
        self.run(f"SELECT pg_terminate_backend({session})")

    def run(self, statements: str, database: str = DATABASE) -> str:
        return self.as_account(
            [PROGRAMS / "psql", "-XqAt", "-v", "ON_ERROR_STOP=1"]
            + ["-h", self.folder, "-p", str(self.port), "-U", "root"]
            + ["-d", database or "postgres"],
            statements,
        )
