"""Scanner that types like a keyboard ("wedge"), read from the input layer of the kernel.

Driver name in the configuration: ``evdev``. The device is grabbed from the moment it is opened, so
no code types itself into the screen, and none of its characters is lost to another program.

    input events ─► Keyboard (keys.py): positions to characters ─► Framing: characters to codes
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from hardware.link import Backoff
from hardware.loop import DeviceLoop
from hardware.scanners.framing import LONGEST, Format
from hardware.scanners.inputs import (
    EV_KEY,
    EV_SYN,
    PRESSED,
    RELEASED,
    SYN_DROPPED,
    SYN_REPORT,
    Event,
    Events,
    Ioctl,
    Node,
    Sought,
    find_node,
    kernel_ioctl,
    open_node,
)
from hardware.scanners.keys import Keyboard
from hardware.scanners.line import Hands, LineScanner
from hardware.transport import Transport


class EvdevScanner(LineScanner):
    """One scanner, by ``path`` (/dev/input/by-id/…-event-kbd) or by its USB numbers.

    ``vendor``, ``product``: four hex digits; ``serial``: as the device tells it. ``layout``: the
    country that the scanner is set to. ``alt_codes`` and ``separator``: see ``keys.Keyboard``.
    The others are a serial scanner's; Enter, also the keypad's, is CR. Raises ValueError for a bad
    option.
    """

    def __init__(
        self,
        *,
        path: str = "",
        vendor: str = "",
        product: str = "",
        serial: str = "",
        name: str = "scanner",
        layout: str = "us",
        alt_codes: str = "unicode",
        separator: str = "",
        terminator: str = "any",
        prefix: str = "",
        suffix: str = "",
        aim: bool = True,
        longest: int = LONGEST,
        gap_s: float = 0.2,
        backoff: Backoff | None = None,
        loop: DeviceLoop | None = None,
        clock: Callable[[], float] = time.monotonic,
        ioctl: Ioctl = kernel_ioctl,
        root: Path = Path("/"),
    ) -> None:
        form = Format(terminator, prefix.encode(), suffix.encode(), aim, longest, gap_s)
        self._sought = Sought(path, vendor, product, serial)
        self._ioctl = ioctl
        self._root = root
        self._keyboard = Keyboard(layout, alt_codes, separator)
        self._events = Events()
        self._node: Node | None = None
        self._dropping = False  # between SYN_DROPPED and the next SYN_REPORT
        super().__init__(name, form, self._connect, self._received, Hands(backoff, loop, clock))

    def _connect(self) -> Transport:
        """Runs before the loop watches the new line and after it has left the old one."""
        path = find_node(self._name, self._sought, self._root)
        self._node, transport = open_node(self._name, path, self._ioctl)
        self._events.clear()
        self._dropping = False
        self._synchronise()
        return transport

    def _synchronise(self) -> None:
        if self._node is not None:
            self._keyboard.synchronise(self._node.pressed(), caps_lock=self._node.caps_lock())

    def _received(self, data: bytes) -> None:
        for event in self._events.feed(data):
            if event.kind == EV_SYN and event.code == SYN_DROPPED:
                self._dropping = True
            elif not self._dropping:
                self._typed(event)
            elif event.kind == EV_SYN and event.code == SYN_REPORT:
                # The kernel's buffer was full: what is left of the code is not a code.
                self._dropping = False
                self._synchronise()
                self._outlet.spoil(event.at)

    def _typed(self, event: Event) -> None:
        """Repetitions are the kernel's own, never the scanner's."""
        if event.kind != EV_KEY:
            return
        typed = b""
        if event.value == PRESSED:
            typed = self._keyboard.press(event.code)
        elif event.value == RELEASED:
            typed = self._keyboard.release(event.code)
        if typed:
            self._outlet.feed(typed, event.at)
