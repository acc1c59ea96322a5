"""Random visits of many shoppers, with faults, restarts, power cuts and clocks that jump.

Hypothesis plays the rules in any order against the product's own Ledger, Settle and Refunds, over
two wallets in memory (`wallet.py`): one takes codes, one makes orders for phones. What fails it
makes as short as it can. The laws, at every moment and at the end, when the network is back and
everybody has waited:

    at any moment   PAID of a visit is at most its total · PAID only where a wallet took that sum ·
                    no code and no number is sent twice · nothing is reversed too early
    at the end      every payment is final · the wallets took for each number what the ledger says ·
                    they hold PAID + PAID_LATE - refunds done · nothing of PAID_LATE or of a visit
                    that was left is kept · each visit that is paid has one slip owed or ended ·
                    the chain holds, the fold agrees
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
from kiosk.domain.refund import RefundState
from kiosk.ledger import DeliveryState
from kiosk.refunds import Refunds
from kiosk.settle import Settle
from tests.prove.cut_ledger import CutLedger, PowerCut
from tests.prove.wallet import DAY, ScannedWallet, Wallet

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
    qr: int = 0
    parts: int = 0
    left: int = 0
    given_back: int = 0


class Visits(RuleBasedStateMachine):
    """One kiosk and its shoppers; `count` is shared by all runs of a proof."""

    count = Count()
    settling: type[Settle] = Settle
    refunding: type[Refunds] = Refunds

    def __init__(self) -> None:
        super().__init__()
        self.count.runs += 1
        self.place = Path(tempfile.mkdtemp(dir=MEMORY if Path(MEMORY).is_dir() else None))
        self.wallet = Wallet()
        self.scanned = ScannedWallet()
        self.wallets = {each.name: each for each in (self.wallet, self.scanned)}
        for wallet in self.wallets.values():
            wallet.on_call = self._tick
        self.wall_ms = MARCH
        self.steady = 100.0
        self.cut_in: int | None = None
        self.off = False
        self.numbers: dict[str, int] = {}
        self.visits: dict[int, list[str]] = {}
        self.totals: dict[int, int] = {}
        self.left: set[int] = set()
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
        way=st.sampled_from(
            ["now", "now", "now", "declined", "failed", "waits", "confirms", "walks away"]
        ),
        fault=st.sampled_from(["", "", "lost", "dropped", "unsent", "late"]),
        by=st.sampled_from([Method.CODE, Method.CODE, Method.QR]),
        share=st.sampled_from([1, 1, 2, 3]),
    )
    def pays(self, visit: int, fen: int, way: str, fault: str, by: Method, share: int) -> None:
        """A shopper pays all or a share of what is due, or opens a payment and walks away.

        A visit that is paid or was left is over; the next shopper's total is `fen`.
        """
        if visit in self.left or (visit in self.totals and not self._due(visit)):
            visit += 10 * (1 + max(self.visits) // 10)
        self.totals.setdefault(visit, fen)
        self.visits.setdefault(visit, [])
        number = f"n{len(self.numbers)}"
        payment = self._next(visit, number, by, max(1, self._due(visit) // share))
        blocked = any(not self._final(each) for each in self.visits[visit])
        try:
            self._guarded(lambda: self.ledger.open_payment(payment, self._basket(visit)))
        except ValueError:
            assert blocked, "a visit that has no open payment was refused one"
            return
        if self.ledger.payment(number) is None:
            return  # the power went before it was written
        assert not blocked, "a second payment was opened beside one without an end"
        self.numbers[number] = payment.amount.fen
        self.visits[visit].append(number)
        self.count.payments += 1
        self.count.qr += by is Method.QR
        self.count.parts += payment.amount.fen < self.totals[visit]
        if self._state(number) is not State.NEW:
            return
        if way == "walks away":
            self._guarded(lambda: self.ledger.record(number, Cancel("left")))
            return
        wallet = self.wallets[payment.channel]
        wallet.way = way
        if fault:
            wallet.line["pay"].append(fault)
        token = Token(TokenKind.CODE, f"code {number}")
        if by is Method.QR:
            self._guarded(lambda: self.settle.present(number, self.steady))
        else:
            self._guarded(lambda: self.settle.pay(number, token, self.steady))
        wallet.line["pay"].clear()

    @rule(visit=st.integers(0, 3), fen=st.integers(2, 500))
    def pays_a_part(self, visit: int, fen: int) -> None:
        """A third of what is due, and nothing goes wrong."""
        self.pays(visit, fen, "now", "", Method.CODE, 3)

    @rule(at=st.integers(0, 3))
    def leaves(self, at: int) -> None:
        """A shopper goes away, most often from what he has paid in parts."""
        waiting = self.ledger.parts()
        visit = int(waiting[at % len(waiting)].visit_id[1:]) if waiting else at
        blocked = any(not self._final(each) for each in self.visits.get(visit, []))
        parts = [each for each in waiting if each.visit_id == f"v{visit}"]
        try:
            self._guarded(lambda: self.ledger.abandon(f"v{visit}", "left"))
        except ValueError:
            assert blocked, "a visit without an open payment could not be left"
            return
        if parts and not any(each.visit_id == f"v{visit}" for each in self.ledger.parts()):
            assert not blocked, "a visit was left with a payment that has no end"
            self.left.add(visit)
            self.count.left += 1

    @rule(seconds=st.sampled_from([1, 5, 10, 16, 46, 90]))
    def waits(self, seconds: int) -> None:
        """Time passes and the jobs do what is due."""
        self._run_until(self.steady + seconds)

    @rule(
        call=st.sampled_from(["query", "reverse", "refund", "query_refund"]),
        faults=st.lists(st.sampled_from(["lost", "dropped", "unsent", "late"]), max_size=5),
    )
    def the_line_goes_wrong(self, call: str, faults: list[str]) -> None:
        for wallet in self.wallets.values():
            wallet.line[call].extend(faults)

    @rule(up=st.booleans())
    def the_network(self, up: bool) -> None:
        for wallet in self.wallets.values():
            wallet.up = up

    @rule(number=st.integers(0, 5), confirmed=st.booleans())
    def the_phone_answers(self, number: int, confirmed: bool) -> None:
        for wallet in self.wallets.values():
            wallet.decide(f"n{number}", confirmed=confirmed)

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
        for each in [each for each in self.ledger.undelivered() if each.kind == "slip"]:
            if each.state is DeliveryState.OWED:
                self._guarded(lambda key=each.key: self.ledger.start_delivery(key, "slip", {}))
            elif ended:
                self._guarded(lambda key=each.key: self.ledger.end_delivery(key, "done"))

    # --- the laws -------------------------------------------------------------------------------

    @invariant()
    def no_visit_is_charged_more_than_its_total(self) -> None:
        for visit, numbers in self.visits.items():
            paid = [each for each in numbers if self._state(each) is State.PAID]
            assert sum(self.numbers[each] for each in paid) <= self.totals[visit], paid
            assert all(self._taken(each) == self.numbers[each] for each in paid)
        faults = [fault for wallet in self.wallets.values() for fault in wallet.faults]
        assert not faults, faults

    def _ends(self) -> None:
        """The network is back, nothing goes wrong any more, everybody waits."""
        self.cut_in = None
        for wallet in self.wallets.values():
            wallet.up = True
            wallet.line.clear()
        self._restart_if_off()
        self._run_until(self.steady + 8 * DAY)
        self.no_visit_is_charged_more_than_its_total()
        slips = {each.key for each in self.ledger.undelivered()}
        for number in self.numbers:
            payment = self.ledger.payment(number)
            assert payment.final or payment.state is State.NEW, payment
            assert payment.taken_fen == self._taken(number), payment
            assert (payment.state in (*WITHOUT_MONEY, State.NEW)) == (payment.taken_fen == 0)
            owed = number in slips or self.ledger.delivery(number) is not None
            assert owed == (number in self._last_parts()), payment
            self.count.paid += payment.state is State.PAID
        self._all_went_back()
        assert self.ledger.verify().faults == ()

    def _all_went_back(self) -> None:
        """The wallets hold what was sold, and of nothing else a fen."""
        assert not self.ledger.unsettled_refunds()
        done = 0
        for visit, numbers in self.visits.items():
            for number in numbers:
                kept = self._taken(number) - self._given_back(number)
                sold = self._state(number) is State.PAID and visit not in self.left
                assert kept == (self.numbers[number] if sold else 0), (number, kept)
                refunds = self.ledger.refunds_of(number)
                told = sum(x.amount.fen for x in refunds if x.state is RefundState.DONE)
                assert told == self._given_back(number), (number, told)
                done += told
        self.count.given_back += done

    # --- inside ---------------------------------------------------------------------------------

    def _start(self) -> None:
        self.off = False
        self.count.restarts += 1
        self.steady += 1000.0  # the steady clock of another boot has nothing to do with the last
        self.ledger = CutLedger(self.place, lambda: self.wall_ms, self._tick, self._alive)
        self._guarded(self.ledger.recover)
        self.settle = self.settling(self.ledger, self.wallets, _order_of)
        self.refunds = self.refunding(self.ledger, self.wallets, limit_fen=0)
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
            self._guarded(self.refunds.due)
            payments = [each.out_trade_no for each in self.ledger.unsettled()]
            backs = [each.out_refund_no for each in self.ledger.unsettled_refunds()]
            open_now = [*payments, *backs]
            due = min((self.dues.get(each, self.steady) for each in open_now), default=None)
            rest = end_true - self.wallet.now
            pause = rest if due is None else min(max(due - self.steady, 0.0), rest)
            self.steady += pause
            self._passes(self.wallet.now + pause)
            for number in open_now:
                if self.dues.get(number, self.steady) <= self.steady:
                    self._guarded(lambda number=number: self._step(number))
            if not backs and all(self._state(each) is State.NEW for each in payments):
                self._passes(end_true)

    def _passes(self, until: float) -> None:
        for wallet in self.wallets.values():
            wallet.passes(until)

    def _step(self, number: str) -> None:
        stepping = self.settle if number in self.numbers else self.refunds
        due = stepping.step(number, self.steady)
        self.dues[number] = self.steady + 1e9 if due is None else max(due, self.steady + 0.5)

    def _state(self, number: str) -> State:
        return self.ledger.payment(number).state

    def _due(self, visit: int) -> int:
        paid = [each for each in self.visits[visit] if self._state(each) is State.PAID]
        return self.totals[visit] - sum(self.numbers[each] for each in paid)

    def _next(self, visit: int, number: str, by: Method, fen: int) -> Payment:
        channel = self.scanned.name if by is Method.QR else self.wallet.name
        return Payment(number, f"v{visit}", channel, by, Money(fen), self.wall_ms)

    def _basket(self, visit: int) -> dict[str, object]:
        """What the payment is for, and the parts of it that are paid."""
        parts = [each for each in self.ledger.parts() if each.visit_id == f"v{visit}"]
        paid = [{"out_trade_no": x.out_trade_no, "fen": x.amount.fen} for x in parts]
        return {"lines": [], "total_fen": self.totals[visit], **({"paid": paid} if paid else {})}

    def _last_parts(self) -> set[str]:
        """The payments with which a visit was paid whole: a slip is owed with each of them."""
        found = set()
        for visit, numbers in self.visits.items():
            paid = [each for each in numbers if self._state(each) is State.PAID]
            if paid and not self._due(visit):
                found.add(paid[-1])
        return found

    def _taken(self, number: str) -> int:
        return sum(wallet.held(number) for wallet in self.wallets.values())

    def _given_back(self, number: str) -> int:
        return sum(wallet.given_back(number) for wallet in self.wallets.values())

    def _final(self, number: str) -> bool:
        return self.ledger.payment(number).final


def _order_of(payment: Payment) -> PayOrder:
    return PayOrder(payment.out_trade_no, payment.amount, "goods")


def play(
    runs: int,
    number: int,
    count: Count,
    settling: type[Settle] = Settle,
    refunding: type[Refunds] = Refunds,
    *,
    shorten: bool = True,
) -> None:
    """Play so many runs, those of seed `number`; raises what Hypothesis found, made short."""

    class Counted(Visits):
        pass

    Counted.count, Counted.settling, Counted.refunding = count, settling, refunding
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
