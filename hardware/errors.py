"""What can go wrong with a device, and what the attendant does about it.

    DeviceError
    ├── NotFound      no such path, port or picture: never was there, or the name is wrong
    ├── Offline       was there or should be, and does not answer now
    ├── Busy          another process or job holds it
    ├── TimedOut      it answered too late or stopped in the middle
    ├── OutOfPaper    the printer has no paper
    ├── CoverOpen     the printer's cover is open
    ├── Overweight    more lies on the scale than it may weigh
    ├── UnderZero     the scale stands below zero
    ├── SameWeight    the load that was read last still lies on the scale
    └── NotSupported  the device has no such command

Every error names the device, the cause, and the sentence that mends it.
"""

from __future__ import annotations

from typing import ClassVar


class DeviceError(Exception):
    """A device did not do what it was asked; ``mend`` tells the attendant what to do next."""

    default_mend: ClassVar[str] = "Check the device and its cable, then try again."

    def __init__(self, device: str, cause: str, mend: str = "") -> None:
        """``device`` is the configured name, ``cause`` one plain English clause."""
        self.device = device
        self.cause = cause
        self.mend = mend or self.default_mend
        super().__init__(f"{device}: {cause}. {self.mend}")

    def __reduce__(self) -> tuple[type[DeviceError], tuple[str, str, str]]:
        """Keep all three parts when the error crosses a process border."""
        return type(self), (self.device, self.cause, self.mend)


class NotFound(DeviceError):
    """There is nothing at the configured place."""

    default_mend = "Check that it is plugged in and that the configured path is right."


class Offline(DeviceError):
    """The device is known but does not answer now."""

    default_mend = "Switch it on and check its cable; it is taken up again by itself."


class Busy(DeviceError):
    """Something else is using the device."""

    default_mend = "Close the other program that uses it, or wait until the job has ended."


class TimedOut(DeviceError):
    """The device did not finish within its deadline."""

    default_mend = "Switch it off and on again; if it happens again, check its cable."


class OutOfPaper(DeviceError):
    """The printer has no paper; nothing of the job was sent."""

    default_mend = "Put in a new roll and close the cover."


class CoverOpen(DeviceError):
    """The printer's cover is open; nothing of the job was sent."""

    default_mend = "Close the cover until it clicks."


class Overweight(DeviceError):
    """More lies on the scale than it may weigh."""

    default_mend = "Take something off, and weigh it in parts."


class UnderZero(DeviceError):
    """The scale stands below zero."""

    default_mend = "Empty the pan, see that it sits well, then set the scale to zero."


class SameWeight(DeviceError):
    """The load that was read last still lies on the scale."""

    default_mend = "Take it off the scale before the next one is put on."


class NotSupported(DeviceError):
    """The device has no such command, and nothing else may stand for it."""

    default_mend = "Use the key on the device itself."
