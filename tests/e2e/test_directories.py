"""Directories that fail.  "Not there" is a 550 only from certain knowledge;
a list that can not be read now takes nobody away, and one that was never
read makes its domain a 450.  All of it with policyd and by the maps alone.
"""

from __future__ import annotations

import time

from harness.paths import wait_until
from harness.site import DIRECTORY_FAILED, GUARD_REFUSED, Site
from harness.witness import expect_places, three_witnesses

CONF = """
accepted-domain "company.example" { type = authoritative }
accepted-domain "second.example" { secondary-of = "company.example" }
accepted-domain "other.example" { type = authoritative }
connector "one" {
    address-spaces = { "company.example", "other.example" }
    smart-hosts = { "$one" }
}
connector "two" { smart-hosts = { "$two" } }
directory "one" {
    type = file
    path = "one.txt"
    connector = "one"
}
directory "two" {
    type = file
    path = "two.txt"
    connector = "two"
    domains = { "company.example" }
    max-age = "%s"
}
"""
ENABLED_NO = 'path = "two.txt" enabled = no'
ANN, BEN = "ann@company.example", "ben@company.example"
GHOST, OTHER_GHOST = "ghost@company.example", "ghost@other.example"
SECOND_GHOST = "ghost@second.example"
ACCEPTED, UNKNOWN, LATER = "250 2.1.5", "550 5.1.1", "450 4.3.0"


def set_up(site: Site, max_age: str = "30d") -> None:
    site.sink("one")
    site.sink("two")
    site.write("one.txt", [ANN, "ann@other.example"])
    site.write("two.txt", [BEN])
    site.namespace(CONF % max_age)


def check_refuses(site: Site, status: int, words: str) -> None:
    """With the status that build will have, and at the directory's line."""
    line = site.conf.read_text().splitlines().index('directory "two" {') + 1
    done = site.compile("-q", "check")
    assert done.returncode == status, done
    assert f'{site.conf}:{line}: error: directory "two": ' in done.stderr
    assert words in done.stderr
    assert done.stdout == ""


def failed_keeps_its_recipients(site: Site, policyd: str | None) -> None:
    set_up(site)
    site.build()
    site.start(policyd)
    (site.root / "two.txt").unlink()
    output = site.build(expect=DIRECTORY_FAILED)
    assert "two" in output, output
    site.expect(
        {ANN: ACCEPTED, BEN: ACCEPTED, GHOST: UNKNOWN, OTHER_GHOST: UNKNOWN},
    )
    expect_places(site, site.send(ANN, BEN), {ANN: "one", BEN: "two"})


def test_failed_keeps_its_recipients(site: Site) -> None:
    failed_keeps_its_recipients(site, "spawn")


def test_failed_keeps_its_recipients_by_the_maps_alone(site: Site) -> None:
    failed_keeps_its_recipients(site, None)


def never_loaded_defers_what_it_may_own(site: Site, policyd: str | None) -> None:
    set_up(site)
    (site.root / "two.txt").unlink()
    check_refuses(site, DIRECTORY_FAILED, "two.txt: No such file or directory")
    site.build(expect=DIRECTORY_FAILED)
    site.start(policyd)
    known = {ANN: ACCEPTED, "ann@second.example": ACCEPTED, OTHER_GHOST: UNKNOWN}
    site.expect(known | dict.fromkeys([BEN, GHOST, SECOND_GHOST], LATER))
    if policyd:
        said = three_witnesses(site, ANN, BEN, SECOND_GHOST, OTHER_GHOST)
        assert said[BEN]["reason"] == "directory-stale"
    site.write("two.txt", [BEN])
    site.build()
    site.expect(known | {BEN: ACCEPTED, GHOST: UNKNOWN, SECOND_GHOST: UNKNOWN})


def test_never_loaded_defers_what_it_may_own(site: Site) -> None:
    never_loaded_defers_what_it_may_own(site, "spawn")


def test_never_loaded_defers_by_the_maps_alone(site: Site) -> None:
    never_loaded_defers_what_it_may_own(site, None)


def test_too_old_defers_by_the_clock(site: Site) -> None:
    """Nobody builds any more; policyd sees the hour.  Its recipients stay."""
    set_up(site, max_age="30s")
    site.build()
    site.start()
    site.expect({ANN: ACCEPTED, BEN: ACCEPTED, GHOST: UNKNOWN})
    wait_until(lambda: site.codes(GHOST)[GHOST] == LATER, "a 450", 120)
    site.expect({ANN: ACCEPTED, BEN: ACCEPTED, OTHER_GHOST: UNKNOWN})
    site.build()
    # Within a second policyd has seen the new hour of the directory.
    wait_until(lambda: site.codes(GHOST)[GHOST] == UNKNOWN, "a 550")
    site.expect({ANN: ACCEPTED, BEN: ACCEPTED})


