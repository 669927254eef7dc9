"""Disturbed publishes, some at a time, each in a copy of its scenario's site:
what Postfix has to find then, and what the next run has to repair.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

from scenario import GROUP, SCENARIOS, Prepared, World

# What the folders of all runs take at a time, by far.
ROOM_BYTES = 1 << 30
AT_A_TIME_MAX = 8
GROUP_ID = 64999


class Disturber(Protocol):
    """Of one scenario.  A case has the name of its scenario."""

    def cases(self) -> Iterable[Any]: ...

    def run(self, world: World, case: Any) -> list[str]:
        """What is wrong, the maps aside."""

    def told(self, case: Any) -> str:
        """Which it was."""


class Campaign:
    def __init__(self, folder: Path, disturb: Callable[[Prepared, Path], Disturber]):
        self._folder = folder
        self._disturb = disturb
        self._lock = threading.Lock()
        self._prepared: dict[str, Prepared] = {}
        self._count = 0
        self.disturbers: dict[str, Any] = {}
        self.faults: list[str] = []

    def prepare(self, name: str) -> list[Any]:
        scenario = next(s for s in SCENARIOS if s.name == name)
        prepared = Prepared(scenario, self._folder)
        self._prepared[name] = prepared
        self.disturbers[name] = self._disturb(prepared, self._folder)
        return list(self.disturbers[name].cases())

    def run(self, case: Any) -> None:
        with self._lock:
            self._count += 1
            folder = self._folder / f"case{self._count}"
        prepared = self._prepared[case.scenario]
        disturber = self.disturbers[case.scenario]
        world = prepared.before.copy(folder)
        try:
            faults = disturber.run(world, case)
            faults += prepared.faults_before_repair(world)
            faults += prepared.faults_of_repair(world)
        except Exception as error:
            faults = [repr(error)]
        world.remove()
        with self._lock:
            if faults:
                self.faults.append(f"{disturber.told(case)}: " + "; ".join(faults[:3]))


def own_namespace() -> None:
    """Where the group exists, in its file alone."""
    if os.environ.get("FAULTS_NAMESPACE"):
        return
    os.environ["FAULTS_NAMESPACE"] = "1"
    command = [sys.executable, *sys.argv]
    os.execvp("unshare", ["unshare", "--mount", *command])


def mount_group(folder: Path) -> None:
    lines = Path("/etc/group").read_text().splitlines(keepends=True)
    others = "".join(n for n in lines if not n.startswith(f"{GROUP}:"))
    files = {
        "/etc/group": others + f"{GROUP}:x:{GROUP_ID}:\n",
        "/etc/nsswitch.conf": "passwd: files\ngroup: files systemd\nhosts: files\n",
    }
    for target, text in files.items():
        source = folder / Path(target).name
        source.write_text(text)
        subprocess.run(["mount", "--bind", source, target], check=True)


def _place() -> str | None:
    """In memory, where there is room for it: /dev/shm is small in containers."""
    try:
        free = os.statvfs("/dev/shm")
    except OSError:
        return None
    is_roomy = free.f_bavail * free.f_frsize > ROOM_BYTES
    return "/dev/shm" if is_roomy and os.access("/dev/shm", os.W_OK) else None


def parser_of(usage: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(usage=usage)
    parser.add_argument("--sample", type=int)
    parser.add_argument("--seed", type=int, default=1)
    at_a_time = min(len(os.sched_getaffinity(0)), AT_A_TIME_MAX)
    parser.add_argument("-j", type=int, default=at_a_time)
    parser.add_argument("scenarios", nargs="*")
    return parser


def run(
    options: argparse.Namespace,
    disturb: Callable[[Prepared, Path], Disturber],
    is_wanted: Callable[[Any], bool] = lambda _case: True,
) -> tuple[Campaign, str]:
    """With what was done, in words; the faults are printed."""
    own_namespace()
    os.umask(0o022)
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="faults.", dir=_place()) as folder:
        mount_group(Path(folder))
        campaign = Campaign(Path(folder), disturb)
        names = options.scenarios or [s.name for s in SCENARIOS]
        cases = [case for name in names for case in campaign.prepare(name)]
        whole = len(cases)
        cases = [case for case in cases if is_wanted(case)]
        if options.sample and options.sample < len(cases):
            cases = random.Random(options.seed).sample(cases, options.sample)
        with ThreadPoolExecutor(options.j) as pool:
            list(pool.map(campaign.run, cases))
    for fault in campaign.faults:
        print(fault.rstrip())
    seconds = time.monotonic() - begin
    done = f"{len(cases)} of {whole} in {seconds:.0f} s, {len(campaign.faults)} faults"
    return campaign, done
