"""The other side's homework: a system that shares a domain bounces whom it
does not know.  contacts lists whom it has to know, and what it is given leads
back here.
"""

from __future__ import annotations

import csv
import io
import subprocess
import tempfile
from pathlib import Path

from harness.client import Client
from harness.site import (
    COMPILER,
    DIRECTORY_FAILED,
    GUARD_REFUSED,
    PUBLISHED,
    Site,
)
from harness.slapd import PASSWORD, READER, SUFFIX, Slapd
from harness.witness import expect_places, three_witnesses

SYSTEMS = """
accepted-domain "company.example" {
    type = internal-relay
    recipient-filter = directories
}
accepted-domain "old.example" { secondary-of = "company.example" }
connector "exchange" {
    address-spaces = { "company.example" }
    smart-hosts = { "$exchange" }
    clients = { "10.8.0.25" }
}
connector "unix" { smart-hosts = { "$unix" } }
connector "internet" { address-spaces = { "*" } smart-hosts = { "$internet" } }
contact "sales@company.example" { target = "crm@saas.example" }
directory "unix" { type = file path = "unix.txt" connector = "unix" }
"""
EXPORT = """
directory "ad" {
    type = csv
    path = "ad.csv"
    preset = exchange
    connector = "exchange"
}
"""
ANN, NORA, SALES = (f"{who}@company.example" for who in ("ann", "nora", "sales"))
ODD = [
    '"two words"@company.example',
    '"#9"@lab.company.example',
    "=1+1@company.example",
]
UNKNOWN, LOOP = "550 5.1.1", "550 5.4.6"
BAD_USE, CAN_NOT_WRITE, BAD_CONFIGURATION = 64, 74, 78


def write_export(site: Site, contacts: list[str]) -> None:
    """Get-Recipient, with the contacts as Exchange shows them."""
    rows = [["PrimarySmtpAddress", "EmailAddresses", "ExternalEmailAddress"]]
    rows.append([ANN, f"SMTP:{ANN}", ""])
    rows += [[c, f"SMTP:{c}", f"SMTP:{c}"] for c in contacts]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    (site.root / "ad.csv").write_text(text.getvalue())


def set_up(site: Site, conf: str = EXPORT + SYSTEMS, more: list[str] = []) -> None:
    for name in ("exchange", "unix", "internet"):
        site.sink(name)
    site.write("unix.txt", [NORA, *more])
    write_export(site, [])
    site.namespace(conf)
    site.build()


def contacts(site: Site, *options: str, connector: str = "exchange") -> str:
    done = site.compile("contacts", "--for", connector, *options)
    assert done.returncode == PUBLISHED, done.stderr
    return done.stdout


def share(site: Site, known: list[str]) -> None:
    """Exchange refuses whom it does not know, and hands contacts to us."""
    exchange = site.sinks["exchange"]
    exchange.users = {ANN}
    exchange.answer = lambda recipient: (
        None if recipient in (ANN, *known) else f"{UNKNOWN} not here"
    )
    exchange.returns_to = site.postfix.server
    exchange.returns_as = "10.8.0.25"


def mail_within_exchange(site: Site, *recipients: str) -> dict[str, str]:
    """From one of its users; what each recipient was told."""
    host, _, port = site.sinks["exchange"].hop.rpartition(":")
    with Client((host.strip("[]"), int(port)), "127.0.0.1") as client:
        sent = client.send(list(recipients), ANN)
    site.postfix.wait_empty()
    return {r: f"{p.code} {p.status}" for r, p in sent.replies.items()}


def test_what_exchange_knows_comes_back_and_arrives(site: Site) -> None:
    set_up(site)
    site.start()
    share(site, [])
    assert mail_within_exchange(site, NORA) == {NORA: UNKNOWN}
    known = contacts(site).split()
    assert known == [NORA, SALES]
    share(site, known)
    # what Exchange exports from now on has them, as contacts
    write_export(site, known)
    assert "counts as not listed" not in site.build()
    assert mail_within_exchange(site, NORA, SALES, ANN) == dict.fromkeys(
        (NORA, SALES, ANN), "250 2.1.5"
    )
    exchange = site.sinks["exchange"]
    assert [reply.code for _, reply in exchange.returned] == [250, 250], (
        exchange.returned
    )
    assert len(site.sinks["unix"].got(NORA)) == 1
    assert len(site.sinks["internet"].got("crm@saas.example")) == 1
    assert len(exchange.got(ANN)) == 1
    # from outside: each to its own system, by the shortest way
    exchange.answer = lambda _: None
    exchange.returns_to = None
    site.forget()
    three_witnesses(site, ANN, NORA, SALES)
    site.forget()
    people = {ANN: "exchange", NORA: "unix", SALES: "internet crm@saas.example"}
    expect_places(site, site.send(*people), people)


