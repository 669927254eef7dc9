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

import random
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import disk
from campaign import GROUP_ID, parser_of, run
from maps import Damaged
from scenario import CLOCK, INJECT, Prepared, World

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
    def __init__(self, prepared: Prepared, folder: Path, chance: random.Random):
        self._prepared = prepared
        self._chance = chance
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

    def cases(self) -> list[Loss]:
        """Each once."""
        now = disk.Disk(self._prepared.before.root)
        now.root = self._disk.root
        seen: set[Key] = set()
        losses = []
        changing = [e for e in self._events if self._is_ours(e)]
        for number, event in enumerate(changing):
            if not now.follow(event):
                continue
            is_last = number == len(changing) - 1
            where = f"{number} {event.call} {event.two or event.one}"
            for kept in now.choices(self._chance, FEW):
                for how in disk.BYTES:
                    key = _state(now.tree(kept, how).key())
                    if key not in seen or is_last:
                        seen.add(key)
                        losses.append(Loss(self._name, where, key, is_last))
        return losses

    def run(self, world: World, loss: Loss) -> list[str]:
        group = world.state.stat().st_gid if world.state.exists() else GROUP_ID
        shutil.rmtree(world.state, ignore_errors=True)
        disk.write(loss.key, world.root, group)
        if loss.is_over and not self._has_published(world):
            return ["was published, and is not any more"]
        return []

    def _has_published(self, world: World) -> bool:
        try:
            return world.found() == self._prepared.new
        except Damaged:
            return False

    def told(self, loss: Loss) -> str:
        return f"{self._name} after {loss.after}"

    def _is_ours(self, event: disk.Event) -> bool:
        root = str(self._disk.root)
        return event.one.startswith(root) or event.two.startswith(root)


def _state(key: Key) -> Key:
    return tuple(entry for entry in key if entry[0].startswith("/state"))


def main() -> int:
    options = parser_of(__doc__).parse_args()
    chance = random.Random(options.seed)
    campaign, done = run(options, lambda p, folder: Recorded(p, folder, chance))
    print(f"losses of power: {done}")
    return 1 if campaign.faults else 0


if __name__ == "__main__":
    sys.exit(main())
