"""Receipt printer of the USB printer class behind the kernel's usblp. Driver ``escpos-usblp``.

The rules in systemd/70-kiosk.rules give it the name /dev/kiosk/printer.
"""

from __future__ import annotations

from hardware.link import Backoff
from hardware.loop import DeviceLoop
from hardware.printers.columns import GB18030
from hardware.printers.printer import EscposPrinter, Patience
from hardware.printers.profile import profile_for
from hardware.transport import Transport, open_device_file


def escpos_usblp(
    *,
    path: str = "/dev/usb/lp0",
    name: str = "printer",
    paper: int = 80,
    columns: int = 0,
    labels: str = "",
    charset: str = GB18030,
    native_qr: bool = True,
    process_id: bool = True,
    four_byte: bool = False,
    realtime: bool = True,
    patience: Patience | None = None,
    backoff: Backoff | None = None,
    loop: DeviceLoop | None = None,
) -> EscposPrinter:
    """The printer at the device ``path``. Raises ValueError for a bad option."""
    if not path or "://" in path:
        raise ValueError(f"path must name a device such as /dev/usb/lp0, not {path!r}")
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

    def connect() -> Transport:
        return open_device_file(name, path)

    return EscposPrinter(connect, profile, name=name, patience=patience, backoff=backoff, loop=loop)
