#!/usr/bin/env python3
"""Takes the power away after each call of a publish that changes the disk.

usage: power.py [--sample N] [--seed N] [SCENARIO...]

From the record of one run, everything is reckoned that a machine may find when
it starts again (disk.py says by which rules).  Each time Postfix has to find a
whole generation, old or new, and the next run has to succeed; and where the run
had said that it published, it has to be the new one.  BIN names the folder of the
programs.  As root.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import disk
from faults import mount_group, own_namespace
from scenario import CLOCK, INJECT, SCENARIOS, Prepared, World

Key = tuple[tuple[str, str, bytes], ...]
# Random sets of what is kept, after each call.
FEW = 4


@dataclass(frozen=True)
class Loss:
    scenario: str
    after: str
    key: Key
    is_over: bool  # the run had ended well


class Recorded:
    def __init__(self, prepared: Prepared, folder: Path):
        self._name = prepared.scenario.name
        world = prepared.before.copy(folder / f"{self._name}.recorded")
        self._disk = disk.Disk(world.root)
        report = folder / f"{self._name}.report"
        command = [INJECT, "-p", CLOCK, "-s", "-r", report]
        command += world.command(*prepared.scenario.command)
        done = world.run_as(command, world.environment())
        assert done.status == 0, done
        self._events = list(disk.parse(report.read_text(errors="replace")))
        self._check(world)
        world.remove()

    def _check(self, world: World) -> None:
        """That what is reckoned with all calls is what is there."""
        other = disk.Disk(world.root)
        for event in self._events:
            self._disk.follow(event)
        there = set(_state(other.tree([], "all").key()))
        reckoned = set(_state(self._disk.tree(self._disk.pending, "all").key()))
        assert there == reckoned, sorted(there ^ reckoned)

    def losses(self, before: World, chance: random.Random) -> list[Loss]:
        """Each once."""
        now = disk.Disk(before.root)
        now.root = self._disk.root
        seen: set[Key] = set()
        losses = []
        changing = [e for e in self._events if self._is_ours(e)]
        for number, event in enumerate(changing):
            if not now.follow(event):
                continue
            is_last = number == len(changing) - 1
            where = f"{number} {event.call} {event.two or event.one}"
            for kept in now.choices(chance, FEW):
                for how in disk.BYTES:
                    key = _state(now.tree(kept, how).key())
                    if key not in seen or is_last:
                        seen.add(key)
                        losses.append(Loss(self._name, where, key, is_last))
        return losses

    def _is_ours(self, event: disk.Event) -> bool:
        root = str(self._disk.root)
        return event.one.startswith(root) or event.two.startswith(root)


def _state(key: Key) -> Key:
    return tuple(entry for entry in key if entry[0].startswith("/state"))


class Campaign:
    def __init__(self, folder: Path):
        self._folder = folder
        self._lock = threading.Lock()
        self._prepared: dict[str, Prepared] = {}
        self._count = 0
        self.faults: list[str] = []

    def prepare(self, name: str, chance: random.Random) -> list[Loss]:
        scenario = next(s for s in SCENARIOS if s.name == name)
        prepared = Prepared(scenario, self._folder)
        self._prepared[name] = prepared
        return Recorded(prepared, self._folder).losses(prepared.before, chance)

    def run(self, loss: Loss) -> None:
        with self._lock:
            self._count += 1
            folder = self._folder / f"loss{self._count}"
        prepared = self._prepared[loss.scenario]
        world = prepared.before.copy(folder)
        group = world.state.stat().st_gid if world.state.exists() else 64999
        shutil.rmtree(world.state, ignore_errors=True)
        disk.write(loss.key, world.root, group)
        try:
            faults = prepared.faults_before_repair(world)
            if loss.is_over and not faults and world.found() != prepared.new:
                faults = ["was published, and is not any more"]
            faults += prepared.faults_of_repair(world)
        except Exception as error:
            faults = [repr(error)]
        world.remove()
        with self._lock:
            if faults:
                where = f"{loss.scenario} after {loss.after}"
                self.faults.append(f"{where}: " + "; ".join(faults[:3]))


def main() -> int:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--sample", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-j", type=int, default=os.cpu_count())
    parser.add_argument("scenarios", nargs="*")
    options = parser.parse_args()
    own_namespace()
    begin = time.monotonic()
    chance = random.Random(options.seed)
    shm = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="power.", dir=shm) as folder:
        mount_group(Path(folder))
        campaign = Campaign(Path(folder))
        names = options.scenarios or [s.name for s in SCENARIOS]
        losses = [loss for name in names for loss in campaign.prepare(name, chance)]
        whole = len(losses)
        if options.sample and options.sample < whole:
            losses = chance.sample(losses, options.sample)
        with ThreadPoolExecutor(options.j) as pool:
            list(pool.map(campaign.run, losses))
    for fault in campaign.faults:
        print(fault.rstrip())
    print(
        f"{len(losses)} of {whole} losses of power in "
        f"{time.monotonic() - begin:.0f} s, {len(campaign.faults)} faults"
    )
    return 1 if campaign.faults else 0


if __name__ == "__main__":
    sys.exit(main())
