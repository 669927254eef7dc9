"""What policyd costs a real smtpd: recipients a second, each answered by RCPT.

One Postfix has a port for each way to know its recipients, who are in two mail systems
under one domain; the same recipients are asked for at each in turn, in the same
sessions.  Live ldap: maps are what such a site has without compiled ones: who there
is, where each goes, and which names stand for others.  The client pipelines a hundred
RCPTs at a time, so that the smtpd is what takes the time: its share is told.
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
from harness.slapd import SUFFIX, Slapd, entry

PEOPLE = 10_000
SESSIONS, RCPTS = 2, 2_000
BATCH = 100
POLICYD_MIN = 0.97
LDAP_MIN = 1.4
SYSTEMS = ("exchange", "unix")
CONF = """
accepted-domain "company.example" { type = authoritative }
connector "exchange" {
    address-spaces = { "company.example" }
    smart-hosts = { "$exchange" }
}
connector "unix" { smart-hosts = { "$unix" } }
directory "exchange" { type = file path = "exchange.txt" connector = "exchange" }
directory "unix" { type = file path = "unix.txt" connector = "unix" }
"""
MAP = """
server_host = {uri}
version = 3
bind = no
search_base = ou=people,{suffix}
domain = company.example
query_filter = (mailLocalAddress=%s)
result_attribute = {attribute}
"""
# By map; nobody here has an address at which he is to be had instead.
ATTRIBUTES = {
    "relay_recipient_maps": "mailLocalAddress",
    "transport_maps": "mailHost",
    "virtual_alias_maps": "mailRoutingAddress",
}


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


def system_of(number: int) -> str:
    return SYSTEMS[number % len(SYSTEMS)]


def entries(site: Site) -> Iterator[str]:
    for n in range(PEOPLE):
        yield entry(
            f"cn=first.last{n},ou=people,{SUFFIX}",
            ["inetOrgPerson", "inetLocalMailRecipient"],
            cn=f"first.last{n}",
            sn=f"last{n}",
            mailLocalAddress=address(n),
            mailHost=f"relay:{site.sinks[system_of(n)].hop}",
        )


def ldap_maps(folder: Path, uri: str) -> dict[str, str]:
    """By parameter."""
    for name, attribute in ATTRIBUTES.items():
        text = MAP.format(uri=uri, suffix=SUFFIX, attribute=attribute)
        (folder / f"{name}.cf").write_text(text)
    return {name: f"ldap:{folder / name}.cf" for name in ATTRIBUTES}


def ways_of(site: Site, live: dict[str, str]) -> list[Way]:
    asked = ["postconf", "-c", site.postfix.config, "-h", "smtpd_recipient_restrictions"]
    others = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    recipients, aliases = (
        {name: live[name]} for name in ("relay_recipient_maps", "virtual_alias_maps")
    )
    return [
        Way("maps alone", {}),
        Way("maps and the constant server", asking("constant", others)),
        Way("maps and policyd", asking("policyd", others)),
        Way("maps and policyd under spawn", asking("policyd-spawn", others)),
        Way("live ldap: of who there is alone", recipients),
        # Routes are looked up by trivial-rewrite.
        Way("live ldap: maps", recipients | aliases | {"rewrite_service_name": "routes"}),
    ]


def add_services(site: Site, ways: list[Way], routes: str) -> None:
    argv = f"user=nobody:{state_group()} argv={site.postfix.programs}/policyd -s {site.state}"
    with (site.postfix.config / "master.cf").open("a") as master:
        master.write("".join(way.service for way in ways))
        master.write(f"policyd-spawn unix - n n - 0 spawn {argv}\n")
        master.write(f"routes unix - - n - - trivial-rewrite -o transport_maps={routes}\n")


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
    _, constant, policyd, _, _, ldap = ways
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
    slapd = Slapd(folder / "ldap", more=["index mailLocalAddress eq"])
    live = ldap_maps(folder, slapd.uri)
    with slapd, Site(folder / "site") as site, contextlib.ExitStack() as stack:
        for system in SYSTEMS:
            site.sink(system)
            there = [address(n) for n in range(PEOPLE) if system_of(n) == system]
            site.write(f"{system}.txt", there)
        site.namespace(CONF)
        site.build()
        slapd.load(entries(site))
        slapd.start()
        site.postfix.configure(["gateway"], asks_policyd=False)
        ways = ways_of(site, live)
        add_services(site, ways, live["transport_maps"])
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
