"""A basket that waits under a number until its shopper comes back, and what it costs him then.

    P 0001 0042     the number on its slip: the terminal's last four digits, then the basket's own

On the day it was suspended a basket keeps its prices. On another day it is priced anew: each of
its goods as the price book has them then, and what the shop does not sell any more is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from kiosk.domain.basket import Basket, Line
from kiosk.domain.catalogue import Product
from kiosk.domain.order import Totals
from kiosk.domain.receipt import Shop, amount_text, china_time
from kiosk.domain.slip import (
    Align,
    Barcode,
    Columns,
    Cut,
    Feed,
    Ruler,
    SlipElement,
    TextLine,
)

MOST = 9999
_NUMBER = re.compile(r"P[0-9]{8}")


def parked_number(terminal_id: str, index: int) -> str:
    """The number of a terminal's basket; indexes begin anew behind `MOST`."""
    return f"P{terminal_id[-4:]}{index:04d}"


def is_parked_number(text: str) -> bool:
    """Whether the text is the number of a suspended basket, of this or of another till."""
    return _NUMBER.fullmatch(text) is not None


def same_day(one_ms: int, other_ms: int) -> bool:
    """Whether both times are on one day of the shop."""
    return china_time(one_ms)[:10] == china_time(other_ms)[:10]


@dataclass(frozen=True, slots=True)
class Repriced:
    """A basket at today's prices; `gone` are the lines that cannot be sold any more."""

    basket: Basket
    gone: tuple[Line, ...] = ()


def repriced(basket: Basket, find: Callable[[str], Product | None]) -> Repriced:
    """Each line with the product as `find` knows it by its code now.

    What a label states stays, since it stands on the goods.
    """
    kept, gone = [], []
    for line in basket.lines:
        product = find(line.product.code)
        if product is None or product.sold_by is not line.product.sold_by:
            gone.append(line)
        else:
            kept.append(replace(line, product=product))
    return Repriced(replace(basket, lines=tuple(kept)), tuple(gone))


# --- its slip -----------------------------------------------------------------------------------

_WORDS = {
    "zh": {
        "title": "挂起的购物篮",
        "unpaid": "未付款，不是收据",
        "time": "时间",
        "items": "件数",
        "total": "合计",
        "show": "请凭此条到本机，找店员继续结账",
    },
    "en": {
        "title": "Parked basket",
        "unpaid": "Not paid. This is no receipt.",
        "time": "Time",
        "items": "Items",
        "total": "Total",
        "show": "Show this to our staff at this till to go on.",
    },
}


def parked_slip(
    shop: Shop, number: str, at_ms: int, priced: Totals, language: str
) -> tuple[SlipElement, ...]:
    """What the shopper keeps until he comes back; it says twice that nothing is paid."""
    words = _WORDS.get(language, _WORDS["zh"])
    return (
        TextLine(words["title"], Align.CENTRE, bold=True, large=True),
        TextLine(words["unpaid"], Align.CENTRE, bold=True),
        TextLine(shop.name.get(language) or shop.name.get("zh", ""), Align.CENTRE),
        Ruler(),
        Columns(words["time"], china_time(at_ms)),
        Columns(words["items"], str(priced.count)),
        Columns(words["total"], amount_text(priced.total)),
        Ruler(),
        TextLine(number[-4:], Align.CENTRE, bold=True, large=True),
        Barcode(number),
        Feed(),
        TextLine(words["show"], Align.CENTRE),
        Feed(3),
        Cut(),
    )
