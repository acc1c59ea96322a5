"""Wallets in memory with the sandbox's rules, for laws that need many runs and no sockets.

    pay      paid at once, declined, waits for the phone (closed after 45 s), or fails
    reverse  15 s to 7 days after the pay call; of a number never seen, it refuses that number
    refund   once for a number, never more than was taken

    ScannedWallet    present: an order for a phone, closed after two minutes
                     reverse: at any time, unless it is paid; unclear while it may still arrive

`line` says what becomes of the next calls on the way: "lost" (done, no answer), "dropped" (not
done, no answer), "unsent" (surely not sent), "late" (done some seconds later, no answer), else an
answer.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kiosk.channels.channel import (
    ChannelError,
    NotFound,
    NotSent,
    OutcomeUnknown,
    PayOrder,
    Presented,
    QueryAnswer,
    QueryPolicy,
    RefundAnswer,
    RefundOrder,
    Refused,
    Settled,
    Token,
)
from kiosk.domain.payment import Approved, Declined, PayError, Reversed, Waiting
from kiosk.domain.refund import RefundDone

CLOSES_AFTER = 45.0
REVERSIBLE_AFTER = 15.0
DAY = 86_400.0
LATE = 20.0
QR_LIFE, ARRIVES_WITHIN = 120.0, 120.0


@dataclass(slots=True)
class Order:
    """One order as the wallet has it."""

    fen: int
    state: str
    since: float
    confirms_at: float | None = None


@dataclass(slots=True)
class Wallet:
    """Implements Channel. `now` is the true time, which no clock of the kiosk's changes."""

    name: str = "wechatpay"
    sandbox: bool = True
    policy: QueryPolicy = field(
        default_factory=lambda: QueryPolicy(
            query_after=5,
            query_every=5,
            give_up_after=45,
            reverse_not_before=15,
            reverse_pauses=(2, 4, 8),
        )
    )
    now: float = 0.0
    up: bool = True
    way: str = "now"
    line: dict[str, deque[str]] = field(default_factory=lambda: defaultdict(deque))
    orders: dict[str, Order] = field(default_factory=dict)
    spent: set[str] = field(default_factory=set)
    paid_at: dict[str, float] = field(default_factory=dict)
    back: dict[str, RefundOrder] = field(default_factory=dict)
    closes_after: float = CLOSES_AFTER
    faults: list[str] = field(default_factory=list)
    """What the kiosk did that it must never do."""
    on_call: Callable[[], None] = lambda: None
    _late: list[tuple[float, Callable[[], object]]] = field(default_factory=list)

    def held(self, number: str) -> int:
        """Fen that the wallet holds for a number."""
        order = self.orders.get(number)
        return order.fen if order is not None and order.state == "SUCCESS" else 0

    def given_back(self, number: str) -> int:
        """Fen of a number that went back."""
        return sum(x.amount.fen for x in self.back.values() if x.out_trade_no == number)

    def passes(self, until: float) -> None:
        """Time passes: late calls arrive, phones confirm, orders close."""
        self.now = until
        for due, act in sorted(self._late, key=lambda each: each[0]):
            if due <= until:
                with contextlib.suppress(ChannelError):  # nobody waits for the answer
                    act()
        self._late = [each for each in self._late if each[0] > until]
        for order in self.orders.values():
            if order.state != "USERPAYING":
                continue
            if order.confirms_at is not None and order.confirms_at <= until:
                order.state = "SUCCESS"
            elif until >= order.since + self.closes_after:
                order.state = "CLOSED"

    def decide(self, number: str, *, confirmed: bool) -> None:
        """The phone's answer."""
        order = self.orders.get(number)
        if order is not None and order.state == "USERPAYING":
            order.state = "SUCCESS" if confirmed else "PAYERROR"

    # --- the contract ---------------------------------------------------------------------------

    def pay(self, order: PayOrder, token: Token) -> Approved | Declined | Waiting | PayError:
        if token.value in self.spent or order.out_trade_no in self.paid_at:
            self.faults.append(f"{order.out_trade_no}: sent twice")
        self.paid_at[order.out_trade_no] = self.now
        way = self.way
        return self._send("pay", lambda: self._paid(order, token, way))

    def query(self, order: PayOrder) -> QueryAnswer:
        return self._send("query", lambda: self._told(order.out_trade_no))

    def reverse(self, order: PayOrder) -> Reversed:
        number = order.out_trade_no
        if self.now < self.paid_at.get(number, -DAY) + REVERSIBLE_AFTER:
            self.faults.append(f"{number}: reversed too early")
        return self._send("reverse", lambda: self._reversed(number))

    def refund(self, order: RefundOrder) -> RefundAnswer:
        return self._send("refund", lambda: self._refunded(order))

    def query_refund(self, order: RefundOrder) -> RefundAnswer | NotFound:
        return self._send("query_refund", lambda: self._refund_told(order))

    def settled(self, out_trade_no: str = "", transaction_id: str = "") -> Settled | NotFound:
        raise AssertionError(f"the ledger knows {out_trade_no or transaction_id}")

    def check(self) -> None:
        pass

    # --- inside ---------------------------------------------------------------------------------

    def _send(self, call: str, act: Callable[[], Any]) -> Any:
        self.on_call()
        fault = self.line[call].popleft() if self.line[call] else ""
        if not self.up or fault == "unsent":
            raise NotSent("no route")
        if fault == "late":
            self._late.append((self.now + LATE, act))
        if fault in ("late", "dropped"):
            raise OutcomeUnknown("time-out")
        answer = act()
        self.on_call()
        if fault == "lost":
            raise OutcomeUnknown("time-out")
        return answer

    def _paid(self, order: PayOrder, token: Token, way: str) -> object:
        number, fen = order.out_trade_no, order.amount.fen
        if number in self.orders or token.value in self.spent:
            return Declined("ORDERREVERSED")
        self.spent.add(token.value)
        states = {"now": "SUCCESS", "declined": "NOTPAY", "failed": "PAYERROR"}
        made = Order(fen, states.get(way, "USERPAYING"), self.now)
        made.confirms_at = self.now + 8 if way == "confirms" else None
        self.orders[number] = made
        answers = {
            "now": Approved(f"T{number}", fen),
            "declined": Declined("NOTENOUGH"),
            "failed": PayError("PAYERROR"),
        }
        return answers.get(way, Waiting("USERPAYING"))

    def _told(self, number: str) -> object:
        order = self.orders.get(number)
        if order is None:
            return NotFound()
        answers = {
            "SUCCESS": Approved(f"T{number}", order.fen),
            "USERPAYING": Waiting("USERPAYING"),
            "PAYERROR": PayError("PAYERROR"),
        }
        return answers.get(order.state, Declined(order.state))

    def _reversed(self, number: str) -> Reversed:
        order = self.orders.get(number)
        if order is None:
            self.orders[number] = Order(0, "REVOKED", self.now)
            return Reversed()
        if self.now < order.since + REVERSIBLE_AFTER:
            raise OutcomeUnknown("not yet")
        if self.now > order.since + 7 * DAY and order.state != "REVOKED":
            raise Refused("REVERSE_EXPIRE", "too late")
        order.state = "REVOKED"
        return Reversed()

    def _refunded(self, order: RefundOrder) -> RefundAnswer:
        number = order.out_trade_no
        if order.out_refund_no not in self.back:
            if self.given_back(number) + order.amount.fen > self.held(number):
                raise Refused("NOTENOUGH", "more than was taken")
            self.back[order.out_refund_no] = order
        return self._refund_told(order)

    def _refund_told(self, order: RefundOrder) -> Any:
        known = self.back.get(order.out_refund_no)
        if known is None:
            return NotFound()
        return RefundDone(f"B{order.out_refund_no}", known.amount.fen)


