"""Scanners of the HID class: those that type like a keyboard, and those of the point of sale.

A report descriptor says what a hidraw device is: usage page 8C is a scanner, 8D a scale. Source:
Device Class Definition for HID 1.11, 6.2.2 (items: a byte with size, type and tag, then its data).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from hardware.plugged.found import (
    Found,
    Offer,
    Roots,
    led_to,
    links,
    named,
    notes,
    sharing,
    usb_device,
    usb_line,
)
from hardware.plugged.makers import guess, is_keyboard

SCANNERS, SCALES = 0x8C, 0x8D
LONGEST = 4096  # bytes of a descriptor; the kernel's own limit
_LONG_ITEM = 0xFE
MOVES = "its number may be another after the next start: install systemd/70-kiosk.rules"
SHARED = "two alike have one serial number, or none: it goes by its socket, so leave it there"
KEYBOARD = "a keyboard to type on, as it says: left out"
MAYBE = "it types like a keyboard: take this if it is the scanner, never for a keyboard"
SCALE = "a scale of the HID class, for which there is no driver here"


@dataclass(slots=True)
class Reports:
    """What a descriptor says: its usage pages, and how long each input report is, in bits."""

    pages: set[int] = field(default_factory=set)
    bits: Counter[int] = field(default_factory=Counter)

    @property
    def longest(self) -> tuple[int, int]:
        """Number and bytes of the longest input report; number 0 where reports have none."""
        number, bits = max(self.bits.items(), key=lambda one: one[1], default=(0, 0))
        return number, (bits + 7) // 8 + bool(number)


def read_descriptor(descriptor: bytes) -> Reports:
    """Its items up to the first that is cut off; whatever is in it, nothing is raised."""
    told = Reports()
    at = number = size = count = 0
    while at < min(len(descriptor), LONGEST):
        head = descriptor[at]
        if head == _LONG_ITEM:
            at += 3 + (descriptor[at + 1] if at + 1 < len(descriptor) else 0)
            continue
        length = (0, 1, 2, 4)[head & 3]
        value = int.from_bytes(descriptor[at + 1 : at + 1 + length], "little")
        at += 1 + length
        match head & 0xFC:
            case 0x04:  # usage page
                told.pages.add(value)
            case 0x74:  # size of a field
                size = value
            case 0x84:  # report id
                number = value
            case 0x94:  # how many fields
                count = value
            case 0x80:  # they are an input
                told.bits[number] += size * count
    return told


def find_hid_scanners(roots: Roots) -> Iterator[Found]:
    """Those of the point of sale."""
    for entry in sorted((roots.sys / "class/hidraw").glob("hidraw*")):
        node = roots.dev / entry.name
        try:
            told = read_descriptor((entry / "device/report_descriptor").read_bytes())
        except OSError:
            continue
        device = usb_device(entry / "device")
        what = str(device or entry.name)
        if SCALES in told.pages:
            yield Found(what, node, (), notes=notes(roots, node, SCALE))
        elif SCANNERS in told.pages:
            yield replace(_pos_scanner(roots, node, what, told), usb=device)


def _pos_scanner(roots: Roots, node: Path, what: str, told: Reports) -> Found:
    names = led_to(roots.dev / "kiosk", node.name, "scanner*")
    path = max(names, key=len) if names else str(node)  # with its socket, should another one come
    number, size = told.longest
    form = {} if number == 2 or not size else {"report_id": number}
    form |= {} if size == 64 or not 16 <= size <= 1024 else {"report_size": size}
    offer = Offer("scanner", "hidpos", {"path": path, **form})
    said = notes(roots, node, "" if names else MOVES)
    return Found(what, node, (offer,), sure=True, notes=said)


def find_keyboards(roots: Roots) -> Iterator[Found]:
    """What types: a scanner, when its maker is known; else a person must tell."""
    folder = roots.dev / "input"
    nodes = sorted(
        {goal for names in ("by-id", "by-path") for _, goal in links(folder / names, "*-event-kbd")}
    )
    usb = {node: usb_line(roots.sys / "class/input" / node / "device") for node in nodes}
    contended = sharing(folder / "by-id", usb, "*-event-kbd")
    for node in nodes:
        by_id = named(folder / "by-id", node, "*-event-kbd")
        by_path = named(folder / "by-path", node, "*-event-kbd")
        device, words = usb[node].device, Path(by_id).name.removesuffix("-event-kbd")
        if device is None and not by_id:
            continue  # a power button, or the keyboard of a laptop
        what = str(device or words)
        if is_keyboard(device, words):
            yield Found(what, folder / node, (), notes=(KEYBOARD,))
            continue
        shared = node in contended
        path = (by_path or by_id) if shared else (by_id or by_path)
        sure = guess(device, words) == "scanner"
        said = notes(roots, folder / node, "" if sure else MAYBE, SHARED if shared else "")
        offer = Offer("scanner", "evdev", {"path": path})
        yield Found(what, folder / node, (offer,), sure=sure, notes=said, usb=device)
