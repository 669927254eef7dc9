"""How cost grows: recipients, domains, secondary domains, connectors and contacts, each
alone, and for each number the commands that an administrator runs. CPU of all processes
of a command, held against wc(1), which reads the same files in the same run and counts
their words; the most memory that one process had, where below some 15 MiB it is what this
program had when it began the process; nanoseconds for one item tell what is linear."""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.paths import BIN

FLOOR = "wc"
COMPILER = BIN / "transport-map-gen"
POLICYD = BIN / "policyd"
DOMAIN = "company.example"
# What one item costs, of what it did where there were a tenth as many: caches
# and noise are most of what is above one.
GROWTH_MAX = 3.0
MAIL = 'connector "mail" { address-spaces = { "*" } smart-hosts = { "10.8.0.25" } }\n'
STAFF = 'directory "staff" { type = file path = "staff.txt" connector = "mail" }\n'
HERE = f'accepted-domain "#{DOMAIN}" {{ type = authoritative }}\n'
FILTERED = "{ type = internal-relay recipient-filter = directories }"
REQUEST = (
    "request=smtpd_access_policy\nprotocol_state=RCPT\nclient_address=192.0.2.7\n"
    "sender=a@else.example\nrecipient=%s\n\n"
)


@dataclass(frozen=True)
class Kind:
    """What there are many of: the configuration, and whom the directory lists."""

    name: str
    conf: Callable[[int], Iterator[str]]
    people: Callable[[int], Iterator[str]]
    numbers: tuple[int, ...]


def one_domain(count: int) -> Iterator[str]:
    yield HERE + MAIL + STAFF


def people(count: int) -> Iterator[str]:
    return (f"first.last{n:08}@{DOMAIN}\n" for n in range(count))


def nobody_else(count: int) -> Iterator[str]:
    yield f"ann@{DOMAIN}\n"


def domains(count: int) -> Iterator[str]:
    yield HERE + MAIL + STAFF
    for n in range(count):
        yield f'accepted-domain "d{n:07}.example" {FILTERED}\n'


def one_each(count: int) -> Iterator[str]:
    yield f"ann@{DOMAIN}\n"
    for n in range(count):
        yield f"ann@d{n:07}.example\n"


def secondaries(count: int) -> Iterator[str]:
    yield HERE + MAIL + STAFF
    for n in range(count):
        yield f'accepted-domain "#d{n:07}.example" {{ secondary-of = "{DOMAIN}" }}\n'


def connectors(count: int) -> Iterator[str]:
    yield HERE + MAIL + STAFF
    for n in range(count):
        yield f'accepted-domain "#d{n:07}.example" {FILTERED}\n'
        yield (
            f'connector "c{n}" {{ address-spaces = {{ "#d{n:07}.example" }}\n'
            f'    smart-hosts = {{ "10.{n >> 16}.{n >> 8 & 255}.{n & 255}" }} }}\n'
        )


def contacts(count: int) -> Iterator[str]:
    yield HERE + MAIL + STAFF
    for n in range(count):
        yield f'contact "c{n}@{DOMAIN}" {{ target = "x{n}@else.example" }}\n'


TO_MILLIONS = (10_000, 100_000, 1_000_000, 10_000_000)
TO_DOMAINS = (10, 100, 1_000, 10_000, 100_000)
KINDS = (
    Kind("recipients", one_domain, people, TO_MILLIONS),
    Kind("domains", domains, one_each, TO_DOMAINS),
    Kind("secondary domains", secondaries, nobody_else, TO_DOMAINS),
    Kind("connectors", connectors, nobody_else, (10, 100, 1_000, 10_000)),
    Kind("contacts", contacts, nobody_else, TO_DOMAINS),
)


@dataclass
class Cost:
    """Of one command, in each round."""

    cpu_s: list[float] = field(default_factory=list)
    megabytes: float = 0

    @property
    def median(self) -> float:
        return statistics.median(self.cpu_s)


Command = tuple[Sequence[str | Path], str]  # and what it is asked on stdin


