"""LDIF as slapcat, ldapsearch and ldifde really write it.  One list, however
it was exported; a short one, however it became short, takes nobody away.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable

from harness.paths import TREE
from harness.site import DIRECTORY_FAILED, Site
from harness.slapd import SUFFIX, Slapd, entry, person
from harness.witness import expect_places

CONF = """
accepted-domain "company.example" { type = authoritative }
connector "unix" {
    address-spaces = { "company.example" }
    smart-hosts = { "$unix" }
}
directory "export" { type = ldif path = "export.ldif" preset = openldap }
"""
ACCEPTED, UNKNOWN = "250 2.1.5", "550 5.1.1"
LONG = "long.".ljust(64, "x") + "@company.example"
LISTED = {
    "ann@company.example": ACCEPTED,
    "ann.one@company.example": ACCEPTED,
    LONG: ACCEPTED,
    "both@company.example": ACCEPTED,
    "list@company.example": ACCEPTED,
    '"*)(cn=*"@company.example': ACCEPTED,
    '"*)(objectclass=*"@company.example': UNKNOWN,
    "ghost@company.example": UNKNOWN,
}
STRANGE = r'Ann\2C the \22first\22\2B\3Cx\3E\3B\5C*\28\29\00 Jürgen'
PEOPLE = [
    person("ann", mail="ann@company.example"),
    entry(
        f"cn={STRANGE},ou=people,{SUFFIX}",
        ["inetOrgPerson", "inetLocalMailRecipient"],
        sn="One",
        mailLocalAddress=["ann.one@company.example"],
        mailRoutingAddress="ann@inner.company.example",
    ),
    person("long", mail=[LONG], description="Ä" * 200),
    person("odd", mail='"*)(cn=*"@company.example'),
    person("both", mail=["both@company.example"], jpegPhoto=bytes(range(256))),
    entry(
        f"cn=list,ou=people,{SUFFIX}",
        ["groupOfNames", "extensibleObject"],
        cn="list",
        member=f"cn=ann,ou=people,{SUFFIX}",
        mail="list@company.example",
    ),
    entry(
        f"ou=elsewhere,{SUFFIX}",
        ["referral", "extensibleObject"],
        ou="elsewhere",
        ref="ldap://other.example/dc=other,dc=example",
    ),
]


def run(*command: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        env=os.environ | {"LDAPNOINIT": "1"},
        timeout=60,
    )


def slapcat(slapd: Slapd) -> str:
    done = run(slapd.folder / "slapd", "-T", "cat", "-f", slapd.folder / "slapd.conf")
    assert done.returncode == 0, done
    return done.stdout


def search_command(slapd: Slapd, *options: str) -> list[str]:
    head = ["/usr/bin/ldapsearch", "-x", "-H", slapd.uri, "-b", SUFFIX]
    return [*head, *options]


def search(slapd: Slapd, *options: str, status: int = 0) -> str:
    done = run(*search_command(slapd, *options))
    assert done.returncode == status, done
    return done.stdout


def set_up(site: Site, *, limit: str = "unlimited") -> Slapd:
    site.sink("unix")
    site.namespace(CONF)
    slapd = Slapd(site.root / "ldap", limits=[f"* size={limit}"])
    slapd.load(PEOPLE)
    slapd.start()
    return slapd


def export(site: Site, text: str) -> None:
    (site.root / "export.ldif").write_text(text)


def as_windows_saves_it(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode("utf-16")


def test_every_export_lists_the_same(site: Site) -> None:
    with set_up(site) as slapd:
        export(site, slapcat(slapd))
        site.build()
        site.start()
        site.expect(LISTED)
        sent = site.send("ann@company.example", LONG)
        expect_places(site, sent, {"ann@company.example": "unix", LONG: "unix"})
        exports = [search(slapd, *o.split()) for o in FORMS]
        assert len(set(exports)) == len(exports)
        for options, text in zip(FORMS, exports, strict=True):
            export(site, text)
            assert SAME in site.build(), options
        (site.root / "export.ldif").write_bytes(as_windows_saves_it(exports[0]))
        assert SAME in site.build()


SAME = "unchanged: generation 1 stands"
FORMS = [
    "",
    "-L",
    "-LL",
    "-LLL",
    "-LLL -o ldif-wrap=no",
    "-o ldif-wrap=76 -E pr=2/noprompt",
    "-LLL -E pr=2/noprompt",
    "objectClass mail mailAlternateAddress mailLocalAddress",
]


def test_origins_are_lines_and_names(site: Site) -> None:
    with set_up(site) as slapd:
        text = slapcat(slapd)
        export(site, text + "dn:: Y249YQBi\nmail: nobody\n\n")
        told = site.compile("check").stderr
        line = line_of(text, len(text))
        assert f'export.ldif: advice: line {line}: cn=a\\00b: "nobody"' in told, told
        export(site, text)
        site.build()
        steps = str(site.explain("ann.one@company.example")["steps"])
        line = line_of(text, text.rindex("\ndn:", 0, text.index("ann.one@")) + 1)
        assert f"line {line}: cn=Ann\\\\2C the " in steps, steps


def line_of(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def refused(site: Site, words: str) -> None:
    """The read fails, says so in one sentence, and everybody stays."""
    output = site.build(expect=DIRECTORY_FAILED)
    told = [line for line in output.splitlines() if words in line]
    assert len(told) == 1, output
    site.expect(LISTED)


def test_a_short_list_takes_nobody_away(site: Site) -> None:
    with set_up(site) as slapd:
        whole = search(slapd, "-E", "pr=2/noprompt")
        export(site, whole)
        site.build()
        site.start()
        site.expect(LISTED)
        cuts: list[tuple[Callable[[str], str], str]] = [
            (lambda t: t[: t.index("long.") + 30], "within a line"),
            (lambda t: t[: t.rindex("# search result")], "end of its search"),
            (lambda t: t[: t.rindex("# extended LDIF")] + "\n", "another page"),
            (lambda t: t.replace("\ndn: cn=ann", "\n#", 1), "begins with its dn"),
            (lambda t: t.replace("cn: ann\n", "ann\n", 1), 'no "attribute: value"'),
            (without_an_entry, "entries were found by the search"),
            (lambda t: t.replace("sn: ann", "changetype: delete", 1), "changes"),
        ]
        for cut, words in cuts:
            assert cut(whole) != whole
            export(site, cut(whole))
            refused(site, words)
        export(site, slapcat(slapd)[:-1] + "jpegPhoto:: ".ljust(78, "A") + "\n")
        refused(site, "go on in the next")
        slapd.limits = ["* size=3"]
        slapd.restart()
        export(site, search(slapd, status=4))
        refused(site, "4 Size limit exceeded")


def without_an_entry(text: str) -> str:
    start = text.index("dn: cn=both")
    return text[:start] + text[text.index("\n\n", start) + 2 :]


def test_a_search_as_a_command(site: Site) -> None:
    """What -LLL leaves out of the text its exit status says."""
    with set_up(site) as slapd:
        command = search_command(slapd, "-LLL")
        words = ", ".join(f'"{word}"' for word in command)
        conf = CONF.replace(
            'type = ldif path = "export.ldif"',
            f"type = command command = {{ {words} }} output = ldif",
        )
        site.namespace(conf)
        site.build()
        site.start()
        site.expect(LISTED)
        slapd.limits = ["* size=3"]
        slapd.restart()
        refused(site, "Size limit exceeded")
        slapd.stop()
        refused(site, "Can't contact LDAP server")


def test_an_export_of_active_directory(site: Site) -> None:
    site.sink("unix")
    site.namespace(CONF.replace("openldap", KEEPS_NO_DISABLED))
    data = TREE / "tests/data/directory/ldifde.ldf"
    (site.root / "export.ldif").write_bytes(data.read_bytes())
    site.build()
    site.start()
    ann, desk = "ann.one@company.example", "desk@company.example"
    crm = "crm@company.example"
    site.expect(
        {
            ann: ACCEPTED,
            desk: ACCEPTED,  # a shared mailbox's account is always disabled
            crm: ACCEPTED,
            "all@company.example": ACCEPTED,
            "juergen@company.example": UNKNOWN,  # disabled
            "service@company.example": UNKNOWN,  # not Exchange's
        },
    )
    sent = site.send(ann, desk, crm)
    assert site.places(sent) == {
        ann: [f"unix {ann}"],
        desk: [f"unix {desk}"],
        crm: ["world crm@saas.example"],
    }


KEEPS_NO_DISABLED = "active-directory disabled-accounts = skip"
