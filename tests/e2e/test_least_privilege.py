"""What is left to policyd once it serves, in each way to run it; and that
the programs are built to be hard to turn against themselves.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import socket
import subprocess
from pathlib import Path

from harness.left_out import LeftOut, need_trace
from harness.paths import BIN, wait_until
from harness.policy import PolicyClient
from harness.postfix import state_group
from harness.site import Site
from harness.staff import ANN, GHOST, build_staff

PROGRAMS = ["policyd", "transport-map-gen"]


def status_of(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    pairs = (line.partition(":") for line in lines)
    return {name: " ".join(value.split()) for name, _, value in pairs}


def parents_and_names() -> dict[int, tuple[int, str]]:
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended
            head, _, rest = (folder / "stat").read_text().rpartition(")")
            found[int(folder.name)] = (int(rest.split()[1]), head.partition("(")[2])
    return found


def children_called(parent: int, name: str) -> list[int]:
    """Of it and of those it started."""
    processes = parents_and_names()

    def is_below(pid: int) -> bool:
        above, _ = processes.get(pid, (0, ""))
        return above == parent or (above > 1 and is_below(above))

    return [p for p, (_, called) in processes.items() if called == name and is_below(p)]


def expect_closed(pid: int, user: str, is_bound: bool) -> None:
    """is_bound: it began as root, who alone can give up what others get."""
    status = status_of(pid)
    for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
        assert int(status[name], 16) == 0, f"{name}: {status[name]}"
    if is_bound:
        assert int(status["CapBnd"], 16) == 0, status["CapBnd"]
    assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2", status
    assert status["Uid"].split() == [str(pwd.getpwnam(user).pw_uid)] * 4
    # What is not dumpable belongs to root, whoever it runs as.
    assert Path(f"/proc/{pid}/environ").stat().st_uid == 0


def expect_served(site: Site, path: Path) -> None:
    """A new generation too, which is another folder."""
    with PolicyClient(path) as policyd:
        assert policyd.ask(ANN) == "DUNNO"
        assert policyd.ask(GHOST).startswith("550 5.1.1 ")
        build_staff(site, GHOST)
        wait_until(lambda: policyd.ask(GHOST) == "DUNNO", "the new list is served")


def daemon(site: Site, *options: str | Path) -> subprocess.Popen[bytes]:
    with site.daemon_log.open("ab") as log:
        return subprocess.Popen(
            [site.postfix.programs / "policyd", "-s", site.state]
            + ["--listen", f"unix:{site.root / 'socket'}", *options],
            stdin=subprocess.DEVNULL,
            stderr=log,
            group=state_group(),
        )


def log_of(site: Site) -> str:
    return site.daemon_log.read_text()


# -- each way to run it


def test_daemon_that_becomes_nobody(site: Site) -> None:
    build_staff(site)
    process = daemon(site, "--user", "nobody", "--log", "stderr")
    try:
        wait_until(lambda: "is in force" in log_of(site), "policyd serves")
        expect_closed(process.pid, "nobody", is_bound=True)
        expect_served(site, site.root / "socket")
    finally:
        process.terminate()
        assert process.wait(60) == 0


def test_daemon_that_stays_root_is_root_by_name_alone(site: Site) -> None:
    build_staff(site)
    # Another's, whose group may read: what root's rights would pass over.
    subprocess.run(
        ["chown", "-R", f"nobody:{state_group()}", site.state], check=True
    )
    process = daemon(site, "--log", "stderr")
    try:
        wait_until(lambda: "is in force" in log_of(site), "policyd serves")
        expect_closed(process.pid, "root", is_bound=True)
        expect_served(site, site.root / "socket")
    finally:
        process.terminate()
        assert process.wait(60) == 0
    # nobody is neither root nor postshare, and the log says so.
    assert "neither root nor postshare" in log_of(site)


def test_under_spawn(site: Site) -> None:
    build_staff(site)
    site.start("spawn")
    with site.client() as session:
        assert session.ask([GHOST])[GHOST].code == 550
        master = site.postfix.master_pid()
        assert master is not None
        (pid,) = children_called(master, "policyd")
        expect_closed(pid, "nobody", is_bound=False)


def test_by_a_supervisor(site: Site) -> None:
    build_staff(site)
    path = site.root / "socket"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        path.chmod(0o666)
        server.listen()
        program = site.postfix.programs / "policyd"
        site.start_service(f"{program} -s {site.state}", server)
        expect_served(site, path)
        (pid,) = children_called(os.getpid(), "policyd")
        expect_closed(pid, "nobody", is_bound=False)


# -- what it can still reach


def test_a_state_folder_that_comes_later(site: Site) -> None:
    process = daemon(site, "--user", "nobody", "--log", "stderr")
    try:
        wait_until(lambda: "no generation" in log_of(site), "policyd waits")
        with PolicyClient(site.root / "socket") as policyd:
            assert policyd.ask(GHOST) == "DUNNO"
            build_staff(site)
            wait_until(lambda: policyd.ask(GHOST) != "DUNNO", "it is served")
            assert policyd.ask(GHOST).startswith("550 5.1.1 ")
    finally:
        process.terminate()
        assert process.wait(60) == 0


def test_a_state_folder_that_others_can_write(site: Site) -> None:
    """Mail goes on, and the log is loud; build says it too."""
    build_staff(site)
    site.state.chmod(0o777)
    process = daemon(site, "--user", "nobody", "--log", "stderr")
    try:
        wait_until(lambda: "is in force" in log_of(site), "policyd serves")
        with PolicyClient(site.root / "socket") as policyd:
            assert policyd.ask(GHOST).startswith("550 5.1.1 ")
    finally:
        process.terminate()
        assert process.wait(60) == 0
    warning = f"{site.state} is of mode 0777: others than its owner can change"
    assert warning in log_of(site), log_of(site)
    assert warning in site.build()


def test_queries_of_the_log_reach_no_network(site: Site) -> None:
    """strace(1) may not look into what is not dumpable, so it starts it."""
    need_trace()
    log, trace = site.root / "mail.log", site.root / "trace"
    log.write_text("")
    run = [BIN.resolve() / "policyd", "verdicts", log]
    done = subprocess.run(
        ["strace", "-f", "-qq", "-e", "trace=seccomp,landlock_restrict_self"]
        + ["-o", trace, *run],
        env=os.environ | {"ASAN_OPTIONS": "detect_leaks=0"},
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "seccomp(SECCOMP_SET_MODE_FILTER" in trace.read_text()


# -- how the programs are built


def read_elf(*options: str) -> str:
    return subprocess.run(
        ["readelf", "-W", *options], capture_output=True, text=True, check=True
    ).stdout


def test_programs_are_hardened(site: Site) -> None:
    if shutil.which("readelf") is None:
        raise LeftOut("no readelf(1)")
    for name in PROGRAMS:
        program = str(BIN / name)
        assert re.search(r"Type: +DYN", read_elf("-h", program)), "no PIE"
        segments = read_elf("-l", program)
        assert "GNU_RELRO" in segments
        (stack,) = re.findall(r"GNU_STACK.*", segments)
        assert "RWE" not in stack and re.search(r"\bRW\b", stack), stack
        dynamic = read_elf("-d", program)
        assert "BIND_NOW" in dynamic and "PIE" in dynamic, dynamic
        assert "TEXTREL" not in dynamic and "RUNPATH" not in dynamic
        symbols = read_elf("-s", program)
        assert "__stack_chk_fail" in symbols
        if "__asan_init" in symbols or "__gcov" in symbols:
            continue  # without an optimizer nothing is fortified
        assert re.search(r"__\w+_chk@", symbols), f"{name} is not fortified"


def test_objects_check_where_they_are_called(site: Site) -> None:
    if os.uname().machine != "x86_64":
        raise LeftOut("not on this processor")
    for name in PROGRAMS:
        main = BIN.parent / name / "main.o"
        if not main.exists():
            raise LeftOut("the objects are not beside the programs")
        notes = read_elf("-n", str(main))
        assert "IBT" in notes and "SHSTK" in notes, notes
