"""build --no-wait, run after run, with something new in each of them."""

from __future__ import annotations

import re

from harness.site import Site

CONF = """
accepted-domain "#company.example" { type = authoritative }
connector "mail" {
    address-spaces = { "#company.example" }
    smart-hosts = { "%s" }
}
directory "staff" { type = file path = "staff.txt" max-age = 1h }
"""


def build_with(site: Site, number: int) -> str:
    """Something changes in routes and recipients."""
    site.write("staff.txt", [f"user{n}@company.example" for n in range(number)])
    site.namespace(CONF % f"10.0.0.{number}")
    return site.build("--no-wait")


def let_routes_settle(site: Site) -> None:
    """As if the 12 seconds were over."""
    record = (site.state / "publish").read_text()
    past = re.sub(r"(?m)^(routes-switched\S*)=.*$", r"\1=0", record)
    (site.state / "publish").write_text(past)


def test_directories_stay_fresh(site: Site) -> None:
    """What the next run finishes was read by the run before."""
    build_with(site, 1)
    long_ago = "staff 1000000000\n"
    (site.state / "freshness").write_text(long_ago)
    ghost = "ghost@company.example"
    assert "recipients due" in build_with(site, 2)
    assert site.explain(ghost)["reason"] == "directory-stale"
    let_routes_settle(site)
    assert "recipients due" in build_with(site, 3)
    assert site.explain(ghost)["reason"] == "unknown"
    assert site.explain("user1@company.example")["reason"] == "listed"
