"""The bulk endpoints of a USB printer as a byte pipe, through libusb.

    driver ─► bulk OUT ─► printer ─► bulk IN ─► reading thread ─► pipe ─► selector loop

libusb has no descriptor that the loop could wait for, so a thread reads. Sources: USB printer class
1.1 (class 07, subclass 01, protocols 01 one way, 02 both ways); pyusb.
"""

from __future__ import annotations

import contextlib
import errno
import os
import threading
import time
from dataclasses import dataclass
from typing import Any

import usb.core
import usb.util

from hardware.errors import Busy, DeviceError, NotFound, Offline
from hardware.transport import READ_SIZE

PRINTER_CLASS = 7
BOTH_WAYS = 2
READ_MS = 100  # how soon the reading thread notices that it is to end
WRITE_SIZE = 4096
INSTALL = "Install libusb (Debian: libusb-1.0-0); systemd/README.md says what its unit must allow."
LET_IN = "Let its user into the printer's group; systemd/70-kiosk.rules sets it."


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which printer: 0 and "" fit any."""

    vendor: int = 0
    product: int = 0
    serial: str = ""

    def __str__(self) -> str:
        parts = (f"{self.vendor:04x}:{self.product:04x}", self.serial)
        return " ".join(part for part in parts if part and part != "0000:0000")


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where a printer's bytes go. ``back`` is None for a printer that only listens."""

    interface: int
    setting: int
    out: int
    back: int | None
    packet: int  # bytes that one read asks for


class BulkTransport:
    """One claimed interface. Reading is the loop's, writing one thread's at a time."""

    def __init__(self, device: Any, ends: Endpoints, name: str) -> None:
        self._device = device
        self._ends = ends
        self._name = name
        self._arrivals, self._pump = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._lock = threading.Lock()
        self._ending = threading.Event()
        threading.Thread(target=self._read_on, name=f"read {name}", daemon=True).start()

    def fileno(self) -> int:
        return self._arrivals

    def read(self) -> bytes:
        try:
            data = os.read(self._arrivals, READ_SIZE)
        except (BlockingIOError, InterruptedError):
            return b""
        except OSError as error:
            raise Offline(self._name, f"the line ended ({error.strerror})") from error
        if not data:
            raise Offline(self._name, "the USB printer is gone")
        return data

    def write(self, data: bytes, deadline: float) -> int:
        sent = 0
        while sent < len(data):
            left = deadline - time.monotonic()
            if self._ending.is_set():
                if sent:
                    break
                raise Offline(self._name, "the USB printer is gone")
            piece = data[sent : sent + WRITE_SIZE]
            try:
                sent += self._device.write(self._ends.out, piece, max(1, int(left * 1000)))
            except usb.core.USBTimeoutError:
                pass  # nothing of this piece was taken
            except OSError:
                self._ending.set()
                return sent + 1  # libusb does not tell how much of it is out: some may be
            if left <= 0:
                break
        return sent

    def close(self) -> None:
        """The reading thread gives the printer back; a transfer under way ends by its time-out."""
        self._ending.set()
        with self._lock:
            if self._arrivals >= 0:
                os.close(self._arrivals)
                self._arrivals = -1

    def _read_on(self) -> None:
        """Until it is closed or the printer is gone, which the loop sees as the pipe's end."""
        try:
            while not self._ending.is_set():
                if self._ends.back is None:
                    self._ending.wait(READ_MS / 1000)
                    continue
                try:
                    data = self._device.read(self._ends.back, self._ends.packet, READ_MS)
                except usb.core.USBTimeoutError:
                    continue
                if not len(data):
                    self._ending.wait(0.01)  # some printers answer with empty packets without end
                    continue
                with contextlib.suppress(BlockingIOError):  # a flood that nobody reads is lost
                    os.write(self._pump, bytes(data))
        except OSError:
            pass  # unplugged, or closed by the loop
        finally:
            self._ending.set()
            os.close(self._pump)
            with contextlib.suppress(OSError):
                usb.util.dispose_resources(self._device)


