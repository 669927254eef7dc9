"""From files of recipients to published, verified maps, held against tools that do less:
cdb(1) makes the same maps of the same records, cp(1) copies them, postmap(1) makes some."""

from __future__ import annotations

import filecmp
import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.paths import BIN

# What is held of a million and more, of CPU seconds: walls depend on who else waits for the disk.
HELD_FROM = 1_000_000
CDB_MAX = 4.5
CHANGED_MAX = 2.0  # of a build of all, where 1 % has changed
UNCHANGED_MAX = 0.25
POSTMAP_MIN = 2.0
MEGABYTES_MAX = 250.0  # for a million, all processes together

# What is aimed at: printed as met or not.
CDB_TARGETS = {1_000_000: 0.5, 10_000_000: 0.5}  # of seconds
COPY_TARGET = 4.0  # of seconds, ten million
UNCHANGED_TARGET = 0.1
POSTMAP_TARGET = 20.0
POSTMAP_ENTRIES = 1_000_000  # at most: its time grows with their square
SAMPLES = 10_000

COMPILER = BIN / "transport-map-gen"
MAPS = ("relay_recipients", "transport", "virtual_alias")
CONNECTORS = """
connector "exchange" { address-spaces = { "company.example", "branch.example" }
    smart-hosts = { "10.8.0.25" } }
connector "unix" { smart-hosts = { "10.8.0.26" } }
accepted-domain "#company.example" { type = authoritative }
"""
AD = 'directory "ad" { path = "ad.txt" connector = "exchange" }\n'
STAFF = 'directory "staff" { path = "staff.txt" connector = "unix" }\n'
BRANCH = """accepted-domain "#branch.example" { type = authoritative }
accepted-domain "#old.example" { secondary-of = "branch.example" }
"""


@dataclass(frozen=True)
class Case:
    name: str
    conf: str
    files: tuple[str, ...]
    has_branch: bool = False  # where a tenth is, which has secondary names


CASES = (
    Case("one file, one connector", CONNECTORS + AD, ("ad.txt",)),
    Case("two directories and connectors", CONNECTORS + AD + STAFF, ("ad.txt", "staff.txt")),
    Case(
        "the same, secondary names for a tenth",
        CONNECTORS + AD + STAFF + BRANCH,
        ("ad.txt", "staff.txt"),
        True,
    ),
)


