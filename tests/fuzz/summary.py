#!/usr/bin/env python3
"""What a run of libFuzzer came to, in a line: executions, edges, and how long
before its end the last new edge was found; what was reached; what broke, in
full.

usage: summary.py TARGET LOG     status 1 where something was never reached
"""

import re
import sys

# "#1024 NEW    cov: 512 ft: 900 corp: 12/3Kb ... " with the second it came in
EDGES = re.compile(r"^#(\d+)\s+(\w+)\s+cov: (\d+) ft: \d+ corp: (\d+)")
STAT = re.compile(r"^stat::(\w+):\s+(\d+)", re.M)
UNREACHED = re.compile(r"^reached: +0 ", re.M)
SECONDS = re.compile(r"^Done (\d+) runs in (\d+) second", re.M)


def last_new_edge(lines: list[str]) -> int:
    """The number of executions at which the last edge was new."""
    most = runs = 0
    for line in lines:
        match = EDGES.match(line)
        if match and int(match.group(3)) > most:
            most, runs = int(match.group(3)), int(match.group(1))
    return runs


def edges(lines: list[str]) -> int:
    found = [int(m.group(3)) for m in map(EDGES.match, lines) if m]
    return max(found, default=0)


def summary(target: str, text: str) -> str:
    lines = text.splitlines()
    done = SECONDS.search(text)
    if not done:
        # The stack and the input of what broke stand behind the last edges.
        last = max((i for i, line in enumerate(lines)
                    if EDGES.match(line)), default=0)
        return "\n".join(["%s: BROKEN" % target] + lines[last + 1:])
    runs, seconds = map(int, done.groups())
    stats = {name: int(value) for name, value in STAT.findall(text)}
    quiet = seconds * (1 - last_new_edge(lines) / max(runs, 1))
    goals = [line for line in lines if line.startswith("reached: ")]
    return "\n".join(
        ["%s: %d executions in %d s, %d/s, %d edges, none new in the last "
         "%d s, %d MiB" % (target, runs, seconds, runs // max(seconds, 1),
                           edges(lines), quiet,
                           stats.get("peak_rss_mb", 0))] + goals)


def main(target: str, path: str) -> int:
    with open(path, encoding="utf-8", errors="replace") as stream:
        text = summary(target, stream.read())
    print(text)
    return int(bool(UNREACHED.search(text)))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
