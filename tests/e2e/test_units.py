"""systemd/: that each unit is sound and as closed as it says, and that the
programs can live within it.  There need not be a systemd that runs: what it
would forbid is watched by strace(1), or forbidden by hand.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

from harness.paths import BIN, TREE, wait_until
from harness.policy import PolicyClient
from harness.postfix import SBIN_IN_EXAMPLES, STATE_IN_EXAMPLES, state_group
from harness.site import COMPILER, Site
from test_every_source import KINDS, people, set_up

UNITS = TREE / "systemd"
POLICYD, BUILD = "policyd.service", "postshare-build.service"
# Tenths of what systemd-analyze(1) calls exposure.
EXPOSURE_MAX = {POLICYD: 6, BUILD: 12}
EXPOSURE_MAX_TCP = 12
GHOST = "ghost@company.example"
LISTED, UNKNOWN = "DUNNO", "550 5.1.1 "
# Whoever has least; the account "postshare" is there where it is installed.
ACCOUNT = "nobody"
SMALL = """
accepted-domain "company.example" { type = authoritative }
connector "mail" {
    address-spaces = { "company.example" }
    smart-hosts = { "10.8.0.25" }
}
directory "staff" { type = file path = "staff.txt" }
"""
ANN = "ann@company.example"


def run(*command: str | Path, check: bool = True, **more) -> str:
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        **more,
    )
    assert not check or done.returncode == 0, f"{command}: {done}"
    return done.stdout


def settings(unit: str) -> list[tuple[str, str]]:
    lines = (UNITS / unit).read_text().splitlines()
    pairs = [line.partition("=") for line in lines if re.match("[A-Z]", line)]
    return [(key, value) for key, _, value in pairs]


def command_of(site: Site, unit: str) -> list[str | Path]:
    """ExecStart, of this build and with the test's own folders."""
    (line,) = (value for key, value in settings(unit) if key == "ExecStart")
    places = {
        STATE_IN_EXAMPLES: site.state,
        "/etc/postshare/namespace.conf": site.conf,
        f"{SBIN_IN_EXAMPLES}/policyd": site.postfix.programs / "policyd",
        f"{SBIN_IN_EXAMPLES}/transport-map-gen": site.postfix.programs
        / "transport-map-gen",
    }
    return [places.get(word, word) for word in line.split()]


def prepare(site: Site) -> None:
    """Programs and a state folder for the account."""
    shutil.copy(COMPILER, site.postfix.programs)
    site.state.mkdir(0o750)
    shutil.chown(site.state, ACCOUNT, state_group())
    site.postfix.configure([])


def environment(site: Site) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "MAIL_CONFIG": str(site.postfix.config),
        # Within strace(1) no leaks can be looked for.
        "ASAN_OPTIONS": "detect_leaks=0",
    }


# -- what systemd thinks of them


def test_verify(site: Site) -> None:
    folder = site.root / "units"
    folder.mkdir()
    for unit in UNITS.glob("*.*"):
        if unit.is_file():
            text = unit.read_text().replace(SBIN_IN_EXAMPLES, str(BIN.resolve()))
            (folder / unit.name).write_text(text)
    names = sorted(folder.iterdir())
    assert len(names) == 5, names
    said = run("systemd-analyze", "verify", "--man=no", *names)
    assert str(folder) not in said, said


def test_exposure(site: Site) -> None:
    for unit, most in EXPOSURE_MAX.items():
        run(
            *("systemd-analyze", "security", "--offline=yes", "--no-pager"),
            *(f"--threshold={most}", UNITS / unit),
        )


def test_exposure_with_drop_ins(site: Site) -> None:
    """A policyd that sees the machine's network, to be asked for metrics."""
    drop_in = TREE / "monitoring-examples/policyd-metrics.conf"
    text = (UNITS / POLICYD).read_text()
    _, _, more = drop_in.read_text().partition("[Service]\n")
    assert "PrivateNetwork=no" in more
    both = site.root / POLICYD
    both.write_text(text.replace("\n[Install]", f"\n{more}\n[Install]"))
    run(
        *("systemd-analyze", "security", "--offline=yes", "--no-pager"),
        *(f"--threshold={EXPOSURE_MAX_TCP}", both),
    )


