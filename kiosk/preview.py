"""The shopper's live picture on its way from faces to ui, in memory only.

    offset  0  4s   magic "KPV1"
            4  u32  width   8 u32 height
           16  u64  sequence: odd while a frame is being written, 0 when there is none
           64  width × height × 3 bytes, red-green-blue, top row first

The file must lie on a memory file system: a picture of a person is never written to a disk, and
`PreviewWriter` refuses to. The sequence is a seqlock: a reader that saw it change reads again.
"""

from __future__ import annotations

import mmap
import os
import struct
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.errors import KioskError

_HEADER = 64
_SIZE = struct.Struct("<4sII")
_SEQUENCE = struct.Struct("<Q")
_SEQUENCE_AT = 16
_MAGIC = b"KPV1"


@dataclass(frozen=True, slots=True)
class PreviewFrame:
    """Red-green-blue pixels, top row first, not mirrored."""

    sequence: int
    width: int
    height: int
    pixels: bytes = field(repr=False)


def in_memory(path: Path) -> bool:
    """Whether files beside `path` live in memory (tmpfs) and not on a disk (proc(5), mountinfo)."""
    device = path.parent.stat().st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    for line in Path("/proc/self/mountinfo").read_text("utf-8").splitlines():
        mount, _, source = line.partition(" - ")
        if mount.split()[2] == number:
            return source.split()[0] in ("tmpfs", "ramfs")
    return False


class PreviewWriter:
    """Faces' end; `close` blackens what was there."""

    def __init__(self, path: Path, width: int, height: int) -> None:
        if not in_memory(path):
            raise KioskError(
                f"{path.parent} is on a disk, and no picture may be written to one",
                "Set faces.preview to a path under /run or /dev/shm",
            )
        self.width, self.height = width, height
        self._path = path
        self._sequence = 0
        size = _HEADER + width * height * 3
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o640)
        try:
            os.ftruncate(descriptor, size)
            self._memory = mmap.mmap(descriptor, size)
        finally:
            os.close(descriptor)
        _SIZE.pack_into(self._memory, 0, _MAGIC, width, height)

    def write(self, pixels: bytes | memoryview) -> None:
        """Publish one frame of width × height × 3 bytes."""
        self._sequence += 1
        _SEQUENCE.pack_into(self._memory, _SEQUENCE_AT, self._sequence * 2 - 1)
        self._memory[_HEADER:] = bytes(pixels)
        _SEQUENCE.pack_into(self._memory, _SEQUENCE_AT, self._sequence * 2)

    def clear(self) -> None:
        """Overwrite the last frame and say that there is none."""
        _SEQUENCE.pack_into(self._memory, _SEQUENCE_AT, 0)
        self._memory[_HEADER:] = bytes(len(self._memory) - _HEADER)

    def close(self) -> None:
        """Clear, and remove the file."""
        self.clear()
        self._memory.close()
        self._path.unlink(missing_ok=True)


class PreviewReader:
    """The ui's end; finds the file whenever faces has (re)made it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._memory: mmap.mmap | None = None
        self._inode = 0

    def latest(self) -> PreviewFrame | None:
        """The newest whole frame, or None when there is none."""
        memory = self._mapped()
        if memory is None or len(memory) < _HEADER:
            return None
        magic, width, height = _SIZE.unpack_from(memory, 0)
        if magic != _MAGIC or len(memory) < _HEADER + width * height * 3:
            return None
        before = _SEQUENCE.unpack_from(memory, _SEQUENCE_AT)[0]
        if before == 0 or before % 2:
            return None
        pixels = memory[_HEADER : _HEADER + width * height * 3]
        if _SEQUENCE.unpack_from(memory, _SEQUENCE_AT)[0] != before:
            return None
        return PreviewFrame(before, width, height, pixels)

    def _mapped(self) -> mmap.mmap | None:
        try:
            status = self._path.stat()
            if self._memory is None or status.st_ino != self._inode:
                with self._path.open("rb") as file:
                    self._memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
                self._inode = status.st_ino
        except (OSError, ValueError):
            self._memory = None
        return self._memory
