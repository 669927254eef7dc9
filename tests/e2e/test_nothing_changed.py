"""A build of what stands already makes nothing anew, says what a whole one
says, and leaves what it leaves; whatever changed, the whole way is taken.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from harness.site import COMPILER, DIRECTORY_FAILED, Site

PLAIN = """
accepted-domain "#company.example" { type = authoritative }
connector "mail" {
    address-spaces = { "company.example" }
    smart-hosts = { "10.8.0.25" }
}
directory "staff" { type = file path = "staff.txt" }
"""
TALKATIVE = """
accepted-domain "company.example" { type = internal-relay }
accepted-domain "old.example" { secondary-of = "company.example" }
accepted-domain "#shop.example" {
    type = authoritative
    catch-all = "ann@company.example"
}
accepted-domain "#trusted.example" {
    type = internal-relay
    recipient-filter = directories
    accept-from = trusted
}
accepted-domain "#asked.example" { type = internal-relay recipient-filter = verify }
connector "one" { address-spaces = { "*" } smart-hosts = { "10.8.0.25" } }
connector "two" { smart-hosts = { "10.8.0.26" } unknowns = return }
directory "staff" { type = file path = "staff.txt" connector = "one" }
directory "guests" { type = file path = "guests.txt" connector = "two" }
directory "sheet" {
    type = csv
    path = "sheet.csv"
    columns = { "address" }
    connector = "two"
}
contact "sales@company.example" { target = "crm@saas.example" }
contacts = { "partners.csv" }
postmaster = "ann@company.example"
"""


def set_up(site: Site, conf: str) -> None:
    site.write(
        "staff.txt",
        [f"{name}@company.example" for name in ("ann", "bob", "j.smith", "user1")]
        + ["eve@trusted.example", "x@shop.example", "y@nowhere.example"],
    )
    site.write(
        "guests.txt",
        [f"{name}@company.example" for name in ("ann", "jsmith", "userl", "\u0430nn")]
        + ["gus@trusted.example", '"a%b"@company.example', "z@asked.example"],
    )
    site.write("sheet.csv", ["address,name", "kim@company.example,Kim"])
    site.write("partners.csv", ["address,target", "pat@company.example,pat@far.example"])
    site.namespace(conf)


def marks(site: Site) -> tuple[int, int]:
    """A whole build makes a folder here, if only for a while."""
    folder = site.state / "generations"
    if not folder.exists():
        return 0, 0
    status = folder.stat()
    return status.st_mtime_ns, status.st_ctime_ns


def tree(folder: Path) -> dict[str, object]:
    """All that is there but times: what a build says of when it ran."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = path.readlink()
        elif path.is_dir():
            found[name] = path.stat().st_mode
        elif path.name in ("freshness", "inputs"):
            found[name] = re.sub(rb"^\w{128}|\d{10}", b"", path.read_bytes())
        elif path.name.endswith("~read"):
            found[name] = path.stat().st_mode  # what was read, by a new key
        else:
            found[name] = (path.stat().st_mode, path.read_bytes())
    return found


class Run:
    def __init__(self, site: Site, *options: str):
        before = marks(site)
        done = site.compile("build", *options)
        self.status = done.returncode
        # Said by the first build of a state folder alone.
        without_group = re.compile("transport-map-gen: there is no group .*\n")
        self.said = done.stdout, without_group.sub("", done.stderr)
        self.is_whole = marks(site) != before
        self.left = tree(site.state)


def build(site: Site, *options: str) -> Run:
    return Run(site, *options)


def is_answered_at_once(site: Site, *options: str) -> None:
    """The same as a whole build that knows of none before it."""
    at_once = build(site, *options)
    assert not at_once.is_whole, at_once.said
    (site.state / "inputs").unlink()
    whole = build(site, *options)
    assert whole.is_whole
    assert at_once.status == whole.status == 0
    assert at_once.said == whole.said
    differs = [
        name
        for name in at_once.left | whole.left
        if at_once.left.get(name) != whole.left.get(name)
    ]
    assert not differs, differs
    assert "unchanged: generation " in whole.said[0] or "-q" in options
    assert not build(site, *options).is_whole


