"""A keyboard that the real kernel believes in, through /dev/uinput: its events take the whole way.

Source: linux/uinput.h. Needs /dev/uinput (the module ``uinput``) and the right to write to it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import struct
import time
from pathlib import Path

UINPUT = Path("/dev/uinput")
EV_KEY, EV_MSC, EV_LED, MSC_SCAN, LED_CAPS_LOCK = 1, 4, 0x11, 4, 1
KEYS = range(1, 112)  # those that type; not the power key, which the system listens to
BUS_USB = 3
NAME_BYTES = 80

# _IOC(direction, 'U', number, size): 1 is written by us, 2 is read.
UI_DEV_CREATE = 0x5501
UI_DEV_DESTROY = 0x5502
UI_DEV_SETUP = 1 << 30 | (8 + NAME_BYTES + 4) << 16 | 0x5503
UI_SET_EVBIT = 1 << 30 | 4 << 16 | 0x5564
UI_SET_KEYBIT = 1 << 30 | 4 << 16 | 0x5565
UI_SET_MSCBIT = 1 << 30 | 4 << 16 | 0x5568
UI_SET_LEDBIT = 1 << 30 | 4 << 16 | 0x5569
UI_GET_SYSNAME = 2 << 30 | 64 << 16 | 0x552C


class UinputWire:
    """One keyboard. The kernel stamps the times itself; those in the events are not looked at."""

    def __init__(
        self, name: str = "Simulated scanner", vendor: int = 0x1209, product: int = 0x5CA7
    ) -> None:
        self._name = name
        self._ids = (vendor, product)
        self._fd = -1
        self.path = Path("/dev/null")  # of the event node, while it is plugged

    def plug(self) -> None:
        """Make the device and wait for its node. Raises OSError."""
        if self._fd >= 0:
            return
        self._fd = os.open(UINPUT, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        for kind in (EV_KEY, EV_MSC, EV_LED):
            fcntl.ioctl(self._fd, UI_SET_EVBIT, kind)
        for code in KEYS:
            fcntl.ioctl(self._fd, UI_SET_KEYBIT, code)
        fcntl.ioctl(self._fd, UI_SET_MSCBIT, MSC_SCAN)
        fcntl.ioctl(self._fd, UI_SET_LEDBIT, LED_CAPS_LOCK)
        # struct uinput_setup: input_id (bus, vendor, product, version), name, ff_effects_max
        setup = struct.pack(
            f"@HHHH{NAME_BYTES}sI", BUS_USB, *self._ids, 1, self._name.encode()[:79], 0
        )
        fcntl.ioctl(self._fd, UI_DEV_SETUP, setup)
        fcntl.ioctl(self._fd, UI_DEV_CREATE)
        self.path = self._node()

    def unplug(self) -> None:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            with contextlib.suppress(OSError):
                fcntl.ioctl(fd, UI_DEV_DESTROY)
            os.close(fd)

    def write(self, events: bytes) -> None:
        if self._fd >= 0:
            os.write(self._fd, events)

    def _node(self, within_s: float = 3.0) -> Path:
        """/dev/input/eventN of the device; the system makes it a moment later."""
        told = fcntl.ioctl(self._fd, UI_GET_SYSNAME, bytes(64))
        folder = Path("/sys/devices/virtual/input") / told.split(b"\0")[0].decode()
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            for event in folder.glob("event*"):
                node = Path("/dev/input") / event.name
                if os.access(node, os.R_OK):
                    return node
            time.sleep(0.01)
        raise FileNotFoundError(f"no node in /dev/input for {folder}")
