"""Two tills on one payment, lost answers, power cuts: never more back than was paid, and an end."""

from __future__ import annotations

import os
import tempfile
from collections import deque
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from kiosk.channels.channel import ChannelError
from kiosk.domain.money import Money
from kiosk.domain.payment import FoundPaid, Method, PayError, Payment, Submit
from kiosk.domain.refund import RefundState
from kiosk.ledger import Ledger
from kiosk.refunds import RefundRefused, Refunds
from tests.refunds.conftest import LIMIT, MARCH, PAID, FarSide, Till


class PowerCut(BaseException):
    """The machine is off; nothing of what runs can write any more."""


class CutLedger(Ledger):
    """A ledger on a machine whose power goes at the given moments, counted over all writes."""

    def __init__(self, directory, clock_ms, cuts):
        super().__init__(directory, clock_ms)
        self._cuts = cuts  # shared by all lives of the till: how many moments until the next cut
        self._off = False

    def tick(self):
        if self._cuts and not self._off:
            self._cuts[0] -= 1
            if self._cuts[0] < 0:
                self._cuts.popleft()
                self._off = True
                self.close()
        if self._off:
            raise PowerCut

    def open_refund(self, refund):
        self.tick()
        after = super().open_refund(refund)
        self.tick()
        return after

    def record_refund(self, out_refund_no, event):
        self.tick()
        after = super().record_refund(out_refund_no, event)
        self.tick()
        return after

    def refund(self, out_refund_no):
        if self._off:
            raise PowerCut
        return super().refund(out_refund_no)


class CutTill(Till):
    """A till that starts again after every power cut, and goes on."""

    def __init__(self, place, far, script, cuts):
        self._cuts = deque(cuts)
        super().__init__(place, far, script)

    def start(self):
        self.ledger = CutLedger(self._place, lambda: MARCH + int(self.now * 1000), self._cuts)
        self.channel.before = self.channel.after = self.ledger.tick
        self.ledger.recover()
        self.refunds = Refunds(self.ledger, {"wechatpay": self.channel}, LIMIT)

    def do(self, work):
        """Do it, or have the power cut amid it and start again."""
        try:
            return work()
        except (RefundRefused, ChannelError):
            return None
        except PowerCut:
            self.start()
            return None

    def ask(self, fen):
        self.do(lambda: self.refunds.request("1", fen, "x"))

    def step(self):
        """Step every refund that is open; when the next step is due."""
        self.do(self.refunds.due)
        dues = [
            self.do(lambda number=each.out_refund_no: self.refunds.step(number, self.now))
            for each in self.ledger.unsettled_refunds()
        ]
        return min((due for due in dues if due is not None), default=self.now)


words = st.lists(
    st.sampled_from(["truth", "truth", "truth", "lost", "dropped", "unsent", "slow", "refused"]),
    max_size=12,
)
cuts = st.lists(st.integers(0, 15), max_size=3)
ends = st.lists(
    st.sampled_from([["DONE"], ["PROCESSING", "DONE"], ["CLOSED"], ["ABNORMAL", "DONE"]]),
    max_size=4,
)
actions = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.integers(0, 1), st.sampled_from([300, 300, 700, PAID])),
        st.tuples(st.just("step"), st.integers(0, 1), st.just(0)),
    ),
    max_size=14,
)


@settings(max_examples=150, deadline=None)
@given(st.booleans(), ends, actions, st.tuples(words, words), st.tuples(cuts, cuts))
@example(
    late=False,
    ends=[],
    actions=[("ask", 0, 300), ("ask", 1, 300), *[("step", till, 0) for till in (0, 1, 0, 1)]],
    scripts=(["truth", "slow"], ["truth", "lost"]),
    cuts=([5], [4]),
)
@example(
    late=False,
    ends=[["CLOSED"]],
    actions=[("ask", 0, 700), ("ask", 1, 300), *[("step", till, 0) for till in (0, 1, 0, 1)]],
    scripts=([], []),
    cuts=([], []),
)
def test_tills_never_give_back_more_than_was_paid_and_every_refund_ends(
    late, ends, actions, scripts, cuts
):
    # In memory where there is such a place: the cuts are ours, so the disk need not be real.
    with tempfile.TemporaryDirectory(dir=_MEMORY) as name:
        far = FarSide(ends=deque(ends))
        tills = [CutTill(Path(name) / str(at), far, scripts[at], cuts[at]) for at in (0, 1)]
        try:
            _sell(tills[0], late=late)
            for what, at, fen in actions:
                if what == "ask":
                    tills[at].ask(fen)
                else:
                    tills[at].now = max(tills[at].now, tills[at].step())
                assert far.back("1", "PROCESSING", "DONE", "ABNORMAL") <= PAID
            _to_the_end(tills)
            far.finish()
            _demand_the_books(far, tills, late=late)
        finally:
            for till in tills:
                till.ledger.close()


_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def _sell(till, *, late):
    if not late:
        till.sells()
        return
    payment = Payment("1", "v1", "wechatpay", Method.FACE, Money(PAID), MARCH)
    till.ledger.open_payment(payment, {})
    for event in (Submit(1), PayError("x"), FoundPaid("T1", PAID)):
        till.ledger.record("1", event)
    till.channel.far.paid["1"] = PAID


def _to_the_end(tills):
    for _ in range(200):
        dues = [till.step() for till in tills]
        if not any(till.ledger.unsettled_refunds() for till in tills):
            return
        for till, due in zip(tills, dues, strict=True):
            till.now = max(till.now, due)
    raise AssertionError("a refund never ended")


def _demand_the_books(far, tills, *, late):
    """What the tills hold to be done is what was done, by number and by amount."""
    done = {}
    for till in tills:
        refunds = till.ledger.refunds_of("1")
        assert all(each.final for each in refunds)
        for each in refunds:
            if each.state is RefundState.DONE:
                assert far.made[each.out_refund_no].fen == each.amount.fen
                done[each.out_refund_no] = each.amount.fen
        assert till.ledger.verify().faults == ()
    assert done == {no: made.fen for no, made in far.made.items() if made.state == "DONE"}
    assert sum(done.values()) == far.back() <= PAID
    left = sum(due.left_fen for due in tills[0].ledger.refunds_due())
    own = [x for x in tills[0].ledger.refunds_of("1") if x.state is RefundState.DONE]
    assert left == (PAID - sum(x.amount.fen for x in own) if late else 0)
