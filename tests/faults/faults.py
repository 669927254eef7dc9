#!/usr/bin/env python3
"""Fails each call of a publish in turn, and kills the publish there.

usage: faults.py [--sample N] [--seed N] [--memory] [SCENARIO...]

After each disturbed run Postfix has to find a whole generation, old or new; the
run has to say what it could not do; and the next one has to succeed, with
nothing left of the first.  --sample takes so many of all cases by chance; --memory
takes the allocations, else the system calls.  BIN names the folder of the
programs.  As root, in a mount namespace of its own.
"""

from __future__ import annotations

import errno
import os
import re
import signal
import struct
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from campaign import Campaign, parser_of, run
from maps import Damaged
from scenario import CLOCK, INJECT, MEMORY, Ended, Prepared, World

WRITING = ("ENOSPC", "EIO", "EDQUOT", "EROFS")
NAMING = (*WRITING, "EACCES")
# What each call may say, beside being killed before and after it.
ERRORS: dict[str, tuple[str, ...]] = {
    "read": ("EIO", "EINTR"),
    "pread": ("EIO", "EINTR"),
    "write": ("ENOSPC", "EIO", "EDQUOT", "EINTR"),
    "pwrite": ("ENOSPC", "EIO", "EDQUOT", "EINTR"),
    "writev": ("ENOSPC", "EIO", "EDQUOT", "EINTR"),
    "pwritev": ("ENOSPC", "EIO", "EDQUOT", "EINTR"),
    "copy_file_range": ("ENOSPC", "EIO", "EDQUOT", "EINTR"),
    "fsync": ("ENOSPC", "EIO", "EDQUOT", "EINTR"),
    "fdatasync": ("ENOSPC", "EIO", "EDQUOT", "EINTR"),
    "sync_file_range": ("ENOSPC", "EIO"),
    "close": ("ENOSPC", "EIO", "EDQUOT", "EINTR"),
    "ftruncate": ("ENOSPC", "EIO", "EDQUOT", "EINTR"),
    "fallocate": ("ENOSPC", "EIO", "EDQUOT", "EINTR"),
    "rename": NAMING,
    "renameat": NAMING,
    "link": NAMING,
    "linkat": NAMING,
    "symlink": NAMING,
    "symlinkat": NAMING,
    "unlink": ("EIO", "EROFS", "EACCES"),
    "unlinkat": ("EIO", "EROFS", "EACCES"),
    "rmdir": ("EIO", "EROFS", "EACCES"),
    "mkdir": NAMING,
    "mkdirat": NAMING,
    "chmod": ("EIO", "EROFS"),
    "fchmod": ("EIO", "EROFS"),
    "fchmodat": ("EIO", "EROFS"),
    "chown": ("EIO", "EROFS"),
    "lchown": ("EIO", "EROFS", "EDQUOT"),
    "fchown": ("EIO", "EROFS"),
    "fchownat": ("EIO", "EROFS", "EDQUOT"),
    "utimensat": ("EIO", "EROFS", "EACCES"),
    "readlink": ("EIO", "EACCES"),
    "access": ("EIO", "EACCES"),
    "faccessat": ("EIO", "EACCES"),
    "fstatat": ("EIO", "EACCES"),
    "statx": ("EIO", "EACCES"),
    "stat": ("EIO", "EACCES"),
    "getdents": ("EIO",),
    "mmap": ("ENOMEM", "ENODEV"),
    "flock": ("EINTR", "ENOLCK"),
    "fcntl": ("EMFILE",),
    "dup": ("EMFILE",),
    "fork": ("EAGAIN", "ENOMEM"),
    "clone": ("EAGAIN", "ENOMEM"),
    "clone3": ("EAGAIN", "ENOMEM"),
    "pipe": ("EMFILE", "ENFILE"),
    "socket": ("EMFILE",),
    "socketpair": ("EMFILE",),
    "memfd_create": ("EMFILE", "ENOMEM"),
    "pidfd_open": ("EMFILE",),
    "signalfd": ("EMFILE",),
    "poll": ("EINTR", "ENOMEM"),
    "wait4": ("EINTR",),
}
CHANGING = {name for name, errors in ERRORS.items() if "EROFS" in errors}
CHANGING |= {"write", "pwrite", "writev", "pwritev", "fsync", "ftruncate", "flock"}
CHANGING |= {"copy_file_range", "fallocate", "fork", "clone", "clone3", "close"}
KILLS = ("before", "after")
OPEN_TO_WRITE = os.O_WRONLY | os.O_RDWR
F_DUPFDS = (0, 1030)
WRITES = ("write", "pwrite", "writev", "pwritev")
SHORT = ("write", "pwrite", "read", "pread")
TRIED_AGAIN = ("write", "pwrite", "flock", "poll", "wait4")
# EX_DATAERR, EX_OSERR, EX_IOERR, EX_TEMPFAIL, EX_CONFIG; EX_USAGE of rollback,
# where it can not see what there is.
STATUSES = (0, 64, 65, 71, 74, 75, 78)
KILLED = 128 + 9
# Of assertions in glibc and in libConfuse; the last, where there is no memory
# left to say which.
ABORTS = ("nss_database", "cfg_qstring", "Unexpected error.")


