"""explain is asked with what people have at hand."""

from __future__ import annotations

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