@dataclass(slots=True)
class ScannedWallet(Wallet):
    """Implements QrChannel; the way is "now", "confirms" (later), or anything else: not scanned."""

    name: str = "wechatpay_native"
    policy: QueryPolicy = field(default_factory=lambda: QueryPolicy(2, 2.5, QR_LIFE + 5, 0))
    closes_after: float = QR_LIFE

    def present(self, order: PayOrder) -> Presented:
        number, way = order.out_trade_no, self.way
        if number in self.paid_at:
            self.faults.append(f"{number}: sent twice")
        self.paid_at[number] = self.now
        return self._send("pay", lambda: self._offered(order, way))

    def reverse(self, order: PayOrder) -> Reversed:
        return self._send("reverse", lambda: self._closed(order.out_trade_no))

    def _offered(self, order: PayOrder, way: str) -> Presented:
        number = order.out_trade_no
        made = Order(order.amount.fen, "USERPAYING", self.now)
        made.confirms_at = {"now": self.now + 1, "confirms": self.now + 8}.get(way)
        self.orders[number] = made
        return Presented(f"weixin://wxpay/bizpayurl?pr={number}", QR_LIFE)

    def _closed(self, number: str) -> Reversed:
        order = self.orders.get(number)
        if order is None and self.now < self.paid_at.get(number, -DAY) + ARRIVES_WITHIN:
            raise OutcomeUnknown("not there yet")
        if order is not None and order.state == "SUCCESS":
            raise Refused("ORDERPAID", "paid")
        if order is not None:
            order.state = "CLOSED"
        return Reversed()