def open_usb(name: str, wanted: Wanted, backend: Any = None) -> BulkTransport:
    """Find, claim and open the one printer that fits.

    Raises NotFound where none or more than one fits or it may not be opened, Busy when it is held.
    """
    device, ends = _the_one(name, wanted, backend)
    try:
        with contextlib.suppress(RuntimeError):  # a backend that knows of no kernel drivers
            if device.is_kernel_driver_active(ends.interface):
                device.detach_kernel_driver(ends.interface)
        usb.util.claim_interface(device, ends.interface)
        if ends.setting:
            device.set_interface_altsetting(ends.interface, ends.setting)
    except OSError as error:
        usb.util.dispose_resources(device)
        raise _refusal(name, error) from error
    return BulkTransport(device, ends, name)


def _the_one(name: str, wanted: Wanted, backend: Any) -> tuple[Any, Endpoints]:
    try:
        found = [
            (device, ends)
            for device in usb.core.find(find_all=True, backend=backend)
            if (ends := _fitting(device, wanted)) is not None
        ]
    except usb.core.NoBackendError as error:
        raise NotFound(name, "libusb is not installed", INSTALL) from error
    except OSError as error:
        raise _refusal(name, error) from error
    if not found:
        raise NotFound(name, f"there is no USB printer {wanted}".rstrip())
    if len(found) > 1:
        raise NotFound(
            name,
            f"{len(found)} USB printers fit",
            "Name one of them by vendor, product and serial.",
        )
    return found[0]


def _fitting(device: Any, wanted: Wanted) -> Endpoints | None:
    """Its endpoints when it is a printer that was asked for, whatever else is on the bus."""
    if wanted.vendor and device.idVendor != wanted.vendor:
        return None
    if wanted.product and device.idProduct != wanted.product:
        return None
    ends = _endpoints(device, any_class=bool(wanted.vendor and wanted.product))
    if ends is None or not wanted.serial:
        return ends
    try:
        return ends if device.serial_number == wanted.serial else None
    except ValueError:  # it has none, or this user may not ask
        return None


def _endpoints(device: Any, *, any_class: bool) -> Endpoints | None:
    """Of its printer interface, both ways if it has one; of any with bulk OUT if it was named."""
    best: tuple[tuple[bool, bool, bool], Endpoints] | None = None
    for configuration in device:
        for interface in configuration:
            printer = interface.bInterfaceClass == PRINTER_CLASS
            ends = _bulk(interface)
            if ends is None or not (printer or any_class):
                continue
            both = interface.bInterfaceProtocol == BOTH_WAYS
            rank = (printer, both, ends.back is not None)
            if best is None or rank > best[0]:
                best = rank, ends
        break  # the first configuration is the active one in every printer seen
    return best[1] if best else None


def _bulk(interface: Any) -> Endpoints | None:
    out, back, packet = None, None, 64
    for end in interface:
        if usb.util.endpoint_type(end.bmAttributes) != usb.util.ENDPOINT_TYPE_BULK:
            continue
        if usb.util.endpoint_direction(end.bEndpointAddress) == usb.util.ENDPOINT_OUT:
            out = out or end.bEndpointAddress
        elif back is None:
            back, packet = end.bEndpointAddress, end.wMaxPacketSize
    if out is None:
        return None
    return Endpoints(interface.bInterfaceNumber, interface.bAlternateSetting, out, back, packet)


def _refusal(name: str, error: OSError) -> DeviceError:
    if error.errno == errno.EBUSY:
        return Busy(name, "another program holds the USB printer")
    if error.errno in {errno.EACCES, errno.EPERM}:
        return NotFound(name, "this user may not open the USB printer", LET_IN)
    return NotFound(name, f"the USB printer does not open ({error.strerror or error})")
