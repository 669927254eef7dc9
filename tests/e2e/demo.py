#!/usr/bin/env python3
"""Shows the main job: the example namespace compiled, a private Postfix with
policyd, stand-in mail systems on loopback, one mail to everybody; asks the log
what became of it; then changes who lives where, seen before it is published.

Exit status 0 only if each recipient was judged and delivered as expected, the
change told as it was made, and nothing found wrong with the set-up.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from harness.client import STRANGER, Client, Reply
from harness.paths import BIN, wait_until
from harness.site import Site
from harness.witness import internal

SYSTEMS = {
    "mail1.exchange.company.example": "exchange",
    "mail2.exchange.company.example": "exchange-2",
    "mail.unix.company.example": "unix",
    "mail.lab.company.example": "lab",
    "smarthost.provider.example": "internet",
}
EXCHANGE_CLIENT = "10.8.0.25"


@dataclass(frozen=True)
class Case:
    recipient: str
    verdict: str
    reason: str
    reply: str  # code and status
    place: str  # sink, and the address there where it is another; "-"
    client: str = STRANGER


CASES = [
    Case("ann@company.example", "accept", "listed", "250", "exchange"),
    Case("Bob+News@Company.Example", "accept", "listed", "250", "exchange"),
    Case('"front desk"@company.example', "accept", "listed", "250", "exchange"),
    Case("carol@company.example", "accept", "listed", "250", "unix"),
    Case("ghost@company.example", "reject", "unknown", "550 5.1.1", "-"),
    Case("bob@sub.company.example", "accept", "listed", "250", "exchange"),
    Case("erin@branch.example", "accept", "listed", "250", "unix"),
    Case(
        "sales@company.example",
        "accept",
        "contact",
        "250",
        "internet crm@saas.example",
    ),
    Case(
        "help@company.example",
        "accept",
        "contact",
        "250",
        "unix dave@company.example",
    ),
    Case(
        "dave@old-name.example",
        "accept",
        "secondary",
        "250",
        "unix dave@company.example",
    ),
    Case("ghost@old-name.example", "reject", "unknown", "550 5.1.1", "-"),
    Case(
        "postmaster@branch.example",
        "accept",
        "postmaster",
        "250",
        "exchange admin@company.example",
    ),
    Case("rat7@lab.company.example", "relay", "verify", "250", "lab"),
    Case("ghost@lab.company.example", "relay", "verify", "550 5.1.1", "-"),
    # Postfix refuses by itself, and policyd is not asked.
    Case("someone@elsewhere.example", "-", "-", "554 5.7.1", "-"),
    Case(
        "ann@company.example",
        "reject",
        "loop",
        "550 5.4.6",
        "-",
        EXCHANGE_CLIENT,
    ),
]
# When bob has moved to the unix system, fred has come and erin has left.
UNIX_USERS = [
    "bob@company.example",
    "carol@branch.example",
    "carol@company.example",
    "dave@company.example",
    "fred@company.example",
]
EXCHANGE_USERS = [
    "admin@company.example",
    "ann@company.example",
    "bob@sub.company.example",
    '"front desk"@company.example',
]
CHANGED = [
    Case("bob@company.example", "accept", "listed", "250", "unix"),
    Case("fred@company.example", "accept", "listed", "250", "unix"),
    Case("erin@branch.example", "reject", "unknown", "550 5.1.1", "-"),
]
# What diff has to say of it, secondary addresses among them.
TOLD = {
    "accepted": {"fred@company.example", "fred@old-name.example"},
    "refused": {"erin@branch.example"},
    "rerouted": {"bob@company.example", "bob@old-name.example"},
}


@dataclass(frozen=True)
class Seen:
    verdict: str
    reason: str
    reply: Reply
    place: str


def log_file(site: Site) -> Path:
    return site.root / "maillog"


def set_up(site: Site) -> None:
    sinks = {host: site.sink(name) for host, name in SYSTEMS.items()}
    site.sinks["lab"].users = {"rat7@lab.company.example"}
    site.use_example("gateway", sinks)
    print(site.build().rstrip())
    # One log for both, as syslog would have it.
    site.daemon_log = log_file(site)
    site.start("daemon")


def ask_log(site: Site, *options: str) -> str:
    """policyd verdicts, with what became of each mail."""
    # postlogd(8) has its host from main.cf; syslog's lines would have one name.
    log = re.sub(
        r"\S+ (postfix/policyd\[)", r"gateway \1", log_file(site).read_text()
    )
    done = subprocess.run(
        [BIN / "policyd", "verdicts", "-q", "--with-delivery", *options, "-"],
        input=log,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def try_all(site: Site, cases: list[Case]) -> dict[Case, Seen]:
    """One message for each client: a mail to many is split by Postfix."""
    replies, places = {}, {}
    for client in dict.fromkeys(case.client for case in cases):
        its = [case for case in cases if case.client == client]
        with Client(site.postfix.server, client) as session:
            sent = session.send([case.recipient for case in its])
        site.postfix.wait_empty()
        delivered = site.places(sent)
        for case in its:
            replies[case] = sent.replies[case.recipient]
            place = " + ".join(delivered.get(case.recipient, [])) or "-"
            places[case] = place.removesuffix(f" {case.recipient}")
    verdicts = {
        (line["recipient"], line["client"]): line
        for line in map(json.loads, ask_log(site, "--json").splitlines())
    }
    seen = {}
    for case in cases:
        line = verdicts.get((internal(case.recipient), case.client), {})
        words = line.get("verdict", "-"), line.get("reason", "-")
        seen[case] = Seen(*words, replies[case], places[case])
    return seen


def is_expected(case: Case, seen: Seen) -> bool:
    reply = f"{seen.reply.code} {seen.reply.status} "
    return (
        (seen.verdict, seen.reason, seen.place)
        == (case.verdict, case.reason, case.place)
        and reply.startswith(f"{case.reply} ")
    )


def show(seen: dict[Case, Seen]) -> bool:
    row = "{:36}  {:18}  {:9}  {}"
    print()
    print(row.format("recipient", "verdict, reason", "reply", "delivered to"))
    print(row.format("-" * 36, "-" * 18, "-" * 9, "-" * 30))
    for case, was in seen.items():
        who = case.recipient
        if case.client != STRANGER:
            who += " (from exchange)"
        verdict = f"{was.verdict}, {was.reason}"
        reply = f"{was.reply.code} {was.reply.status}"
        print(row.format(who, verdict, reply, was.place))
        if not is_expected(case, was):
            print(f"    NOT AS EXPECTED: {case}\n    reply: {was.reply}")
    return all(is_expected(case, was) for case, was in seen.items())


def change(site: Site) -> bool:
    """Who lives where, and whether diff told it."""
    site.write("exchange-users.txt", EXCHANGE_USERS)
    site.write("unix-users.txt", UNIX_USERS)
    print("\nBob moves to the unix system, fred comes, erin leaves:\n")
    print(site.compile("diff").stdout)
    told = json.loads(site.compile("diff", "--json").stdout)
    # Not the 12 seconds that a build leaves busy processes.
    print(site.build("--reload").rstrip())
    with site.policy() as policyd:
        wait_until(lambda: policyd.ask("fred+x@company.example") == "DUNNO", "a build")
    return TOLD == {
        kind: {recipient["address"] for recipient in told[kind]}
        for kind in TOLD
    }


def examine(site: Site) -> bool:
    """Whether the doctor finds nothing."""
    done = site.compile("doctor")
    print(f"\nThe doctor: {done.stdout}{done.stderr}", end="")
    return done.returncode == 0


def main() -> int:
    if os.geteuid() != 0:
        sys.exit("demo.py: a private Postfix needs root")
    root = Path(tempfile.mkdtemp(prefix="demo."))
    try:
        with Site(root) as site:
            set_up(site)
            is_good = show(try_all(site, CASES))
            print(f"\nWhat the log says:\n\n{ask_log(site)}", end="")
            is_good &= change(site)
            is_good &= show(try_all(site, CHANGED))
            is_good &= examine(site)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    print("\nAll as expected." if is_good else "\nNot all as expected.")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
