"""Pins that are refused: which error they become, and that a kept error holds no pin."""

from __future__ import annotations

import pytest
from gpiozero.pins.mock import MockFactory

from hardware.dispensers.gpio import GpioDispenser
from hardware.drawers.gpio import GpioDrawer
from hardware.errors import Busy, NotFound
from hardware.pins import release


class Refusing(MockFactory):
    """Pins of a chip that does not give one, in the words of lgpio."""

    def __init__(self, refusal: Exception | None) -> None:
        super().__init__()
        self.refusal = refusal

    def pin(self, name):
        if self.refusal is not None:
            raise self.refusal
        return super().pin(name)


def device(kind: str, factory: Refusing):
    if kind == "drawer":
        return GpioDrawer(pin=17, pin_factory=factory)
    return GpioDispenser(slots={"1": 17}, sensor_pin=5, pin_factory=factory)


@pytest.mark.parametrize("kind", ["drawer", "dispenser"])
@pytest.mark.parametrize(
    ("words", "error"),
    [("GPIO busy", Busy), ("GPIO not allocated", NotFound), ("bad GPIO number", NotFound)],
)
def test_a_refusal_of_the_chip_is_an_error_of_the_device(kind, words, error):
    lgpio = pytest.importorskip("lgpio", reason="lgpio has no wheel for this Python")
    refused = device(kind, Refusing(lgpio.error(words)))
    with pytest.raises(error, match=words) as raised:
        refused.open()
    assert raised.value.mend
    refused.close()


@pytest.mark.parametrize("kind", ["drawer", "dispenser"])
def test_a_pin_that_was_refused_can_be_taken_while_the_error_is_still_reported(kind):
    factory = Refusing(OSError("GPIO busy"))
    taken = device(kind, factory)
    with pytest.raises(Busy) as kept:
        taken.open()
    factory.refusal = None
    taken.open()
    taken.close()
    assert kept.value.device == taken.name


class Watched:
    """A device whose line is busy for so many tries."""

    def __init__(self, busy: int) -> None:
        self.busy = busy
        self.closed = False

    def close(self) -> None:
        self.busy -= 1
        if self.busy >= 0:
            raise OSError(16, "GPIO busy")
        self.closed = True


def test_a_pin_that_is_still_looked_at_is_given_back_a_moment_later(caplog):
    soon, never = Watched(3), Watched(1000)
    release(soon)
    release(never)
    assert soon.closed
    assert not never.closed
    assert "not given back" in caplog.text
