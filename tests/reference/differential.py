#!/usr/bin/env python3
"""Three answers for each recipient, by chance: that of policyd, that of the
maps walked as Postfix walks them, and that of a model which was written from
the rules alone.  They have to be the same.

usage: differential.py [--seed N] [--count N] [--each N] [--smtp N] [-j N]

--each recipients for each configuration; --smtp of them through a Postfix.
BIN names the folder of the programs; needs root.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]

from faults import every_fault  # noqa: E402
from model import Answer, Model, hops_of_others, parse, show  # noqa: E402
from programs import (  # noqa: E402
    BAD_CONFIGURATION,
    DIRECTORY_FAILED,
    PUBLISHED,
    publish,
    replies_by_spawn,
    requests_of,
    verdicts,
    write_postfix,
)
from spelling import a_label, has_strange_letters  # noqa: E402
from through_postfix import through_postfix  # noqa: E402
from walk import Outcome, Postfix  # noqa: E402
from worlds import Maker, addresses, client_of  # noqa: E402

# Where there is one: some thousand builds are synced to disk.
IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
ROUTED_BY_SENDER = re.compile(r"[%!@]")


@dataclass
class Tally:
    passed: int = 0
    refused: int = 0  # configurations, by the compiler and by the model
    beyond_maps: int = 0  # where a known limit of the maps shows
    maps_not_asked: int = 0  # no address, or one that Postfix routes itself
    wrong: list[str] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)

    def add(self, other: Tally) -> None:
        self.passed += other.passed
        self.refused += other.refused
        self.beyond_maps += other.beyond_maps
        self.maps_not_asked += other.maps_not_asked
        self.wrong += other.wrong
        for what, n in other.seen.items():
            self.seen[what] = self.seen.get(what, 0) + n


# -- comparing


def expected_outcome(model: Model, address: str, answer: Answer, trusted: bool):
    """What the maps have to say, for which nothing is a loop."""
    domain = model.domain_of(a_label(address.rpartition("@")[2].rstrip(".")))
    if not trusted and (domain is None or domain.is_trusted):
        return Outcome("554 5.7.1")
    if answer.verdict == "pass":
        return Outcome("accept", model.route(hops_of_others(model, address)), address)
    if answer.code:
        return Outcome(answer.code)
    action = "verify" if answer.reason == "verify" else "accept"
    return Outcome(action, answer.nexthop, answer.target)


def is_beyond_maps(model: Model, address: str, found: Outcome, wanted: Outcome) -> bool:
    """What maps can not say, see docs/decisions/0007, and no more: a key of
    the access map holds for all names below, too, and the stronger treatment
    is written; and postmaster@ a name that nothing speaks of has no key."""
    name = a_label(address.rpartition("@")[2].rstrip("."))
    answer = model.resolve(address)
    own = nobody(model, name)
    is_nameless = answer.reason == "postmaster" and not model.is_spoken_of(name)
    if (found.action, wanted.action) == ("450 4.3.0", "550 5.1.1"):
        return own == "unknown" and "directory-stale" in sharing(model, name)
    is_same_way = found.nexthop == wanted.nexthop and same_address(
        found.target, wanted.target
    )
    if (found.action, wanted.action) == ("accept", "verify"):
        return is_same_way and "directory-stale" in sharing(model, name)
    if (found.action, wanted.action) == ("verify", "accept"):
        if is_nameless and own == "verify":
            return is_same_way
        is_nobody = own != "verify" and answer.reason in (own, "postmaster")
        return is_same_way and is_nobody and "verify" in sharing(model, name)
    if (found.action, wanted.action) == ("verify", "450 4.3.0"):
        return is_asked_without_extension(model, address)
    if found.action not in ("550 5.1.1", "450 4.3.0"):
        return False
    is_nobody = answer.reason in ("postmaster", "unlisted", "verify")
    if is_nobody and has_strange_letters(address):
        return True
    return is_shut_out(model, answer.target)


def is_asked_without_extension(model: Model, address: str) -> bool:
    key = parse(address)
    assert key
    plain = model.without_extension(key[0]), key[1]
    return plain != key and model.resolve(show(plain)).reason == "verify"


def is_shut_out(model: Model, target: str) -> bool:
    """Who leaves as the postmaster of a name that nothing speaks of, or with
    an extension behind that of a contact's target, in a domain whose own route
    refuses."""
    local, _, name = target.rpartition("@")
    domain = model.domain_of(name)
    if domain is None or not (domain.is_trusted or not model.hops_of(name)):
        return False
    if model.is_postmaster(local):
        return not model.is_spoken_of(name)
    return not model.is_known(target)


def nobody(model: Model, name: str) -> str:
    return model.resolve(f"nobody-at-all@{name}").reason


def sharing(model: Model, name: str) -> set[str]:
    """How nobody in particular is treated at the names whose key of the access
    map may be found for this one: those above, and what is below each."""
    labels = name.split(".")
    above = [".".join(labels[n:]) for n in range(len(labels))]
    names = [*above, *(f"nothing.{other}" for other in above)]
    return {nobody(model, other) for other in names}


def is_same_outcome(found: Outcome, wanted: Outcome) -> bool:
    if (found.action, found.nexthop) != (wanted.action, wanted.nexthop):
        return False
    return same_address(found.target, wanted.target)


def same_address(one: str, other: str) -> bool:
    pair = []
    for text in (one, other):
        local, _, domain = text.rpartition("@")
        pair.append((local.casefold(), a_label(domain.rstrip("."))))
    return pair[0] == pair[1]


def policyd_says(line: dict[str, str]) -> tuple[str, ...]:
    reply = line["reply"]
    code = reply[:9] if reply[:1].isdigit() else ""
    return line["verdict"], line["reason"], line["connector"], line["nexthop"], code


def model_says(answer: Answer) -> tuple[str, ...]:
    way = answer.connector, answer.nexthop
    return answer.verdict, answer.reason, *way, answer.code


def is_same_verdict(one: tuple[str, ...], other: tuple[str, ...], address: str) -> bool:
    """The postmaster of a secondary domain has two reasons to be accepted."""
    both = {"postmaster", "secondary"}
    if address.lower().startswith("postmaster") and {one[1], other[1]} <= both:
        return one[:1] + one[2:] == other[:1] + other[2:]
    return one == other


def one_configuration(seed: int, each: int) -> Tally:
    tally = Tally()
    folder = Path(tempfile.mkdtemp(prefix="differential.", dir=IN_MEMORY))
    folder.chmod(0o755)
    try:
        compare(seed, each, folder, tally)
    except BaseException as error:
        tally.wrong.append(f"seed {seed}: {error!r}")
    finally:
        if os.environ.get("KEEP"):
            print(f"seed {seed}: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return tally


def compare(seed: int, each: int, folder: Path, tally: Tally) -> None:
    chance = Random(seed)
    model = Model(Maker(chance).world())
    refusals = every_fault(model)
    write_postfix(folder)
    done = publish(model.world, folder)
    said = (done.stdout + done.stderr).replace(str(folder), "")
    if refusals or done.returncode not in (PUBLISHED, DIRECTORY_FAILED):
        if refusals and done.returncode == BAD_CONFIGURATION:
            tally.refused += 1
            return
        tally.wrong.append(
            f"seed {seed}: build {done.returncode}, the model {refusals}\n{said}"
        )
        return
    asked = [
        (address, client_of(chance, model))
        for address in addresses(chance, model, each)
    ]
    requests = requests_of(asked)
    lines, replies = verdicts(folder, requests), replies_by_spawn(folder, requests)
    assert len(lines) == len(replies) == each, f"{len(lines)}, {len(replies)}"
    postfix = Postfix(folder / "state", model.world.extension)
    for (address, client), line, reply in zip(asked, lines, replies, strict=True):
        wrong = differences(model, postfix, address, client, line, reply, tally)
        answer = model.resolve(address, client)
        what = f"{answer.verdict} {answer.reason}"
        tally.seen[what] = tally.seen.get(what, 0) + 1
        tally.passed += not wrong
        if wrong:
            tally.wrong.append(f"seed {seed}: {address!r} from {client}: {wrong}")


def differences(
    model: Model,
    postfix: Postfix,
    address: str,
    client: str,
    line: dict[str, str],
    reply: str,
    tally: Tally,
) -> str:
    answer = model.resolve(address, client)
    if not is_same_verdict(policyd_says(line), model_says(answer), address):
        return f"policyd {policyd_says(line)}, the model {model_says(answer)}"
    if line["reply"].strip() != reply.strip():
        return f"the daemon {line['reply']}, on its standard output {reply}"
    local, _, domain = address.rpartition("@")
    if not local or not domain or ROUTED_BY_SENDER.search(local):
        tally.maps_not_asked += 1
        return ""
    is_beyond = False
    for trusted in (False, True):
        found = postfix.answer(address, trusted)
        wanted = expected_outcome(model, address, model.resolve(address), trusted)
        if is_same_outcome(found, wanted):
            continue
        if is_beyond_maps(model, address, found, wanted):
            is_beyond = True
        else:
            return f"the maps {found}, the model {wanted}, trusted {trusted}"
    tally.beyond_maps += is_beyond
    return ""


def run(seed: int, count: int, each: int, workers: int) -> Tally:
    """Until count recipients were asked; refused configurations come on top."""
    total = Tally()
    with ProcessPoolExecutor(workers) as pool:
        while total.passed + len(total.wrong) < count:
            left = -(-(count - total.passed - len(total.wrong)) // each)
            seeds = range(seed, seed + left)
            seed += left
            for tally in pool.map(one_configuration, seeds, [each] * left):
                total.add(tally)
    return total


def main() -> int:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--each", type=int, default=100)
    parser.add_argument("--smtp", type=int, default=2000)
    parser.add_argument("-j", type=int, default=2)
    options = parser.parse_args()
    total = run(options.seed, options.count, options.each, options.j)
    print("\n".join(total.wrong[:50]))
    for what, n in sorted(total.seen.items()):
        print(f"{n:8} {what}")
    print(f"{total.refused} configurations refused, as they have to be")
    print(f"{total.beyond_maps} where the maps have a limit, as documented")
    print(f"{total.maps_not_asked} not asked of the maps: no address, or % ! @ in it")
    print(f"{total.passed} passed, {len(total.wrong)} failed")
    agreed, others = through_postfix(options.seed, options.smtp, 200)
    print("\n".join(others[:50]))
    print(f"through Postfix: {agreed} passed, {len(others)} failed")
    return 1 if total.wrong or others else 0


if __name__ == "__main__":
    sys.exit(main())
