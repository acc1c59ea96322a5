"""Refunds at the wallet: what a refund call makes, and what time makes of it.

    accepted ─► PROCESSING ─► SUCCESS      the shopper has the money
                           ─► CHANGE       his account is dead: the money waits for the merchant
                           ─► REFUNDCLOSE  refused later: the order may be refunded again

An order with a refund that is not closed is in state REFUND. The same out_refund_no is the same
refund, however often it is asked for. Laws: the refunds of an order that are not closed never add
up to more than it; money leaves the merchant when a refund ends in SUCCESS, and not before.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import astuple

from kiosk.sandbox.clock import Clock, stamp
from kiosk.sandbox.fields import Refused
from kiosk.sandbox.order import Order, State
from kiosk.sandbox.orders import Orders
from kiosk.sandbox.refund import Course, Refund, RefundState, Wanted
from kiosk.sandbox.store import Store
from kiosk.sandbox.wallet import Wallet

REFUNDABLE_FOR = 365 * 86400.0
BETWEEN_PARTS = 60.0
MOST_PARTS = 50


class Refunds:
    """All refunds. Every method runs inside the caller's transaction."""

    def __init__(
        self, store: Store, clock: Clock, chance: random.Random, wallet: Wallet, orders: Orders
    ) -> None:
        self._store = store
        self._clock = clock
        self._chance = chance
        self._wallet = wallet
        self._orders = orders

    def find(self, out_refund_no: str = "", refund_id: str = "") -> Refund | None:
        """By either number, the wallet's own first."""
        column, value = ("refund_id", refund_id) if refund_id else ("out_refund_no", out_refund_no)
        found = self._where(f"{column} = ?", value)
        return found[0] if found else None

    def of_order(self, out_trade_no: str) -> list[Refund]:
        """An order's refunds, the oldest first."""
        return self._where("out_trade_no = ?", out_trade_no)

    def request(self, order: Order | None, wanted: Wanted, course: Course) -> Refund:
        """Accept a refund, or find the one with this number; raises Refused."""
        known = self.find(wanted.out_refund_no)
        if known is not None:
            same = order is not None and known.out_trade_no == order.out_trade_no
            if not same or (known.fen, wanted.total) != (wanted.fen, order and order.total_fee):
                raise Refused("ERROR", "订单金额或退款金额与之前请求不一致，请核实后再试")
            return known
        if order is None:
            raise Refused("INVALID_TRANSACTIONID", "无效的transaction_id或out_trade_no")
        self._check(order, wanted)
        refund = self._accepted(order, wanted, course)
        self._orders.become(order, State.REFUND)
        self.sweep()
        return self.find(wanted.out_refund_no) or refund

    def sweep(self) -> list[Refund]:
        """End every refund whose time has come; those that have ended now."""
        now = self._clock.now()
        due = self._where("state = 'PROCESSING' AND due_at <= ?", now)
        return [self._ended(refund, refund.due_at or now) for refund in due]

    def left(self, order: Order) -> int:
        """Fen of an order that can still be refunded."""
        gone = [refund.fen for refund in self._open(order.out_trade_no)]
        return order.total_fee - sum(gone)

    def total(self, *states: RefundState) -> int:
        """Fen of all refunds in these states."""
        marks = ", ".join("?" * len(states))
        return self._store.total(
            f"SELECT sum(fen) FROM refund WHERE state IN ({marks})",  # noqa: S608  only marks
            *(state.value for state in states),
        )

    def by_order(self) -> dict[str, dict[str, int]]:
        """out_trade_no → fen that are done, and fen still under way."""
        rows = self._store.all(
            "SELECT out_trade_no, sum(iif(state = 'SUCCESS', fen, 0)) AS done,"
            " sum(iif(state IN ('PROCESSING', 'CHANGE'), fen, 0)) AS in_flight"
            " FROM refund GROUP BY out_trade_no ORDER BY out_trade_no"
        )
        return {row.pop("out_trade_no"): row for row in rows}

    def _check(self, order: Order, wanted: Wanted) -> None:
        """Raise Refused where the rules forbid a new refund of this order."""
        if order.state not in {State.SUCCESS, State.REFUND} or order.paid_at is None:
            raise Refused("ERROR", "订单未支付或已撤销，不能退款")
        if wanted.total != order.total_fee:
            raise Refused("ERROR", "订单金额与原支付金额不一致，请核实后再试")
        now = self._clock.now()
        if now - order.paid_at > self._clock.span(REFUNDABLE_FOR):
            raise Refused("TRADE_OVERDUE", "订单已经超过退款期限")
        if wanted.fen > self.left(order):
            raise Refused("REFUND_FEE_INVALID", "累计退款金额大于支付金额")
        earlier = self._open(order.out_trade_no)
        if len(earlier) >= MOST_PARTS:
            raise Refused("ERROR", "订单部分退款已达50次上限")
        if earlier and now - earlier[-1].requested_at < self._clock.span(BETWEEN_PARTS):
            raise Refused("FREQUENCY_LIMITED", "同一订单两次退款须间隔1分钟，请稍后重试")

    def _accepted(self, order: Order, wanted: Wanted, course: Course) -> Refund:
        now = self._clock.now()
        refund = Refund(
            refund_id=f"5030{stamp(now)[:8]}{self._chance.randrange(10**16):016d}",
            out_refund_no=wanted.out_refund_no,
            out_trade_no=order.out_trade_no,
            fen=wanted.fen,
            account=wanted.account,
            reason=wanted.reason,
            notify_url=wanted.notify_url,
            state=RefundState.PROCESSING,
            ends_as=course.state,
            requested_at=now,
            due_at=None if course.after is None else now + self._clock.span(course.after),
            ended_at=None,
            wire=wanted.wire,
        )
        values = [getattr(value, "value", value) for value in astuple(refund)]
        marks = ", ".join("?" * len(values))
        self._store.run(f"INSERT INTO refund VALUES ({marks})", *values)  # noqa: S608  only marks
        return refund

    def _ended(self, refund: Refund, at: float) -> Refund:
        """Give it the state it was to end in, and move the money."""
        self._store.run(
            "UPDATE refund SET state = ends_as, ended_at = ? WHERE refund_id = ?",
            *(at, refund.refund_id),
        )
        order = self._orders.find(refund.out_trade_no)
        if order is not None and refund.ends_as is RefundState.SUCCESS:
            self._wallet.credit(order.openid, refund.fen, order.coupon_of(refund.fen))
        if order is not None and not self._open(refund.out_trade_no):
            self._orders.become(order, State.SUCCESS)
        return self.find(refund_id=refund.refund_id) or refund

    def _open(self, out_trade_no: str) -> Sequence[Refund]:
        """An order's refunds that are not closed."""
        return self._where("out_trade_no = ? AND state <> 'REFUNDCLOSE'", out_trade_no)

    def _where(self, condition: str, *values: object) -> list[Refund]:
        rows = self._store.all(
            f"SELECT * FROM refund WHERE {condition} ORDER BY requested_at, rowid",  # noqa: S608  ours
            *values,
        )
        return [Refund.of(row) for row in rows]
