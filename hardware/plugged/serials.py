"""Serial lines: what hangs on USB as one, and the sockets of the machine itself.

udev names a line by maker and serial number in /dev/serial/by-id. Two devices with the same serial
number share that name, and it is whose plug went in last: only by-path, the socket, tells them
apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hardware.plugged.found import (
    Found,
    Offer,
    Roots,
    UsbDevice,
    links,
    named,
    notes,
    sharing,
    text_of,
    usb_device,
    usb_line,
)
from hardware.plugged.makers import TOLEDO, guess, scale_driver

SHARED = "two alike have one serial number, or none: it goes by its socket, so leave it there"
MOVES = "it has no lasting name: its number may be another after the next start"


def find_serial_lines(roots: Roots) -> Iterator[Found]:
    """Every line that something may hang on."""
    nodes = _nodes(roots)
    usb = {node: usb_line(roots.sys / "class/tty" / node / "device") for node in nodes}
    shared = sharing(roots.dev / "serial/by-id", usb)
    for node in nodes:
        yield _found(roots, node, usb[node].device, shared=node in shared)


def _nodes(roots: Roots) -> list[str]:
    told = {
        goal for folder in ("by-id", "by-path") for _, goal in links(roots.dev / "serial" / folder)
    }
    for entry in (roots.sys / "class/tty").glob("tty*"):
        usb = usb_device(entry / "device") is not None
        built_in = entry.name.startswith("ttyS") and text_of(entry / "type") not in ("", "0")
        if usb or built_in:
            told.add(entry.name)
    return sorted(node for node in told if (roots.dev / node).exists())


def _found(roots: Roots, node: str, usb: UsbDevice | None, *, shared: bool) -> Found:
    by_id = named(roots.dev / "serial/by-id", node)
    by_path = named(roots.dev / "serial/by-path", node)
    path = (by_path or by_id if shared else by_id or by_path) or str(roots.dev / node)
    kind = guess(usb, Path(by_id).name)
    offers = {offer.kind: offer for offer in _offers(path, scale_driver(usb))}
    chosen = (offers[kind],) if kind else tuple(offers.values())
    moving = usb is not None and not (by_id or by_path)
    said = notes(roots, roots.dev / node, SHARED if shared else "", MOVES if moving else "")
    what = str(usb) if usb else Path(by_id).name or "a serial socket of this machine"
    return Found(what, roots.dev / node, chosen, sure=kind is not None, notes=said, usb=usb)


def _offers(path: str, scale: str) -> Iterator[Offer]:
    yield Offer("scanner", "serial", {"path": path})
    yield Offer("printer", "escpos-serial", {"path": path})
    yield Offer("scale", scale or TOLEDO, {"path": path})
