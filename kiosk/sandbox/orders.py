"""Orders at the wallet: what a pay call makes, what time and the phone make of it.

    pay ─► SUCCESS ──────────────────────── reverse ─► REVOKED (refunded in full)
                   ◄─► REFUND              see refunds.py
        ─► USERPAYING ─► SUCCESS | PAYERROR  the shopper confirms or refuses
                      ─► CLOSED              45 s after the pay call
        ─► NOTPAY     ─► CLOSED              declined: no money, the code is spent
        ─► PAYERROR                          asks to be reversed
    any ─► REVOKED                           reverse, 15 s to 7 d after the pay call

An order that the shopper scans is born elsewhere (offers.py), and is closed, never reversed.

A reverse of a number nobody has paid with leaves a REVOKED order behind: a pay call that arrives
after it is refused, or "reversed" would prove nothing.
"""

from __future__ import annotations

import random
from dataclasses import asdict
from typing import assert_never

from kiosk.sandbox.clock import Clock, stamp
from kiosk.sandbox.fields import Refused
from kiosk.sandbox.order import OPEN, Ending, Order, Payer, State, TradeType, Way
from kiosk.sandbox.store import Store
from kiosk.sandbox.wallet import Wallet
from kiosk.sandbox.wire import Fields

CLOSES_AFTER = 45.0
REVERSIBLE_AFTER = 15.0
REVERSIBLE_FOR = 7 * 86400.0
PASSWORD_ABOVE = 100_000
"""Above 1000 yuan the wallet always asks for the password."""


_REPEATS = {
    State.SUCCESS: ("ORDERPAID", "该订单已支付"),
    State.REFUND: ("ORDERPAID", "该订单已支付"),
    State.CLOSED: ("ORDERCLOSED", "该订单已关闭，请重新下单"),
    State.REVOKED: ("ORDERREVERSED", "该订单已撤销，请重新下单"),
    State.USERPAYING: ("USERPAYING", "需要用户输入支付密码"),
    State.PAYERROR: ("PAYERROR", "支付失败，请撤销订单重新支付"),
    State.NOTPAY: ("OUT_TRADE_NO_USED", "商户订单号重复"),
}

_FIRST = {Way.NOW: State.NOTPAY, Way.DECLINE: State.NOTPAY, Way.FAIL: State.PAYERROR}
"""The state an order is born in; USERPAYING for every other way."""


