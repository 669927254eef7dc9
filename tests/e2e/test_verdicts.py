"""policyd verdicts, against what a plain reading of the same log gives."""

from __future__ import annotations

import fcntl
import gzip
import json
import os
import pty
import re
import struct
import subprocess
import termios
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from harness.paths import BIN, wait_until
from harness.site import Site
from harness.witness import three_witnesses

CONF = """
accepted-domain "company.example" {
    type = internal-relay
    recipient-filter = directories
}
accepted-domain "open.example" { type = external-relay }
accepted-domain "old.example" { secondary-of = "company.example" }
connector "exchange" {
    address-spaces = { "company.example" }
    smart-hosts = { "$exchange" }
    clients = { "10.8.0.25" }
}
connector "unix" {
    address-spaces = { "open.example" }
    smart-hosts = { "$unix" }
}
directory "ad" { type = file path = "ad.txt" connector = "exchange" }
"""
ANN, BOB, GHOST = "ann@company.example", "bob@company.example", "x@company.example"
OPEN, FOREIGN, OLD = "any@open.example", "who@elsewhere.example", "ann@old.example"
LOOPER, TRUSTED = "10.8.0.25", "192.0.2.200"
FIELDS = (
    "verdict reason recipient domain type connector nexthop directory client "
    "sender queue_id instance generation reply us"
).split()
FILTERS = (
    "recipient sender client domain verdict reason connector directory "
    "generation queue_id"
).split()
EX_USAGE, EX_DATAERR, EX_NOINPUT, EX_IOERR = 64, 65, 66, 74


def query(
    *arguments: str | Path, stdin: bytes = b"", zone: str = "UTC0"
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [BIN / "policyd", "verdicts", *arguments],
        input=stdin,
        capture_output=True,
        env=os.environ | {"TZ": zone},
        timeout=60,
    )


def asked(*arguments: str | Path) -> str:
    done = query(*arguments)
    assert done.returncode == 0, (arguments, done)
    return done.stdout.decode()


def objects(*arguments: str | Path) -> list[dict]:
    return [json.loads(line) for line in asked("--json", *arguments).splitlines()]


def plain_values(line: str) -> dict[str, str | None]:
    """Of a line without quotes but around the reply."""
    found = dict(re.findall(r' (\w+)=("[^"]*"|\S+)', " " + line.split("]: ", 1)[1]))
    return {name: bare(value) for name, value in found.items()}


def bare(value: str) -> str | None:
    if value == "-":
        return None
    return value[1:-1] if value[0] in '"<' else value


def set_up(site: Site) -> None:
    site.sink("exchange")
    site.sink("unix")
    site.write("ad.txt", [ANN, BOB])
    site.namespace(CONF)
    site.build()
    site.start("daemon")


def traffic(site: Site) -> list[str]:
    """Real mail of every kind; the log's verdict lines."""
    set_up(site)
    three_witnesses(site, ANN, GHOST, OPEN, OLD)
    site.send(ANN, BOB, OPEN, GHOST)
    site.send(ANN, sender="")
    site.send("Bob@Company.Example", sender="someone@else.example", client="192.0.2.9")
    site.codes(FOREIGN, GHOST, client=TRUSTED)
    site.codes(ANN, BOB, client=LOOPER)
    return wait_for_lines(site)


def wait_for_lines(site: Site) -> list[str]:
    """All of them, once there are those of whoever asked last."""

    def lines(part: str) -> list[str]:
        log = site.daemon_log.read_text().splitlines()
        return [line for line in log if ": verdict=" in line and part in line]

    last = f" client={LOOPER} "
    wait_until(lambda: len(lines(last)) == 2, "two verdicts for the last client")
    verdicts = lines("")
    assert len(verdicts) > 15, verdicts
    return verdicts


def test_every_answer_is_that_of_a_plain_reading(site: Site) -> None:
    lines = traffic(site)
    log = site.daemon_log
    plain = [plain_values(line) for line in lines]
    whole_values_agree(log, plain)
    filters_agree(log, plain)
    counts_agree(log, plain)
    assert asked("--tsv", log).count("\n") == len(plain) + 1
    assert asked(log).count("\n") == len(plain) + 1
    assert objects("-n", "3", log) == objects(log)[-3:]
    assert objects("-n", "999", log) == objects(log)
    assert {v["verdict"] for v in plain} == {"accept", "relay", "reject", "pass"}


