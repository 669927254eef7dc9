"""rollback and release: what stands, what is held, what is refused."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator

from harness.paths import wait_until
from harness.site import COMPILER, Site

CONF = """
accepted-domain "#company.example" { type = authoritative }
connector "mail" {
    address-spaces = { "#company.example" }
    smart-hosts = { "%s" }
}
directory "staff" { type = file path = "staff.txt" max-shrink = "100%%" }
keep = 20
"""
RELEASE = 'nothing is published until "transport-map-gen release"'
NOT_KEPT, DAMAGED = 64, 65


def user(number: int) -> str:
    return f"user{number}@company.example"


def change(site: Site, number: int) -> None:
    """Another route and another recipient, beside the one who stays."""
    site.write("staff.txt", [user(0), user(number)])
    site.namespace(CONF % f"10.0.0.{number}")


def let_routes_settle(site: Site) -> None:
    """As if the 12 seconds were over."""
    record = (site.state / "publish").read_text()
    past = re.sub(r"(?m)^(routes-switched\S*)=.*$", r"\1=0", record)
    (site.state / "publish").write_text(past)


def finish(site: Site) -> str:
    let_routes_settle(site)
    return site.build("--no-wait")


def publish(site: Site, *numbers: int) -> None:
    """Generation after generation, each as if it were the first, for that one
    waits for nobody."""
    for number in numbers:
        for name in ("routes", "current"):
            (site.state / name).unlink(missing_ok=True)
        change(site, number)
        site.build()
        assert links(site) == (number, number)


def links(site: Site) -> tuple[int, int]:
    """Where routes and current lead."""
    routes, current = (
        int((site.state / name).readlink().name) for name in ("routes", "current")
    )
    return routes, current


def rollback(site: Site, *arguments: str, expect: int = 0) -> str:
    done = site.compile("rollback", *arguments)
    assert done.returncode == expect, done
    return done.stdout + done.stderr


def rollback_at_once(site: Site, *arguments: str) -> str:
    """And finished by the build that cron runs."""
    said = rollback(site, "--no-wait", *arguments)
    if "recipients due" in said:
        finish(site)
    return said


def release(site: Site) -> str:
    done = site.compile("release")
    assert done.returncode == 0, done
    return done.stdout


def accepted(site: Site) -> list[int]:
    """Which of the users are, by the maps that are in force."""
    return [n for n in range(9) if site.explain(user(n))["verdict"] == "accept"]


def listing(site: Site) -> list[dict]:
    return json.loads(site.compile("list", "--json").stdout)


def test_old_content_is_published_and_held(site: Site) -> None:
    publish(site, 1, 2)
    said = rollback(site)
    assert "generation 3 published with the content of 1 (was 2)" in said
    assert 'nothing else is published until "transport-map-gen release"' in said
    assert links(site) == (3, 3)
    assert accepted(site) == [0, 1]
    assert "[10.0.0.1]" in site.explain(user(0))["nexthop"]
    for number in (4, 5):
        change(site, number)
        output = site.build()
        assert "held: generation 3 has the content of 1 since 20" in output
        assert RELEASE in output
    assert site.compile("-q", "build").stdout == ""
    assert links(site) == (3, 3) and accepted(site) == [0, 1]
    assert not list((site.state / "generations").glob(".*"))


def test_held_build_says_what_is_wrong(site: Site) -> None:
    """Its exit status is that of one that publishes."""
    publish(site, 1, 2)
    rollback_at_once(site)
    site.namespace(CONF % "10.0.0.3" + "nonsense\n")
    assert "nonsense" in site.build(expect=78)
    site.namespace(CONF.replace("max-shrink", "max-age = 1d max-shrink") % "10.0.0.3")
    (site.root / "staff.txt").unlink()
    assert "its last-good copy serves" in site.build(expect=75)
    site.namespace(CONF.replace('max-shrink = "100%%"', "") % "10.0.0.3")
    site.write("staff.txt", [user(n) for n in range(50)])
    site.build()
    copies = list((site.state / "directories").rglob("*"))
    assert any(user(49) in c.read_text(errors="replace") for c in copies if c.is_file())
    site.write("staff.txt", [user(0)])
    site.build(expect=65)
    assert links(site) == (3, 3)


def test_release_lets_the_next_build_publish(site: Site) -> None:
    publish(site, 1, 2)
    assert "nothing is held" in release(site)
    rollback_at_once(site)
    said = release(site)
    assert "generation 3 with the content of 1 was held since 20" in said
    assert "the next build publishes" in said
    assert links(site) == (3, 3)
    change(site, 4)
    site.build("--no-wait")
    finish(site)
    assert links(site) == (4, 4) and accepted(site) == [0, 4]
    assert "unchanged" in site.build()


def test_twice_is_further_back_and_never_forward(site: Site) -> None:
    """And nothing that is kept goes, or there would be nothing further."""
    publish(site, 1, 2, 3)
    site.namespace(CONF.replace("keep = 20", "keep = 2") % "10.0.0.3")
    rollback_at_once(site)
    assert accepted(site) == [0, 2]
    rollback_at_once(site)
    assert accepted(site) == [0, 1]
    said = rollback(site, expect=NOT_KEPT)
    assert "no generation from before 1 is kept" in said
    assert "there are 1, 2, 3, 4, 5" in said
    assert accepted(site) == [0, 1]
    # Forward where it is named.
    rollback_at_once(site, "3")
    assert accepted(site) == [0, 3]
    # And a copy is its original.
    rollback_at_once(site, "4")
    assert accepted(site) == [0, 2]
    assert [g["content_of"] for g in listing(site)] == [None] * 3 + [2, 1, 3, 2]


def test_what_is_in_force_is_held(site: Site) -> None:
    publish(site, 1, 2)
    said = rollback(site, "2")
    assert "generation 2 has the content of 2 already" in said
    assert links(site) == (2, 2)
    change(site, 3)
    assert "held: generation 2 stands since 20" in site.build()
    assert links(site) == (2, 2)


def test_what_is_in_force_and_damaged_is_published_anew(site: Site) -> None:
    publish(site, 1, 2)
    rollback_at_once(site)
    (site.state / "current" / "virtual_alias.cdb").unlink()
    rollback_at_once(site, "1")
    assert links(site) == (3, 4)
    assert (site.state / "current" / "virtual_alias.cdb").exists()


def test_generation_that_is_not_kept(site: Site) -> None:
    done = site.compile("rollback")
    assert done.returncode == NOT_KEPT, done
    assert not site.state.exists()
    publish(site, 1, 2)
    assert "generation 17 is not kept; there are 1, 2" in rollback(
        site, "17", expect=NOT_KEPT
    )
    for number in ("", "x", "-1", "current"):
        said = rollback(site, "--", number, expect=NOT_KEPT)
        assert f'by its number, not "{number}"; there are 1, 2' in said
    assert not (site.state / "hold").exists()
    assert links(site) == (2, 2)


def test_damaged_generation_is_refused(site: Site) -> None:
    publish(site, 1, 2, 3)
    for number, name in ((1, "policy.cdb"), (2, "relay_recipients.cdb")):
        file = site.state / "generations" / str(number) / name
        bytes_of = bytearray(file.read_bytes())
        bytes_of[-1] ^= 1
        file.write_bytes(bytes_of)
        said = rollback(site, str(number), expect=DAMAGED)
        assert f"{name} is not what its manifest says; builds are held" in said
    (site.state / "generations/1/manifest.json").unlink()
    assert "manifest.json" in rollback(site, "1", expect=DAMAGED)
    assert links(site) == (3, 3) and accepted(site) == [0, 3]
    change(site, 4)
    said = site.build()
    assert "held: generation 3 stands since 20" in said
    assert "not finished" not in said, said
    assert not list((site.state / "generations").glob(".*"))


def test_empty_generation_is_none_to_go_back_to(site: Site) -> None:
    """Unless it is asked for."""
    site.compile("init")
    publish(site, 2)
    said = rollback(site, expect=NOT_KEPT)
    assert "no generation from before 2 is kept that accepts anybody" in said
    assert not (site.state / "hold").exists()
    rollback(site, "1", "--no-wait")


def test_no_sound_configuration_is_needed(site: Site) -> None:
    publish(site, 1, 2)
    site.namespace("accepted-domain {{{")
    said = rollback(site)
    assert f"{site.conf} can not be used; last routes are kept for 5 days" in said
    assert links(site) == (3, 3) and accepted(site) == [0, 1]
    site.conf.unlink()
    assert "can not be used" in rollback(site, "--no-wait", "2")


def test_last_routes_of_what_is_undone(site: Site) -> None:
    """Whom only the undone generation had, mail still waits for."""
    conf = CONF + 'connector "new" { smart-hosts = { "10.0.0.9" } }\n'
    conf += 'directory "new" { type = file path = "new.txt" connector = "new" }\n'
    publish(site, 1)
    site.write("new.txt", [user(5)])
    site.namespace(conf % "10.0.0.1")
    site.build("--no-wait")
    finish(site)
    rollback(site, "--no-wait")
    dates = (site.state / "routes" / "leaving.dates").read_text()
    assert dates.split()[1::2] == [user(5)]
    site.postfix.configure([])
    asked = subprocess.run(
        ["postmap", "-c", site.postfix.config, "-q", user(5)]
        + [f"cdb:{site.state}/routes/transport_leaving"],
        capture_output=True,
        text=True,
    )
    assert asked.stdout == "smtp:[10.0.0.9]\n", asked


def started(site: Site, *command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [COMPILER, "-c", site.conf, "-s", site.state, *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"MAIL_CONFIG": str(site.postfix.config)},
    )


def killed_in_the_wait(site: Site, *command: str) -> None:
    """By SIGKILL, once its routes are in force."""
    before = links(site)
    process = started(site, *command)
    try:
        wait_until(lambda: links(site)[0] != before[0], "its routes", 60)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert links(site)[1] == before[1]


def test_bad_build_in_its_wait_never_comes_into_force(site: Site) -> None:
    publish(site, 1, 2)
    change(site, 3)
    killed_in_the_wait(site, "build")
    assert links(site) == (3, 2)
    seen = set()
    process = started(site, "rollback")
    while process.poll() is None:
        seen.add(links(site))
        time.sleep(0.02)
    assert process.returncode == 0
    assert seen == {(3, 2), (4, 2), (4, 4)}, seen
    assert accepted(site) == [0, 2]
    # Whom the maps never let in leaves nothing.
    dates = (site.state / "routes" / "leaving.dates").read_text()
    assert dates == ""


def test_killed_rollback_holds_and_is_finished(site: Site) -> None:
    publish(site, 1, 2)
    killed_in_the_wait(site, "rollback")
    change(site, 4)
    output = site.build()
    assert "held: generation 3 has the content of 1" in output
    assert links(site) == (3, 3) and accepted(site) == [0, 1]
    assert listing(site)[-1]["held"]


def test_rollback_is_finished_by_another(site: Site) -> None:
    """Not a further one back: that is for one that has come to its end."""
    publish(site, 1, 2, 3)
    killed_in_the_wait(site, "rollback")
    assert "published with the content of 2 (was 3)" in rollback_at_once(site)
    assert accepted(site) == [0, 2]
    # It goes back further than what is due where it is told to.
    rollback(site, "--no-wait", "3")
    rollback_at_once(site, "1")
    assert accepted(site) == [0, 1]


def test_bad_build_is_not_finished_while_it_is_held(site: Site) -> None:
    """As if the rollback had been killed just after it began."""
    publish(site, 1, 2)
    change(site, 3)
    site.build("--no-wait")
    (site.state / "hold").write_text("2 1700000000 root\n")
    output = finish(site)
    assert "held: generation 2 stands" in output
    assert links(site) == (3, 2)
    (site.state / "hold").write_text("1 1700000000 root\n")
    assert "the rollback to 1 is not finished" in finish(site)
    rollback_at_once(site)
    assert accepted(site) == [0, 2]


def test_what_can_not_be_told_is_no_success(site: Site) -> None:
    """Cron's mail says it, whether the file or the disk is at fault."""
    publish(site, 1)
    hold = site.state / "hold"
    hold.symlink_to(hold.name)
    change(site, 2)
    done = site.compile("-q", "build")
    assert done.returncode == 74 and not done.stdout, done
    assert f"look at {hold}: Too many levels of symbolic links" in done.stderr, done
    hold.unlink()
    hold.write_text("nonsense")
    done = site.compile("build")
    assert done.returncode == 74 and not done.stdout, done
    assert f"{hold}: not what rollback writes there" in done.stderr, done
    assert listing(site)[0]["held"]
    assert links(site) == (1, 1)
    assert "was held" in release(site)
    assert not (site.state / "hold").exists()


