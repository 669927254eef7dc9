"""A test that this machine does not allow."""

from __future__ import annotations

import subprocess


class LeftOut(Exception):
    """Says why; counted apart, neither passed nor failed."""


def need_mounts() -> None:
    """Files put over others, seen by nobody else: containers may not."""
    _need("no mount namespace of its own", "unshare", "--mount", "true")


def need_trace() -> None:
    """ptrace(2), which some kernels and containers keep even from root."""
    _need("strace(1) may not trace", "strace", "-qq", "-e", "trace=none", "true")


def _need(what: str, *command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True)
        said = "" if done.returncode == 0 else done.stderr
    except FileNotFoundError as error:
        raise LeftOut(f"{what}: {error}") from None
    if done.returncode != 0:
        raise LeftOut(f"{what}: {said.strip()}")
