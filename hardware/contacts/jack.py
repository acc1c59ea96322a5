"""Whether headphones are in the jack, as the kernel's sound driver tells it: an input switch.

Driver name in the configuration: ``jack``. ALSA makes an input device for each jack that it can
sense; its switch SW_HEADPHONE_INSERT says what is so. Nothing is grabbed: others hear of it too.
"""

from __future__ import annotations

import os
import stat

from hardware.devices import Changed, Condition, Health
from hardware.errors import DeviceError, NotFound, Offline
from hardware.link import Backoff, Link
from hardware.loop import DeviceLoop
from hardware.scanners.inputs import Events, Ioctl, kernel_ioctl
from hardware.transport import DescriptorTransport, Transport

EV_SW, SW_HEADPHONE_INSERT = 5, 2
SW_BYTES = 3
EVIOCGSW = 0x80000000 | SW_BYTES << 16 | ord("E") << 8 | 0x1B


class JackContact:
    """One jack, by ``path`` (/dev/input/by-path/…-event)."""

    def __init__(
        self,
        *,
        path: str,
        name: str = "headphones",
        backoff: Backoff | None = None,
        ioctl: Ioctl = kernel_ioctl,
    ) -> None:
        self._name = name
        self._path = path
        self._ioctl = ioctl
        self._events = Events()
        self._told: bool | None = None
        self._first = False
        self._changed: Changed = lambda _on: None
        self._loop = DeviceLoop()
        self._link = Link(
            name,
            self._loop,
            self._connect,
            self._received,
            on_up=lambda: self._tell(on=self._first),
            on_down=lambda _error: self._lost(),
            backoff=backoff or Backoff(),
        )

    @property
    def name(self) -> str:
        return self._name

    def open(self, changed: Changed) -> None:
        """As ``Contact.open``."""
        self._changed = changed
        self._loop.start()
        try:
            self._link.open()
        except DeviceError:
            self.close()
            raise
        self._loop.call_soon(lambda: self._tell(on=self._first))

    def close(self) -> None:
        self._link.close()
        self._loop.stop()
        self._told = None

    def check_health(self) -> Health:
        if not self._link.up:
            return Health(Condition.BAD, "it is not watched", Offline.default_mend)
        return Health(Condition.GOOD)

    def is_on(self) -> bool | None:
        return self._told

    def _connect(self) -> Transport:
        try:
            fd = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise NotFound(self._name, f"{self._path} does not open ({error.strerror})") from error
        self._events.clear()
        self._first = self._is_in(fd)
        return DescriptorTransport(fd, self._name, lambda: os.close(fd))

    def _is_in(self, fd: int) -> bool:
        """What is so at first; a pipe in the place of a device cannot be asked: nothing is in."""
        if stat.S_ISFIFO(os.fstat(fd).st_mode):
            return False
        try:
            told = self._ioctl(fd, EVIOCGSW, bytes(SW_BYTES))
        except OSError:
            return False
        assert isinstance(told, bytes)
        return bool(told[0] >> SW_HEADPHONE_INSERT & 1)

    def _received(self, data: bytes) -> None:
        for event in self._events.feed(data):
            if (event.kind, event.code) == (EV_SW, SW_HEADPHONE_INSERT):
                self._tell(on=bool(event.value))

    def _lost(self) -> None:
        """A jack that has gone holds no headphones."""
        if self._told:
            self._tell(on=False)

    def _tell(self, *, on: bool) -> None:
        if on != self._told:
            self._told = on
            self._changed(on)
