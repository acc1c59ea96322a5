"""A USB printer made of software: the device end of two bulk endpoints, and a backend for pyusb.

    driver ─► pyusb ─► UsbLine.bulk_write ─► FIFO ─► PrinterPeer ─► FIFO ─► UsbLine.bulk_read

The wire between a simulated peer and a driver, in place of ``PseudoTerminal``. Descriptors: USB 2.0
chapter 9, printer class 1.1; two interfaces, as composite devices have, the second is the printer.
"""

from __future__ import annotations

import contextlib
import errno
import select
import socket
from array import array
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import usb.backend
import usb.core

OUT, IN = 0x02, 0x81
FIFO = 4096  # bytes that wait in the device
VENDOR, PRODUCT, SERIAL = 0x0416, 0x5011, "S-1"
LANGUAGE = 0x0409


class UsbLine(usb.backend.IBackend):  # type: ignore[misc]  # published without types
    """One printer on a bus. ``plug`` puts it there, ``unplug`` takes it away."""

    def __init__(self, *, both_ways: bool = True, empty_packets: int = 0) -> None:
        self._both_ways = both_ways
        self.empty_packets = empty_packets  # so many answers without bytes before the next one
        self.claims: list[str] = []
        self.held_by_kernel = True  # usblp takes every printer first
        self.held_by_other = False
        self.forbidden = False
        self._host: socket.socket | None = None
        self._device: socket.socket | None = None

    # --- the printer's end ------------------------------------------------------------------------

    @property
    def plugged(self) -> bool:
        return self._device is not None

    def plug(self) -> None:
        if self._device is None:
            self._host, self._device = socket.socketpair()
            for end in (self._host, self._device):
                end.setblocking(False)
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, FIFO)

    def unplug(self) -> None:
        for end in (self._device, self._host):
            if end is not None:
                with contextlib.suppress(OSError):  # closing alone wakes no select
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
        self._device = self._host = None

    def fileno(self) -> int:
        return self._device.fileno() if self._device is not None else -1

    def read(self, size: int = 4096) -> bytes:
        """What the driver has written."""
        try:
            return self._device.recv(size) if self._device is not None else b""
        except OSError:
            return b""

    def write(self, data: bytes, timeout_s: float = 1.0) -> int:
        """Bytes taken in time."""
        return self._pass_on(self._device, data, timeout_s)

    # --- pyusb's end ------------------------------------------------------------------------------

    def enumerate_devices(self) -> Iterator[str]:
        if self.plugged:
            yield "printer"

    def get_parent(self, dev: Any) -> None:
        return None

    def get_device_descriptor(self, dev: Any) -> SimpleNamespace:
        return SimpleNamespace(
            bLength=18, bDescriptorType=1, bcdUSB=0x200, bDeviceClass=0, bDeviceSubClass=0,
            bDeviceProtocol=0, bMaxPacketSize0=64, idVendor=VENDOR, idProduct=PRODUCT,
            bcdDevice=0x100, iManufacturer=0, iProduct=0, iSerialNumber=1, bNumConfigurations=1,
            address=5, bus=1, port_number=1, port_numbers=(1,), speed=3,
        )  # fmt: skip

    def get_configuration_descriptor(self, dev: Any, config: int) -> SimpleNamespace:
        if config > 0:
            raise IndexError(config)
        return SimpleNamespace(
            bLength=9, bDescriptorType=2, wTotalLength=64, bNumInterfaces=2, bConfigurationValue=1,
            iConfiguration=0, bmAttributes=0xC0, bMaxPower=1, extra_descriptors=[],
        )  # fmt: skip

    def get_interface_descriptor(
        self, dev: Any, intf: int, alt: int, config: int
    ) -> SimpleNamespace:
        if intf > 1 or alt > 0:
            raise IndexError(intf)
        kind = (3, 0, 0) if intf == 0 else (7, 1, 2 if self._both_ways else 1)
        return SimpleNamespace(
            bLength=9, bDescriptorType=4, bInterfaceNumber=intf, bAlternateSetting=0,
            bNumEndpoints=0 if intf == 0 else 1 + self._both_ways, bInterfaceClass=kind[0],
            bInterfaceSubClass=kind[1], bInterfaceProtocol=kind[2], iInterface=0,
            extra_descriptors=[],
        )  # fmt: skip

    def get_endpoint_descriptor(
        self, dev: Any, ep: int, intf: int, alt: int, config: int
    ) -> SimpleNamespace:
        return SimpleNamespace(
            bLength=7, bDescriptorType=5, bEndpointAddress=(OUT, IN)[ep], bmAttributes=2,
            wMaxPacketSize=64, bInterval=0, bRefresh=0, bSynchAddress=0, extra_descriptors=[],
        )  # fmt: skip

    def open_device(self, dev: Any) -> str:
        self._there()
        if self.forbidden:
            raise usb.core.USBError("Access denied", errno=errno.EACCES)
        return "handle"

    def close_device(self, dev_handle: Any) -> None:
        self.claims.append("close")

    def get_configuration(self, dev_handle: Any) -> int:
        self._there()
        return 1

    def claim_interface(self, dev_handle: Any, intf: int) -> None:
        self._there()
        if self.held_by_kernel or self.held_by_other:
            raise usb.core.USBError("Resource busy", errno=errno.EBUSY)
        self.claims.append(f"claim {intf}")

    def release_interface(self, dev_handle: Any, intf: int) -> None:
        self._there()
        self.claims.append(f"release {intf}")

    def is_kernel_driver_active(self, dev_handle: Any, intf: int) -> bool:
        self._there()
        return self.held_by_kernel and intf == 1

    def detach_kernel_driver(self, dev_handle: Any, intf: int) -> None:
        self.held_by_kernel = False

    def ctrl_transfer(
        self,
        dev_handle: Any,
        bmRequestType: int,  # noqa: N803 - the backend's own names
        bRequest: int,  # noqa: N803
        wValue: int,  # noqa: N803
        wIndex: int,  # noqa: N803
        data: Any,
        timeout: int,
    ) -> int:
        """GET_DESCRIPTOR of strings: languages, and the serial number."""
        self._there()
        text = array("H", [LANGUAGE]).tobytes() if not wValue & 0xFF else SERIAL.encode("utf-16-le")
        answer = bytes([len(text) + 2, 3]) + text
        data[: len(answer)] = array("B", answer)
        return len(answer)

    def bulk_write(self, dev_handle: Any, ep: int, intf: int, data: Any, timeout: int) -> int:
        self._there()
        taken = self._pass_on(self._host, bytes(data), timeout / 1000)
        self._there()
        if not taken:
            raise usb.core.USBTimeoutError("Operation timed out", errno=errno.ETIMEDOUT)
        return taken

    def bulk_read(self, dev_handle: Any, ep: int, intf: int, buff: Any, timeout: int) -> int:
        host = self._there()
        if self.empty_packets:
            self.empty_packets -= 1
            return 0
        try:
            ready, _, _ = select.select([host], [], [], timeout / 1000)
            data = host.recv(len(buff)) if ready else b""
        except (OSError, ValueError):
            data = b""
        self._there()
        if not data:
            raise usb.core.USBTimeoutError("Operation timed out", errno=errno.ETIMEDOUT)
        buff[: len(data)] = array("B", data)
        return len(data)

    def _there(self) -> socket.socket:
        if self._host is None:
            raise usb.core.USBError("No such device", errno=errno.ENODEV)
        return self._host

    @staticmethod
    def _pass_on(end: socket.socket | None, data: bytes, timeout_s: float) -> int:
        sent = 0
        while end is not None and sent < len(data):
            try:
                _, writable, _ = select.select([], [end], [], timeout_s)
                if not writable:
                    break
                sent += end.send(data[sent:])
            except BlockingIOError:
                continue
            except (OSError, ValueError):
                break
        return sent
