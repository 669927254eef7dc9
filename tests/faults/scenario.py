"""Publishes to be disturbed: a small site before each, the command, and what
Postfix has to find before and after it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

import maps  # noqa: E402
from harness.paths import BIN  # noqa: E402

COMPILER = BIN / "transport-map-gen"
TOOLS = BIN.parent / "tests/faults"
CLOCK, MEMORY, INJECT = (TOOLS / n for n in ("clock.so", "memory.so", "inject"))
NOW = 1_800_000_000
RUN_SECONDS = 150
GROUP = "postshare"
CONF = """
accepted-domain "#company.example" { type = authoritative }
accepted-domain "#other.example" { secondary-of = "company.example" }
connector "one" { address-spaces = { "#company.example" } smart-hosts = { "%s" } }
connector "two" { smart-hosts = { "10.0.0.2" } }
directory "one" { type = file path = "one.txt" connector = "one" max-shrink = "100%%" }
directory "two" { type = file path = "two.txt" connector = "two" max-shrink = "100%%" }
keep = 2
"""


@dataclass(frozen=True)
class Ended:
    status: int
    output: str
    error: str


class World:
    """A folder with a configuration, lists and a state folder."""

    def __init__(self, root: Path):
        self.root = root
        self.state = root / "state"
        # Whatever is made elsewhere is to be seen too.
        self.temporary = root / "tmp"

    def make(self) -> World:
        self.root.mkdir()
        self.temporary.mkdir()
        (self.root / "postfix").mkdir()
        (self.root / "postfix/main.cf").write_text("compatibility_level = 3.6\n")
        (self.root / "postfix/master.cf").touch()
        self.lists(["ann"], ["bob"])
        self.routes("10.0.0.1")
        return self

    def copy(self, root: Path) -> World:
        subprocess.run(["cp", "-a", self.root, root], check=True)
        return World(root)

    def remove(self) -> None:
        shutil.rmtree(self.root)

    def lists(self, one: list[str], two: list[str]) -> None:
        for name, listed in (("one", one), ("two", two)):
            text = "".join(f"{n}@company.example\n" for n in listed)
            (self.root / f"{name}.txt").write_text(text)

    def routes(self, host: str) -> None:
        (self.root / "namespace.conf").write_text(CONF % host)

    def command(self, *words: str) -> list[str | Path]:
        conf = self.root / "namespace.conf"
        return [COMPILER, "-c", conf, "-s", self.state, *words]

    def environment(self, now: int = NOW) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "FAULTS_NOW": str(now),
            "MAIL_CONFIG": str(self.root / "postfix"),
            "TMPDIR": str(self.temporary),
            # ptrace(2) is in the way of the search for leaks.
            "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0",
        }

    def run(self, *words: str) -> Ended:
        """Undisturbed."""
        preload = {"LD_PRELOAD": str(CLOCK)}
        return self.run_as(self.command(*words), self.environment() | preload)

    def run_as(
        self, command: list[str | Path], environment: dict[str, str]
    ) -> Ended:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            env=environment,
            timeout=RUN_SECONDS,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def do(self, *words: str) -> None:
        done = self.run(*words)
        assert done.status == 0, f"{words}: {done}"

    def found(self) -> maps.Found:
        return maps.read(self.state)


def postmap(world: World, path: Path, keys: list[bytes]) -> dict[bytes, bytes]:
    done = subprocess.run(
        ["postmap", "-q", "-", f"cdb:{path.with_suffix('')}"],
        input=b"".join(key + b"\n" for key in keys),
        capture_output=True,
        env=world.environment() | {"LC_ALL": "C.UTF-8"},
    )
    lines = done.stdout.splitlines()
    return dict((k, v) for k, _, v in (line.partition(b"\t") for line in lines))


@dataclass(frozen=True)
class Scenario:
    name: str
    prepare: Callable[[World], None]
    command: tuple[str, ...]
    # What an administrator does next, whatever came of the command.
    repair: tuple[tuple[str, ...], ...]


def _nothing(_world: World) -> None:
    pass


def _built(world: World) -> None:
    world.do("build")


def _changed_recipients(world: World) -> None:
    _built(world)
    world.lists(["ann", "carl"], [])


def _changed_routes(world: World) -> None:
    _built(world)
    world.routes("10.0.0.9")


def _changed_both(world: World) -> None:
    """With more generations than are kept: one is removed."""
    for names in (["ann"], ["ann", "dora"], ["ann", "dora", "eve"]):
        world.lists(names, ["bob"])
        world.do("build")
    world.lists(["ann"], ["bob", "dora"])
    world.routes("10.0.0.9")


def _left_open(world: World) -> None:
    _changed_both(world)
    world.do("build", "--no-wait")


def _to_roll_back(world: World) -> None:
    _changed_both(world)
    world.do("build")


def _held(world: World) -> None:
    _to_roll_back(world)
    world.do("rollback", "4")


BUILD = (("build",),)
SCENARIOS = (
    Scenario("first", _nothing, ("build",), BUILD),
    Scenario("recipients", _changed_recipients, ("build",), BUILD),
    Scenario("routes", _changed_routes, ("build",), BUILD),
    Scenario("both", _changed_both, ("build",), BUILD),
    Scenario("unchanged", _built, ("build",), BUILD),
    Scenario("open", _left_open, ("build",), BUILD),
    Scenario("no-wait", _changed_both, ("build", "--no-wait"), BUILD),
    Scenario("init", _nothing, ("init",), (("init",), ("build",))),
    Scenario(
        "rollback", _to_roll_back, ("rollback", "3"), (("rollback", "3"), ("release",))
    ),
    Scenario("release", _held, ("release",), (("release",), ("build",))),
)


class Prepared:
    """A scenario before its command, and what its ends are."""

    def __init__(self, scenario: Scenario, folder: Path):
        self.scenario = scenario
        self.before = World(folder / f"{scenario.name}.before").make()
        scenario.prepare(self.before)
        self.old = self._found(self.before)
        world = self.before.copy(folder / f"{scenario.name}.after")
        world.do(*scenario.command)
        self.new = world.found()
        self._compare_with_postmap(world)
        copies = folder / f"{scenario.name}.directories"
        shutil.copytree(world.state / "directories", copies)
        for words in scenario.repair:
            world.do(*words)
        self.repaired = world.found().without_leaving()
        world.remove()
        # Old maps that can not be read give no last routes, which is told.
        self.partial = [self._first_of_all(folder)]
        # A copy may be in place whose folder could not be brought to the disk.
        self.others = [
            self._without(folder, {name: copy})
            for name in ("one", "two")
            for copy in (None, copies / name)
        ]
        # Nobody waits for the readers any more where poll(2) fails.
        self.others.append(self._without(folder, {"one": None, "two": None}))

    @staticmethod
    def _compare_with_postmap(world: World) -> None:
        """That Postfix finds what we find; then equal bytes are enough."""
        for link, names in maps.LINKS.items():
            for name in names:
                if (world.state / link).exists() and name.endswith(".cdb"):
                    path = world.state / link / name
                    records = dict(maps.cdb_records(path.read_bytes()))
                    found = postmap(world, path, list(records))
                    assert found == records, f"{path}: {found}, not {records}"

    def _first_of_all(self, folder: Path) -> maps.Found:
        """As if there were no old maps."""
        empty = maps.Found(None, None)
        if self.new.routes is None or self.old.routes is None:
            return empty
        nobody = {maps.LEAVING: maps.NO_RECORDS}
        return maps.Found({**self.new.routes, **nobody}, self.new.current)

    def _without(self, folder: Path, lost: dict[str, Path | None]) -> maps.Found:
        """What comes of it where lists can not be read, by their names; of each
        the copy that is in place, if that is another."""
        world = self.before.copy(folder / f"{self.scenario.name}.without")
        for name, copy in lost.items():
            if copy is not None and copy.exists():
                (world.state / "directories").mkdir(parents=True, exist_ok=True)
                shutil.copy(copy, world.state / "directories")
            (world.root / f"{name}.txt").unlink()
        world.run(*self.scenario.command)
        found = self._found(world)
        world.remove()
        return found

    @staticmethod
    def _found(world: World) -> maps.Found:
        return world.found() if world.state.is_dir() else maps.Found(None, None)

    def is_whole(self, found: maps.Found) -> bool:
        ends = [self.new, *self.others, *self.partial]
        return any(maps.is_between(found, self.old, new) for new in ends)

    def faults_before_repair(self, world: World) -> list[str]:
        try:
            found = self._found(world)
        except maps.Damaged as damaged:
            return [str(damaged)]
        return [] if self.is_whole(found) else ["neither the old nor the new maps"]

    def faults_of_repair(self, world: World) -> list[str]:
        for words in self.scenario.repair:
            done = world.run(*words)
            if done.status != 0:
                return [f"then {words[0]}: {done.status}, {done.error}"]
        try:
            found = world.found().without_leaving()
        except maps.Damaged as damaged:
            return [f"then: {damaged}"]
        faults = [] if found == self.repaired else ["then: not the right maps"]
        faults += [f"then left: {name}" for name in maps.left_over(world.state)]
        if "step=done" not in (world.state / "publish").read_text():
            if "--no-wait" not in self.scenario.command:
                faults.append("then: the publish is open")
        faults += [f"then left: {n}" for n in os.listdir(world.temporary)]
        return faults + self._faults_of_modes(world)

    def _faults_of_modes(self, world: World) -> list[str]:
        """policyd has to read all of a generation, and the next build, whoever
        makes it, all else."""
        wanted = os.stat(world.state).st_gid
        faults = []
        for path in world.state.rglob("*"):
            status = path.lstat()
            mode = 0o750 if path.is_dir() else 0o640
            # What is remembered of a list is secret, and can be done without.
            if path.is_symlink() or path.name == "sync" or "~" in path.name:
                continue
            if status.st_gid != wanted or status.st_mode & 0o777 != mode:
                faults.append(f"then: {path}: {status.st_mode:o} {status.st_gid}")
        return faults