def test_lists_are_as_old_as_they_were(site: Site) -> None:
    """Unknown is refused for good only by a list that is not too old."""
    conf = CONF.replace("max-shrink", "max-age = 1h max-shrink")
    for number in (1, 2):
        site.write("staff.txt", [user(0), user(number)])
        site.namespace(conf % f"10.0.0.{number}")
        site.build("--no-wait")
    finish(site)
    manifest = site.state / "generations/1/manifest.json"
    aged = json.loads(manifest.read_text())
    aged["directories"][0]["loaded"] -= 7200
    manifest.write_text(json.dumps(aged))
    assert site.explain(user(2))["reason"] == "listed"
    assert site.explain(user(1))["reason"] == "unknown"
    rollback(site, "--no-wait")
    # Before whoever is only in there is: rather 450 too early.
    assert site.explain(user(2))["reason"] == "listed"
    assert site.explain(user(1))["reason"] == "directory-stale"
    (site.state / "freshness").write_text("staff 0\n")
    finish(site)
    assert site.explain(user(1))["reason"] == "listed"
    assert site.explain(user(2))["reason"] == "directory-stale"
    loaded = aged["directories"][0]["loaded"]
    assert (site.state / "freshness").read_text() == f"staff {loaded}\n"
    site.build()
    assert site.explain(user(2))["reason"] == "directory-stale", "by a held build"
    change(site, 2)
    release(site)
    site.build("--no-wait")
    finish(site)
    assert site.explain(user(1))["reason"] == "unknown"