def test_account_and_folder(site: Site) -> None:
    root = f"--root={site.root}"
    by_root = site.root / "var/lib/postshare/generations/1"
    by_root.mkdir(parents=True)
    run("systemd-sysusers", root, UNITS / "sysusers.d/postshare.conf")
    run("systemd-tmpfiles", root, "--create", UNITS / "tmpfiles.d/postshare.conf")
    lines = (site.root / "etc/passwd").read_text().splitlines()
    (account,) = (n.split(":") for n in lines if n.startswith("postshare:"))
    assert account[5:] == ["/var/lib/postshare", "/usr/sbin/nologin"]
    (reader,) = (n.split(":") for n in lines if n.startswith("postshare-policyd:"))
    assert reader[2] != account[2] and reader[5:] == ["/", "/usr/sbin/nologin"]
    groups = (site.root / "etc/group").read_text().splitlines()
    (members,) = (n.split(":")[3] for n in groups if n.startswith("postshare:"))
    assert members == "postshare-policyd"
    folder = (site.root / "var/lib/postshare").stat()
    assert (folder.st_uid, folder.st_mode & 0o7777) == (int(account[2]), 0o750)
    assert folder.st_gid == int(account[3])
    # Else the timer could not build what root began.
    for path in (by_root, by_root.parent):
        status = path.stat()
        assert (status.st_uid, status.st_gid) == (folder.st_uid, folder.st_gid)
        assert status.st_mode & 0o777 == 0o755, "by the compiler alone"


# -- system calls


@cache
def groups() -> dict[str, list[str]]:
    """@group -> names of calls and of groups."""
    found: dict[str, list[str]] = {}
    members: list[str] = []
    for line in run("systemd-analyze", "syscall-filter", "--no-pager").splitlines():
        word = line.strip()
        if line.startswith("@"):
            members = found.setdefault(word, [])
        elif word and not word.startswith("#"):
            members.append(word)
    return found


def calls(name: str) -> set[str]:
    if not name.startswith("@"):
        return {name}
    return set().union(*map(calls, groups()[name]))


def allowed_calls(unit: str) -> set[str]:
    """As systemd.exec(5) reads the lines, one after the other."""
    allowed: set[str] = set()
    for key, value in settings(unit):
        if key == "SystemCallFilter":
            named = set().union(*map(calls, value.lstrip("~").split()))
            allowed = allowed - named if value[0] == "~" else allowed | named
    return allowed


def allowed_families(unit: str) -> set[str]:
    (value,) = (v for k, v in settings(unit) if k == "RestrictAddressFamilies")
    return set(value.split())


def expect_allowed(unit: str, trace: Path, wanted: set[str]) -> None:
    """wanted: what the run must have called, or it was none."""
    text = trace.read_text(errors="replace")
    used = set(re.findall(r"^\d+ +(\w+)\(", text, re.M))
    assert wanted <= used, wanted - used
    assert used <= allowed_calls(unit), used - allowed_calls(unit)
    families = set(re.findall(r"\bsocket(?:pair)?\((\w+)", text))
    assert families <= allowed_families(unit), families - allowed_families(unit)


def traced(site: Site, trace: Path, *command: str | Path) -> list[str | Path]:
    return ["strace", "-f", "-qq", "-o", trace, "-u", ACCOUNT, *command]


def give_to_account(site: Site) -> None:
    for name in ("password", "sql-password"):
        shutil.chown(site.root / name, ACCOUNT)


def test_build_calls_nothing_forbidden(site: Site) -> None:
    """With every kind of directory, twice: the whole and a refresh."""
    prepare(site)
    trace = site.root / "trace"
    with ExitStack() as stack:
        set_up(site, stack)
        give_to_account(site)
        command = traced(site, trace, *command_of(site, BUILD))
        for wanted in ({"connect", "symlink", "flock", "execve"}, {"connect"}):
            run(*command, env=environment(site))
            expect_allowed(BUILD, trace, wanted)
    everybody = [a for kind in KINDS for a in people(kind)]
    assert {site.explain(a)["reason"] for a in everybody} == {"listed"}


