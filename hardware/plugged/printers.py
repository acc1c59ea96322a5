"""USB printers: those that the kernel's usblp has as /dev/usb/lp*, and those that libusb opens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hardware.plugged.found import (
    Found,
    Offer,
    Roots,
    led_to,
    notes,
    text_of,
    usb_device,
    usb_folder,
)
from hardware.plugged.makers import PRINTERS

PRINTER_CLASS = "07"
MOVES = "its number may change when another printer is plugged in: install systemd/70-kiosk.rules"


def find_usb_printers(roots: Roots) -> Iterator[Found]:
    """All of the printer class, and those that are known to be printers of a class of their own."""
    taken = set()
    nodes = sorted(node for node in (roots.dev / "usb").glob("lp[0-9]*"))
    for node in nodes:
        entry = roots.sys / "class/usbmisc" / node.name / "device"
        taken.add(usb_folder(entry))
        yield _by_kernel(roots, node, entry, alone=len(nodes) == 1)
    for entry in sorted((roots.sys / "bus/usb/devices").glob("*:*")):
        folder = usb_folder(entry)
        if folder is not None and folder not in taken and _is_printer(entry):
            taken.add(folder)
            yield _by_libusb(roots, folder)


def _by_kernel(roots: Roots, node: Path, entry: Path, *, alone: bool) -> Found:
    path, said = _lasting(roots, node, alone=alone)
    device = usb_device(entry)
    told = text_of(entry / "ieee1284_id")
    what = f"{device or 'a printer'}{f', which calls itself {told}' if told else ''}"
    offer = Offer("printer", "escpos-usblp", {"path": path})
    return Found(what, node, (offer,), sure=True, notes=notes(roots, node, said), usb=device)


def _lasting(roots: Roots, node: Path, *, alone: bool) -> tuple[str, str]:
    """A name that stays with the printer, and what is to be said where there is none."""
    names = led_to(roots.dev / "kiosk", node.name, "printer*")
    names = [name for name in names if alone or not name.endswith("/printer")]
    # "printer" for the only one, else by serial number, else by socket.
    names.sort(key=lambda name: ("-at-" in name, len(name)))
    return (names[0], "") if names else (str(node), MOVES)


def _is_printer(entry: Path) -> bool:
    device = usb_device(entry)
    known = device is not None and f"{device.vendor}:{device.product}" in PRINTERS
    bridged = (entry / "tty").exists() or any(entry.glob("tty*"))
    return not bridged and (known or text_of(entry / "bInterfaceClass") == PRINTER_CLASS)


def _by_libusb(roots: Roots, folder: Path) -> Found:
    device = usb_device(folder)
    assert device is not None, "it is a USB device's folder"
    numbers = {"vendor": int(device.vendor, 16), "product": int(device.product, 16)}
    serial = {"serial": device.serial} if device.serial else {}
    place = (text_of(folder / "busnum").zfill(3), text_of(folder / "devnum").zfill(3))
    node = roots.dev.joinpath("bus/usb", *place)
    offer = Offer("printer", "escpos-usb", {**numbers, **serial})
    said = notes(roots, node, "the kernel's usblp has not taken it, so libusb does")
    return Found(str(device), node, (offer,), sure=True, notes=said, usb=device)
