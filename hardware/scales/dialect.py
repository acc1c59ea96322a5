"""What a protocol is to the scale's core: requests out, bytes in, readings and answers back.

A dialect does no input or output and has no clock. It keeps at most one unfinished frame, and it
never raises on what comes in: a frame that is wrong is counted and thrown away.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from hardware.devices import ScaleStatus

MOST_BUFFER = 128  # bytes; no frame of any protocol is longer than 64
GRAMS: Mapping[str, Decimal] = {
    "g": Decimal(1),
    "kg": Decimal(1000),
    "oz": Decimal("28.349523125"),  # the international pound is 453.59237 g
    "lb": Decimal("453.59237"),
    "jin": Decimal(500),
}
_NUMBER = re.compile(rb" *[0-9]{1,8}(\.[0-9]{0,5})?")


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer of a scale. ``unit`` is empty where the protocol does not tell it."""

    status: ScaleStatus
    amount: Decimal = Decimal(0)  # in ``unit``
    unit: str = ""
    net: bool = False


@dataclass(slots=True)
class Heard:
    """What came of some bytes: readings, bytes to answer with, and how many frames were wrong."""

    readings: list[Reading] = field(default_factory=list)
    answer: bytes = b""
    wrong: int = 0


@dataclass(frozen=True, slots=True)
class Commands:
    """The scale's own commands; empty or None where it has none."""

    zero: bytes = b""
    tare: bytes = b""
    clear_tare: bytes = b""
    preset_tare: Callable[[Decimal], bytes] | None = None


class Dialect(Protocol):
    """One protocol of scales."""

    commands: Commands

    def request(self, unit_price: int | None) -> bytes:
        """What to send now; empty: nothing. ``unit_price`` is None while nobody weighs."""
        ...

    def feed(self, data: bytes) -> Heard:
        """What the bytes complete."""
        ...

    def reset(self) -> None:
        """Forget the frame that was begun: the line has been silent for long."""
        ...

    def restart(self) -> None:
        """Forget everything: the line was lost and is there again."""
        ...


def number(text: bytes, decimals: int = 0) -> Decimal | None:
    """A weight as scales write it, or None; ``decimals`` counts where there is no point."""
    if not _NUMBER.fullmatch(text):
        return None
    value = Decimal(text.decode("ascii").strip())
    return value if b"." in text else value.scaleb(-decimals)


def unit_of(text: bytes) -> str:
    """The unit as it stands in a frame, in small letters; "?" where it is none that is known."""
    unit = text.strip().decode("ascii", "replace").lower()
    return unit if unit in GRAMS else "?"


def weight(amount: Decimal | None, unit: str, *, stable: bool, net: bool = False) -> Reading | None:
    """A reading of a weight that is not below zero; None for None."""
    if amount is None:
        return None
    return Reading(ScaleStatus.STABLE if stable else ScaleStatus.UNSTABLE, amount, unit, net)


def xor(data: bytes) -> int:
    """The block check of many scales."""
    check = 0
    for byte in data:
        check ^= byte
    return check


def check_decimals(decimals: int) -> None:
    """Raises ValueError."""
    if not 0 <= decimals <= 5:
        raise ValueError(f"decimals must be 0 to 5, not {decimals!r}")