@dataclass
class Times:
    """Of each round, in seconds."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def add(self, *commands: Sequence[object]) -> None:
        """One round of them, one after the other."""
        wall = cpu = 0.0
        for words in commands:
            begin = time.monotonic()
            process = subprocess.Popen([str(w) for w in words], stdout=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            assert status == 0, f"{words[0]} ended with {status}"
            wall += time.monotonic() - begin
            cpu += usage.ru_utime + usage.ru_stime
        self.wall.append(wall)
        self.cpu.append(cpu)


def show(name: str, times: Times) -> None:
    wall, cpu = times.wall, times.cpu
    print(
        f"  {name:36} {statistics.median(wall):8.3f} s ({min(wall):.3f} to {max(wall):.3f}),"
        f" CPU {statistics.median(cpu):.3f} s ({min(cpu):.3f} to {max(cpu):.3f})"
    )


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    return statistics.median(ours) / statistics.median(theirs)


def address(number: int, case: Case) -> str:
    domain = "branch" if case.has_branch and number % 10 == 0 else "company"
    return f"first.last{number}@{domain}.example"


def write_lists(folder: Path, case: Case, count: int, changed: bool) -> None:
    """changed: one in a hundred is somebody else."""
    size = -(-count // len(case.files))
    for i, name in enumerate(case.files):
        numbers: Iterator[int] = iter(range(i * size, min(count, (i + 1) * size)))
        if changed:
            numbers = (n + count if n % 100 == 7 else n for n in numbers)
        with (folder / name).open("w") as out:
            out.writelines(address(n, case) + "\n" for n in numbers)


def build(folder: Path) -> list[object]:
    words = [COMPILER, "-q", "-c", folder / "namespace.conf", "-s", folder / "state"]
    return [*words, "build", "--no-wait"]


def maps_of(folder: Path) -> list[Path]:
    newest = max((folder / "state" / "generations").iterdir(), key=lambda f: int(f.name))
    return [newest / f"{name}.cdb" for name in MAPS]


def dump(folder: Path, maps: list[Path]) -> None:
    for path in maps:
        with (folder / f"{path.stem}.txt").open("wb") as out:
            subprocess.run(["cdb", "-d", "-m", path], stdout=out, check=True)


def cdb_makes(folder: Path, maps: list[Path], times: Times) -> None:
    made = {path: folder / f"{path.stem}.cdb" for path in maps}
    texts = {path: folder / f"{path.stem}.txt" for path in maps}
    times.add(*(["cdb", "-c", "-m", made[path], texts[path]] for path in maps))
    for path in maps:
        assert filecmp.cmp(made[path], path, shallow=False), f"{made[path]} is not {path}"
        made[path].unlink()


def copies(folder: Path, maps: list[Path], times: Times) -> None:
    copy = folder / "copy"
    how = ["bs=1M", "conv=fsync", "status=none"]
    times.add(*(["dd", f"if={path}", f"of={copy}", *how] for path in maps))
    copy.unlink()


def postfix_agrees(folder: Path, maps: list[Path]) -> None:
    """On records from all over the map; it can not list a CDB map."""
    (folder / "main.cf").write_text("compatibility_level = 3.6\n")
    for path in maps:
        with (folder / f"{path.stem}.txt").open("rb") as dumped:
            lines = [line.replace(b" ", b"\t", 1) for line in dumped]
        some = lines[:: max(1, len(lines) // SAMPLES)]
        asked = b"".join(line.split(b"\t")[0] + b"\n" for line in some)
        words = ["postmap", "-c", folder, "-q", "-", f"cdb:{path.with_suffix('')}"]
        said = subprocess.run(words, input=asked, capture_output=True).stdout
        assert said.splitlines(True) == some, f"postmap -q {path} says something else"


def postmap_seconds(folder: Path, count: int) -> float:
    """Of CPU.  Of more than it is given, it would take at least so much longer."""
    count_given = min(count, POSTMAP_ENTRIES)
    with (folder / "relay_recipients.txt").open() as dumped, (folder / "some").open("w") as out:
        for _, line in zip(range(count_given), dumped):
            out.write(line)
    times = Times()
    times.add(["postmap", "-c", folder, f"cdb:{folder / 'some'}"])
    return times.cpu[0] * count / count_given


@dataclass
class Fresh:
    """Each round in a new state folder."""

    ours: Times = field(default_factory=Times)
    cdb: Times = field(default_factory=Times)
    copy: Times = field(default_factory=Times)
    unchanged: Times = field(default_factory=Times)

    def round(self, folder: Path) -> list[Path]:
        shutil.rmtree(folder / "state", ignore_errors=True)
        self.ours.add(build(folder))
        maps = maps_of(folder)
        dump(folder, maps)
        cdb_makes(folder, maps, self.cdb)
        copies(folder, maps, self.copy)
        self.unchanged.add(build(folder))
        assert maps_of(folder) == maps, "something was published though nothing changed"
        return maps


def changes(folder: Path, case: Case, count: int, rounds: int) -> Times:
    """Of their walls the most is what publishing has to wait."""
    times = Times()
    for turn in range(rounds):
        write_lists(folder, case, count, turn % 2 == 0)
        times.add(build(folder))
    return times


def family(pid: int) -> Iterator[int]:
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            yield from family(int(child))


def held_by(pid: int) -> int:
    """Kilobytes; pages that are shared count once."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    kinds = ("Pss_Anon:", "Pss_Shmem:")  # not what is mapped from the disk
    return sum(int(line.split()[1]) for line in lines if line.startswith(kinds))


