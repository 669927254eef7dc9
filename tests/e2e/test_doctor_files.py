"""The doctor sees who may read and write the maps, and how old they are."""

from __future__ import annotations

import json
import os
import shutil
import time

from harness.doctor import (
    Fault,
    examine,
    expect_alone,
    expect_sound,
    fill,
    find_and_mend,
    run_lines,
)
from harness.postfix import state_group
from harness.site import Site

CONF = """
accepted-domain "company.example" { type = authoritative }
connector "mail" {
    address-spaces = { "company.example" }
    smart-hosts = { "10.0.0.1" }
}
directory "staff" { type = file path = "staff.txt" max-age = "2d" }
directory "guests" { type = file path = "guests.txt" }
"""

CURRENT = "{state}/current"
ANOTHER = "daemon"  # a user and a group of every Debian
DAY = 24 * 3600

MODES = [
    Fault("file-writable", "chmod g+w {state}", "{state}"),
    Fault("file-writable", "chmod o+w {state}/generations", "{state}/generations"),
    Fault("file-writable", f"chmod g+w {CURRENT}/", CURRENT),
    Fault(
        "file-writable",
        f"chmod 666 {CURRENT}/transport.cdb",
        f"{CURRENT}/transport.cdb",
    ),
    Fault("file-writable", "chmod g+w {state}/freshness", "{state}/freshness"),
    Fault("file-public", "chmod o+rx {state}", "{state}", "warning"),
    Fault(
        "file-public",
        f"chmod o+r {CURRENT}/relay_recipients.cdb",
        f"{CURRENT}/relay_recipients.cdb",
        "warning",
    ),
    Fault(
        "file-group",
        f"chgrp {ANOTHER} {CURRENT}/policy.cdb",
        f"{CURRENT}/policy.cdb",
    ),
    Fault("file-group", f"chmod g-x {CURRENT}/", CURRENT),
    Fault("file-group", "chmod g= {state}/freshness", "{state}/freshness"),
    Fault(
        "file-owner",
        f"chown {ANOTHER} {CURRENT}/transport.cdb",
        f"{CURRENT}/transport.cdb",
    ),
    Fault(
        "file-owner", f"chown {ANOTHER} {{state}}/generations", "{state}/generations"
    ),
    Fault("config-writable", "chmod g+w {root}/namespace.conf", "{root}/namespace.conf"),
    Fault("config-writable", "chmod o+w {root}/staff.txt", "{root}/staff.txt"),
]


def set_up(site: Site, conf: str = CONF) -> None:
    """Everything as the manual says; no Postfix runs."""
    site.write("staff.txt", ["ann@company.example"])
    site.write("guests.txt", ["gus@company.example"])
    site.namespace(conf)
    site.postfix.configure(["gateway", "spawn"])
    site.postfix.prepare()
    site.build()


def loaded(site: Site, **ago: int) -> None:
    """As if the directories had loaded so many seconds ago."""
    now = int(time.time())
    lines = [f"{name} {now - seconds}\n" for name, seconds in ago.items()]
    (site.state / "freshness").write_text("".join(lines))


def test_each_mode_alone_and_mended(site: Site) -> None:
    set_up(site)
    expect_sound(site)
    for fault in MODES:
        find_and_mend(site, fault)


def test_two_generations_are_both_looked_at(site: Site) -> None:
    set_up(site)
    site.write("staff.txt", ["bea@company.example"])
    text = CONF.replace("10.0.0.1", "10.0.0.2")
    site.namespace(text)
    site.build("--no-wait", "--accept-shrink", "staff")
    assert os.readlink(site.state / "routes") != os.readlink(site.state / "current")
    path = "{state}/routes/transport.cdb"
    fault = Fault("file-writable", f"chmod g+w {path}", path)
    find_and_mend(site, fault)


def test_passwords(site: Site) -> None:
    conf = CONF + """
    directory "ad" {
        type = ldap
        uri = { "ldap://127.0.0.1:9" }
        start-tls = yes
        base = "dc=company,dc=example"
        preset = openldap
        bind = simple
        bind-dn = "cn=reader,dc=company,dc=example"
        password-file = "secret"
        enabled = no
    }
    """
    (site.root / "secret").write_text("secret\n")
    (site.root / "secret").chmod(0o600)
    set_up(site, conf)
    expect_sound(site)
    path = "{root}/secret"
    for mode in ("0644", "0620"):
        fault = Fault("password-public", f"chmod {mode} {path}", path, "warning")
        find_and_mend(site, fault)


