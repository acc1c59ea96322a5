"""The machine that was measured, and how much memory a process has on it."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
REST = 0.5  # seconds
BOARD = Path("/sys/firmware/devicetree/base/model")


@dataclass(frozen=True, slots=True)
class Machine:
    """What figures depend on."""

    cpu: str
    cores: int
    memory_mb: int
    python: str
    system: str
    load: float
    """Programs that wanted to run, a minute's mean; above `cores` all figures are worse."""

    def __str__(self) -> str:
        return (
            f"{self.cpu}, {self.cores} cores, {self.memory_mb} MB; "
            f"Python {self.python}, {self.system}; load {self.load:.1f}"
        )


@dataclass(frozen=True, slots=True)
class Memory:
    """Megabytes (10⁶ bytes). `rss` counts shared pages in full, `pss` each sharer's part."""

    rss: float
    pss: float


def this_machine(proc: Path = PROC, board: Path = BOARD) -> Machine:
    """From the kernel; on boards without a CPU's name the board's."""
    return Machine(
        cpu=_field(proc / "cpuinfo", "model name") or _text(board) or platform.machine(),
        cores=len(os.sched_getaffinity(0)),
        memory_mb=round(int(_field(proc / "meminfo", "MemTotal").split()[0]) * 1024 / 1e6),
        python=platform.python_version(),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        load=os.getloadavg()[0],
    )


def memory_of(pids: Sequence[int], proc: Path = PROC) -> Memory:
    """All of these processes together, as the kernel sums up their pages.

    Of a process that forbids dumps only root sees more than the RSS, which then counts as PSS too.
    """
    each = [_memory_of(proc / str(pid)) for pid in pids]
    return Memory(sum(one.rss for one in each), sum(one.pss for one in each))


def _memory_of(folder: Path) -> Memory:
    def megabytes(table: str, name: str) -> float:
        return int(_field(folder / table, name).split()[0]) * 1024 / 1e6

    try:
        return Memory(megabytes("smaps_rollup", "Rss"), megabytes("smaps_rollup", "Pss"))
    except PermissionError:
        rss = megabytes("status", "VmRSS")
        return Memory(rss, rss)


def busy_ms(pid: int, proc: Path = PROC) -> float:
    """Milliseconds that the threads of a process which are alive have had a processor."""
    busy = 0
    for path in (proc / str(pid) / "task").glob("*/schedstat"):
        with suppress(OSError):  # a thread that has just ended
            busy += int(path.read_text("ascii").split()[0])
    return busy / 1e6


def comes_to_rest(pid: int, seconds: float = 30.0, share: float = 0.1) -> None:
    """Wait until a process has had next to nothing to do for half a second, or `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        before = busy_ms(pid)
        time.sleep(REST)
        if busy_ms(pid) - before < REST * 1000 * share:
            return


def _field(path: Path, name: str) -> str:
    """The first value behind `name:` in a table of the kernel; "" where there is none."""
    for line in path.read_text("utf-8", "replace").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return ""


def _text(path: Path) -> str:
    return path.read_text("utf-8", "replace").strip("\0\n ") if path.is_file() else ""
