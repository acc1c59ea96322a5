"""What holds of any two books, however they were corrupted."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.bill import BillLine, LineKind
from kiosk.domain.difference import Verdict
from kiosk.domain.judge import Scope, moved_there
from kiosk.domain.ledger_line import LedgerLine
from kiosk.domain.money import Money
from kiosk.domain.payment import State
from kiosk.domain.reconcile import number_of, reconcile
from kiosk.domain.refund import RefundState
from kiosk.domain.tally import Tally

DAY = 86_400_000
SCOPE = Scope(0, DAY, frozenset({"0001"}))

# Few numbers and amounts, so that lines meet; odd ones among them, as a damaged row has.
numbers = st.sampled_from(["", "0001A", "0001B", "0002A", "坏"])
refunds = st.sampled_from(["", "0001AR1", "0001AR2"])
transactions = st.sampled_from(["", "4200", "4201"])
terminals = st.sampled_from(["", "0001", "0002"])
times = st.sampled_from([-DAY, 0, DAY // 2, DAY - 1, 2 * DAY])
currencies = st.sampled_from(["CNY", "CNY", "CNY", "HKD"])


def money(least):
    return st.builds(Money, st.integers(least, 3), currencies)


bill_lines = st.builds(
    BillLine,
    channel=st.just("wechatpay"),
    kind=st.sampled_from(LineKind),
    out_trade_no=numbers,
    transaction_id=transactions,
    amount=money(1),
    at=st.just(""),
    at_ms=times,
    state=st.sampled_from(["SUCCESS", "REVOKED", "CHANGE", "?"]),
    out_refund_no=refunds,
    terminal=terminals,
)


@st.composite
def ledger_lines(draw):
    kind = draw(st.sampled_from(LineKind))
    states = {LineKind.PAYMENT: State, LineKind.REFUND: RefundState}.get(kind, [State.REVERSED])
    return LedgerLine(
        kind,
        draw(numbers),
        draw(money(0)),
        draw(st.sampled_from(states)),
        draw(times),
        "0001",
        draw(transactions),
        draw(refunds),
    )


ledgers = st.lists(ledger_lines(), max_size=6)
bills = st.lists(bill_lines, max_size=6)


def found(ledger, bill):
    return list(reconcile(sorted(ledger, key=number_of), sorted(bill, key=number_of), SCOPE))


def sums(amounts):
    total = Counter()
    for amount in amounts:
        total[amount.currency] += amount.fen
    return {currency: fen for currency, fen in total.items() if fen}


@given(ledgers, bills)
def test_every_line_of_both_sides_is_in_exactly_one_finding(ledger, bill):
    findings = found(ledger, bill)
    assert Counter(line for one in findings for line in one.ledger) == Counter(ledger)
    assert Counter(line for one in findings for line in one.bill) == Counter(bill)
    assert all(one.ledger or one.bill for one in findings)


@given(ledgers, bills)
def test_the_differences_are_the_bill_less_the_ledger(ledger, bill):
    findings, tally = found(ledger, bill), Tally()
    for one in findings:
        tally.add(one)
    there = [Money(moved_there(line), line.amount.currency) for line in bill]
    here = [Money(-line.moved, line.amount.currency) for line in ledger]
    assert sums(one.difference for one in findings) == sums([*there, *here])
    for currency in ("CNY", "HKD"):
        total = tally.total(currency)
        assert total.there - total.here == sums([*there, *here]).get(currency, 0)
    assert sum(each.numbers for each in tally.sums.values()) == len(findings)


@given(ledgers, bills, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(ledger, bill, random):
    before = found(ledger, bill)
    random.shuffle(ledger)
    random.shuffle(bill)
    assert found(ledger, bill) == before


@given(ledgers, bills)
def test_a_verdict_says_what_is_seen(ledger, bill):
    for one in found(ledger, bill):
        verdict = one.cause.verdict
        assert (verdict is Verdict.MISSING_HERE) == (not one.ledger)
        if verdict is Verdict.MATCHED:
            assert not one.difference
        if verdict is Verdict.AMOUNT_DIFFERS:
            assert one.difference
        if verdict is Verdict.MISSING_THERE:
            assert not one.bill


@given(ledgers, st.lists(bill_lines, min_size=1, max_size=5), st.data())
def test_a_corrupted_row_never_vanishes(ledger, bill, data):
    place = data.draw(st.integers(0, len(bill) - 1))
    corrupted = replace(
        bill[place],
        out_trade_no=data.draw(st.text(max_size=4)),
        transaction_id=data.draw(st.text(max_size=4)),
        out_refund_no=data.draw(st.text(max_size=4)),
        terminal=data.draw(st.text(max_size=4)),
        state=data.draw(st.text(max_size=4)),
        kind=data.draw(st.sampled_from(LineKind)),
    )
    bill[place] = corrupted
    assert [row for one in found(ledger, bill) for row in one.bill].count(corrupted) == bill.count(
        corrupted
    )


def test_three_rows_of_one_number_give_one_finding_in_any_order():
    base = BillLine("wechatpay", LineKind.PAYMENT, "0001A", "4200", Money(3), "", 0, "SUCCESS")
    rows = [base, replace(base, kind=LineKind.REVERSAL), replace(base, amount=Money(2))]
    line = LedgerLine(LineKind.PAYMENT, "0001A", Money(3), State.PAID, 0, "0001")
    findings = {tuple(reconcile([line], order, SCOPE)) for order in permutations(rows)}
    assert len(findings) == 1
