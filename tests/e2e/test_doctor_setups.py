"""The doctor at set-ups as administrators write them: silent where they are
sound, and clear where one of them harms."""

from __future__ import annotations

from harness.doctor import (
    Fault,
    examine,
    expect_sound,
    fill,
    find_and_mend,
    listing,
    run_lines,
)
from harness.site import Site

CONF = """
accepted-domain "company.example" {
    type             = internal-relay
    recipient-filter = directories
}
accepted-domain "#verified.example" {
    type             = external-relay
    recipient-filter = verify
}
connector "mail" {
    address-spaces = { "company.example", "verified.example" }
    smart-hosts    = { "10.8.0.25" }
    tls            = encrypt
}
directory "staff" {
    type      = file
    path      = "staff.txt"
    connector = "mail"
}
extension = "+"
"""

RECIPIENT, RELAY = "smtpd_recipient_restrictions", "smtpd_relay_restrictions"
POLICYD = (
    "check_policy_service "
    "{ unix:private/policyd, default_action=DUNNO, timeout=5s }"
)
ACCESS = "check_recipient_access cdb:{state}/current/recipient_access"
PERMITS = "permit_mynetworks, permit_sasl_authenticated"
SUBMISSION = "192.0.2.9:587/inet"


def post(setting: str) -> str:
    return f"postconf -e '{setting}'"


def main_cf(*lines: str) -> str:
    """As somebody writes at the end of it with an editor."""
    text = "\n".join(lines)
    return f"cat >> $MAIL_CONFIG/main.cf <<'END'\n{text}\nEND"


def master_cf(*lines: str) -> str:
    text = "\n".join(lines)
    return f"cat >> $MAIL_CONFIG/master.cf <<'END'\n{text}\nEND"


def listener(service: str, *overrides: str) -> str:
    words = [f"  -o {o}" for o in overrides]
    return master_cf(f"{service.partition('/')[0]} inet n - n - - smtpd", *words)


FAULTS = [
    # As Debian has it: nothing but its own recipient list guards it.
    Fault(
        "listener-asks",
        listener(
            SUBMISSION,
            f"{RELAY}=",
            f"{RECIPIENT}=permit_sasl_authenticated,reject",
        ),
        f"{SUBMISSION}/{RECIPIENT}",
        "warning",
    ),
    Fault(
        "relay-guard",
        post(f"{RELAY} = {PERMITS}, warn_if_reject reject_unauth_destination"),
        RELAY,
    ),
    Fault(
        "relay-guard",
        post(f"{RELAY} = check_client_access static:OK, reject_unauth_destination"),
        RELAY,
    ),
]

SOUND: list[str] = []


def set_up(site: Site) -> None:
    site.write("staff.txt", ["ann@company.example"])
    site.namespace(CONF)
    site.postfix.configure(["gateway", "spawn"])
    site.postfix.prepare()
    site.build()


def test_what_harms_is_found_and_mended(site: Site) -> None:
    set_up(site)
    expect_sound(site)
    for fault in FAULTS:
        find_and_mend(site, fault)


def test_what_is_sound_stays_unnamed(site: Site) -> None:
    set_up(site)
    main = site.postfix.config / "main.cf"
    master = site.postfix.config / "master.cf"
    kept = main.read_text(), master.read_text()
    for lines in SOUND:
        run_lines(site, fill(site, lines))
        found = examine(site)
        assert found == [], f"{lines}{listing(found)}"
        main.write_text(kept[0])
        master.write_text(kept[1])
