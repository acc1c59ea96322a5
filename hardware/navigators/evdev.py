"""A keypad of four keys that is a keyboard to the kernel, as those for kiosks are.

Driver name in the configuration: ``evdev``. It is grabbed, so that no key types into the screen.
Keypads with a jack press a key of their own when headphones are plugged in or pulled out.
"""

from __future__ import annotations

from collections.abc import Callable

from hardware.devices import Health, NavigatorKey, Report
from hardware.errors import DeviceError
from hardware.link import Backoff, Link
from hardware.loop import DeviceLoop
from hardware.scanners.inputs import EV_KEY, PRESSED, Events, Ioctl, kernel_ioctl, open_node
from hardware.scanners.outlet import of_line
from hardware.transport import Transport

CODES: dict[str, int] = {
    "previous": 105,  # left
    "next": 106,  # right
    "select": 28,  # enter
    "help": 59,  # F1
    "plugged": 185,  # F15
    "unplugged": 186,  # F16
}
"""Of a keypad that says nothing else (linux/input-event-codes.h)."""


class EvdevNavigator:
    """One keypad, by ``path`` (/dev/input/by-id/…-event-kbd).

    ``keys``: the kernel's code of each key, by its name in small letters; those that are not named
    are as in ``CODES``. Raises ValueError for another name.
    """

    def __init__(
        self,
        *,
        path: str,
        name: str = "navigator",
        keys: dict[str, int] | None = None,
        backoff: Backoff | None = None,
        loop: DeviceLoop | None = None,
        ioctl: Ioctl = kernel_ioctl,
    ) -> None:
        unknown = sorted(set(keys or {}) - set(CODES))
        if unknown:
            raise ValueError(f"there is no key {unknown[0]}; there are {', '.join(CODES)}")
        codes = {**CODES, **(keys or {})}
        self._keys = {code: NavigatorKey(key) for key, code in codes.items()}
        self._name = name
        self._path = path
        self._ioctl = ioctl
        self._events = Events()
        self._own_loop = loop is None
        self._loop = loop or DeviceLoop()
        self._pressed: Callable[[NavigatorKey], None] = lambda _key: None
        self._report: Report = lambda _health: None
        self._link = Link(
            name,
            self._loop,
            self._connect,
            self._received,
            on_up=self._told,
            on_down=lambda _error: self._told(),
            backoff=backoff or Backoff(),
        )

    @property
    def name(self) -> str:
        return self._name

    def open(self, pressed: Callable[[NavigatorKey], None], report: Report | None = None) -> None:
        """As ``Navigator.open``."""
        self._pressed = pressed
        self._report = report or (lambda _health: None)
        self._loop.start()
        try:
            self._link.open()
        except DeviceError:
            self.close()
            raise
        self._loop.call_soon(self._told)

    def close(self) -> None:
        self._link.close()
        if self._own_loop:
            self._loop.stop()

    def check_health(self) -> Health:
        """A silent keypad cannot be asked: GOOD means that it is plugged in and grabbed."""
        return of_line(self._name, self._link.last_error, up=self._link.up)

    def _connect(self) -> Transport:
        _, transport = open_node(self._name, self._path, self._ioctl)
        self._events.clear()
        return transport

    def _told(self) -> None:
        self._report(self.check_health())

    def _received(self, data: bytes) -> None:
        """A key that is held down is pressed once."""
        for event in self._events.feed(data):
            key = self._keys.get(event.code)
            if event.kind == EV_KEY and event.value == PRESSED and key is not None:
                self._pressed(key)
