#!/usr/bin/env python3
"""docs/security.md, the sources and the tests name the same limits: each row's
number is that of the constant, its test is there, and no case of
test_limits.c is without a row.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

TREE = Path(__file__).resolve().parents[2]
PAGE, CASES = TREE / "docs/security.md", "test_limits.c"
# Of these the number is not the constant itself.
OF_THE_SYSTEM = {"sun_path", "SPARE_FDS"}


def rows(page: str) -> list[list[str]]:
    """Of both tables of limits, the cells of each."""
    text = page.partition("\n## Limits\n")[2]
    lines = (line for line in text.splitlines() if line.startswith("| "))
    cells = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    return [row for row in cells if row[0] != "Limit"]


def number(text: str) -> int | None:
    found = re.match(r"[\d,]+", text)
    return int(found[0].replace(",", "")) if found else None


def value(source: str, name: str) -> int | None:
    """Of an enumerator, a constant or a macro, written as a product or a shift."""
    text = re.sub(r"\(\(?uint64_t\)|\(size_t\)", "(", source)
    found = re.search(rf"(?:\b{name} = |#define {name} )([^,;}}/\n]+)", text)
    if found is None:
        return None
    words = found[1].strip().replace("UINT32_MAX", str(2**32 - 1))
    words = words.strip("()") if words.count("(") == words.count(")") else (
        words.replace("(", "").replace(")", "")
    )
    return eval(words) if re.fullmatch(r"[\d *<+-]+", words) else None


def cases(text: str) -> dict[str, int]:
    found = re.findall(r'^\t\{ "([^"]+)", (\d+), takes_\w+ \},$', text, re.M)
    return {name: int(limit) for name, limit in found}


def has_test(where: str) -> bool:
    file, _, name = where.replace("`", "").partition(" ")
    folder = "unit" if file.endswith(".c") else "e2e"
    text = (TREE / "tests" / folder / file).read_text()
    pattern = rf"START_TEST\({name}\)" if folder == "unit" else rf"def {name}\("
    return re.search(pattern, text) is not None


def row_faults(row: list[str], known: dict[str, int]) -> list[str]:
    name, says = row[0].replace("`", ""), number(row[1])
    path, constant = row[2].replace("`", "").split()
    source = (TREE / path).read_text()
    if constant not in source:
        return [f"{name}: {path} has no {constant}"]
    is_known = constant in OF_THE_SYSTEM
    if not is_known and value(source, constant) != says:
        return [f"{name}: {says} there, {value(source, constant)} in {path}"]
    if len(row) < 5:
        return []
    if row[4].replace("`", "") != CASES:
        return [] if has_test(row[4]) else [f"{name}: there is no test {row[4]}"]
    if known.pop(name, None) != says:
        return [f"{name}: no case of that name and number in {CASES}"]
    return []


def faults(page: str) -> list[str]:
    known = cases((TREE / "tests/unit" / CASES).read_text())
    assert len(known) > 20, "no cases are found"
    said = [fault for row in rows(page) for fault in row_faults(row, known)]
    return said + [f"{name}: a case of {CASES}, and no row" for name in known]


def main() -> int:
    page = PAGE.read_text()
    said = faults(page)
    # It must be able to fail.
    for old, new in (("65,536", "65,537"), ("REPLY_SIZE_MAX", "REPLY_MAX"),
                     ("test_http_head", "test_http_heads"), ("| a cost |", "| cost |")):
        if old not in page or not faults(page.replace(old, new)):
            said.append(f"limits.py: does not see {new!r} for {old!r}")
    for fault in said:
        print(f"docs/security.md: {fault}", file=sys.stderr)
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
