"""A year of mail logs as rsyslog and logrotate leave them, with a count of
what was put in that owes nothing to reading it again.

The year has a New Year and a 29 February.  Its first part has traditional
times, without a year; in the middle of a file, on SWITCH, rsyslog was updated
and writes those of RFC 3339.
"""

from __future__ import annotations

import gzip
import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

# Central Europe, so that no database of zones is needed.
ZONE = "CET-1CEST,M3.5.0,M10.5.0/3"
BEGIN = datetime(2023, 7, 6)
NEW_YEAR = datetime(2024, 1, 1)
SWITCH = datetime(2024, 3, 20, 13, 17)
SUMMER_ENDS, SUMMER_BEGINS = datetime(2023, 10, 29, 3), datetime(2024, 3, 31, 2)
WEEKS = 53
LONG = 1 << 20
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()

DOMAINS = {
    "company.example": "internal-relay",
    "branch.example": "authoritative",
    "lab.example": "external-relay",
    "münchen.example": "internal-relay",
}
REASONS = {
    "listed": ("accept", "DUNNO"),
    "contact": ("accept", "DUNNO"),
    "secondary": ("accept", "DUNNO"),
    "unlisted": ("relay", "DUNNO"),
    "unknown": ("reject", "550 5.1.1 No such recipient here"),
    "loop": ("reject", "550 5.4.6 Loop: this came from where it would go"),
    "directory-stale": ("defer", "450 4.3.0 Try again later"),
    "not-ours": ("pass", "DUNNO"),
}
LOCAL_PARTS = [
    "ann",
    "Bob.Jones",
    "carol+news",
    'x" verdict=accept y="',
    '" us=1',
    "a> reason=listed recipient=<b",
    "reason=loop",
    "back\\slash",
    "two words",
    "ünï",
    "bell\a",
]
OTHERS = [
    "postfix/smtpd[{pid}]: connect from mail.sender.example[192.0.2.{n}]",
    "postfix/smtpd[{pid}]: {id}: client=mail.sender.example[192.0.2.{n}]",
    "postfix/cleanup[{pid}]: {id}: message-id=<{n}.{id}@sender.example>",
    "postfix/qmgr[811]: {id}: from=<a@sender.example>, size={n}432, nrcpt=1 "
    "(queue active)",
    "postfix/smtp[{pid}]: {id}: to=<ann@company.example>, "
    "relay=10.8.0.25[10.8.0.25]:25, delay=0.{n}, delays=0.1/0/0.1/0.1, "
    "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as verdict=reject)",
    "postfix/smtpd[{pid}]: NOQUEUE: reject: RCPT from "
    "x.sender.example[192.0.2.{n}]: 550 5.1.1 <verdict=accept@company.example>: "
    "Recipient address rejected: No such recipient here; from=<> "
    "to=<verdict=accept@company.example> proto=ESMTP helo=<verdict=reject>",
    "dovecot: lmtp({pid}): Connect from local",
    "dovecot: imap-login: Login: user=<verdict=accept>, method=PLAIN, "
    "rip=192.0.2.{n}, TLS",
    "postfix/policyd[{pid}]: generation {n} is in force",
    "systemd[1]: Started session {n} of verdict=accept.",
]
# Those who write what looks like a verdict, and are not policyd.
IMITATORS = [
    "postfix/smtpd[{pid}]: {verdict}",
    "policyd-spf[{pid}]: {verdict}",
    "dovecot: {verdict}",
    "logger: postfix/policyd[{pid}]: {verdict}",
    "my-policyd: {verdict}",
    "postfix/policyd/anvil[{pid}]: {verdict}",
]


@dataclass(frozen=True)
class Verdict:
    day: str
    verdict: str
    reason: str
    domain: str
    recipient: str
    time: datetime


@dataclass
class Year:
    verdicts: list[Verdict] = field(default_factory=list)
    others: int = 0
    damaged: int = 0
    no_log: int = 0
    too_long: int = 0
    files: list[Path] = field(default_factory=list)

    def count(self, *names: str, since: str = "", until: str = "9") -> Counter:
        """Of verdicts at since <= local time < until."""
        return Counter(
            tuple(getattr(v, name) for name in names)
            for v in self.verdicts
            if since <= v.time.isoformat(" ") < until
        )


def is_summer(local: datetime) -> bool:
    return not SUMMER_ENDS <= local < SUMMER_BEGINS


def epoch(local: datetime) -> float:
    offset = timezone(timedelta(hours=2 if is_summer(local) else 1))
    return local.replace(tzinfo=offset).timestamp()


def stamp(local: datetime, chance: random.Random) -> str:
    if local < SWITCH:
        return f"{MONTHS[local.month - 1]} {local.day:2} {local:%H:%M:%S}"
    offset = "+02:00" if is_summer(local) else "+01:00"
    return f"{local:%Y-%m-%dT%H:%M:%S}.{chance.randrange(10**6):06}{offset}"


def written(value: str) -> str:
    """As policyd(8) says of values."""
    if value.isprintable() and not set(value) & set(" \"'<=>\\"):
        return value
    return '"' + escaped(value) + '"'


def address(value: str) -> str:
    text = written(value)
    return f'"<{escaped(value)}>"' if text[0] == '"' else f"<{text}>"


def escaped(value: str) -> str:
    return "".join(
        "\\" + c
        if c in '"\\'
        else c
        if c.isprintable()
        else "".join(f"\\x{byte:02x}" for byte in c.encode())
        for c in value
    )


