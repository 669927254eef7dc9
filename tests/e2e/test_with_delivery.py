"""What became of a recipient: policyd verdicts --with-delivery says what the
mail systems got, and what Postfix made of the rest.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
import time
from functools import partial

from harness.client import STRANGER, Client, Reply
from harness.paths import free_port, wait_until
from harness.site import Site

JOURNAL_REMOTE = "/lib/systemd/systemd-journal-remote"
JOURNAL_BEGINS = int(time.time()) * 1_000_000
CONF = """
accepted-domain "#company.example" {
    type = authoritative
    catch-all = "left@old.example"
}
accepted-domain "#old.example" { type = authoritative }
accepted-domain "#second.example" { secondary-of = "old.example" }
accepted-domain "#free.example" { type = internal-relay recipient-filter = off }
connector "one" {
    address-spaces = { "company.example", "old.example", "free.example" }
    smart-hosts = { "$one" }
}
connector "two" { transport = "lmtp:unix:private/two" }
connector "three" { smart-hosts = { "$three" } }
directory "one" { type = file path = "one.txt" connector = "one" }
directory "two" { type = file path = "two.txt" connector = "two" }
directory "three" { type = file path = "three.txt" connector = "three" }
contact "sales@company.example" { target = "crm@saas.example" }
extension = "+"
"""
ANN, BOB, CAT = (f"{who}@company.example" for who in ("ann", "bob", "cat"))
GONE, LATE = "gone@company.example", "late@company.example"
CRAFTED = '"x>, relay=evil, dsn=2.0.0, status=sent (y"@company.example'
LISTS = {
    "one": [ANN, GONE, LATE, "eve@old.example", "left@old.example"],
    "two": [BOB, CRAFTED],
    "three": [CAT, *(f"c{n}@company.example" for n in range(20))],
}
# After policyd, and before the whole message is in.
RESTRICTIONS = f"""
message_size_limit = 5000
smtpd_recipient_restrictions =
    check_policy_service {{ unix:private/policyd, default_action=DUNNO }},
    check_recipient_access inline:{{ {{ {LATE} = 554 5.7.1 no; from=<x> to=<y> }} }}
smtpd_data_restrictions =
    check_sender_access inline:{{ {{ at-data@else.example = 550 5.7.1 no }} }}
"""


class PacedClient(Client):
    """Asks nothing before the log has what was said.  policyd writes its lines
    itself here and Postfix by its postlogd; a syslogd, which takes both from
    one socket, has them in the order in which they were said.
    """

    site: Site

    def mail(self, sender: str, utf8: bool = False) -> None:
        catch_up(self.site)
        super().mail(sender, utf8)

    def rcpt(self, recipient: str, token: str = "") -> Reply:
        catch_up(self.site)
        return super().rcpt(recipient, token)


def catch_up(site: Site) -> None:
    """All that Postfix has said so far stands in the log."""
    mark = f"mark {time.monotonic_ns()}"
    postlog = ["postlog", "-c", site.postfix.config, "-t", "postfix/test", mark]
    subprocess.run(postlog, check=True, capture_output=True)
    log = site.root / "maillog"
    wait_until(lambda: mark in log.read_text(), "the log", 30)


def paced(site: Site, address: str = STRANGER) -> Client:
    client = PacedClient(site.postfix.server, address)
    client.site = site
    return client


def start(site: Site, more: str = "", master: str = "") -> None:
    """policyd and Postfix write into one log, in the same host's name."""
    for name in ("one", "three"):
        site.sink(name)
    site.local_sink("two", "private/two")
    for name, addresses in LISTS.items():
        site.write(f"{name}.txt", addresses)
    site.namespace(CONF)
    site.build()
    host = socket.gethostname().split(".")[0]
    site.daemon_log = site.root / "maillog"
    site.postfix.configure(["gateway", "daemon"], more)
    main = site.postfix.config / "main.cf"
    main.write_text(main.read_text().replace("= gateway.test", f"= {host}.test"))
    with (site.postfix.config / "master.cf").open("a") as file:
        file.write(master)
    site.postfix.prepare()
    site.start_daemon()
    site.postfix.start()
    site.client = partial(paced, site)