def whole_values_agree(log: Path, plain: list[dict]) -> None:
    found = objects(log)
    assert len(found) == len(plain)
    header, *rows = (r.split("\t") for r in asked("--tsv", log).splitlines())
    assert header == ["time", "host", *FIELDS, "shadow"]
    for got, row, expected in zip(found, rows, plain, strict=True):
        for name in FIELDS:
            value = got[name] if got[name] is None else str(got[name])
            assert value == expected[name], (name, got, expected)
            shown = row[header.index(name)]
            null = "<>" if expected[name] == "" else "-"
            assert shown == (expected[name] or null), (name, row)
        assert got["shadow"] is False and got["cut"] == []


def filters_agree(log: Path, plain: list[dict]) -> None:
    """Each value that occurs, of each field there is a filter for."""
    ids = {v["instance"]: v["queue_id"] for v in plain if v["queue_id"]}
    plain = [v | {"queue_id": ids.get(v["instance"])} for v in plain]
    for name in FILTERS:
        folds = name in ("recipient", "sender", "domain")
        for value in {v[name] for v in plain}:
            wanted = "-" if value is None else value or "<>"
            found = objects(f"--{name.replace('_', '-')}", wanted, log)
            expected = [
                v
                for v in plain
                if v[name] == value
                or (folds and value and (v[name] or "").lower() == value.lower())
            ]
            assert len(found) == len(expected) > 0, (name, value, found)
    both = objects("--verdict", "accept,reject", "--domain", "*.example", log)
    assert len(both) == sum(v["verdict"] in ("accept", "reject") for v in plain)
    inside = objects("--client", "10.8.0.0/16", log)
    assert len(inside) == sum(v["client"] == LOOPER for v in plain) > 0
    ours = objects("--recipient", "*@COMPANY.example,any@*", log)
    assert len(ours) == sum(
        v["recipient"].lower().endswith("@company.example") or v["recipient"] == OPEN
        for v in plain
    )
    assert objects("--generation", "2-9", log) == []
    assert len(objects("--generation", "1-9", log)) == len(plain)


def counts_agree(log: Path, plain: list[dict]) -> None:
    for names in (["verdict"], ["domain", "reason"], [*FIELDS[:8]]):
        counts = Counter(tuple(v[n] or "-" for n in names) for v in plain)
        text = asked("--count-by", ",".join(names), "--tsv", log)
        header, *rows = (row.split("\t") for row in text.splitlines())
        assert header == ["count", *names]
        assert {tuple(r[1:]): int(r[0]) for r in rows} == dict(counts)
        order = [(-int(r[0]), "\t".join(r[1:])) for r in rows]
        assert order == sorted(order)
        assert asked("--count-by", ",".join(names), log) == text
    top = asked("--count-by", "reason", "--top", "1", log).splitlines()
    assert len(top) == 2
    days = asked("--count-by", "day", log).splitlines()[1:]
    assert sum(int(row.split("\t")[0]) for row in days) == len(plain)


def test_deliveries_beside_verdicts(site: Site) -> None:
    """One message, so that two logs in seconds can be made one."""
    set_up(site)
    site.send(ANN, GHOST, OPEN)
    log = merged_log(site)
    fates = {
        (v["recipient"], f["status"], f["dsn"], f["system"].partition("[")[0])
        for v in objects("--with-delivery", log)
        for f in v["delivery"]
    }
    systems = {name: site.sinks[name].hop for name in ("exchange", "unix")}
    assert fates == {
        (ANN, "sent", "2.0.0", systems["exchange"][1:].partition("]")[0]),
        (OPEN, "sent", "2.0.0", systems["unix"][1:].partition("]")[0]),
    }, fates
    everything = objects("--with-delivery", log)
    assert [v["recipient"] for v in everything] == [ANN, GHOST, OPEN]
    assert objects("--with-delivery", "-n", "2", log) == everything[1:]
    only = objects("--with-delivery", "--recipient", OPEN, log)
    assert only == everything[2:]
    header, *rows = asked("--with-delivery", "--tsv", log).splitlines()
    assert header.endswith("\tto\tstatus\tdsn\tsystem\tsaid\tdelivery_time")
    assert [len(row.split("\t")) for row in rows] == [header.count("\t") + 1] * 3
    assert " sent  " in asked("--with-delivery", log)


