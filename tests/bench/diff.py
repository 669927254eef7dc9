"""A diff of two generations, held against cdb(1) dumping both lists."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from harness.paths import BIN

RATIO_MAX = 6.0
MEGABYTES_MAX = 300.0  # for a million addresses
COMPILER = BIN / "transport-map-gen"
CONF = """
accepted-domain "#company.example" { type = authoritative }
%s
connector "exchange" { address-spaces = { "company.example" } smart-hosts = { "10.8.0.25" } }
connector "unix" { smart-hosts = { "%s" } }
directory "ad" { path = "ad.txt" connector = "exchange" max-shrink = 99%% }
directory "staff" { path = "staff.txt" connector = "unix" max-shrink = 99%% }
"""
SECONDARY = 'accepted-domain "#old.example" { secondary-of = "company.example" }'


def write_list(path: Path, numbers: Iterable[int]) -> None:
    with path.open("w") as out:
        out.writelines(f"first.last{n}@company.example\n" for n in numbers)


def publish(folder: Path, conf: str) -> None:
    (folder / "namespace.conf").write_text(conf)
    words = [COMPILER, "-q", "-c", folder / "namespace.conf", "-s", folder / "state"]
    subprocess.run([*words, "build", "--no-wait"], check=True)


def publish_both(folder: Path, count: int, more: str, host: str) -> None:
    """A tenth moves, one in a hundred comes, one in a hundred goes."""
    folder.mkdir(parents=True)
    write_list(folder / "ad.txt", range(count // 2))
    write_list(folder / "staff.txt", range(count // 2, count))
    publish(folder, CONF % (more, "10.8.0.26"))
    half = count // 2
    came = count + count // 100
    moved = [n for n in range(count) if n % 10 == 3]
    stays = [n for n in range(count) if n % 10 != 3 and n % 100 != 7]
    ad = [n for n in stays if n < half] + [n for n in moved if n >= half]
    staff = [n for n in stays if n >= half] + [n for n in moved if n < half]
    write_list(folder / "ad.txt", ad)
    write_list(folder / "staff.txt", [*staff, *range(count, came)])
    publish(folder, CONF % (more, host))


def diff(folder: Path, *options: str) -> tuple[float, float]:
    """Seconds and megabytes of one."""
    words = [COMPILER, "-s", folder / "state", "diff", "1", "2", *options]
    begin = time.monotonic()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, f"diff ended with {status}"
    return time.monotonic() - begin, usage.ru_maxrss / 1024


def dump(folder: Path) -> float:
    begin = time.monotonic()
    for number in ("1", "2"):
        for name in ("relay_recipients", "virtual_alias"):
            path = folder / "state" / "generations" / number / f"{name}.cdb"
            subprocess.run(["cdb", "-d", path], stdout=subprocess.DEVNULL, check=True)
    return time.monotonic() - begin


def measure(folder: Path, name: str, millions: float, rounds: int) -> bool:
    floors, seconds, megabytes = [], [], []
    for _ in range(rounds):
        floors.append(dump(folder))
        for options in ((), ("--json",)):
            took, used = diff(folder, *options)
            megabytes.append(used)
            if not options:
                seconds.append(took)
    middle, floor = statistics.median(seconds), statistics.median(floors)
    most = max(megabytes)
    print(
        f"  {name:32} {middle:8.2f} s   ({min(seconds):.2f} to {max(seconds):.2f}),"
        f" {middle / floor:.2f} of cdb -d; {most:.0f} MB"
    )
    return middle / floor <= RATIO_MAX and most <= MEGABYTES_MAX * millions


def diffs(folder: Path, entries: int, rounds: int) -> bool:
    count = 10 * entries
    millions = count / 1_000_000
    print(
        f"diff of two generations, {count} recipients; at most {RATIO_MAX} of cdb -d,"
        f" and {MEGABYTES_MAX:.0f} MB for a million addresses"
    )
    kept = []
    for name, more, host in (
        ("a tenth moves", "", "10.8.0.26"),
        ("a host moves as well", "", "10.8.0.27"),
        ("and a secondary domain has all", SECONDARY, "10.8.0.27"),
    ):
        where = folder / "diff" / name.replace(" ", "-")
        publish_both(where, count, more, host)
        addresses = 2 * millions if more else millions
        kept.append(measure(where, name, addresses, rounds))
    return all(kept)
