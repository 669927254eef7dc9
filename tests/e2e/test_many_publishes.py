"""Many publishes while policyd answers: some of them.

"make publishes COUNT=10000" takes as many as wanted, and also with a Postfix.
"""

from __future__ import annotations

import sys

from harness.paths import TREE
from harness.site import Site

sys.path.insert(0, str(TREE / "tests/faults"))

from publishes import publish_to_policyd  # noqa: E402

COUNT = 60


def test_publishes_under_requests(site: Site) -> None:
    root = site.root / "publishes"
    root.mkdir()
    print(publish_to_policyd(root, COUNT))
