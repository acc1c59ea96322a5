"""A disk that remembers: what the ledger wrote and synced, and how it may look after a power cut.

    recording(folder)     SQLite's files through a VFS, renames and removals through audit events
    Disk.play(op)         one operation later: what is safe on the platter, what is still under way
    Disk.images(chance)   every way in which the platter may be found if the power goes now

A write is safe when its file was synced after it, a name when its directory was (the name of a new
file also with the file's own first sync, as journaling file systems do). Of all else any part may
have reached the platter, in any order, and a write may be there by half.
"""

from __future__ import annotations

import itertools
import os
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import apsw

EVERY = 6
"""Up to so many writes under way every subset of them is tried."""
SOME = 6
"""Beyond, so many random subsets are."""


@dataclass(frozen=True, slots=True)
class Op:
    """What happened to a file: write (at, data), truncate (at), sync, name (it is new),
    rename (to), remove; to the directory: directory (synced); and ack: what the ledger told its
    caller, with the entry's hash as `file` and its seq as `at`.
    """

    what: str
    file: str = ""
    at: int = 0
    data: bytes = b""
    to: str = ""


class _File(apsw.VFSFile):
    """One open file: passes everything on and notes what changes it."""

    def __init__(
        self, log: list[Op], system: str, name: str | apsw.URIFilename, flags: list[int]
    ) -> None:
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._log, self._name = log, Path(path).name
        if not Path(path).exists():
            log.append(Op("name", self._name))
        super().__init__(system, name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's name
        super().xWrite(data, offset)
        self._log.append(Op("write", self._name, offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - SQLite's name
        super().xTruncate(newsize)
        self._log.append(Op("truncate", self._name, newsize))

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's name
        super().xSync(flags)
        self._log.append(Op("sync", self._name))


class _Recorder(apsw.VFS):
    """The default VFS while it is there; its files are `_File`s."""

    def __init__(self, log: list[Op]) -> None:
        self._log = log
        self._system = apsw.vfs_names()[0]  # the default, while this one is not there
        super().__init__("recorder", self._system, makedefault=True)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        if name is None:
            return apsw.VFSFile(self._system, name, flags)
        return _File(self._log, self._system, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802 - SQLite's
        super().xDelete(filename, syncdir)
        self._log.append(Op("remove", Path(filename).name))
        if syncdir:
            self._log.append(Op("directory"))


@contextmanager
def recording(folder: Path) -> Iterator[list[Op]]:
    """All that happens to the files of `folder`; not for two threads at a time."""
    log: list[Op] = []
    listening = [True]

    def audited(event: str, arguments: tuple[object, ...]) -> None:
        if not listening or not event.startswith("o") or not arguments:
            return
        first = arguments[0]
        if not isinstance(first, str | os.PathLike) or event not in _AUDITED:
            return
        path = Path(first)
        if event == "open" and path == folder:
            # The ledger opens its directory only to sync it, at once.
            log.append(Op("directory"))
        elif path.parent == folder and event == "os.rename":
            log.append(Op("rename", path.name, to=Path(str(arguments[1])).name))
        elif path.parent == folder and event == "os.remove":
            log.append(Op("remove", path.name))

    vfs = _Recorder(log)
    sys.addaudithook(audited)  # for ever; it hears nothing any more when `listening` is empty
    try:
        yield log
    finally:
        listening.clear()
        vfs.unregister()


_AUDITED = frozenset({"open", "os.rename", "os.remove"})

Image = dict[str, bytes]
"""The files of the directory, by name."""


@dataclass(slots=True)
class Disk:
    """The platter, and what is under way to it. A disk that is not `honest` forgets its syncs."""

    honest: bool = True
    names: dict[str, int] = field(default_factory=dict)
    platter: dict[int, bytes] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)
    under_way: list[tuple[Op, int]] = field(default_factory=list)
    _next: int = 0

    def play(self, op: Op) -> None:
        """One operation more."""
        match op.what:
            case "name":
                self._next += 1
                self.seen[op.file] = self._next
                self.under_way.append((op, self._next))
            case "write" | "truncate":
                self.under_way.append((op, self.seen[op.file]))
            case "rename":
                self.seen[op.to] = self.seen.pop(op.file)
                self.under_way.append((op, self.seen[op.to]))
            case "remove":
                if (known := self.seen.pop(op.file, None)) is not None:
                    self.under_way.append((op, known))
            case "sync" if self.honest:
                mine = self.seen[op.file]
                self._land(lambda each, file: file == mine and each.what in _OF_A_FILE)
            case "directory" if self.honest:
                self._land(lambda each, file: each.what not in ("write", "truncate"))
            case _:
                pass

    def _land(self, belongs: object) -> None:
        landed = [each for each in self.under_way if belongs(*each)]  # type: ignore[operator]
        _apply(landed, self.names, self.platter)
        self.under_way = [each for each in self.under_way if not belongs(*each)]  # type: ignore[operator]

    def images(self, chance: random.Random) -> Iterator[Image]:
        """Every way the directory may be found now; some of them are the same."""
        pending = self.under_way
        yield self._image([])
        yield self._image(pending)
        if len(pending) <= EVERY:
            for size in range(1, len(pending)):
                for chosen in itertools.combinations(pending, size):
                    yield self._image(chosen)
                    yield self._image(chosen[::-1])  # where two overlap, the older came last
        for at in range(max(0, len(pending) - EVERY), len(pending)):
            for half in _halves(pending[at]):
                yield self._image([*pending[:at], half])
                yield self._image([*pending[:at], half, *pending[at + 1 :]])
        if len(pending) > EVERY:
            for _ in range(SOME):
                chosen = [each for each in pending if chance.random() < 0.7]
                chance.shuffle(chosen)
                torn = [chance.choice([each, *_halves(each)]) for each in chosen]
                yield self._image(torn)

    def _image(self, landed: object) -> Image:
        names, platter = dict(self.names), dict(self.platter)
        _apply(landed, names, platter)  # type: ignore[arg-type]
        return {name: platter.get(file, b"") for name, file in names.items()}


_OF_A_FILE = frozenset({"write", "truncate", "name"})


def _halves(pending: tuple[Op, int]) -> list[tuple[Op, int]]:
    op, file = pending
    if op.what != "write" or len(op.data) < 2:
        return []
    middle = len(op.data) // 2
    first = Op("write", op.file, op.at, op.data[:middle])
    second = Op("write", op.file, op.at + middle, op.data[middle:])
    return [(first, file), (second, file)]


def _apply(landed: list[tuple[Op, int]], names: dict[str, int], platter: dict[int, bytes]) -> None:
    for op, file in landed:
        held = platter.get(file, b"")
        match op.what:
            case "name":
                names[op.file] = file
                platter.setdefault(file, b"")
            case "write":
                held = held.ljust(op.at, b"\0")
                platter[file] = held[: op.at] + op.data + held[op.at + len(op.data) :]
            case "truncate":
                platter[file] = held[: op.at].ljust(op.at, b"\0")
            case "rename":
                if names.get(op.file) == file:
                    del names[op.file]
                names[op.to] = file
            case "remove":
                if names.get(op.file) == file:
                    del names[op.file]