def merged_log(site: Site) -> Path:
    """policyd's lines before those of Postfix within a second."""
    logs = (site.daemon_log, site.root / "maillog")
    lines = [n for log in logs for n in log.read_text().splitlines(keepends=True)]
    hosts = {n.split()[3] for n in lines}
    text = "".join(sorted(lines, key=lambda n: n[: len("Nov 21 09:05:03")]))
    for host in hosts:
        text = text.replace(f" {host} postfix/", " mx1 postfix/")
    merged = site.root / "merged.log"
    merged.write_text(text)
    return merged


# -- hostile lines

STAMP = "2026-11-21T09:05:03.123456+00:00 mx1 postfix/policyd[812]: "
SOUND = (
    "verdict={verdict} reason=unknown recipient={recipient} "
    "domain=company.example type=internal-relay connector=- nexthop=- "
    "directory=- client=192.0.2.7 sender=<a@b.example> queue_id=- "
    'instance=1a2b.3c generation=42 reply="550 5.1.1 User unknown" us=14'
)


def line(recipient: str, verdict: str = "reject") -> str:
    return STAMP + SOUND.format(recipient=recipient, verdict=verdict)


CRAFTED = 'x" verdict=accept y="@d'
HOSTILE = [
    line(r'"<x\" verdict=accept y=\"@d>"'),
    line(r'"<\x1b[2J\x1b]0;owned\x07@company.example>"'),
    line(r'"<a\x09b\x0a2026@company.example>"'),
    line(r'"<\xe2\x80\xaegnp.exe@company.example>"'),
    line(r'"<\xff\xfe@company.example>"'),
    line("<ä日本@company.example>"),
]
SAID_BY_OTHERS = [
    STAMP.replace("postfix/policyd", "postfix/smtpd") + SOUND,
    STAMP.replace("postfix/policyd", "evil") + "postfix/policyd[812]: " + SOUND,
]


