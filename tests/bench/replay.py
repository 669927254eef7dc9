"""replay held against policyd verdicts, which skips the lines of Postfix in the
same log.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import time
from pathlib import Path

from harness.log_week import Person, Week, recently
from harness.paths import BIN

RATIO_MAX = 20.0
PEOPLE = 5000
CONF = """
accepted-domain "#company.example" { type = authoritative }
connector "exchange" {
    address-spaces = { "company.example" }
    smart-hosts = { "[10.8.0.25]:25" }
}
directory "ad" { type = file path = "ad.txt" connector = "exchange" }
"""


def write(folder: Path, rcpts: int) -> tuple[Week, Path]:
    """A namespace that is published, a log of it, and one leaver in a hundred."""
    persons = [
        Person(f"p{n}@company.example", "exchange", change="" if n % 100 else "refused")
        for n in range(PEOPLE)
    ]
    (folder / "namespace.conf").write_text(CONF)
    (folder / "ad.txt").write_text("".join(f"{p.address}\n" for p in persons))
    compile_in(folder, "build")
    listed = [p.address for p in persons if not p.change]
    (folder / "ad.txt").write_text("".join(f"{address}\n" for address in listed))
    week = Week(5, {"exchange": "[10.8.0.25]:25"})
    week.fill(recently(), rcpts, persons)
    week.write(folder / "mail.log")
    return week, folder / "mail.log"


def compile_in(folder: Path, *arguments: str) -> str:
    argv = [str(BIN / "transport-map-gen"), "-c", str(folder / "namespace.conf")]
    argv += ["-s", str(folder / "state"), "-q", *arguments]
    done = subprocess.run(argv, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def seconds_of(rounds: int, argv: list[str]) -> list[float]:
    taken = []
    for _ in range(rounds):
        begin = time.monotonic()
        subprocess.run(argv, check=True, capture_output=True)
        taken.append(time.monotonic() - begin)
    return taken


def replays(folder: Path, rcpts: int, rounds: int) -> bool:
    root = folder / "replay"
    root.mkdir()
    week, log = write(root, rcpts)
    said = json.loads(compile_in(root, "replay", "--json", str(log)))
    assert said["resolved"]["rcpts"] == week.all.rcpts == rcpts, said["resolved"]
    assert said["refused"]["rcpts"] == week.changes["refused"].rcpts, said["refused"]
    state = ["-c", str(root / "namespace.conf"), "-s", str(root / "state")]
    program = str(BIN / "transport-map-gen")
    asked = [str(BIN / "policyd"), "verdicts", "--count-by", "verdict", "-q", str(log)]
    verdicts = seconds_of(rounds, asked)
    replayed = seconds_of(rounds, [program, *state, "replay", str(log)])
    print(f"a log of {said['lines']} lines, {rcpts} recipients")
    for name, taken in (("policyd verdicts --count-by verdict", verdicts), ("replay", replayed)):
        middle = statistics.median(taken)
        print(
            f"  {name:36} {middle:8.3f} s  ({min(taken):.3f} to {max(taken):.3f})  "
            f"{said['lines'] / middle:12.0f} lines/s"
        )
    ratio = statistics.median(replayed) / statistics.median(verdicts)
    print(f"  replay takes {ratio:.2f} of counting verdicts; {RATIO_MAX} promised")
    return ratio <= RATIO_MAX
