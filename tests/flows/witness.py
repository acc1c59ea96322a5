"""Everything that a process hands to the kernel, in files and on sockets, while it is watched.

    strace ─► one line a call ─► Handed(process, where, bytes)

`where` is the kernel's own name: a path, `TCP:[…]`, `UNIX-STREAM:[…]`.
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

CALLS = "write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg,sendmmsg,sendfile,splice"
_LINE = re.compile(r"^\d+ +(?:<\.\.\. )?(\w+)(?:\((\d+)<((?:\\x[0-9a-f]{2}|[^>\\]|->)*)>?)?")
_BYTES = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')


@dataclass(frozen=True, slots=True)
class Handed:
    """The bytes of one call."""

    process: str
    call: str
    where: str
    content: bytes


class Witness:
    """Watches processes by number from `__enter__` on; a context manager."""

    def __init__(self, folder: Path, processes: Mapping[str, int]) -> None:
        self._folder = folder
        self._processes = processes
        self._traces: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        for name, pid in self._processes.items():
            command = ["strace", "-f", "-qq", "-yy", "-xx", "-s", "10000000", "-e", "signal=none"]
            command += ["-e", f"trace={CALLS}", "-o", str(self._path(name)), "-p", str(pid)]
            self._traces.append(subprocess.Popen(command))
        for pid in self._processes.values():
            self._wait_until_watched(pid)
        return self

    def __exit__(self, *_: object) -> None:
        for trace in self._traces:
            trace.terminate()
            trace.wait()

    def handed(self) -> Iterator[Handed]:
        """What was seen, in the order of each process."""
        for name in self._processes:
            for line in self._path(name).read_text("ascii").splitlines():
                parts = _BYTES.findall(line)
                if any(cut for _, cut in parts):
                    raise AssertionError(f"a call was cut short: {line[:80]}")
                call, _, where = _LINE.match(line).groups("")
                content = b"".join(_plain(text) for text, _ in parts)
                yield Handed(name, call, _readable(where), content)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.strace"

    @staticmethod
    def _wait_until_watched(pid: int) -> None:
        end = time.monotonic() + 10
        threads = Path(f"/proc/{pid}/task")
        while not all(
            re.search(r"^TracerPid:\s+[1-9]", (one / "status").read_text(), re.MULTILINE)
            for one in threads.iterdir()
        ):
            assert time.monotonic() < end, f"{pid} is not watched"
            time.sleep(0.05)


def _plain(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def _readable(where: str) -> str:
    return re.sub(r"\\x([0-9a-f]{2})", lambda mark: chr(int(mark[1], 16)), where)
