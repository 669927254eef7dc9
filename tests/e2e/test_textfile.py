"""build --textfile: promtool(1) takes it, every run replaces it, whatever
came of the run, and a run is not lost for it.
"""

from __future__ import annotations

import re
import subprocess
import time

from harness.site import DIRECTORY_FAILED, GUARD_REFUSED, PUBLISHED, Site

CONF = """
accepted-domain "company.example" { type = authoritative }
connector "mail" {
    address-spaces = { "company.example" }
    smart-hosts = { "10.8.0.25" }
}
directory "staff" { type = file path = "staff.txt" }
directory "guests" { type = file path = "guests.txt" }
"""
LAST_SUCCESS = "build_last_success_timestamp_seconds"


def set_up(site: Site) -> None:
    site.write("staff.txt", [f"user{n}@company.example" for n in range(40)])
    site.write("guests.txt", ["user1@company.example", "gus@company.example"])
    site.namespace(CONF)


def build(site: Site, expect: int, *options: str) -> dict[str, float]:
    """The metrics that this run left, without their "postshare_"."""
    file = site.root / "postshare.prom"
    done = site.compile("-q", "build", "--textfile", str(file), *options)
    assert done.returncode == expect, done
    checked = subprocess.run(
        ["promtool", "check", "metrics"],
        input=file.read_text(),
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0 and checked.stdout == "", checked
    assert file.stat().st_mode & 0o7777 == 0o644
    found = re.findall(r"^postshare_(\S+) (\S+)$", file.read_text(), re.M)
    metrics = {name: float(value) for name, value in found}
    assert metrics["build_exit_status"] == expect
    assert metrics["build_success"] == (expect == PUBLISHED)
    assert abs(metrics["build_timestamp_seconds"] - time.time()) < 60
    return metrics


def test_textfile_of_each_run(site: Site) -> None:
    set_up(site)
    first = build(site, PUBLISHED, "--no-wait")
    assert first['build_directory_recipients{directory="staff"}'] == 40
    assert first['build_directory_success{directory="guests"}'] == 1
    assert first["build_conflicts"] == 1
    assert first[LAST_SUCCESS] == first["build_timestamp_seconds"]

    unchanged = build(site, PUBLISHED)
    assert unchanged["build_generation"] == 1
    assert unchanged["build_generation_timestamp_seconds"] > 0
    succeeded = unchanged[LAST_SUCCESS]

    (site.root / "guests.txt").unlink()
    failed = build(site, DIRECTORY_FAILED)
    assert failed['build_directory_success{directory="guests"}'] == 0
    assert failed['build_directory_recipients{directory="guests"}'] == 2
    assert failed['build_directory_success{directory="staff"}'] == 1

    site.write("guests.txt", ["gus@company.example"])
    site.write("staff.txt", ["user1@company.example"])
    refused = build(site, GUARD_REFUSED)
    assert refused['build_directory_recipients{directory="staff"}'] == 40

    site.namespace(CONF + "nonsense\n")
    broken = build(site, 78)
    assert not [name for name in broken if "directory" in name]
    for metrics in (failed, refused, broken):
        assert metrics[LAST_SUCCESS] == succeeded
        assert metrics["build_generation"] == 1


def test_textfile_without_a_state_folder(site: Site) -> None:
    set_up(site)
    site.state.write_text("no folder")
    metrics = build(site, 74)
    assert "build_generation" not in metrics
    assert LAST_SUCCESS not in metrics


def test_textfile_in_a_missing_folder(site: Site) -> None:
    set_up(site)
    done = site.compile("build", "--textfile", str(site.root / "none" / "x.prom"))
    assert done.returncode == 74
    assert f"{site.root}/none: No such file" in done.stderr
    assert not site.state.exists(), "built before it was noticed"


def test_textfile_that_can_not_be_written(site: Site) -> None:
    """The name that it is first written under is taken by a folder."""
    set_up(site)
    (site.root / "x.prom.tmp").mkdir()
    arguments = ("-q", "build", "--no-wait", "--textfile", f"{site.root}/x.prom")
    done = site.compile(*arguments)
    assert done.returncode == 74
    assert "x.prom.tmp" in done.stderr
    assert (site.state / "routes").is_symlink(), "what was published is gone"
    site.compile("-q", "build", "--no-wait")
    site.write("staff.txt", ["user1@company.example"])
    assert site.compile(*arguments).returncode == GUARD_REFUSED
    site.namespace(CONF + "nonsense\n")
    assert site.compile(*arguments).returncode == 78
