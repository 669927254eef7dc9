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
connector "local" {
    address-spaces = { "lists.company.example" }
    transport      = "lmtp:unix:/run/postshare-test/lmtp"
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
GREYLIST = "check_policy_service inet:127.0.0.1:10023"
SPF = "check_policy_service unix:private/policyd-spf"
SUBMISSION = "192.0.2.9:587/inet"
LISTENER = "$(postconf -M | sed -n '/smtpd/{s, .*,,p;q}')/inet"


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
    Fault(
        "relay-guard",
        post("smtpd_restriction_classes = lax")
        + "; "
        + post("lax = permit_mynetworks, permit")
        + "; "
        + post(f"{RELAY} = lax, reject_unauth_destination"),
        RELAY,
    ),
    Fault(
        "unlisted", f'postconf -Pe "{LISTENER}/smtpd_reject_unlisted_recipient=no"'
    ),
    Fault(
        "address-class",
        post("mydestination = $myhostname, Lab.company.example"),
        "mydestination",
    ),
    Fault("mynetworks", post("mynetworks = 127.0.0.0/8, 0.0.0.0/0"), "mynetworks"),
    Fault(
        "policy-asked",
        post(f"{RECIPIENT} = {ACCESS}, warn_if_reject {POLICYD}, {PERMITS}"),
        RECIPIENT,
        "warning",
    ),
    Fault(
        "recipient-access",
        post(f"{RECIPIENT} = reject_unlisted_recipient, {POLICYD}, {ACCESS}"),
        RECIPIENT,
    ),
    Fault(
        "relay-others",
        post("relay_domains = cdb:{state}/routes/relay_domains, partner.example"),
        "relay_domains",
        by_hand=main_cf(
            "relay_recipient_maps = cdb:{state}/current/relay_recipients,",
            "    regexp:{state}/current/relay_recipients.regexp,",
            "    inline:{ @partner.example=x }",
        ),
    ),
    # As a list manager's.
    Fault(
        "relay-others",
        "echo 'lists.example x' > {root}/lists; postmap {root}/lists; "
        + post("relay_domains = cdb:{state}/routes/relay_domains, hash:{root}/lists"),
        "relay_domains",
        by_hand="echo 'a.company.example x' > {root}/lists; postmap {root}/lists",
    ),
    Fault(
        "relay-others",
        "printf '# lists\\nlists.example\\n' > {root}/lists; "
        + post("relay_domains = {root}/lists, cdb:{state}/routes/relay_domains"),
        "relay_domains",
        by_hand="echo '# none' > {root}/lists",
    ),
    Fault(
        "tls-shadowed",
        post(
            "smtp_tls_policy_maps = inline:{ {[10.8.0.25]=none} }, "
            "cdb:{state}/routes/tls_policy"
        ),
        "smtp_tls_policy_maps",
    ),
    Fault(
        "transport-service",
        "postconf -MX smtp/unix",
        "mail",
        by_hand=master_cf("smtp unix - - n - - smtp"),
    ),
    Fault(
        "transport-service",
        "postconf -MX verify/unix",
        "verify",
        by_hand=master_cf("verify unix - - n - 1 verify"),
    ),
    Fault(
        "transport-chroot", "postconf -Fe 'lmtp/unix/chroot=y'", "lmtp/unix"
    ),
    Fault(
        "map-override",
        f'postconf -Pe "{LISTENER}/relay_recipient_maps="',
    ),
    Fault(
        "map-override",
        "postconf -Pe cleanup/unix/virtual_alias_maps=",
        "cleanup/unix/virtual_alias_maps",
    ),
    Fault(
        "map-override",
        "postconf -Pe smtp/unix/smtp_tls_policy_maps=inline:{a=b}",
        "smtp/unix/smtp_tls_policy_maps",
    ),
    Fault(
        "fallback-relay",
        post("smtp_fallback_relay = [192.0.2.1]"),
        "smtp_fallback_relay",
        "warning",
        by_hand="postconf -X smtp_fallback_relay",
    ),
    Fault(
        "verify-code",
        post("unverified_recipient_defer_code = 550"),
        "unverified_recipient_defer_code",
    ),
]

FILTER = (
    "content_filter = scan:[192.0.2.9]:10025",
    "receive_override_options = no_address_mappings",
)

