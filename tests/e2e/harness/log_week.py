"""A week of a gateway's mail log, as Postfix and, from its middle on, policyd
write it; and books of what was put in, which owe nothing to reading it.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

WEEK_S = 7 * 24 * 60 * 60
UNKNOWN = '"550 5.1.1 User unknown: no directory of this domain lists the address"'


@dataclass(frozen=True)
class Person:
    """What the log says of a recipient."""

    address: str
    system: str = ""  # "" = refused
    to: str = ""  # another address, by a contact
    change: str = ""  # what was planted; "" = nothing

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


def written(address: str) -> str:
    """As policyd(8) says of values."""
    return f'"<{address}>"' if set(address) & set("'=") else f"<{address}>"


@dataclass
class Tally:
    rcpts: int = 0
    messages: set[int] = field(default_factory=set)

    def add(self, message: int) -> None:
        self.rcpts += 1
        self.messages.add(message)

    @property
    def numbers(self) -> tuple[int, int]:
        return self.rcpts, len(self.messages)


class Week:
    """hops: each system's, as "[127.0.0.12]:25"."""

    def __init__(self, seed: int, hops: dict[str, str], generation: int = 1):
        self.chance = random.Random(seed)
        self.hops = hops
        self.generation = generation
        self.lines: list[tuple[float, str]] = []
        self.all, self.not_ours = Tally(), Tally()
        self.changes: dict[str, Tally] = defaultdict(Tally)
        self.whose: dict[tuple[str, str], Tally] = defaultdict(Tally)
        self.other_refusals = 0
        self._message = 0

    # -- books

    def _book(self, person: Person, message: int) -> None:
        self.all.add(message)
        if person.system == "world":
            self.not_ours.add(message)
        elif person.change:
            self.changes[person.change].add(message)
            self.whose[person.address, person.change].add(message)

    def note(self, persons: list[Person]) -> None:
        """One message that somebody else put into a log."""
        self._message += 1
        message = self._message
        for person in persons:
            if not person.system:
                self._message += 1
            self._book(person, message if person.system else self._message)

    # -- lines

    def _say(self, at: float, program: str, text: str) -> None:
        self.lines.append((at, f"mx1 postfix/{program}: {text}\n"))

    def relay(self, system: str) -> str:
        host, _, port = self.hops[system].rpartition(":")
        host = host.strip("[]")
        return f"{host}[{host}]:{port}"

    def _verdict(self, at: float, person: Person, queue_id: str, instance: str) -> None:
        hop = f"smtp:{self.hops[person.system]}" if person.system else "-"
        verdict, reason, reply = "accept", "contact" if person.to else "listed", "DUNNO"
        if not person.system:
            verdict, reason, reply = "reject", "unknown", UNKNOWN
        elif person.domain == "free.example":
            verdict, reason = "relay", "unlisted"
        elif person.system == "world":
            verdict, reason, hop = "pass", "not-ours", "-"
        self._say(
            at,
            "policyd[811]",
            f"verdict={verdict} reason={reason} recipient={written(person.address)} "
            f"domain=- type=- connector={person.system or '-'} nexthop={hop} "
            f"directory=- client=203.0.113.9 sender=<s@elsewhere.example> "
            f"queue_id={queue_id or '-'} instance={instance} "
            f"generation={self.generation} reply={reply} us=7",
        )

    def _refuse(self, at: float, pid: int, queue_id: str, to: str, words: str) -> None:
        self._say(
            at,
            f"smtpd[{pid}]",
            f"{queue_id or 'NOQUEUE'}: reject: RCPT from unknown[203.0.113.9]: {words}; "
            f"from=<s@elsewhere.example> to=<{to}> proto=ESMTP helo=<client.test>",
        )

    def _deliver(self, at: float, queue_id: str, person: Person, end: str) -> None:
        to = person.to or person.address
        orig = f" orig_to=<{person.address}>," if person.to else ""
        status, dsn = ("sent", "2.0.0") if end.startswith("250") else ("deferred", "4.4.2")
        self._say(
            at,
            f"smtp[{self.chance.randrange(2000, 3000)}]",
            f"{queue_id}: to=<{to}>,{orig} relay={self.relay(person.system)}, delay=0.3, "
            f"delays=0.1/0/0.1/0.1, dsn={dsn}, status={status} ({end})",
        )

    def message(self, at: float, pid: int, persons: list[Person], is_judged: bool) -> None:
        """One transaction, and what became of it."""
        self._message += 1
        number = self._message
        began = round(at % 1 * 1e6)
        instance = f"{pid:x}.{int(at):x}.{began:x}.0"
        self._say(at, f"smtpd[{pid}]", "connect from unknown[203.0.113.9]")
        name, queue_id = f"{min(began + 900, 999_999):05X}{number:06X}", ""
        for step, person in enumerate(persons, 1):
            when = at + step * 0.01
            if is_judged:
                self._verdict(when, person, queue_id, instance)
            if not person.system:
                self._message += 1
                text = "Recipient address rejected: User unknown in relay recipient table"
                if is_judged:
                    text = "Recipient address rejected: User unknown: no directory of this "
                    text += "domain lists the address"
                self._refuse(
                    when, pid, queue_id, person.address, f"550 5.1.1 <{person.address}>: {text}"
                )
            elif not queue_id:
                queue_id = name
                self._say(when, f"smtpd[{pid}]", f"{name}: client=unknown[203.0.113.9]")
            self._book(person, number if person.system else self._message)
        accepted = [person for person in persons if person.system]
        if accepted:
            self._queue(at + 0.2, name, accepted, number)
        self._say(at + 0.3, f"smtpd[{pid}]", "disconnect from unknown[203.0.113.9] quit=1")

    def _queue(self, at: float, name: str, persons: list[Person], number: int) -> None:
        self._say(at, "cleanup[700]", f"{name}: message-id=<{number}@elsewhere.example>")
        self._say(
            at,
            "qmgr[600]",
            f"{name}: from=<s@elsewhere.example>, size=900, nrcpt=1 (queue active)",
        )
        draw = self.chance.random()
        if draw < 0.05:
            self._filter(at, name, persons, number)
            return
        if draw < 0.1:
            for person in persons:
                self._deliver(at + 1, name, person, "conversation timed out")
            at += 4000
        for person in persons:
            self._deliver(at + 1, name, person, "250 2.0.0 Ok: queued as 4F00BA7")
        self._say(at + 1.1, "qmgr[600]", f"{name}: removed")

    def _filter(self, at: float, name: str, persons: list[Person], number: int) -> None:
        """Through a filter behind the queue, which gives it back."""
        behind = f"0BAD5F{number:06X}"
        self._say(at + 1, "smtpd[950]", f"{behind}: client=localhost[127.0.0.1]")
        for person in persons:
            to = person.to or person.address
            orig = f" orig_to=<{person.address}>," if person.to else ""
            self._say(
                at + 2,
                "smtp[2999]",
                f"{name}: to=<{to}>,{orig} relay=127.0.0.1[127.0.0.1]:10024, delay=0.3, "
                "delays=0.1/0/0.1/0.1, dsn=2.0.0, status=sent (250 2.0.0 from MTA: 250 "
                f"2.0.0 Ok: queued as {behind})",
            )
            through = Person(person.to or person.address, person.system)
            self._deliver(at + 3, behind, through, "250 2.0.0 Ok: queued as 4F00BA7")
        self._say(at + 2, "qmgr[600]", f"{name}: removed")
        self._say(at + 4, "qmgr[600]", f"{behind}: removed")

    def refuse_otherwise(self, at: float, pid: int, person: Person) -> None:
        """For no reason of the recipient's."""
        self.other_refusals += 1
        to = person.address
        self._refuse(
            at,
            pid,
            "",
            to,
            self.chance.choice(
                [
                    "554 5.7.1 Service unavailable; Client host [203.0.113.9] blocked using "
                    "bl.example",
                    f"450 4.2.0 <{to}>: Recipient address rejected: Greylisted",
                    "450 4.1.8 <s@elsewhere.example>: Sender address rejected: Domain not "
                    "found",
                    "504 5.5.2 <x>: Helo command rejected: need fully-qualified hostname",
                ]
            ),
        )

    # -- a whole week

    def fill(self, end: datetime, n_rcpts: int, persons: list[Person]) -> None:
        """Everybody comes at least once in each half."""
        rest = self._draw(n_rcpts, persons)
        begin = end.timestamp() - WEEK_S
        done = number = 0
        while done < n_rcpts:
            number += 1
            at = begin + done / n_rcpts * (WEEK_S - 7200) + self.chance.random()
            pid = 1000 + number % 900
            if number % 25 == 0:
                self.refuse_otherwise(at, pid, self.chance.choice(persons))
                continue
            size = min(n_rcpts - done, self.chance.choice((1, 1, 1, 2, 3)))
            some = [next(rest) for _ in range(size)]
            some = list({person.address: person for person in some}.values())
            self.message(at, pid, some, done > n_rcpts // 2)
            done += len(some)

    def _draw(self, n_rcpts: int, persons: list[Person]) -> Iterator[Person]:
        persons = self.chance.sample(persons, len(persons))
        while True:
            yield from self.chance.sample(persons, len(persons))
            for _ in range(n_rcpts // 4):
                # a few have most of the mail
                yield persons[int(self.chance.paretovariate(0.6)) % len(persons)]

    def write(self, path: Path) -> None:
        self.lines.sort(key=lambda line: line[0])
        with path.open("w", encoding="utf-8") as out:
            for at, text in self.lines:
                when = datetime.fromtimestamp(at, timezone.utc)
                out.write(f"{when.isoformat(timespec='microseconds')} {text}")


def recently() -> datetime:
    return datetime.now(timezone.utc) - timedelta(hours=3)
