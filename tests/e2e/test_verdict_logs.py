"""Logs as they are found: rotated and packed, damaged, in the journal, too
large for memory, and followed while they are written and rotated.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import resource
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.paths import BIN, wait_until
from harness.site import Site

POLICYD = BIN / "policyd"
JOURNAL_REMOTE = "/lib/systemd/systemd-journal-remote"
DAMAGED, NOT_READ = 65, 66
# 2027-01-04 12:00:00 UTC: when all of the logs were there.
WRITTEN = 1799064000
DAY = 24 * 60 * 60
GIB = 1 << 30
OWN_MEMORY_KIB = 48 * 1024


def verdict(who: str) -> str:
    return (
        f"verdict=reject reason=unknown recipient=<{who}@company.example> "
        "domain=company.example type=internal-relay connector=- nexthop=- "
        "directory=- client=192.0.2.7 sender=<a@b.example> queue_id=- "
        'instance=1a2b.3c generation=42 reply="550 5.1.1 No" us=14'
    )


def line(stamp: str, who: str) -> str:
    return f"{stamp} mx1 postfix/policyd[812]: {verdict(who)}\n"


def now(who: str) -> str:
    return line("2027-01-04T12:00:00+00:00", who)


def ask(*words: str | Path, **others: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [POLICYD, "verdicts", "--json", *words],
        capture_output=True,
        text=True,
        env=os.environ | {"TZ": "UTC"},
        timeout=120,
        **others,
    )


def shown(output: str) -> list[str]:
    """Day and recipient of each verdict."""
    verdicts = [json.loads(text) for text in output.splitlines()]
    return [f"{v['time'][:10]} {v['recipient'].split('@')[0]}" for v in verdicts]


def who(output: str) -> list[str]:
    return [text.split()[1] for text in shown(output)]


def write(path: Path, text: str, days_ago: float = 0) -> Path:
    data = text.encode()
    written = int(WRITTEN - days_ago * DAY)
    if path.suffix == ".gz":
        data = gzip.compress(data, mtime=written)
    path.write_bytes(data)
    os.utime(path, (written, written))
    return path


def rotated(root: Path) -> list[Path]:
    return [
        write(root / "mail.log", line("Jan  4 11:00:00", "today")),
        write(
            root / "mail.log.1",
            line("Dec 28 00:00:01", "december")
            + line("Dec 31 23:59:59", "eve")
            + line("Jan  1 00:00:00", "new")
            + line("Dec 31 23:59:58", "late")
            + line("Jan  3 23:59:59", "january"),
            0.5,
        ),
        write(root / "mail.log.2.gz", line("Dec 20 09:00:00", "packed"), 7),
        write(root / "mail.log.9.gz", line("Feb  2 09:00:00", "february"), 330),
    ]


IN_ORDER = [
    "2026-02-02 february",
    "2026-12-20 packed",
    "2026-12-28 december",
    "2026-12-31 eve",
    "2027-01-01 new",
    "2026-12-31 late",
    "2027-01-03 january",
    "2027-01-04 today",
]


def test_rotated_logs_in_any_order(site: Site) -> None:
    files = rotated(site.root)
    chance = random.Random(4)
    for _ in range(5):
        chance.shuffle(files)
        done = ask(*files)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        assert shown(done.stdout) == IN_ORDER, done.stdout
    done = ask("--year", "2019", site.root / "mail.log.1")
    assert shown(done.stdout)[1:3] == ["2019-12-31 eve", "2020-01-01 new"]


def test_standard_input_is_unpacked_too(site: Site) -> None:
    packed = write(site.root / "a.gz", now("one") + now("two"))
    both = packed.read_bytes() + gzip.compress(now("three").encode())
    done = subprocess.run(
        [POLICYD, "verdicts", "--json", "-"],
        input=both,
        capture_output=True,
    )
    assert (done.returncode, done.stderr) == (0, b""), done
    assert who(done.stdout.decode()) == ["one", "two", "three"]


def test_damaged_logs_show_what_they_have(site: Site) -> None:
    chance = random.Random(1)
    names = [f"n{chance.getrandbits(64)}" for _ in range(2000)]
    whole = write(site.root / "a.gz", "".join(map(now, names)))
    data = whole.read_bytes()
    whole.write_bytes(data[: len(data) // 2])
    after = write(site.root / "b", line("2027-01-04T12:00:01+00:00", "after"))
    done = ask(whole, after)
    seen = who(done.stdout)
    assert done.returncode == DAMAGED
    assert f"{whole}: the gzip data end too early" in done.stderr
    assert 500 < len(seen) < 1500 and seen[-1] == "after", len(seen)
    assert seen[:-1] == names[: len(seen) - 1]


def test_what_can_not_be_read_shows_nothing(site: Site) -> None:
    log = write(site.root / "mail.log", now("one"))
    for path, said in (
        (site.root / "none", "No such file or directory"),
        (site.root, "is a folder, not a log"),
    ):
        done = ask(log, path)
        assert (done.returncode, done.stdout) == (NOT_READ, ""), done
        assert f"{path}" in done.stderr and said in done.stderr
    packed = site.root / "mail.log.1.xz"
    with packed.open("wb") as file:
        subprocess.run(["xz", "-c", log], stdout=file, check=True)
    done = ask(packed)
    assert done.returncode == NOT_READ
    command = done.stderr.rpartition(": name - instead of it, behind ")[2].strip()
    assert command == f"xzcat {packed} |"
    shell = f"{command} {POLICYD} verdicts --json -"
    output = subprocess.run(
        shell, shell=True, check=True, capture_output=True, text=True
    ).stdout
    assert who(output) == ["one"]


def test_a_log_named_twice_is_counted_once(site: Site) -> None:
    log = write(site.root / "mail.log", now("one"))
    other = site.root / "other"
    other.symlink_to(log)
    done = ask(log, other)
    assert who(done.stdout) == ["one"]
    assert "are the same file: read once" in done.stderr


def test_a_line_of_a_gibibyte_takes_no_memory(site: Site) -> None:
    log = site.root / "mail.log"
    log.write_text(now("one"))
    with log.open("r+b") as file:
        file.truncate(GIB)
        file.seek(0, os.SEEK_END)
        file.write(("\n" + now("two")).encode())
    with subprocess.Popen(
        [POLICYD, "verdicts", "--json", log],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    assert who(output) == ["one", "two"]
    assert usage.ru_maxrss < OWN_MEMORY_KIB, usage.ru_maxrss


def test_more_logs_than_files_may_be_open(site: Site) -> None:
    count = 400
    files = [
        write(site.root / f"mail.log.{n}", now(f"n{n}"), n) for n in range(count)
    ]
    soft, hard = 256, resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    done = ask(
        *files,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard)),
    )
    assert done.returncode == 0, done.stderr
    assert len(who(done.stdout)) == count


# -- following


class Follower:
    def __init__(self, process: subprocess.Popen[bytes], output: Path):
        self.process = process
        self.output = output

    def seen(self) -> list[str]:
        text = self.output.read_text()
        return who(text[: text.rfind("\n") + 1])

    def expect(self, *names: str) -> None:
        wanted = list(names)
        wait_until(lambda: self.seen() == wanted, f"{wanted}, not {self.seen()}")

    def end(self, how: signal.Signals) -> None:
        self.process.send_signal(how)
        assert self.process.wait(timeout=10) == 0


@contextmanager
def follow(site: Site, *words: str | Path) -> Iterator[Follower]:
    output = site.root / "shown"
    with output.open("wb") as file, subprocess.Popen(
        [POLICYD, "verdicts", "--json", "-f", *words],
        stdin=subprocess.PIPE,
        stdout=file,
    ) as process:
        try:
            yield Follower(process, output)
        finally:
            if process.poll() is None:
                process.kill()


def add(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def test_followed_through_rotations(site: Site) -> None:
    log, old = site.root / "mail.log", site.root / "mail.log.1"
    write(old, line("2027-01-03T12:00:00+00:00", "before"), 1)
    write(log, now("one"))
    with follow(site, log, old) as follower:
        follower.expect("before", "one")
        half = now("two")
        add(log, half[:50])
        add(log, half[50:])
        follower.expect("before", "one", "two")
        # Renamed; the daemon goes on with the old one until it is told.
        log.rename(old)
        log.touch()
        add(old, now("three"))
        add(log, now("four"))
        expected = ["before", "one", "two", "three", "four"]
        follower.expect(*expected)
        # Copied and emptied.
        os.truncate(log, 0)
        add(log, now("5"))
        follower.expect(*expected, "5")
        log.unlink()
        add(log, now("six"))
        follower.expect(*expected, "5", "six")
        follower.end(signal.SIGTERM)


def test_standard_input_is_followed_to_its_end(site: Site) -> None:
    with follow(site, "-") as follower:
        stdin = follower.process.stdin
        assert stdin is not None
        stdin.write(now("one").encode())
        stdin.flush()
        follower.expect("one")
        stdin.write(now("two").rstrip("\n").encode())
        stdin.close()
        assert follower.process.wait(timeout=10) == 0
        assert follower.seen() == ["one", "two"]


# -- the journal


def entry(number: int, message: str, **fields: str) -> str:
    stamp = (WRITTEN + number) * 1000000
    every = {
        "__REALTIME_TIMESTAMP": str(stamp),
        "__MONOTONIC_TIMESTAMP": str(1000000 + number),
        "_BOOT_ID": "0123456789abcdef0123456789abcdef",
        "_MACHINE_ID": "fedcba9876543210fedcba9876543210",
        "_HOSTNAME": "mx1",
        "_PID": "812",
        "MESSAGE": message,
    }
    return "".join(f"{k}={v}\n" for k, v in (every | fields).items()) + "\n"


MAIL = {"SYSLOG_FACILITY": "2", "SYSLOG_IDENTIFIER": "postfix/policyd"}
STDERR = {"SYSLOG_FACILITY": "3", "SYSLOG_IDENTIFIER": "policyd"}
OTHER = {"SYSLOG_FACILITY": "3", "SYSLOG_IDENTIFIER": "sshd"}


def keep(journal: Path, *entries: str) -> None:
    journal.parent.mkdir(exist_ok=True)
    subprocess.run(
        [JOURNAL_REMOTE, "-o", journal, "-"],
        input="".join(entries),
        text=True,
        check=True,
        capture_output=True,
    )


def test_the_journal(site: Site) -> None:
    folder = site.root / "journal"
    keep(
        folder / "a.journal",
        entry(0, verdict("one"), **MAIL),
        entry(1, verdict("forged"), **OTHER),
        entry(2, verdict("two"), **STDERR),
    )
    done = ask(f"--journal={folder}")
    assert (done.returncode, done.stderr) == (0, ""), done
    assert shown(done.stdout) == ["2027-01-04 one", "2027-01-04 two"]
    done = ask(f"--journal={folder}", "--since", "2027-01-04 12:00:02")
    assert who(done.stdout) == ["two"], done
    done = ask(f"--journal={folder}", "--since", "2027-01-05")
    assert (done.returncode, done.stdout) == (0, ""), done


def test_a_journal_of_two_boots(site: Site) -> None:
    folder = site.root / "journal"
    later = {"_BOOT_ID": "1123456789abcdef0123456789abcdef"}
    keep(
        folder / "a.journal",
        entry(0, verdict("one"), **MAIL),
        entry(1, verdict("two"), **MAIL | later),
    )
    done = ask(f"--journal={folder}")
    assert (done.returncode, done.stderr) == (0, ""), done
    assert who(done.stdout) == ["one", "two"], done
    with follow(site, f"--journal={folder}") as follower:
        follower.expect("one", "two")


def test_journalctl_tells_why_not(site: Site) -> None:
    folder = site.root / "journal"
    done = ask(f"--journal={folder}")
    assert done.returncode == NOT_READ
    assert "journalctl: Failed to open" in done.stderr, done.stderr
    folder.mkdir()
    done = ask(f"--journal={folder}")
    assert done.returncode == NOT_READ
    assert "journalctl: No journal files were found." in done.stderr


def test_who_may_not_read_the_journal_is_told(site: Site) -> None:
    journal = site.root / "journal" / "a.journal"
    keep(journal, entry(0, verdict("one"), **MAIL))
    journal.chmod(0o600)
    site.root.chmod(0o755)
    program = shutil.copy(POLICYD, site.root)
    done = subprocess.run(
        [program, "verdicts", f"--journal={journal.parent}"],
        capture_output=True,
        text=True,
        user="nobody",
        group="nogroup",
        extra_groups=[],
    )
    assert (done.returncode, done.stdout) == (NOT_READ, ""), done
    assert "journalctl: No journal files were opened" in done.stderr, done


def children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(word) for word in path.read_text().split()]


def test_the_journal_is_followed(site: Site) -> None:
    folder = site.root / "journal"
    keep(folder / "a.journal", entry(0, verdict("one"), **MAIL))
    for how in (signal.SIGINT, signal.SIGTERM):
        with follow(site, f"--journal={folder}") as follower:
            follower.expect("one")
            if how is signal.SIGINT:
                keep(folder / "b.journal", entry(1, verdict("two"), **MAIL))
                follower.expect("one", "two")
                (folder / "b.journal").unlink()
            (child,) = children(follower.process.pid)
            follower.end(how)
            assert not Path(f"/proc/{child}").exists()
