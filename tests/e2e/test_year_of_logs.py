"""A year of rotated logs, among lines of others and hostile ones: all counts
are those of whoever wrote them.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
from collections import Counter

from harness.log_year import LOCAL_PARTS, ZONE, Year, rename_by_date, write
from harness.paths import BIN
from harness.site import Site

SEED = 20231228
A_WEEK = 600
NAMES = ("day", "verdict", "reason", "domain")
# Windows of local time, most of them around what is difficult.
WINDOWS = [
    ("2023-12-31 18:00:00", "2024-01-01 06:00:00"),
    ("2023-12-31 23:59:59", "2024-01-01 00:00:00"),
    ("2024-01-01 00:00:00", "2024-01-01 00:00:01"),
    ("2023-12-31 00:00:00", "2024-01-01 00:00:00"),
    ("2024-02-28 12:00:00", "2024-03-01 12:00:00"),
    ("2024-02-29 00:00:00", "2024-03-01 00:00:00"),
    ("2023-10-28 00:00:00", "2023-10-30 00:00:00"),
    ("2024-03-20 13:16:00", "2024-03-20 19:00:00"),
    ("2023-07-01 00:00:00", "2024-07-31 00:00:00"),
]


def ask(year: Year, *options: str) -> str:
    """Of all files, in any order; what was skipped is what the year has."""
    named = list(year.files)
    random.Random(str(options)).shuffle(named)
    done = subprocess.run(
        [BIN / "policyd", "verdicts", *options, *named],
        capture_output=True,
        text=True,
        env=os.environ | {"TZ": ZONE},
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    if "--since" not in options:
        expect_skipped(year, done.stderr)
    return done.stdout


def expect_skipped(year: Year, said: str) -> None:
    told = re.fullmatch(r"policyd verdicts: (.*) skipped\n", said)
    assert told, said
    parts = [part.split(" ", 1) for part in told[1].split(", ")]
    assert {what: int(number) for number, what in parts} == {
        "other lines": year.others,
        "damaged verdict lines": year.damaged,
        "lines that are none of a mail log": year.no_log,
        "lines that are too long": year.too_long,
    }, said


def counts(year: Year, *names: str, options: tuple[str, ...] = ()) -> Counter:
    output = ask(year, "--tsv", "--count-by", ",".join(names), *options)
    header, *lines = output.splitlines()
    assert header.split("\t") == ["count", *names], header
    rows = [line.split("\t") for line in lines]
    counted = Counter({tuple(row[1:]): int(row[0]) for row in rows})
    assert len(counted) == len(rows)
    return counted


def test_counts_are_those_of_the_writer(site: Site) -> None:
    """Named in any order, and by logrotate's two ways of naming."""
    year = write(site.root, SEED, A_WEEK)
    assert len(year.verdicts) > 50 * A_WEEK and year.too_long > 2
    expected = year.count(*NAMES)
    assert counts(year, *NAMES) == expected
    for name in NAMES:
        assert counts(year, name) == year.count(name), name
    for since, until in WINDOWS:
        there = year.count("reason", since=since, until=until)
        assert there, (since, until)
        window = ("--since", since, "--until", until)
        assert counts(year, "reason", options=window) == there, since
    rename_by_date(year)
    assert counts(year, *NAMES) == expected


def test_crafted_recipients_are_found_and_forge_nothing(site: Site) -> None:
    year = write(site.root, SEED + 1, 100)
    assert counts(year, "verdict") == year.count("verdict")
    there = year.count("recipient", "verdict")
    for local_part in LOCAL_PARTS:
        recipient = f"{local_part}@company.example"
        expected = {key[1:]: n for key, n in there.items() if key[0] == recipient}
        assert len(expected) > 3, recipient
        asked = re.sub(r"([*?,\\])", r"\\\1", recipient)
        by_address = counts(year, "verdict", options=("--recipient", asked))
        assert by_address == expected, recipient
