#!/usr/bin/env python3
"""What is promised: of speed as ratios within one run on this machine, of memory
as the manual states it.

usage: bench.py [--entries N] [--rounds N] [--log-bytes N] [--recipients N] [--domains N]
    [PART...]

The parts are deltas, update-numbers, memory, verdicts, replay, diff, growth, compile, policyd,
load and smtpd.  Where none is named, those that are done in ten minutes, in smaller numbers; the
others and theirs by name.  Prints medians with the least and the most; ends with status 1 where
a promise is not kept. The first three and smtpd need slapd; BIN names the folder of the programs.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

from harness.paths import BIN  # noqa: E402
from harness.reader import DELTA, FULL, Reader  # noqa: E402
from harness.slapd import PASSWORD, READER, SUFFIX, Slapd, person  # noqa: E402
from compile import compiles  # noqa: E402
from diff import diffs  # noqa: E402
from growth import growth  # noqa: E402
from load import load  # noqa: E402
from memory import memory  # noqa: E402
from policyd import policyd  # noqa: E402
from replay import replays  # noqa: E402
from smtpd import smtpd  # noqa: E402
from test_ldap_deltas_ad import Controller  # noqa: E402
from verdicts import BYTES_DEFAULT, verdicts  # noqa: E402

DELTA_PERCENT_MAX = 5
CHANGES = 10
SETTINGS = f"""
    base = "ou=people,{SUFFIX}"
    preset = openldap
    bind-dn = "{READER}"
    password-file = "%s/password"
