"""What is tried of a device that is open already: on site, or when the service provider orders it.

A printer prints a slip on which everything can be seen that goes wrong with printers; a drawer is
told to open; of the others their health is told. Goods never drop here.
"""

from __future__ import annotations

from collections.abc import Iterator

from hardware.devices import CashDrawer, Condition, DrawerState, Health
from hardware.printers.profile import Profile
from kiosk.domain.slip import (
    Align,
    Barcode,
    Columns,
    Cut,
    Feed,
    QrCode,
    Ruler,
    SlipElement,
    TextLine,
)
from kiosk.paper import job
from kiosk.statistics import CAME_OUT, SlipPrinter


class DidNotWork(Exception):
    """It was tried and did not do what it should; the sentence says why, and the mend."""


def print_slip(printer: SlipPrinter, head: str, number: str) -> str:
    """A test slip; `head` says who prints and when, `number` names the job.

    Raises DidNotWork, and DeviceError where nothing was sent.
    """
    lines = test_slip(printer.profile, head, number)
    result = printer.print(job(lines, printer.profile), number)
    if result.outcome not in CAME_OUT:
        raise DidNotWork(f"{result.outcome.value}: {result.reason}. {result.mend}".strip())
    return f"a test slip is printed ({result.outcome.value})"


def test_slip(profile: Profile, head: str, number: str) -> Iterator[SlipElement]:
    """Width, code page, bar code, QR code and cut."""
    yield TextLine("测试 TEST", Align.CENTRE, bold=True, large=True)
    yield TextLine(head, Align.CENTRE)
    yield Ruler()
    yield TextLine("".join(str(n % 10) for n in range(1, profile.columns + 1)))
    yield Columns("左 LEFT", "右 RIGHT")
    yield TextLine("中文 ￥12.80 简体 ABC abc 0123", bold=True)
    yield Ruler()
    yield Barcode(number)
    yield QrCode(number)
    yield Feed(1)
    yield Cut()


def kick(drawer: CashDrawer) -> DrawerState:
    """Open it, and what its switch says then. Raises DeviceError."""
    drawer.open_drawer()
    return drawer.is_open()


def healthy(health: Health) -> str:
    """In words; raises DidNotWork where it is not well."""
    said = ". ".join(filter(None, (health.condition.value, health.cause, health.mend)))
    if health.condition is Condition.BAD:
        raise DidNotWork(said)
    return said