@dataclass(frozen=True)
class Call:
    number: int
    process: str
    name: str
    result: int
    flags: int
    paths: tuple[str, str]

    def errors(self) -> tuple[str, ...]:
        if self.name in ("open", "openat", "creat"):
            if self.flags & OPEN_TO_WRITE:
                return (*NAMING, "EMFILE", "EINTR")
            return ("EIO", "EACCES", "EMFILE", "EINTR")
        if self.name == "fcntl" and self.flags not in F_DUPFDS:
            return ()
        if self.name == "fstatat" and not self.paths[0]:
            return ("EIO",)  # of a descriptor, to which nobody is denied access
        return ERRORS.get(self.name, ())

    def whats(self) -> tuple[str, ...]:
        """All that can be done to it."""
        short = self.name in SHORT and self.result > 1
        kills = KILLS if self.changes_something() else ()
        return (*self.errors(), *(["short"] if short else []), *kills)

    def changes_something(self) -> bool:
        """Killed at any other call, a run leaves what it leaves at these."""
        if self.name == "openat":
            return self.flags & (os.O_CREAT | os.O_TRUNC) != 0
        return self.name in CHANGING


@dataclass(frozen=True)
class Case:
    scenario: str
    number: int
    what: str

    def __str__(self) -> str:
        return f"{self.scenario} {self.number} {self.what}"


def parse_report(text: str) -> Iterator[Call]:
    for line in text.splitlines():
        number, process, name, result, flags, one, two = line.split("\t")[:7]
        yield Call(
            int(number), process, name, int(result), int(flags), (one, two)
        )


def disturbed(
    world: World, words: tuple[str, ...], *options: str
) -> tuple[Ended, list[Call]]:
    report = world.root / "report"
    command = [INJECT, "-p", CLOCK, "-r", report, *options, *world.command(*words)]
    done = world.run_as(command, world.environment())
    return done, list(parse_report(report.read_text(errors="replace")))


class SystemCalls:
    """Every call that looks at the site, or has no file at all."""

    def __init__(self, prepared: Prepared, folder: Path):
        self._prepared = prepared
        # What each case has met, to be told where something is wrong.
        self.where: dict[Case, str] = {}
        self.ends: Counter[int] = Counter()
        world = prepared.before.copy(folder / f"{prepared.scenario.name}.calls")
        done, self.calls = disturbed(world, prepared.scenario.command)
        assert done.status == 0, done
        self._is_ours = re.compile(re.escape(str(world.root)) + "|^$|/etc/group|^[a-z]")
        world.remove()

    def cases(self) -> Iterator[Case]:
        for call in self.calls:
            if self._is_ours.match(call.paths[0]):
                for what in call.whats():
                    yield Case(self._prepared.scenario.name, call.number, what)

    def run(self, world: World, case: Case) -> list[str]:
        code = getattr(errno, case.what, None)
        what = case.what if code is None else str(code)
        words = self._prepared.scenario.command
        done, hit = disturbed(world, words, "-a", str(case.number), "-d", what)
        if not hit:
            return []  # another order of processes: it was never made
        self.ends[done.status] += 1
        self.where[case] = f"{hit[0].name} {hit[0].paths[0]}: {done.status}"
        return self._faults(world, case, done, hit[0])

    def told(self, case: Case) -> str:
        return f"{case} [{self.where.get(case, '')}]"

    def _faults(
        self, world: World, case: Case, done: Ended, call: Call
    ) -> list[str]:
        if case.what not in call.whats():
            return []  # processes took turns otherwise: it fits no such call
        if case.what in KILLS:
            is_main = call.process == "main"
            return [] if not is_main or done.status == KILLED else [str(done)]
        if done.status not in STATUSES:
            return [f"status {done.status}: {done.error}"]
        if done.status == 0:
            return self._faults_of_success(world, done)
        if case.what == "short" or (case.what == "EINTR" and call.name in TRIED_AGAIN):
            return [f"gives up: {done.error}"]
        return self._faults_of_words(case, done, call)

    def _faults_of_success(self, world: World, done: Ended) -> list[str]:
        try:
            found = world.found()
        except Damaged as damaged:
            return [str(damaged)]
        new = self._prepared.new
        if "warning:" in done.error:
            found, new = found.without_leaving(), new.without_leaving()
        return [] if found == new else ["success, and not published"]

    @staticmethod
    def _faults_of_words(case: Case, done: Ended, call: Call) -> list[str]:
        """What it says has to name the reason and, where there is one, a file."""
        reason = os.strerror(getattr(errno, case.what))
        if done.status == 75 and "last-good copy" in done.error:
            return []
        # Whose report is what can not be written has no other way to say why.
        if done.status == 75 and "without a whole report" in done.error:
            return []
        # A map is not read to the end for more reasons than one.
        if reason not in done.error and ": damaged" not in done.error:
            return [f"no reason ({reason}): {done.status} {done.error}"]
        named = [p for p in call.paths if p.startswith("/") and has_name(p)]
        if named and not any(Path(p).name.split(".")[0] in done.error for p in named):
            return [f"no name ({named}): {done.status} {done.error}"]
        return []