def test_lists_are_told_at_the_end(site: Site) -> None:
    """Where all is done in one run, and nothing later was said before."""
    for number in (1, 2):
        site.write("staff.txt", [user(0), user(number)])
        site.namespace(CONF % "10.0.0.1")
        site.build("--no-wait")
        if number == 2:
            finish(site)
    manifest = json.loads((site.state / "generations/1/manifest.json").read_text())
    (site.state / "freshness").write_text("staff 0\n")
    rollback(site)
    loaded = manifest["directories"][0]["loaded"]
    assert (site.state / "freshness").read_text() == f"staff {loaded}\n"


def test_list_tells(site: Site) -> None:
    """Another user of the group too, who may read and no more."""
    publish(site, 1, 2)
    rollback_at_once(site)
    lines = site.compile("list").stdout.splitlines()
    assert [line.split("aliases")[1].strip() for line in lines] == [
        "",
        "",
        "current, content of 1, held",
    ]
    assert [(g["content_of"], g["held"]) for g in listing(site)] == [
        (None, False),
        (None, False),
        (1, True),
    ]
    program = shutil.copy(COMPILER, site.postfix.programs)
    done = subprocess.run(
        [program, "-s", site.state, "list"],
        user="nobody",
        group=site.state.stat().st_gid,
        extra_groups=[],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done
    assert done.stdout.splitlines() == lines


def test_textfile_tells(site: Site) -> None:
    publish(site, 1, 2)
    file = site.root / "postshare.prom"
    for held, run in ((0, None), (1, rollback_at_once), (0, release)):
        if run is not None:
            run(site)
        site.build("--no-wait", "--textfile", str(file))
        assert f"\npostshare_build_held {held}\n" in file.read_text()


@contextlib.contextmanager
def syslogd(site: Site) -> Iterator[tuple[socket.socket, list[str]]]:
    """One's own /dev, for the command that is put behind these words."""
    dev = site.root / "dev"
    dev.mkdir()
    path = dev / "log"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
        log.bind(str(path))
        log.settimeout(20)
        (dev / "null").touch()
        mount = f'mount --bind /dev/null "{dev}/null" && mount --rbind "{dev}" /dev'
        yield log, ["unshare", "--mount", "sh", "-ec", f'{mount}; exec "$@"', "sh"]


def test_it_is_logged(site: Site) -> None:
    publish(site, 1, 2)
    file = site.state / "generations/2/policy.cdb"
    with syslogd(site) as (log, words):

        def logged(*command: str) -> str:
            arguments = ["-c", site.conf, "-s", site.state, *command]
            subprocess.run(
                [*words, COMPILER, *arguments],
                env=os.environ | {"SUDO_USER": "ann"},
                capture_output=True,
            )
            return log.recv(4096).decode()

        lines = [logged("rollback", "--no-wait"), logged("release")]
        file.write_bytes(b"damage")
        lines.append(logged("rollback", "--no-wait", "2"))
        # As cron runs it, where nobody reads what it prints.
        lines.append(logged("-q", "build", "--no-wait"))
    begin = re.compile(r"<(\d+)>\w{3} [ \d]\d [\d:]{8} postfix/transport-map-gen\[\d+\]: ")
    assert [begin.match(line)[1] for line in lines] == ["21", "21", "19", "21"]
    texts = [begin.sub("", line) for line in lines]
    assert texts[0] == (
        "rollback: routes of generation 3 published with the content of 1 "
        "(was 2), recipients due, builds are held, by ann"
    )
    assert texts[1].startswith("release: generation 2 was held since 20")
    assert texts[1].endswith(" by ann, builds publish again, by ann")
    assert texts[2].startswith("rollback failed: ")
    assert texts[2].endswith("; builds are held, by ann")
    assert texts[3].startswith("build: held: generation 2 stands since 20"), texts[3]
    assert texts[3].endswith('nothing is published until "transport-map-gen release"')
    expect_no_verdicts(site, lines)


def expect_no_verdicts(site: Site, lines: list[str]) -> None:
    """Among Postfix's lines they are none of policyd's."""
    log = site.root / "mail.log"
    log.write_text("".join(re.sub(r"^<\d+>(.{15})", r"\1 mx", x) + "\n" for x in lines))
    done = subprocess.run(
        [COMPILER.parent / "policyd", "verdicts", "--json", log],
        capture_output=True,
        text=True,
    )
    assert done.returncode in (0, 1), done
    assert "rollback" not in done.stdout + done.stderr
    assert done.stderr == "", done
