"""Directory services.  A list comes whole, from a server that is the right
one, or what was read before stays: builds against a real slapd, and mail.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
import time

from harness.authority import Authority
from harness.ldap_script import (
    PAGED,
    ScriptedServer,
    Search,
    entry,
    page,
    result,
    valueless,
)
from harness.paths import wait_until
from harness.relay import Relay
from harness.site import DIRECTORY_FAILED, Site
from harness.slapd import (
    NEXT_TO_NAME,
    PASSWORD,
    READER,
    SUFFIX,
    Slapd,
    ad_object,
    person,
)
from harness.slapd import entry as ldif
from harness.witness import expect_places

CONF = """
accepted-domain "company.example" { type = authoritative }
accepted-domain "unix.example" { type = authoritative }
connector "ad" {
    address-spaces = { "company.example", "unix.example" }
    smart-hosts = { "$ad" }
}
directory "ad" {
    type = ldap
    uri = { %s }
    base = "%s"
    timeout = 2
    connect-timeout = 2
    %s
}
"""
MAIL = 'attributes = { "mail" }'
ACCEPTED, UNKNOWN = "250 2.1.5", "550 5.1.1"
GHOST = "ghost@company.example"
FIRST, LAST = "u0@company.example", "u599@company.example"


def set_up(site: Site) -> None:
    if "ad" not in site.sinks:
        site.sink("ad")
    for name, secret in (("password", PASSWORD), ("wrong", "no " + PASSWORD)):
        file = site.root / name
        file.write_text(f"{secret}\n")
        file.chmod(0o600)


def configure(site: Site, *uris: str, more: str = MAIL, base: str = SUFFIX) -> None:
    listed = ", ".join(f'"{uri}"' for uri in uris)
    site.namespace(CONF % (listed, base, more))


def simple(password: str = "password", more: str = MAIL) -> str:
    return f'{more} bind-dn = "{READER}" password-file = "{password}"'


def people(count: int) -> list[str]:
    return [person(f"u{n}", mail=f"u{n}@company.example") for n in range(count)]


def fails(site: Site, *words: str, seconds: float = 15) -> str:
    """A build that leaves everything as it was, with one sentence that has
    the words, in time."""
    begin = time.monotonic()
    output = site.build("-q", expect=DIRECTORY_FAILED)
    took = time.monotonic() - begin
    told = [n for n in output.splitlines() if "directory ad: " in n]
    assert len(told) == 1, output
    missing = [word for word in words if word not in told[0]]
    assert not missing, f"{missing} is not in: {told[0]}"
    assert took < seconds, f"{took:.1f} s: {output}"
    return told[0]


def expect_list(site: Site) -> None:
    """What was read whole serves, and mail flows."""
    site.expect({FIRST: ACCEPTED, LAST: ACCEPTED, GHOST: UNKNOWN})
    expect_places(site, site.send(FIRST, LAST), {FIRST: "ad", LAST: "ad"})


def read_once(site: Site, slapd: Slapd, count: int = 600) -> None:
    set_up(site)
    slapd.load(people(count))
    slapd.start()
    configure(site, slapd.uri, more=simple())
    site.build()
    site.start()
    expect_list(site)


def test_hundred_thousand_arrive_in_pages(site: Site) -> None:
    """Although the server gives 500 at most to a search without pages."""
    set_up(site)
    limits = ["* size.soft=500 size.hard=500 size.prtotal=unlimited"]
    with Slapd(site.root / "ldap", limits=limits) as slapd:
        slapd.load(people(100_000))
        slapd.start()
        configure(site, slapd.uri, more=simple())
        output = site.build()
        assert "100000" in output, output
    site.start()
    wanted = ["u0", "u499", "u500", "u999", "u1000", "u50000", "u99999"]
    site.expect({f"{u}@company.example": ACCEPTED for u in wanted})
    site.expect({GHOST: UNKNOWN, "u100000@company.example": UNKNOWN})


def test_limits_of_the_server_take_nobody_away(site: Site) -> None:
    with Slapd(site.root / "ldap") as slapd:
        read_once(site, slapd)
        for limit, words in (
            ("* size=500", ["limit of entries", "size.prtotal=unlimited"]),
            ("* size.soft=500 size.hard=500 size.prtotal=550", ["limit of entries"]),
            ("* size.pr=100 size.prtotal=unlimited", ["a smaller page-size"]),
            ("* size.prtotal=disabled", ["pagedResults control not allowed"]),
        ):
            slapd.limits = [limit]
            slapd.restart()
            fails(site, slapd.uri, f'base "{SUFFIX}"', *words)
        expect_list(site)
        configure(site, slapd.uri, more=simple() + " page-size = 100")
        slapd.limits = ["* size.pr=100 size.prtotal=unlimited"]
        slapd.restart()
        site.build()
        expect_list(site)


def test_lost_in_the_middle_takes_nobody_away(site: Site) -> None:
    authority = Authority(site.root / "ca")
    server = authority.issue("server", "/CN=ldap", NEXT_TO_NAME)
    with Slapd(site.root / "ldap", server) as slapd:
        read_once(site, slapd)
        ways = (("ldap", slapd.port, ""), ("ldaps", slapd.tls_port, authority.pem))
        for scheme, port, ca in ways:
            more = simple() + (f' tls-ca-file = "{ca}"' if ca else "")
            with Relay(("127.0.0.1", port)) as relay:
                uri = f"{scheme}://127.0.0.1:{relay.port}"
                configure(site, uri, more=more)
                relay.cut_after = 20_000
                fails(site, uri, f'base "{SUFFIX}"', "the connection was lost")
                relay.cut_after, relay.stall_after = None, 20_000
                fails(site, uri, "no answer for 2 seconds", seconds=6)
                relay.stall_after = None
                site.build()
        expect_list(site)


def test_killed_in_mid_read_takes_nobody_away(site: Site) -> None:
    with Slapd(site.root / "ldap") as slapd:
        read_once(site, slapd)
        with Relay(("127.0.0.1", slapd.port)) as relay:
            relay.pause_s = 0.1
            uri = f"ldap://127.0.0.1:{relay.port}"
            configure(site, uri, more=simple() + " page-size = 20")
            pid = slapd.pid

            def kill() -> None:
                wait_until(lambda: relay.bytes > 20_000, "a third was read")
                os.kill(pid, signal.SIGKILL)

            killer = threading.Thread(target=kill)
            killer.start()
            fails(site, uri, f'base "{SUFFIX}"', "the connection was lost")
            killer.join()
            assert 20_000 < relay.bytes < 60_000, relay.bytes
        expect_list(site)


def test_silent_server_is_left_in_time(site: Site) -> None:
    """In clear, before and within TLS; whoever is next in uri is asked."""
    authority = Authority(site.root / "ca")
    server = authority.issue("server", "/CN=ldap", NEXT_TO_NAME)
    with Slapd(site.root / "ldap", server) as slapd, Relay(None) as mute:
        read_once(site, slapd)
        clear = f"ldap://127.0.0.1:{mute.port}"
        tls = f"ldaps://127.0.0.1:{mute.port}"
        late = "no answer within connect-timeout"
        configure(site, clear, more=simple())
        fails(site, clear, late, seconds=5)
        configure(site, tls, more=simple())
        fails(site, tls, "TLS: " + late, seconds=5)
        configure(site, clear, more=simple() + " start-tls = yes")
        fails(site, clear, "StartTLS: " + late, seconds=5)
        slapd.pause()
        configure(site, slapd.uri, slapd.tls_uri, more=simple())
        fails(site, slapd.uri, f"; {slapd.tls_uri}: TLS: " + late, seconds=8)
        slapd.go_on()
        configure(site, tls, slapd.uri, more=simple())
        site.build()
        expect_list(site)


def test_only_the_right_server_is_believed(site: Site) -> None:
    authority = Authority(site.root / "ca")
    stranger = Authority(site.root / "stranger", "Somebody else")
    good = authority.issue("good", "/CN=ldap", NEXT_TO_NAME)
    ended = authority.issue("ended", "/CN=ldap", NEXT_TO_NAME, days=-1)
    other = authority.issue("other", "/CN=x", "DNS:other.example,DNS:*.x.example")
    trust = simple() + f' tls-ca-file = "{authority.pem}"'
    start_tls = trust + " start-tls = yes"
    with Slapd(site.root / "ldap", good) as slapd:
        read_once(site, slapd)
        # What people have lying about must not open the door.
        home = site.root / "home"
        home.mkdir()
        (home / ".ldaprc").write_text("TLS_REQCERT never\n")
        os.environ |= {"HOME": str(home), "LDAPTLS_REQCERT": "never"}
        ways = ((slapd.tls_uri, ""), (slapd.uri, " start-tls = yes"))
        for uri, how in ways:
            configure(site, uri, more=trust + how)
            site.build()
            unknown = simple() + f' tls-ca-file = "{stranger.pem}"' + how
            configure(site, uri, more=unknown)
            fails(site, uri, '"CN = Test CA"', "tls-ca-file names")
            configure(site, uri, more=simple() + how)
            fails(site, uri, "/etc/ssl/certs/ca-certificates.crt")
            configure(site, uri, more=unknown + " tls-verify = no")
            site.build()
        for certificate, words in (
            (ended, ["its certificate ended on 20"]),
            (other, ["DNS:other.example", "not for 127.0.0.1"]),
        ):
            slapd.certificate = certificate
            slapd.restart()
            for uri, how in ways:
                configure(site, uri, more=trust + how)
                fails(site, uri, *words)
        # The name of this machine, which libldap holds "localhost" for.
        local = slapd.tls_uri.replace("127.0.0.1", "localhost")
        configure(site, local, more=trust)
        fails(site, local, f"not for {socket.gethostname()}")
        slapd.certificate = None
        slapd.restart()
        configure(site, slapd.uri, more=start_tls)
        fails(site, slapd.uri, "StartTLS: ", "the server needs a certificate")
        configure(site, slapd.uri.replace("ldap:", "ldaps:"), more=trust)
        fails(site, "ldaps://", "is this its port for TLS?")
        expect_list(site)


def test_wrong_password_is_said_once(site: Site) -> None:
    """The next server would only count another wrong one."""
    with Slapd(site.root / "ldap") as slapd:
        read_once(site, slapd)
        with Relay(("127.0.0.1", slapd.port)) as next_one:
            spare = f"ldap://127.0.0.1:{next_one.port}"
            configure(site, slapd.uri, spare, more=simple("wrong"))
            told = fails(site, slapd.uri, READER, "wrong name or password")
            assert PASSWORD not in told, told
            assert next_one.connections == 0
            (site.root / "wrong").chmod(0o644)
            fails(site, "password-file: ", "mode 0644", "chmod o=")
            assert next_one.connections == 0
        expect_list(site)


def test_next_server_serves(site: Site) -> None:
    authority = Authority(site.root / "ca")
    wrong = authority.issue("wrong", "/CN=x", "DNS:other.example")
    with Slapd(site.root / "a", wrong) as bad, Slapd(site.root / "b") as slapd:
        read_once(site, slapd)
        bad.load(people(3))
        bad.start()
        down = "ldap://127.0.0.1:1"
        trust = simple() + f' tls-ca-file = "{authority.pem}"'
        configure(site, down, "ldap://no.such.invalid", bad.tls_uri, more=trust)
        refused = f"{down}: connect to 127.0.0.1: Connection refused; "
        fails(site, refused, "ldap://no.such.invalid: ", "not for 127.0.0.1")
        configure(site, down, bad.tls_uri, slapd.uri, more=trust)
        site.build()
        expect_list(site)


def test_external_tells_who_we_are(site: Site) -> None:
    """By the socket and by a certificate; nobody else may read."""
    set_up(site)
    authority = Authority(site.root / "ca")
    server = authority.issue("server", "/CN=ldap", NEXT_TO_NAME)
    own = authority.issue("own", "/O=company/CN=postshare")
    peer = "^gidNumber=[0-9]+[+]uidNumber=0,cn=peercred,cn=external,cn=auth$"
    access = [
        f'* by dn.regex="{peer}" read by dn.exact="cn=postshare,o=company" read'
    ]
    with Slapd(site.root / "ldap", server, authority, access=access) as slapd:
        slapd.load(people(600))
        slapd.start()
        external = MAIL + " bind = external "
        configure(site, slapd.socket_uri, more=external)
        assert "600" in site.build()
        site.start()
        expect_list(site)
        keys = f'tls-cert-file = "{own.pem}" tls-key-file = "{own.key}"'
        tls = f'{external} tls-ca-file = "{authority.pem}" {keys}'
        configure(site, slapd.tls_uri, more=tls)
        site.build()
        configure(site, slapd.uri, more=tls + " start-tls = yes")
        site.build()
        configure(site, slapd.uri)
        fails(site, f'base "{SUFFIX}"', "does not show it")
        expect_list(site)


AD = [
    ad_object(
        "user",
        "Ann",
        proxyAddresses=["SMTP:ann@company.example", "smtp:a@unix.example", "sip:x@y"],
        mail="ann@company.example",
        userAccountControl=512,
    ),
    ad_object(
        "user",
        "Gone",
        proxyAddresses=["SMTP:gone@company.example"],
        userAccountControl=514,
    ),
    ad_object(
        "user",
        "Room",
        proxyAddresses=["SMTP:room@company.example"],
        userAccountControl=514,
        msExchRecipientTypeDetails=16,
    ),
    ad_object("group", "All", proxyAddresses=["SMTP:all@company.example"]),
    ad_object("publicFolder", "News", proxyAddresses=["SMTP:news@company.example"]),
    ad_object(
        "contact",
        "CRM",
        proxyAddresses=["SMTP:crm@company.example"],
        targetAddress="SMTP:crm@saas.example",
        mailNickname="crm",
    ),
]


def test_active_directory_preset(site: Site) -> None:
    set_up(site)
    with Slapd(site.root / "ldap") as slapd:
        slapd.load(AD)
        slapd.start()
        preset = simple(more="preset = active-directory")
        configure(site, slapd.uri, more=preset)
        site.build()
        site.start()
        known = ["ann", "room", "all", "news", "crm"]
        codes = {f"{u}@company.example": ACCEPTED for u in known}
        gone = "gone@company.example"
        site.expect(codes | {"a@unix.example": ACCEPTED, gone: ACCEPTED})
        contact = site.explain("crm@company.example")
        assert contact["reason"] == "contact", contact
        where = {"ann@company.example": "ad", "crm@company.example": "world crm@saas.example"}
        expect_places(site, site.send(*where), where)
        configure(site, slapd.uri, more=preset + " disabled-accounts = skip")
        site.build()
        site.expect(codes | {gone: UNKNOWN, GHOST: UNKNOWN})


ODD = r"Ann\2C the \22first\22\2B\3Cx\3E\3B\5C*\28\29\00"


def test_odd_names_and_values_do_no_harm(site: Site) -> None:
    set_up(site)
    with Slapd(site.root / "ldap") as slapd:
        slapd.load(
            [
                ldif(
                    f"cn={ODD},ou=people,{SUFFIX}",
                    ["user", "mailRecipient"],
                    sn="x",
                    proxyAddresses=[
                        'SMTP:"*)(objectClass=*"@company.example',
                        "smtp:a(b@company.example",
                        "smtp:c\\2a@company.example",
                        "smtp:nul\0@company.example",
                        "smtp:two\nlines@company.example",
                        "smtp:jürgen@company.example",
                        "smtp:ann@company.example",
                    ],
                ),
                ad_object("user", "Bo", proxyAddresses=["smtp:bo@company.example"]),
            ]
        )
        slapd.start()
        bad = " max-bad = 10"
        configure(site, slapd.uri, more="preset = active-directory" + bad)
        output = site.build()
        told = [n for n in output.splitlines() if "Ann" in n]
        assert len(told) >= 3, output
        assert all(r"\2Bx" not in n and "\0" not in n for n in told), told
        site.start()
        wanted = ['"*)(objectClass=*"', "ann", "bo"]
        site.expect({f"{w}@company.example": ACCEPTED for w in wanted})
        unknown = ["nul", "two", "lines", "x", '"*)(mail=*"']
        site.expect({f"{w}@company.example": UNKNOWN for w in unknown})
        strict = 'preset = active-directory filter = "(proxyAddresses=*\\\\28b@*)"'
        configure(site, slapd.uri, more=strict + bad + " max-shrink = 100%")
        site.build()
        site.expect({"ann@company.example": ACCEPTED, "bo@company.example": UNKNOWN})


def test_faults_of_the_settings_are_told(site: Site) -> None:
    with Slapd(site.root / "ldap") as slapd:
        read_once(site, slapd)
        configure(site, slapd.uri, base="dc=elsewhere,dc=example")
        fails(site, 'base "dc=elsewhere,dc=example"', "no such entry")
        configure(site, slapd.uri, more=MAIL + ' filter = "(mail=\\\\zz)"')
        fails(site, slapd.uri, "RFC 4515", "(mail=\\zz)")
        slapd.modify(
            f"dn: ou=far,{SUFFIX}\nchangetype: add\nobjectClass: referral\n"
            "objectClass: extensibleObject\nou: far\n"
            "ref: ldap://far.example/ou=far,dc=far,dc=example\n"
        )
        configure(site, slapd.uri)
        output = site.build()
        assert "ldap://far.example/ou=far" in output, output
        assert "a directory block of its own" in output, output
        configure(site, slapd.uri, base=f"ou=far,{SUFFIX}")
        fails(site, "sends us to another", "ldap://far.example/")
        expect_list(site)


MANY = [f"m{n}@company.example" for n in range(3500)]


class Ranges:
    """As Active Directory gives 3,500 values: 1,500 at a time."""

    def __init__(self) -> None:
        self.step = 1500
        self.answers = True

    def __call__(self, request: Search) -> list[bytes]:
        name = "cn=many,dc=company,dc=example"
        asked = [a for a in request.attributes if ";range=" in a]
        first = int(asked[0].split("=")[1].split("-")[0]) if asked else 0
        end = first + self.step
        last = "*" if end >= len(MANY) else str(end - 1)
        piece = {"proxyAddresses": [], f"proxyAddresses;range={first}-{last}": [
            f"smtp:{address}" for address in MANY[first:end]]}
        if not asked:
            return [entry(name, piece), page()]
        return ([entry(name, piece)] if self.answers else []) + [result(0)]


def test_values_that_come_in_ranges_come_whole(site: Site) -> None:
    set_up(site)
    ranges = Ranges()
    preset = "preset = active-directory deltas = no"
    with ScriptedServer(ranges) as server:
        configure(site, server.uri, more=preset)
        assert "3500" in site.build()
        ranges.answers = False
        fails(site, server.uri, "cn=many", "keeps the rest of its values")
    site.start()
    site.expect(dict.fromkeys([MANY[n] for n in (0, 1499, 1500, 3000, 3499)], ACCEPTED))


def test_pages_that_end_too_soon_are_noticed(site: Site) -> None:
    set_up(site)
    one = entry("cn=a,dc=company", {"mail": ["a@company.example"]})
    two = entry("cn=b,dc=company", {"mail": ["b@company.example"]})
    script: dict[bytes | None, list[bytes]] = {}
    with ScriptedServer(lambda request: script[request.cookie]) as server:
        configure(site, server.uri, more=MAIL + " deltas = no")
        script |= {b"": [one, page(b"next")], b"next": [two, page()]}
        site.build()
        site.start()
        for last, words in (
            ([result(0)], "a page without the answer of RFC 2696"),
            ([valueless(PAGED)], "a page without the answer of RFC 2696"),
            ([valueless(PAGED, b"")], "a page without the answer of RFC 2696"),
            ([result(53, "cookie is invalid")], "cookie is invalid"),
            ([result(4)], "limit of entries"),
            ([result(3)], "limit of time"),
            ([result(11)], "limit of its administrator"),
            ([result(10)], "sends us to another"),
            ([result(52)], "shutting down"),
            ([result(12)], "no paged results"),
            ([page(b"next")], "empty pages for ever"),
            ([b"\x65\x03\x01\x01\x01"], "not LDAP"),
        ):
            script[b"next"] = last
            fails(site, server.uri, words)
        script[b"next"] = [two, page()]
        site.build()
    site.expect({"a@company.example": ACCEPTED, "b@company.example": ACCEPTED})