def has_name(path: str) -> bool:
    """Not of the C library's making: fchmodat(3) goes by the descriptor."""
    return "/memfd:" not in path and not path.startswith("/proc/self/fd/")


class Allocations:
    """Each allocation, once and from then on."""

    def __init__(self, prepared: Prepared, folder: Path):
        self._prepared = prepared
        self.where: dict[Case, str] = {}
        self.ends: Counter[int] = Counter()
        world = prepared.before.copy(folder / f"{prepared.scenario.name}.memory")
        done, self.count = self._run(world, {})
        assert done.status == 0 and self.count > 0, (done, self.count)
        world.remove()

    def _run(self, world: World, more: dict[str, str]) -> tuple[Ended, int]:
        count = world.root / "count"
        count.write_bytes(bytes(8))
        environment = world.environment() | more
        environment |= {
            "FAULTS_COUNT": str(count),
            "LD_PRELOAD": f"{MEMORY}:{CLOCK}",
        }
        done = world.run_as(
            world.command(*self._prepared.scenario.command), environment
        )
        return done, struct.unpack("<Q", count.read_bytes())[0]

    def cases(self) -> Iterator[Case]:
        for number in range(1, self.count + 1):
            for what in ("once", "lasting"):
                yield Case(self._prepared.scenario.name, number, what)

    def run(self, world: World, case: Case) -> list[str]:
        more = {"FAULTS_ALLOCATION": str(case.number)}
        if case.what == "lasting":
            more["FAULTS_LASTING"] = "1"
        done, _ = self._run(world, more)
        self.ends[done.status] += 1
        self.where[case] = f"{done.status} {done.error}"
        if done.status == 2 and "out of dynamic memory" in done.error:
            return []  # so libConfuse ends the process itself
        if done.status == -signal.SIGABRT and any(n in done.error for n in ABORTS):
            return []  # and so does glibc, and its lexer
        if done.status not in STATUSES:
            return [f"status {done.status}: {done.error}"]
        if done.status != 0 and not done.error:
            return [f"status {done.status} without a word"]
        if done.status == 71 and "out of memory" not in done.error:
            return [f"status 71: {done.error}"]
        return []

    def told(self, case: Case) -> str:
        return f"{case} [{self.where.get(case, '')}]"


def told_ends(campaign: Campaign) -> str:
    """How often the disturbed runs ended with which status."""
    whole = sum((d.ends for d in campaign.disturbers.values()), Counter())
    return ", ".join(f"{s}: {n}" for s, n in sorted(whole.items()))


def main() -> int:
    parser = parser_of(__doc__)
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--only", type=int, help="the call of that number alone")
    options = parser.parse_args()
    campaign, done = run(
        options,
        Allocations if options.memory else SystemCalls,
        lambda case: options.only in (None, case.number),
    )
    print(f"cases: {done}; statuses {told_ends(campaign)}")
    return 1 if campaign.faults else 0


if __name__ == "__main__":
    sys.exit(main())
