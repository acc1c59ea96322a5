"""Tills that give money back through a channel that follows a script and remembers the money."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import pytest

from kiosk.channels.channel import (
    KnownRefund,
    NotFound,
    NotSent,
    OutcomeUnknown,
    Refused,
    Settled,
)
from kiosk.domain.money import Money
from kiosk.domain.payment import Approved, Method, Payment, Submit
from kiosk.domain.refund import RefundAbnormal, RefundAccepted, RefundClosed, RefundDone
from kiosk.ledger import Ledger
from kiosk.refunds import Refunds

MARCH = 1_772_340_896_000
PAID = 1000
LIMIT = 5000


@dataclass
class Made:
    """A refund at the far side; `ends` are the states that the next queries bring."""

    refund_id: str
    out_trade_no: str
    fen: int
    ends: deque
    state: str = "PROCESSING"

    def answer(self):
        match self.state:
            case "PROCESSING":
                return RefundAccepted(self.refund_id)
            case "DONE":
                return RefundDone(self.refund_id, self.fen)
            case "ABNORMAL":
                return RefundAbnormal("CHANGE")
            case _:
                return RefundClosed("REFUNDCLOSE")


@dataclass
class FarSide:
    """The channel's own books: one refund of a number, never more back than was paid."""

    paid: dict[str, int] = field(default_factory=dict)
    made: dict[str, Made] = field(default_factory=dict)
    ends: deque = field(default_factory=deque)  # how the next refunds end, each a list of states

    def back(self, out_trade_no="1", *states):
        states = states or ("DONE",)
        found = [x for x in self.made.values() if x.out_trade_no == out_trade_no]
        return sum(x.fen for x in found if x.state in states)

    def make(self, order):
        known = self.made.get(order.out_refund_no)
        if known is not None:
            return known.answer() if known.fen == order.amount.fen else RefundClosed("NUMBER_TAKEN")
        number = order.out_trade_no
        gone = self.back(number, "PROCESSING", "DONE", "ABNORMAL")
        if order.paid.fen != self.paid[number] or gone + order.amount.fen > self.paid[number]:
            return RefundClosed("REFUND_FEE_INVALID")
        ends = deque(self.ends.popleft() if self.ends else ["DONE"])
        made = Made(f"50{len(self.made)}", number, order.amount.fen, ends)
        self.made[order.out_refund_no] = made
        return made.answer()

    def look(self, order):
        made = self.made.get(order.out_refund_no)
        if made is None:
            return NotFound()
        if made.ends:
            made.state = made.ends.popleft()
        return made.answer() if made.fen == order.amount.fen else RefundClosed("NUMBER_TAKEN")

    def finish(self):
        """Time passes: whatever was made comes to its end, whether a till knows of it or not."""
        for made in self.made.values():
            while made.ends:
                made.state = made.ends.popleft()

    def settled(self, number):
        if number not in self.paid:
            return NotFound()
        return Settled(
            number,
            f"T{number}",
            Money(self.paid[number]),
            tuple(
                KnownRefund(no, Money(x.fen), x.answer())
                for no, x in self.made.items()
                if x.out_trade_no == number
            ),
        )


class ScriptedChannel:
    """Does what its script says, call by call; without a script it is up and tells the truth.

    truth, unsent, lost (done, no answer), dropped (not done, no answer), refused,
    slow (no answer; arrives with a later call of this till)
    """

    name = "wechatpay"
    sandbox = True

    def __init__(self, far, script=()):
        self.far = far
        self.script = deque(script)
        self.calls = []
        self.orders = []
        self.before = lambda: None
        self.after = lambda: None
        self._late = None

    def refund(self, order):
        return self._called("refund", order, lambda: self.far.make(order))

    def query_refund(self, order):
        return self._called("query", order, lambda: self.far.look(order))

    def settled(self, out_trade_no="", transaction_id=""):
        number = out_trade_no or transaction_id.removeprefix("T")
        return self._called("settled", None, lambda: self.far.settled(number))

    def _called(self, what, order, carry_out):
        self.calls.append(what)
        if order is not None:
            self.orders.append(order)
        self.before()
        if self._late is not None:
            self._late()
            self._late = None
        said = self.script.popleft() if self.script else "truth"
        answer = carry_out() if said in ("truth", "lost") else None
        if said == "slow":
            self._late = carry_out
        self.after()
        match said:
            case "truth":
                return answer
            case "unsent":
                raise NotSent("no route")
            case "refused":
                raise Refused("ERROR", "not now")
            case "defect":
                raise ZeroDivisionError
            case _:
                raise OutcomeUnknown("time-out")


class Till:
    """One kiosk: its ledger, its line to the channel, its refunds; `now` is its steady clock."""

    def __init__(self, place, far, script=(), limit=LIMIT):
        self.channel = ScriptedChannel(far, script)
        self._place = place
        self._limit = limit
        self.now = 0.0
        self.start()

    def start(self):
        """As after a power cut."""
        self.ledger = Ledger(self._place, lambda: MARCH + int(self.now * 1000))
        self.ledger.recover()
        self.refunds = Refunds(self.ledger, {"wechatpay": self.channel}, self._limit)

    def restart(self):
        self.ledger.close()
        self.start()

    def sells(self, number="1", fen=PAID):
        """A payment of this till that was paid."""
        payment = Payment(number, f"v{number}", "wechatpay", Method.FACE, Money(fen), MARCH)
        self.ledger.open_payment(payment, {})
        self.ledger.record(number, Submit(MARCH))
        self.channel.far.paid[number] = fen
        return self.ledger.record(number, Approved(f"T{number}", fen))

    def run(self, number, steps=100):
        """Step whenever it is due until it is final; the refund, and when each step was."""
        times = []
        for _ in range(steps):
            times.append(self.now)
            due = self.refunds.step(number, self.now)
            if due is None:
                return self.ledger.refund(number), times
            assert due >= self.now
            self.now = due
        raise AssertionError("it never ended")


@pytest.fixture
def far():
    return FarSide()


@pytest.fixture
def new_till(tmp_path, far):
    tills = []

    def new_till(name="a", script=(), limit=LIMIT):
        tills.append(Till(tmp_path / name, far, script, limit))
        return tills[-1]

    yield new_till
    for till in tills:
        till.ledger.close()


@pytest.fixture
def till(new_till):
    """A till that sold payment "1"."""
    till = new_till()
    till.sells()
    return till