def verdicts(site: Site, *options: str) -> str:
    done = subprocess.run(
        [site.postfix.programs / "policyd", "verdicts", *options]
        + [site.root / "maillog"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done
    return done.stdout


def ask(site: Site, *options: str) -> list[dict]:
    """The verdicts, with their fates."""
    shown = verdicts(site, "--with-delivery", "--json", *options)
    return [json.loads(line) for line in shown.splitlines()]


def fates(site: Site, *options: str) -> list[tuple[str, list[str]]]:
    """(recipient, what became of it), in order of the verdicts."""
    return [
        (verdict["recipient"], sorted(words(f) for f in verdict["delivery"]))
        for verdict in ask(site, *options)
    ]


def words(fate: dict) -> str:
    parts = (fate["status"], fate["dsn"], fate["to"])
    return " ".join(part for part in parts if part)


def expect(
    site: Site, expected: list[tuple[str, list[str]]], *options: str
) -> None:
    """Soon: the log is written by a process of its own."""
    try:
        wait_until(lambda: fates(site, *options) == expected, "fates")
    except AssertionError:
        found = fates(site, *options)
        assert found == expected, f"{found}\nexpected {expected}"


def sent(to: str) -> list[str]:
    return [f"sent 2.0.0 {to}"]


def test_each_recipient_of_a_message_has_its_own(site: Site) -> None:
    start(site)
    site.sinks["one"].users = {ANN, "eve@old.example", "left@old.example"}
    nobody, second = "nobody@company.example", "eve@second.example"
    tagged, sales = "Bob+Tag@Company.Example", "sales@company.example"
    ghost = "ghost@old.example"
    mail = site.send(ANN, BOB, CAT, nobody, second, sales, GONE, ghost, tagged)
    expect(
        site,
        [
            (ANN, sent(ANN)),
            (BOB, sent(BOB)),
            (CAT, sent(CAT)),
            (nobody, sent("left@old.example")),
            (second, sent("eve@old.example")),
            (sales, sent("crm@saas.example")),
            (GONE, [f"bounced 5.1.1 {GONE}"]),
            (ghost, []),
            (tagged, sent("bob+Tag@company.example")),
        ],
    )
    # and so it was: who got it, and where
    places = site.places(mail)
    systems = {sink.hop: name for name, sink in site.sinks.items()}
    for verdict in ask(site):
        found = []
        for fate in verdict["delivery"]:
            if fate["status"] != "sent":
                continue
            host, _, port = fate["system"].rpartition(":")
            hop = f"[{host.split('[')[0]}]:{port}"
            name = "two" if "private/two" in fate["system"] else systems[hop]
            found.append(f"{name} {fate['to']}".lower())
        got = [place.lower() for place in places.get(verdict["recipient"], [])]
        assert found == got, verdict
    (bounced,) = (v for v in ask(site) if v["recipient"] == GONE)
    assert "no such user in this system" in bounced["delivery"][0]["said"]
    assert len({v["queue_id"] for v in ask(site)}) <= 2, ask(site)


def test_a_queue_id_finds_all_its_recipients(site: Site) -> None:
    """The administrator was told a queue ID, and nothing else."""
    start(site, RESTRICTIONS)
    nobody = "nobody@second.example"
    with site.client() as client:
        client.mail("some@else.example")
        codes = [client.rcpt(r).code for r in (nobody, LATE, ANN, BOB)]
        assert codes == [550, 554, 250, 250], codes
        assert finish(client) == 250
    for _ in range(3):
        site.send(CAT)
    site.postfix.wait_empty()
    log = site.root / "maillog"
    wait_until(lambda: log.read_text().count(": removed") == 4, "an end")
    queued = re.findall(r"qmgr\[\d+\]: (\w+): from=", log.read_text())
    some, *others = dict.fromkeys(queued)
    judged = [
        (nobody, []),
        (LATE, [f"reject 5.7.1 {LATE}"]),
        (ANN, sent(ANN)),
        (BOB, sent(BOB)),
    ]
    expect(site, judged, "--queue-id", some)
    for each in others:
        expect(site, [(CAT, sent(CAT))], "--queue-id", each)
    cats = [(CAT, sent(CAT))] * 3
    expect(site, [judged[3], *cats], "--queue-id", ",".join(queued), "-n", "4")
    shown = verdicts(site, "--queue-id", some, "--tsv").splitlines()
    assert len(shown) == 5 and shown[0].endswith("\tshadow"), shown
    assert all(f"\t{some}\t" in line for line in shown[1:]), shown
    counted = verdicts(site, "--queue-id", some, "--count-by", "queue_id,verdict")
    assert counted.splitlines()[1:] == [f"3\t{some}\taccept", f"1\t{some}\treject"]


def test_the_journal_tells_the_same(site: Site) -> None:
    """Where no syslogd writes files, as on Debian 12."""
    start(site)
    site.send(ANN, BOB, CAT)
    site.send(CAT)
    site.postfix.wait_empty()
    expect(site, [(r, sent(r)) for r in (ANN, BOB, CAT, CAT)])
    lines = (site.root / "maillog").read_text().splitlines()
    folder = site.root / "journal"
    folder.mkdir()
    subprocess.run(
        [JOURNAL_REMOTE, "-o", folder / "mail.journal", "-"],
        input="".join(entry(n, line) for n, line in enumerate(lines)),
        text=True,
        check=True,
        capture_output=True,
    )
    for options in ([], ["--queue-id", ask(site)[1]["queue_id"]]):
        expected = fates(site, *options)
        done = subprocess.run(
            [site.postfix.programs / "policyd", "verdicts", "--with-delivery"]
            + ["--json", f"--journal={folder}", *options],
            capture_output=True,
            text=True,
            timeout=60,
        )
        told = [json.loads(line) for line in done.stdout.splitlines()]
        found = [(v["recipient"], [words(f) for f in v["delivery"]]) for v in told]
        assert found == expected and len(found) == (3 if options else 4), done


def entry(number: int, line: str) -> str:
    """Of a journal, a millisecond after the one before."""
    head, _, message = line.partition("]: ")
    *_, host, tag = head.split()
    name, _, pid = tag.partition("[")
    fields = {
        "__REALTIME_TIMESTAMP": str(JOURNAL_BEGINS + number * 1000),
        "__MONOTONIC_TIMESTAMP": str(1000000 + number * 1000),
        "_BOOT_ID": "0123456789abcdef0123456789abcdef",
        "_MACHINE_ID": "fedcba9876543210fedcba9876543210",
        "_HOSTNAME": host,
        "SYSLOG_FACILITY": "2",
        "SYSLOG_IDENTIFIER": name,
        "_PID": pid,
        "MESSAGE": message,
    }
    return "".join(f"{k}={v}\n" for k, v in fields.items()) + "\n"


def test_sessions_with_many_messages_and_recipients(site: Site) -> None:
    start(site)
    crowd = LISTS["three"][1:]
    with site.client() as left, site.client() as right:
        left.mail("left@else.example")
        right.mail("right@else.example")
        # one by one, a step of each
        for n, recipient in enumerate(crowd):
            assert left.rcpt(recipient).code == 250
            assert n > 5 or right.rcpt([ANN, BOB][n % 2]).code == 250
        for client in (right, left):
            finish(client)
        for recipient in (ANN, BOB, CAT):
            assert left.send([recipient], "left@else.example").end.code == 250
    site.postfix.wait_empty()
    expected = [(r, sent(r)) for r in (*crowd, ANN, BOB, CAT)]
    expect(site, expected, "--sender", "left@else.example")
    got = [r for sink in site.sinks.values() for r in sink.recipients()]
    assert {r: got.count(r) for r in crowd} == dict.fromkeys(crowd, 1)
    expected = [(r, sent(r)) for r in [ANN, BOB] * 3]
    expect(site, expected, "--sender", "right@else.example")
    expect(site, [(CAT, sent(CAT))], "--last", "1")


def finish(client: Client, body: bytes = b"Subject: x\r\n\r\nHello.") -> int:
    """The code that ends the message."""
    if (reply := client.command("DATA")).code != 354:
        return reply.code
    client._socket.sendall(body)
    return client.command("\r\n.").code


def test_what_postfix_refuses_after_policyd(site: Site) -> None:
    start(site, RESTRICTIONS)
    helo = "x; from=<a@b> to=<ann@company.example> proto=ESMTP helo=<y"
    with site.client() as client:
        client.command(f"EHLO {helo}", 250)
        client.mail("some@else.example")
        codes = [client.rcpt(r).code for r in (LATE, ANN, LATE, BOB)]
        assert codes == [554, 250, 554, 250], codes
        # its words stand in the refusal, but policyd was not asked
        forged = f"a; from=<s@e> to=<{ANN}> proto=ESMTP helo=<x@foreign.example"
        assert client.rcpt(f'"{forged.split("@foreign")[0]}"@foreign.example')
        assert finish(client) == 250
        client.mail("big@else.example")
        assert client.rcpt(ANN).code == 250
        assert finish(client, b"x: y\r\n\r\n" + b"y" * 70 * 100) == 552
        client.mail("at-data@else.example")
        assert [client.rcpt(r).code for r in (ANN, CAT)] == [250, 250]
        assert finish(client) == 550
    site.postfix.wait_empty()
    refused = [f"reject 5.7.1 {LATE}"]
    own = [(LATE, refused), (ANN, sent(ANN)), (LATE, refused), (BOB, sent(BOB))]
    # reject_unauth_destination comes first, so the forged one has no verdict
    expect(site, own, "--sender", "some@else.example")
    expect(site, [(ANN, ["reject 5.3.4"])], "--sender", "big@else.example")
    at_data = [(ANN, ["reject 5.7.1"]), (CAT, ["reject 5.7.1"])]
    expect(site, at_data, "--sender", "at-data@else.example")
    first = ask(site, "--recipient", LATE)[0]["delivery"][0]
    assert first["said"].endswith("no; from=<x> to=<y>"), first


def test_deferred_then_delivered(site: Site) -> None:
    start(site, "minimal_backoff_time = 300s\nmaximal_backoff_time = 300s\n")
    site.sinks["two"].down()
    full = "452 4.2.2 full (status=sent), queued as 0AAAA1"
    site.sinks["three"].answer = lambda _: full
    with site.client() as client:
        client.send([ANN, BOB, CAT])
    waiting = [
        (ANN, sent(ANN)),
        (BOB, [f"deferred 4.4.1 {BOB}"]),
        (CAT, [f"deferred 4.2.2 {CAT}"]),
    ]
    expect(site, waiting)
    (cat,) = ask(site, "--recipient", CAT)
    assert full in cat["delivery"][0]["said"], cat
    site.sinks["two"].up()
    site.postfix.flush()
    expect(site, [waiting[0], (BOB, sent(BOB)), waiting[2]])
    site.sinks["three"].answer = lambda _: "550 5.2.1 closed"
    site.postfix.flush()
    bounced = (CAT, [f"bounced 5.2.1 {CAT}"])
    expect(site, [waiting[0], (BOB, sent(BOB)), bounced])
    assert len(site.sinks["two"].got(BOB)) == 1


def test_requeued_by_hand(site: Site) -> None:
    """postsuper -r gives a message another queue ID."""
    start(site, "minimal_backoff_time = 300s\nmaximal_backoff_time = 300s\n")
    sales, second = "sales@company.example", "eve@second.example"
    for name in ("one", "world"):
        site.sinks[name].answer = lambda _: "452 4.2.2 full"
    with site.client() as client:
        client.send([ANN, BOB, sales, second])
    deferred = [f"deferred 4.2.2 {to}" for to in (ANN, "crm@saas.example")]
    waiting = [(ANN, deferred[:1]), (BOB, sent(BOB)), (sales, deferred[1:])]
    last = (second, ["deferred 4.2.2 eve@old.example"])
    expect(site, [*waiting, last])
    for name in ("one", "world"):
        site.sinks[name].answer = lambda _: None
    subprocess.run(
        ["postsuper", "-c", site.postfix.config, "-r", "ALL"], check=True
    )
    site.postfix.flush()
    site.postfix.wait_empty()
    tos = (ANN, BOB, "crm@saas.example", "eve@old.example")
    asked = (ANN, BOB, sales, second)
    expect(site, [(r, sent(to)) for r, to in zip(asked, tos, strict=True)])


def test_recipients_like_fields_of_the_log(site: Site) -> None:
    start(site)
    strange = [
        CRAFTED,
        '"; from=<x> to=<y> proto="@free.example',
        '"a\\"b, status=sent (c)"@free.example',
        '"ctl\x01x"@free.example',
        "jörg@free.example",
        "UPPER@Free.Example",
    ]
    site.sinks["two"].answer = lambda _: "550 5.1.1 status=sent (250 ok)"
    site.sinks["one"].answer = lambda r: None if "rg" in r else "550 5.1.2 no"
    with site.client() as client:
        for recipient in strange:
            reply = client.send([recipient]).replies[recipient]
            assert reply.code == 250, reply
    site.postfix.wait_empty()
    statuses = ["bounced"] * 4 + ["sent", "bounced"]
    wait_until(lambda: [v for v, *_ in kinds(site)] == statuses, "fates")
    assert len(site.sinks["one"].recipients()) == 1


def kinds(site: Site) -> list[list[str]]:
    return [[f["status"] for f in v["delivery"]] or [""] for v in ask(site)]


def test_what_never_came_whole(site: Site) -> None:
    start(site)
    for end in ("hang up", "half a message", "quit", "reset"):
        client = site.client()
        client.mail(f"{end.replace(' ', '-')}@else.example")
        client.rcpt(ANN)
        client.rcpt(BOB)
        if end == "half a message":
            client.command("DATA", 354)
            client._socket.sendall(b"Subject: x\r\n\r\nhel")
        if end == "reset":
            client.command("RSET", 250)
            client.send([CAT], "after@else.example")
        if end in ("hang up", "half a message"):
            client._in.close()
            client._socket.close()
        else:
            client.close()
    site.postfix.wait_empty()
    lost = [(ANN, ["lost"]), (BOB, ["lost"])]
    expect(site, [*lost * 4, (CAT, sent(CAT))])
    assert site.sinks["one"].mail == [] and site.sinks["two"].mail == []


def inner_smtpd(port: int) -> str:
    return (
        f"127.0.0.1:{port} inet n - n - - smtpd\n"
        "  -o content_filter= -o smtpd_proxy_filter=\n"
        "  -o mynetworks=127.0.0.0/8\n"
        "  -o smtpd_recipient_restrictions=permit_mynetworks,reject\n"
    )


def send_through_a_filter(site: Site) -> None:
    with site.client() as client:
        client.send([ANN, BOB, "eve@second.example", "sales@company.example"])
        client.send([GONE])
    site.postfix.wait_empty()
    expect(
        site,
        [
            (ANN, sent(ANN)),
            (BOB, sent(BOB)),
            ("eve@second.example", sent("eve@old.example")),
            ("sales@company.example", sent("crm@saas.example")),
            (GONE, [f"bounced 5.1.1 {GONE}"]),
        ],
    )
    (ann,) = ask(site, "--recipient", ANN)
    host = site.sinks["one"].hop.split("]")[0][1:]
    assert host in ann["delivery"][0]["system"], ann


def test_behind_a_filter_after_the_queue(site: Site) -> None:
    """One that hands all of it back by SMTP, which Postfix itself can play."""
    port = free_port()
    start(
        site,
        f"content_filter = smtp:[127.0.0.1]:{port}\n"
        "receive_override_options = no_address_mappings\n",
        inner_smtpd(port).replace(
            "content_filter=", "content_filter= -o receive_override_options="
        ),
    )
    site.sinks["one"].users = {ANN, "eve@old.example"}
    send_through_a_filter(site)


def test_behind_a_filter_before_the_queue(site: Site) -> None:
    port = free_port()
    refuse = f"inline:{{{{ {CAT} = 550 5.7.1 not cat }}}}"
    start(
        site,
        f"smtpd_proxy_filter = 127.0.0.1:{port}\n",
        inner_smtpd(port)
        + f"  -o {{ smtpd_sender_restrictions = check_recipient_access {refuse} }}\n"
        + "  -o message_size_limit=3000\n",
    )
    site.sinks["one"].users = {ANN, "eve@old.example"}
    send_through_a_filter(site)
    with site.client() as client:
        client.mail("big@else.example")
        assert [client.rcpt(r).code for r in (CAT, BOB)] == [550, 250]
        assert finish(client, b"x: y\r\n\r\n" + b"y" * 70 * 100) == 552
    refused = [(CAT, [f"reject 5.7.1 {CAT}"]), (BOB, ["reject 5.3.4"])]
    expect(site, refused, "--sender", "big@else.example")
