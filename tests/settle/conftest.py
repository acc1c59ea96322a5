"""A channel that follows a script, with a memory of the money like the real ones have."""

from __future__ import annotations

from collections import deque

import pytest

from kiosk.channels.channel import (
    NotFound,
    NotSent,
    OutcomeUnknown,
    PayOrder,
    QueryPolicy,
    Refused,
    Token,
    TokenKind,
)
from kiosk.domain.money import Money
from kiosk.domain.payment import Approved, Declined, Method, PayError, Payment, Reversed, Waiting
from kiosk.ledger import Ledger
from kiosk.settle import Settle

MARCH = 1_772_340_896_000
POLICY = QueryPolicy(
    query_after=5,
    query_every=5,
    give_up_after=45,
    reverse_not_before=15,
    reverse_pauses=(2, 4, 8),
    undo_window=600,
)
TOKEN = Token(TokenKind.CODE, "134567890123456789")


class ScriptedChannel:
    """Does what its script says, call by call; without a script it is up and tells the truth.

    pay      approved, declined, waiting, payerror, unsent,
             lost (done, no answer), dropped (not done, no answer), slow (arrives with a later call)
    query    truth, unsent, lost, refused, absent ("not found", whatever is true)
    reverse  done, lost (done, no answer), unsent, dropped, refused
    """

    name = "wechatpay"
    sandbox = True

    def __init__(self, pay="approved", query=(), reverse=(), fen=100, policy=POLICY):
        self.policy = policy
        self._pay = pay
        self._query = deque(query)
        self._reverse = deque(reverse)
        self._fen = fen
        self.record = None  # None: never heard of it; "paid", "waiting", "failed", "undone"
        self.slow = False
        self.calls = []
        self.before = lambda: None
        self.after = lambda: None

    @property
    def held(self):
        return self._fen if self.record == "paid" else 0

    def pay(self, order, token):
        self._called("pay")
        after = {
            "approved": "paid",
            "lost": "paid",
            "declined": "failed",
            "waiting": "waiting",
            "payerror": "failed",
        }
        self.record = after.get(self._pay)
        self.slow = self._pay == "slow"
        self.after()
        match self._pay:
            case "approved":
                return Approved("T1", self._fen)
            case "declined":
                return Declined("NOTENOUGH")
            case "waiting":
                return Waiting("USERPAYING")
            case "payerror":
                return PayError("PAYERROR")
            case "unsent":
                raise NotSent("connection refused")
            case "defect":
                raise ZeroDivisionError
            case _:
                raise OutcomeUnknown("time-out")

    def query(self, order):
        self._called("query")
        said = self._query.popleft() if self._query else "truth"
        self._arrive()
        self.after()
        self._trouble(said)
        match self.record if said != "absent" else None:
            case "paid":
                return Approved("T1", self._fen)
            case "waiting":
                return Waiting("USERPAYING")
            case "failed" | "undone":
                return Declined("CLOSED")
            case _:
                return NotFound()

    def reverse(self, order):
        self._called("reverse")
        said = self._reverse.popleft() if self._reverse else "done"
        self._arrive()
        if said in ("done", "lost"):
            self.record, self.slow = "undone", False
        self.after()
        self._trouble(said)
        return Reversed()

    def check(self):
        pass

    def confirm(self):
        """The shopper types his password."""
        self.record = "paid"

    def _arrive(self):
        if self.slow and self.record is None:
            self.record, self.slow = "paid", False

    def _called(self, what):
        self.calls.append(what)
        self.before()

    @staticmethod
    def _trouble(said):
        if said == "unsent":
            raise NotSent("no route")
        if said in ("lost", "dropped"):
            raise OutcomeUnknown("time-out")
        if said == "refused":
            raise Refused("REVERSE_EXPIRE", "too late")


def order_of(payment):
    return PayOrder(payment.out_trade_no, payment.amount, "goods")


def opened(ledger, number="1"):
    payment = Payment(number, "v1", "wechatpay", Method.CODE, Money(100), MARCH)
    return ledger.open_payment(payment, {"total_fen": 100})


def run(settle, number, now, steps=400):
    """Step whenever it is due until it is final; answers the time of the last step."""
    for _ in range(steps):
        due = settle.step(number, now)
        if due is None:
            return now
        assert due >= now
        now = due
    raise AssertionError("it never ended")


@pytest.fixture
def ledger(tmp_path):
    ledger = Ledger(tmp_path, lambda: MARCH)
    yield ledger
    ledger.close()


@pytest.fixture
def settling(ledger):
    """A payment that is open, and who settles it through `channel`."""

    def settling(channel):
        opened(ledger)
        return Settle(ledger, {"wechatpay": channel}, order_of)

    return settling