def peak_megabytes(folder: Path) -> float:
    shutil.rmtree(folder / "state", ignore_errors=True)
    process = subprocess.Popen([str(w) for w in build(folder)])
    peak = 0
    while process.poll() is None:
        try:
            peak = max(peak, sum(held_by(pid) for pid in family(process.pid)))
        except OSError:
            pass  # one has just ended
        time.sleep(0.01)
    assert process.returncode == 0
    return peak / 1024


def promise(name: str, figure: float, is_kept: bool, bound: str) -> bool:
    print(f"    {name:46} {figure:8.2f}  {bound}: {'kept' if is_kept else 'NOT KEPT'}")
    return is_kept


def target(name: str, figure: float, is_met: bool, bound: str) -> None:
    print(f"    {name:46} {figure:8.2f}  aim: {bound}, {'met' if is_met else 'not met'}")


def held(ours: list[float], theirs: list[float], name: str, most: float) -> bool:
    figure = ratio(ours, theirs)
    return promise(name, figure, figure <= most, f"at most {most}")


def report_targets(count: int, fresh: Fresh) -> None:
    same = ratio(fresh.unchanged.cpu, fresh.ours.cpu)
    bound = f"at most {UNCHANGED_TARGET}"
    target("CPU with nothing changed", same, same <= UNCHANGED_TARGET, bound)
    by_cdb = ratio(fresh.ours.wall, fresh.cdb.wall)
    aim = CDB_TARGETS.get(count, 1.0)
    target("seconds, of cdb -c -m", by_cdb, by_cdb <= aim, f"at most {aim}")
    if count >= 10_000_000:
        by_copy = ratio(fresh.ours.wall, fresh.copy.wall)
        bound = f"at most {COPY_TARGET}"
        target("seconds, of the copy", by_copy, by_copy <= COPY_TARGET, bound)


def compare(folder: Path, case: Case, count: int, rounds: int) -> bool:
    folder.mkdir(parents=True)
    (folder / "namespace.conf").write_text(case.conf)
    write_lists(folder, case, count, False)
    print(f"  {case.name}")
    fresh = Fresh()
    for _ in range(rounds):
        maps = fresh.round(folder)
    postfix_agrees(folder, maps)
    changed = changes(folder, case, count, rounds)
    for name, times in (
        ("build, nothing published before", fresh.ours),
        ("cdb -c -m of the same records", fresh.cdb),
        ("dd conv=fsync of the same bytes", fresh.copy),
        ("build, 1 % changed", changed),
        ("build, nothing changed", fresh.unchanged),
    ):
        show(name, times)
    report_targets(count, fresh)
    if count < HELD_FROM:
        return True
    cpu = fresh.ours.cpu
    kept = [
        held(cpu, fresh.cdb.cpu, "CPU, of cdb -c -m", CDB_MAX),
        held(changed.cpu, cpu, "CPU with 1 % changed, of all new", CHANGED_MAX),
        held(fresh.unchanged.cpu, cpu, "CPU with nothing changed, of all new", UNCHANGED_MAX),
        beats_postmap(folder, count, cpu),
        fits_memory(folder, count),
    ]
    return all(kept)


def beats_postmap(folder: Path, count: int, ours: list[float]) -> bool:
    faster = postmap_seconds(folder, count) / statistics.median(ours)
    bound = f"at least {POSTMAP_TARGET}"
    target("postmap's CPU, of ours", faster, faster >= POSTMAP_TARGET, bound)
    return promise(
        "postmap's CPU, of ours", faster, faster >= POSTMAP_MIN, f"at least {POSTMAP_MIN}"
    )


def fits_memory(folder: Path, count: int) -> bool:
    megabytes = peak_megabytes(folder) * 1_000_000 / count
    name = "MB of memory for a million, all processes"
    return promise(name, megabytes, megabytes <= MEGABYTES_MAX, f"at most {MEGABYTES_MAX}")


def compiles(folder: Path, count: int, rounds: int) -> bool:
    print(f"from files to published maps, {count} recipients, {rounds} rounds in turn")
    kept = []
    for number, case in enumerate(CASES):
        where = folder / "compile" / str(number)
        kept.append(compare(where, case, count, rounds))
        shutil.rmtree(where)
    return all(kept)
