"""One test's world: a folder with namespace.conf, recipient lists and state,
mail systems on loopback, a private Postfix in front of them.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from string import Template
from types import TracebackType

from harness.client import SENDER, STRANGER, Client, Sent
from harness.paths import BIN, EXAMPLES, is_answering, wait_until
from harness.policy import PolicyClient
from harness.postfix import SBIN_IN_EXAMPLES, PrivatePostfix, state_group
from harness.sink import Sink

COMPILER = BIN / "transport-map-gen"

# Exit statuses of build.
PUBLISHED, DIRECTORY_FAILED, GUARD_REFUSED = 0, 75, 65


class Site:
    def __init__(self, root: Path):
        root.chmod(0o755)
        self.root = root
        self.state = root / "state"
        self.conf = root / "namespace.conf"
        self.sinks: dict[str, Sink] = {}
        self._hosts = (f"127.0.{n // 250}.{n % 250 + 11}" for n in itertools.count())
        # Whatever no connector claims ends here, not at an MX.
        self.world = self.sink("world")
        self.postfix = PrivatePostfix(root, self.state, f"smtp:{self.world.hop}")
        self._daemon: subprocess.Popen[bytes] | None = None
        self.daemon_log = root / "policyd.log"
        # Of the compiler, beside that of this process.
        self.environment: dict[str, str] = {}

    def __enter__(self) -> Site:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop_daemon()
        self.postfix.stop()
        for sink in self.sinks.values():
            sink.down()

    # -- mail systems and configuration

    def sink(self, name: str, unix: Path | None = None) -> Sink:
        self.sinks[name] = Sink(name, next(self._hosts), unix)
        return self.sinks[name]

    def local_sink(self, name: str, path: str) -> Sink:
        """A mail system on this machine: LMTP on a socket of the queue."""
        self.postfix.configure([])
        self.postfix.prepare()
        return self.sink(name, self.postfix.queue / path)

    def write(self, name: str, lines: list[str]) -> None:
        new = self.root / f"{name}.new"
        new.write_text("".join(f"{line}\n" for line in lines))
        new.rename(self.root / name)

    def namespace(self, text: str) -> None:
        """namespace.conf; $NAME is the hop of the sink of that name."""
        hops = {name: sink.hop for name, sink in self.sinks.items()}
        self.conf.write_text(Template(text).substitute(hops))

    def use_example(self, setup: str, systems: dict[str, Sink]) -> None:
        """The files of an example, its smart hosts replaced by sinks."""
        for file in (EXAMPLES / setup).iterdir():
            if file.suffix != ".cf":
                shutil.copy(file, self.root)
        text = self.conf.read_text()
        for host, sink in systems.items():
            assert f'"[{host}]:25"' in text, f"{setup} has no {host}"
            text = text.replace(f"[{host}]:25", sink.hop)
        self.conf.write_text(text)

    # -- the compiler

    def compile(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.compile_raw(["-c", self.conf, "-s", self.state, *arguments])

    def compile_raw(
        self, arguments: Sequence[str | Path]
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [COMPILER, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            group=state_group(),
            env=os.environ
            | {"MAIL_CONFIG": str(self.postfix.config)}
            | self.environment,
            timeout=120,
        )

    def build(self, *options: str, expect: int = PUBLISHED) -> str:
        """Both of its outputs."""
        done = self.compile("build", *options)
        output = done.stdout + done.stderr
        assert done.returncode == expect, (
            f"build: {done.returncode}, expected {expect}\n{output}"
        )
        return output

    def explain(self, address: str) -> dict:
        done = self.compile("explain", "--json", address)
        try:
            return json.loads(done.stdout)
        except json.JSONDecodeError:
            raise AssertionError(
                f"explain {address}: {done.returncode}\n"
                f"{done.stdout}{done.stderr}"
            ) from None

    # -- Postfix and policyd

    def start(
        self, policyd: str | None = "spawn", setup: str = "gateway", more: str = ""
    ) -> None:
        """policyd: "spawn", "daemon", "dead" (asked, but not there), or None
        for maps alone without the second that a dead one costs."""
        setups = ["gateway"] if setup == "gateway" else ["gateway", setup]
        if policyd in ("spawn", "daemon"):
            setups.append(policyd)
        self.postfix.configure(setups, more, asks_policyd=policyd is not None)
        self.postfix.prepare()
        if policyd == "daemon":
            self.start_daemon()
        self.postfix.start()

    def start_daemon(self, path: Path | None = None) -> None:
        """As postfix-conf-examples/daemon says, but for the account."""
        path = path or self.postfix.policy_socket
        with self.daemon_log.open("ab") as log:
            self._daemon = subprocess.Popen(
                [self.postfix.programs / "policyd", "-s", self.state]
                + ["--user", "nobody", "--mode", "0666"]
                + ["--log", "stderr", "--listen", f"unix:{path}"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                group=state_group(),
            )
        wait_until(lambda: is_answering(path), "policyd listens")

    def start_service(self, command: str, listener: socket.socket) -> None:
        """policyd as systemd starts it, with a socket as descriptor 3."""
        words = command.replace(SBIN_IN_EXAMPLES, str(self.postfix.programs))
        script = f"exec 3<&{listener.fileno()}; LISTEN_PID=$$ LISTEN_FDS=1 exec {words}"
        self._daemon = subprocess.Popen(
            ["sh", "-c", script],
            stdin=subprocess.DEVNULL,
            pass_fds=[listener.fileno()],
            user="nobody",
            group=state_group(),
        )

    def stop_daemon(self, how: int = signal.SIGTERM) -> None:
        if self._daemon is not None:
            self._daemon.send_signal(how)
            self._daemon.wait(60)
            self._daemon = None

    def policy(self) -> PolicyClient:
        return PolicyClient(self.postfix.policy_socket)

    # -- mail

    def client(self, address: str = STRANGER) -> Client:
        return Client(self.postfix.server, address)

    def send(
        self,
        *recipients: str,
        sender: str = SENDER,
        client: str = STRANGER,
        utf8: bool = False,
    ) -> Sent:
        """One message, delivered when this returns."""
        with self.client(client) as session:
            sent = session.send(list(recipients), sender, utf8)
        self.postfix.wait_empty()
        return sent

    def codes(self, *recipients: str, client: str = STRANGER) -> dict[str, str]:
        """What RCPT says, as "550 5.1.1" or "250 2.1.5"."""
        with self.client(client) as session:
            replies = session.ask(list(recipients))
        return {r: f"{reply.code} {reply.status}" for r, reply in replies.items()}

    def expect(self, codes: dict[str, str], client: str = STRANGER) -> None:
        """That RCPT says so of each recipient."""
        said = self.codes(*codes, client=client)
        wrong = {r: said[r] for r in codes if said[r] != codes[r]}
        assert not wrong, f"{wrong}, expected {codes}"

    def places(self, sent: Sent) -> dict[str, list[str]]:
        """Where each recipient of a message went: "sink recipient"."""
        recipient_of = {token: r for r, token in sent.tokens.items()}
        found: dict[str, list[str]] = {r: [] for r in sent.accepted}
        for name, sink in self.sinks.items():
            for token, address in sink.places():
                if token in recipient_of:
                    found[recipient_of[token]].append(f"{name} {address}")
        return found

    def forget(self) -> None:
        for sink in self.sinks.values():
            sink.forget()
