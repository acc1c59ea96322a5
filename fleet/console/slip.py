"""The slip of a payment, drawn again from what its entries hold.

The priced basket, the tenders and the numbers are the ledger's. The shop's name and address are the
register's and the language is the reader's: no entry says what the printer's settings were. So the
drawing says of itself that it is one.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import segno

from fleet import tables
from fleet.console.markup import Markup, join, tag
from fleet.console.questions.payments import Booked, Noted, payment
from fleet.console.view import NotThere, View
from kiosk.domain.order import totals_from_json
from kiosk.domain.payment import Payment, State
from kiosk.domain.receipt import Receipt, Shop, slip
from kiosk.domain.serving import serving_of
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


class NoSlip(Exception):
    """There is none to draw; `why` is the key of the sentence."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def receipt(view: View, booked: Booked, entries: Sequence[Noted], language: str) -> Receipt:
    """What the slip says. Raises NoSlip."""
    if booked.payment.state is not State.PAID:
        raise NoSlip("slip.not_paid")
    opened = next((each.body for each in entries if each.kind == "payment_opened"), {})
    basket = opened.get("basket")
    if not isinstance(basket, dict) or not basket.get("lines"):
        raise NoSlip("slip.no_basket")
    try:
        totals = totals_from_json(basket)
        parts = _parts(view, booked, basket.get("paid") or ())
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise NoSlip("slip.unreadable") from error
    number = booked.payment.out_trade_no
    begun = next(
        (x.at_ms for x in entries if x.kind == "delivery_started" and x.key == number), None
    )
    return Receipt(
        shop=_shop(view, booked),
        terminal_id=booked.who.terminal_id,
        printed_ms=begun or booked.ended_ms,
        totals=totals,
        payment=booked.payment,
        parts=parts,
        language=language,
        link=f"kiosk:{number}",
        serving=serving_of(basket),
    )


def drawn(printed: Receipt) -> Markup:
    """The slip as it looks on paper."""
    return tag("div", join(_element(each) for each in slip(printed)), class_="paper")


def _parts(view: View, booked: Booked, paid: Sequence[dict[str, str]]) -> tuple[Payment, ...]:
    found = [payment(view, booked.who, each["out_trade_no"]).payment for each in paid]
    return tuple(each for each in found if each.state is State.PAID)


def _shop(view: View, booked: Booked) -> Shop:
    terminal = view.terminal(booked.who)
    store = tables.store
    query = view.select(store).where(
        store.c.merchant_id == booked.who.merchant_id, store.c.store_id == terminal.store_id
    )
    try:
        row = view.one(query)
    except NotThere:
        return Shop({"zh": terminal.store_id}, {})
    return Shop({"zh": row.name}, {"zh": row.address})


def _element(element: SlipElement) -> Markup | None:
    match element:
        case TextLine(text=text, align=align, bold=bold, large=large):
            return tag("p", text, class_=_style(bold=bold, large=large, align=align))
        case Columns(left=left, right=right, bold=bold, large=large):
            sides = (tag("span", left), tag("span", right))
            return tag("p", *sides, class_=f"columns {_style(bold=bold, large=large)}")
        case Ruler():
            return tag("hr")
        case Barcode(data=data):
            return tag("p", data, class_="barcode")
        case QrCode(data=data):
            return _qr(data)
        case Feed():
            return tag("div", class_="feed")
        case Cut():
            return None


def _style(*, bold: bool, large: bool, align: Align = Align.LEFT) -> str:
    words = ["bold"] * bold + ["large"] * large + [align.value.lower()]
    return " ".join(words)


def _qr(data: str) -> Markup:
    out = io.BytesIO()
    segno.make(data, error="m").save(out, kind="svg", scale=3, border=0, xmldecl=False)
    # Drawn here; the text itself is only in its dots.
    return tag("div", Markup(out.getvalue().decode()), class_="qr", role="img", aria_label=data)
