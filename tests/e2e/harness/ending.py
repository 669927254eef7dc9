"""Ends what a test started."""

from __future__ import annotations

import subprocess


def end(process: subprocess.Popen, seconds: float = 20) -> None:
    """As an administrator would; by SIGKILL only where that is of no use.

    So a program tells what it leaked, or which of its lines it ran, where it
    was built to do so.
    """
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
