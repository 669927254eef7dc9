#!/usr/bin/env python3
"""Sizes of functions and files, beside the limits that the house keeps.

usage: metrics.py FILE...    a line for each thing over its limit, a summary
"""

from __future__ import annotations

import json
import re
import subprocess
import sys

FUNCTION_MAX = 80
P95_MAX = 45
MEDIAN_MAX = 15
PARAMETERS_MAX = 5
FILE_MAX = {".c": 500, ".h": 120}
COLUMNS_MAX = 80
TAB = 8


def functions(paths: list[str]) -> list[tuple[int, int, str]]:
    """(lines, parameters, "file:line name"), the longest first."""
    command = ["ctags", "--output-format=json", "--kinds-C=f",
               "--fields=+neS", "-o", "-"]
    output = subprocess.run(command + paths, check=True, text=True,
                            stdout=subprocess.PIPE).stdout
    result = []
    for line in output.splitlines():
        tag = json.loads(line)
        if "end" not in tag:
            continue
        place = "%s:%d %s" % (tag["path"], tag["line"], tag["name"])
        signature = re.sub(r"\([^()]*\)", "", tag.get("signature", "")[1:-1])
        # "..." is none: what follows a format is what the format asks for.
        signature = signature.removesuffix("...").rstrip(", ")
        parameters = signature.count(",") + 1
        result.append((tag["end"] - tag["line"] + 1, parameters, place))
    return sorted(result, reverse=True)


def over(value: int, limit: int, what: str, place: str) -> bool:
    if value > limit:
        print("over: %s: %s %d, limit %d" % (place, what, value, limit))
    return value > limit


def file_faults(paths: list[str]) -> int:
    count = 0
    for path in paths:
        with open(path, encoding="utf-8") as stream:
            lines = stream.read().splitlines()
        count += over(len(lines), FILE_MAX[path[-2:]], "lines", path)
        for number, line in enumerate(lines, 1):
            count += over(len(line.expandtabs(TAB)), COLUMNS_MAX, "columns",
                          "%s:%d" % (path, number))
    return count


def main(paths: list[str]) -> int:
    found = functions(paths)
    if not found:
        return 0
    count = file_faults(paths)
    for lines, parameters, place in found:
        count += over(lines, FUNCTION_MAX, "lines", place)
        count += over(parameters, PARAMETERS_MAX, "parameters", place)
    sizes = sorted(lines for lines, _, _ in found)
    median = sizes[len(sizes) // 2]
    p95 = sizes[len(sizes) * 95 // 100]
    count += over(median, MEDIAN_MAX, "median lines", "all functions")
    count += over(p95, P95_MAX, "95% of functions, lines", "all functions")
    print("%d functions in %d files: median %d, 95%% %d, longest %d lines "
          "(%s); %d over a limit" % (len(sizes), len(paths), median, p95,
                                     found[0][0], found[0][2], count))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
