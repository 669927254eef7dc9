#!/usr/bin/env python3
"""Runs the tests, each against a private Postfix of its own; needs root.

usage: run.py [-j N] [-k] [--again] [NAME...]

Every function test_* of the files test_*.py beside this one is a test.
NAME picks those with that part in "file.test"; -j is how many run at a time
(4); -k keeps the folders of failed tests.  With --again one that fails is run
once more by itself, after the others: what passes then counts as passed, and
is named at the end.  What is wrong with the product fails twice; what a busy
machine did does not, and is to be mended in the test.
"""

from __future__ import annotations

import argparse
import importlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from harness.left_out import LeftOut
from harness.site import Site

HERE = Path(__file__).resolve().parent
TEST_SECONDS_MAX = 420
MISSED_DEADLINE = 124
LEFT_OUT = 77


@dataclass(frozen=True)
class Outcome:
    name: str
    status: int
    seconds: float
    output: str


def all_tests() -> list[str]:
    """As "file.test"; files in order of name, tests in order of the file."""
    names = []
    for file in sorted(HERE.glob("test_*.py")):
        tests = vars(importlib.import_module(file.stem))
        stem = file.stem.removeprefix("test_")
        names += [f"{stem}.{t[5:]}" for t in tests if t.startswith("test_")]
    return names


def run_here(name: str, root: Path) -> int:
    """One test, in this process; what goes wrong goes to stdout."""
    file, _, test = name.partition(".")
    function = getattr(importlib.import_module(f"test_{file}"), f"test_{test}")
    # A shell's background job has it ignored, and would never meet its deadline.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        os.umask(0o022)
        with Site(root) as site:
            try:
                function(site)
                return 0
            except LeftOut as reason:
                print(reason)
                return LEFT_OUT
            except BaseException:
                traceback.print_exc(file=sys.stdout)
                print(log_tail(site))
    except BaseException:
        traceback.print_exc(file=sys.stdout)
    return 1


def log_tail(site: Site) -> str:
    lines = site.postfix.log().splitlines()
    loud = [n for n in lines if any(w in n for w in ("warning", "fatal", "panic"))]
    return "\n".join(["-- warnings", *loud[-15:], "-- log", *lines[-15:]])


def run(name: str, keep: bool) -> Outcome:
    """One test, in a process of its own."""
    root = Path(tempfile.mkdtemp(prefix="e2e."))
    # Whatever it makes elsewhere, and however it ends.
    temporary = root / "tmp"
    temporary.mkdir()
    temporary.chmod(0o1777)
    begin = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, __file__, "--here", str(root), name],
        env=os.environ | {"TMPDIR": str(temporary)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        output, _ = process.communicate(timeout=TEST_SECONDS_MAX)
        status = process.returncode
    except subprocess.TimeoutExpired:
        # It cleans up after itself, and says where it was.
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate()
        status = MISSED_DEADLINE
    if status in (0, LEFT_OUT) or not keep:
        shutil.rmtree(root, ignore_errors=True)
    else:
        output += f"kept: {root}\n"
    return Outcome(name, status, time.monotonic() - begin, output)


def failed(outcome: Outcome) -> bool:
    return outcome.status not in (0, LEFT_OUT)


def show(outcome: Outcome) -> Outcome:
    """One line a test; after one that did not pass what it said."""
    word = {0: "ok", LEFT_OUT: "left"}.get(outcome.status, "FAIL")
    print(f"{word:4} {outcome.name} ({outcome.seconds:.1f} s)", flush=True)
    if outcome.status:
        for line in outcome.output.splitlines():
            print(f"     {line}")
    return outcome


def run_again(outcome: Outcome, keep: bool) -> Outcome:
    """What a test comes to by itself."""
    print(f"once more {outcome.name}")
    second = run(outcome.name, keep)
    show(second)
    return second


def run_all(names: list[str], at_a_time: int, keep: bool, again: bool) -> int:
    tests = [t for t in all_tests() if not names or any(n in t for n in names)]
    with ThreadPoolExecutor(at_a_time) as pool:
        outcomes = [show(o) for o in pool.map(lambda t: run(t, keep), tests)]
    if again:
        outcomes = [run_again(o, keep) if failed(o) else o for o in outcomes]
    left_out = sum(o.status == LEFT_OUT for o in outcomes)
    lost = sum(failed(o) for o in outcomes)
    if left_out:
        print(f"{left_out} left out, for what this machine lacks")
    print(f"{len(outcomes) - left_out - lost} passed, {lost} failed")
    return 0 if outcomes and not lost else 1


def main() -> int:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("-j", type=int, default=4)
    parser.add_argument("-k", action="store_true")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--here", type=Path)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("run.py: a private Postfix needs root")
    if options.here:
        return run_here(options.names[0], options.here)
    return run_all(options.names, options.j, options.k, options.again)


if __name__ == "__main__":
    sys.exit(main())
