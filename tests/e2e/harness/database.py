"""What a private PostgreSQL and a private MariaDB have in common: a folder,
loopback ports, a certificate, an account "reader" that may read the database
"mail", and a process that is ended by its id.
"""

from __future__ import annotations

import os
import pwd
import signal
import socket
import subprocess
from pathlib import Path

from harness.authority import Certificate
from harness.paths import free_port, wait_until

DATABASE, READER = "mail", "reader"
# Each of its characters means something to somebody.
PASSWORD = "p'a\"s%s\\w $x#"


Value = str | int | list[str]


class Database:
    """account: whom the server runs as; it refuses to be root."""

    driver = ""

    def __init__(self, folder: Path, account: str, certificate: Certificate | None):
        self.folder = folder
        self.account = account
        self._group = pwd.getpwnam(account).pw_gid
        self.certificate = certificate
        self.port = free_port()
        self.log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir()
        subprocess.run(["chown", account, folder], check=True)

    def __enter__(self) -> Database:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def socket(self) -> Path:
        """As the key "hosts" takes it."""
        raise NotImplementedError

    def command(self) -> list[str | Path]:
        raise NotImplementedError

    def create(self) -> None:
        """The data folder, once."""
        raise NotImplementedError

    def create_reader(self) -> None:
        """The database and who may read it, in the running server."""
        raise NotImplementedError

    def settings(self, **changes: Value) -> dict[str, Value]:
        """Keys of a directory that asks it, certificate verified."""
        return {
            "driver": self.driver,
            "hosts": ["localhost"],
            "port": self.port,
            "database": DATABASE,
            "user": READER,
            "password-file": "password",
            "tls": "verify",
            "tls-ca-file": "ca/ca.pem",
            "connect-timeout": "2s",
            "timeout": "2s",
        } | changes

    def grant(self, database: str) -> None:
        """The reader may read all of it."""
        raise NotImplementedError

    def lose_reader(self) -> None:
        """Ends the reader's session as soon as there is one."""
        wait_until(lambda: self.sessions() != [], "the reader asks")
        for session in self.sessions():
            self.end_session(session)

    def sessions(self) -> list[str]:
        """Of the reader, that are waiting in a query."""
        raise NotImplementedError

    def end_session(self, session: str) -> None:
        raise NotImplementedError

    def run(self, statements: str, database: str = DATABASE) -> str:
        """Statements in the name of its root; what they print."""
        raise NotImplementedError

    def own(self, path: Path) -> Path:
        """A copy that the server can read, and nobody else."""
        copy = self.folder / path.name
        copy.write_bytes(path.read_bytes())
        copy.chmod(0o600)
        subprocess.run(["chown", self.account, copy], check=True)
        return copy

    # -- its life

    def start(self) -> None:
        is_new = not (self.folder / "data").exists()
        if is_new:
            self.create()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={"PATH": os.environ["PATH"]},
                user=self.account,
                group=self._group,
                extra_groups=[],
            )
        wait_until(self._answers, f"{self.driver} answers; see {self.log}", 60)
        if is_new:
            self.create_reader()

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError(f"{self.driver}: {self.log.read_text()}")
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            self.run("SELECT 1", "")
            return True
        except (OSError, AssertionError):
            return False

    def stop(self, how: int = signal.SIGTERM) -> None:
        if self._process is None:
            return
        self._process.send_signal(signal.SIGCONT)
        self._process.send_signal(how)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def pause(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def as_account(self, command: list[str | Path], text: str = "") -> str:
        done = subprocess.run(
            command,
            input=text,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env={"PATH": os.environ["PATH"]},
            user=self.account,
            group=self._group,
            extra_groups=[],
            timeout=120,
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout


def quote(text: str) -> str:
    """A literal for servers in which a backslash is one."""
    return "'" + text.replace("'", "''") + "'"


def block(name: str, settings: dict[str, Value]) -> str:
    """A directory of type sql in namespace.conf."""
    lines = [f'directory "{name}" {{ type = sql']
    for key, value in settings.items():
        if isinstance(value, list):
            lines.append(f"{key} = {{ {', '.join(map(_text, value))} }}")
        else:
            lines.append(f"{key} = {_text(value)}")
    return "\n".join([*lines, "}\n"])


def _text(value: str | int) -> str:
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
