"""Receipt printer on a serial line or a USB serial port. Driver ``escpos-serial``."""

from __future__ import annotations

from hardware.link import Backoff
from hardware.loop import DeviceLoop
from hardware.printers.columns import GB18030
from hardware.printers.printer import EscposPrinter, Patience
from hardware.printers.profile import profile_for
from hardware.transport import Transport, check_serial_options, open_serial

BITS_A_BYTE = 15  # start, parity and stop bits, and some pause


def escpos_serial(
    *,
    path: str,
    name: str = "printer",
    baud: int = 9600,
    parity: str = "N",
    flow: str = "none",
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
    """The printer at the device ``path``; ``profile_for`` explains the rest. Raises ValueError."""
    if not path or "://" in path:
        raise ValueError(f"path must name a serial device, not {path!r}; escpos-tcp has a host")
    check_serial_options(baud, parity, flow)
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
        return open_serial(name, path, baud=baud, parity=parity, flow=flow)

    return EscposPrinter(
        connect,
        profile,
        name=name,
        pace=baud / BITS_A_BYTE,
        patience=patience,
        backoff=backoff,
        loop=loop,
    )