class Orders:
    """All orders. Every method runs inside the caller's transaction."""

    def __init__(self, store: Store, clock: Clock, chance: random.Random, wallet: Wallet) -> None:
        self._store = store
        self._clock = clock
        self._chance = chance
        self._wallet = wallet

    def find(self, out_trade_no: str = "", transaction_id: str = "") -> Order | None:
        """By either number, the wallet's own first."""
        if transaction_id:
            query, value = "SELECT * FROM orders WHERE transaction_id = ?", transaction_id
        else:
            query, value = "SELECT * FROM orders WHERE out_trade_no = ?", out_trade_no
        row = self._store.one(query, value)
        return None if row is None else Order.of(row)

    def every(self) -> list[Order]:
        """Newest first."""
        rows = self._store.all("SELECT * FROM orders ORDER BY created_at DESC, out_trade_no")
        return [Order.of(row) for row in rows]

    def pay(self, fields: Fields, code: str, trade_type: TradeType, ending: Ending) -> Order:
        """Carry out one checked pay request; raises Refused, after which an order may exist.

        The caller commits in both cases: a refusal spends the code too.
        """
        known = self.find(fields["out_trade_no"])
        if known is not None:
            raise self._repeated(known, fields, code)
        openid = self._wallet.spend(code, fields)
        if fields.get("openid") not in {None, "", openid}:
            raise Refused("PARAM_ERROR", "openid与face_code不匹配")
        order = self._created(fields, Payer(openid, self._wallet.mark(code), trade_type), ending)
        match ending.way:
            case Way.DECLINE:
                raise Refused(ending.code, "支付失败")
            case Way.FAIL:
                raise Refused("PAYERROR", "支付失败，请撤销订单重新支付")
            case Way.CONFIRM | Way.REFUSE | Way.PHONE | Way.FOREVER:
                raise Refused("USERPAYING", "需要用户输入支付密码")
            case Way.NOW:
                if self._take_money(order, order.created_at, State.NOTPAY) is not State.SUCCESS:
                    raise Refused("NOTENOUGH", "余额不足，请更换支付方式")
            case Way.UNSEEN:
                raise ValueError("a pay call is seen")
            case _:
                assert_never(ending.way)
        return self._again(order)

    def reverse(self, fields: Fields) -> None:
        """Undo an order, by either number; raises Refused."""
        out_trade_no = fields.get("out_trade_no", "")
        order = self.find(out_trade_no, fields.get("transaction_id", ""))
        if order is None:
            if not out_trade_no:
                raise Refused("INVALID_TRANSACTIONID", "无效的transaction_id")
            self._tombstone(out_trade_no)
            return
        if out_trade_no not in {"", order.out_trade_no}:
            raise Refused("PARAM_ERROR", "transaction_id与out_trade_no不匹配")
        age = self._clock.now() - order.created_at
        if order.state is State.REVOKED:
            return
        if order.trade_type is TradeType.NATIVE:
            raise Refused("TRADE_ERROR", "该订单不支持撤销，请使用关单或退款")
        if age < self._clock.span(REVERSIBLE_AFTER):
            raise Refused("INVALID_REQUEST", "支付后15秒内不能撤销订单，请稍后再试")
        if age > self._clock.span(REVERSIBLE_FOR):
            raise Refused("REVERSE_EXPIRE", "订单超过7天无法撤销，请使用退款")
        if order.state is State.REFUND:
            raise Refused("TRADE_ERROR", "订单已转入退款，不能撤销")
        refunded_at = None
        if order.state is State.SUCCESS:
            self._wallet.credit(order.openid, order.total_fee, order.coupon_fee)
            refunded_at = self._clock.now()
        self._store.run(
            "UPDATE orders SET state = ?, refunded_at = ? WHERE out_trade_no = ?",
            *(State.REVOKED.value, refunded_at, order.out_trade_no),
        )

    def close(self, order: Order) -> None:
        """Close an order that nobody has paid; raises Refused. Code orders are only reversed."""
        if order.state in {State.SUCCESS, State.REFUND}:
            raise Refused("ORDERPAID", "该订单已支付")
        if order.trade_type is TradeType.NATIVE:
            self.become(order, State.CLOSED)
            return
        raise Refused("268449641", "该订单不支持关单，请使用撤销")

    def decide(self, out_trade_no: str, *, confirmed: bool) -> Order | None:
        """The phone's answer; None where no such order waits for one."""
        order = self.find(out_trade_no)
        if order is None or order.state is not State.USERPAYING:
            return None
        # Who has scanned a code on a screen may scan it again, or somebody else may.
        failed = State.NOTPAY if order.trade_type is TradeType.NATIVE else State.PAYERROR
        if confirmed:
            self._take_money(order, self._clock.now(), failed)
        else:
            self.become(order, failed)
        return self._again(order)

    def sweep(self) -> None:
        """Let time do what it has done since the last call: payments due, orders closed."""
        now = self._clock.now()
        for row in self._store.all(
            "SELECT * FROM orders WHERE state IN (?, ?) AND way <> 'forever'",
            *(state.value for state in OPEN),
        ):
            order = Order.of(row)
            closes_at = order.expires_at
            if closes_at is None:
                closes_at = order.created_at + self._clock.span(CLOSES_AFTER)
            if order.due_at is not None and order.due_at <= min(now, closes_at):
                if order.way is Way.CONFIRM:
                    self._take_money(order, order.due_at, State.PAYERROR)
                else:
                    self.become(order, State.PAYERROR)
            elif now >= closes_at:
                self.become(order, State.CLOSED)

    def money_taken(self) -> int:
        """Fen of all orders that are paid and not reversed."""
        return self._store.total(
            "SELECT sum(total_fee) FROM orders WHERE state IN ('SUCCESS', 'REFUND')"
        )

    def become(self, order: Order, state: State) -> State:
        """Give an order another state."""
        self._store.run(
            "UPDATE orders SET state = ? WHERE out_trade_no = ?", state.value, order.out_trade_no
        )
        return state

    def _repeated(self, order: Order, fields: Fields, code: str) -> Refused:
        """Why a number that is known cannot pay again."""
        same = (order.total_fee, order.body, order.sub_mch_id) == (
            int(fields["total_fee"]),
            fields["body"],
            fields.get("sub_mch_id", ""),
        )
        if not same and order.body:
            return Refused("OUT_TRADE_NO_USED", "商户订单号重复")
        other_code = self._wallet.mark(code) != order.code_mark
        if order.state is State.USERPAYING and other_code:
            return Refused("BUYER_MISMATCH", "支付帐号错误，同一订单不能更换付款人")
        return Refused(*_REPEATS[order.state])

    def _created(self, fields: Fields, payer: Payer, ending: Ending) -> Order:
        now = self._clock.now()
        timed = ending.way in {Way.CONFIRM, Way.REFUSE}
        order = Order(
            out_trade_no=fields["out_trade_no"],
            transaction_id=self.new_transaction_id(now),
            total_fee=int(fields["total_fee"]),
            body=fields["body"],
            attach=fields.get("attach", ""),
            device_info=fields.get("device_info", ""),
            sub_mch_id=fields.get("sub_mch_id", ""),
            openid=payer.openid,
            code_mark=payer.code_mark,
            state=_FIRST.get(ending.way, State.USERPAYING),
            created_at=now,
            way=ending.way,
            due_at=now + self._clock.span(ending.after) if timed else None,
            paid_at=None,
            refunded_at=None,
            trade_type=payer.trade_type,
            coupon_fee=min(ending.coupon, int(fields["total_fee"])),
            coupon_borne=ending.borne,
        )
        self.add(order)
        return order

    def _tombstone(self, out_trade_no: str) -> None:
        now = self._clock.now()
        number = self.new_transaction_id(now)
        blank = ("", "", "", "", "", "")
        self.add(
            Order(out_trade_no, number, 0, *blank, State.REVOKED, now, Way.UNSEEN, *(None,) * 3)
        )

    def add(self, order: Order) -> None:
        """Keep a new order."""
        row = {name: getattr(value, "value", value) for name, value in asdict(order).items()}
        columns, marks = ", ".join(row), ", ".join("?" * len(row))
        self._store.run(
            f"INSERT INTO orders ({columns}) VALUES ({marks})",  # noqa: S608  only our names
            *row.values(),
        )

    def _take_money(self, order: Order, at: float, otherwise: State) -> State:
        if not self._wallet.debit(order.openid, order.total_fee, order.coupon_fee):
            return self.become(order, otherwise)
        self._store.run(
            "UPDATE orders SET state = ?, paid_at = ? WHERE out_trade_no = ?",
            *(State.SUCCESS.value, at, order.out_trade_no),
        )
        return State.SUCCESS

    def _again(self, order: Order) -> Order:
        found = self.find(order.out_trade_no)
        return order if found is None else found

    def new_transaction_id(self, now: float) -> str:
        """A number of the wallet's own for an order made now."""
        return f"4200{stamp(now)[:8]}{self._chance.randrange(10**16):016d}"
