"""A mail log of the last minutes, in which the questions of
policyd-verdicts(8) find something.
"""

from datetime import datetime, timedelta

VERDICT = ("verdict=%s reason=%s recipient=<%s> domain=company.example "
           "type=internal-relay connector=%s nexthop=%s directory=%s "
           "client=%s sender=<%s> queue_id=- instance=%x.%x.1.0 "
           "generation=42 reply=%s us=%d%s")
ROUTE = ("exchange", "smtp:[10.8.0.25]:25")
NOWHERE = ("-", "-")
UNKNOWN = '"550 5.1.1 No such recipient here"'
LATER = '"450 4.3.0 Try again later"'
LOOP = '"550 5.4.6 Loop"'
SENDER = "eve@customer.example"
# verdict, reason, recipient, route, directory, client, sender, reply, us, shadow
VERDICTS = [
    ("reject", "unknown", "ghost@company.example", NOWHERE, "-", "192.0.2.7",
     "", UNKNOWN, 14, ""),
    ("reject", "unknown", "gost@company.example", NOWHERE, "-", "192.0.2.8",
     SENDER, UNKNOWN, 9, " shadow=yes"),
    ("reject", "loop", "bob@company.example", NOWHERE, "-", "10.8.0.25",
     "ann@company.example", LOOP, 11, ""),
    ("defer", "directory-stale", "new@company.example", NOWHERE, "ad",
     "192.0.2.7", SENDER, LATER, 2400, ""),
    ("accept", "listed", "ann@company.example", ROUTE, "ad", "192.0.2.9",
     SENDER, "DUNNO", 12, ""),
]
SMTPD = 4660  # of the last of them
DELIVERY = [
    f"postfix/smtpd[{SMTPD}]: 9B1F2A3C4D: client=mail.customer.example[192.0.2.9]",
    "postfix/cleanup[90]: 9B1F2A3C4D: message-id=<1@customer.example>",
    "postfix/qmgr[91]: 9B1F2A3C4D: from=<eve@customer.example>, size=432, "
    "nrcpt=1 (queue active)",
    f"postfix/smtpd[{SMTPD}]: disconnect from mail.customer.example[192.0.2.9]",
    "postfix/smtp[92]: 9B1F2A3C4D: to=<ann@company.example>, "
    "relay=10.8.0.25[10.8.0.25]:25, delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, "
    "status=sent (250 2.0.0 Ok: queued as 77)",
    "postfix/qmgr[91]: 9B1F2A3C4D: removed",
]


def messages(begin):
    """One a second; an smtpd each, in a transaction of that second."""
    for number, case in enumerate(VERDICTS, 1 - len(VERDICTS)):
        (verdict, reason, recipient, route, directory, client, sender, reply,
         us, shadow) = case
        yield "postfix/policyd[812]: " + VERDICT % (
            verdict, reason, recipient, *route, directory, client, sender,
            SMTPD + number, int(begin.timestamp()), reply, us, shadow)
    yield from DELIVERY


def mail_log():
    """Its text, the last line a moment ago."""
    seconds = len(VERDICTS) + len(DELIVERY)
    begin = datetime.now().astimezone() - timedelta(seconds=seconds)
    return "".join("%s mx1 %s\n" % (
        (begin + timedelta(seconds=i)).isoformat(), message)
        for i, message in enumerate(messages(begin)))


def journal():
    """The same as "journalctl -o export" writes it."""
    begin = datetime.now() - timedelta(seconds=60)
    for i, message in enumerate(messages(begin)):
        tag, text = message.split(": ", 1)
        name, pid = tag.rstrip("]").split("[")
        us = int((begin + timedelta(seconds=i)).timestamp() * 1e6)
        yield ("__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n"
               "_BOOT_ID=%032x\n_HOSTNAME=mx1\nSYSLOG_FACILITY=2\n"
               "SYSLOG_IDENTIFIER=%s\nSYSLOG_PID=%s\nMESSAGE=%s\n\n"
               % (us, us, 7, name, pid, text))
