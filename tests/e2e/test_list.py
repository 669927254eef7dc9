"""list tells of the generations that are kept, and which is read where."""

from __future__ import annotations

import json

from harness.site import Site

CONF = """
accepted-domain "company.example" { type = internal-relay }
connector "mail" {
    address-spaces = { "company.example" }
    smart-hosts = { "%s" }
}
directory "staff" { type = file path = "staff.txt" }
directory "guests" { type = file path = "guests.txt" }
"""


def set_up(site: Site) -> None:
    """A generation in force, and one whose recipients are due."""
    site.write("staff.txt", ["ann@company.example", "bob@company.example"])
    site.write("guests.txt", ["gus@company.example"])
    for host in ("10.0.0.1", "10.0.0.2"):
        site.namespace(CONF % host)
        site.build("--no-wait")


def test_list_tells_which_is_read(site: Site) -> None:
    set_up(site)
    done = site.compile("list")
    assert done.returncode == 0, done
    lines = done.stdout.splitlines()
    words = [line.split(maxsplit=8) for line in lines]
    assert [w[0] for w in words] == ["1", "2"]
    assert [w[4:6] for w in words] == [["3", "listed"]] * 2
    assert [w[8] for w in words] == ["current, not its routes", "routes"]


def test_list_as_json(site: Site) -> None:
    set_up(site)
    first, second = json.loads(site.compile("list", "--json").stdout)
    assert (first["generation"], second["generation"]) == (1, 2)
    assert first["listed"] == 3
    assert first["current"] and not first["routes"]
    assert second["routes"] and not second["current"]


def test_list_without_a_state_folder(site: Site) -> None:
    done = site.compile("list", "--json")
    assert done.returncode == 74
    assert done.stdout == ""
    assert str(site.state) in done.stderr


def test_one_damaged_generation_hides_no_other(site: Site) -> None:
    set_up(site)
    manifest = site.state / "generations" / "1" / "manifest.json"
    manifest.write_text("{")
    done = site.compile("list")
    assert done.returncode == 74
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["2"]
    assert done.stderr.startswith(f"transport-map-gen: error: {manifest}:1: ")
    assert done.stderr.count("\n") == 1
    done = site.compile("list", "--json")
    assert done.returncode == 74
    assert [one["generation"] for one in json.loads(done.stdout)] == [2]
