"""A Postfix of our own: its configuration, queue, log and port lie below
one folder, and nothing of the system's Postfix is touched.

main.cf is a base, what the test adds, and the very files of
postfix-conf-examples with only the state folder, the account and the port
replaced.
"""

from __future__ import annotations

import contextlib
import grp
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from harness.paths import BIN, EXAMPLES, free_port, wait_until

STATE_IN_EXAMPLES = "/var/lib/postshare"
SBIN_IN_EXAMPLES = "/usr/local/sbin"

BASE_MAIN = """
compatibility_level = 3.6
queue_directory = {root}/queue
data_directory = {root}/data
maillog_file = {root}/maillog
maillog_file_prefixes = {root}
myhostname = gateway.test
mydestination =
mynetworks = 192.0.2.200
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
local_recipient_maps =
notify_classes =
smtpd_authorized_xclient_hosts = 127.0.0.1
smtpd_peername_lookup = no
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 100000
smtpd_hard_error_limit = 100000
smtpd_client_connection_count_limit = 0
smtpd_recipient_limit = 5000
disable_dns_lookups = yes
lmtp_host_lookup = native
smtp_connect_timeout = 3s
in_flow_delay = 0
queue_run_delay = 2s
minimal_backoff_time = 2s
maximal_backoff_time = 4s
default_transport = {world}
relay_transport = {world}
"""

