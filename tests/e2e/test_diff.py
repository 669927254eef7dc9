"""diff and build --dry-run: what they say is what explain says of both
generations, and neither leaves a trace."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

from harness.site import COMPILER, DIRECTORY_FAILED, GUARD_REFUSED, Site

USAGE, BAD_CONFIGURATION, CAN_NOT_READ = 64, 78, 74
LOCALS = ["ann", "bob", "carol.c", "d-e", "o'hara", '"two words"', "jörg", "eve+own"]
EXACT, BELOW = ["company.example", "dürr.example"], ["wide.example"]
OPEN, ASKED, TRUSTED = "open.example", "asked.example", "inner.example"
SECONDARY = {"old.example": "company.example", "alt.example": "wide.example"}
HOSTS = [*EXACT, *BELOW, "sub.wide.example", OPEN, ASKED, TRUSTED]
SYSTEMS = ["north", "south", "east"]
LET_IN = ("accept", "relay")


# -- namespaces by chance


def draw_conf(random: Random) -> str:
    catch_all = random.choice(["", f"catch-all = 'user1@{EXACT[1]}'"])
    kind = random.choice(["authoritative", "internal-relay recipient-filter = directories"])
    parts = [f"accepted-domain '#{d}' {{ type = {kind} {catch_all} }}" for d in EXACT[:1]]
    parts += [f"accepted-domain '#{d}' {{ type = authoritative }}" for d in EXACT[1:]]
    parts += [f"accepted-domain '{d}' {{ type = authoritative }}" for d in BELOW]
    off = random.choice(["off", "directories"])
    parts.append(f"accepted-domain '{OPEN}' {{ type = internal-relay recipient-filter = {off} }}")
    verify = random.choice(["verify", "directories"])
    parts.append(f"accepted-domain '#{ASKED}' {{ recipient-filter = {verify} }}")
    trusted = random.choice(["trusted", "anyone"])
    parts.append(f"accepted-domain '#{TRUSTED}' {{ accept-from = {trusted} }}")
    parts += [
        f"accepted-domain '{old}' {{ secondary-of = '{new}' }}"
        for old, new in SECONDARY.items()
        if random.random() < 0.8
    ]
    owners = {d: random.choice(SYSTEMS) for d in [*EXACT, *BELOW, OPEN, ASKED, TRUSTED]}
    for n, system in enumerate(SYSTEMS):
        spaces = [f"'{d}'" for d, owner in owners.items() if owner == system]
        spaces.append(f"'{system}.test'")
        host = f"10.0.{n}.{random.choice([1, 1, 2])}"
        parts.append(
            f"connector '{system}' {{ address-spaces = {{ {', '.join(spaces)} }}"
            f" smart-hosts = {{ '{host}' }} }}"
        )
        own = f"connector = '{system}'" if n != 1 else ""
        parts.append(f"directory '{system}' {{ path = '{system}.txt' {own} max-shrink = 99% }}")
    for n in range(12):
        target = random.choice([f"crm{n}@saas.example", f"user{n}@{random.choice(EXACT)}"])
        parts.append(f"contact 'contact{n}@{random.choice(HOSTS)}' {{ target = '{target}' }}")
    parts.append(f"extension = '+'\npostmaster = 'user0@{EXACT[0]}'")
    return "\n".join(parts)


def draw_lists(random: Random) -> dict[str, list[str]]:
    """Some 300; the targets of contacts are always there."""
    lists: dict[str, list[str]] = {system: [] for system in SYSTEMS}
    for host in HOSTS:
        for local in LOCALS + [f"user{n}" for n in range(40)]:
            if random.random() < 0.85 or (local.startswith("user") and host in EXACT):
                lists[random.choice(SYSTEMS)].append(f"{local}@{host}")
    return lists


def strangers(random: Random) -> list[str]:
    names = [*HOSTS, *SECONDARY, "sub.alt.example", "q.wide.example", "else.test"]
    locals_ = ["ghost", "user1+tag", "ann+x", "contact1+x", "user99", "nobody"]
    every = [f"{local}@{_ascii(name)}" for local in locals_ for name in names]
    return random.sample(every, 40)


def _ascii(address: str) -> str:
    local, at, domain = address.rpartition("@")
    return local + at + domain.encode("idna").decode()


# -- what explain says


def explain(site: Site, state: Path, address: str) -> dict:
    words = [COMPILER, "-c", site.conf, "-s", state, "explain", "--json", "--", address]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    answer = json.loads(done.stdout)
    keys = ("verdict", "reason", "connector", "nexthop", "directory", "delivered_to")
    return {k: None if answer[k] == "-" else answer[k] for k in keys}


def change(before: dict, after: dict) -> str:
    if after["verdict"] in LET_IN:
        if before["verdict"] not in LET_IN:
            return "accepted"
        same = all(before[k] == after[k] for k in ("nexthop", "delivered_to"))
        return "unchanged" if same else "rerouted"
    if after["verdict"] == "defer":
        return "unchanged" if before["verdict"] == "defer" else "deferred"
    return "refused" if before["verdict"] in (*LET_IN, "defer") else "unchanged"


def expected(answer: dict, address: str) -> dict:
    """What diff says, in the words of explain."""
    own = address if answer["verdict"] in LET_IN else None
    keys = ("verdict", "reason", "connector", "directory")
    return {k: answer[k] for k in keys} | {
        "nexthop": answer["nexthop"] or None,
        "delivered_to": answer["delivered_to"] or own,
    }


def by_domain(told: dict, address: str) -> str:
    """What is told of whoever nobody lists there."""
    items = {i["name"]: i["change"] for i in told["unlisted"]}
    domain = address.rpartition("@")[2]
    names = [domain]
    while "." in domain:
        domain = domain.partition(".")[2]
        names.append(f"*.{domain}")
    return next((items[n] for n in names if n in items), "unchanged")


def disagreements(told: dict, asked: dict[str, tuple[dict, dict]]) -> list[str]:
    wrong = []
    kinds = ("accepted", "refused", "deferred", "rerouted")
    items = {i["address"]: (kind, i) for kind in kinds for i in told[kind]}
    for address, (before, after) in asked.items():
        real = change(before, after)
        kind, item = items.get(address, ("unchanged", None))
        local, _, domain = address.rpartition("@")
        base = items.get(f"{local.partition('+')[0]}@{domain}", ("unchanged",))[0]
        if kind != real and (item or real not in (by_domain(told, address), base)):
            wrong.append(f"{address}: {kind}, explain: {before} -> {after}")
        elif item and (expected(item["from"], address), expected(item["to"], address)) != (
            expected(before, address),
            expected(after, address),
        ):
            wrong.append(f"{address}: {item}, explain: {before} -> {after}")
    return wrong


def in_force(site: Site, number: int) -> Path:
    """A copy of the state folder as if that generation were current, to ask."""
    state = site.root / f"state{number}"
    shutil.copytree(site.state, state, symlinks=True)
    (state / "current").unlink()
    (state / "current").symlink_to(f"generations/{number}")
    return state


def publish_by_chance(site: Site, random: Random) -> dict[str, list[str]]:
    lists = draw_lists(random)
    site.namespace(draw_conf(random))
    for name, lines in lists.items():
        site.write(f"{name}.txt", lines)
    shrink = [word for s in SYSTEMS for word in ("--accept-shrink", s)]
    site.build("--no-wait", *shrink)
    return lists


def agrees(site: Site, seed: int) -> None:
    random = Random(seed)
    lists = [publish_by_chance(site, random) for _ in range(2)]
    told = json.loads(site.compile("diff", "1", "2", "--json").stdout)
    first, second = in_force(site, 1), in_force(site, 2)
    named = {_ascii(a) for side in lists for every in side.values() for a in every}
    named |= {f"contact{n}@{_ascii(h)}" for n in range(12) for h in HOSTS[:4]}
    named |= {f"postmaster@{_ascii(h)}" for h in [*HOSTS, *SECONDARY]}
    aliases = [f"{a.rpartition('@')[0]}@old.example" for a in sorted(named)]
    addresses = random.sample(sorted(named), 100) + random.sample(aliases, 20)
    addresses = list(dict.fromkeys(addresses + strangers(random)))
    with ThreadPoolExecutor(2) as pool:
        before = list(pool.map(lambda a: explain(site, first, a), addresses))
        after = list(pool.map(lambda a: explain(site, second, a), addresses))
    asked = dict(zip(addresses, zip(before, after)))
    wrong = disagreements(told, asked)
    assert not wrong, f"seed {seed}, {len(wrong)}:\n" + "\n".join(wrong[:8])
    seen = {change(*pair) for pair in asked.values()}
    assert {"accepted", "refused", "rerouted", "unchanged"} <= seen, seen


def test_diff_agrees_with_explain(site: Site) -> None:
    agrees(site, 5)


def test_diff_agrees_with_explain_again(site: Site) -> None:
    agrees(site, 17)


# -- what is left behind

CONF = """
accepted-domain "#company.example" { type = authoritative }
connector "mail" {
    address-spaces = { "company.example" }
    smart-hosts = { "%s" }
}
directory "staff" { type = file path = "staff.txt" }
"""
ANN, BOB, EVE = (f"{n}@company.example" for n in ("ann", "bob", "eve"))


def set_up(site: Site) -> None:
    site.write("staff.txt", [ANN, BOB])
    site.namespace(CONF % "10.0.0.1")
    site.build("--no-wait")


def snapshot(folder: Path) -> dict[str, tuple]:
    """All that a run could change, times but those of reading among it."""
    found: dict[str, tuple] = {}
    for path in [folder, *sorted(folder.rglob("*"))]:
        status = path.lstat()
        kept = (status.st_mode, status.st_ino, status.st_mtime_ns, status.st_ctime_ns)
        content = b""
        if path.is_symlink():
            content = os.readlink(path).encode()
        elif path.is_file():
            content = path.read_bytes()
        found[str(path)] = (*kept, status.st_uid, status.st_gid, content)
    return found


def run_dry(site: Site, *options: str) -> subprocess.CompletedProcess[str]:
    """While another run holds the lock; it must leave everything alone."""
    scratch = site.root / "scratch"
    scratch.mkdir(exist_ok=True)
    before = snapshot(site.state)
    words = [COMPILER, "-c", site.conf, "-s", site.state, "build", "--dry-run"]
    with (site.state / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(
            [*words, *options],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            env=os.environ
            | {"TMPDIR": str(scratch), "MAIL_CONFIG": str(site.postfix.config)},
        )
    assert snapshot(site.state) == before
    assert not list(scratch.iterdir())
    return done


def test_dry_run_changes_nothing(site: Site) -> None:
    set_up(site)
    site.write("staff.txt", [ANN, EVE])
    site.namespace(CONF % "10.0.0.2")
    done = run_dry(site)
    assert done.returncode == 0, done
    assert done.stdout.startswith("generation 1 -> candidate\n"), done.stdout
    assert f"  {EVE}: reject unknown -> mail smtp:[10.0.0.2]\n" in done.stdout
    assert f"  {BOB}: mail smtp:[10.0.0.1] -> reject unknown\n" in done.stdout
    told = json.loads(run_dry(site, "--json").stdout)
    assert told["counts"] == dict(accepted=1, refused=1, deferred=0, rerouted=2, unchanged=0)
    assert site.compile("diff").stdout == done.stdout
    site.build("--no-wait")
    assert site.compile("diff", "1", "2").stdout.splitlines()[1:] == done.stdout.splitlines()[1:]


def test_dry_run_before_anything_is_published(site: Site) -> None:
    site.write("staff.txt", [ANN, BOB])
    site.namespace(CONF % "10.0.0.1")
    done = site.compile("build", "--dry-run")
    assert done.returncode == 0, done
    assert not site.state.exists()
    assert done.stdout.startswith("nothing published -> candidate\n"), done.stdout
    assert f"  {ANN}: not ours -> mail smtp:[10.0.0.1]\n" in done.stdout
    told = json.loads(site.compile("diff", "--json").stdout)
    assert told["from"] is None and told["to"] == "candidate"
    assert [i["address"] for i in told["accepted"]] == [ANN, BOB, "postmaster@company.example"]


def test_dry_run_ends_as_build_does(site: Site) -> None:
    set_up(site)
    many = [f"user{n}@company.example" for n in range(50)]
    site.write("staff.txt", many)
    site.build("--no-wait")
    (site.root / "staff.txt").unlink()
    done = run_dry(site)
    assert done.returncode == DIRECTORY_FAILED, done
    assert done.stdout == "generation 2 -> candidate: no difference\n"
    assert "its last-good copy serves" in done.stderr
    site.write("staff.txt", many[:5])
    done = run_dry(site)
    assert (done.returncode, done.stdout) == (GUARD_REFUSED, ""), done
    done = run_dry(site, "--accept-shrink", "staff")
    assert done.returncode == 0 and "newly refused" in done.stdout, done
    site.namespace("colour = red")
    done = run_dry(site)
    assert (done.returncode, done.stdout) == (BAD_CONFIGURATION, ""), done


# -- what it is asked, and how


def test_generations_are_named(site: Site) -> None:
    set_up(site)
    site.write("staff.txt", [ANN, EVE])
    site.build("--no-wait")
    heads = {
        (): "generation 2 -> candidate: no difference",
        ("1",): "generation 1 -> generation 2",
        ("1", "1"): "generation 1 -> generation 1: no difference",
        ("2", "1"): "generation 2 -> generation 1",
        ("candidate", "1"): "candidate -> generation 1",
        ("current", "candidate"): "generation 2 -> candidate: no difference",
    }
    for words, head in heads.items():
        done = site.compile("diff", *words)
        assert done.returncode == 0, done
        assert done.stdout.splitlines()[0] == head, done.stdout
    for word in ("3", "0", "01", "x", "-1", ""):
        done = site.compile("diff", "--", word)
        assert (done.returncode, done.stdout) == (USAGE, ""), done
        assert word in done.stderr


def test_what_can_not_be_read_is_an_error(site: Site) -> None:
    set_up(site)
    site.build("--no-wait")
    site.write("staff.txt", [EVE])
    site.build("--no-wait", "--accept-shrink", "staff")
    (site.state / "generations" / "1" / "virtual_alias.cdb").write_bytes(b"x")
    done = site.compile("diff", "1")
    assert (done.returncode, done.stdout) == (CAN_NOT_READ, ""), done
    assert "generations/1/virtual_alias.cdb" in done.stderr


def test_quiet_says_nothing_and_json_all(site: Site) -> None:
    set_up(site)
    site.write("staff.txt", [f"user{n}@company.example" for n in range(80)])
    done = site.compile("-q", "diff")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done
    told = json.loads(site.compile("diff", "--json").stdout)
    assert told["limit"] is None and len(told["accepted"]) == 80
    for limit, count in ((50, 50), (7, 7), (0, 80)):
        text = site.compile("diff", "--json", "--limit", str(limit)).stdout
        told = json.loads(text)
        assert len(told["accepted"]) == count == (told["limit"] or 80)
        assert told["counts"]["accepted"] == 80
    text = site.compile("diff").stdout
    assert "  ... and 30 more (--limit 0 shows all)\n" in text
    assert text.count("reject unknown -> mail") == 50


def test_foreign_bytes_are_shown_safely(site: Site) -> None:
    """What turns the direction of writing, in an address."""
    set_up(site)
    site.write("staff.txt", [ANN, BOB, "x\u202ey@company.example"])
    text = site.compile("diff").stdout
    assert "  x\\xe2\\x80\\xaey@company.example: " in text, text
    told = json.loads(site.compile("diff", "--json").stdout)
    assert told["accepted"][0]["address"] == "x\u202ey@company.example"
