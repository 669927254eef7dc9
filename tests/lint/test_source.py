#!/usr/bin/env python3
"""That source.py refuses what it should, and nothing else."""

import sys

import source

CASES = (
    # path, code, expected (line, words of the sentence)
    ("snapshot/a.c", "#include <cdb.h>\n", None),
    ("directory/a.c", "#include <cdb.h>\n", (1, "snapshot/ alone")),
    ("policyd/a.c", "\n#include <confuse.h>\n", (2, "config/ alone")),
    ("policyd/a.c", "#include <event2/event.h>\n", None),
    ("base/a.c", "#include <event2/event.h>\n", (1, "policyd/ alone")),
    ("directory/a.c", "#include <unicode/ucnv.h>\n", None),
    ("directory/a.c", "#include <unicode/ucasemap.h>\n",
     (1, "namespace/ alone")),
    ("namespace/a.c", "#include <sys/stat.h>\n", (1, "<sys/stat.h>")),
    ("namespace/a.c", '#include "base/err.h"\n', None),
    ("base/a.c", '#include "namespace/lookup.h"\n',
     (1, "base/ may not include namespace/lookup.h")),
    ("config/a.c", '#include "snapshot/state.h"\n',
     (1, "config/ may not include")),
    ("policyd/a.c", '#include "transport-map-gen/a.h"\n',
     (1, "policyd/ may not include")),
    ("tests/unit/a.c", '#include <cdb.h>\n#include "policyd/a.h"\n', None),
    ("base/err.c", '#include <errno.h>\n#include "base/err.h"\n',
     (1, "own header")),
    ("base/new.h", "#ifndef NEW_H\n#define NEW_H\n#endif\n",
     (1, "BASE_NEW_H")),
    ("base/a.c", "int a; // why\n", (1, "not //")),
    ("base/a.c", 'char *a = "http://b";\n', None),
    ("base/a.c", "/* see http://b\n * strcpy(a, b) */\n", None),
    ("base/a.c", "\n\tstrcpy (a, b);\n", (2, "strcpy() is forbidden")),
    ("base/a.c", "x = atoi(y);\n", (1, "atoi() is forbidden")),
    ("base/a.c", "void f(void)\n{\n\tif (a) {\n\tfor (;;) {\n\tif (b) {\n"
     "\tg((struct s){ 1 });\n\t}\n\t}\n\t} else {\n\t}\n}\n", None),
    ("base/a.c", "void f(void)\n{\n\tif (a) {\n\tfor (;;) {\n\tif (b) {\n"
     "\t} else {\n\tdo {\n\t} while (c);\n\t}\n\t}\n\t}\n}\n",
     (7, "more than 3 deep")),
    ("base/a.c", "localtime_r(&t, &tm); a->gets(b); my_strcat(c);\n", None),
)


def matches(found, expected):
    if expected is None:
        return not found
    return len(found) == 1 and found[0][0] == expected[0] \
        and expected[1] in found[0][1]


NAMES = (
    # paths, those refused
    (("base/a.c", "base/a.h", "config/b.c", "policyd/a.c"), []),
    (("base/a.c", "config/b.c", "verdicts/a.c"), ["verdicts/a.c"]),
)


def main():
    failed = 0
    for paths, expected in NAMES:
        found = [fault[0] for fault in source.name_faults(paths)]
        if found != expected:
            print("%s: %s, not %s" % (paths, found, expected))
            failed += 1
    for path, code, expected in CASES:
        found = list(source.faults(path, code))
        if not matches(found, expected):
            print("%s %r: %s, not %s" % (path, code, found, expected))
            failed += 1
    count = len(CASES) + len(NAMES)
    print("lint rules: %d passed, %d failed" % (count - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
