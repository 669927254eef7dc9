"""The compiler and policyd, run for one configuration."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import time
from pathlib import Path

from harness.paths import BIN, wait_until
from files import write
from harness.policy import ATTRIBUTES
from harness.postfix import state_group
from model import FRESH, NEVER, World

COMPILER, POLICYD = BIN / "transport-map-gen", BIN / "policyd"
CLOCK = BIN.parent / "tests/faults/clock.so"
LONG_AGO_SECONDS, MOMENT_SECONDS = 10 * 86400, 600
PUBLISHED, DIRECTORY_FAILED, BAD_CONFIGURATION = 0, 75, 78
AT_A_TIME = 20
FIELD = re.compile(r'([a-z_]+)=("(?:[^"\\]|\\.)*"|\S*)')


def compile_maps(folder: Path, seconds_ago: int = 0) -> subprocess.CompletedProcess:
    environment = os.environ | {
        "MAIL_CONFIG": str(folder),
        "LD_PRELOAD": str(CLOCK),
        "FAULTS_NOW": str(int(time.time()) - seconds_ago),
        # A compiler with sanitizers wants to be first.
        "ASAN_OPTIONS": "verify_asan_link_order=0",
    }
    return subprocess.run(
        [COMPILER, "-c", folder / "namespace.conf", "-s", folder / "state", "build"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        group=state_group(),
        env=environment,
        timeout=120,
    )


def write_postfix(folder: Path) -> None:
    """The compiler asks postconf(1), which waits a second where main.cf is not
    there, and until it is a second old."""
    for name, text in (("main.cf", "compatibility_level = 3.6\n"), ("master.cf", "")):
        (folder / name).write_text(text)
        os.utime(folder / name, (0, 0))


def publish(world: World, folder: Path) -> subprocess.CompletedProcess:
    """Directories that are stale were read long ago, and are gone.  Who has
    left was listed a moment before that."""
    if world.has_changed():
        before = _publish(world.former(), folder, MOMENT_SECONDS)
        if before.returncode not in (PUBLISHED, DIRECTORY_FAILED):
            return before
    return _publish(world, folder, 0)


def _publish(
    world: World, folder: Path, seconds_ago: int
) -> subprocess.CompletedProcess:
    write(world, folder)
    if all(d.state in (FRESH, NEVER) for d in world.directories):
        return compile_maps(folder, seconds_ago)
    done = compile_maps(folder, LONG_AGO_SECONDS + seconds_ago)
    if done.returncode not in (PUBLISHED, DIRECTORY_FAILED):
        return done
    for directory in world.directories:
        if directory.state != FRESH:
            (folder / f"{directory.name}.list").unlink(missing_ok=True)
    return compile_maps(folder, seconds_ago)


def requests_of(questions: list[tuple[str, str]]) -> list[bytes]:
    made = []
    for recipient, client in questions:
        values = ATTRIBUTES | {"recipient": recipient, "client_address": client}
        text = "".join(f"{name}={value}\n" for name, value in values.items())
        made.append(f"{text}\n".encode())
    return made


def replies_by_spawn(folder: Path, requests: list[bytes]) -> list[str]:
    done = subprocess.run(
        [POLICYD, "-s", folder / "state", "--log", "none"],
        input=b"".join(requests),
        capture_output=True,
        group=state_group(),
        timeout=120,
    )
    assert done.returncode == 0, done
    said = done.stdout.decode().split("\n\n")[:-1]
    return [reply.removeprefix("action=") for reply in said]


def verdicts(folder: Path, requests: list[bytes]) -> list[dict[str, str]]:
    """What the daemon logs of each."""
    path, log = folder / "policyd", folder / "policyd.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [POLICYD, "-s", folder / "state", "--user", "nobody", "--mode", "0666"]
            + ["--log", "stderr", "--listen", f"unix:{path}"],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            group=state_group(),
        )
    try:
        wait_until(lambda: _listens(path), "policyd listens")
        _ask(path, requests)
    finally:
        process.terminate()
        process.wait()
        path.unlink(missing_ok=True)
    lines = log.read_text().splitlines()
    found = [line for line in lines if "verdict=" in line]
    return [
        {name: value.strip('"') for name, value in FIELD.findall(line)}
        for line in found
    ]


def _listens(path: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as asking:
            asking.connect(str(path))
        return True
    except OSError:
        return False


def _ask(path: Path, requests: list[bytes]) -> None:
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(60)
        asking.connect(str(path))
        for n in range(0, len(requests), AT_A_TIME):
            part = requests[n : n + AT_A_TIME]
            asking.sendall(b"".join(part))
            answer = b""
            while answer.count(b"\n\n") < len(part):
                more = asking.recv(65536)
                assert more, "policyd hung up"
                answer += more
