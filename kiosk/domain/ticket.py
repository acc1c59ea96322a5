"""The kitchen ticket of one station: what to prepare, in letters that are read from a step away.

    [TEST]  COPY when it was printed before
    station · table or take-away · number of the order
    quantity × name, one line each, in the order of the basket, its options indented below
    time · the whole number for whoever has a question, as a bar code too where orders are served

No prices: they are nobody's business there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kiosk.domain.order import Totals
from kiosk.domain.receipt import china_time, pick_up_number
from kiosk.domain.serving import EAT_IN, NOBODY, TAKE_AWAY, Serving
from kiosk.domain.slip import Align, Barcode, Cut, Feed, Ruler, SlipElement, TextLine

_WORDS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "test": "测试 TEST · 请勿制作",
        "copy": "副本 COPY · 可能已出过单",
        "order": "取餐号",
        "table": "桌号",
        EAT_IN: "堂食",
        TAKE_AWAY: "外带",
    },
    "en": {
        "test": "TEST · do not prepare",
        "copy": "COPY · may have come before",
        "order": "Order",
        "table": "Table",
        EAT_IN: "Eat in",
        TAKE_AWAY: "Take away",
    },
}


@dataclass(frozen=True, slots=True)
class Ticket:
    """All that a ticket says; `ordered_ms` is wall-clock time, `language` the station's."""

    station: str
    out_trade_no: str
    ordered_ms: int
    totals: Totals
    language: str = "zh"
    test: bool = False
    copy: bool = False
    serving: Serving = NOBODY


def ticket(wanted: Ticket) -> tuple[SlipElement, ...]:
    """The elements of a ticket, top to bottom; an unknown language is printed in Chinese."""
    words = _WORDS.get(wanted.language, _WORDS["zh"])
    number = pick_up_number(wanted.out_trade_no)
    return (
        *_marks(wanted, words),
        TextLine(wanted.station, Align.CENTRE, bold=True),
        *_served(wanted.serving, words),
        TextLine(f"{words['order']} {number}", Align.CENTRE, bold=True, large=True),
        Ruler(),
        *_lines(wanted),
        Ruler(),
        TextLine(china_time(wanted.ordered_ms)),
        TextLine(wanted.out_trade_no),
        *((Barcode(wanted.out_trade_no),) if wanted.serving else ()),
        *_marks(wanted, words),
        Feed(3),
        Cut(),
    )


def _marks(wanted: Ticket, words: Mapping[str, str]) -> Iterator[SlipElement]:
    if wanted.test:
        yield TextLine(words["test"], Align.CENTRE, bold=True)
    if wanted.copy:
        yield TextLine(words["copy"], Align.CENTRE, bold=True)


def _served(serving: Serving, words: Mapping[str, str]) -> Iterator[SlipElement]:
    """Where it goes, before anything else: to a table, over the counter, or into a bag."""
    if serving:
        how = words.get(serving.service, serving.service)
        at = f"{words['table']} {serving.table}" if serving.table else how
        yield TextLine(at, Align.CENTRE, bold=True, large=True)


def _lines(wanted: Ticket) -> Iterator[SlipElement]:
    for priced in wanted.totals.lines:
        line = priced.line
        if line.product.station == wanted.station:
            name = line.product.name(wanted.language)
            yield TextLine(f"{line.quantity_text} × {name}", bold=True, large=True)
            for option in line.options:
                yield TextLine(f"  {option.name(wanted.language)}", bold=True, large=True)
