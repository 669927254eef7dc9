"""The list of a directory, as a text, an export of a spreadsheet or of a
directory server.
"""

from __future__ import annotations

import base64
import csv
import io
import re
from random import Random

from model import Directory
from spelling import any_case, written
from walk import quote

SIMPLE = re.compile(r"[\w.+=/-]+@[\w.-]+", re.ASCII)
CSV_HEADER = ("Name", "Mail", "Target")
EXCHANGE_HEADER = (
    *("Name", "PrimarySmtpAddress", "EmailAddresses", "ExternalEmailAddress"),
    "RecipientTypeDetails",
)
DISABLED, ENABLED = "514", "512"


def settings(directory: Directory) -> list[str]:
    """What namespace.conf says of the list."""
    kind = directory.format
    if kind in ("file", "postfix"):
        return [f"    type = {kind}"]
    if kind == "csv":
        return [
            "    type = csv",
            '    columns = { "Mail" }',
            '    target-column = "Target"',
        ]
    if kind == "exchange":
        return ["    type = csv", "    preset = exchange"]
    if kind == "ldif":
        return [
            "    type = ldif",
            '    attributes = { "mail" }',
            '    target-attribute = "forward"',
        ]
    accounts = "skip" if directory.skips_disabled else "keep"
    return [
        "    type = ldif",
        "    preset = active-directory",
        f"    disabled-accounts = {accounts}",
    ]


def write_list(directory: Directory, chance: Random) -> bytes:
    makers = {
        "file": _file,
        "postfix": _postfix,
        "csv": _csv,
        "exchange": _exchange,
        "ldif": _ldif,
        "active-directory": _active_directory,
    }
    return makers[directory.format](directory, chance)


def as_written(address: str, chance: Random) -> str:
    """An address, its local part quoted where it must be and now and then
    where it need not."""
    local, _, name = address.rpartition("@")
    local, name = any_case(local, chance), written(name, chance)
    # Without quotes a comment begins.
    if local.startswith("#") or chance.random() < 0.05:
        escaped = local.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"@{name}'
    return quote(f"{local}@{name}")


# -- texts


def _file(directory: Directory, chance: Random) -> bytes:
    lines = ["# who is here", ""]
    for address in directory.listed:
        comment = chance.choice(["", "", "", "  # since spring"])
        lines.append(as_written(address, chance) + comment)
    return _text("\n".join(lines) + "\n", chance)


def _postfix(directory: Directory, chance: Random) -> bytes:
    lines = ["# key value"]
    lines += [f"{as_written(a, chance)}\tx" for a in directory.listed]
    return ("\n".join(lines) + "\n").encode()


def _text(text: str, chance: Random) -> bytes:
    return text.encode("utf-16" if chance.random() < 0.15 else "utf-8")


def _table(rows: list[tuple[str, ...]], chance: Random) -> bytes:
    out = io.StringIO()
    end = chance.choice(["\n", "\r\n"])
    mark = chance.choice([",", ",", ";", "\t"])
    csv.writer(out, lineterminator=end, delimiter=mark).writerows(rows)
    return _text(out.getvalue(), chance)


def _csv(directory: Directory, chance: Random) -> bytes:
    rows = [("", as_written(a, chance), "") for a in directory.listed]
    rows += [
        ("", as_written(a, chance), as_written(t, chance))
        for a, t in directory.contacts
    ]
    chance.shuffle(rows)
    return _table([CSV_HEADER, *rows], chance)


# -- objects with several addresses


def _objects(directory: Directory, chance: Random) -> list[tuple[str, ...]]:
    """Its mailboxes, some with two of the addresses."""
    left, made = list(directory.listed), []
    while left:
        count = 2 if chance.random() < 0.3 else 1
        made.append(tuple(left[:count]))
        left = left[count:]
    return made


def _typed(addresses: tuple[str, ...], chance: Random) -> list[str]:
    """As proxyAddresses has them, with what is no mail address."""
    texts = [as_written(a, chance) for a in addresses]
    proxies = [f"SMTP:{texts[0]}", *(f"smtp:{t}" for t in texts[1:])]
    return [*proxies, "sip:ann@chat.example", "X500:/o=north/cn=ann"]


def _exchange(directory: Directory, chance: Random) -> bytes:
    rows: list[tuple[str, ...]] = []
    for addresses in _objects(directory, chance):
        proxies = _typed(addresses, chance)
        primary = proxies[0].removeprefix("SMTP:")
        joined = ",".join(proxies) if all(map(SIMPLE.fullmatch, addresses)) else ""
        if not joined:
            rows += [
                ("", as_written(a, chance), "", "", "UserMailbox") for a in addresses
            ]
            continue
        rows.append(("", primary, joined, "", "UserMailbox"))
    for address, target in directory.contacts:
        texts = as_written(address, chance), as_written(target, chance)
        rows.append(("", texts[0], "", f"SMTP:{texts[1]}", "MailContact"))
    chance.shuffle(rows)
    return _table([EXCHANGE_HEADER, *rows], chance)


def _entry(number: int, values: list[tuple[str, str]]) -> str:
    lines = [f"dn: CN=n{number},DC=north,DC=example"]
    return "\n".join([*lines, *(_value(*pair) for pair in values), "", ""])


def _value(name: str, text: str) -> str:
    if text.isascii() and text[:1] not in " :<" and text[-1:] != " ":
        return f"{name}: {text}"
    return f"{name}:: {base64.b64encode(text.encode()).decode()}"


def _ldif(directory: Directory, chance: Random) -> bytes:
    entries: list[list[tuple[str, str]]] = []
    for addresses in _objects(directory, chance):
        entries.append([("mail", as_written(a, chance)) for a in addresses])
    for address, target in directory.contacts:
        texts = as_written(address, chance), as_written(target, chance)
        entries.append([("mail", texts[0]), ("forward", texts[1])])
    return _entries(entries, chance)


def _active_directory(directory: Directory, chance: Random) -> bytes:
    entries = []
    for addresses in _objects(directory, chance):
        entries.append(_account(addresses, ENABLED, chance))
    for address in directory.disabled:
        entries.append(_account((address,), DISABLED, chance))
    for address, target in directory.contacts:
        text = as_written(target, chance)
        entries.append(
            [
                ("objectClass", "contact"),
                ("mailNickname", "n"),
                ("proxyAddresses", f"SMTP:{as_written(address, chance)}"),
                ("targetAddress", f"SMTP:{text}"),
            ]
        )
    return _entries(entries, chance)


def _account(
    addresses: tuple[str, ...], control: str, chance: Random
) -> list[tuple[str, str]]:
    proxies = [("proxyAddresses", text) for text in _typed(addresses, chance)]
    return [
        ("objectClass", "top"),
        ("objectClass", "user"),
        ("mailNickname", "n"),
        *proxies,
        ("userAccountControl", control),
    ]


def _entries(entries: list[list[tuple[str, str]]], chance: Random) -> bytes:
    chance.shuffle(entries)
    text = "".join(_entry(n, values) for n, values in enumerate(entries))
    return f"version: 1\n\n{text}".encode()