def test_plain(site: Site) -> None:
    set_up(site, PLAIN)
    assert build(site).is_whole
    is_answered_at_once(site)
    is_answered_at_once(site, "-q")
    is_answered_at_once(site, "--no-wait")


def test_what_was_said_of_recipients_is_said_again(site: Site) -> None:
    set_up(site, TALKATIVE)
    first = build(site)
    assert first.status == 0, first.said
    for sentence in (
        "which stands first and wins",
        "is in no accepted domain and left out",
        "can not be reached from outside",
        "is nearly j.smith@company.example",
        "and is another recipient",
    ):
        assert sentence in first.said[1], (sentence, first.said[1])
    is_answered_at_once(site)
    again = build(site)
    assert not again.is_whole
    assert first.said[1] == again.said[1]


def metrics(site: Site) -> tuple[bool, list[str]]:
    file = site.root / "postshare.prom"
    run = build(site, "--textfile", str(file))
    lines = file.read_text().splitlines()
    return run.is_whole, [
        re.sub(r"\d{10}(\.\d+)?$", "TIME", line)
        for line in lines
        if not line.startswith("postshare_build_duration_seconds ")
    ]


def test_metrics_are_the_same(site: Site) -> None:
    set_up(site, TALKATIVE)
    build(site)
    at_once = metrics(site)
    (site.state / "inputs").unlink()
    whole = metrics(site)
    assert (at_once[0], whole[0]) == (False, True)
    assert at_once[1] == whole[1]
    assert "postshare_build_conflicts 1" in whole[1]


def test_freshness_goes_on(site: Site) -> None:
    set_up(site, PLAIN)
    build(site)
    (site.state / "freshness").write_text("staff 1000000000\n")
    assert not build(site).is_whole
    assert "staff 1000000000" not in (site.state / "freshness").read_text()


def test_source_that_did_not_change_is_not_read_again(site: Site) -> None:
    """A read would leave another note of what it has read."""
    set_up(site, PLAIN)
    build(site)
    note = site.state / "directories" / "staff~read"
    before = note.stat().st_ino
    (site.state / "inputs").unlink()
    assert build(site).is_whole
    assert not build(site).is_whole
    assert note.stat().st_ino == before
    change_list(site)
    build(site)
    assert note.stat().st_ino != before


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def change_comment(site: Site) -> None:
    append(site.conf, "# a comment\n")


def change_list(site: Site) -> None:
    append(site.root / "staff.txt", "new@company.example\n")


def change_order(site: Site) -> None:
    lines = (site.root / "staff.txt").read_text().splitlines()
    site.write("staff.txt", lines[::-1])


def change_contact(site: Site) -> None:
    append(site.root / "partners.csv", "quin@company.example,quin@far.example\n")


def remove_inputs(site: Site) -> None:
    (site.state / "inputs").unlink()


def damage_inputs(site: Site) -> None:
    inputs = site.state / "inputs"
    inputs.write_text(inputs.read_text().replace('"conflicts": ', '"conflicts": 7'))


def cut_map(site: Site) -> None:
    path = site.state / "current" / "relay_recipients.cdb"
    path.write_bytes(path.read_bytes()[:-1])


def remove_map(site: Site) -> None:
    (site.state / "routes" / "transport.cdb").unlink()


def touch_map(site: Site) -> None:
    """The same bytes: nobody can know that without reading them."""
    path = site.state / "current" / "policy.cdb"
    path.write_bytes(path.read_bytes())


def change_copy(site: Site) -> None:
    path = site.state / "directories" / "staff"
    path.write_bytes(path.read_bytes())


def remove_copy(site: Site) -> None:
    (site.state / "directories" / "guests").unlink()


INPUTS: tuple[Callable[[Site], None], ...] = (
    change_comment,
    change_list,
    change_order,
    change_contact,
    change_copy,
    remove_copy,
)
STANDING: tuple[Callable[[Site], None], ...] = (
    remove_inputs,
    damage_inputs,
    touch_map,
    remove_map,
)


def test_each_change_of_input_takes_the_whole_way(site: Site) -> None:
    set_up(site, TALKATIVE)
    build(site)
    take_the_whole_way(site, INPUTS)
    assert site.explain("new@company.example")["verdict"] == "accept"
    assert site.explain("quin@company.example")["reason"] == "contact"


