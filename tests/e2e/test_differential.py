"""Recipients by chance: policyd, the maps, a real Postfix and a model that was
written from the rules alone say the same.  make differential asks many more.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "reference"))

from differential import run  # noqa: E402
from harness.site import Site  # noqa: E402
from through_postfix import ask_site  # noqa: E402

SEED, COUNT, EACH, BY_SMTP = 1, 2500, 125, 100


def test_policyd_and_the_maps_agree_with_the_model(site: Site) -> None:
    total = run(SEED, COUNT, EACH, 1)
    assert not total.wrong, "\n".join(total.wrong[:10])
    assert total.passed >= COUNT, total
    # It meets every verdict, and configurations that are refused.
    verdicts = {what.split()[0] for what in total.seen}
    assert verdicts == {"accept", "relay", "reject", "defer", "pass"}, total.seen
    assert total.refused, total


def test_a_real_postfix_agrees_with_the_model(site: Site) -> None:
    passed, wrong = ask_site(site, SEED, BY_SMTP)
    assert not wrong, "\n".join(wrong[:10])
    assert passed == BY_SMTP, passed