def test_nothing_is_published(site: Site) -> None:
    """What else is missing then, the maps in main.cf, is mended with it."""
    set_up(site)
    run_lines(site, fill(site, "rm {state}/current {state}/routes"))
    found = {f.check: f for f in examine(site)}
    assert found["published"].subject == f"{site.state}/routes", found
    run_lines(site, found["published"].fix)
    expect_sound(site)


def test_damaged_generation(site: Site) -> None:
    set_up(site)
    (site.state / "current/policy.cdb").write_bytes(b"short")
    finding = next(f for f in examine(site) if f.check == "published")
    assert finding.subject == f"{site.state}/current"
    run_lines(site, finding.fix)
    expect_sound(site)


def test_publish_left_open(site: Site) -> None:
    set_up(site)
    site.namespace(CONF.replace("10.0.0.1", "10.0.0.2"))
    site.build("--no-wait")
    # The next run would finish it; when none comes, somebody should know.
    expect_sound(site)
    record = site.state / "publish"
    past = int(time.time()) - 3600
    fields = dict(n.split("=") for n in record.read_text().splitlines())
    fields["routes-switched-ms"] = f"{past}000"
    fields["routes-switched-steady-ms"] = "0"
    record.write_text("".join(f"{n}={v}\n" for n, v in fields.items()))
    os.utime(record, (past, past))
    path = "{state}/publish"
    find_and_mend(site, Fault("publish-open", "", path, "warning"))
    record.write_text("step=never\n")
    finding = expect_alone(site, Fault("publish-open", "", path))
    assert finding.fix == "" and "remove it" in finding.text


def test_hold(site: Site) -> None:
    set_up(site)
    site.write("staff.txt", ["ann@company.example", "bea@company.example"])
    site.build()
    path = "{state}/hold"
    done = site.compile("rollback")
    assert done.returncode == 0, done
    find_and_mend(site, Fault("hold", "", path, "warning"))
    (site.state / "hold").write_text("what?\n")
    (site.state / "hold").chmod(0o640)
    shutil.chown(site.state / "hold", group=state_group())
    finding = expect_alone(site, Fault("hold", "", path))
    assert "can not be read" in finding.text


def test_configuration_changed_since(site: Site) -> None:
    set_up(site)
    conf = site.conf.read_text()
    # Not before a clock of whole seconds can tell the two apart.
    past = time.time() - 60
    os.utime(site.state / "freshness", (past, past))
    contact = 'contact "crm@company.example" { target = "crm@saas.example" }\n'
    site.conf.write_text(conf + contact)
    fault = Fault("config-unpublished", "", "{root}/namespace.conf", "warning")
    find_and_mend(site, fault)
    # A change of no meaning publishes nothing, and is not told for ever.
    os.utime(site.state / "freshness", (past, past))
    site.conf.write_text("# a remark\n" + site.conf.read_text())
    find_and_mend(site, fault)
    manifest = json.loads((site.state / "current/manifest.json").read_text())
    assert manifest["generation"] == 2
    # Nobody has mended what was undone, and nothing holds it back any more.
    for command in ("rollback", "release"):
        assert site.compile(command).returncode == 0, command
    assert "took back" in find_and_mend(site, fault).text


def test_directories_grow_old(site: Site) -> None:
    set_up(site)
    stale = Fault("directory-stale", "", "staff")
    loaded(site, staff=3 * DAY, guests=0)
    assert "72 hours" in find_and_mend(site, stale).text
    # Without a max-age none is too old, but somebody should look.
    loaded(site, staff=DAY - 60, guests=300 * DAY)
    expect_sound(site)
    loaded(site, staff=DAY + 3600, guests=300 * DAY)
    overdue = Fault("build-overdue", "", "{state}/freshness", "warning")
    assert "25 hours" in find_and_mend(site, overdue).text


def test_directory_that_never_loaded(site: Site) -> None:
    set_up(site)
    text = 'directory "late" { type = file path = "late.txt" }\n'
    site.conf.write_text(CONF + text)
    past = time.time() - 60
    os.utime(site.conf, (past, past))
    assert site.compile("build").returncode == 75
    finding = expect_alone(site, Fault("directory-stale", "", "late"))
    assert "has never loaded" in finding.text
    site.write("late.txt", [])
    run_lines(site, finding.fix)
    expect_sound(site)


def test_last_good_copy(site: Site) -> None:
    set_up(site)
    path = "{state}/directories/staff"
    find_and_mend(site, Fault("last-good", f"rm {path}", path, "warning"))
