"""What policyd costs a real smtpd: recipients a second, each answered by RCPT.

One Postfix has a port for each way to know its recipients; the same recipients are
asked for at each in turn, in the same sessions.  The client pipelines a hundred RCPTs
at a time, so that the smtpd is what takes the time: its share is told.
"""

from __future__ import annotations

import contextlib
import statistics
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from harness.client import SENDER, Client
from harness.paths import BIN, free_port, wait_until
from harness.postfix import state_group
from harness.site import Site
from harness.slapd import SUFFIX, Slapd, person

PEOPLE = 10_000
SESSIONS, RCPTS = 2, 2_000
BATCH = 100
POLICYD_MIN = 0.97
LDAP_MIN = 1.4
CONF = """
accepted-domain "company.example" { type = authoritative }
connector "mail" {
    address-spaces = { "company.example" }
    smart-hosts = { "$mail" }
}
directory "staff" { type = file path = "staff.txt" connector = "mail" }
"""
MAP = """
server_host = %s
version = 3
bind = no
search_base = ou=people,%s
query_filter = (cn=%%u)
result_attribute = mail
"""


@dataclass
class Way:
    name: str
    options: dict[str, str]
    port: int = field(default_factory=free_port)
    rates: list[float] = field(default_factory=list)

    @property
    def service(self) -> str:
        words = " ".join(f"-o {{ {name} = {value} }}" for name, value in self.options.items())
        return f"127.0.0.1:{self.port} inet n - n - - smtpd {words}\n"

    @property
    def median(self) -> float:
        return statistics.median(self.rates)


def address(number: int) -> str:
    return f"first.last{number}@company.example"


def asking(socket_name: str, others: str) -> dict[str, str]:
    service = f"check_policy_service {{ unix:private/{socket_name}, timeout=5s }}"
    return {"smtpd_recipient_restrictions": f"{service}, {others}"}


def ways_of(site: Site, ldap: Path) -> list[Way]:
    asked = ["postconf", "-c", site.postfix.config, "-h", "smtpd_recipient_restrictions"]
    others = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    return [
        Way("maps alone", {}),
        Way("maps and the constant server", asking("constant", others)),
        Way("maps and policyd", asking("policyd", others)),
        Way("maps and policyd under spawn", asking("policyd-spawn", others)),
        Way("live ldap: maps", {"relay_recipient_maps": f"ldap:{ldap}"}),
    ]


def add_services(site: Site, ways: list[Way]) -> None:
    argv = f"user=nobody:{state_group()} argv={site.postfix.programs}/policyd -s {site.state}"
    with (site.postfix.config / "master.cf").open("a") as master:
        master.write("".join(way.service for way in ways))
        master.write(f"policyd-spawn unix - n n - 0 spawn {argv}\n")


@contextlib.contextmanager
def constant_server(site: Site) -> Iterator[None]:
    path = site.postfix.queue / "private/constant"
    process = subprocess.Popen([BIN.parent / "tests/bench/constant_server", f"unix:{path}"])
    try:
        wait_until(path.is_socket, "the constant server listens")
        path.chmod(0o666)
        yield
    finally:
        process.kill()
        process.wait()


def session(way: Way, first: int) -> None:
    """RCPTS recipients from the first on; each must be accepted."""
    with Client(("127.0.0.1", way.port)) as client:
        client.mail(SENDER)
        for begin in range(first, first + RCPTS, BATCH):
            batch = [address(n % PEOPLE) for n in range(begin, begin + BATCH)]
            refused = {str(r) for r in client.rcpt_at_once(batch) if r.code != 250}
            assert not refused, f"{way.name}: {refused}"


def rate(way: Way, turn: int) -> tuple[float, float]:
    """Recipients a second, and how much of that time the client computed."""
    begin, own = time.monotonic(), time.process_time()
    for n in range(SESSIONS):
        session(way, (turn * SESSIONS + n) * RCPTS)
    took = time.monotonic() - begin
    return SESSIONS * RCPTS / took, (time.process_time() - own) / took


def report(ways: list[Way], share: float) -> bool:
    maps, constant, policyd, spawn, ldap = ways
    for way in ways:
        low, high = min(way.rates), max(way.rates)
        print(
            f"  {way.name:30} {way.median:7.0f} RCPT/s  ({low:.0f} to {high:.0f})  "
            f"{way.median / constant.median:.2f} of the constant server"
        )
    print(f"  the client computed {100 * share:.0f} % of the time at most")
    pairs = zip(policyd.rates, constant.rates, strict=True)
    of_constant = statistics.median(a / b for a, b in pairs)
    pairs = zip(policyd.rates, ldap.rates, strict=True)
    of_ldap = statistics.median(a / b for a, b in pairs)
    are_kept = of_constant >= POLICYD_MIN, of_ldap >= LDAP_MIN
    words = ["" if is_kept else "; NOT KEPT" for is_kept in are_kept]
    print(f"  policyd is {of_constant:.3f} of the constant server; {POLICYD_MIN} promised{words[0]}")
    print(f"  policyd is {of_ldap:.2f} of live ldap: maps; {LDAP_MIN} promised{words[1]}")
    return all(are_kept)


def smtpd(folder: Path, rounds: int) -> bool:
    print(f"smtpd, {PEOPLE} recipients, {SESSIONS * RCPTS} RCPTs a turn")
    folder = folder / "smtpd"
    (folder / "site").mkdir(parents=True)
    (folder.parent).chmod(0o755)
    slapd = Slapd(folder / "ldap", more=["index cn eq"])
    slapd.load(person(f"first.last{n}", mail=[address(n)]) for n in range(PEOPLE))
    ldap = folder / "ldap.cf"
    ldap.write_text(MAP % (slapd.uri, SUFFIX))
    with slapd, Site(folder / "site") as site, contextlib.ExitStack() as stack:
        slapd.start()
        site.sink("mail")
        site.namespace(CONF)
        site.write("staff.txt", [address(n) for n in range(PEOPLE)])
        site.build()
        site.postfix.configure(["gateway"], asks_policyd=False)
        ways = ways_of(site, ldap)
        add_services(site, ways)
        site.postfix.prepare()
        site.start_daemon()
        stack.enter_context(constant_server(site))
        site.postfix.start()
        share = 0.0
        for turn in range(rounds + 1):
            for way in ways:
                found, computed = rate(way, turn)
                if turn > 0:  # the first starts processes
                    way.rates.append(found)
                    share = max(share, computed)
        return report(ways, share)
