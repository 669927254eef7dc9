"""doctor: what main.cf can have wrong for the maps, each alone on a Postfix
that is sound but for it, and the lines that mend it."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from collections.abc import Iterable
from pathlib import Path

from harness.doctor import (
    SOMETHING_IS_WRONG,
    UNAVAILABLE,
    Fault,
    age,
    environment,
    examine,
    expect_alone,
    expect_sound,
    find_and_mend,
    run_lines,
)
from harness.paths import TREE
from harness.site import Site

CONF = """
accepted-domain "company.example" {
    type             = internal-relay
    recipient-filter = directories
}
accepted-domain "#exact.example"    { type = authoritative }
accepted-domain "#verified.example" {
    type             = external-relay
    recipient-filter = verify
}
accepted-domain "#trusted.example" {
    type             = internal-relay
    recipient-filter = off
    accept-from      = trusted
}
accepted-domain "#d\u00fcrr.example"  { type = authoritative }

connector "one" {
    address-spaces = { "company.example", "exact.example", "d\u00fcrr.example" }
    smart-hosts    = { "$one" }
    tls            = may
}
connector "two" {
    address-spaces = { "verified.example", "trusted.example" }
    smart-hosts    = { "$two" }
}
connector "lists" {
    address-spaces = { "lists.company.example" }
    transport      = "lmtp:[127.0.0.1]:2424"
    tls            = may
}
connector "world" {
    address-spaces = { "*" }
    smart-hosts    = { "$world" }
}
directory "staff" {
    type      = file
    path      = "staff.txt"
    connector = "one"
}
extension = "+"
"""

STAFF = ["ann@company.example", "ben@exact.example"]

TRANSPORT = "cdb:{state}/routes/transport, cdb:{state}/routes/transport_leaving"
RECIPIENTS = (
    "cdb:{state}/current/relay_recipients, "
    "regexp:{state}/current/relay_recipients.regexp"
)
ALIASES = "cdb:{state}/current/virtual_alias"


def post(setting: str) -> str:
    return f"postconf -e '{setting}'"


def table(name: str, *lines: str) -> str:
    """A hash: of its own, {root}/NAME."""
    words = " ".join(f"'{line}'" for line in lines)
    return f"printf '%s\\n' {words} > {{root}}/{name}; postmap {{root}}/{name}"


def with_table(setting: str, *lines: str) -> str:
    return f"{table('other', *lines)}; {post(setting)}"


NAMED = [
    Fault("relay-domains", post("relay_domains ="), "relay_domains"),
    Fault("transport-maps", post("transport_maps ="), "transport_maps"),
    Fault("transport-maps", post("transport_maps = cdb:{state}/routes/transport")),
    Fault(
        "relay-recipient-maps",
        post("relay_recipient_maps = cdb:{state}/current/relay_recipients"),
        "relay_recipient_maps",
    ),
    Fault("virtual-alias-maps", post("virtual_alias_maps ="), "virtual_alias_maps"),
    Fault(
        "smtp-tls-policy",
        post("lmtp_tls_policy_maps = cdb:{state}/routes/tls_policy")
        + "; postconf -X smtp_tls_policy_maps",
        "smtp_tls_policy_maps",
    ),
    Fault(
        "lmtp-tls-policy",
        "postconf -X lmtp_tls_policy_maps",
        "lmtp_tls_policy_maps",
    ),
    Fault("map-proxy", post(f"virtual_alias_maps = proxy:{ALIASES}")),
    Fault(
        "map-suffix",
        post("relay_domains = cdb:{state}/routes/relay_domains.cdb"),
        "relay_domains",
    ),
    Fault("map-link", post("relay_domains = cdb:{state}/current/relay_domains")),
    Fault("map-link", post("virtual_alias_maps = cdb:{state}/routes/virtual_alias")),
    Fault(
        "map-link", post("smtp_tls_policy_maps = cdb:{state}/generations/1/tls_policy")
    ),
    Fault("map-folder", post("relay_domains = cdb:{root}/old/routes/relay_domains")),
    Fault(
        "transport-order",
        post(
            "transport_maps = cdb:{state}/routes/transport_leaving, "
            "cdb:{state}/routes/transport"
        ),
        "transport_maps",
        severity="warning",
    ),
    Fault(
        "transport-order",
        with_table(f"transport_maps = hash:{{root}}/other, {TRANSPORT}", "a.example :"),
        severity="warning",
    ),
    Fault(
        "map-opens",
        f"echo 'a b' > {{root}}/unmade; rm -f {{root}}/unmade.db; "
        + post(f"virtual_alias_maps = {ALIASES}, hash:{{root}}/unmade"),
        "hash:{root}/unmade",
    ),
    Fault(
        "map-opens",
        post("canonical_maps = regexp:{root}/none"),
        "regexp:{root}/none",
        by_hand="touch {root}/none",
    ),
]

SHADOWED = [
    Fault(
        "transport-shadowed",
        with_table(
            f"transport_maps = hash:{{root}}/other, {TRANSPORT}",
            "company.example smtp:[192.0.2.9]",
        ),
        "transport_maps",
    ),
    Fault(
        "transport-shadowed",
        with_table(
            f"transport_maps = hash:{{root}}/other, {TRANSPORT}", "* smtp:[192.0.2.9]"
        ),
    ),
    Fault(
        "transport-shadowed",
        with_table(
            f"transport_maps = {TRANSPORT}, hash:{{root}}/other",
            "ann@company.example smtp:[192.0.2.9]",
        ),
        by_hand=table("other", "x@elsewhere.example :"),
    ),
    Fault(
        "transport-shadowed",
        "echo '/@company\\.example$/ smtp:[192.0.2.9]' > {root}/pattern; "
        + post(f"transport_maps = {TRANSPORT}, regexp:{{root}}/pattern"),
        by_hand="echo > {root}/pattern",
    ),
    Fault(
        "relay-domains-opened",
        post("relay_domains = cdb:{state}/routes/relay_domains, trusted.example"),
        "relay_domains",
    ),
    Fault(
        "relay-domains-opened",
        post("relay_domains = .exact.example, cdb:{state}/routes/relay_domains"),
    ),
    Fault(
        "relay-domains-opened",
        with_table(
            "relay_domains = cdb:{state}/routes/relay_domains, hash:{root}/other",
            "trusted.example x",
        ),
        by_hand=table("other", "lab.company.example x"),
    ),
    Fault(
        "wildcard",
        post(f"relay_recipient_maps = {RECIPIENTS}, static:all"),
        "relay_recipient_maps",
    ),
    Fault(
        "wildcard",
        with_table(
            f"virtual_alias_maps = {ALIASES}, hash:{{root}}/other",
            "@exact.example @company.example",
        ),
        "virtual_alias_maps",
        by_hand=table("other", "x@elsewhere.example y@elsewhere.example"),
    ),
    Fault(
        "wildcard",
        "echo '/^(.*)@exact\\.example$/ ${1}@company.example' > {root}/pattern; "
        + post("recipient_canonical_maps = regexp:{root}/pattern"),
        "recipient_canonical_maps",
        by_hand="echo > {root}/pattern",
    ),
    Fault(
        "address-class",
        post("mydestination = $myhostname, company.example, localhost"),
        "mydestination",
    ),
    Fault(
        "address-class",
        post("myhostname = exact.example") + "; " + post("mydestination = $myhostname"),
        "mydestination",
    ),
    Fault(
        "address-class",
        "echo exact.example > {root}/names; " + post("mydestination = {root}/names"),
        "mydestination",
        by_hand="echo > {root}/names",
    ),
    Fault(
        "address-class",
        with_table("virtual_mailbox_domains = hash:{root}/other", "exact.example x"),
        "virtual_mailbox_domains",
        by_hand=table("other", "elsewhere.example x"),
    ),
]

SETTINGS = [
    Fault(
        "parent-domains",
        "postconf -X parent_domain_matches_subdomains",
        "parent_domain_matches_subdomains",
    ),
    Fault(
        "parent-domains",
        post("parent_domain_matches_subdomains = transport_maps, mynetworks"),
    ),
    Fault(
        "virtual-alias-domains",
        "postconf -X virtual_alias_domains",
        "virtual_alias_domains",
    ),
    Fault(
        "fast-flush",
        "postconf -X fast_flush_domains",
        "fast_flush_domains",
        severity="warning",
    ),
    Fault("delimiter", post("recipient_delimiter = -"), "recipient_delimiter"),
    Fault("delimiter", post("recipient_delimiter =")),
    Fault("smtputf8", post("smtputf8_enable = no"), "smtputf8_enable"),
    Fault("unlisted", post("smtpd_reject_unlisted_recipient = no")),
    Fault(
        "unknown-code",
        post("unknown_relay_recipient_reject_code = 450"),
        severity="warning",
    ),
    Fault("soft-bounce", post("soft_bounce = yes"), severity="warning"),
    Fault(
        "address-mappings",
        post("receive_override_options = no_header_body_checks, no_address_mappings"),
        "receive_override_options",
    ),
    Fault(
        "route-override",
        "postconf -Pe 'rewrite/unix/transport_maps=inline:{a=b}'",
        "rewrite/unix/transport_maps",
    ),
    Fault("verify-route", post("address_verify_transport_maps =")),
    Fault(
        "verify-code",
        "postconf -X unverified_recipient_reject_code",
        severity="warning",
    ),
    Fault(
        "verify-reason",
        "postconf -X unverified_recipient_reject_reason",
        severity="warning",
    ),
]


def set_up(site: Site) -> None:
    site.sink("one")
    site.sink("two")
    site.write("staff.txt", STAFF)
    site.namespace(CONF)
    site.build()
    site.postfix.configure(["gateway", "spawn"])
    age(site)
    site.postfix.prepare()
    site.postfix.start()


def each_is_found_and_mended(site: Site, faults: Iterable[Fault]) -> None:
    set_up(site)
    expect_sound(site)
    for fault in faults:
        find_and_mend(site, fault)


def test_maps_that_are_not_named_as_they_should(site: Site) -> None:
    each_is_found_and_mended(site, NAMED)


def test_maps_that_others_take_the_place_of(site: Site) -> None:
    each_is_found_and_mended(site, SHADOWED)


def test_settings_on_which_the_maps_count(site: Site) -> None:
    each_is_found_and_mended(site, SETTINGS)


def test_what_else_stands_in_a_parameter_is_kept(site: Site) -> None:
    set_up(site)
    run_lines(site, post("mydestination = $myhostname, company.example, $mydomain"))
    (finding,) = examine(site)
    assert finding.fix == "postconf -e 'mydestination = $myhostname, $mydomain'"
    run_lines(site, post("mydestination ="))
    run_lines(site, table("other", "a.example :").replace("{root}", str(site.root)))
    other = f"hash:{site.root}/other"
    run_lines(site, post(f"transport_maps = {other}"))
    (finding,) = examine(site)
    assert finding.fix.endswith(f"/routes/transport_leaving, {other}'"), finding


def test_postfix_without_cdb(site: Site) -> None:
    """Its list of what is installed is a copy that lacks the line."""
    set_up(site)
    meta = site.root / "meta"
    lines = (
        f"mkdir {meta}; cp $(postconf -h meta_directory)/postfix-files {meta}; "
        f"grep -v '^cdb' $(postconf -h meta_directory)/dynamicmaps.cf > "
        f"{meta}/dynamicmaps.cf; "
    )
    finding = expect_alone_after(site, lines + post(f"meta_directory = {meta}"))
    assert finding == ("cdb", "apt-get install postfix-cdb")


def expect_alone_after(site: Site, lines: str) -> tuple[str, str]:
    run_lines(site, lines)
    (finding,) = examine(site)
    return finding.check, finding.fix


def test_smart_host_that_is_ourselves(site: Site) -> None:
    set_up(site)
    old = site.conf.read_text()
    ourselves = f"[127.0.0.1]:{site.postfix.port}"
    site.conf.write_text(old.replace(site.sinks["two"].hop, ourselves))
    finding = expect_alone(site, Fault("smart-host", "", "two", options=SAME_TEXT))
    assert finding.fix == "" and str(site.postfix.port) in finding.text
    site.conf.write_text(old)
    expect_sound(site)


# The published generation is of another text, which is told elsewhere.
SAME_TEXT = ("--skip", "config-unpublished")


def test_damaged_map_is_built_anew(site: Site) -> None:
    set_up(site)
    (site.state / "current" / "virtual_alias.cdb").write_bytes(b"short")
    found = [f for f in examine(site) if f.check == "map-opens"]
    assert [f.subject for f in found] == [f"cdb:{site.state}/current/virtual_alias"]
    run_lines(site, found[0].fix)
    expect_sound(site)


def test_no_postfix_is_said_so(site: Site) -> None:
    set_up(site)
    site.postfix.config.rename(site.root / "away")
    try:
        done = site.compile("doctor")
    finally:
        (site.root / "away").rename(site.postfix.config)
    assert done.returncode == UNAVAILABLE, done
    assert "no Postfix can be asked" in done.stderr and done.stdout == "", done


def test_options(site: Site) -> None:
    set_up(site)
    run_lines(site, post("recipient_delimiter =") + "; " + post("soft_bounce = yes"))
    done = site.compile("doctor")
    assert done.returncode == SOMETHING_IS_WRONG
    lines = done.stdout.splitlines()
    assert lines[0].startswith("error delimiter recipient_delimiter: "), lines
    assert lines[1] == "    postconf -e 'recipient_delimiter = +'"
    assert lines[2].startswith("warning soft-bounce soft_bounce: "), lines
    assert lines[-1] == "1 error, 1 warning"
    quiet = site.compile("-q", "doctor").stdout.splitlines()
    assert quiet == lines[:2]
    skipping = ("--skip", "delimiter", "--skip", "soft-bounce")
    done = site.compile("doctor", *skipping)
    assert done.returncode == 0 and "nothing is wrong: " in done.stdout, done
    told = json.loads(site.compile("doctor", "--json", *skipping).stdout)
    assert list(told) == ["postfix", "checks", "findings"]
    assert told["postfix"]["config_directory"] == str(site.postfix.config)
    assert "relay-domains" in told["checks"] and "delimiter" not in told["checks"]
    done = site.compile("doctor", "--skip", "no-such")
    assert done.returncode == 64 and "there are: cdb relay-domains" in done.stderr


def test_bad_configuration_is_told_as_check_tells_it(site: Site) -> None:
    set_up(site)
    site.conf.write_text('accepted-domain "a.example" { type = sole }\n')
    done = site.compile("doctor")
    assert done.returncode == SOMETHING_IS_WRONG and done.stdout == ""
    assert f"{site.conf}:1: error: " in done.stderr


def test_paste_of_all_lines_ends_sound(site: Site) -> None:
    """A main.cf that has nothing of ours, mended round by round."""
    set_up(site)
    names = "relay_domains transport_maps relay_recipient_maps virtual_alias_maps"
    names += " virtual_alias_domains"
    run_lines(site, f"for name in {names}; do postconf -X $name; done")
    for _ in range(3):
        for finding in examine(site):
            run_lines(site, finding.fix)
    expect_sound(site)
    said = subprocess.run(
        ["postconf", "-h", "transport_maps"],
        env=environment(site),
        capture_output=True,
        text=True,
    )
    assert said.stdout.startswith(f"cdb:{site.state}/routes/transport,")


def test_each_check_is_explained_and_planted(site: Site) -> None:
    """In the manual, and by name in a table of faults."""
    said = site.compile("doctor", "--skip", "no such").stderr
    ids = said.partition("there are: ")[2].split()
    manual = (TREE / "man" / "transport-map-gen-doctor.1").read_text().splitlines()
    here = sorted(Path(__file__).parent.glob("test_doctor*.py"))
    tests = "".join(file.read_text() for file in here)
    assert len(ids) > 30, said
    missing = [i for i in ids if manual.count(f".It Sy {i}") != 1]
    assert missing == [], missing
    untested = [i for i in ids if f'"{i}"' not in tests]
    assert untested == [], untested


def example(site: Site, setup: str, policyd: str) -> None:
    site.use_example(setup, {})
    site.build()
    site.start(policyd, setup=setup)
    expect_sound(site)


def test_nothing_is_wrong_with_gateway_and_spawn(site: Site) -> None:
    example(site, "gateway", "spawn")


def test_nothing_is_wrong_with_gateway_and_daemon(site: Site) -> None:
    example(site, "gateway", "daemon")


def test_nothing_is_wrong_with_dovecot(site: Site) -> None:
    site.local_sink("dovecot", "private/dovecot-lmtp")
    example(site, "dovecot", "spawn")


def test_nothing_is_wrong_with_gateway_and_systemd(site: Site) -> None:
    """Its socket handed over as systemd does."""
    site.use_example("gateway", {})
    site.build()
    site.start("dead")
    units = TREE / "systemd"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(site.postfix.policy_socket))
        mode = setting(units / "policyd.socket", "SocketMode")
        site.postfix.policy_socket.chmod(int(mode, 8))
        user = setting(units / "policyd.socket", "SocketUser")
        shutil.chown(site.postfix.policy_socket, user)
        server.listen()
        command = setting(units / "policyd.service", "ExecStart")
        command = command.replace("/var/lib/postshare", str(site.state))
        site.start_service(command, server)
        expect_sound(site)


def setting(unit: Path, name: str) -> str:
    (line,) = [n for n in unit.read_text().splitlines() if n.startswith(f"{name}=")]
    return line.partition("=")[2]