class Writer:
    """The lines of one year, week by week."""

    def __init__(self, seed: int, a_week: int):
        self._chance = random.Random(seed)
        self._a_week = a_week
        self.year = Year()

    def week(self, number: int) -> Iterator[bytes]:
        chance = self._chance
        begin = BEGIN + timedelta(weeks=number)
        seconds = sorted(chance.randrange(7 * 86400) for _ in range(self._a_week))
        times = [begin + timedelta(seconds=second) for second in seconds]
        for before, now in zip([begin, *times], times, strict=False):
            if before < NEW_YEAR <= now:
                yield from self._new_year()
            if SUMMER_BEGINS <= now < SUMMER_BEGINS + timedelta(hours=1):
                continue  # there is no such time
            yield from self._some(now)
        yield from self._hostile(times[-1])

    def _new_year(self) -> Iterator[bytes]:
        """Lines of the old year's last seconds stand among the first ones."""
        for seconds in (-2, -1, 0, 0, -1, 1, -1, 2):
            yield self._verdict(NEW_YEAR + timedelta(seconds=seconds))

    def _some(self, now: datetime) -> Iterator[bytes]:
        chance = self._chance
        for _ in range(3):
            yield self._other(now, chance.choice(OTHERS))
        yield self._verdict(now)
        if chance.random() < 0.02:
            yield self._other(now, chance.choice(IMITATORS))
        if chance.random() < 0.01:
            yield self._damaged(now)

    def _hostile(self, now: datetime) -> Iterator[bytes]:
        """Each kind once a week, the long ones seldom."""
        chance = self._chance
        for junk in (b"\0" * 100, b"\x1f\x8b\x08", chance.randbytes(300), b"\xff"):
            self.year.no_log += 1
            yield junk.replace(b"\n", b"\0")
        for joint in (b"", b"\0", b" "):
            self.year.damaged += 1
            yield joint.join(self._line(now) for _ in range(2))
        if chance.random() < 0.1:
            self.year.too_long += 2
            yield chance.randbytes(1000).replace(b"\n", b"\0") * (LONG // 1000)
            yield self._line(now) + b"x" * LONG

    def _verdict(self, now: datetime) -> bytes:
        return self._line(now, keep=True)

    def _line(self, now: datetime, keep: bool = False) -> bytes:
        """Of policyd; the year remembers it where it is to be found."""
        return self._head(now, "postfix/policyd[812]", self._message(now, keep))

    def _damaged(self, now: datetime) -> bytes:
        self.year.damaged += 1
        line = self._message(now)
        last = line.rindex(" us=")
        cut = self._chance.choice(
            [
                line[: self._chance.randrange(len("verdict="), last)],
                line.replace(" domain=", " verdict=pass domain=", 1),
                line.replace(" client=", "\0 client=", 1),
                line + " reason=listed",
                f"message repeated 3 times: [ {line}]",
            ]
        )
        return self._head(now, "postfix/policyd[812]", cut)

    def _other(self, now: datetime, form: str) -> bytes:
        self.year.others += 1
        message = form.format(
            pid=self._chance.randrange(1000, 32000),
            n=self._chance.randrange(10, 250),
            id=f"{self._chance.randrange(16**8):08X}",
            verdict=self._message(now),
        )
        return f"{stamp(now, self._chance)} mx1 {message}".encode()

    def _head(self, now: datetime, tag: str, message: str) -> bytes:
        return f"{stamp(now, self._chance)} mx1 {tag}: {message}".encode()

    def _message(self, now: datetime, keep: bool = False) -> str:
        chance = self._chance
        reason = chance.choice(list(REASONS))
        verdict, reply = REASONS[reason]
        domain = "-" if verdict == "pass" else chance.choice(list(DOMAINS))
        local_part = chance.choice(LOCAL_PARTS)
        recipient = f"{local_part}@{domain if domain != '-' else 'other.example'}"
        if keep:
            day = f"{now:%Y-%m-%d}"
            self.year.verdicts.append(
                Verdict(day, verdict, reason, domain, recipient, now)
            )
        goes = verdict in ("accept", "relay")
        return (
            f"verdict={verdict} reason={reason} recipient={address(recipient)} "
            f"domain={domain} type={DOMAINS.get(domain, '-')} "
            f"connector={'exchange' if goes else '-'} "
            f"nexthop={'smtp:[10.8.0.25]:25' if goes else '-'} "
            f"directory={'ad' if reason == 'listed' else '-'} "
            f"client=192.0.2.{chance.randrange(1, 250)} sender=<a@sender.example> "
            f"queue_id=- instance={chance.randrange(16**4):x}.3c.1.0 "
            f"generation={now.timetuple().tm_yday} reply={written(reply)} "
            f"us={chance.randrange(4, 900)}"
        )


def write(folder: Path, seed: int, a_week: int) -> Year:
    """mail.log, mail.log.1, mail.log.2.gz and on."""
    writer = Writer(seed, a_week)
    for number in range(WEEKS):
        age = WEEKS - 1 - number
        name = "mail.log" + (f".{age}" if age else "") + (".gz" if age > 1 else "")
        # Rotation was at midnight, and the last line some minutes before.
        end = BEGIN + timedelta(weeks=number + 1, minutes=-3)
        put(folder / name, list(writer.week(number)), epoch(end))
        writer.year.files.append(folder / name)
    return writer.year


def put(path: Path, lines: list[bytes], time: float) -> None:
    content = b"".join(line + b"\n" for line in lines)
    if path.suffix == ".gz":
        content = gzip.compress(content, 1, mtime=time)
    path.write_bytes(content)
    os.utime(path, (time, time))


def rename_by_date(year: Year) -> None:
    """As logrotate's dateext has it: by the day of rotation."""
    for i, path in enumerate(year.files):
        day = BEGIN + timedelta(weeks=i + 1)
        suffix = path.suffix if path.suffix == ".gz" else ""
        if path.name != "mail.log":
            path = path.rename(path.parent / f"mail.log-{day:%Y%m%d}{suffix}")
        year.files[i] = path
