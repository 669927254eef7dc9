"""The doctor at a private Postfix: what it finds there, and whether the lines
that it gives mend it.

A fault is a few lines for a shell, as an administrator would type them; no
Postfix needs to be started for most, because the doctor reads what is
configured.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from dataclasses import dataclass

from harness.paths import BIN
from harness.postfix import state_group
from harness.site import Site

NOTHING_IS_WRONG, UNAVAILABLE, NOT_FOUND_OUT, SOMETHING_IS_WRONG = 0, 69, 75, 78


@dataclass(frozen=True)
class Finding:
    check: str
    severity: str
    subject: str
    text: str
    fix: str


@dataclass(frozen=True)
class Fault:
    """How to break a sound set-up, and what must be found then."""

    check: str
    breaks: str  # lines for a shell; {state}, {root} and {queue} are put in
    subject: str = ""  # "" = not looked at; the same may be put in
    severity: str = "error"
    by_hand: str = ""  # lines that mend it where the doctor has none
    options: tuple[str, ...] = ()  # of doctor


def environment(site: Site) -> dict[str, str]:
    """For lines that are pasted into a shell."""
    path = f"{BIN}:{os.environ['PATH']}:/usr/sbin:/sbin"
    return os.environ | {"MAIL_CONFIG": str(site.postfix.config), "PATH": path}


def run_lines(site: Site, lines: str) -> None:
    done = subprocess.run(
        ["sh", "-e", "-c", lines],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        group=state_group(),
        env=environment(site),
        timeout=120,
    )
    assert done.returncode == 0, f"{lines}\n{done.stdout}{done.stderr}"
    age(site)


def age(site: Site) -> None:
    """Whoever reads a file of Postfix's that was written just now waits until
    it is two seconds old; these have nobody who still writes them."""
    past = time.time() - 60
    for name in ("main.cf", "master.cf"):
        if (site.postfix.config / name).exists():
            os.utime(site.postfix.config / name, (past, past))


def examine(site: Site, *options: str) -> list[Finding]:
    """The status must fit what was found."""
    done = site.compile("doctor", "--json", *options)
    try:
        found = json.loads(done.stdout)["findings"]
    except json.JSONDecodeError:
        said = done.stdout + done.stderr
        raise AssertionError(f"doctor: {done.returncode}\n{said}") from None
    findings = [Finding(**one) for one in found]
    expected = NOTHING_IS_WRONG
    if findings:
        expected = NOT_FOUND_OUT
    if any(f.severity != "unknown" for f in findings):
        expected = SOMETHING_IS_WRONG
    assert done.returncode == expected, (done.returncode, findings)
    return findings


def expect_sound(site: Site, *options: str) -> None:
    findings = examine(site, *options)
    assert findings == [], listing(findings)


def listing(findings: list[Finding]) -> str:
    return "\n" + "\n".join(
        f"{f.severity} {f.check} {f.subject}: {f.text}\n    {f.fix}" for f in findings
    )


def fill(site: Site, text: str) -> str:
    """Lines with this site's folders put in."""
    for word, path in [
        ("{state}", site.state),
        ("{root}", site.root),
        ("{queue}", site.postfix.queue),
    ]:
        text = text.replace(word, str(path))
    return text


def expect_alone(site: Site, fault: Fault) -> Finding:
    """That fault is found, and no other."""
    findings = examine(site, *fault.options)
    ids = [f.check for f in findings]
    assert ids == [fault.check], f"{fault}{listing(findings)}"
    (finding,) = findings
    assert finding.severity == fault.severity, listing(findings)
    subject = fill(site, fault.subject)
    assert subject in ("", finding.subject), f"{subject}{listing(findings)}"
    return finding


def find_and_mend(site: Site, fault: Fault) -> Finding:
    """Breaks it, has it found alone, runs the lines that were given; after
    which nothing is wrong.  main.cf and master.cf are left as they were."""
    kept = site.root / "kept"
    shutil.copytree(site.postfix.config, kept)
    run_lines(site, fill(site, fault.breaks))
    finding = expect_alone(site, fault)
    assert bool(finding.fix) != bool(fault.by_hand), listing([finding])
    run_lines(site, finding.fix or fill(site, fault.by_hand))
    expect_sound(site, *fault.options)
    shutil.rmtree(site.postfix.config)
    kept.rename(site.postfix.config)
    return finding
