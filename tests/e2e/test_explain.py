"""explain is asked with what people have at hand."""

from __future__ import annotations

import json
import os

from harness.site import Site

CONF = """
accepted-domain "#company.example" { type = authoritative }
connector "mail" {
    address-spaces = { "#company.example" }
    smart-hosts = { "10.0.0.1" }
}
directory "staff" { type = file path = "staff.txt" }
"""


def set_up(site: Site) -> None:
    site.write("staff.txt", ["ann@company.example", '"two words"@company.example'])
    site.namespace(CONF)
    site.build()


def test_every_spelling_is_understood(site: Site) -> None:
    """Angle brackets as in a log, quotes as in SMTP or none at all."""
    set_up(site)
    for spelling in (
        "<ann@company.example>",
        '"ann"@company.example',
        '<"Two Words"@company.example>',
        "two words@company.example",
    ):
        assert site.explain(spelling)["reason"] == "listed", spelling
    nobody = site.explain('""@company.example')
    assert nobody["smtp_reply"].startswith("550 5.1.1 <@company.example>: ")
    bare = site.explain("postmaster")
    assert (bare["reason"], bare["smtp_reply"]) == ("not-an-address", "Postfix's own")


def test_a_dash_in_front_is_no_option(site: Site) -> None:
    set_up(site)
    done = site.compile("explain", "-x@company.example")
    assert done.returncode == 64
    assert "no such option -x; " in done.stderr
    assert "behind --" in done.stderr
    done = site.compile("explain", "--json", "--", "-x@company.example")
    assert done.returncode == 0
    assert '"unknown"' in done.stdout
    done = site.compile("--jsonn", "list")
    assert "no such option --jsonn; " in done.stderr


def test_a_terminal_gets_nothing_that_it_obeys(site: Site) -> None:
    """Addresses are copied out of logs, where strangers wrote them."""
    set_up(site)
    obeyed = "\x1b", "\x9b", "\u202e", "\u2028"
    address = f"x{''.join(obeyed)}y@company.example"
    for options in ((), ("--json",)):
        done = site.compile("explain", *options, address)
        assert done.returncode == 0, done.stderr
        assert not any(c in done.stdout for c in obeyed), done.stdout
    assert f"<{address}>" in json.loads(done.stdout)["smtp_reply"]


def test_a_long_way_is_told_to_its_end(site: Site) -> None:
    hosts = [f"a-smart-host-with-number-{n}.company.example" for n in range(100)]
    written = ", ".join(f'"{host}"' for host in hosts)
    site.write("staff.txt", ["ann@company.example"])
    site.namespace(CONF.replace('"10.0.0.1"', written))
    site.build()
    told = site.compile("explain", "ann@company.example").stdout
    assert told.count(f"[{hosts[-1]}]") == 2, told  # of the map, the connector


def test_a_path_that_is_no_utf8_hides_nothing(site: Site) -> None:
    set_up(site)
    folder = os.fsencode(site.root) + b"/\xff"
    os.symlink(site.root, folder)
    conf = folder + b"/" + os.fsencode(site.conf.name)
    words = ("-c", conf, "explain", "--json", "ann@company.example")
    answer = json.loads(site.compile(*words).stdout)
    assert [step["step"] for step in answer["steps"]] == [
        step["step"] for step in site.explain("ann@company.example")["steps"]
    ]
    assert [entry["place"] for entry in answer["listed"]] == [
        f"{site.root}/?/staff.txt:1"
    ]
