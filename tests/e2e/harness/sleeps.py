"""What a build sleeps: as it asks for it, which no busy machine makes longer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from harness.paths import BIN
from harness.site import Site

TELLER = BIN.parent / "tests/faults/sleeps.so"
# Until routes are touched again, are in force, and recipients are touched again.
NEW_ROUTE_WAITS_MS = (2_000, 10_000, 2_000)


@contextmanager
def told_sleeps(site: Site) -> Iterator[list[int]]:
    """Filled at the end: milliseconds, of each compiler that ran inside."""
    told = site.root / "sleeps"
    slept: list[int] = []
    told.write_text("")
    # ASan wants to be the first otherwise.
    site.environment = {
        "LD_PRELOAD": str(TELLER),
        "SLEEPS": str(told),
        "ASAN_OPTIONS": "verify_asan_link_order=0",
    }
    try:
        yield slept
    finally:
        site.environment = {}
    slept += map(int, told.read_text().split())


def expect_waits_for_routes(slept: list[int]) -> None:
    """None is longer: what else is done is part of the second."""
    assert len(slept) == len(NEW_ROUTE_WAITS_MS), slept
    for asked, wait in zip(slept, NEW_ROUTE_WAITS_MS, strict=True):
        assert asked <= wait, slept
