"""What Postfix makes of one recipient by the published maps alone: the
look-ups of transport(5), access(5), virtual(5), regexp_table(5) and cdb_table(5),
in the order in which smtpd(8), cleanup(8) and trivial-rewrite(8) make them.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

RECORD = struct.Struct("<II")
TABLES_BYTES = 2048
EXPANSION_MAX = 100
NEVER_SPLIT = ("postmaster", "mailer-daemon", "double-bounce")
OWNER_OR_REQUEST = re.compile(r"owner-.*|.+-request", re.IGNORECASE | re.DOTALL)


class Cdb:
    """Every record; of a key that comes twice the first."""

    def __init__(self, file: Path):
        data = file.read_bytes()
        (end,) = struct.unpack_from("<I", data)
        self._values: dict[str, str] = {}
        at = TABLES_BYTES
        while at < end:
            key_bytes, value_bytes = RECORD.unpack_from(data, at)
            at += RECORD.size
            key = data[at : at + key_bytes].decode()
            at += key_bytes
            self._values.setdefault(key, data[at : at + value_bytes].decode())
            at += value_bytes
        assert at == end, file
        assert "" not in self._values.values(), f"{file}: Postfix dies of an empty one"

    def find(self, key: str) -> str | None:
        """The key is folded, never what is in the file."""
        return self._values.get(key.lower() if key.isascii() else key.casefold())


class Regexp:
    """Lines of /pattern/ result, and if !/pattern/ ... endif.  Byte by byte:
    nothing but letters of ASCII is folded."""

    LINE = re.compile(r"(if\s+)?(!?)/((?:[^/\\]|\\.)*)/(\w*)\s*(.*)")

    def __init__(self, file: Path):
        self._lines: list[tuple[str, bool, re.Pattern[bytes] | None, str]] = []
        for line in file.read_text().splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            if line.strip() == "endif":
                self._lines.append(("endif", False, None, ""))
                continue
            found = self.LINE.fullmatch(line)
            assert found, f"{file}: {line}"
            is_if, no, pattern, flags, result = found.groups()
            # Case does not matter unless the flag i says so: it toggles.
            flag = 0 if "i" in flags else re.IGNORECASE
            compiled = re.compile(pattern.encode(), flag)
            self._lines.append(("if" if is_if else "is", bool(no), compiled, result))

    def find(self, key: str) -> str | None:
        skipped = depth = 0
        for word, is_negated, pattern, result in self._lines:
            if word == "endif":
                depth -= 1
                skipped = skipped if skipped <= depth else 0
                continue
            depth += word == "if"
            if skipped:
                continue
            assert pattern is not None
            matches = (pattern.search(key.encode()) is not None) != is_negated
            if word == "if" and not matches:
                skipped = depth
            if word == "is" and matches:
                return result
        return None


@dataclass(frozen=True)
class Outcome:
    """action: accept, verify (the next hop is asked), or the code of a reply.
    nexthop is "-" where main.cf's own transport holds."""

    action: str
    nexthop: str = "-"
    target: str = ""


def quote(address: str) -> str:
    """The local part as SMTP would have it."""
    local, at, domain = address.rpartition("@")
    if re.fullmatch(r"[^\s\"(),:;<>@\[\\\]\x00-\x1f\x7f]+", local) and not (
        local.startswith(".") or local.endswith(".") or ".." in local
    ):
        return address
    escaped = local.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"{at}{domain}'


def unquote(address: str) -> str:
    local, at, domain = address.rpartition("@")
    if local.startswith('"'):
        local = re.sub(r"\\(.)", r"\1", local[1:-1])
    return f"{local}{at}{domain}"


