"""What a machine finds that lost its power in a publish: some of all cases.

"make faults" takes all of them; tests/faults tells what is reckoned with.
"""

from __future__ import annotations

import subprocess
import sys

from harness.left_out import need_mounts, need_trace
from harness.paths import TREE
from harness.site import Site

POWER = TREE / "tests/faults/power.py"


def test_power_loss(_site: Site) -> None:
    need_mounts()
    need_trace()
    done = subprocess.run(
        [sys.executable, POWER, "--sample", "60", "first", "both", "rollback"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    print(done.stdout)
    assert done.returncode == 0
