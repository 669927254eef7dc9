"""graph: what is drawn is what dot(1) reads, whatever the names; a ring is
red, and is drawn just where check refuses.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from xml.etree import ElementTree

from harness.paths import EXAMPLES
from harness.site import COMPILER, Site

SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}"
RED = "#b3261e"
SYSTEM = """
connector "exchange" {
    address-spaces = { "company.example" }
    smart-hosts = { "10.8.0.25", "10.8.0.26" }
    unknowns = %s
}
"""
RELAY = """
accepted-domain "company.example" { type = internal-relay %s }
accepted-domain "old-name.example" { secondary-of = "company.example" }
"""
FILTERED = "recipient-filter = directories"
CONTACTS = """
contact "a@company.example" { target = "b@company.example" }
contact "b@company.example" { target = "%s" }
"""
CIRCLE = """
accepted-domain "x.example" { secondary-of = "y.example" }
accepted-domain "y.example" { secondary-of = "x.example" }
"""


def draw(site: Site, status: int = 0) -> ElementTree.Element:
    done = site.compile("graph", "--svg")
    assert done.returncode == status, done
    return ElementTree.fromstring(done.stdout)


def texts(svg: ElementTree.Element) -> str:
    return " ".join(t.text or "" for t in svg.iter(f"{SVG}text"))


def edges(svg: ElementTree.Element) -> list[ElementTree.Element]:
    return [g for g in svg.iter(f"{SVG}g") if g.get("class") == "edge"]


def red_edges(svg: ElementTree.Element) -> int:
    return sum(
        any(p.get("stroke") == RED for p in edge.iter(f"{SVG}path"))
        for edge in edges(svg)
    )


def test_graph_of_the_examples(site: Site) -> None:
    for name in ("gateway", "dovecot"):
        site.use_example(name, {})
        svg = draw(site)
        shown = texts(svg)
        named = re.findall(
            r'^(?:accepted-domain|connector|directory|contact) "([^"]+)"',
            site.conf.read_text(),
            re.M,
        )
        assert named
        assert [n for n in named if n not in shown] == []
        assert red_edges(svg) == 0
        assert "LOOP" not in shown.split("with the word LOOP")[1]


def test_graph_tells_what_was_read(site: Site) -> None:
    site.namespace(
        RELAY % FILTERED
        + SYSTEM % "reject"
        + 'directory "staff" { type = file path = "staff.txt" }\n'
    )
    assert "not read yet" in texts(draw(site))
    assert not site.state.exists(), "graph wrote into the state folder"
    site.write("staff.txt", ["ann@company.example", "bob@company.example"])
    site.build("--no-wait")
    site.build("--no-wait")
    (site.root / "staff.txt").unlink()
    before = sorted(site.state.rglob("*"))
    shown = texts(draw(site))
    assert "2 recipients" in shown
    assert time.strftime("read %Y-%m-%d ") in shown
    assert sorted(site.state.rglob("*")) == before


def expect_refused(site: Site, conf: str, words: str, n_red: int) -> None:
    """Drawn with so many red edges; the error and status are check's."""
    site.namespace(conf)
    check = site.compile("-q", "check")
    done = site.compile("graph")
    assert words in check.stderr
    assert (done.returncode, done.stderr) == (check.returncode, check.stderr)
    svg = draw(site, check.returncode)
    assert red_edges(svg) == n_red, red_edges(svg)
    assert "LOOP" in texts(svg).split("with the word LOOP")[1]


def test_graph_draws_what_check_refuses(site: Site) -> None:
    sound = RELAY % FILTERED + SYSTEM % "reject"
    ring = RELAY % "" + SYSTEM % "return"
    expect_refused(site, ring, "they run in a ring", 2)
    contacts = sound + CONTACTS % "a@company.example"
    expect_refused(site, contacts, "a ring of contacts", 2)
    expect_refused(site, sound + CIRCLE, "run in a circle", 2)
    site.namespace(RELAY % FILTERED + SYSTEM % "return" + CONTACTS % "c@far.example")
    assert red_edges(draw(site)) == 0


def test_graph_of_a_fault_of_syntax(site: Site) -> None:
    site.namespace('accepted-domain "company.example" {\n')
    done = site.compile("graph")
    assert done.returncode == 78
    assert done.stdout == ""
    assert f"{site.conf}:" in done.stderr


def test_graph_of_odd_names(site: Site) -> None:
    site.namespace(
        'accepted-domain "bücher.example" { type = authoritative }\n'
        'connector "e" { address-spaces = { "bücher.example" }\n'
        "smart-hosts = { \"10.8.0.25\" } }\n"
        'contact "\\"a<b>&\\\\\\"c\\"@bücher.example" { target = "x@far.example" }\n'
        "directory \"d\" { type = file path = 'a<i>&\\\\N.txt' }\n"
    )
    svg = draw(site)
    shown = texts(svg)
    assert "bücher.example" in shown and "xn--bcher-kva.example" in shown
    assert "a<i>&\\N.txt" in shown.replace(" \\ ", "\\"), shown
    titles = [a.get(f"{XLINK}title") or "" for a in svg.iter(f"{SVG}a")]
    assert any("a<i>&\\N.txt" in title for title in titles), titles
    assert '"a<b>&\\"c"@xn--bcher-kva.example' in shown, shown
    assert site.compile("graph").stdout == site.compile("graph").stdout


def test_graph_without_dot(site: Site) -> None:
    site.namespace(RELAY % FILTERED + SYSTEM % "reject")
    done = subprocess.run(
        [COMPILER, "-c", site.conf, "-s", site.state, "graph", "--svg"],
        capture_output=True,
        text=True,
        env=os.environ | {"PATH": str(site.root)},
    )
    assert done.returncode == 74
    assert done.stdout == ""
    assert "graphviz" in done.stderr


def test_graph_that_can_not_be_written(site: Site) -> None:
    site.namespace(RELAY % FILTERED + SYSTEM % "reject")
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [COMPILER, "-c", site.conf, "-s", site.state, "graph"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 74
    assert "write the graph" in done.stderr


def test_graph_of_a_large_site(site: Site) -> None:
    blocks = [f'accepted-domain "#d{n}.example" {{ }}' for n in range(450)]
    blocks += [
        f'accepted-domain "#s{n}.example" {{ secondary-of = "d{n}.example" }}'
        for n in range(50)
    ]
    for n in range(50):
        spaces = ", ".join(f'"d{i}.example"' for i in range(n, 450, 50))
        blocks.append(
            f'connector "c{n}" {{ address-spaces = {{ {spaces} }}\n'
            f'smart-hosts = {{ "10.1.{n}.1", "10.1.{n}.2" }} }}'
        )
    site.namespace("\n".join([*blocks, 'contacts = { "contacts.csv" }\n']))
    site.write(
        "contacts.csv",
        ["address,target"]
        + [f"u{n}@d{n % 450}.example,u@t{n % 300}.example" for n in range(100000)],
    )
    start = time.monotonic()
    svg = draw(site)
    assert time.monotonic() - start < 30
    nodes = [g for g in svg.iter(f"{SVG}g") if g.get("class") == "node"]
    # 50 connectors have 100 smart hosts; the rest is put together.
    assert len(nodes) < 50 + 100 + 50 + 50 + 40, len(nodes)
    tooltips = {
        name
        for a in svg.iter(f"{SVG}a")
        for name in a.get(f"{XLINK}title", "").split()
    }
    missing = {f"#d{n}.example" for n in range(450)} - tooltips
    assert not missing, len(missing)
