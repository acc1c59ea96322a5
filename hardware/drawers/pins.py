"""What gpiozero says when a pin cannot be had, as errors of devices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hardware.errors import Busy, NotFound


@contextmanager
def taking_pins(name: str, undo: Callable[[], None]) -> Iterator[None]:
    """Take pins in here; raises NotFound where there are none, Busy when taken, after ``undo``."""
    from gpiozero.exc import BadPinFactory, GPIOPinInUse

    try:
        yield
    except GPIOPinInUse as error:
        undo()
        raise Busy(name, f"a pin is in use ({error})") from error
    except (BadPinFactory, OSError, ValueError) as error:
        undo()
        raise NotFound(
            name,
            f"the pins cannot be used ({error})",
            "Check the pin numbers and that this machine has GPIO pins.",
        ) from error