"""


@dataclass
class Figures:
    """Of one kind of read, in milliseconds but for memory."""

    read: list[float] = field(default_factory=list)  # source_read() alone
    check: list[float] = field(default_factory=list)  # all of "check"
    server: list[float] = field(default_factory=list)  # CPU of slapd
    kilobytes: int = 0


def show(name: str, values: list[float]) -> None:
    middle = statistics.median(values)
    print(f"  {name:32} {middle:8.1f} ms  ({min(values):.1f} to {max(values):.1f})")


def show_both(full: Figures, delta: Figures) -> None:
    for name, figures in (("full read", full), (f"delta of {CHANGES}", delta)):
        show(f"{name}, the read alone", figures.read)
        show(f"{name}, all of check", figures.check)
        show(f"{name}, CPU of slapd", figures.server)


def measure(reader: Reader, slapd: Slapd, into: Figures, how: str) -> None:
    """One read that leaves what is remembered as if it were the only one."""
    check = [BIN / "transport-map-gen", "-q", "-c", reader.conf]
    check += ["-s", reader.state, "check"]
    begin = time.monotonic()
    done = subprocess.run(check, capture_output=True, text=True)
    into.check.append((time.monotonic() - begin) * 1000)
    assert done.returncode == 0, done.stderr
    cpu = slapd.cpu_seconds()
    reader.now += 1
    words = reader.run(reader.conf, reader.state, "quiet").stderr.split()
    into.server.append((slapd.cpu_seconds() - cpu) * 1000)
    into.read.append(float(words[1]) * 1000)
    into.kilobytes = max(into.kilobytes, int(words[3]))
    assert reader.how() == how, f"a {reader.how()} read instead of a {how} one"


def change(slapd: Slapd, entries: int, turn: int) -> None:
    """New addresses, spread over all of the entries."""
    step = entries // CHANGES
    numbers = [n * step + turn for n in range(CHANGES)]
    slapd.modify(
        "".join(
            f"dn: cn=u{n},ou=people,{SUFFIX}\nchangetype: modify\n"
            f"replace: mail\nmail: new{n}.{turn}@company.example\n\n"
            for n in numbers
        )
    )


def compare(folder: Path, sync_log: int, entries: int, rounds: int) -> float:
    """Percent of a full read that a delta costs."""
    slapd = Slapd(folder / "ldap", sync_log=sync_log)
    slapd.load(
        person(f"u{n}", mail=[f"u{n}@company.example", f"first.last{n}@company.example"])
        for n in range(entries)
    )
    full, delta = Figures(), Figures()
    with slapd:
        slapd.start()
        reader = Reader(folder / "reader", slapd.uri, SETTINGS % folder.parent)
        for _ in range(rounds):
            if reader.store.exists():
                reader.store.unlink()
            measure(reader, slapd, full, FULL)
        # The session log knows nothing of the time before it began.
        change(slapd, entries, rounds)
        reader.read("quiet")
        for turn in range(rounds):
            change(slapd, entries, turn)
            measure(reader, slapd, delta, DELTA)
        reader.store.unlink()
        reader.configure(slapd.uri, reader.settings + 'filter = "(cn=nobody)"')
        nobody = int(reader.run(reader.conf, reader.state, "quiet").stderr.split()[3])
    show_both(full, delta)
    report_memory(entries, max(full.kilobytes, delta.kilobytes), nobody)
    return 100 * statistics.median(delta.read) / statistics.median(full.read)


def report_memory(entries: int, peak: int, nobody: int) -> None:
    """Peaks in kB; nobody: of a read that brings no recipient."""
    recipients = 2 * entries
    million = (peak - nobody) / 1024 * 1_000_000 / recipients
    print(
        f"  memory of the reader at its largest {peak / 1024:.0f} MB for "
        f"{recipients} recipients: {nobody / 1024:.0f} MB and {million:.0f} MB "
        "for a million"
    )


def deltas(folder: Path, entries: int, rounds: int) -> bool:
    (folder / "password").write_text(PASSWORD)
    (folder / "password").chmod(0o600)
    print(f"LDAP, {entries} entries of two addresses, syncprov with a session log")
    with_log = compare(folder / "log", 1000, entries, rounds)
    print(f"  a delta costs {with_log:.1f} % of a full read; {DELTA_PERCENT_MAX} promised")
    print(f"LDAP, {entries} entries of two addresses, syncprov without one")
    without = compare(folder / "no-log", 0, entries, rounds)
    print(f"  a delta costs {without:.1f} % of a full read; nothing promised")
    return with_log < DELTA_PERCENT_MAX


def update_numbers(folder: Path, entries: int, rounds: int) -> bool:
    """slapd plays the controller; it restarts to say its highest number."""
    print(f"LDAP, {entries} users of Active Directory, by uSNChanged")
    root = folder / "update-numbers"
    root.mkdir()
    full, delta = Figures(), Figures()
    with Controller(root, people=entries) as domain:
        reader = domain.reader
        reader.configure(reader.uri, reader.settings.replace("page-size = 7", ""))
        for _ in range(rounds):
            reader.store.unlink()
            measure(reader, domain.slapd, full, FULL)
        for _ in range(rounds):
            domain.modify(*(r for _ in range(CHANGES) for r in domain.readdress()))
            domain.commit()
            measure(reader, domain.slapd, delta, DELTA)
    show_both(full, delta)
    percent = 100 * statistics.median(delta.read) / statistics.median(full.read)
    print(f"  a delta costs {percent:.1f} % of a full read; {DELTA_PERCENT_MAX} promised")
    return percent < DELTA_PERCENT_MAX


BENCHES: dict[str, Callable[[Path, argparse.Namespace], bool]] = {
    "deltas": lambda folder, o: deltas(folder, o.entries, o.rounds),
    "update-numbers": lambda folder, o: update_numbers(folder, o.entries, o.rounds),
    "memory": lambda folder, o: memory(folder, o.entries, o.rounds),
    "verdicts": lambda folder, o: verdicts(folder, o.log_bytes),
    "replay": lambda folder, o: replays(folder, o.recipients, o.rounds),
    "diff": lambda folder, o: diffs(folder, o.entries, o.rounds),
    "growth": lambda folder, o: growth(folder, o.recipients, o.domains, o.rounds),
    "compile": lambda folder, o: compiles(folder, o.recipients, o.rounds),
    "policyd": lambda folder, o: policyd(folder, o.recipients, o.rounds),
    "load": lambda folder, o: load(folder, o.rounds),
    "smtpd": lambda folder, o: smtpd(folder, o.rounds),
}


# Where no part is named.
SHORT = ("deltas", "update-numbers", "memory", "verdicts", "replay", "diff", "growth")
SHORT_NUMBERS = {
    "recipients": 100_000,
    "domains": 10_000,
    "log-bytes": 300_000_000,
    "rounds": 5,
}
NUMBERS = {
    "recipients": 1_000_000,
    "domains": 100_000,
    "log-bytes": BYTES_DEFAULT,
    "rounds": 7,
}


def main() -> int:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    for name in NUMBERS:
        parser.add_argument(f"--{name}", type=int)
    parser.add_argument("part", nargs="*")
    options = parser.parse_args()
    if unknown := set(options.part) - set(BENCHES):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    wanted = options.part or list(SHORT)
    for name, number in (NUMBERS if options.part else SHORT_NUMBERS).items():
        word = name.replace("-", "_")
        if getattr(options, word) is None:
            setattr(options, word, number)
    folder = Path(tempfile.mkdtemp(prefix="bench."))
    try:
        kept = [BENCHES[name](folder, options) for name in wanted]
    finally:
        shutil.rmtree(folder)
    if not options.part:
        print(f"Only by name: {', '.join(name for name in BENCHES if name not in SHORT)}")
    return 0 if all(kept) else 1


if __name__ == "__main__":
    os.environ["LC_ALL"] = "C"
    sys.exit(main())