def measure(cost: Cost, command: Sequence[str | Path], asked: str = "") -> None:
    """In a process that has no other children."""
    reader, writer = os.pipe()
    if (pid := os.fork()) == 0:
        done = subprocess.run(command, input=asked, capture_output=True, text=True)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        figures = f"{done.returncode} {used.ru_utime + used.ru_stime} {used.ru_maxrss}"
        os.write(writer, figures.encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        status, cpu, kilobytes = pipe.read().split()
    os.waitpid(pid, 0)
    assert status == "0", f"{' '.join(map(str, command))}: {status}"
    cost.cpu_s.append(float(cpu))
    cost.megabytes = max(cost.megabytes, int(kilobytes) / 1024)


def fill(folder: Path, kind: Kind, count: int) -> None:
    with (folder / "namespace.conf").open("w") as out:
        out.writelines(kind.conf(count))
    with (folder / "staff.txt").open("w") as out:
        out.writelines(kind.people(count))


def commands(folder: Path, whom: str) -> dict[str, Command]:
    on = [COMPILER, "-q", "-c", folder / "namespace.conf", "-s", folder / "state"]
    return {
        FLOOR: (["wc", folder / "namespace.conf", folder / "staff.txt"], ""),
        "check": ([*on, "check"], ""),
        "build": ([*on, "build", "--no-wait"], ""),
        "build, nothing changed": ([*on, "build", "--no-wait"], ""),
        "diff": ([*on, "diff"], ""),
        "explain": ([*on, "explain", whom], ""),
        "policyd, one answer": ([POLICYD, "-s", folder / "state"], REQUEST % whom),
    }


def costs(folder: Path, kind: Kind, count: int, rounds: int) -> dict[str, Cost]:
    """All commands in turn in each round, which begins with nothing built."""
    fill(folder, kind, count)
    asked = commands(folder, next(kind.people(count)).strip())
    found = {name: Cost() for name in asked}
    for _ in range(rounds):
        shutil.rmtree(folder / "state", ignore_errors=True)
        for name, (words, request) in asked.items():
            measure(found[name], words, request)
    return found


def show(kind: Kind, count: int, found: dict[str, Cost]) -> None:
    floor = found[FLOOR].median
    for name, cost in found.items():
        ratio = f"{cost.median / floor:8.1f} of wc" if floor else ""
        print(
            f"  {count:>10,} {kind.name:18} {name:24} {cost.median:8.3f} s"
            f" ({min(cost.cpu_s):.3f} to {max(cost.cpu_s):.3f}) {cost.megabytes:8.1f} MiB"
            f" {cost.median / count * 1e9:12,.0f} ns each {ratio}",
            flush=True,
        )


def is_linear(kind: Kind, seen: list[dict[str, Cost]], numbers: list[int]) -> bool:
    """What the last step added, for one item, against what the step before it did: so
    what a command costs without any does not count."""
    if len(numbers) < 3:
        return True
    steps = [b - a for a, b in zip(numbers, numbers[1:], strict=False)]
    sound = True
    for name in seen[0]:
        cpu = [found[name].median for found in seen]
        last, before = cpu[-1] - cpu[-2], cpu[-2] - cpu[-3]
        if before < 0.05:  # too little to be told from noise
            continue
        ratio = (last / steps[-1]) / (before / steps[-2])
        if ratio > GROWTH_MAX:
            print(f"  {kind.name}: {name} grows faster than their number: {ratio:.1f}")
            sound = False
    return sound


def grows(folder: Path, kind: Kind, most: int, rounds: int) -> bool:
    seen = []
    numbers = [number for number in kind.numbers if number <= most]
    for number in numbers:
        own = folder / f"{kind.name.split()[0]}{number}"
        own.mkdir()
        seen.append(costs(own, kind, number, rounds))
        show(kind, number, seen[-1])
        shutil.rmtree(own)
    return is_linear(kind, seen, numbers)


def growth(folder: Path, most: int, most_domains: int, rounds: int) -> bool:
    print(
        f"How cost grows: CPU of all processes, median of {rounds} rounds (least to most),"
        f" memory of the largest; one more may cost {GROWTH_MAX} of one before at most"
    )
    kept = True
    for kind in KINDS:
        bound = most if kind.name == "recipients" else most_domains
        kept = grows(folder, kind, bound, rounds) and kept
    return kept
