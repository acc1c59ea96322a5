"""GPIO pins of this machine through gpiozero: one way to take them, and to say why not.

    with taking(name, self.close):
        OutputDevice(pin, pin_factory=pins_of(chip, factory))

gpiozero knows the header of a Raspberry Pi; on any other board ``chip`` names the kernel's
/dev/gpiochipN, and a pin is the line of that number.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from hardware.errors import Busy, DeviceError, NotFound

log = logging.getLogger(__name__)

RELEASES, RELEASE_S = 20, 0.02
LEVELS = frozenset({"high", "low"})
MOST_LINES = 1024  # of one chip; the kernel's own limit is far below
PI_3B = 0xA02082  # gpiozero makes no pins without a board's number, which nothing asks for then


class taking:  # noqa: N801 - read as a word of the with statement
    """While pins are taken. Raises Busy where one is in use, else NotFound, both after ``undo``."""

    def __init__(self, device: str, undo: Callable[[], object]) -> None:
        self._device = device
        self._undo = undo

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, trace: object
    ) -> None:
        del trace  # see _refused
        if isinstance(error, _refusals()):
            self._undo()
            raise _refused(self._device, error) from error


def release(part: Any) -> None:
    """Give back the pins of a device of gpiozero. Raises nothing.

    lgpio's thread for edges may still look at a line when it is given back, and keeps it busy until
    it has looked.
    """
    for _ in range(RELEASES):
        try:
            part.close()
        except _refusals():
            time.sleep(RELEASE_S)
        else:
            return
    log.warning("a pin was not given back: %r", part)


def pins_of(chip: int | None, factory: Any = None) -> Any:
    """Gpiozero's pin factory: the one that is given, that of a chip, or None for its own choice.

    Raises what ``taking`` makes a DeviceError of.
    """
    return factory if factory is not None or chip is None else _of_chip(chip)


def is_high(option: str, level: str) -> bool:
    """The level that an option names. Raises ValueError."""
    if level not in LEVELS:
        raise ValueError(f"{option} must be high or low, not {level!r}")
    return level == "high"


@lru_cache
def _of_chip(chip: int) -> Any:
    """One for each chip and process, since its pins are reserved in it."""
    from gpiozero.exc import PinInvalidPin
    from gpiozero.pins import PinInfo
    from gpiozero.pins.lgpio import LGPIOFactory

    class Lines(LGPIOFactory):  # type: ignore[misc]  # gpiozero has no types
        def __init__(self) -> None:
            super().__init__(chip)
            # Else they are those of the Raspberry Pi's header, and of every other chip.
            self.pins: dict[int, Any] = {}
            self._reservations: dict[str, list[Any]] = defaultdict(list)

        def _get_revision(self) -> int:
            return PI_3B

        def pin(self, name: object) -> Any:
            number = int(str(name).removeprefix("GPIO"))
            if not 0 <= number < MOST_LINES:
                raise PinInvalidPin(f"{name} is no line of a chip")
            if number not in self.pins:
                line = f"GPIO{number}"
                info = PinInfo(number, line, frozenset({line}), "", 0, 0, frozenset({"gpio"}))
                self.pins[number] = self.pin_class(self, info)
            return self.pins[number]

    return Lines()


def _refusals() -> tuple[type[Exception], ...]:
    """What may come instead of a pin."""
    from gpiozero.exc import BadPinFactory, GPIOPinInUse, PinInvalidPin, PinUnknownPi

    known = (GPIOPinInUse, BadPinFactory, PinInvalidPin, PinUnknownPi, OSError, ValueError)
    try:
        from lgpio import error as of_lgpio  # what gpiozero drives /dev/gpiochip* with; no OSError
    except ImportError:
        return known
    return (*known, of_lgpio)


def _refused(device: str, error: Exception) -> DeviceError:
    """Busy where another device of ours or another program has a pin, NotFound for the rest.

    gpiozero holds a pin as long as somebody holds what it half made, and the frames of ``error``
    do: they go, or who keeps the error for a report would find the pin in use ever after.
    """
    error.__traceback__ = error.__context__ = None
    if "in use" in str(error) or "busy" in str(error):
        return Busy(device, f"a pin is in use ({error})")
    return NotFound(
        device,
        f"the pins cannot be used ({error})",
        "Check the pin numbers; on a board that is no Raspberry Pi name its chip.",
    )
