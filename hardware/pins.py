"""Pins of this machine through gpiozero: one way to take them, and one to say why not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from hardware.errors import Busy, NotFound

LEVELS = frozenset({"high", "low"})


@contextmanager
def taking(device: str) -> Iterator[None]:
    """While pins are taken. Raises Busy where one is in use, NotFound where there are none."""
    from gpiozero.exc import BadPinFactory, GPIOPinInUse, PinInvalidPin

    try:
        yield
    except GPIOPinInUse as error:
        raise Busy(device, f"a pin is in use ({error})") from error
    except (BadPinFactory, PinInvalidPin, OSError, ValueError) as error:
        raise NotFound(
            device,
            f"the pins cannot be used ({error})",
            "Check the pin numbers and that this machine has GPIO pins.",
        ) from error


def is_high(option: str, level: str) -> bool:
    """The level that an option names. Raises ValueError."""
    if level not in LEVELS:
        raise ValueError(f"{option} must be high or low, not {level!r}")
    return level == "high"
