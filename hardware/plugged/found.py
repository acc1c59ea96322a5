"""One thing that is plugged in, and where the kernel and udev tell of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LET_IN = "this user may not open it: let him into its group; systemd/70-kiosk.rules sets it"


def may_open(path: Path) -> bool:
    """Whether this user may read and write it."""
    return os.access(path, os.R_OK | os.W_OK)


@dataclass(frozen=True, slots=True)
class Roots:
    """Where devices are (udev's names among them), and what the kernel says of them."""

    dev: Path = Path("/dev")
    sys: Path = Path("/sys")
    may: Callable[[Path], bool] = may_open


@dataclass(frozen=True, slots=True)
class Offer:
    """A table of settings that may be right: its kind of device, driver and options."""

    kind: str
    driver: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UsbDevice:
    """What a USB device tells of itself; "" where it tells nothing."""

    vendor: str  # four hexadecimal digits
    product: str
    serial: str
    maker: str
    name: str

    @property
    def words(self) -> str:
        """Who made it and what it is, as its descriptors say."""
        return " ".join(filter(None, (self.maker, self.name)))

    def __str__(self) -> str:
        return f"{self.words or 'a device without a name'} ({self.vendor}:{self.product})"


@dataclass(frozen=True, slots=True)
class Found:
    """One thing. ``what`` names it for a person; ``notes`` are clauses that he should read.

    With ``sure`` the first offer is meant; else a person must choose among them. ``node`` is the
    device itself, whatever name leads to it.
    """

    what: str
    node: Path
    offers: tuple[Offer, ...]
    sure: bool = False
    notes: tuple[str, ...] = ()
    usb: UsbDevice | None = None


Finder = Callable[[Roots], Iterable[Found]]


@dataclass(frozen=True, slots=True)
class UsbLine:
    """A part of a USB device that udev names: two alike are two devices with one serial number."""

    device: UsbDevice | None
    interface: str


def usb_line(entry: Path) -> UsbLine:
    """The device and the number of its interface above an entry of sysfs."""
    whole = entry.resolve()
    told = (text_of(one / "bInterfaceNumber") for one in (whole, *whole.parents))
    return UsbLine(usb_device(entry), next(filter(None, told), ""))


def usb_device(entry: Path) -> UsbDevice | None:
    """The USB device above an entry of sysfs; None for what is on no USB."""
    folder = usb_folder(entry)
    if folder is None:
        return None
    names = ("idVendor", "idProduct", "serial", "manufacturer", "product")
    return UsbDevice(*(text_of(folder / name) for name in names))


def usb_folder(entry: Path) -> Path | None:
    """Its directory in sysfs."""
    whole = entry.resolve()
    return next((one for one in (whole, *whole.parents) if (one / "idVendor").is_file()), None)


def text_of(path: Path) -> str:
    """A file of sysfs, on one line; "" where it is not there or is not to be read."""
    try:
        return " ".join(path.read_text("utf-8", "replace").split())
    except OSError:
        return ""


def links(folder: Path, pattern: str = "*") -> Iterator[tuple[Path, str]]:
    """The names that udev made in a folder, and the node each leads to."""
    for link in sorted(folder.glob(pattern)):
        try:
            yield link, link.readlink().name
        except OSError:
            continue


def named(folder: Path, node: str, pattern: str = "*") -> str:
    """The first of these names for a node; "" where there is none."""
    return next((str(link) for link, goal in links(folder, pattern) if goal == node), "")


def led_to(folder: Path, node: str, pattern: str) -> list[str]:
    """All of these names for a node."""
    return [str(link) for link, goal in links(folder, pattern) if goal == node]


def sharing(names: Path, lines: Mapping[str, UsbLine], pattern: str = "*") -> set[str]:
    """The nodes that contend for a name by id, so that it is whose plug went in last.

    The ports of one adapter are alike as well, and each has a name of its own.
    """
    owners = {goal for _, goal in links(names, pattern)}
    alike: dict[UsbLine, list[str]] = {}
    for node, line in lines.items():
        if line.device is not None:
            alike.setdefault(line, []).append(node)
    return {
        node
        for nodes in alike.values()
        if len(nodes) > 1 and not owners.issuperset(nodes)
        for node in nodes
    }


def notes(roots: Roots, node: Path, *more: str) -> tuple[str, ...]:
    """What is to be said, and that it may not be opened where that is so."""
    refused = "" if roots.may(node) else LET_IN
    return tuple(filter(None, (*more, refused)))