def test_each_harm_to_what_stands_takes_the_whole_way(site: Site) -> None:
    set_up(site, TALKATIVE)
    build(site)
    take_the_whole_way(site, STANDING)
    path = site.state / "routes" / "transport.cdb"
    subprocess.run(["cdb", "-s", path], check=True, capture_output=True)


def test_what_can_not_be_read_is_told_each_time(site: Site) -> None:
    """The generation that took its place has routes of the harmed one."""
    set_up(site, PLAIN)
    build(site)
    cut_map(site)
    for _ in range(2):
        run = build(site)
        assert run.is_whole
        assert "relay_recipients.cdb: no CDB map, or cut short" in run.said[1]


def take_the_whole_way(
    site: Site, changes: tuple[Callable[[Site], None], ...]
) -> None:
    settle(site)
    for change in changes:
        change(site)
        run = build(site, "-q")
        assert run.is_whole, change.__name__
        assert run.status == 0, run.said
        settle(site)


def settle(site: Site) -> None:
    for _ in range(3):
        if not build(site, "-q").is_whole:
            return
    raise AssertionError("each build takes the whole way")


def test_options_that_ask_for_more(site: Site) -> None:
    set_up(site, PLAIN)
    build(site)
    assert build(site, "--accept-shrink", "staff").is_whole
    assert not build(site).is_whole
    before = tree(site.state)
    done = site.compile("build", "--dry-run")
    assert done.returncode == 0 and "unchanged" not in done.stdout, done
    assert tree(site.state) == before


def test_source_that_fails(site: Site) -> None:
    set_up(site, PLAIN)
    build(site)
    (site.root / "staff.txt").rename(site.root / "away.txt")
    run = build(site)
    assert run.is_whole and run.status == DIRECTORY_FAILED
    assert build(site).is_whole, "what is stale is judged by the clock"
    (site.root / "away.txt").rename(site.root / "staff.txt")
    settle(site)


def test_bad_lines_are_told_each_time(site: Site) -> None:
    set_up(site, PLAIN)
    append(site.root / "staff.txt", "nobody\n")
    first = build(site)
    assert "staff.txt:8: advice: " in first.said[1], first.said
    again = build(site)
    assert again.said[1] == first.said[1]


def test_another_program(site: Site) -> None:
    set_up(site, PLAIN)
    build(site)
    copy = site.root / "compiler"
    shutil.copy(COMPILER, copy)
    before = marks(site)
    subprocess.run(
        [copy, "-q", "-c", site.conf, "-s", site.state, "build"],
        check=True,
        timeout=60,
    )
    assert marks(site) != before


def test_another_name_of_the_configuration(site: Site) -> None:
    """It stands in what is said."""
    set_up(site, TALKATIVE)
    build(site)
    before = marks(site)
    other = f"{site.root}/./namespace.conf"
    done = site.compile_raw(["-c", other, "-s", site.state, "build"])
    assert done.returncode == 0 and other in done.stderr, done
    assert marks(site) != before


def test_hold(site: Site) -> None:
    set_up(site, PLAIN)
    build(site)
    change_list(site)
    build(site)
    assert site.compile("rollback", "--no-wait").returncode == 0
    held = build(site)
    assert "held: " in held.said[0], held.said
    assert site.compile("release").returncode == 0
    run = build(site, "--no-wait")
    assert run.is_whole, run.said


def test_last_routes_pass_by_the_clock(site: Site) -> None:
    set_up(site, 'linger = "20s"\n' + PLAIN)
    build(site)
    lines = (site.root / "staff.txt").read_text().splitlines()
    site.write("staff.txt", lines[1:])
    began = time.monotonic()
    assert "published" in build(site).said[0]
    dates = site.state / "current" / "leaving.dates"
    assert "ann@company.example" in dates.read_text()
    settle(site)
    is_answered_at_once(site)
    time.sleep(max(0.0, 21 - (time.monotonic() - began)))
    run = build(site, "--no-wait")
    assert run.is_whole, run.said
    assert dates.read_text() == ""
