"""What a disk holds when the power fails, reckoned from the calls of a run.

Two kinds of file systems are reckoned with.  An ordered one (ext4, XFS) keeps
changes of folders in their order, and an fsync of anything brings all that came
before to the disk; so what is lost is an end of the list.  One without order
promises what POSIX does: the bytes of a file with its fsync, a name with the
fsync of its folder, and of all else any part may be there or not.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

O_CREAT, O_TRUNC = os.O_CREAT, os.O_TRUNC
WITH_BYTES = ("write", "pwrite", "writev", "pwritev")
WITH_BYTES += ("ftruncate", "fallocate", "fsync", "fdatasync")


@dataclass
class File:
    """A file, a folder or a link; bytes where it is a file."""

    kind: str
    target: str = ""
    bytes: bytes = b""
    # None: never brought to the disk
    synced: bytes | None = None
    # Names, of a folder.
    names: dict[str, int] = field(default_factory=dict)
    durable: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """Of one folder, or of two; None takes the name away."""

    entries: tuple[tuple[int, str, int | None], ...]


@dataclass(frozen=True)
class Event:
    call: str
    result: int
    flags: int
    one: str
    two: str
    bytes: bytes | None


def parse(text: str) -> Iterator[Event]:
    for line in text.splitlines():
        _, _, call, result, flags, one, two, data = line.split("\t")
        content = bytes.fromhex(data) if call in WITH_BYTES else None
        yield Event(call, int(result), int(flags), one, two, content)




class Disk:
    """Follows a run from a folder that is all on the disk."""

    def __init__(self, root: Path):
        self.root = root
        self.files: dict[int, File] = {}
        self.pending: list[Change] = []
        self.top = self._load(root)

    def _add(self, file: File) -> int:
        number = len(self.files)
        self.files[number] = file
        return number

    def _load(self, path: Path) -> int:
        if path.is_symlink():
            return self._add(File("link", os.readlink(path)))
        if path.is_file():
            data = path.read_bytes()
            return self._add(File("file", bytes=data, synced=data))
        names = {name: self._load(path / name) for name in sorted(os.listdir(path))}
        return self._add(File("folder", names=names, durable=dict(names)))

    # -- names

    def _split(self, path: str) -> tuple[int, str] | None:
        """The folder that a path of ours stands in, and its name there."""
        if not path.startswith(f"{self.root}/"):
            return None
        *folders, name = path[len(str(self.root)) + 1 :].split("/")
        now = self.top
        for folder in folders:
            if self.files[now].kind != "folder":
                return None
            if folder not in self.files[now].names:
                return None
            now = self.files[now].names[folder]
        return now, name

    def _find(self, path: str) -> int | None:
        if path == str(self.root):
            return self.top
        place = self._split(path)
        return None if place is None else self.files[place[0]].names.get(place[1])

    def _change(self, *entries: tuple[int, str, int | None]) -> None:
        for folder, name, number in entries:
            if number is None:
                del self.files[folder].names[name]
            else:
                self.files[folder].names[name] = number
        self.pending.append(Change(entries))

    # -- calls

    def follow(self, event: Event) -> bool:
        """Whether something is not as before."""
        if event.result < 0 and event.call != "openat":
            return False
        before = len(self.pending)
        known = {
            "openat": self._open,
            "mkdir": self._make_folder,
            "symlink": self._link,
            "rename": self._rename,
            "renameat": self._rename,
            "unlink": self._remove,
            "unlinkat": self._remove,
            "rmdir": self._remove,
            "fsync": self._sync,
            "fdatasync": self._sync,
        }
        if event.call in known:
            return known[event.call](event) or len(self.pending) != before
        if event.call in WITH_BYTES:
            return self._write(event)
        return False

    def _open(self, event: Event) -> bool:
        place = self._split(event.one)
        if place is None or event.result < 0 or not event.flags & (O_CREAT | O_TRUNC):
            return False
        number = self.files[place[0]].names.get(place[1])
        if number is None:
            self._change((*place, self._add(File("file"))))
            return True
        if event.flags & O_TRUNC:
            self.files[number].bytes = b""
        return True

    def _make_folder(self, event: Event) -> bool:
        place = self._split(event.one)
        if place is not None:
            self._change((*place, self._add(File("folder"))))
        return place is not None

    def _link(self, event: Event) -> bool:
        place = self._split(event.two)
        if place is not None:
            self._change((*place, self._add(File("link", event.one))))
        return place is not None

    def _rename(self, event: Event) -> bool:
        here, there = self._split(event.one), self._split(event.two)
        if here is None or there is None:
            return False
        number = self.files[here[0]].names[here[1]]
        self._change((*there, number), (*here, None))
        return True

    def _remove(self, event: Event) -> bool:
        place = self._split(event.one)
        if place is not None:
            self._change((*place, None))
        return place is not None

    def _write(self, event: Event) -> bool:
        number = self._find(event.one)
        if number is None or event.bytes is None:
            return False
        self.files[number].bytes = event.bytes
        return True

    def _sync(self, event: Event) -> bool:
        number = self._find(event.one)
        if number is None:
            return False
        file = self.files[number]
        if file.kind == "folder":
            self._sync_folder(number)
        else:
            file.bytes = event.bytes if event.bytes is not None else file.bytes
            file.synced = file.bytes
        return True

    def _sync_folder(self, number: int) -> None:
        """With what a rename took out of another."""
        rest = []
        for change in self.pending:
            if any(folder == number for folder, _, _ in change.entries):
                self._settle(change)
            else:
                rest.append(change)
        self.pending = rest

    def _settle(self, change: Change) -> None:
        for folder, name, number in change.entries:
            if number is None:
                self.files[folder].durable.pop(name, None)
            else:
                self.files[folder].durable[name] = number

    # -- after the power failed

    def choices(self, chance: random.Random, few: int) -> Iterator[list[Change]]:
        """Which changes that nothing brought to the disk are there."""
        pending = self.pending
        yield []
        yield list(pending)
        for n in range(1, len(pending)):
            yield pending[:n]
        for n in range(len(pending)):
            yield pending[:n] + pending[n + 1 :]
            yield [pending[n]]
        for _ in range(few):
            yield [change for change in pending if chance.random() < 0.5]

    def tree(self, kept: list[Change], how: str) -> Tree:
        """how: what is there of bytes that were not brought to the disk."""
        names = {n: dict(f.durable) for n, f in self.files.items()}
        for change in kept:
            for folder, name, number in change.entries:
                if number is None:
                    names[folder].pop(name, None)
                else:
                    names[folder][name] = number
        return Tree(self, names, how)


BYTES = ("all", "none", "half", "zeros")


@dataclass(frozen=True)
class Tree:
    disk: Disk
    names: dict[int, dict[str, int]]
    how: str

    def _bytes(self, file: File) -> bytes:
        if file.synced == file.bytes or self.how == "all":
            return file.bytes
        if self.how == "zeros":
            return bytes(len(file.bytes))
        old = file.synced or b""
        return old if self.how == "none" else file.bytes[: len(file.bytes) // 2]

    def key(self) -> tuple[tuple[str, str, bytes], ...]:
        """Equal trees have equal ones."""
        return tuple(self._walk(self.disk.top, ""))

    def _walk(self, number: int, path: str) -> Iterator[tuple[str, str, bytes]]:
        file = self.disk.files[number]
        if file.kind == "link":
            yield path, "link", file.target.encode()
        elif file.kind == "file":
            yield path, "file", self._bytes(file)
        else:
            yield path, "folder", b""
            for name, child in sorted(self.names[number].items()):
                yield from self._walk(child, f"{path}/{name}")


def write(key: tuple[tuple[str, str, bytes], ...], root: Path, group: int) -> None:
    for path, kind, data in key:
        full = Path(f"{root}{path}")
        if kind == "link":
            full.symlink_to(data.decode())
        elif kind == "folder":
            full.mkdir(exist_ok=True)
            full.chmod(0o750)
        else:
            full.write_bytes(data)
            full.chmod(0o640)
        os.chown(full, -1, group, follow_symlinks=False)
