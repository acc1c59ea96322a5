"""From a slip's elements to the bytes of this printer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from hardware.printers.escpos import PLAIN, Slip, Style
from hardware.printers.escpos import Align as PaperAlign
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

_ALIGN = {
    Align.LEFT: PaperAlign.LEFT,
    Align.CENTRE: PaperAlign.CENTRE,
    Align.RIGHT: PaperAlign.RIGHT,
}


def job(elements: Iterable[SlipElement], profile: Profile) -> bytes:
    """The whole print job."""
    slip = Slip(profile)
    for element in elements:
        _add(slip, element)
    return slip.encode()


def _add(slip: Slip, element: SlipElement) -> None:
    match element:
        case TextLine(text=text, align=align):
            slip.text(text, _style(element), _ALIGN[align])
        case Columns(left=left, right=right):
            slip.pair(left, right, _style(element))
        case Ruler():
            slip.rule()
        case Barcode(data=data):
            slip.barcode(data)
        case QrCode(data=data):
            slip.qr(data)
        case Feed(lines=lines):
            slip.feed(lines)
        case Cut():
            slip.cut()
        case _:
            assert_never(element)


def _style(element: TextLine | Columns) -> Style:
    if not (element.bold or element.large):
        return PLAIN
    return Style(bold=element.bold, wide=element.large, tall=element.large)
