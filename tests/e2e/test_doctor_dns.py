"""doctor --dns: where DNS sends the mail of accepted domains, and where it
says the smart hosts are.  The name server is real, its zones are ours.
"""

from __future__ import annotations

import socket
import subprocess
import time

from harness.dns import REFUSED, SERVFAIL, FailingServer, NameServer, RingServer
from harness.doctor import Finding, environment, examine, listing
from harness.paths import free_port
from harness.site import COMPILER, Site

OURS = ("dns-", "mx-", "smart-host-")

# Addresses by which NAT leads to this Postfix.
MAIN = """
disable_dns_lookups = no
proxy_interfaces = 192.0.2.25, [2001:db8::25]
"""

HOSTS = [
    "host-record=mx1.company.example,192.0.2.25",
    "host-record=mx2.company.example,192.0.2.25",
    "host-record=mx6.company.example,2001:db8::25",
    "host-record=other.example,198.51.100.99",
    "cname=alias.example,mx1.company.example",
    "host-record=inner.example,10.8.0.25",
    "cname=inner-alias.example,inner.example",
    "host-record=outer.example,192.0.2.25",
]

Found = tuple[str, str]  # check, severity

# domain: what DNS has of it, what must be found.
DOMAINS: dict[str, tuple[list[str], list[Found]]] = {
    "company.example": (["mx-host={},mx1.company.example,10"], []),
    "two-names.example": (
        ["mx-host={},mx1.company.example,10", "mx-host={},mx2.company.example,20"],
        [],
    ),
    "ipv6.example": (["mx-host={},mx6.company.example,10"], []),
    "no-mx.example": (["host-record={},192.0.2.25"], []),
    "backed-up.example": (
        ["mx-host={},mx1.company.example,10", "mx-host={},other.example,20"],
        [],
    ),
    "beside.example": (
        ["mx-host={},mx1.company.example,10", "mx-host={},other.example,10"],
        [],
    ),
    "many.example": (
        ["mx-host={},mx1.company.example,10"]
        + [f"mx-host={{}},a-long-name-for-number-{n}.example,20" for n in range(40)]
        + [
            f"host-record=a-long-name-for-number-{n}.example,198.51.100.99"
            for n in range(40)
        ],
        [],
    ),
    "nowhere.example": ([], [("mx-missing", "error")]),
    "nothing.example": (["txt-record={},text"], [("mx-missing", "error")]),
    "null.example": (["dns-rr={},15,000000"], [("mx-null", "error")]),
    "aliased.example": (
        ["mx-host={},alias.example,10"],
        [("mx-alias", "warning")],
    ),
    "dangling.example": (
        ["mx-host={},gone.example,10"],
        [("mx-unresolved", "error")],
    ),
    "half.example": (
        ["mx-host={},gone.example,10", "mx-host={},mx1.company.example,20"],
        [("mx-unresolved", "warning")],
    ),
    "elsewhere.example": (
        ["mx-host={},other.example,10"],
        [("mx-elsewhere", "warning")],
    ),
    "elsewhere-itself.example": (
        ["host-record={},198.51.100.99"],
        [("mx-elsewhere", "warning")],
    ),
    "loopback.example": (
        ["host-record={},127.0.0.1"],
        [("mx-elsewhere", "warning")],
    ),
    "backup.example": (
        ["mx-host={},other.example,10", "mx-host={},mx1.company.example,20"],
        [("mx-backup", "warning")],
    ),
}

CONNECTOR = """
connector "inner" { address-spaces = { "*" } smart-hosts = { %s } }
"""


def set_up(site: Site, domains: list[str], smart_host: str = "10.8.0.25") -> None:
    site.namespace(
        "".join(f'accepted-domain "{d}" {{ type = internal-relay }}\n' for d in domains)
        + CONNECTOR % f'"{smart_host}"'
    )
    site.postfix.configure(["gateway", "spawn"], MAIN)


def look(site: Site, resolver: str, *options: str) -> list[Finding]:
    """What the checks of --dns found."""
    found = examine(site, "--dns", "--resolver", resolver, *options)
    return [f for f in found if f.check.startswith(OURS)]