class Postfix:
    """state: of the compiler; what main.cf says is the documented contract."""

    def __init__(self, state: Path, delimiter: str):
        routes, current = state / "routes", state / "current"
        self._delimiter = delimiter
        self._relay = Cdb(routes / "relay_domains.cdb")
        self._transport = [
            Cdb(routes / "transport.cdb"),
            Cdb(routes / "transport_leaving.cdb"),
        ]
        self._recipients = [
            Cdb(current / "relay_recipients.cdb"),
            Regexp(current / "relay_recipients.regexp"),
        ]
        self._access = Cdb(current / "recipient_access.cdb")
        self._alias = Cdb(current / "virtual_alias.cdb")

    def answer(self, address: str, is_trusted: bool) -> Outcome:
        """address: in internal form, with a domain."""
        local, _, domain = address.rpartition("@")
        if domain.endswith("."):
            domain = domain[:-1]
        address = f"{local}@{domain}"
        is_relay = self._is_relay(domain)
        if not is_relay and not is_trusted:
            return Outcome("554 5.7.1")
        # Restrictions see what the client said, the dot taken off.
        action = self._access_action(address)
        if action[:1].isdigit():
            return Outcome(action[:9])
        if not self._is_known(address, is_relay):
            is_put_off = action.startswith("DEFER_IF_REJECT")
            return Outcome("450 4.3.0" if is_put_off else "550 5.1.1")
        target = self._expand(address)
        nexthop = self._route(target) or "-"
        if nexthop.startswith("error:"):
            return Outcome("550 5.1.1")
        is_asked = action == "reject_unverified_recipient"
        return Outcome("verify" if is_asked else "accept", nexthop, target)

    # -- look-ups

    def _split(self, local: str) -> tuple[str, str]:
        """The local part and its extension, with the mark."""
        if local.lower() in NEVER_SPLIT:
            return local, ""
        if "-" in self._delimiter and OWNER_OR_REQUEST.fullmatch(local):
            return local, ""
        for at, char in enumerate(local):
            if char in self._delimiter:
                return (local[:at], local[at:]) if at else (local, "")
        return local, ""

    def _addresses(self, address: str) -> Iterator[tuple[str, str]]:
        """Each form that is looked up, and the extension it leaves out;
        where quoting matters the quoted form comes first."""
        local, _, domain = address.rpartition("@")
        base, extension = self._split(local)
        forms = [(local, "")] + ([(base, extension)] if extension else [])
        for form, left_out in forms:
            whole = f"{form}@{domain}"
            for key in dict.fromkeys((quote(whole), whole)):
                yield key, left_out

    @staticmethod
    def _parents(domain: str) -> Iterator[str]:
        labels = domain.split(".")
        for n in range(1, len(labels)):
            yield ".".join(labels[n:])

    def _is_relay(self, domain: str) -> bool:
        keys = [domain, *(f".{parent}" for parent in self._parents(domain))]
        return any(self._relay.find(key) is not None for key in keys)

    def _access_action(self, address: str) -> str:
        domain = address.rpartition("@")[2]
        keys = [key for key, _ in self._addresses(address)]
        for key in [*keys, domain, *self._parents(domain)]:
            value = self._access.find(key)
            if value is not None:
                return value
        return ""

    def _is_known(self, address: str, is_relay: bool) -> bool:
        domain = address.rpartition("@")[2]
        keys = [*(key for key, _ in self._addresses(address)), f"@{domain}"]
        if any(self._alias.find(key) is not None for key in keys):
            return True
        if (self._route(address) or "").startswith("error:"):
            return False
        if not is_relay:
            return True
        return any(m.find(k) is not None for k in keys for m in self._recipients)

    def _expand(self, address: str) -> str:
        for _ in range(EXPANSION_MAX):
            further = self._alias_of(address)
            if further is None or further.lower() == address.lower():
                return address
            address = further
        raise AssertionError(f"{address}: Postfix gives up expanding")

    def _alias_of(self, address: str) -> str | None:
        local, _, domain = address.rpartition("@")
        for key, extension in self._addresses(address):
            value = self._alias.find(key)
            if value is not None:
                return self._extended(value, extension)
        value = self._alias.find(f"@{domain}")
        if value is None:
            return None
        if value.startswith("@"):
            return f"{local}{value}"
        return unquote(value)  # a wildcard takes no extension along

    @staticmethod
    def _extended(value: str, extension: str) -> str:
        local, at, domain = unquote(value).rpartition("@")
        assert local and domain and "," not in domain, value
        return f"{local}{extension}{at}{domain}"

    def _route(self, address: str) -> str | None:
        domain = address.rpartition("@")[2]
        keys = [key for key, _ in self._addresses(address)]
        parents = (f".{parent}" for parent in self._parents(domain))
        for key in [*keys, domain, *parents, "*"]:
            for table in self._transport:
                value = table.find(key)
                if value is not None:
                    return value
        return None
