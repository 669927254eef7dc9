"""One domain, one mail system and the list of who is there: enough wherever
something else is tested.
"""

from __future__ import annotations

from harness.site import Site

CONF = """
accepted-domain "company.example" { type = authoritative }
connector "mail" {
    address-spaces = { "company.example" }
    smart-hosts = { "10.0.0.1" }
}
directory "staff" { type = file path = "staff.txt" }
"""
ANN, GHOST = "ann@company.example", "ghost@company.example"


def build_staff(site: Site, *more: str) -> None:
    """Ann is listed, and whoever else is named."""
    site.write("staff.txt", [ANN, *more])
    site.namespace(CONF)
    site.build()
