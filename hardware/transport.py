"""Byte pipes to devices: serial line, TCP socket, file of a character device, memory.

Every pipe has a descriptor for the selector loop, never blocks on reading, and writes until a
deadline. A pipe that has ended raises Offline and is thrown away; opening anew is ``Link``'s work.
What a closed pipe has taken and not yet sent is thrown away with it: the rest of a job must not
reach a printer that comes back.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import socket
import stat
import struct
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import serial

from hardware.errors import Busy, NotFound, Offline

READ_SIZE = 4096
LET_IN = "Let this user into the device's group; systemd/70-kiosk.rules sets it."
RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # linger: on, for no time
BAUD_RATES = frozenset((1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800))
PARITIES = frozenset("NEO")
PTYS = "/dev/pts/"  # where pseudo-terminals are
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

    def close(self) -> None:
        """End it at once; what waits in the kernel to be sent is thrown away."""
        ...


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
            with contextlib.suppress(OSError, termios.error):
                self._close()


class DeviceFileTransport(DescriptorTransport):
    """A character device whose empty reads mean that it has nothing to say just now.

    USB printers may answer a read with a packet of no bytes. Only a hang-up ends such a line.
    """

    def read(self) -> bytes:
        try:
            data = os.read(self._fd, READ_SIZE)
        except (BlockingIOError, InterruptedError):
            return b""
        except OSError as error:
            raise Offline(self._name, f"the line ended ({error.strerror})") from error
        if not data and self._hung_up():
            raise Offline(self._name, "the line ended")
        return data

    def _hung_up(self) -> bool:
        waiting = select.poll()
        waiting.register(self._fd, 0)
        return bool(waiting.poll(0))


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
    if str(Path(path).resolve()).startswith(PTYS):
        parity = "N"  # it carries whole bytes, and refuses to be told so a second time
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
    except (serial.SerialException, OSError, termios.error) as error:
        reason = str(error)
        if "exclusively lock" in reason or "busy" in reason.lower():
            raise Busy(name, f"another program holds {path}") from error
        raise NotFound(name, f"{path} does not open ({reason})") from error
    fd = port.fileno()

    def close() -> None:
        try:
            # Else closing would wait until a device that has stopped reads on.
            termios.tcflush(fd, termios.TCIOFLUSH)
        finally:
            port.close()

    return DescriptorTransport(fd, name, close)


def open_tcp(name: str, host: str, port: int = 9100, *, timeout_s: float = 3.0) -> Transport:
    """A raw socket, as network printers have on port 9100; one client at a time.

    Connecting takes 2 to 5 s on slow printers; shorter limits are known to fail in the field.
    """
    try:
        line = socket.create_connection((host, port), timeout=timeout_s)
    except OSError as error:
        raise NotFound(name, f"{host}:{port} does not answer ({error})") from error
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    line.setblocking(False)
    return DescriptorTransport(line.fileno(), name, line.close)


def open_device_file(name: str, path: str) -> Transport:
    """A character device such as /dev/usb/lp0, read and written, one program at a time.

    Raises NotFound when the path is not there or may not be opened, Busy when it is held.
    """
    try:
        fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in {errno.EBUSY, errno.EAGAIN}:
            raise Busy(name, f"another program holds {path}") from error
        mend = LET_IN if error.errno == errno.EACCES else ""
        raise NotFound(name, f"{path} does not open ({error.strerror})", mend) from error
    if not stat.S_ISCHR(os.fstat(fd).st_mode):
        os.close(fd)
        raise NotFound(name, f"{path} is no device")

    def close() -> None:
        with contextlib.suppress(termios.error):  # usblp ends its own requests, a tty does not
            termios.tcflush(fd, termios.TCIOFLUSH)
        os.close(fd)

    return DeviceFileTransport(fd, name, close)


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
