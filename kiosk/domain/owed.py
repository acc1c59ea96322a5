"""What a paid basket owes beside its slip: a ticket for every station, a drop for every piece.

    [{"kind": "kitchen", "station": "kitchen"}, {"kind": "drop", "slot": 3, "line": "6901…"}]

The list is written with the payment, as `owed` of its priced basket, and only where there is
something in it. From the entry that makes the basket paid each of them is owed under a key of its
own, `{out_trade_no}/{kind}-{n}`, with n from 1 within the kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kiosk.domain.order import Totals, totals_to_json
from kiosk.domain.payment import Payment
from kiosk.domain.serving import NOBODY, Serving, serving_to_json

KITCHEN = "kitchen"
DROP = "drop"

Item = Mapping[str, Any]
"""One thing that is owed, as it is written."""


def owed(priced: Totals) -> list[dict[str, object]]:
    """One kitchen item for every station in the order of the lines, then one drop a piece."""
    products = [line.line.product for line in priced.lines]
    stations = dict.fromkeys(product.station for product in products if product.station)
    tickets: list[dict[str, object]] = [
        {"kind": KITCHEN, "station": station} for station in stations
    ]
    drops: list[dict[str, object]] = [
        {"kind": DROP, "slot": line.line.product.slot, "line": line.line.product.code}
        for line in priced.lines
        if line.line.product.slot is not None
        for _ in range(line.line.quantity)
    ]
    return tickets + drops


def basket_to_keep(priced: Totals, serving: Serving = NOBODY) -> dict[str, object]:
    """The priced basket as it is written with a payment, with what it owes and how it is served."""
    body, items = {**totals_to_json(priced), **serving_to_json(serving)}, owed(priced)
    return {**body, "owed": items} if items else body


def owed_keys(out_trade_no: str, basket: Mapping[str, Any]) -> Iterator[tuple[str, Item]]:
    """Every item of a basket that was kept, with the key of its delivery."""
    count: dict[str, int] = {}
    for item in basket.get("owed", ()):
        kind = str(item["kind"])
        count[kind] = count.get(kind, 0) + 1
        yield f"{out_trade_no}/{kind}-{count[kind]}", item


def parts_before(basket: Mapping[str, Any]) -> dict[str, int]:
    """The fen of each part that was paid before, by its number."""
    return {part["out_trade_no"]: part["fen"] for part in basket.get("paid", ())}


def due_after(payment: Payment, basket: Mapping[str, Any]) -> int:
    """The fen of the basket that are still due when this payment is PAID.

    A basket without a total belongs to one payment.
    """
    paid = sum(parts_before(basket).values()) + payment.amount.fen
    return int(basket.get("total_fen", paid)) - paid
