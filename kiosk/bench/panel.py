"""A finger without a process of its own, and an eye on a few pixels: for what takes milliseconds.

`Pointer` makes the X server report a touch (XTEST) at a known time; `Eye` looks at a small part of
the panel again and again. How long one look takes is how exact it is, and is told.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import mss

from kiosk.errors import KioskError

BLINK = 0.002
"""Seconds between two looks: with a look itself, how exact a time is."""


class Pointer:
    """The pointer of a display; a context manager. Raises KioskError without libXtst."""

    def __init__(self, display: str) -> None:
        self._display = display.encode()
        self._x = _library("X11")
        self._xtst = _library("Xtst")
        self._x.XOpenDisplay.restype = ctypes.c_void_p
        self._open: Any = None

    def __enter__(self) -> Self:
        self._open = ctypes.c_void_p(self._x.XOpenDisplay(self._display))
        if not self._open:
            raise KioskError("the display does not open")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._x.XCloseDisplay(self._open)

    def move(self, x: int, y: int) -> None:
        """To a place, nothing pressed."""
        self._xtst.XTestFakeMotionEvent(self._open, -1, x, y, ctypes.c_ulong(0))
        self._x.XSync(self._open, 0)

    def press(self, *, down: bool) -> float:
        """Press or lift; the time at which the server had it."""
        self._xtst.XTestFakeButtonEvent(self._open, 1, int(down), ctypes.c_ulong(0))
        self._x.XSync(self._open, 0)
        return time.perf_counter()


@dataclass(slots=True)
class Eye:
    """Looks at one part of the panel; `looks` are the milliseconds that each look took."""

    display: str
    box: tuple[int, int, int, int]
    """x, y, width, height in pixels."""
    looks: list[float] = field(default_factory=list)
    _screen: Any = None

    def __enter__(self) -> Self:
        self._screen = mss.MSS(display=self.display)
        return self

    def __exit__(self, *_: object) -> None:
        self._screen.close()

    def sees(self) -> bytes:
        """The pixels now."""
        began = time.perf_counter()
        x, y, width, height = self.box
        shot = self._screen.grab({"left": x, "top": y, "width": width, "height": height})
        self.looks.append((time.perf_counter() - began) * 1000)
        return bytes(shot.raw)

    def waits_for_a_change(self, before: bytes, seconds: float = 3.0) -> float:
        """The time at which a look that shows something else began. Raises KioskError."""
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            if self.sees() != before:
                return time.perf_counter()
            time.sleep(BLINK)  # the server that is asked draws as well
        raise KioskError(f"nothing changed on the panel in {seconds:g} s")

    def waits_for_rest(self, seconds: float = 0.25) -> bytes:
        """What is there once it has not changed for so long. Raises KioskError."""
        end = time.perf_counter() + 10
        last, since = self.sees(), time.perf_counter()
        while time.perf_counter() - since < seconds:
            time.sleep(0.01)
            now = self.sees()
            if now != last:
                last, since = now, time.perf_counter()
            if since > end:
                raise KioskError("the panel does not come to rest")
        return last


def _library(name: str) -> Any:
    found = ctypes.util.find_library(name)
    if found is None:
        raise KioskError(f"lib{name} is not here", f"Install it: apt install lib{name.lower()}6")
    return ctypes.CDLL(found)
