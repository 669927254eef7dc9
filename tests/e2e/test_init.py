"""Maps that accept nobody, so that main.cf may name them before there is a
namespace.conf: Postfix with them answers as a Postfix without us.
"""

from __future__ import annotations

import re

from harness.site import Site
from harness.witness import expect_places

CONF = """
accepted-domain "company.example" { type = authoritative }
connector "mail" {
    address-spaces = { "company.example" }
    smart-hosts = { "$mail" }
}
directory "staff" { type = file path = "staff.txt" }
"""
ANN, GHOST = "ann@company.example", "ghost@company.example"
FOREIGN = "someone@elsewhere.example"
ACCEPTED, UNKNOWN, NO_RELAY = "250 2.1.5", "550 5.1.1", "554 5.7.1"
# In mynetworks of the tests' main.cf.
INSIDER = "192.0.2.200"


def init(site: Site, *options: str) -> str:
    """What it says; where it reads a configuration, there is none."""
    done = site.compile_raw(["-s", site.state, *options, "init"])
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


def published(site: Site) -> str:
    return (site.state / "current").readlink().name


def answers_as_without_us(site: Site, policyd: str | None) -> None:
    own = "root@gateway.test"
    site.start(policyd, more="mydestination = gateway.test\n")
    site.expect({ANN: NO_RELAY, FOREIGN: NO_RELAY, own: ACCEPTED})
    site.expect({ANN: ACCEPTED, FOREIGN: ACCEPTED}, client=INSIDER)
    sent = site.send(ANN, client=INSIDER)
    expect_places(site, sent, {ANN: "world"})
    if policyd is not None:
        with site.policy() as service:
            assert service.ask(ANN) == service.ask(own) == "DUNNO"
    lines = site.postfix.log().splitlines()
    assert [n for n in lines if re.search("warning|fatal|panic", n)] == []
    site.stop_daemon()
    site.postfix.stop()


def test_postfix_is_as_without_us(site: Site) -> None:
    """With policyd and by the maps alone; its own mail is none of ours."""
    assert init(site) == "published: generation 1, which accepts nobody\n"
    for policyd in ("spawn", "daemon", None):
        answers_as_without_us(site, policyd)


def test_build_follows(site: Site) -> None:
    """The running Postfix takes it up; routes first, as in any build."""
    site.sink("mail")
    init(site)
    site.start()
    site.expect({ANN: NO_RELAY, GHOST: NO_RELAY})
    site.namespace(CONF)
    site.write("staff.txt", [ANN])
    assert "published: generation 2, 1 recipient\n" in site.build()
    site.expect({ANN: ACCEPTED, GHOST: UNKNOWN})
    expect_places(site, site.send(ANN), {ANN: "mail"})
    assert init(site) == "nothing to do: generation 2 is published\n"
    assert init(site, "-q") == ""
    site.expect({ANN: ACCEPTED})


def test_damaged_is_left_alone(site: Site) -> None:
    """Postfix says "try later" then, which an empty map would turn into no."""
    site.sink("mail")
    site.namespace(CONF)
    site.write("staff.txt", [ANN])
    site.build()
    (site.state / "current/relay_recipients.cdb").unlink()
    done = site.compile_raw(["-s", site.state, "init"])
    assert done.returncode == 0 and not done.stdout, done
    assert "generation 1 is published and can not be read" in done.stderr, done
    assert published(site) == "1"
    assert not (site.state / "current/relay_recipients.cdb").exists()


def test_killed_publish_is_finished(site: Site) -> None:
    """What somebody built is published, not an empty one over it."""
    site.sink("mail")
    site.namespace(CONF)
    site.write("staff.txt", [ANN])
    site.build()
    record = site.state / "publish"
    text = record.read_text()
    assert "step=done" in text, text
    record.write_text(text.replace("step=done", "step=wait"))
    (site.state / "current").unlink()
    assert init(site) == "nothing to do: generation 1 is published\n"
    assert published(site) == "1"


def test_says_what_it_can_not_write(site: Site) -> None:
    site.state.write_text("not a folder")
    done = site.compile_raw(["-s", site.state, "init"])
    assert done.returncode == 74, done
    assert done.stderr.startswith("transport-map-gen: error: "), done
    assert str(site.state) in done.stderr, done
