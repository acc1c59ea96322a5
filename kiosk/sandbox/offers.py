"""Orders that wait on a kiosk's screen for somebody to scan them.

    NOTPAY ─► USERPAYING  scanned: the phone asks its holder ─► SUCCESS, or NOTPAY again
           ─► CLOSED      by the merchant, or when it expires

The code on the screen lives two hours; the order as long as the merchant said, else seven days.
"""

from __future__ import annotations

import random
import string
from dataclasses import dataclass

from kiosk.sandbox.clock import Clock
from kiosk.sandbox.fields import Refused
from kiosk.sandbox.order import Order, State, TradeType, Way, Wire
from kiosk.sandbox.orders import Orders
from kiosk.sandbox.store import Store

CODE_URL_LIFE = 7200.0
OFFER_LIFE = 7 * 86400.0
SHORTEST = 60.0


@dataclass(frozen=True, slots=True)
class Offered:
    """What the merchant offers, in fen; `lives` in seconds from now, None for the longest.

    `asked` is the whole request in one form, to tell a repeat from another order.
    """

    out_trade_no: str
    total_fee: int
    body: str
    attach: str
    device_info: str
    sub_mch_id: str
    notify_url: str
    lives: float | None
    asked: str
    wire: Wire


class Offers:
    """Making and scanning them. Every method runs inside the caller's transaction."""

    def __init__(self, store: Store, clock: Clock, chance: random.Random, orders: Orders) -> None:
        self._store = store
        self._clock = clock
        self._chance = chance
        self._orders = orders

    def make(self, offered: Offered) -> Order:
        """A new order, or the same one asked for again; raises Refused."""
        known = self._orders.find(offered.out_trade_no)
        if known is not None:
            if known.state in {State.SUCCESS, State.REFUND}:
                raise Refused("ORDERPAID", "该订单已支付")
            if known.asked != offered.asked:
                raise Refused("OUT_TRADE_NO_USED", "商户订单号重复")
            if known.state not in {State.NOTPAY, State.USERPAYING}:
                raise Refused("ORDERCLOSED", "该订单已关闭")
            return known
        now = self._clock.now()
        lives = self._clock.span(OFFER_LIFE) if offered.lives is None else offered.lives
        if offered.lives is not None and lives < self._clock.span(SHORTEST):
            raise Refused("PARAM_ERROR", "time_expire须至少在1分钟之后")
        letters = string.ascii_letters + string.digits
        order = Order(
            out_trade_no=offered.out_trade_no,
            transaction_id=self._orders.new_transaction_id(now),
            total_fee=offered.total_fee,
            body=offered.body,
            attach=offered.attach,
            device_info=offered.device_info,
            sub_mch_id=offered.sub_mch_id,
            openid="",
            code_mark="",
            state=State.NOTPAY,
            created_at=now,
            way=Way.PHONE,
            due_at=None,
            paid_at=None,
            refunded_at=None,
            trade_type=TradeType.NATIVE,
            expires_at=now + lives,
            code_url="weixin://wxpay/bizpayurl?pr=" + "".join(self._chance.choices(letters, k=9)),
            notify_url=offered.notify_url,
            asked=offered.asked,
            wire=offered.wire,
        )
        self._orders.add(order)
        return order

    def scan(self, code_url: str, openid: str) -> Order:
        """Let a holder's phone scan it; raises ValueError where it is good for nothing."""
        row = self._store.one(
            "SELECT * FROM orders WHERE code_url = ? AND code_url <> ''", code_url
        )
        if row is None:
            raise ValueError("no order has this code_url")
        order = Order.of(row)
        if order.state not in {State.NOTPAY, State.USERPAYING}:
            raise ValueError(f"the order does not wait to be scanned: {order.state.value}")
        if self._clock.now() - order.created_at > self._clock.span(CODE_URL_LIFE):
            raise ValueError("the code_url is older than two hours")
        if order.state is State.USERPAYING and order.openid != openid:
            raise ValueError("somebody else has scanned it")
        self._store.run(
            "UPDATE orders SET state = ?, openid = ? WHERE out_trade_no = ?",
            *(State.USERPAYING.value, openid, order.out_trade_no),
        )
        return self._orders.find(order.out_trade_no) or order
