"""A machine's /dev and /sys as folders, shaped as udev and the kernel shape them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from hardware.plugged.found import Roots

# Input reports of 64 bytes with the number 2, of a scanner (page 8C): item by item as HID 1.11.
POS_SCANNER = bytes.fromhex("068c00 0902 a101 8502 0912 1500 26ff00 7508 953f 8102 c0")


@dataclass
class Machine:
    """`usb` plugs something in; the others are what the kernel and udev make of it."""

    folder: Path
    refused: set[str] = field(default_factory=set)
    count: int = 0

    @property
    def dev(self) -> Path:
        return self.folder / "dev"

    @property
    def sys(self) -> Path:
        return self.folder / "sys"

    @property
    def roots(self) -> Roots:
        return Roots(self.dev, self.sys, may=lambda path: path.name not in self.refused)

    def usb(self, vendor, product, maker="", name="", serial="", klass="ff") -> Path:
        """A device in the next socket with one interface; where its interface is in sysfs."""
        self.count += 1
        device = self.sys / f"devices/pci0000:00/0000:00:14.0/usb1/1-{self.count}"
        told = {"idVendor": vendor, "idProduct": product, "manufacturer": maker, "product": name}
        told |= {"serial": serial, "busnum": "1", "devnum": str(self.count + 1)}
        interface = device / f"1-{self.count}:1.0"
        interface.mkdir(parents=True)
        for key, value in told.items():
            if value:
                (device / key).write_text(f"{value}\n")
        (interface / "bInterfaceNumber").write_text("00\n")
        (interface / "bInterfaceClass").write_text(f"{klass}\n")
        node = self.dev / f"bus/usb/001/{self.count + 1:03}"
        node.parent.mkdir(parents=True, exist_ok=True)
        node.touch()
        self.link(self.sys / f"bus/usb/devices/{interface.name}", interface)
        return interface

    def link(self, link: Path, goal: Path) -> None:
        """As udev writes them: relative, and in one step. A later one takes the name over."""
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(os.path.relpath(goal, link.parent))

    def node(self, name: str, goal: Path | None = None) -> Path:
        node = self.dev / name
        node.parent.mkdir(parents=True, exist_ok=True)
        if goal is None:
            node.touch()
        else:
            node.symlink_to(goal)
        return node

    def tty(self, name, interface, by_id="", goal=None) -> Path:
        """A serial line of a USB device; `goal`: the pseudo-terminal that stands for it."""
        node = self.node(name, goal)
        home = interface / f"tty/{name}"
        home.mkdir(parents=True)
        self.link(home / "device", interface)
        self.link(self.sys / f"class/tty/{name}", home)
        socket = interface.name.split(":")[0].removeprefix("1-")
        self.link(self.dev / f"serial/by-path/pci-0000:00:14.0-usb-0:{socket}:1.0", node)
        if by_id:
            self.link(self.dev / f"serial/by-id/{by_id}", node)
        return node

    def lp(self, name, interface, told="", links=()) -> Path:
        node = self.node(f"usb/{name}")
        home = interface / f"usbmisc/{name}"
        home.mkdir(parents=True)
        self.link(home / "device", interface)
        (interface / "ieee1284_id").write_text(told)
        self.link(self.sys / f"class/usbmisc/{name}", home)
        for each in links:
            self.link(self.dev / "kiosk" / each, node)
        return node

    def keyboard(self, event, interface, by_id="") -> Path:
        node = self.node(f"input/{event}")
        home = interface / f"0003:0000:0000.0001/input/input5/{event}"
        home.mkdir(parents=True)
        self.link(home / "device", home.parent)
        self.link(self.sys / f"class/input/{event}", home)
        socket = interface.name.split(":")[0].removeprefix("1-")
        name = f"pci-0000:00:14.0-usb-0:{socket}:1.0-event-kbd"
        self.link(self.dev / "input/by-path" / name, node)
        if by_id:
            self.link(self.dev / f"input/by-id/{by_id}-event-kbd", node)
        return node

    def hidraw(self, name, interface, descriptor, links=()) -> Path:
        node = self.node(name)
        home = interface / f"0003:0000:0000.0002/hidraw/{name}"
        home.mkdir(parents=True)
        (home.parents[1] / "report_descriptor").write_bytes(descriptor)
        self.link(home / "device", home.parents[1])
        self.link(self.sys / f"class/hidraw/{name}", home)
        for each in links:
            self.link(self.dev / "kiosk" / each, node)
        return node
