"""How cost grows: recipients, domains, secondary domains, connectors and contacts, each
alone, and for each number the commands that an administrator runs. CPU of all processes
of a command, and the most memory that one of them had; nanoseconds for one item tell what
is linear. By itself: growth.py [--most N] [--domains N] [KIND...]"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

from harness.paths import BIN  # noqa: E402

COMPILER = BIN / "transport-map-gen"
POLICYD = BIN / "policyd"
DOMAIN = "company.example"
# Twice the cost of one item where there are ten times as many: less is noise.
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
    Kind("connectors", connectors, nobody_else, (10, 100, 1_000)),
    Kind("contacts", contacts, nobody_else, TO_DOMAINS),
)


@dataclass(frozen=True)
class Cost:
    cpu_s: float
    megabytes: float


def measure(command: list[str | Path], asked: str = "") -> Cost:
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
    return Cost(float(cpu), int(kilobytes) / 1024)


def fill(folder: Path, kind: Kind, count: int) -> None:
    with (folder / "namespace.conf").open("w") as out:
        out.writelines(kind.conf(count))
    with (folder / "staff.txt").open("w") as out:
        out.writelines(kind.people(count))


def costs(folder: Path, kind: Kind, count: int) -> Iterator[tuple[str, Cost]]:
    fill(folder, kind, count)
    whom = next(kind.people(count)).strip()
    on = [COMPILER, "-q", "-c", folder / "namespace.conf", "-s", folder / "state"]
    yield "check", measure([*on, "check"])
    yield "build", measure([*on, "build", "--no-wait"])
    yield "build, nothing changed", measure([*on, "build", "--no-wait"])
    yield "diff", measure([*on, "diff"])
    yield "explain", measure([*on, "explain", whom])
    yield "policyd, one answer", measure([POLICYD, "-s", folder / "state"], REQUEST % whom)


def show(kind: Kind, count: int, name: str, cost: Cost) -> None:
    print(
        f"  {count:>10,} {kind.name:18} {name:24} {cost.cpu_s:8.3f} s"
        f" {cost.megabytes:8.1f} MiB {cost.cpu_s / count * 1e9:12,.0f} ns each",
        flush=True,
    )


def is_linear(kind: Kind, seen: dict[str, list[Cost]], numbers: list[int]) -> bool:
    """What the last step added, for one item, against what the step before it did: so
    what a command costs without any does not count."""
    if len(numbers) < 3:
        return True
    steps = [b - a for a, b in zip(numbers, numbers[1:], strict=False)]
    sound = True
    for name, list_of in seen.items():
        cpu = [cost.cpu_s for cost in list_of]
        last, before = cpu[-1] - cpu[-2], cpu[-2] - cpu[-3]
        if before < 0.05:  # too little to be told from noise
            continue
        ratio = (last / steps[-1]) / (before / steps[-2])
        if ratio > GROWTH_MAX:
            print(f"  {kind.name}: {name} grows faster than their number: {ratio:.1f}")
            sound = False
    return sound


def grows(folder: Path, kind: Kind, most: int) -> bool:
    seen: dict[str, list[Cost]] = {}
    numbers = [number for number in kind.numbers if number <= most]
    for number in numbers:
        own = folder / f"{kind.name.split()[0]}{number}"
        own.mkdir()
        for name, cost in costs(own, kind, number):
            seen.setdefault(name, []).append(cost)
            show(kind, number, name, cost)
        shutil.rmtree(own)
    return is_linear(kind, seen, numbers)


def growth(folder: Path, most: int = 1_000_000, most_domains: int = 100_000) -> bool:
    print("growth: CPU of all processes, memory of the largest")
    kept = True
    for kind in KINDS:
        bound = most if kind.name == "recipients" else most_domains
        kept = grows(folder, kind, bound) and kept
    return kept


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=1_000_000, help="recipients")
    parser.add_argument("--domains", type=int, default=100_000)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="growth."))
    try:
        return 0 if growth(folder, options.most, options.domains) else 1
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    os.environ["LC_ALL"] = "C"
    sys.exit(main())
