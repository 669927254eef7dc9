"""One address in two directories: told with both origins wherever somebody
may look, and settled by order or refused.
"""

from __future__ import annotations

import json

from harness.site import Site
from harness.witness import expect_places, three_witnesses

CONF = """
accepted-domain "company.example" { type = authoritative }
connector "exchange" {
    address-spaces = { "company.example" }
    smart-hosts = { "$exchange" }
}
connector "unix" { smart-hosts = { "$unix" } }
"""
DIRECTORIES = {
    "ad": """directory "ad" {
        type = ldif
        path = "ad.ldif"
        preset = active-directory
        connector = "exchange"
    }\n""",
    "staff": """directory "staff" {
        type = csv
        path = "staff.csv"
        columns = { "mail" }
        connector = "unix"
    }\n""",
    "list": 'directory "list" { path = "list.txt" connector = "unix" }\n',
}
ANN, BEN, NORA = (f"{who}@company.example" for who in ("ann", "ben", "nora"))
DN = "CN=Ann,DC=company,DC=example"
BAD_CONFIGURATION = 78


def user(name: str, address: str, target: str = "") -> str:
    lines = [f"dn: CN={name},DC=company,DC=example", "objectClass: user"]
    lines.append(f"proxyAddresses: SMTP:{address}")
    if target:
        lines.append(f"targetAddress: SMTP:{target}")
    return "\n".join(lines) + "\n\n"


def set_up(site: Site, order: str = "ad staff list", more: str = "") -> None:
    site.sink("exchange")
    site.sink("unix")
    ldif = user("Ann", ANN) + user("Nora", NORA, NORA)
    (site.root / "ad.ldif").write_text("version: 1\n\n" + ldif)
    site.write("staff.csv", ["name,mail", f"Ann,{ANN}", f"Nora,{NORA}"])
    site.write("list.txt", ["# people", BEN, ANN, "n.ora@company.example"])
    blocks = "".join(DIRECTORIES[name] for name in order.split())
    site.namespace(CONF + more + blocks)


def advice(site: Site) -> tuple[str, str]:
    """What is said of the two that lose."""
    ad = f"{site.root}/ad.ldif {origin(site)}"
    end = f'is listed by directory "ad" too ({ad}), which stands first and wins\n'
    return (
        f"{site.root}/staff.csv: advice: {ANN} (row 2) {end}",
        f"{site.root}/list.txt:3: advice: {ANN} {end}",
    )


def origin(site: Site) -> str:
    """Of Ann in the LDIF, as its reader names it."""
    site.compile("build", "--no-wait")
    copy = (site.state / "directories" / "ad").read_text().splitlines()
    (line,) = [row for row in copy if row.startswith(ANN)]
    assert DN in line
    return line.split("\t")[1]


def test_build_and_check_name_both_origins(site: Site) -> None:
    set_up(site)
    built = site.build("--no-wait")
    checked = site.compile("check")
    assert checked.returncode == 0
    for said in advice(site):
        assert said in built
        assert said in checked.stderr
    assert NORA not in built, "a contact for a mailbox is no conflict"


def test_check_directories_tells_all(site: Site) -> None:
    set_up(site)
    many = [f"u{n}@company.example" for n in range(20)]
    site.write("list.txt", [BEN, ANN, "n.ora@company.example", *many])
    site.write("staff.csv", ["name,mail", f"Nora,{NORA}", *(f"x,{m}" for m in many)])
    assert site.compile("check").stderr.count(" is listed by ") == 1 + 5 - 1
    done = site.compile("check", "--directories")
    assert done.returncode == 0
    blocks = done.stdout.split("directory ")
    assert done.stdout.count(" is listed by directory ") == 21
    assert "  last-good copy: none that is known\n" in done.stdout
    assert "2 user" in done.stdout
    assert f"    n.ora@company.example ({site.root}/list.txt:3) is nearly" not in (
        done.stdout
    ), "both are on unix"
    assert len(blocks) > 3
    site.build("--no-wait")
    again = site.compile("check", "--directories").stdout
    assert "  last-good copy: read 0 seconds ago\n" in again or (
        " second" in again and "  last-good copy: read " in again
    )


def test_explain_names_both_origins(site: Site) -> None:
    set_up(site)
    ad = f"{site.root}/ad.ldif {origin(site)}"
    for options in ([], ["--candidate"]):
        done = site.compile("explain", *options, ANN)
        lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
        assert f"directory directory ad lists {ANN} ({ad})" in lines
        behind = f"lists {ANN} too; ad stands first in the configuration and decides"
        assert (
            f"conflict directory staff {behind} ({site.root}/staff.csv row 2)" in lines
        )
        assert f"conflict directory list {behind} ({site.root}/list.txt:3)" in lines
        answer = json.loads(site.compile("explain", "--json", *options, ANN).stdout)
        assert answer["listed"] == [
            {
                "address": ANN,
                "directory": name,
                "as": "mailbox",
                "place": place,
                "target": None,
            }
            for name, place in (
                ("ad", ad),
                ("staff", f"{site.root}/staff.csv row 2"),
                ("list", f"{site.root}/list.txt:3"),
            )
        ]
        steps = [step["step"] for step in answer["steps"]]
        assert steps.count("conflict") == 2
        nora = json.loads(site.compile("explain", "--json", *options, NORA).stdout)
        kinds = [(e["directory"], e["as"]) for e in nora["listed"]]
        assert kinds == [("ad", "elsewhere"), ("staff", "mailbox")]
        assert "conflict" not in [step["step"] for step in nora["steps"]]


def test_the_order_settles_it(site: Site) -> None:
    set_up(site)
    site.build()
    site.start()
    three_witnesses(site, ANN, NORA, BEN)
    site.forget()
    people = {ANN: "exchange", NORA: "unix", BEN: "unix"}
    expect_places(site, site.send(*people), people)
    site.namespace(
        CONF + "".join(DIRECTORIES[name] for name in ("staff", "list", "ad"))
    )
    site.build()
    people[ANN] = "unix"
    site.forget()
    expect_places(site, site.send(*people), people)


def test_or_nothing_is_published(site: Site) -> None:
    set_up(site)
    site.build("--no-wait")
    before = site.compile("list").stdout
    site.namespace(CONF + "on-conflict = error\n" + "".join(DIRECTORIES.values()))
    said = site.build(expect=BAD_CONFIGURATION)
    assert f"{site.root}/list.txt:3: error: {ANN} is listed by directory" in said
    assert "on-conflict = error" in said
    assert site.compile("check").returncode == BAD_CONFIGURATION
    assert site.compile("list").stdout == before
    site.write("list.txt", [BEN])
    site.write("staff.csv", ["name,mail", f"Nora,{NORA}"])
    assert "published" in site.build("--no-wait")