# Each is right, and nothing is found.
SOUND = [
    # Where policyd is asked, and who beside it.
    main_cf(
        "smtpd_restriction_classes = ours",
        f"ours = {POLICYD}, {ACCESS}",
        f"{RECIPIENT} = ours, {PERMITS}",
    ),
    main_cf(
        f"our_checks = {POLICYD},",
        f"    {ACCESS}",
        f"{RECIPIENT} =",
        "    # ours first",
        "    $our_checks",
        f"    {PERMITS}",
    ),
    main_cf(
        "our_socket = unix:private/policyd",
        f"{RECIPIENT} = {POLICYD.replace('unix:private/policyd', '$our_socket')},",
        f"    {ACCESS}",
        f"    {PERMITS}",
    ),
    post(f"{RECIPIENT} = {POLICYD}, {ACCESS}, {PERMITS}, {GREYLIST}"),
    post(f"{RECIPIENT} = reject_non_fqdn_recipient, {POLICYD}, {ACCESS}, {PERMITS}, ")
    .removesuffix("'")
    + "reject_rbl_client rbl.example=127.0.0.[2..11], reject_rhsbl_helo rbl.example'",
    master_cf("policyd-spf unix - n n - 0 spawn user=nobody argv=/usr/bin/policyd-spf")
    + "\n"
    + post(f"{RECIPIENT} = {POLICYD}, {ACCESS}, {PERMITS}, {SPF}"),
    main_cf(
        "smtpd_reject_unlisted_recipient = no",
        f"{RECIPIENT} = {POLICYD}, {ACCESS}, reject_unlisted_recipient, {PERMITS}",
    ),
    post(f"{RELAY} = permit_mynetworks permit_auth_destination reject"),
    post(f"{RELAY} = permit_mynetworks, defer_unauth_destination"),
    # Listeners.
    listener(
        SUBMISSION,
        "syslog_name=postfix/submission",
        "smtpd_reject_unlisted_recipient=no",
        "smtpd_tls_security_level=may",
        "smtpd_client_restrictions=",
        f"{RELAY}=permit_sasl_authenticated,reject",
    ),
    main_cf(f"mua_recipients = {POLICYD}, {ACCESS}, permit_sasl_authenticated, reject")
    + "\n"
    + listener(SUBMISSION, f"{RECIPIENT}=$mua_recipients"),
    master_cf(
        "smtp inet n - n - 1 postscreen",
        "smtpd pass - - n - - smtpd",
        "dnsblog unix - - n - 0 dnsblog",
        "tlsproxy unix - - n - 0 tlsproxy",
    ),
    # Filters, and their ways back in.
    main_cf("content_filter = scan:[127.0.0.1]:10024")
    + "\n"
    + listener(
        "127.0.0.1:10025",
        "content_filter=",
        "local_recipient_maps=",
        "relay_recipient_maps=",
        "smtpd_client_restrictions=",
        f"{RELAY}=permit_mynetworks,reject",
        f"{RECIPIENT}=permit_mynetworks,reject",
        "mynetworks=127.0.0.0/8",
        "receive_override_options=no_unknown_recipient_checks,no_milters",
    ),
    main_cf(*FILTER)
    + "\n"
    + listener(
        "10026",
        "content_filter=",
        "receive_override_options=no_unknown_recipient_checks",
        f"{RECIPIENT}=permit_mynetworks,reject",
        "mynetworks=192.0.2.9",
    ),
    master_cf("pre-cleanup unix n - n - 0 cleanup -o virtual_alias_maps="),
    main_cf(
        "smtpd_milters = inet:127.0.0.1:11332, unix:opendkim/opendkim.sock",
        "non_smtpd_milters = $smtpd_milters",
        "milter_default_action = accept",
    ),
    # Domains and tables of others.
    main_cf(
        "relay_domains = cdb:{state}/routes/relay_domains, partner.example,",
        "    .partner.example",
        "relay_recipient_maps = cdb:{state}/current/relay_recipients,",
        "    regexp:{state}/current/relay_recipients.regexp,",
        "    inline:{ @partner.example=x }",
    ),
    main_cf(
        "virtual_mailbox_domains = other.example, another.example",
        "virtual_mailbox_maps = inline:{ a@other.example=a/ }",
        "virtual_transport = lmtp:unix:private/dovecot-lmtp",
    ),
    main_cf("mydestination = $myhostname, localhost.$mydomain, localhost"),
    main_cf("myhostname = mx.company.example", "mydestination = $myhostname"),
    main_cf("relay_domains = !no.company.example, cdb:{state}/routes/relay_domains"),
    main_cf(
        "virtual_alias_maps = cdb:{state}/current/virtual_alias,",
        "    regexp:{ {/^x@other\\.example$$/ y@other.example} },",
        "    unionmap:{inline:{a@other.example=b},inline:{a@other.example=c}}",
    ),
    main_cf(
        "our_state = {state}",
        "relay_domains = cdb:$our_state/routes/relay_domains",
        "transport_maps = cdb:${our_state}/routes/transport",
        "    cdb:$(our_state)/routes/transport_leaving",
    ),
    main_cf(
        "smtp_tls_policy_maps = inline:{ {partner.example=encrypt} },",
        "    cdb:{state}/routes/tls_policy",
        "smtp_tls_security_level = may",
    ),
    main_cf(
        "recipient_bcc_maps = regexp:{ {/@company\\.example$$/ a@other.example} }",
        "sender_canonical_maps = regexp:{ {/@old\\.company\\.example$$/ a@b.example} }",
        "always_bcc = archive@other.example",
    ),
    main_cf(
        "relayhost = [smtp.provider.example]:587",
        "sender_dependent_relayhost_maps = inline:{ {@b.example=[c.example]} }",
        "smtp_sasl_auth_enable = yes",
    ),
    # The rest of main.cf.
    main_cf("compatibility_level = 2"),
    main_cf("parent_domain_matches_subdomains ="),
    "echo 10.0.0.0/8 > {root}/nets\n"
    + main_cf("mynetworks = 127.0.0.0/8 [::1]/128 {root}/nets"),
    main_cf('smtpd_banner = $myhostname ESMTP "it\'s" \\ {x}', "maillog_file ="),
]



def set_up(site: Site) -> None:
    site.write("staff.txt", ["ann@company.example", "ben@lab.company.example"])
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
