"""policyd with --metrics, and what it tells."""

from __future__ import annotations

import contextlib
import http.client
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from harness.ending import end
from harness.paths import free_port, wait_until
from harness.postfix import state_group
from harness.site import Site

SAMPLE = re.compile(r"(\w+)(?:\{(.*)\})? (\S+)")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
Series = tuple[str, frozenset[tuple[str, str]]]


class Watched:
    """A daemon at Postfix's policy socket, and its numbers."""

    def __init__(self, site: Site, port: int, process: subprocess.Popen[bytes]):
        self.site = site
        self.port = port
        self.process = process

    def get(self, path: str, method: str = "GET") -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(connection):
            connection.request(method, path)
            reply = connection.getresponse()
            return reply.status, reply.read().decode()

    def text(self) -> str:
        status, body = self.get("/metrics")
        assert status == 200, (status, body)
        return body

    def samples(self) -> dict[Series, float]:
        return samples_of(self.text())

    def value(self, name: str, **labels: str) -> float | None:
        return self.samples().get((name, frozenset(labels.items())))

    def verdicts(self) -> Counter[tuple[str, ...]]:
        """By verdict, reason, type and connector."""
        names = ("verdict", "reason", "type", "connector")
        return Counter(
            {
                tuple(dict(labels)[n] for n in names): int(value)
                for (name, labels), value in self.samples().items()
                if name == "postshare_verdicts_total"
            }
        )


def samples_of(text: str) -> dict[Series, float]:
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        match = SAMPLE.fullmatch(line)
        assert match, line
        name, labels, value = match.groups()
        found[name, frozenset(LABEL.findall(labels or ""))] = float(value)
    return found


def families_of(text: str) -> set[str]:
    """The names that can be asked for, those of a histogram too."""
    names = {line.split()[2] for line in text.splitlines() if line[:7] == "# TYPE "}
    return names | {name for name, _ in samples_of(text)}


@contextlib.contextmanager
def watched(site: Site, *options: str, syslog: Path | None = None) -> Iterator[Watched]:
    """Its log is site.daemon_log; or syslog, a folder in place of /dev."""
    port, path = free_port(), site.postfix.policy_socket
    command: list[str | Path] = [
        *(site.postfix.programs / "policyd", "-s", site.state),
        *("--user", "nobody", "--mode", "0666", "--listen", f"unix:{path}"),
        *("--metrics", f"inet:127.0.0.1:{port}"),
        *("--log", "syslog" if syslog else "stderr", *options),
    ]
    if syslog:
        (syslog / "null").touch()
        script = 'mount --bind /dev/null "$0/null" && mount --rbind "$0" /dev'
        script += ' && exec "$@"'
        command = ["unshare", "-m", "sh", "-c", script, syslog, *command]
    with site.daemon_log.open("ab") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stderr=log, group=state_group()
        )
    one = Watched(site, port, process)
    try:
        wait_until(lambda: is_up(one), "policyd is up")
        yield one
    finally:
        end(process)


def is_up(one: Watched) -> bool:
    assert one.process.poll() is None, one.site.daemon_log.read_text()
    try:
        one.get("/healthz")
    except OSError:
        return False
    return True
