"""The clock of the machine goes back a day and ahead a year between builds."""

from __future__ import annotations

from harness.paths import BIN
from harness.site import Site

CLOCK = BIN.parent / "tests/faults/clock.so"
CONF = """
accepted-domain "#company.example" { type = authoritative }
connector "mail" {
    address-spaces = { "#company.example" }
    smart-hosts = { "10.0.0.%d" }
}
directory "staff" { type = file path = "staff.txt" max-age = 2d }
"""
NOW = 1_800_000_000
DAY = 86_400
GHOST = "ghost@company.example"


def set_clock(site: Site, now: int) -> None:
    """Of the compiler, which does not really sleep then."""
    assert CLOCK.exists(), f"{CLOCK} is not built"
    site.environment = {
        "FAULTS_NOW": str(now),
        "LD_PRELOAD": str(CLOCK),
        "ASAN_OPTIONS": "verify_asan_link_order=0",
    }


def lists(site: Site, *names: str) -> None:
    site.write("staff.txt", [f"{name}@company.example" for name in names])


def answer(site: Site, address: str) -> tuple[str, str]:
    said = site.explain(address)
    return said["verdict"], said["reason"]


def test_builds_go_on(site: Site) -> None:
    """Each change is published, routes or recipients, and nothing else."""
    for number, days in enumerate((0, -1, 365, 0), 1):
        set_clock(site, NOW + days * DAY)
        lists(site, *(f"user{n}" for n in range(number)))
        site.namespace(CONF % number)
        assert f"published: generation {number}," in site.build()
        assert f"unchanged: generation {number} stands" in site.build()
        assert answer(site, f"user{number - 1}@company.example")[0] == "accept"
        assert answer(site, GHOST) == ("reject", "unknown")
        record = (site.state / "publish").read_text()
        assert "step=done" in record, record


def test_a_list_of_another_time_refuses_nobody(site: Site) -> None:
    """Until it is read by the clock as it is."""
    site.namespace(CONF % 1)
    lists(site, "ann")
    for built, asked in ((0, 365), (365, 0)):
        set_clock(site, NOW + built * DAY)
        site.build()
        assert answer(site, GHOST) == ("reject", "unknown")
        set_clock(site, NOW + asked * DAY)
        assert answer(site, GHOST) == ("defer", "directory-stale")
        assert answer(site, "ann@company.example")[0] == "accept"
        site.build()
        assert answer(site, GHOST) == ("reject", "unknown")


def test_a_day_back_is_within_max_age(site: Site) -> None:
    site.namespace(CONF % 1)
    lists(site, "ann")
    set_clock(site, NOW)
    site.build()
    set_clock(site, NOW - DAY)
    assert answer(site, GHOST) == ("reject", "unknown")
