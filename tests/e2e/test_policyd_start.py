"""policyd that does not start: what it says, to whom, and its status."""

from __future__ import annotations

import os
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from harness.paths import BIN, free_port
from harness.site import Site

POLICYD = BIN / "policyd"
USAGE, IO_ERROR, CONFIGURATION = 64, 74, 78
QUESTION, REPLY = "request=smtpd_access_policy\n\n", "action=DUNNO\n\n"


@dataclass(frozen=True)
class Refusal:
    name: str
    options: list[str]
    status: int
    sentence: str


REFUSALS = [
    Refusal("nobody asks", [], USAGE, "nobody asks on stdin: give --listen unix:PATH"),
    Refusal("unknown option", ["--nonsense"], USAGE, "--nonsense"),
    Refusal(
        "no such folder",
        ["--listen", "unix:/nonexistent/policyd"],
        CONFIGURATION,
        "unix:/nonexistent/policyd: No such file or directory",
    ),
    Refusal(
        "no such user",
        ["--user", "no-such-user", "--listen", "unix:{root}/s"],
        CONFIGURATION,
        "--user no-such-user: there is no such user",
    ),
    Refusal(
        "numbers where somebody else is",
        ["--listen", "unix:{root}/s", "--metrics", "inet:127.0.0.1:{port}"],
        CONFIGURATION,
        "inet:127.0.0.1:{port}: Address already in use",
    ),
    Refusal(
        "more sockets than can be held",
        ["--listen", "unix:{root}/s", "--listen", "unix:{root}/s"],
        CONFIGURATION,
        "unix:{root}/s: somebody answers there already, or it is no socket",
    ),
]


def run(
    *options: str, script: str = 'exec "$@"', output: IO[bytes] | int = subprocess.PIPE
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", script, "sh", str(POLICYD), *options],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
    )


def test_each_refusal_is_told(site: Site) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        words = {"root": site.root, "port": taken.getsockname()[1]}
        for refusal in REFUSALS:
            options = [option.format(**words) for option in refusal.options]
            done = run("-s", str(site.state), *options)
            assert done.returncode == refusal.status, (refusal.name, done)
            assert done.stderr.startswith("policyd: "), (refusal.name, done)
            sentence = refusal.sentence.format(**words)
            assert sentence in done.stderr, (refusal.name, done)
            assert done.stdout == "", (refusal.name, done)


def test_sockets_of_a_supervisor_are_looked_at(site: Site) -> None:
    for number, sentence in (("many", "LISTEN_FDS is a number"), ("1", "descriptor 3")):
        script = f'export LISTEN_PID=$$ LISTEN_FDS={number}; exec "$@" 3<&0'
        done = run(script=script)
        assert done.returncode == USAGE, done
        assert sentence in done.stderr, done


def test_help_and_version_are_printed_whole(site: Site) -> None:
    for option, word in (("--help", "--listen"), ("--version", "Postshare")):
        done = run(option)
        assert (done.returncode, done.stderr) == (0, ""), done
        assert word in done.stdout, done
        with Path("/dev/full").open("rb+", buffering=0) as full:
            assert run(option, output=full).returncode == IO_ERROR


def spawn(
    *options: str | Path, question: str = "", stderr_too: bool = False
) -> tuple[int, str, str]:
    """As spawn(8) starts it: status, what the peer gets, what goes to stderr."""
    ours, theirs = socket.socketpair()
    with ours, theirs, subprocess.Popen(
        [POLICYD, *options],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs if stderr_too else subprocess.PIPE,
    ) as process:
        theirs.close()
        if question:
            ours.sendall(question.encode())
        ours.shutdown(socket.SHUT_WR)
        with ours.makefile() as replies:
            said = replies.read()
        errors = process.stderr.read().decode() if process.stderr else ""
        return process.wait(60), said, errors


def test_an_smtpd_hears_nothing_but_replies(site: Site) -> None:
    for stderr_too in (True, False):
        state = ("-s", site.state)
        done = spawn(*state, question=QUESTION, stderr_too=stderr_too)
        assert done == (0, REPLY, ""), done
        for option in ("--help", "--version", "--nonsense", "--log=stderr"):
            status, said, _ = spawn(*state, option, stderr_too=stderr_too)
            assert (status, said) == (USAGE, ""), option


def said_to_a_socket(descriptors: str, *options: str, journal: bool = False) -> str:
    """What stands in the socket that these descriptors are, stdin closed."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        status = os.fstat(theirs.fileno())
        stream = f"{status.st_dev}:{status.st_ino if journal else 1}"
        script = f'exec "$@" <&- {descriptors} {theirs.fileno()}>&-'
        done = subprocess.run(
            ["sh", "-c", script.format(fd=theirs.fileno()), "sh", POLICYD, *options],
            env={**os.environ, "JOURNAL_STREAM": stream},
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            timeout=60,
        )
        assert done.returncode == USAGE, (descriptors, options, done)
        theirs.close()
        with ours.makefile() as said:
            return said.read()


def test_a_socket_as_stderr_hears_nothing(site: Site) -> None:
    """It may be a client's, whatever became of stdin; but for journald's."""
    listen = ("--listen", f"unix:{site.root}/s", "--log", "stderr")
    for descriptors in (">&{fd} 2>&{fd}", "2>&{fd}", ">&{fd} 2>&-"):
        for options in ((), ("--help",), ("--nonsense",), listen):
            if options == listen and descriptors.endswith("2>&-"):
                continue
            assert said_to_a_socket(descriptors, *options) == "", options
    said = said_to_a_socket("2>&{fd}", "--nonsense", journal=True)
    assert said.startswith("policyd: "), said


def test_a_file_of_requests_is_answered(site: Site) -> None:
    done = subprocess.run(
        [POLICYD, "-s", site.state],
        input=QUESTION * 3,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (0, REPLY * 3), done
