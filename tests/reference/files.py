"""A world as files: namespace.conf, and what its directories read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from random import Random

from lists import as_written, settings, write_list
from model import NEVER, Connector, Directory, Domain, Name, World
from spelling import written


def write(world: World, folder: Path) -> None:
    """All but the lists of directories that were never loaded.  Equal worlds
    are written alike."""
    chance = Random(world.seed)
    lines = [
        f'extension = "{world.extension}"',
        f"on-conflict = {'error' if world.refuses_conflicts else 'first'}",
    ]
    if world.postmaster:
        lines.append(f"postmaster = {_text(as_written(world.postmaster, chance))}")
    lines += [line for d in world.domains for line in _domain_lines(d, chance)]
    lines += [line for c in world.connectors for line in _connector_lines(c, chance)]
    for directory in world.directories:
        lines += _directory_lines(directory, chance)
        file = folder / f"{directory.name}.list"
        file.unlink(missing_ok=True)
        if directory.state != NEVER:
            file.write_bytes(write_list(directory, chance))
    lines += _contact_lines(world, chance, folder)
    (folder / "namespace.conf").write_text("\n".join(lines) + "\n")


def _contact_lines(world: World, chance: Random, folder: Path) -> list[str]:
    """Some in the configuration itself, some in bulk."""
    lines, rows = [], [("address", "target")]
    for address, target in world.contacts.items():
        pair = as_written(address, chance), as_written(target, chance)
        if chance.random() < 0.5:
            rows.append(pair)
            continue
        lines.append(f"contact {_text(pair[0])} {{")
        lines.append(f"    target = {_text(pair[1])}\n}}")
    if len(rows) == 1:
        return lines
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    (folder / "contacts.csv").write_text(out.getvalue())
    return ['contacts = { "contacts.csv" }', *lines]


def _text(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _texts(values: Iterable[object]) -> str:
    return "{ " + ", ".join(_text(str(value)) for value in values) + " }"


def _yes(claim: bool) -> str:
    return "yes" if claim else "no"


def _name(name: Name, chance: Random) -> str:
    dot = "." if name.name and chance.random() < 0.05 else ""
    return f"{name.form}{written(name.name, chance)}{dot}" if name.name else "*"


def _domain_lines(domain: Domain, chance: Random) -> list[str]:
    lines = [f"accepted-domain {_text(_name(domain.name, chance))} {{"]
    lines.append(f"    enabled = {_yes(domain.is_enabled)}")
    if domain.secondary_of:
        primary = written(domain.secondary_of, chance)
        lines.append(f"    secondary-of = {_text(primary)}")
        return [*lines, "}"]
    lines.append(f"    type = {domain.type}")
    lines.append(f"    recipient-filter = {domain.filter}")
    lines.append(f"    accept-from = {'trusted' if domain.is_trusted else 'anyone'}")
    if domain.catch_all:
        catch_all = as_written(domain.catch_all, chance)
        lines.append(f"    catch-all = {_text(catch_all)}")
    return [*lines, "}"]


def _connector_lines(connector: Connector, chance: Random) -> list[str]:
    lines = [
        f'connector "{connector.name}" {{',
        f"    enabled = {_yes(connector.is_enabled)}",
        f"    backup = {_yes(connector.is_backup)}",
        f"    loop = {'reject' if connector.stops_loops else 'off'}",
        f"    unknowns = {connector.unknowns}",
        f"    clients = {_texts(connector.clients)}",
    ]
    if connector.spaces:
        spaces = [f"{_name(name, chance)};{cost}" for name, cost in connector.spaces]
        lines.append(f"    address-spaces = {_texts(spaces)}")
    if connector.hosts:
        hosts = [_host(host, chance) for host in connector.hosts]
        lines.append(f"    smart-hosts = {_texts(hosts)}")
    else:
        lines.append(f"    transport = {_text(connector.transport)}")
    return [*lines, "}"]


def _host(host: str, chance: Random) -> str:
    """With or without its brackets, and the mark of IPv6."""
    inner, _, port = host[1:].partition("]")
    if chance.random() < 0.5:
        return host
    if ":" in inner:
        return f"[IPv6:{inner}]{port}" if port else inner.upper()
    return f"{inner}{port}"


def _directory_lines(directory: Directory, chance: Random) -> list[str]:
    lines = [
        f'directory "{directory.name}" {{',
        f"    enabled = {_yes(directory.is_enabled)}",
        f'    path = "{directory.name}.list"',
        *settings(directory),
    ]
    if directory.connector:
        lines.append(f'    connector = "{directory.connector}"')
    if directory.domains:
        names = [_name(name, chance) for name in directory.domains]
        lines.append(f"    domains = {_texts(names)}")
    # They are short, and people leave.
    return [*lines, '    max-age = "2d"', '    max-shrink = "100%"', "}"]
