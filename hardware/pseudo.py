"""A pseudo terminal with a name of its own: the wire between a simulated peer and a driver.

The peer holds the master end; the driver opens ``link``, a symbolic link to the slave end, as it
would open /dev/ttyUSB0. ``unplug`` takes both away, as pulling the plug does.
"""

from __future__ import annotations

import contextlib
import os
import pty
import select
import tty
from pathlib import Path


class PseudoTerminal:
    """One line. ``plug`` makes it, ``unplug`` ends it; again and again."""

    def __init__(self, link: Path) -> None:
        self._link = link
        self._master = -1
        self._slave = -1

    @property
    def plugged(self) -> bool:
        return self._master >= 0

    def plug(self) -> None:
        """Make the line. The slave end stays open here, so that a driver may come and go."""
        if self.plugged:
            return
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._link.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._link.with_name(f"{self._link.name}.{os.getpid()}.new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(os.ttyname(self._slave))
        fresh.replace(self._link)

    def unplug(self) -> None:
        if not self.plugged:
            return
        self._link.unlink(missing_ok=True)
        for fd in (self._master, self._slave):
            with contextlib.suppress(OSError):
                os.close(fd)
        self._master = self._slave = -1

    def fileno(self) -> int:
        """The master end, for select."""
        return self._master

    def read(self, size: int = 4096) -> bytes:
        """What the driver has written; empty when nothing is there or it is unplugged."""
        if not self.plugged:
            return b""
        try:
            return os.read(self._master, size)
        except (BlockingIOError, OSError):
            return b""

    def write(self, data: bytes, timeout_s: float = 1.0) -> int:
        """Bytes taken; what the driver does not read in time is lost, as on a wire."""
        sent = 0
        while self.plugged and sent < len(data):
            try:
                _, writable, _ = select.select([], [self._master], [], timeout_s)
                if not writable:
                    break
                sent += os.write(self._master, data[sent:])
            except BlockingIOError:
                continue
            except (OSError, ValueError):
                break
        return sent