@contextmanager
def served(
    site: Site,
    before: list[str | Path],
    command: list[str | Path],
    family: int = socket.AF_UNIX,
) -> Iterator[Path | tuple[str, int]]:
    """policyd with a socket as descriptor 3, as systemd hands it over."""
    path = site.root / "policyd.socket"
    words = " ".join(map(str, command))
    with socket.socket(family) as listener:
        if family == socket.AF_UNIX:
            listener.bind(str(path))
            path.chmod(0o666)
        else:
            listener.bind(("127.0.0.1", 0))
            path = listener.getsockname()
        listener.listen()
        script = f"exec 3<&{listener.fileno()}; LISTEN_PID=$$ LISTEN_FDS=1 exec {words}"
        process = subprocess.Popen(
            [*before, "sh", "-c", script],
            stdin=subprocess.DEVNULL,
            pass_fds=[listener.fileno()],
            env=environment(site),
            start_new_session=True,
        )
        try:
            yield path
        finally:
            # strace(1) ends with what it runs.
            for pid in children(process.pid) or [process.pid]:
                os.kill(pid, 15)
            process.wait(60)


def children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in text.split()]


def small_build(site: Site, *more: str) -> None:
    site.write("staff.txt", [ANN, *more])
    site.namespace(SMALL)
    site.build()


def expect_served(site: Site, path: Path | tuple[str, int]) -> None:
    """A new generation too."""
    with PolicyClient(path) as policyd:
        assert policyd.ask(ANN) == LISTED
        assert policyd.ask(GHOST).startswith(UNKNOWN)
        small_build(site, GHOST)
        wait_until(lambda: policyd.ask(GHOST) == LISTED, "the new list is served")


def test_policyd_calls_nothing_forbidden(site: Site) -> None:
    prepare(site)
    small_build(site)
    trace = site.root / "trace"
    with served(site, traced(site, trace), command_of(site, POLICYD)) as path:
        expect_served(site, path)
    expect_allowed(POLICYD, trace, {"accept4", "mmap", "execve"})


# -- what they may write, and whom they may be


def confined(site: Site, writable: Path | None, network: bool) -> list[str | Path]:
    """A read-only machine, no capability, and a loopback at most."""
    steps = [f"mount --bind {site.root} {site.root}"]
    if writable is not None:
        steps.append(f"mount --bind {writable} {writable}")
    steps += [
        f"mount -o remount,bind,ro {site.root}",
        "mount -o remount,bind,ro /",
        f"! touch {site.root}/written 2>&-",
        "exec setpriv --no-new-privs --bounding-set=-all --inh-caps=-all "
        f'--reuid {ACCOUNT} --regid {state_group()} --clear-groups -- "$@"',
    ]
    apart = ["unshare", "--mount", *([] if network else ["--net"])]
    return [*apart, "--", "sh", "-c", " && ".join(steps), "sh"]


def test_policyd_needs_neither_files_nor_network(site: Site) -> None:
    prepare(site)
    small_build(site)
    before = confined(site, None, network=False)
    with served(site, before, command_of(site, POLICYD)) as path:
        expect_served(site, path)


def test_policyd_answers_on_tcp_without_a_network(site: Site) -> None:
    """policyd-tcp.socket: it came from outside, and that is enough."""
    prepare(site)
    small_build(site)
    before = confined(site, None, network=False)
    command = command_of(site, POLICYD)
    with served(site, before, command, socket.AF_INET) as address:
        expect_served(site, address)


def owners(folder: Path) -> set[int]:
    """But for links: whoever has their folder may replace them."""
    found = [folder, *folder.rglob("*")]
    return {p.stat().st_uid for p in found if not p.is_symlink()}


def test_root_and_the_unit_build_in_turn(site: Site) -> None:
    """The unit within its own walls, root by hand between."""
    prepare(site)
    account = pwd.getpwnam(ACCOUNT).pw_uid
    unit = [*confined(site, site.state, True), *command_of(site, BUILD)]
    names: list[str] = []
    for turn in range(4):
        names.append(f"user{turn}@company.example")
        site.write("staff.txt", names)
        site.namespace(SMALL)
        if turn % 2:
            run(*unit, env=environment(site))
        else:
            site.build()
        assert site.explain(names[-1])["reason"] == "listed"
        assert owners(site.state) == {account}, owners(site.state)