def hostile_log(folder: Path) -> Path:
    log = folder / "hostile.log"
    whole = line("<ann@company.example>", "accept")
    damaged = [whole[: len(whole) // 2], whole + whole, STAMP + "verdict=accept"]
    junk = [b"\0\x01\xff\xfe binary", b"", b"x" * (1 << 20)]
    text = [n.encode() for n in [*HOSTILE, *SAID_BY_OTHERS, *damaged]]
    log.write_bytes(b"\n".join([*text, *junk, whole.encode(), b""]))
    return log


def test_crafted_lines_forge_nothing(site: Site) -> None:
    log = hostile_log(site.root)
    accepted = objects("--verdict", "accept", log)
    assert [v["recipient"] for v in accepted] == [ANN]
    (crafted,) = objects("--recipient", CRAFTED, log)
    assert (crafted["recipient"], crafted["verdict"]) == (CRAFTED, "reject")
    assert len(objects(log)) == len(HOSTILE) + 1
    done = query("--count-by", "verdict", log)
    assert done.stdout == b"count\tverdict\n6\treject\n1\taccept\n"
    summary = (
        b"policyd verdicts: 2 other lines, 3 damaged verdict lines, "
        b"2 lines that are none of a mail log, 1 line that is too long skipped\n"
    )
    assert done.stderr == summary, done.stderr
    assert query("-q", log).stderr == b""


def test_a_terminal_gets_nothing_to_obey(site: Site) -> None:
    log = hostile_log(site.root)
    forms = (["--tsv"], ["--json"], ["--count-by", "recipient"], ["--color=never"])
    for form in forms:
        done = query("-q", *form, log)
        text = done.stdout.decode()  # valid UTF-8, strictly
        for character in text:
            assert character in "\n\t" or character.isprintable(), (form, text)


def on_terminal(columns: int, *arguments: str | Path, **more: str) -> str:
    """What a terminal of that width gets, of both outputs."""
    ours, theirs = pty.openpty()
    size = struct.pack("HHHH", 24, columns, 0, 0)
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, size)
    environment = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
    process = subprocess.Popen(
        [BIN / "policyd", "verdicts", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.STDOUT,
        env=environment | {"TZ": "UTC0"} | more,
    )
    os.close(theirs)
    seen = b""
    try:
        while piece := os.read(ours, 65536):
            seen += piece
    except OSError:
        pass  # Linux's end of file here
    os.close(ours)
    assert process.wait(60) == 0
    return seen.decode().replace("\r\n", "\n")


def test_a_terminal_gets_colours_and_its_width(site: Site) -> None:
    log = site.root / "log"
    log.write_text(line("<ann@company.example>") + "\n")
    plain = asked(log)
    assert "\033" not in plain and len(plain.splitlines()[1]) > 70
    coloured = on_terminal(0, log)
    assert coloured.replace("\033[31m", "").replace("\033[0m", "") == plain
    assert "\033[31mreject\033[0m" in coloured
    assert on_terminal(0, log, NO_COLOR="1") == plain
    assert on_terminal(0, log, NO_COLOR="") == coloured
    assert on_terminal(0, "--color=never", log) == plain
    assert asked("--color", "always", log) == coloured
    cut = on_terminal(40, "--color=never", log)
    assert cut == "".join(n[:40].rstrip() + "\n" for n in plain.splitlines())
    counted = on_terminal(80, "--count-by", "reason", log)
    assert counted == "count  reason\n    1  unknown\n"
    log.write_text(log.read_text() + SAID_BY_OTHERS[0] + "\n")
    watched = on_terminal(0, "--count-by", "reason", log)
    assert watched.endswith("policyd verdicts: 1 other line skipped\n")


def test_times_are_local_and_windows_half_open(site: Site) -> None:
    log = site.root / "log"
    stamps = ("2026-11-20T22:59:59", "2026-11-20T23:00:00", "2026-11-21T08:00:00")
    sound = line("<ann@company.example>").partition(" ")[2]
    log.write_text("".join(f"{s}.000000+00:00 {sound}\n" for s in stamps))

    def times(*arguments: str) -> list[str]:
        done = query("--tsv", *arguments, log, zone="TEST-1")
        assert done.returncode == 0, done
        return [r.split("\t")[0] for r in done.stdout.decode().splitlines()[1:]]

    everything = times()
    assert everything[1] == "2026-11-21T00:00:00.000000+01:00"
    assert times("--since", "2026-11-21") == everything[1:]
    assert times("--until", "2026-11-21") == everything[:1]
    assert times("--since", "2026-11-21", "--until", "2026-11-21 09:00") == [
        everything[1]
    ]
    assert times("--since", "2026-11-21T08:00:00Z") == everything[2:]
    assert times("--since", "2026-11-20 23:59:59.5") == everything[1:]


def test_mistakes_and_their_statuses(site: Site) -> None:
    log = site.root / "log"
    log.write_text(line("<ann@company.example>") + "\n")
    done = query("--verdict", "rejct", log)
    assert done.returncode == EX_USAGE and b"no such verdict rejct" in done.stderr
    done = query(log, site.root / "absent.log")
    assert done.returncode == EX_NOINPUT and done.stdout == b"", done
    assert b"absent.log" in done.stderr
    for arguments in (["--tsv"], [], ["--count-by", "reason"]):
        command = [BIN / "policyd", "verdicts", *arguments, str(log)]
        with open("/dev/full", "wb") as full:
            done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE)
        assert done.returncode == EX_IOERR, done
        assert b"No space left on device" in done.stderr
        shell = ["sh", "-c", 'exec "$@" >&-', "sh", *command]
        done = subprocess.run(shell, stderr=subprocess.PIPE)
        assert done.returncode == EX_IOERR, done
    nothing = query("--recipient", "nobody@company.example", log)
    assert (nothing.returncode, nothing.stdout) == (0, b"")
    absent = site.root / "absent" / "page.html"
    assert query("--html", absent, log).returncode == EX_IOERR
    page = site.root / "page.html"
    assert query("--html", page, log).returncode == 0
    assert "company.example" in page.read_text()


def test_a_damaged_file_is_shown_as_far_as_it_goes(site: Site) -> None:
    people = [f"u{n:04}@company.example" for n in range(2000)]
    text = "".join(line(f"<{p}>") + "\n" for p in people)
    packed = gzip.compress(text.encode())
    log = site.root / "mail.log.2.gz"
    log.write_bytes(packed[: len(packed) // 2])
    done = query("--json", log)
    assert done.returncode == EX_DATAERR and b"mail.log.2.gz" in done.stderr, done
    found = [json.loads(n)["recipient"] for n in done.stdout.splitlines()]
    assert 0 < len(found) < len(people) and found == people[: len(found)]


def test_a_reader_may_leave_early(site: Site) -> None:
    log = site.root / "log"
    log.write_text((line("<ann@company.example>") + "\n") * 50000)
    for form in ([], ["--tsv"], ["--json"]):
        process = subprocess.Popen(
            [BIN / "policyd", "verdicts", *form, log],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdout and process.stderr
        process.stdout.readline()
        process.stdout.close()
        process.wait(60)
        assert process.stderr.read() == b""
        process.stderr.close()


def test_a_long_log_takes_no_more_memory(site: Site) -> None:
    """A hundred megabytes against one."""
    sound = (line("<ann@company.example>") + "\n").encode()
    logs = site.root / "short", site.root / "long"
    for log, megabytes in zip(logs, (1, 100), strict=True):
        with log.open("wb") as out:
            for _ in range(megabytes):
                out.write(sound * (1_000_000 // len(sound)))
    for form in ("--color=auto", "--tsv", "-n5", "--count-by=recipient,hour"):
        short, long = (peak_kib(form, log) for log in logs)
        assert long < short + 8 * 1024, (form, short, long)


def peak_kib(*arguments: str | Path) -> int:
    process = subprocess.Popen(
        [BIN / "policyd", "verdicts", *arguments],
        stdout=subprocess.DEVNULL,
        # A sanitized build keeps what was freed.
        env=os.environ | {"ASAN_OPTIONS": "quarantine_size_mb=1"},
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, arguments
    return usage.ru_maxrss


def test_following_shows_the_last_and_what_comes(site: Site) -> None:
    log = site.root / "log"
    people = [f"u{n}@company.example" for n in range(6)]
    log.write_text("".join(line(f"<{p}>") + "\n" for p in people[:4]))
    shown = site.root / "shown"
    with shown.open("wb") as out:
        process = subprocess.Popen(
            [BIN / "policyd", "verdicts", "-f", "-n", "2", "--tsv", log],
            stdin=subprocess.DEVNULL,
            stdout=out,
        )
    try:
        wait_until(lambda: shown_recipients(shown) == people[2:4], "the last two")
        with log.open("a") as more:
            more.write("".join(line(f"<{p}>") + "\n" for p in people[4:]))
        wait_until(lambda: shown_recipients(shown) == people[2:], "what comes")
    finally:
        process.terminate()
        assert process.wait(60) == 0


def shown_recipients(shown: Path) -> list[str]:
    rows = [row.split("\t") for row in shown.read_text().splitlines()]
    return [row[4] for row in rows[1:]]


def test_two_options_that_do_not_go_together(site: Site) -> None:
    clashes: Sequence[Sequence[str]] = (
        ["--follow", "--with-delivery"],
        ["--follow", "--count-by", "reason"],
        ["--html", "x", "--count-by", "reason"],
        ["--top", "3"],
        ["--tsv", "--json"],
        ["-s", "/x"],
    )
    for clash in clashes:
        done = query(*clash, site.root / "log")
        assert done.returncode == EX_USAGE and not done.stdout, (clash, done)
        assert done.stderr.count(b"\n") == 1
