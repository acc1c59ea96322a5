"""Byte pipes to devices: serial line, TCP socket, memory.

Every pipe has a descriptor for the selector loop, never blocks on reading, and writes until a
deadline. A pipe that has ended raises Offline and is thrown away; opening anew is ``Link``'s work.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import serial

from hardware.errors import Busy, NotFound, Offline

READ_SIZE = 4096
BAUD_RATES = frozenset((1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800))
PARITIES = frozenset("NEO")
FLOWS = frozenset(("none", "xonxoff", "rtscts", "dsrdtr"))


class Transport(Protocol):
    """One open pipe. Reading belongs to the loop's thread, writing to one thread at a time."""

    def fileno(self) -> int: ...

    def read(self) -> bytes:
        """What has arrived, at once; empty when nothing has. Raises Offline at the end."""
        ...

    def write(self, data: bytes, deadline: float) -> int:
        """Bytes taken until ``deadline`` (monotonic seconds); fewer than given means time is up.

        Raises Offline only when no byte was taken, so that a caller always knows what is out.
        """
        ...

    def close(self) -> None: ...


class DescriptorTransport:
    """A pipe over one non-blocking descriptor; the other transports only differ in opening it."""

    def __init__(self, fd: int, name: str, close: Callable[[], None]) -> None:
        self._fd = fd
        self._name = name
        self._close = close
        self._open = True

    def fileno(self) -> int:
        return self._fd

    def read(self) -> bytes:
        try:
            data = os.read(self._fd, READ_SIZE)
        except (BlockingIOError, InterruptedError):
            return b""
        except OSError as error:
            raise Offline(self._name, f"the line ended ({error.strerror})") from error
        if not data:
            raise Offline(self._name, "the line ended")
        return data

    def write(self, data: bytes, deadline: float) -> int:
        sent = 0
        while sent < len(data):
            left = deadline - time.monotonic()
            try:
                _, writable, _ = select.select([], [self._fd], [], max(0.0, left))
                if writable:
                    sent += os.write(self._fd, data[sent:])
            except (BlockingIOError, InterruptedError):
                continue
            except (OSError, ValueError) as error:
                if sent:
                    break
                raise Offline(self._name, f"the line ended while writing ({error})") from error
            if left <= 0:
                break
        return sent

    def close(self) -> None:
        """Close once; a vanished USB line may fail to close, which changes nothing."""
        if self._open:
            self._open = False
            with contextlib.suppress(OSError):
                self._close()


def check_serial_options(baud: int, parity: str, flow: str) -> None:
    """Raises ValueError with the values that are allowed."""
    if baud not in BAUD_RATES:
        raise ValueError(f"baud must be one of {sorted(BAUD_RATES)}, not {baud!r}")
    if parity not in PARITIES:
        raise ValueError(f"parity must be one of {sorted(PARITIES)}, not {parity!r}")
    if flow not in FLOWS:
        raise ValueError(f"flow must be one of {sorted(FLOWS)}, not {flow!r}")


def open_serial(
    name: str, path: str, *, baud: int = 9600, parity: str = "N", flow: str = "none"
) -> Transport:
    """A serial line (also a pty), held exclusively, 8 data bits (7 with parity), DTR and RTS on.

    Raises NotFound when the path is not there and Busy when another process holds it.
    """
    check_serial_options(baud, parity, flow)
    if not Path(path).exists():
        raise NotFound(name, f"there is no {path}")
    try:
        port = serial.Serial(
            path,
            baudrate=baud,
            bytesize=serial.EIGHTBITS if parity == "N" else serial.SEVENBITS,
            parity=parity,
            timeout=0,
            xonxoff=flow == "xonxoff",
            rtscts=flow == "rtscts",
            dsrdtr=flow == "dsrdtr",
            exclusive=True,
        )
    except (serial.SerialException, OSError) as error:
        reason = str(error)
        if "exclusively lock" in reason or "busy" in reason.lower():
            raise Busy(name, f"another program holds {path}") from error
        raise NotFound(name, f"{path} does not open ({reason})") from error
    return DescriptorTransport(port.fileno(), name, port.close)


def open_tcp(name: str, host: str, port: int = 9100, *, timeout_s: float = 3.0) -> Transport:
    """A raw socket, as network printers have on port 9100; one client at a time.

    Connecting takes 2 to 5 s on slow printers; shorter limits are known to fail in the field.
    """
    try:
        line = socket.create_connection((host, port), timeout=timeout_s)
    except OSError as error:
        raise NotFound(name, f"{host}:{port} does not answer ({error})") from error
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    line.setblocking(False)
    return DescriptorTransport(line.fileno(), name, line.close)


def memory_pair(name: str = "memory") -> MemoryPair:
    """Two ends of one pipe inside this process, for tests and for peers run in a thread."""
    near, far = socket.socketpair()
    near.setblocking(False)
    far.setblocking(False)
    return MemoryPair(
        DescriptorTransport(near.fileno(), name, near.close),
        DescriptorTransport(far.fileno(), name, far.close),
    )


class MemoryPair:
    """``near`` is given to the driver, ``far`` to the peer."""

    __slots__ = ("far", "near")

    def __init__(self, near: Transport, far: Transport) -> None:
        self.near = near
        self.far = far
