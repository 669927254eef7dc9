"""One name or address, and the ways in which people write it: in both label
forms, in letters of any case, composed and decomposed.
"""

from __future__ import annotations

import unicodedata
from random import Random

# Folding changes them into other letters: they stand in A-labels alone.
KEPT = "\u00df\u03c2"


def a_label(domain: str) -> str:
    """As Postfix finds it: folded, and nothing else; what is not composed is
    another name, and so is what mixes both label forms."""
    folded = domain.lower() if domain.isascii() else domain.casefold()
    if is_mixed(folded):
        return folded
    return ".".join(_ascii(label) for label in folded.split("."))


def is_mixed(name: str) -> bool:
    labels = name.split(".")
    return not name.isascii() and any(label.startswith("xn--") for label in labels)


def a_name(written: str) -> str:
    """As the configuration and lists mean it (RFC 5891)."""
    composed = unicodedata.normalize("NFC", written)
    kept = "".join(c if c in KEPT else c.casefold() for c in composed)
    return ".".join(_ascii(label) for label in kept.split("."))


def _ascii(label: str) -> str:
    return label if label.isascii() else f"xn--{label.encode('punycode').decode()}"


def u_label(name: str) -> str:
    return ".".join(_unicode(label) for label in name.split("."))


def _unicode(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    return label[4:].encode().decode("punycode")


def has_strange_letters(text: str) -> bool:
    """Such that folding changes though they are no capitals: a table of
    regular expressions, which Postfix asks unfolded, knows capitals alone."""
    return any(c.casefold() not in (c, c.lower()) or c == "\u212a" for c in text)


def written(name: str, chance: Random) -> str:
    """Of an A-label name, as a person would write it into a file."""
    labels = [_unicode(x) if chance.random() < 0.5 else x for x in name.split(".")]
    text = any_case(".".join(labels), chance)
    return unicodedata.normalize("NFD", text) if chance.random() < 0.1 else text


def any_case(text: str, chance: Random) -> str:
    """Now and then in capitals, but for letters that have none of their own."""
    if chance.random() < 0.85:
        return text
    return "".join(
        c.upper() if c not in KEPT and len(c.upper()) == 1 and _is_pair(c) else c
        for c in text
    )


def _is_pair(char: str) -> bool:
    return char.upper().casefold() == char.casefold() == char