def test_each_domain(site: Site) -> None:
    set_up(site, [*DOMAINS])
    records = [r.format(d) for d, (lines, _) in DOMAINS.items() for r in lines]
    with NameServer(site.root / "dns", HOSTS + records) as dns:
        found = look(site, dns.name)
        skipped = look(site, dns.name, "--skip", "mx-elsewhere")
    for domain, (_, expected) in DOMAINS.items():
        got = [(f.check, f.severity) for f in found if f.subject == domain]
        assert got == expected, f"{domain}: {got}{listing(found)}"
    assert {f.subject for f in found} <= {*DOMAINS}, listing(found)
    (elsewhere,) = [f for f in found if f.subject == "elsewhere.example"]
    assert "other.example" in elsewhere.text
    assert skipped == [f for f in found if f.check != "mx-elsewhere"]


def test_who_is_not_looked_up(site: Site) -> None:
    """Not for the world, not enabled, or nothing that an MX leads to."""
    site.namespace(
        'accepted-domain "company.example" { type = internal-relay }\n'
        'accepted-domain "old.example" { secondary-of = "company.example" }\n'
        'accepted-domain "*.below.example" { type = internal-relay }\n'
        'accepted-domain "off.example" { type = internal-relay enabled = no }\n'
        'accepted-domain "inside.example" {\n'
        "    type = internal-relay accept-from = trusted }\n"
        + CONNECTOR % '"10.8.0.25"'
    )
    site.postfix.configure(["gateway", "spawn"], MAIN)
    records = ["mx-host=company.example,mx1.company.example,10"]
    with NameServer(site.root / "dns", HOSTS + records) as dns:
        found = look(site, dns.name)
    assert [(f.check, f.subject) for f in found] == [("mx-missing", "old.example")]


SMART_HOSTS: dict[str, list[Found]] = {
    "inner.example": [],
    "inner-alias.example": [],
    "gone.example": [("smart-host-unresolved", "error")],
    "outer.example": [("smart-host-loop", "error")],
    "outer.example:2525": [],
    "here.example:{port}": [("smart-host-loop", "error")],
    "here.example:1": [],
}


def test_smart_hosts(site: Site) -> None:
    set_up(site, ["company.example"])
    hosts = {h.format(port=site.postfix.port): f for h, f in SMART_HOSTS.items()}
    with site.conf.open("a") as conf:
        for n, host in enumerate(hosts):
            conf.write(
                f'connector "c{n}" {{ address-spaces = {{ "c{n}.example" }}\n'
                f'    smart-hosts = {{ "{host}" }} }}\n'
            )
    records = ["mx-host=company.example,mx1.company.example,10"]
    records.append("host-record=here.example,127.0.0.1")
    with NameServer(site.root / "dns", HOSTS + records) as dns:
        found = look(site, dns.name)
    for host, expected in hosts.items():
        name, _, port = host.partition(":")
        hop = f"[{name}]:{port}" if port else f"[{name}]"
        got = [(f.check, f.severity) for f in found if f.subject == hop]
        assert got == expected, f"{hop}{listing(found)}"
    assert len(found) == sum(len(e) for e in hosts.values()), listing(found)


