"""USB devices that are made by the kernel's gadget drivers and plugged into its dummy host.

    peer ─► /dev/g_printer0, hidg0, ttyGS0 ─► dummy_hcd ─► usblp, usbhid, cdc_acm ─► driver

To the rest of the system they are on a bus: they have descriptors, serial numbers and sockets, and
udev names them. Sources: Documentation/usb/gadget_configfs.rst, Documentation/ABI/testing.
"""

from __future__ import annotations

import contextlib
import os
import select
import tty
from pathlib import Path

from hardware.testing import wait_until

GADGETS = Path("/sys/kernel/config/usb_gadget")
HONEYWELL = 0x0C2E  # one of the makers in systemd/70-kiosk.rules

# HID POS Usage Tables 1.02, page 8Ch (scanner): 63 bytes in as report 2, out as report FDh.
POINT_OF_SALE = bytes.fromhex(
    "05 8C 09 02 A1 01 15 00 26 FF 00 75 08 95 3F"
    "85 02 09 FE 81 02"
    "85 FD 09 FE 91 02 C0"
)  # fmt: skip
# Device Class Definition for HID 1.11, appendix B.1: the boot keyboard.
KEYBOARD = bytes.fromhex(
    "05 01 09 06 A1 01 05 07 19 E0 29 E7 15 00 25 01 75 01 95 08 81 02 95 01 75 08 81 03"
    "95 05 75 01 05 08 19 01 29 05 91 02 95 01 75 03 91 03"
    "95 06 75 08 15 00 25 65 05 07 19 00 29 65 81 00 C0"
)


class Gadget:
    """One device, not yet plugged. ``node`` is how the host's side knows it, ``far`` our end.

    ``settings``: attributes of its function, by their names in configfs.
    """

    def __init__(
        self,
        function: str,
        node: str,
        far: str = "",
        *,
        socket: int = 0,
        serial: str = "S-1",
        vendor: int = HONEYWELL,
        product: int = 0x0B61,
        **settings: bytes,
    ) -> None:
        self.node = Path(node)
        self._socket = socket
        self._fd = -1
        self._folder = GADGETS / f"socket{socket}"
        self._function = self._folder / "functions" / function
        texts, parts = self._folder / "strings/0x409", self._folder / "configs/c.1"
        for folder in (self._folder, texts, parts, self._function):
            folder.mkdir()
        for name, text in {
            "idVendor": f"{vendor:#06x}", "idProduct": f"{product:#06x}", "bcdUSB": "0x0200",
            "strings/0x409/serialnumber": serial, "strings/0x409/manufacturer": "Maker",
            "strings/0x409/product": "Thing",
        }.items():  # fmt: skip
            (self._folder / name).write_text(text)
        for name, value in settings.items():
            (self._function / name).write_bytes(value)
        (parts / function).symlink_to(self._function)
        if not far:  # there may be several of its kind
            number = (self._function / "dev").read_text().strip().partition(":")[2]
            far = f"/dev/hidg{number}"
        self._far = Path(far)

    # --- the plug ---------------------------------------------------------------------------------

    @property
    def plugged(self) -> bool:
        return self._fd >= 0

    def plug(self) -> None:
        """Put it in; when this returns, udev has named it."""
        if self.plugged:
            return
        (self._folder / "UDC").write_text(f"dummy_udc.{self._socket}\n")
        assert wait_until(self._opens, 10), f"no {self._far}"
        assert wait_until(self.node.exists, 10), f"no {self.node}"

    def unplug(self) -> None:
        """Pull it out; when this returns, its name is gone as well."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)
        if (self._folder / "UDC").read_text().strip():
            (self._folder / "UDC").write_text("\n")
            # A link that leads nowhere is still there: it would lead to the next device.
            assert wait_until(lambda: not os.path.lexists(self.node), 10), f"{self.node} stays"

    def remove(self) -> None:
        """Unmake it: configfs takes its folders one by one."""
        self.unplug()
        parts = self._folder / "configs/c.1"
        (parts / self._function.name).unlink()
        for folder in (parts, self._function, self._folder / "strings/0x409", self._folder):
            folder.rmdir()

    def _opens(self) -> bool:
        """Whether our end is open: its node is there a moment before its driver is."""
        try:
            fd = os.open(self._far, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError:
            return False
        if os.isatty(fd):
            tty.setraw(fd)
        self._fd = fd
        return True

    # --- our end of the cable, as a simulated device asks for it ----------------------------------

    def fileno(self) -> int:
        return self._fd

    def read(self, size: int = 4096) -> bytes:
        """What the host has sent; empty when there is nothing."""
        try:
            return os.read(self._fd, size) if self.plugged else b""
        except OSError:
            return b""

    def write(self, data: bytes, timeout_s: float = 1.0) -> int:
        """Bytes that the host's side takes in time."""
        sent = 0
        while self.plugged and sent < len(data):
            if not select.select([], [self._fd], [], timeout_s)[1]:
                break
            with contextlib.suppress(BlockingIOError):
                sent += os.write(self._fd, data[sent:])
        return sent


def printer(node: str) -> Gadget:
    """A printer of the USB printer class, both ways."""
    return Gadget("printer.0", node, "/dev/g_printer0", vendor=0x0416, product=0x5011, q_len=b"2")


def serial_port(node: str) -> Gadget:
    """A device that is a serial port over USB (CDC ACM)."""
    return Gadget("acm.0", node, "/dev/ttyGS0")


def point_of_sale(node: str) -> Gadget:
    """A scanner that speaks HID for points of sale."""
    return _hid(node, 64, POINT_OF_SALE, protocol=b"0", subclass=b"0")


def keyboard(node: str, *, socket: int = 0, serial: str = "S-1") -> Gadget:
    """A scanner that is a keyboard."""
    return _hid(node, 8, KEYBOARD, socket=socket, serial=serial, protocol=b"1", subclass=b"1")


def typed(digits: str) -> list[bytes]:
    """The reports of a boot keyboard for digits and Enter: each key pressed, and let go."""
    usages = [0x1E + (int(digit) - 1) % 10 for digit in digits] + [0x28]
    return [each for usage in usages for each in (bytes([0, 0, usage, 0, 0, 0, 0, 0]), bytes(8))]


def _hid(node: str, size: int, descriptor: bytes, *, socket=0, serial="S-1", **settings) -> Gadget:
    return Gadget(
        f"hid.{socket}", node, socket=socket, serial=serial,
        report_length=str(size).encode(), report_desc=descriptor, **settings,
    )  # fmt: skip