BASE_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup    unix  n  -  n  60    1  pickup
cleanup   unix  n  -  n  -     0  cleanup
qmgr      unix  n  -  n  300   1  qmgr
tlsmgr    unix  -  -  n  1000? 1  tlsmgr
rewrite   unix  -  -  n  -     -  trivial-rewrite
bounce    unix  -  -  n  -     0  bounce
defer     unix  -  -  n  -     0  bounce
trace     unix  -  -  n  -     0  bounce
verify    unix  -  -  n  -     1  verify
flush     unix  n  -  n  1000? 0  flush
proxymap  unix  -  -  n  -     -  proxymap
proxywrite unix -  -  n  -     1  proxymap
smtp      unix  -  -  n  -     -  smtp
relay     unix  -  -  n  -     -  smtp
showq     unix  n  -  n  -     -  showq
error     unix  -  -  n  -     -  error
retry     unix  -  -  n  -     -  error
discard   unix  -  -  n  -     -  discard
lmtp      unix  -  -  n  -     -  lmtp
anvil     unix  -  -  n  -     1  anvil
scache    unix  -  -  n  -     1  scache
postlog   unix-dgram n - n -   1  postlogd
"""

POLICY_SERVICE = re.compile(r"\s*check_policy_service \{[^}]*\},")


def state_group() -> str:
    """The group that reads the state folder; any will do in a test."""
    try:
        return grp.getgrnam("postshare").gr_name
    except KeyError:
        return "nogroup"


def without(main: str, more: str) -> str:
    """main.cf but for the parameters that more sets.  Where one stands twice
    each process of Postfix logs a warning as it begins; postlogd too, to its
    own socket, for which it waits without end once that is full."""
    for name in re.findall(r"^(\w+)\s*=", more, re.M):
        main = re.sub(rf"^{name}\s*=.*\n(?:[ \t]+.*\n)*", "", main, flags=re.M)
    return main


class PrivatePostfix:
    def __init__(self, root: Path, state: Path, world: str):
        self.root = root
        self.state = state
        self.port = free_port()
        self.config = root / "etc"
        self.queue = root / "queue"
        self._log = root / "maillog"
        self._world = world
        for folder in (self.config, self.queue, root / "data"):
            folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["chown", "postfix", str(root / "data")], check=True)
        # Run as nobody, to whom our tree may be closed: /root is.
        self.programs = root / "programs"
        self.programs.mkdir(exist_ok=True)
        shutil.copy(BIN / "policyd", self.programs)

    @property
    def server(self) -> tuple[str, int]:
        return ("127.0.0.1", self.port)

    @property
    def policy_socket(self) -> Path:
        return self.queue / "private/policyd"

    def configure(
        self, setups: list[str], more: str = "", asks_policyd: bool = True
    ) -> None:
        """setups: folders of postfix-conf-examples, in order."""
        main = BASE_MAIN.format(root=self.root, world=self._world)
        main += self._examples(setups, "main.cf")
        if not asks_policyd:
            main, n = POLICY_SERVICE.subn("", main)
            assert n == 1, "no check_policy_service line to take out"
        master = BASE_MASTER.format(port=self.port)
        master += self._examples(setups, "master.cf")
        (self.config / "main.cf").write_text(without(main, more) + more)
        (self.config / "master.cf").write_text(master)

    def _examples(self, setups: list[str], name: str) -> str:
        files = [EXAMPLES / setup / name for setup in setups]
        text = "\n".join(f.read_text() for f in files if f.exists())
        text = text.replace(STATE_IN_EXAMPLES, str(self.state))
        text = text.replace(SBIN_IN_EXAMPLES, str(self.programs))
        account = f"user=nobody:{state_group()}"
        return text.replace("user=postshare-policyd:postshare", account)

    def prepare(self) -> None:
        """Makes the queue's folders, so that sockets can be put there."""
        self._postfix("check")

    def start(self) -> None:
        self._postfix("start")

    def reload(self) -> None:
        self._postfix("reload")

    def flush(self) -> None:
        self._run("postqueue", "-c", str(self.config), "-f")

    def stop(self) -> None:
        pid = self.master_pid()
        if pid is None or not Path(f"/proc/{pid}").exists():
            return
        # As "postfix abort" does it, which would also log it, and wait without
        # end where nobody reads what is logged.
        self._signal(os.kill, pid, signal.SIGTERM)
        try:
            wait_until(lambda: not self.processes(), "Postfix is gone", 20)
        except AssertionError:
            self._signal(os.killpg, pid, signal.SIGKILL)
            wait_until(lambda: not self.processes(), "the private Postfix is gone")

    @staticmethod
    def _signal(kill: Callable[[int, int], None], pid: int, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            kill(pid, number)

    def master_pid(self) -> int | None:
        file = self.queue / "pid/master.pid"
        return int(file.read_text()) if file.exists() else None

    def processes(self) -> list[int]:
        """Every process that works in our queue folder."""
        return sorted(
            int(entry.name)
            for entry in Path("/proc").iterdir()
            if entry.name.isdigit() and self._is_ours(entry)
        )

    def _is_ours(self, entry: Path) -> bool:
        try:
            return os.readlink(entry / "cwd") == str(self.queue)
        except OSError:
            return False

    def children(self, program: str) -> list[int]:
        """Our processes of that program."""
        return [pid for pid in self.processes() if _program(pid) == program]

    def log(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def queued(self) -> int:
        """Messages not yet delivered, deferred ones too."""
        folders = ("maildrop", "incoming", "active", "deferred")
        return sum(
            len(files)
            for folder in folders
            for _, _, files in os.walk(self.queue / folder)
        )

    def wait_empty(self, seconds: float = 60) -> None:
        try:
            wait_until(lambda: self._is_idle(), "the queue is empty", seconds)
        except AssertionError:
            listing = self._run("postqueue", "-c", str(self.config), "-p")
            raise AssertionError(f"queue not empty:\n{listing}") from None

    def _is_idle(self) -> bool:
        """Twice, for a file is between two folders at times."""
        if self.queued():
            return False
        time.sleep(0.05)
        return not self.queued()

    def _postfix(self, verb: str) -> None:
        self._run("postfix", "-c", str(self.config), verb)

    def _run(self, *command: str, check: bool = True) -> str:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
        )
        if check and done.returncode != 0:
            raise AssertionError(
                f"{' '.join(command)}: {done.returncode}\n{done.stdout}\n"
                + self.log()[-2000:]
            )
        return done.stdout


def _program(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""
