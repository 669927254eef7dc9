#!/usr/bin/env python3
"""What no compiler sees: layers, forbidden words, nesting, include guards,
names that two modules share.

usage: source.py FILE...     prints "file:line: sentence" for each fault
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator

OUTSIDE = ("config", "directory", "snapshot")
LOG = ("verdicts",)
UPPER = ("changes", "doctor")
PROGRAMS = ("policyd", "transport-map-gen")
LIBRARY = ("base", "namespace") + OUTSIDE + LOG + UPPER

# A room may include itself and the rooms below it.
BELOW = {"base": (), "namespace": ("base",)}
BELOW.update({room: ("base", "namespace") for room in OUTSIDE})
BELOW.update({"verdicts": ("base", "namespace", "snapshot")})
BELOW.update({"changes": ("base", "namespace", "snapshot") + LOG})
BELOW.update({"doctor": ("base", "namespace", "snapshot")})
BELOW.update({room: ("base", "namespace") + OUTSIDE for room in PROGRAMS})
BELOW["policyd"] += LOG
BELOW["transport-map-gen"] += LOG + UPPER

# The rooms in which a library may be known; tests may know all.
LIBRARIES = (
    (r"cdb\.h", ("snapshot",)),
    (r"confuse\.h", ("config",)),
    (r"event2/|event\.h", ("policyd",)),
    (r"seccomp\.h|linux/(landlock|capability)\.h", ("policyd",)),
    (r"ldap\.h|lber\.h|libpq|sqlite3\.h|mysql", ("directory",)),
    (r"unicode/(ucnv|utf)", ("directory", "namespace")),
    (r"unicode/|idn2\.h", ("namespace",)),
    (r"(unistd|fcntl|time|syslog|netdb)\.h|sys/(socket|stat|time)\.h",
     ("base",) + OUTSIDE + LOG + UPPER + PROGRAMS),
    (r"zlib\.h", LOG),
    (r"ares\.h|openssl/ssl\.h", ("doctor",)),
)
NOT_HEADERS = ("namespace/view.h",)  # time_t is a value, not a clock

FORBIDDEN = {
    name: "%s() is forbidden" % name
    for name in ("strcpy", "strcat", "sprintf", "vsprintf", "strncpy",
                 "strncat", "strtok", "atoi", "atol", "alloca", "localtime",
                 "gmtime", "gets", "tmpnam", "mktemp")
}
NESTING_MAX = 3
CALL = re.compile(r"(?<![\w.>])(%s)\s*\(" % "|".join(FORBIDDEN))
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.M)
TOKEN = re.compile(
    r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|/\*.*?\*/|//[^\n]*', re.S)


def blank(code: str) -> tuple[str, list[int]]:
    """code with texts and comments as blanks, and where // stood."""
    slashes: list[int] = []

    def hide(match: re.Match[str]) -> str:
        if match.group().startswith("//"):
            slashes.append(match.start())
        return re.sub(r"[^\n]", " ", match.group())

    return TOKEN.sub(hide, code), slashes


def line_of(code: str, offset: int) -> int:
    return code.count("\n", 0, offset) + 1


def include_fault(room: str, path: str, mark: str, name: str) -> str | None:
    """Why this file must not include that one; None where it may."""
    if mark == '"':
        target = name.split("/")[0]
        if room == "tests" or target in (room,) + BELOW[room]:
            return None
        return "%s/ may not include %s" % (room, name)
    if room == "tests":
        return None
    for pattern, rooms in LIBRARIES:
        if re.match(pattern, name):
            if room in rooms or path in NOT_HEADERS:
                return None
            return "<%s> is known to %s/ alone" % (name, "/, ".join(rooms))
    return None


def include_faults(path: str, code: str) -> Iterator[tuple[int, str]]:
    room = path.split("/")[0]
    own = path[:-1] + "h"
    first = None
    for match in INCLUDE.finditer(code):
        first = first or match.group(2)
        fault = include_fault(room, path, *match.groups())
        if fault:
            yield line_of(code, match.start()), fault
    if path.endswith(".c") and os.path.exists(own) and first != own:
        yield 1, "includes %s first, not its own header" % first


def guard_faults(path: str, code: str) -> Iterator[tuple[int, str]]:
    guard = re.sub(r"\W", "_", path).upper()
    if path.endswith(".h") and "#ifndef %s\n#define %s\n" % (
            guard, guard) not in code:
        yield 1, "has no include guard %s" % guard


def nesting_faults(plain: str) -> Iterator[tuple[int, str]]:
    """Blocks by their braces: ") {", "else {", "do {", as clang-format
    leaves them; a function's own brace stands at the start of a line."""
    stack: list[bool] = []
    for match in re.finditer(r"(\) |\belse |\bdo |^)?\{|\}", plain, re.M):
        if match.group() == "}":
            if stack:
                stack.pop()
            continue
        stack.append(match.group(1) is not None and len(match.group()) > 1)
        if stack[-1] and sum(stack) == NESTING_MAX + 1:
            yield match.start(), "blocks nest more than %d deep" % NESTING_MAX


def faults(path: str, code: str) -> Iterator[tuple[int, str]]:
    yield from include_faults(path, code)
    yield from guard_faults(path, code)
    plain, slashes = blank(code)
    for offset in slashes:
        yield line_of(code, offset), "comments are /* */, not //"
    for offset, fault in nesting_faults(plain):
        yield line_of(code, offset), fault
    for match in CALL.finditer(plain):
        yield line_of(code, match.start()), FORBIDDEN[match.group(1)]


def name_faults(paths: list[str]) -> Iterator[tuple[str, int, str]]:
    """ar(1) tells the members of the library apart by their names alone."""
    taken: dict[str, str] = {}
    for path in paths:
        room, name = os.path.split(path)
        if room not in LIBRARY or not name.endswith(".c"):
            continue
        if name in taken:
            yield path, 1, "the library has this name from %s" % taken[name]
        taken[name] = path


def main(paths: list[str]) -> int:
    count = 0
    for path, line, fault in name_faults(paths):
        print("%s:%d: %s" % (path, line, fault))
        count += 1
    for path in paths:
        with open(path, encoding="utf-8") as stream:
            code = stream.read()
        for line, fault in sorted(faults(path, code)):
            print("%s:%d: %s" % (path, line, fault))
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
