#!/usr/bin/env python3
"""One function alone writes what Postfix is told, and it asks
reply_is_valid() first: whoever adds another way is stopped here.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

POLICYD = Path(__file__).resolve().parents[2] / "policyd"
SESSION, CONNECTION = "session.c", "connection.c"
# Who else speaks on a descriptor, and to whom.
SPEAKERS = {
    CONNECTION: "Postfix",
    "journal.c": "the log",
    "systemd.c": "the supervisor",
}
SPEAKING = re.compile(
    r"\b(?:write|writev|pwrite|send|sendto|sendmsg|dprintf|bufferevent_write)\("
)


def functions(text: str) -> dict[str, str]:
    """name -> body, of a file in our style."""
    found = re.finditer(r"^(?!\s|\{|#|/| \*)[^;{}]*?(\w+)\([^;{}]*\)\n\{\n(.*?)^\}",
                        text, re.M | re.S)
    return {match[1]: match[2] for match in found}


def faults(files: dict[str, str]) -> list[str]:
    said = []
    for name, text in sorted(files.items()):
        count = text.count('"action=')
        if count != (name == SESSION):
            said.append(f'{name}: "action=" stands there {count} times')
        if name not in SPEAKERS and SPEAKING.search(text):
            said.append(f"{name}: speaks on a descriptor by itself")
    bodies = functions(files[SESSION])
    for name, body in bodies.items():
        if re.search(r"\btext_add\w*\(\s*out\b", body) and name != "add_reply":
            said.append(f"{SESSION}: {name}() writes to the socket's text")
        if "add_reply(" in body and name != "session_answer":
            said.append(f"{SESSION}: {name}() gives an answer")
    if '"action="' not in bodies.get("add_reply", ""):
        said.append(f"{SESSION}: add_reply() does not write the answer")
    if bodies.get("session_answer", "").count("add_reply(") != 1:
        said.append(f"{SESSION}: session_answer() does not give one answer")
    judge = bodies.get("judge_recipient", "")
    if "reply_is_valid(" not in judge:
        said.append(f"{SESSION}: judge_recipient() does not ask reply_is_valid()")
    if re.search(r'\btext_(?:addf|adds)\(', files[CONNECTION]):
        said.append(f"{CONNECTION}: makes text of its own")
    return said


def main() -> int:
    files = {path.name: path.read_text() for path in POLICYD.glob("*.c")}
    said = faults(files)
    # It must be able to fail.
    for name, text in ((SESSION, 'static void more(struct text *out)\n{\n'
                        '\ttext_adds(out, "x");\n}\n'),
                       (SESSION, 'static void more(struct text *out)\n{\n'
                        '\tadd_reply(out, "OK");\n}\n'),
                       ("keeper.c", '"action=OK"'), ("keeper.c", "send(1,")):
        if not faults(files | {name: files[name] + "\n" + text}):
            said.append(f"replies.py: does not see {text!r}")
    for fault in said:
        print(f"policyd/{fault}", file=sys.stderr)
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
