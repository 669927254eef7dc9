"""replay: what a change would have made of the mail of a log, held against
what was planted in one, and against what Postfix answers after the change.
"""

from __future__ import annotations

import json
import socket
import subprocess
from functools import partial
from string import Template

from harness.log_week import Person, Week, recently
from harness.paths import wait_until
from harness.site import Site
from test_no_wait import let_routes_settle
from test_with_delivery import JOURNAL_REMOTE, catch_up, entry, paced

SEED = 20261121
RCPTS = 100_000
CONF = Template("""
accepted-domain "#company.example" { type = authoritative }
accepted-domain "#branch.example" { type = authoritative }
accepted-domain "#free.example" { type = internal-relay recipient-filter = $filter }
connector "exchange" {
    address-spaces = { "company.example", "free.example" }
    smart-hosts = { "$$exchange" }
}
connector "unix" { smart-hosts = { "$$unix" } }
connector "branch" { address-spaces = { "branch.example" } smart-hosts = { "$$$branch" } }
connector "saas" { address-spaces = { "saas.example" } smart-hosts = { "$$saas" } }
directory "ad" { type = file path = "ad.txt" connector = "exchange" }
directory "staff" { type = file path = "staff.txt" connector = "unix" }
directory "branch" { type = file path = "branch.txt" connector = "branch" }
extension = "+"
$contacts
""")
ADDRESSES = [f"person{n}@company.example" for n in range(3000)]
HOSTILE = "o'brien=x"


def contacts(renewed: int) -> str:
    return "\n".join(
        f'contact "contact{n}@company.example" '
        f'{{ target = "{"new" if n < renewed else "crm"}{n}@saas.example" }}'
        for n in range(20)
    )


def write_before(site: Site) -> None:
    site.write("ad.txt", [*ADDRESSES[:1560], f"{HOSTILE}@company.example"])
    site.write("staff.txt", ADDRESSES[1560:2800])
    site.write("branch.txt", [f"b{n}@branch.example" for n in range(15)])
    site.namespace(CONF.substitute(filter="off", branch="branch", contacts=contacts(0)))


def write_after(site: Site) -> None:
    """60 leave, 50 move, 60 come, a filter, a hop, five contacts."""
    site.write("ad.txt", [*ADDRESSES[110:1560], f"{HOSTILE}@company.example", "f0@free.example"])
    site.write("staff.txt", ADDRESSES[60:110] + ADDRESSES[1560:2860])
    site.namespace(
        CONF.substitute(filter="directories", branch="elsewhere", contacts=contacts(5))
    )


def people() -> list[Person]:
    persons = [Person(a, "exchange", change="refused") for a in ADDRESSES[:60]]
    persons += [Person(a, "exchange", change="rerouted") for a in ADDRESSES[60:110]]
    persons += [Person(a, "exchange") for a in ADDRESSES[110:1560]]
    persons += [Person(a, "unix") for a in ADDRESSES[1560:2800]]
    persons += [Person(a, change="accepted") for a in ADDRESSES[2800:2860]]
    persons += [Person(a) for a in ADDRESSES[2860:]]
    persons += [Person(f"b{n}@branch.example", "branch", change="rerouted") for n in range(15)]
    persons += [Person("f0@free.example", "exchange")]
    persons += [Person(f"f{n}@free.example", "exchange", change="refused") for n in range(1, 11)]
    for n in range(20):
        to, change = f"crm{n}@saas.example", "rerouted" if n < 5 else ""
        persons.append(Person(f"contact{n}@company.example", "saas", to, change))
    persons += [Person(f"{HOSTILE}@company.example", "exchange")]
    return persons + [Person(f"o{n}@outside.example", "world") for n in range(40)]


def systems(site: Site) -> dict[str, str]:
    for name in ("exchange", "unix", "branch", "elsewhere", "saas"):
        site.sink(name)
    return {name: sink.hop for name, sink in site.sinks.items()}


def start_with_policyd(site: Site) -> None:
    """policyd and Postfix write into one log, in the same host's name."""
    host = socket.gethostname().split(".")[0]
    site.daemon_log = site.root / "maillog"
    site.postfix.configure(["gateway", "daemon"])
    main = site.postfix.config / "main.cf"
    main.write_text(main.read_text().replace("= gateway.test", f"= {host}.test"))
    site.postfix.prepare()
    site.start_daemon()
    site.postfix.start()
    site.client = partial(paced, site)


def replay(site: Site, *arguments: str, expect: int = 0) -> dict:
    done = site.compile("replay", "--json", *arguments)
    assert done.returncode == expect, done
    return json.loads(done.stdout)


def numbers(counted: dict) -> tuple[int, int]:
    return counted["rcpts"], counted["messages"]


def real_mail(site: Site, week: Week, persons: list[Person]) -> None:
    """Through a real Postfix, with one recipient of each kind and all at once."""
    kinds = {(p.system, p.change, p.domain, bool(p.to)): p for p in reversed(persons)}
    some = [p for p in kinds.values() if p.system != "world"]
    for batch in [*([person] for person in some), some]:
        sent = site.send(*(person.address for person in batch))
        for person in batch:
            code = sent.replies[person.address].code
            assert (code == 250) == bool(person.system), (person, code)
        week.note(batch)
    catch_up(site)


