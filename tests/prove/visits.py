"""Random visits of many shoppers, with faults, restarts, power cuts and clocks that jump.

Hypothesis plays the rules in any order against the product's own Ledger and Settle, over a wallet
in memory (`wallet.py`); what fails it makes as short as it can. The laws, at every moment and at
the end, when the network is back and everybody has waited:

    at any moment   a visit is PAID at most once · PAID only where the wallet holds that sum ·
                    no code and no number is sent twice · nothing is reversed too early
    at the end      every payment is final · the wallet holds for each number what the ledger says ·
                    each PAID has one slip owed or ended · the chain holds, the fold agrees
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from kiosk.channels.channel import PayOrder, Token, TokenKind
from kiosk.domain.money import Money
from kiosk.domain.payment import Cancel, Method, Payment, State
from kiosk.ledger import DeliveryState
from kiosk.settle import Settle
from tests.prove.cut_ledger import CutLedger, PowerCut
from tests.prove.wallet import DAY, Wallet

MARCH = 1_772_340_896_000
MEMORY = "/dev/shm"
STEPS = 25
WITHOUT_MONEY = (State.DECLINED, State.CANCELLED, State.REVERSED)


@dataclass(slots=True)
class Count:
    """What was played."""

    runs: int = 0
    payments: int = 0
    cuts: int = 0
    restarts: int = 0
    paid: int = 0


class Visits(RuleBasedStateMachine):
    """One kiosk and its shoppers; `count` is shared by all runs of a proof."""

    count = Count()
    settling: type[Settle] = Settle

    def __init__(self) -> None:
        super().__init__()
        self.count.runs += 1
        self.place = Path(tempfile.mkdtemp(dir=MEMORY if Path(MEMORY).is_dir() else None))
        self.wallet = Wallet()
        self.wallet.on_call = self._tick
        self.wall_ms = MARCH
        self.steady = 100.0
        self.cut_in: int | None = None
        self.off = False
        self.numbers: dict[str, int] = {}
        self.visits: dict[int, list[str]] = {}
        self.dues: dict[str, float] = {}
        self._start()

    def teardown(self) -> None:
        try:
            self._ends()
        finally:
            self.ledger.close()
            shutil.rmtree(self.place, ignore_errors=True)

    # --- what happens ---------------------------------------------------------------------------

    @rule(
        visit=st.integers(0, 3),
        fen=st.integers(1, 500),
        way=st.sampled_from(["now", "now", "declined", "failed", "waits", "confirms"]),
        fault=st.sampled_from(["", "", "lost", "dropped", "unsent", "late"]),
        sent=st.booleans(),
    )
    def pays(self, visit: int, fen: int, way: str, fault: str, sent: bool) -> None:
        """A shopper pays, or opens a payment and walks away; a paid visit is over."""
        if any(self._state(each) is State.PAID for each in self.visits.get(visit, [])):
            visit += 10 * (1 + max(self.visits) // 10)
        number = f"n{len(self.numbers)}"
        payment = Payment(number, f"v{visit}", "wechatpay", Method.CODE, Money(fen), self.wall_ms)
        blocked = any(not self._final(each) for each in self.visits.get(visit, []))
        try:
            self._guarded(lambda: self.ledger.open_payment(payment, {"lines": []}))
        except ValueError:
            assert blocked, "a visit that has no open payment was refused one"
            return
        if self.ledger.payment(number) is None:
            return  # the power went before it was written
        assert not blocked, "a second payment was opened beside one without an end"
        self.numbers[number] = fen
        self.visits.setdefault(visit, []).append(number)
        self.count.payments += 1
        if self._state(number) is not State.NEW:
            return
        if not sent:
            self._guarded(lambda: self.ledger.record(number, Cancel("left")))
            return
        self.wallet.way = way
        if fault:
            self.wallet.line["pay"].append(fault)
        token = Token(TokenKind.CODE, f"code {number}")
        self._guarded(lambda: self.settle.pay(number, token, self.steady))
        self.wallet.line["pay"].clear()

    @rule(seconds=st.sampled_from([1, 5, 10, 16, 46, 90]))
    def waits(self, seconds: int) -> None:
        """Time passes and the jobs do what is due."""
        self._run_until(self.steady + seconds)

    @rule(
        call=st.sampled_from(["query", "reverse"]),
        faults=st.lists(st.sampled_from(["lost", "dropped", "unsent", "late"]), max_size=5),
    )
    def the_line_goes_wrong(self, call: str, faults: list[str]) -> None:
        self.wallet.line[call].extend(faults)

    @rule(up=st.booleans())
    def the_network(self, up: bool) -> None:
        self.wallet.up = up

    @rule(number=st.integers(0, 5), confirmed=st.booleans())
    def the_phone_answers(self, number: int, confirmed: bool) -> None:
        self.wallet.decide(f"n{number}", confirmed=confirmed)

    @rule(number=st.integers(0, 5))
    def gives_up(self, number: int) -> None:
        if f"n{number}" in self.numbers:
            self._guarded(lambda: self.settle.give_up(f"n{number}", "shopper"))

    @rule(hours=st.integers(-900, 900))
    def the_clock_jumps(self, hours: int) -> None:
        self.wall_ms += hours * 3_600_000

    @rule()
    def restarts(self) -> None:
        self.ledger.close()
        self._start()

    @rule(writes=st.integers(1, 12))
    def the_power_will_go(self, writes: int) -> None:
        self.cut_in = writes

    @rule(ended=st.booleans())
    def prints(self, ended: bool) -> None:
        """The slips that are owed are printed; where the printer is slow they stay started."""
        for each in self.ledger.undelivered():
            if each.state is DeliveryState.OWED:
                self._guarded(lambda key=each.key: self.ledger.start_delivery(key, "slip", {}))
            elif ended:
                self._guarded(lambda key=each.key: self.ledger.end_delivery(key, "done"))

    # --- the laws -------------------------------------------------------------------------------

    @invariant()
    def no_visit_is_charged_twice(self) -> None:
        for numbers in self.visits.values():
            paid = [each for each in numbers if self._state(each) is State.PAID]
            assert len(paid) <= 1, paid
            assert all(self.wallet.held(each) == self.numbers[each] for each in paid)
        assert not self.wallet.faults, self.wallet.faults

    def _ends(self) -> None:
        """The network is back, nothing goes wrong any more, everybody waits."""
        self.cut_in, self.wallet.up = None, True
        self.wallet.line.clear()
        self._restart_if_off()
        self._run_until(self.steady + 8 * DAY)
        self.no_visit_is_charged_twice()
        slips = {each.key for each in self.ledger.undelivered()}
        for number in self.numbers:
            payment = self.ledger.payment(number)
            assert payment.final or payment.state is State.NEW, payment
            assert payment.taken_fen == self.wallet.held(number), payment
            assert (payment.state in (*WITHOUT_MONEY, State.NEW)) == (payment.taken_fen == 0)
            owed = number in slips or self.ledger.delivery(number) is not None
            assert owed == (payment.state is State.PAID), payment
            self.count.paid += payment.state is State.PAID
        assert sum(due.fen for due in self.ledger.refunds_due()) == sum(
            self.ledger.payment(each).taken_fen
            for each in self.numbers
            if self._state(each) is State.PAID_LATE
        )
        assert self.ledger.verify().faults == ()

    # --- inside ---------------------------------------------------------------------------------

    def _start(self) -> None:
        self.off = False
        self.count.restarts += 1
        self.steady += 1000.0  # the steady clock of another boot has nothing to do with the last
        self.ledger = CutLedger(self.place, lambda: self.wall_ms, self._tick, self._alive)
        self._guarded(self.ledger.recover)
        self.settle = self.settling(self.ledger, {"wechatpay": self.wallet}, _order_of)
        self.dues.clear()

    def _tick(self) -> None:
        if self.cut_in is not None:
            self.cut_in -= 1
            if self.cut_in <= 0:
                self.cut_in, self.off = None, True
                self.count.cuts += 1
                self.ledger.close()
        self._alive()

    def _alive(self) -> None:
        if self.off:
            raise PowerCut

    def _guarded(self, act: Callable[[], object]) -> None:
        try:
            act()
        except PowerCut:
            self._restart_if_off()

    def _restart_if_off(self) -> None:
        if self.off:
            self._start()

    def _run_until(self, end: float) -> None:
        """As the jobs do: each payment is stepped when it is due, and no earlier."""
        end_true = self.wallet.now + (end - self.steady)
        while self.wallet.now < end_true:
            open_now = [each.out_trade_no for each in self.ledger.unsettled()]
            due = min((self.dues.get(each, self.steady) for each in open_now), default=None)
            rest = end_true - self.wallet.now
            pause = rest if due is None else min(max(due - self.steady, 0.0), rest)
            self.steady += pause
            self.wallet.passes(self.wallet.now + pause)
            for number in open_now:
                if self.dues.get(number, self.steady) <= self.steady:
                    self._guarded(lambda number=number: self._step(number))
            if not open_now or all(self._state(each) is State.NEW for each in open_now):
                self.wallet.passes(end_true)

    def _step(self, number: str) -> None:
        due = self.settle.step(number, self.steady)
        self.dues[number] = self.steady + 1e9 if due is None else max(due, self.steady + 0.5)

    def _state(self, number: str) -> State:
        return self.ledger.payment(number).state

    def _final(self, number: str) -> bool:
        return self.ledger.payment(number).final


def _order_of(payment: Payment) -> PayOrder:
    return PayOrder(payment.out_trade_no, payment.amount, "goods")


def play(
    runs: int,
    number: int,
    count: Count,
    settling: type[Settle] = Settle,
    *,
    shorten: bool = True,
) -> None:
    """Play so many runs, those of seed `number`; raises what Hypothesis found, made short."""

    class Counted(Visits):
        pass

    Counted.count, Counted.settling = count, settling
    run_state_machine_as_test(
        seed(number)(Counted),
        settings=settings(
            max_examples=runs,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink) if shorten else (Phase.generate,),
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