def test_too_old_defers_by_the_maps_alone(site: Site) -> None:
    set_up(site, max_age="2s")
    site.build()
    site.start(policyd=None)
    (site.root / "two.txt").unlink()
    time.sleep(3)
    site.build(expect=DIRECTORY_FAILED)
    site.expect(
        {ANN: ACCEPTED, BEN: ACCEPTED, GHOST: LATER, OTHER_GHOST: UNKNOWN},
    )


def test_shrunken_list_is_refused_until_accepted(site: Site) -> None:
    set_up(site)
    many = [f"user{n}@company.example" for n in range(50)]
    site.write("two.txt", many)
    site.build()
    site.start()
    site.write("two.txt", many[:5])
    check_refuses(site, GUARD_REFUSED, "45 of 50 entries would be lost")
    site.build(expect=GUARD_REFUSED)
    site.expect({many[0]: ACCEPTED, many[40]: ACCEPTED, GHOST: UNKNOWN})
    site.build("--accept-shrink", "two")
    site.expect({many[0]: ACCEPTED, many[40]: UNKNOWN})


def test_directory_taken_out_is_refused_until_accepted(site: Site) -> None:
    set_up(site)
    many = [f"user{n}@company.example" for n in range(20)]
    site.write("two.txt", many)
    site.build()
    site.start()
    site.namespace(CONF.replace('path = "two.txt"', ENABLED_NO) % "30d")
    output = site.build(expect=GUARD_REFUSED)
    assert "--accept-shrink two" in output, output
    assert site.compile("check").returncode == GUARD_REFUSED
    site.expect({many[0]: ACCEPTED, many[19]: ACCEPTED, GHOST: UNKNOWN})
    site.build("--accept-shrink", "two")
    site.expect({ANN: ACCEPTED, many[0]: UNKNOWN, many[19]: UNKNOWN})


def taken_out_is_refused_until_accepted(site: Site, old: str, new: str) -> None:
    """What the configuration takes from a directory that serves as before."""
    set_up(site)
    many = [f"user{n}@company.example" for n in range(20)]
    site.write("two.txt", many)
    site.build()
    site.start()
    assert old in CONF
    site.namespace(CONF.replace(old, new) % "30d")
    words = "directory two: 20 recipients that it lists"
    output = site.build(expect=GUARD_REFUSED)
    assert words in output, output
    done = site.compile("-q", "check")
    assert done.returncode == GUARD_REFUSED and words in done.stderr, done
    site.expect(dict.fromkeys(many[:3], ACCEPTED))
    site.build("--accept-shrink", "two")
    assert site.codes(many[0])[many[0]] != ACCEPTED
    site.build()


def test_domains_taken_out_are_refused_until_accepted(site: Site) -> None:
    old = 'domains = { "company.example" }'
    taken_out_is_refused_until_accepted(site, old, 'domains = { "other.example" }')


def test_domain_taken_out_is_refused_until_accepted(site: Site) -> None:
    old = 'accepted-domain "company.example" { type = authoritative }'
    new = 'accepted-domain "company.example" { enabled = no }'
    second = 'accepted-domain "second.example" { secondary-of = "company.example" }'
    old, new = f"{old}\n{second}", f"{new}\n"
    taken_out_is_refused_until_accepted(site, old, new)


def test_lost_copy_takes_nobody_away(site: Site) -> None:
    """To the system of the domain, which does not have him."""
    set_up(site)
    kind = '"company.example" { type = authoritative }'
    relay = CONF.replace(kind, kind.replace("authoritative", "internal-relay"))
    site.namespace(relay % "30d")
    site.build()
    site.start()
    (site.root / "two.txt").unlink()
    for damaged in (None, "x"):
        copy = site.state / "directories" / "two"
        copy.unlink() if damaged is None else copy.write_text(damaged)
        output = site.build(expect=GUARD_REFUSED)
        assert "directory two can not be read" in output, output
        expect_places(site, site.send(ANN, BEN), {ANN: "one", BEN: "two"})
    site.build("--accept-shrink", "two", expect=DIRECTORY_FAILED)
    assert site.explain(BEN)["connector"] == "one"


def test_what_is_not_shown_of_a_list_comes_last(site: Site) -> None:
    set_up(site)
    site.write("one.txt", [ANN, *["nobody"] * 101])
    many = CONF.replace('path = "one.txt"', 'path = "one.txt" max-bad = 200')
    site.namespace(many % "30d")
    told = site.compile("check").stderr.splitlines()
    one = [t for t in told if t.startswith(f"{site.root}/one.txt:")]
    assert [int(t.split(":")[1]) for t in one[:-1]] == list(range(2, 102))
    assert one[-1].endswith("1 more bad line is not shown")


def test_faults_are_told_line_by_line(site: Site) -> None:
    """Whichever stage found them: keys, connectors, domains."""
    first = 'accepted-domain "a.example" { type = sole }'
    second = 'connector "b" { tls = must smart-hosts = { "b.example" } }'
    site.namespace("\n".join([first, second, "colour = red"]))
    told = site.compile("check").stderr.splitlines()
    assert [t.split(":")[1] for t in told] == ["1", "2", "3"], told
