"""GPIO chips: a pin does not tell what hangs on it, so only a form is offered."""

from __future__ import annotations

import fcntl
import os
import struct
from collections.abc import Iterator
from pathlib import Path

from hardware.plugged.found import Found, Offer, Roots, notes

# linux/gpio.h: struct gpiochip_info, _IOR(0xB4, 0x01, …)
_INFO = struct.Struct("=32s32sI")
GET_CHIPINFO = 2 << 30 | _INFO.size << 16 | 0xB4 << 8 | 0x01
ASK = "put in the numbers of the pins that are wired; on a Raspberry Pi leave chip out"


def find_chips(roots: Roots) -> Iterator[Found]:
    """Each chip with an example for whatever hangs on pins."""
    for node in sorted(roots.dev.glob("gpiochip[0-9]*")):
        digits = node.name.removeprefix("gpiochip")
        if node.is_symlink() or not digits.isdigit():
            continue  # some boards have a second name for a chip
        chip = {"chip": int(digits)}
        offers = (
            Offer("drawer", "gpio", {"pin": 17, **chip}),
            Offer("door", "gpio", {"pin": 22, **chip}),
            Offer("presence", "gpio", {"pin": 23, **chip}),
            Offer("help_button", "gpio", {"pin": 24, **chip}),
        )
        yield Found(_name(node), node, offers, notes=notes(roots, node, ASK))


def _name(node: Path) -> str:
    try:
        chip = os.open(node, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return node.name
    try:
        buffer = bytearray(_INFO.size)
        fcntl.ioctl(chip, GET_CHIPINFO, buffer)
        _, label, lines = _INFO.unpack(buffer)
        return (
            f"{node.name}, {label.partition(bytes(1))[0].decode('utf-8', 'replace')}, {lines} lines"
        )
    except OSError:
        return node.name
    finally:
        os.close(chip)