def test_nothing_is_left_once_it_knows_them(site: Site) -> None:
    set_up(site)
    write_export(site, contacts(site).split())
    site.build("--no-wait")
    assert contacts(site) == ""
    assert contacts(site, connector="unix").split() == [ANN, SALES]


def test_a_contact_of_somebody_who_left_is_nobody(site: Site) -> None:
    """Exchange still has it; it is refused here, not sent around in a ring."""
    set_up(site)
    write_export(site, [NORA, "gone@company.example"])
    assert "counts as not listed" in site.build()
    site.start()
    share(site, [NORA, "gone@company.example"])
    site.expect({"gone@company.example": UNKNOWN, NORA: "250 2.1.5"})
    mail_within_exchange(site, "gone@company.example")
    ((_, reply),) = site.sinks["exchange"].returned
    assert f"{reply.code} {reply.status}" == UNKNOWN
    answer = site.explain("gone@company.example")
    assert [e["as"] for e in answer["listed"]] == ["elsewhere"]


def test_contacts_do_not_hide_a_loss(site: Site) -> None:
    """Exchange has contacts for people of Unix, who are nobody without it."""
    many = [f"user{n}@company.example" for n in range(12)]
    set_up(site, more=many)
    write_export(site, contacts(site).split())
    site.build("--no-wait")
    start = 'directory "unix" {'
    site.namespace((EXPORT + SYSTEMS).replace(start, f"{start} enabled = no"))
    output = site.build("--no-wait", expect=GUARD_REFUSED)
    assert "--accept-shrink unix" in output and "13 recipients" in output, output
    assert site.explain(many[0])["verdict"] == "accept"
    site.build("--no-wait", "--accept-shrink", "unix")


def test_mailboxes_that_become_contacts_are_a_loss(site: Site) -> None:
    """As where a synchronisation runs the wrong way."""
    set_up(site)
    export = site.root / "ad.csv"
    mailbox = f"{ANN},SMTP:{ANN},"
    export.write_text(export.read_text().replace(mailbox, f"{mailbox}SMTP:{ANN}"))
    output = site.build("--no-wait", expect=GUARD_REFUSED)
    assert "it lists nobody now and listed 1 before" in output, output
    assert site.explain(ANN)["verdict"] == "accept"


def listed(state: Path, name: str) -> list[str]:
    """The addresses in a directory's last-good copy."""
    lines = (state / "directories" / name).read_text().splitlines()
    return sorted(line.split("\t")[0] for line in lines if "\t" in line)


def read_back(site: Site, conf: str) -> list[str]:
    """Into a state of its own, which has no earlier routes to wait for."""
    state = Path(tempfile.mkdtemp(dir=site.root))
    site.namespace(f'{SYSTEMS}\ndirectory "back" {{ {conf} }}')
    done = site.compile_raw(["-c", site.conf, "-s", state, "build"])
    assert done.returncode == PUBLISHED, done.stderr
    return listed(state, "back")


def keys(text: str) -> list[str]:
    """Without the quotes that keep a line from being a comment."""
    return text.replace('"#9"', "#9").splitlines()


