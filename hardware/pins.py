"""Taking GPIO pins: what gpiozero and the library below it raise becomes what a device raises.

try:
    ...
except refusals() as error:
    raise refused(name, error) from error
"""

from __future__ import annotations

from hardware.errors import Busy, DeviceError, NotFound


def refusals() -> tuple[type[Exception], ...]:
    """What may come instead of a pin."""
    from gpiozero.exc import BadPinFactory, GPIOPinInUse

    known = (GPIOPinInUse, BadPinFactory, OSError, ValueError)
    try:
        from lgpio import error as of_lgpio  # what gpiozero drives /dev/gpiochip* with; no OSError
    except ImportError:
        return known
    return (*known, of_lgpio)


def refused(device: str, error: Exception) -> DeviceError:
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
        "Check the pin numbers and that this machine has GPIO pins.",
    )
