"""Receipt printer in the network: raw bytes both ways on port 9100. Driver ``escpos-tcp``.

Such printers take one client at a time; the status comes back on the same socket where the make
tells one at all (``realtime``).
"""

from __future__ import annotations

from hardware.link import Backoff
from hardware.loop import DeviceLoop
from hardware.printers.columns import GB18030
from hardware.printers.printer import EscposPrinter, Patience
from hardware.printers.profile import profile_for
from hardware.transport import Transport, open_tcp


def escpos_tcp(
    *,
    host: str,
    port: int = 9100,
    name: str = "printer",
    connect_s: float = 3.0,
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
    """The printer at ``host``; 2 to 5 s are usual for ``connect_s``. Raises ValueError."""
    if not host or "/" in host:
        raise ValueError(f"host must be a name or an address, not {host!r}")
    if not 0 < port < 65536:
        raise ValueError(f"port must be 1 to 65535, not {port!r}")
    if not 0 < connect_s <= 30:
        raise ValueError(f"connect_s must be at most 30 (seconds), not {connect_s!r}")
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
        return open_tcp(name, host, port, timeout_s=connect_s)

    return EscposPrinter(connect, profile, name=name, patience=patience, backoff=backoff, loop=loop)
