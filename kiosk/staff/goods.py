"""What of a payment did not come out, as the staff's screen shows it.

waiting                    not begun, or under way
failed, unknown, late      for the staff: a ticket is printed as a COPY, a drop is closed by hand
copied                     a COPY of the ticket came out since
handed, not_handed         staff gave the goods of a drop to the shopper, or did not
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kiosk.deliver import taken, word_of
from kiosk.domain.catalogue import Product
from kiosk.domain.order import totals_from_json
from kiosk.domain.owed import KITCHEN, Item, owed_keys
from kiosk.ledger import Delivery, DeliveryState, Ledger
from kiosk.messages.staff import GoodsRow

LACKING = frozenset({"failed", "unknown", "late"})
_HANDED = {"handed over": "handed", "not handed over": "not_handed"}


def goods(ledger: Ledger, out_trade_no: str) -> tuple[GoodsRow, ...]:
    """Everything that was not simply given out, in the order it was owed. Raises LedgerError."""
    basket = ledger.basket_of(out_trade_no) or {}
    return tuple(_rows(ledger, out_trade_no, basket))


def _rows(ledger: Ledger, out_trade_no: str, basket: Mapping[str, Any]) -> Iterator[GoodsRow]:
    if "owed" not in basket:
        return
    sold = [each.line.product for each in totals_from_json(basket).lines]
    products = {product.code: product for product in sold}
    for key, item in owed_keys(out_trade_no, basket):
        delivery = ledger.delivery(key)
        if delivery is None or taken(delivery.result):
            continue
        state = _state(ledger, delivery)
        ticket = item["kind"] == KITCHEN
        may = "" if state not in LACKING else "ticket" if ticket else "close"
        names = {one: _name(item, products, one) for one in ("zh", "en")}
        yield GoodsRow(key, str(item["kind"]), names, state, may)


def _state(ledger: Ledger, delivery: Delivery) -> str:
    if delivery.state is not DeliveryState.ENDED:
        return "waiting"
    if any(taken(each.result) for each in _after(ledger, f"{delivery.key}/copy")):
        return "copied"
    for each in _after(ledger, f"{delivery.key}/staff"):
        if each.result in _HANDED:
            return _HANDED[each.result]
    return word_of(delivery.result)


def _after(ledger: Ledger, front: str) -> Iterator[Delivery]:
    index = 1
    while (delivery := ledger.delivery(f"{front}-{index}")) is not None:
        yield delivery
        index += 1


def _name(item: Item, products: Mapping[str, Product], language: str) -> str:
    if item["kind"] == KITCHEN:
        return str(item["station"])
    return f"{products[item['line']].name(language)} · {item['slot']}"