def test_all_formats_list_the_same(site: Site) -> None:
    set_up(site, more=ODD)
    plain = keys(contacts(site))
    assert plain == keys("\n".join([*ODD, NORA, SALES]))
    as_text = contacts(site)
    as_csv = contacts(site, "--format", "csv")
    as_ldif = contacts(site, "--format", "ldif", "--base", "ou=Wörld,dc=company")
    assert contacts(site, "--format", "csv") == as_csv, "the same in every run"
    assert as_csv.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(as_csv.lstrip("\ufeff"))))
    assert [r["ExternalEmailAddress"].removeprefix("SMTP:") for r in rows] == plain
    assert len({r["Name"] for r in rows}) == len({r["Alias"] for r in rows}) == 5
    assert not [c for r in rows for c in r.values() if c[0] in "=+-@"]
    for name, text in (("txt", as_text), ("csv", as_csv), ("ldif", as_ldif)):
        (site.root / f"back.{name}").write_text(text, newline="")
    for conf in (
        'type = file path = "back.txt"',
        'type = csv path = "back.csv" columns = { "ExternalEmailAddress" }',
        'type = ldif path = "back.ldif" preset = active-directory',
        'type = ldif path = "back.ldif" attributes = { "proxyAddresses" }',
    ):
        assert read_back(site, conf) == plain, conf


def test_a_real_directory_service_takes_them(site: Site) -> None:
    set_up(site, more=ODD)
    plain = keys(contacts(site))
    base = f"ou=people,{SUFFIX}"
    with Slapd(site.root / "ldap") as slapd:
        slapd.load([])
        slapd.start()
        ldif = contacts(site, "--format", "ldif", "--base", base)
        # which in Active Directory is part of every contact
        mine = "objectClass: contact\nobjectClass: mailRecipient\n"
        slapd.modify(ldif.replace("objectClass: contact\n", mine))
        (site.root / "secret").write_text(PASSWORD)
        (site.root / "secret").chmod(0o600)
        site.namespace(
            f"""{SYSTEMS}
            directory "back" {{
                type = ldap
                uri = {{ "{slapd.uri}" }}
                bind-dn = "{READER}"
                password-file = "secret"
                base = "{base}"
                preset = active-directory
                connector = "exchange"
            }}"""
        )
        site.build("--no-wait")
        assert listed(site.state, "back") == plain
        assert contacts(site) == ""


def test_domains_can_be_chosen(site: Site) -> None:
    set_up(site, more=ODD)
    assert contacts(site, "--domain", "*.company.example") == (
        '"#9"@lab.company.example\n'
    )
    assert contacts(site, "--domain", "#old.example").splitlines() == [
        '"two words"@old.example',
        "=1+1@old.example",
        # a mailbox of Exchange's own, but not under this name
        "ann@old.example",
        "nora@old.example",
        "sales@old.example",
    ]
    done = site.compile("contacts", "--for=exchange", "--domain=companny.example")
    assert done.returncode == BAD_USE
    assert "companny.example: this is no accepted domain" in done.stderr
    assert done.stdout == ""
    done = site.compile("contacts", "--for=exchange", "--domain=a..example")
    assert done.returncode == BAD_USE
    assert done.stderr.startswith("transport-map-gen: --domain a..example: ")


def test_connectors_are_named(site: Site) -> None:
    set_up(site)
    done = site.compile("contacts", "--for", "exchang")
    assert done.returncode == BAD_USE
    assert done.stderr == (
        'transport-map-gen: no connector "exchang"; there are: exchange, unix, '
        "internet\n"
    )


def test_a_full_disk_is_told(site: Site) -> None:
    set_up(site)
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [COMPILER, "-c", site.conf, "-s", site.state]
            + ["contacts", "--for", "exchange"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    assert done.returncode == CAN_NOT_WRITE
    assert "error: write the contacts: No space left on device" in done.stderr


def test_no_server_is_asked(site: Site) -> None:
    set_up(site)
    (site.root / "unix.txt").unlink()
    assert contacts(site).split() == [NORA, SALES]


def test_who_never_loaded_is_told(site: Site) -> None:
    set_up(site)
    late = 'directory "late" { type = file path = "late.txt" connector = "unix" }'
    site.namespace(EXPORT + SYSTEMS + late)
    done = site.compile("contacts", "--for", "exchange")
    assert done.returncode == DIRECTORY_FAILED
    assert done.stdout.split() == [NORA, SALES]
    assert "directory late: it never loaded; whom it lists is missing" in done.stderr


def test_a_wrong_configuration_lists_nobody(site: Site) -> None:
    set_up(site)
    site.namespace(SYSTEMS + 'directory "x" { connector = "none" }')
    done = site.compile("contacts", "--for", "exchange")
    assert done.returncode == BAD_CONFIGURATION
    assert done.stdout == ""
