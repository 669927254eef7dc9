"""What policyd(8) says of asking the verdict log, held against grep(1)."""

from __future__ import annotations

import itertools
import os
import random
import statistics
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

from harness.paths import BIN

RATIO_MAX = 3.0
BYTES_DEFAULT = 1_000_000_000
ROUNDS = 5
# bench.py measures all else in the C locale; a user has another one.
USER = dict(os.environ)
C = {**USER, "LC_ALL": "C"}
BEGIN = datetime(2026, 3, 1, tzinfo=timezone(timedelta(hours=1)))
NEEDLE = "needle@company.example"

UNKNOWN = '"550 5.1.1 User unknown: no directory of this domain lists the address"'
LOOP = (
    '"550 5.4.6 Mail loop: the system that hands us this recipient is the one that '
    'we would hand it to"'
)
STALE = (
    '"450 4.3.0 A directory that may list the address can not be asked now, try '
    'again later"'
)
EXCHANGE = '"smtp:[10.8.0.25]:25, [10.8.0.26]:25"'
DOVECOT = "lmtp:unix:private/dovecot-lmtp"
RELAYED = "internal-relay"
OUT = "smtp:[10.8.0.1]:25"
PARTNER = "smtp:[192.0.2.25]:25"
# How often in a hundred; verdict, reason, domain; type, connector, nexthop,
# directory; reply.
MIX = [
    (34, "accept listed company.example", f"{RELAYED} exchange {EXCHANGE} ad", "DUNNO"),
    (18, "accept listed lab.example", f"authoritative unix {DOVECOT} staff", "DUNNO"),
    (3, "accept contact company.example", f"{RELAYED} out {OUT} -", "DUNNO"),
    (2, "accept secondary old-name.example", f"- exchange {EXCHANGE} ad", "DUNNO"),
    (6, "relay unlisted partner.example", f"external-relay partner {PARTNER} -", "DUNNO"),
    (4, "pass not-ours -", "- - - -", "DUNNO"),
    (20, "reject unknown company.example", f"{RELAYED} - - -", UNKNOWN),
    (9, "reject unknown lab.example", "authoritative - - -", UNKNOWN),
    (2, "reject loop company.example", f"{RELAYED} - - -", LOOP),
    (2, "defer directory-stale lab.example", "authoritative - - staff", STALE),
]
WEIGHTS = list(itertools.accumulate(kind[0] for kind in MIX))


def draw_recipient(chance: random.Random, domain: str) -> str:
    number = chance.randrange(400_000)
    local = f"first{number % 977}.last{number}"
    if number % 50 == 0:
        return f'"<first+tag=last{number}@{domain}>"'
    if number % 61 == 0:
        return f"<jürgen{number}@{domain}>"
    return f"<{local}@{domain}>"


def draw_sender(chance: random.Random) -> str:
    number = chance.randrange(100_000)
    if number % 9 == 0:
        return "<>"
    if number % 5 == 0:
        return f'"<bounces+{number}=bob=company.example@news{number % 70}.example>"'
    return f"<someone{number}@host{number % 700}.example>"


def draw_line(chance: random.Random, number: int, recipient: str) -> tuple[str, str]:
    """A verdict and its line; the recipient, or one by chance."""
    kind = chance.choices(MIX, cum_weights=WEIGHTS)[0]
    _, words, route, reply = kind
    verdict, reason, domain = words.split()
    type_, connector, rest = route.split(" ", 2)
    nexthop, directory = rest.rsplit(" ", 1)
    stamp = (BEGIN + timedelta(microseconds=number * 917_003)).isoformat()
    if not recipient:
        recipient = draw_recipient(chance, "else.example" if domain == "-" else domain)
    queue_id = f"4{number:09X}" if number % 4 == 0 else "-"
    return verdict, (
        f"{stamp} mx1 postfix/policyd[812]: verdict={verdict} reason={reason} "
        f"recipient={recipient} domain={domain} type={type_} connector={connector} "
        f"nexthop={nexthop} directory={directory} "
        f"client=192.0.2.{number % 256} sender={draw_sender(chance)} "
        f"queue_id={queue_id} instance={1000 + number % 400:x}.{number:x}.5c.0 "
        f"generation={40 + number // 500_000} reply={reply} us={number % 83 + 4}\n"
    )


def write_log(path: Path, size: int) -> tuple[Counter[str], int]:
    """How often each verdict stands in it, and the needle."""
    chance = random.Random(4)
    found: Counter[str] = Counter()
    needles = written = number = 0
    with path.open("w", encoding="utf-8") as out:
        while written < size:
            is_needle = number % 100_003 == 0
            verdict, line = draw_line(chance, number, f"<{NEEDLE}>" if is_needle else "")
            needles += is_needle
            found[verdict] += 1
            written += out.write(line)
            number += 1
    return found, needles


@dataclass
class Command:
    name: str
    argv: list[str]
    environment: dict[str, str]
    seconds: list[float] = field(default_factory=list)
    output: str = ""

    def run(self) -> None:
        begin = time.monotonic()
        done = subprocess.run(
            self.argv, env=self.environment, capture_output=True, text=True
        )
        self.seconds.append(time.monotonic() - begin)
        assert done.returncode == 0, done.stderr
        self.output = done.stdout

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def commands(log: Path) -> tuple[list[Command], list[Command]]:
    """grep in two locales, and what is held against the faster."""
    grep = ["grep", "-c", "verdict=reject", str(log)]

    def asked(name: str, *options: str) -> Command:
        return Command(name, [str(BIN / "policyd"), "verdicts", *options, str(log)], USER)

    return (
        [
            Command("grep -c verdict=reject", grep, USER),
            Command("grep -c, LC_ALL=C", grep, C),
        ],
        [
            asked("rejects by verdict", "--verdict", "reject", "--count-by", "verdict"),
            asked("all by reason and domain", "--count-by", "reason,domain"),
            asked("the last 10", "--tsv", "--last", "10"),
            asked("one recipient", "--tsv", "--recipient", NEEDLE),
        ],
    )


def check(
    greps: list[Command], asked: list[Command], found: Counter[str], needles: int
) -> None:
    """All agree with what was written."""
    rejects, reasons, last, needle = asked
    assert all(int(grep.output) == found["reject"] for grep in greps)
    assert rejects.output.split()[-2:] == [str(found["reject"]), "reject"], rejects.output
    counts = [line.split()[0] for line in reasons.output.splitlines()[1:]]
    assert sum(map(int, counts)) == sum(found.values()), reasons.output
    assert len(last.output.splitlines()) == 11, last.output
    assert needle.output.count(NEEDLE) == needles, needle.output


def verdicts(folder: Path, size: int = BYTES_DEFAULT) -> bool:
    log = folder / "mail.log"
    found, needles = write_log(log, size)
    greps, asked = commands(log)
    print(f"a log of {log.stat().st_size} bytes, {sum(found.values())} verdicts")
    for _ in range(ROUNDS):
        for command in greps + asked:
            command.run()
    log.unlink()
    check(greps, asked, found, needles)
    grep = min(greps, key=lambda command: command.median)
    for command in greps + asked:
        low, high = min(command.seconds), max(command.seconds)
        print(
            f"  {command.name:32} {command.median:8.3f} s  ({low:.3f} to {high:.3f})  "
            f"{command.median / grep.median:.2f} of grep"
        )
    ratio = asked[0].median / grep.median
    print(f"  {asked[0].name} take {ratio:.2f} of grep; {RATIO_MAX} promised")
    return ratio <= RATIO_MAX