def own_address() -> str:
    """One that is not loopback; "" where there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("198.51.100.1", 9))
        except OSError:
            return ""
        return probe.getsockname()[0]


def test_an_interface_of_this_machine(site: Site) -> None:
    """Which is ours as long as Postfix listens on it, on port 25."""
    own = own_address()
    if not own:
        return
    set_up(site, ["company.example"])
    records = ["mx-host=company.example,own.example,10"]
    records.append(f"host-record=own.example,{own}")
    with NameServer(site.root / "dns", records) as dns:
        (found,) = look(site, dns.name)
        assert found.check == "mx-elsewhere"
        site.postfix.configure(["gateway", "spawn"], MAIN + "inet_interfaces = all\n")
        with (site.postfix.config / "master.cf").open("a") as master:
            master.write("smtp inet n - n - - smtpd\n")
        assert look(site, dns.name) == []


def test_a_name_that_only_the_system_knows(site: Site) -> None:
    """localhost is in /etc/hosts, and there alone."""
    set_up(site, ["company.example"], "localhost:1")
    records = ["mx-host=company.example,mx1.company.example,10"]
    with NameServer(site.root / "dns", HOSTS + records + ["local=/#/"]) as dns:
        (found,) = look(site, dns.name)
        assert found.check == "smart-host-unresolved"
        more = MAIN + "smtp_host_lookup = dns, native\n"
        site.postfix.configure(["gateway", "spawn"], more)
        assert look(site, dns.name) == []
        set_up(site, ["company.example"], f"localhost:{site.postfix.port}")
        site.postfix.configure(["gateway", "spawn"], more)
        (found,) = look(site, dns.name)
        assert found.check == "smart-host-loop"


def test_servers_that_can_not_tell(site: Site) -> None:
    """Nothing is called wrong, and nobody waits for each of many domains."""
    set_up(site, [f"d{n}.example" for n in range(100)], "inner.example")
    down = f"127.0.0.1:{free_port()}"
    with FailingServer(SERVFAIL) as fails, FailingServer(REFUSED) as refuses:
        for name, says in [
            (fails.name, "SERVFAIL"),
            (refuses.name, "REFUSED"),
            (down, "no server could be reached"),
        ]:
            found = look(site, name)
            assert {f.check for f in found} == {"dns-unanswered"}, listing(found)
            assert {f.severity for f in found} == {"unknown"}
            assert all(says in f.text for f in found), listing(found)
            assert "d0.example and 99 more" in found[0].text, listing(found)
            assert found[0].subject == name
    with FailingServer(None) as silent:
        begin = time.monotonic()
        found = look(site, silent.name)
        assert time.monotonic() - begin < 60
        # Twice each, and so many at a time; the rest are not asked at all.
        assert 0 < silent.n_asked < 2 * 100
    assert {f.check for f in found} == {"dns-unanswered"}, listing(found)
    assert all("did not answer in time" in f.text for f in found)


TWO_SERVERS = """
printf '127.0.0.1 servers.test\n127.0.0.2 servers.test\n' >"$0"
mount --bind "$0" /etc/hosts
exec "$@"
"""


def test_a_second_server_that_can_tell(site: Site) -> None:
    """Where the first fails, what the next one knows is known, also that
    there is nothing."""
    set_up(site, ["company.example", "nowhere.example"], "inner.example")
    records = ["mx-host=company.example,mx1.company.example,10"]
    apart = ["unshare", "--mount", "sh", "-ec", TWO_SERVERS, site.root / "hosts"]
    with FailingServer(SERVFAIL) as fails:
        port = int(fails.name.rpartition(":")[2])
        with NameServer(site.root / "dns", HOSTS + records, "127.0.0.2", port):
            done = subprocess.run(
                [*apart, COMPILER, "-c", site.conf, "-s", site.state, "doctor"]
                + ["--dns", "--resolver", f"servers.test:{port}"],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                env=environment(site),
                timeout=60,
            )
        assert fails.n_asked > 0
    found = [n for n in done.stdout.splitlines() if n.split(" ")[1].startswith(OURS)]
    assert len(found) == 1, done
    assert found[0].startswith("error mx-missing nowhere.example: "), found


def test_a_resolver_that_is_none(site: Site) -> None:
    set_up(site, ["company.example"])
    (found,) = look(site, "127.0.0.1:99999")
    assert (found.check, found.severity) == ("dns-unanswered", "unknown")
    assert "HOST:PORT is wanted" in found.text


def test_names_that_lead_to_themselves(site: Site) -> None:
    """An alias without an address is none, and nobody's."""
    set_up(site, ["company.example"], "[inner.example]")
    with RingServer() as dns:
        found = look(site, dns.name)
    ids = sorted((f.check, f.severity) for f in found)
    assert ids == [("mx-missing", "error"), ("smart-host-unresolved", "error")], (
        listing(found)
    )
