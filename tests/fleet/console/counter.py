"""A till whose entries have their times, with baskets, refunds and slips as a kiosk writes them."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

from kiosk.domain.basket import Line
from kiosk.domain.catalogue import Product, SoldBy
from kiosk.domain.money import Money
from kiosk.domain.order import Discount, PricedLine, Totals, totals_to_json
from kiosk.domain.payment import (
    Approved,
    Declined,
    Event,
    GiveUp,
    Method,
    Payment,
    Submit,
    Unclear,
    event_to_json,
    payment_to_json,
)
from kiosk.domain.receipt import CHINA
from kiosk.domain.refund import Refund, RefundDone, SendRefund, refund_event_to_json, refund_to_json
from tests.fleet.till import Till

SERIALS = itertools.count(1)
SHELF = (
    Product("山泉水 550ml", "Spring water 550 ml", Money(200), plu=1, tax_bp=1300),
    Product("红富士苹果", "Fuji apples", Money(998), plu=2, sold_by=SoldBy.WEIGHT, tax_bp=900),
    Product("金枪鱼饭团", "Tuna rice ball", Money(680), plu=3, tax_bp=1300),
    Product("冰美式", "Iced americano", Money(1500), plu=4, tax_bp=600),
)


class Counter(Till):
    """`terminal_id` begins its numbers."""

    def __init__(self, terminal_id: str) -> None:
        super().__init__()
        self.terminal_id = terminal_id
        self.sent = 0

    def number(self, at_ms: int) -> str:
        at = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(CHINA)
        return f"{self.terminal_id}{at:%Y%m%d%H%M%S}{next(SERIALS):06d}"

    def begin(self, at_ms: int, channel="wechatpay", method=Method.FACE, size=3) -> Payment:
        """A payment of a basket whose request has left."""
        basket = bought(size)
        number, due = self.number(at_ms), basket.total
        payment = Payment(number, f"v{number}", channel, method, due, at_ms)
        body = {"payment": payment_to_json(payment), "basket": totals_to_json(basket)}
        self.write("payment_opened", number, body, at_ms)
        self.happens(payment, Submit(at_ms), at_ms)
        return payment

    def happens(self, payment: Payment, event: Event, at_ms: int) -> None:
        self.write("payment", payment.out_trade_no, event_to_json(event), at_ms)

    def sale(self, at_ms: int, channel="wechatpay", method=Method.FACE, size=3) -> Payment:
        """One that is paid, with its slip."""
        payment = self.begin(at_ms, channel, method, size)
        number = payment.out_trade_no
        self.happens(payment, Approved(f"4200{number}", payment.amount.fen), at_ms + 1200)
        self.write("delivery_started", number, {"kind": "slip", "body": {}}, at_ms + 1300)
        self.write("delivery_ended", number, {"result": "done"}, at_ms + 2100)
        return payment

    def declined(self, at_ms: int, **how) -> Payment:
        payment = self.begin(at_ms, **how)
        self.happens(payment, Declined("NOTENOUGH", "余额不足"), at_ms + 900)
        return payment

    def unknown(self, at_ms: int, **how) -> Payment:
        payment = self.begin(at_ms, **how)
        self.happens(payment, Unclear("time-out"), at_ms + 10_000)
        return payment

    def undoing(self, at_ms: int, **how) -> Payment:
        payment = self.unknown(at_ms, **how)
        self.happens(payment, GiveUp("the query policy is spent"), at_ms + 45_000)
        return payment

    def back(self, payment: Payment, fen: int, at_ms: int, reason="商品破损") -> None:
        """A refund that is done."""
        name = f"{payment.out_trade_no}R1"
        refund = Refund(
            name,
            payment.out_trade_no,
            payment.channel,
            payment.amount,
            Money(fen),
            reason,
            at_ms,
        )
        self.write("refund_opened", name, {"refund": refund_to_json(refund)}, at_ms)
        for event in (SendRefund(at_ms), RefundDone(f"50{name}", fen)):
            self.write("refund", name, refund_event_to_json(event), at_ms + 800)

    def unsent(self) -> bytes:
        """What was written since it was asked for the last time."""
        lines = self.lines(self.sent + 1)
        self.sent = len(self.entries)
        return lines


def bought(size: int) -> Totals:
    """A basket of `size` lines."""
    lines = []
    for at in range(size):
        product = SHELF[at % len(SHELF)]
        weighed = product.sold_by is SoldBy.WEIGHT
        line = Line(at + 1, product, 1 if weighed else 1 + at % 3, 642 if weighed else None)
        lines.append(PricedLine(line))
    off = Discount("会员立减", "Member discount", Money(100))
    lines[0] = PricedLine(lines[0].line, (off,))
    return Totals(tuple(lines))
