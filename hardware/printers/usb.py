"""Receipt printer of the USB printer class without a kernel driver. Driver ``escpos-usb``.

Needs libusb (Debian: libusb-1.0-0). A kernel driver that holds the printer is detached.
"""

from __future__ import annotations

from typing import Any

from hardware.link import Backoff
from hardware.loop import DeviceLoop
from hardware.printers.bulk import Wanted, open_usb
from hardware.printers.columns import GB18030
from hardware.printers.printer import EscposPrinter, Patience
from hardware.printers.profile import profile_for
from hardware.transport import Transport


def escpos_usb(
    *,
    vendor: int = 0,
    product: int = 0,
    serial: str = "",
    name: str = "printer",
    paper: int = 80,
    columns: int = 0,
    labels: str = "",
    charset: str = GB18030,
    native_qr: bool = True,
    process_id: bool = True,
    four_byte: bool = False,
    realtime: bool = True,
    backend: Any = None,
    patience: Patience | None = None,
    backoff: Backoff | None = None,
    loop: DeviceLoop | None = None,
) -> EscposPrinter:
    """The USB printer with these numbers; 0 and "" fit any. Raises ValueError for a bad option.

    ``backend`` is pyusb's.
    """
    if not (0 <= vendor <= 0xFFFF and 0 <= product <= 0xFFFF):
        raise ValueError("vendor and product must be numbers of 16 bits")
    profile = profile_for(
        paper,
        columns=columns,
        labels=labels,
        charset=charset,
        native_qr=native_qr,
        process_id=process_id,
        four_byte=four_byte,
        realtime=realtime,
    )

    wanted = Wanted(vendor, product, serial)

    def connect() -> Transport:
        return open_usb(name, wanted, backend)

    return EscposPrinter(connect, profile, name=name, patience=patience, backoff=backoff, loop=loop)
