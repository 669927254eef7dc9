"""What transport-map-gen(1) says of memory, measured with a million recipients."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

from harness.paths import BIN
from harness.reader import READ_DIRECTORY

DOMAIN = "company.example"
# One recipient; its number for %d.
LINES = {
    "file": f"first.last%d@{DOMAIN}\n",
    "postfix": f"first.last%d@{DOMAIN} OK\n",
    "csv": f"First Last%d,first.last%d@{DOMAIN},SMTP:first.last%d@{DOMAIN},UserMailbox\n",
    "ldif": f"dn: CN=First Last%d,OU=Users,DC=company,DC=example\n"
    f"objectClass: user\nproxyAddresses: SMTP:first.last%d@{DOMAIN}\n\n",
    "passwd": "first.last%d:x:1000:1000::/home/user:/bin/sh\n",
    "aliases": "first.last%d: root\n",
}
HEADS = {"csv": "Name,PrimarySmtpAddress,EmailAddresses,RecipientTypeDetails\n"}
MORE = {
    "csv": "preset = exchange",
    "ldif": "preset = active-directory",
    "passwd": f'local-domain = "{DOMAIN}"',
    "aliases": f'local-domain = "{DOMAIN}"',
}
HELD_WHOLE = ("file", "postfix", "csv", "passwd", "aliases", "command")
MEGABYTE = 1 << 20
PROGRAM_MB = 16
BUILD_MB = 300  # for a million


def write_sources(folder: Path, count: int) -> dict[str, str]:
    """The keys of a directory of each type."""
    keys = {}
    for kind, line in LINES.items():
        with (folder / kind).open("w") as out:
            out.write(HEADS.get(kind, ""))
            out.writelines(line.replace("%d", str(n)) for n in range(count))
        keys[kind] = f'type = {kind} path = "{kind}" {MORE.get(kind, "")}'
    cat = f'{{ "/bin/cat", "{folder}/file" }}'
    keys["command"] = f"type = command command = {cat}"
    file = sqlite3.connect(folder / "sql", isolation_level=None)
    file.execute("CREATE TABLE r (address text)")
    file.execute("BEGIN")
    rows = ((f"first.last{n}@{DOMAIN}",) for n in range(count))
    file.executemany("INSERT INTO r VALUES (?)", rows)
    file.execute("COMMIT")
    file.close()
    query = "SELECT address FROM r"
    keys["sql"] = f'type = sql driver = sqlite database = "sql" query = "{query}"'
    return keys


def write_conf(folder: Path, kind: str, keys: str) -> Path:
    conf = folder / f"{kind}.conf"
    conf.write_text(
        f'accepted-domain "{DOMAIN}" {{ type = authoritative }}\n'
        f'connector "x" {{ address-spaces = {{ "{DOMAIN}" }}'
        ' smart-hosts = { "[192.0.2.1]:25" } }\n'
        f'directory "{kind}" {{ {keys} }}\n'
    )
    return conf


def source_mb(conf: Path, kind: str) -> float:
    """What reading takes where nothing keeps what it brings."""
    words = [READ_DIRECTORY, conf, conf.parent / "state", kind, "1700000000", "dry", "quiet"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return int(done.stderr.split()[3]) / 1024


def build_mb(conf: Path, kind: str) -> float:
    """Of the largest process of a build."""
    build = [BIN / "transport-map-gen", "-q", "-c", conf]
    build += ["-s", conf.parent / f"state-{kind}", "build", "--no-wait"]
    pid = os.posix_spawn(build[0], [str(word) for word in build], os.environ)
    _, status, usage = os.wait4(pid, 0)
    assert status == 0, f"{kind}: build ended with {status}"
    return usage.ru_maxrss / 1024


def judge(name: str, found: float, limit: float) -> bool:
    word = "" if found <= limit else "; TOO MUCH"
    print(f"  {name:32} {found:8.1f} MB  (at most {limit:.0f}{word})")
    sys.stdout.flush()
    return found <= limit


def memory(folder: Path, entries: int, _rounds: int) -> bool:
    count = 10 * entries
    millions = count / 1_000_000
    folder = folder / "memory"
    folder.mkdir()
    print(f"Memory, {count} recipients")
    kept = []
    for kind, keys in write_sources(folder, count).items():
        conf = write_conf(folder, kind, keys)
        text = folder / ("file" if kind == "command" else kind)
        size = text.stat().st_size / MEGABYTE if kind in HELD_WHOLE else 0
        limit = PROGRAM_MB + 1.1 * size
        kept.append(judge(f"{kind}, its source alone", source_mb(conf, kind), limit))
    for kind in ("file", "ldif"):
        conf = folder / f"{kind}.conf"
        limit = PROGRAM_MB + BUILD_MB * millions
        kept.append(judge(f"{kind}, all of build", build_mb(conf, kind), limit))
    return all(kept)
