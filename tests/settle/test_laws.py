"""Whatever the channel answers and wherever the power goes: charged once, and the books say so."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.payment import State
from kiosk.ledger import Ledger
from kiosk.settle import Settle
from tests.settle.conftest import MARCH, POLICY, TOKEN, ScriptedChannel, opened, order_of


class PowerCut(BaseException):
    """The machine is off; nothing of what runs can write any more."""


class CutLedger(Ledger):
    """A ledger on a machine whose power goes at the given moments, counted over all writes."""

    def __init__(self, directory, clock_ms, power):
        super().__init__(directory, clock_ms)
        self._power = power
        self._off = False

    def tick(self):
        if self._power.goes_now():
            self._off = True
            self.close()
        if self._off:
            raise PowerCut

    def record(self, out_trade_no, event):
        self.tick()
        after = super().record(out_trade_no, event)
        self.tick()
        return after

    def payment(self, out_trade_no):
        if self._off:
            raise PowerCut
        return super().payment(out_trade_no)


class Power:
    """Goes off at the moments in `cuts`, each once."""

    def __init__(self, cuts):
        self._cuts = cuts
        self._moment = 0

    def goes_now(self):
        self._moment += 1
        return self._moment in self._cuts


channels = st.builds(
    ScriptedChannel,
    pay=st.sampled_from(
        ["approved", "declined", "waiting", "payerror", "unsent", "lost", "dropped", "slow"]
    ),
    query=st.lists(st.sampled_from(["truth", "unsent", "lost", "refused", "absent"]), max_size=9),
    reverse=st.lists(st.sampled_from(["done", "lost", "unsent", "dropped", "refused"]), max_size=5),
    fen=st.sampled_from([100, 100, 100, 90]),
    # Few queries until the deadline, so that scripts reach what comes after it.
    policy=st.sampled_from([POLICY, replace(POLICY, query_every=20)]),
)


@settings(max_examples=150, deadline=None)
@given(
    channels,
    st.lists(st.integers(1, 14), max_size=3),
    st.none() | st.integers(1, 8),
    st.none() | st.floats(0, 60),
)
def test_every_payment_ends_and_is_paid_if_and_only_if_the_channel_keeps_the_money(
    channel, cuts, confirm_after, give_up_at
):
    # In memory where there is such a place: the cuts are ours, so the disk need not be real.
    with tempfile.TemporaryDirectory(dir=_MEMORY) as name:
        _law(Path(name), channel, cuts, confirm_after, give_up_at)


_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def _law(place, channel, cuts, confirm_after, give_up_at):
    power = Power(cuts)
    boot = 0.0
    for _ in range(len(cuts) + 1):
        boot += 1000.0
        try:
            payment = _live(place, channel, power, boot, confirm_after, give_up_at)
            break
        except PowerCut:
            continue
    assert payment.final
    assert payment.state in (State.PAID, State.PAID_LATE, *_WITHOUT_MONEY)
    assert payment.taken_fen == channel.held
    assert (payment.state is State.PAID) <= (channel.held == 100)
    assert channel.calls.count("pay") <= 1
    assert (payment.state in _WITHOUT_MONEY) == (channel.held == 0)
    ledger = Ledger(place, lambda: MARCH)
    try:
        assert sum(due.fen for due in ledger.refunds_due()) == (
            channel.held if payment.state is State.PAID_LATE else 0
        )
        owed = [delivery.key for delivery in ledger.undelivered()]
        assert owed == (["1"] if payment.state is State.PAID else [])
        assert ledger.unsettled() == []
        assert ledger.verify().faults == ()
    finally:
        ledger.close()


_WITHOUT_MONEY = (State.DECLINED, State.CANCELLED, State.REVERSED)


def _live(place, channel, power, now, confirm_after, give_up_at):
    """One life of the machine, from its start to the end of the payment or of the power."""
    ledger = CutLedger(place, lambda: MARCH, power)
    channel.before = channel.after = ledger.tick
    try:
        ledger.recover()
        settle = Settle(ledger, {"wechatpay": channel}, order_of)
        started = now
        if ledger.payment("1") is None:
            opened(ledger)
            settle.pay("1", TOKEN, now)
        for _ in range(400):
            due = settle.step("1", now)
            if due is None:
                return ledger.payment("1")
            assert due >= now
            now = due
            if channel.record == "waiting" and len(channel.calls) == confirm_after:
                channel.confirm()
            if give_up_at is not None and now >= started + give_up_at:
                settle.give_up("1", "cancelled")
            if channel.calls[-1:] == ["reverse"]:
                assert now >= started + POLICY.reverse_not_before
        raise AssertionError("it never ended")
    finally:
        ledger.close()