def test_week_has_what_was_planted(site: Site) -> None:
    hops, persons = systems(site), people()
    write_before(site)
    site.build()
    start_with_policyd(site)
    week = Week(SEED, hops)
    week.fill(recently(), RCPTS, persons)
    week.write(site.root / "mail.log")
    real_mail(site, week, persons)
    write_after(site)
    logs = [str(site.root / name) for name in ("mail.log", "maillog")]
    found = replay(site, *logs)
    planted = {p.address for p in persons if p.change}
    assert len(planted) == 200, len(planted)
    assert {p["recipient"] for p in found["recipients"]} == planted
    books = {key: tally.numbers for key, tally in week.whose.items()}
    read = {(p["recipient"], p["change"]): numbers(p) for p in found["recipients"]}
    wrong = {k: (read.get(k), books.get(k)) for k in books | read if read.get(k) != books.get(k)}
    assert not wrong, (len(wrong), list(wrong.items())[:5])
    assert numbers(found["resolved"]) == week.all.numbers, found["resolved"]
    assert numbers(found["not_ours"]) == week.not_ours.numbers, found["not_ours"]
    for change in ("accepted", "refused", "rerouted"):
        assert numbers(found[change]) == week.changes[change].numbers, change
    assert found["deferred"]["rcpts"] == 0
    assert found["other_refusals"] == week.other_refusals
    assert found["damaged_verdict_lines"] == found["foreign_lines"] == 0
    nothing = replay(site, "--against", "current", *logs)
    assert nothing["groups"] == [] and nothing["recipients"] == [], nothing["groups"]


def test_the_journal_tells_the_same(site: Site) -> None:
    """Where no syslogd writes files, as on Debian 12."""
    week = Week(SEED, systems(site))
    write_before(site)
    site.build("--no-wait")
    week.fill(recently(), 4000, people())
    log, journal = site.root / "mail.log", site.root / "journal"
    week.write(log)
    journal.mkdir()
    lines = enumerate(log.read_text().splitlines())
    subprocess.run(
        [JOURNAL_REMOTE, "-o", journal / "mail.journal", "-"],
        input="".join(entry(n, line) for n, line in lines),
        text=True,
        check=True,
        capture_output=True,
    )
    write_after(site)
    told = [replay(site, source) for source in (str(log), f"--journal={journal}")]
    assert told[0]["groups"] == told[1]["groups"] != []
    assert numbers(told[0]["resolved"]) == numbers(told[1]["resolved"])
    assert told[0]["resolved"]["rcpts"] == 4000, told[0]["resolved"]


def test_predictions_come_true(site: Site) -> None:
    """From maps alone to maps of another namespace with policyd."""
    systems(site)
    persons = [p for p in people() if p.system != "world"]
    some = persons[::17] + [p for p in persons if p.domain != "company.example" or p.to]
    write_before(site)
    site.build()
    site.start(policyd=None)
    before = {}
    for first in range(0, len(some), 10):
        sent = site.send(*(p.address for p in some[first : first + 10]))
        before |= {r: reply.code for r, reply in sent.replies.items()}
    before_places = site.places(site.send(*before))
    write_after(site)
    told = replay(site, str(site.root / "maillog"))
    predicted = {p["recipient"]: p["change"] for p in told["recipients"]}
    assert predicted == {p.address: p.change for p in some if p.change}
    site.postfix.stop()
    site.build("--no-wait")
    let_routes_settle(site)
    site.build("--no-wait")
    site.start("daemon")
    sent = site.send(*before)
    places = site.places(sent)
    for recipient, code in before.items():
        change = predicted.get(recipient, "")
        expected = {"accepted": 250, "refused": 550}.get(change, code)
        assert sent.replies[recipient].code == expected, (recipient, change)
        if expected == code == 250:
            is_moved = places[recipient] != before_places[recipient]
            assert is_moved == (change == "rerouted"), (recipient, change, places[recipient])


def test_hostile_recipients(site: Site) -> None:
    """They are read as they were sent, by policyd's lines and by Postfix's."""
    names = {
        "two words@company.example": '"two words"@company.example',
        "x>, relay=evil, status=sent (y@company.example": (
            '"x>, relay=evil, status=sent (y"@company.example'
        ),
        'q"u@company.example': '"q\\"u"@company.example',
        "a=b reason=listed@company.example": '"a=b reason=listed"@company.example',
        "jürgen@company.example": "jürgen@company.example",
    }
    systems(site)
    write_before(site)
    site.write("ad.txt", [*ADDRESSES[:1560], *names.values()])
    site.build()
    start_with_policyd(site)
    site.send(*names.values(), ADDRESSES[0], utf8=True)
    site.postfix.stop()
    site.stop_daemon()
    site.start(policyd=None)
    site.send(*names.values(), ADDRESSES[0], utf8=True)
    log = site.root / "maillog"
    wait_until(lambda: log.read_text().count(": removed") == 2, "the log")
    site.write("ad.txt", ADDRESSES[:1560])
    found = replay(site, str(log))
    read = {p["recipient"]: (p["change"], *numbers(p)) for p in found["recipients"]}
    assert read == {name: ("refused", 2, 2) for name in names}, read


def test_what_can_not_be_read(site: Site) -> None:
    systems(site)
    write_before(site)
    log = site.root / "empty.log"
    log.write_text("")
    assert replay(site, str(log))["published"] is None
    site.build()
    assert site.compile("replay", str(site.root / "none.log")).returncode == 66
    for wrong in (
        ["--since", "soon"],
        ["--until", "25:61"],
        ["--against", "7"],
        ["--until", "2026-11-20", "--since", "2026-11-21"],
    ):
        done = site.compile("replay", *wrong, str(log))
        assert done.returncode == 64, done
        assert any(word in done.stderr for word in wrong[-2:]), done
        assert done.stdout == "" and done.stderr.count("\n") == 1, done
    assert "no difference" in site.compile("replay", str(log)).stdout
