"""A day's trades beside the movements of the account: one cause for each number."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.bill import BillLine, LineKind
from kiosk.domain.difference import Repair, Verdict
from kiosk.domain.flow import FlowFinding, compare
from kiosk.domain.flow_cause import FlowCause
from kiosk.domain.fund_flow import FlowKind, FlowLine
from kiosk.domain.judge import Scope
from kiosk.domain.money import Money

DAY = 86_400_000
SCOPE = Scope(0, DAY)
NOON, LATE, EARLY = DAY // 2, DAY - 1000, 1000

PAYMENT = BillLine(
    channel="wechatpay",
    kind=LineKind.PAYMENT,
    out_trade_no="A1",
    transaction_id="4200",
    amount=Money(1280),
    at="2026-03-01 12:00:00",
    at_ms=NOON,
    state="SUCCESS",
    fee=Money(8),
)
REFUND = replace(
    PAYMENT,
    kind=LineKind.REFUND,
    amount=Money(500),
    fee=Money(-3),
    refund_id="5030",
    out_refund_no="A1R1",
)
REVERSAL = replace(
    PAYMENT, kind=LineKind.REVERSAL, fee=Money(-8), refund_id="5031", state="REVOKED"
)


def flow(kind, fen, business_no="4200", at_ms=NOON):
    return FlowLine("", business_no, kind, "", Money(fen), Money(0), "2026-03-01", at_ms)


def came(fen=1280, **own):
    return flow(FlowKind.PAYMENT, fen, **own)


def kept(fen=8, **own):
    return flow(FlowKind.FEE, -fen, **own)


def went(fen=500, business_no="5030", **own):
    return flow(FlowKind.REFUND, -fen, business_no, **own)


def given_back(fen=3, business_no="5030"):
    return flow(FlowKind.FEE, fen, business_no)


def book(*flows, balance=0):
    """The rows with their numbers and the balance that follows."""
    rows = []
    for number, row in enumerate(flows):
        balance += row.amount.fen
        rows.append(replace(row, number=f"F{number}", balance=Money(balance)))
    return rows


def found(trades, flows):
    return list(compare(trades, flows, SCOPE))


CASES = [
    (FlowCause.SETTLED, [PAYMENT], [came(), kept()], 0),
    (FlowCause.SETTLED, [replace(PAYMENT, fee=Money(0))], [came()], 0),
    (FlowCause.SETTLED, [REFUND], [went(), given_back()], 0),
    (FlowCause.SETTLED, [REVERSAL], [went(1280, "5031"), given_back(8, "5031")], 0),
    (FlowCause.SETTLED, [replace(PAYMENT, settled=Money(1000))], [came(1000), kept()], 0),
    (FlowCause.SETTLED, [replace(REFUND, state="PROCESSING")], [went(), given_back()], 0),
    (FlowCause.NOTHING_DUE, [replace(REFUND, state="FAIL")], [], 0),
    (FlowCause.NOTHING_DUE, [replace(REFUND, state="CHANGE")], [], 0),
    (FlowCause.NOTHING_DUE, [replace(PAYMENT, settled=Money(0), fee=Money(0))], [], 0),
    (FlowCause.NO_SALE, [], [flow(FlowKind.OTHER, -5000)], -5000),
    (FlowCause.REFUND_UNDER_WAY, [replace(REFUND, state="PROCESSING")], [], 497),
    (FlowCause.REFUND_UNDER_WAY, [REFUND], [], 497),
    (FlowCause.MOVED_NEXT_DAY, [replace(PAYMENT, at_ms=LATE)], [], -1272),
    (FlowCause.NEVER_MOVED, [PAYMENT], [], -1272),
    (FlowCause.NEVER_MOVED, [REVERSAL], [], 1272),
    (FlowCause.REFUND_OF_BEFORE, [], [went(), given_back()], -497),
    (FlowCause.TRADED_DAY_BEFORE, [], [came(at_ms=EARLY), kept(at_ms=EARLY)], 1272),
    (FlowCause.NO_TRADE, [], [came(), kept()], 1272),
    (FlowCause.NO_TRADE, [], [kept()], -8),
    (FlowCause.OTHER_SUM, [PAYMENT], [came(1270), kept()], -10),
    (FlowCause.OTHER_SUM, [PAYMENT], [kept()], -1280),
    (FlowCause.OTHER_SUM, [PAYMENT], [flow(FlowKind.PAYMENT, -1280), kept()], -2560),
    (FlowCause.MOVED_TWICE, [PAYMENT], [came(), came(), kept()], 1280),
    (FlowCause.MOVED_TWICE, [REFUND], [went(), went(), given_back()], -500),
    (FlowCause.OTHER_FEE, [PAYMENT], [came(), kept(9)], -1),
    (FlowCause.OTHER_FEE, [PAYMENT], [came()], 8),
    (FlowCause.OTHER_FEE, [PAYMENT], [came(), kept(), kept()], -8),
    (FlowCause.OTHER_FEE, [REFUND], [went()], -3),
    (FlowCause.FAILED_YET_MOVED, [replace(REFUND, state="FAIL")], [went(), given_back()], -497),
]


@pytest.mark.parametrize(
    ("cause", "trades", "flows", "fen"),
    CASES,
    ids=[f"{number}-{case[0].name}" for number, case in enumerate(CASES)],
)
def test_a_number_in_both_books_has_one_cause(cause, trades, flows, fen):
    (finding,) = found(trades, book(*flows))
    assert finding.cause is cause
    assert finding.difference == Money(fen)


def test_a_balance_that_does_not_follow_is_told_by_how_much():
    rows = book(came(), kept(), went(), given_back())
    rows[2:] = [replace(row, balance=row.balance + Money(70)) for row in rows[2:]]
    *settled, jump = found([PAYMENT, REFUND], rows)
    assert [finding.cause for finding in settled] == [FlowCause.SETTLED] * 2
    assert (jump.cause, jump.flows, jump.difference) == (
        FlowCause.BALANCE_JUMPS,
        (rows[2],),
        Money(70),
    )


def test_the_table_has_a_case_for_every_cause():
    assert {case[0] for case in CASES} == set(FlowCause) - {FlowCause.BALANCE_JUMPS}


def test_whatever_differs_has_a_step_that_mends_it():
    idle = {cause for cause in FlowCause if cause.repair is Repair.NOTHING}
    assert idle == {cause for cause in FlowCause if cause.verdict is Verdict.MATCHED}
    assert len({cause.words for cause in FlowCause}) == len(list(FlowCause))


def test_a_payment_and_its_refunds_are_findings_of_their_own():
    rows = book(came(), kept(), went(), given_back())
    assert [(one.number, one.cause) for one in found([REFUND, PAYMENT], rows)] == [
        ("A1", FlowCause.SETTLED),
        ("A1R1", FlowCause.SETTLED),
    ]


@pytest.mark.parametrize(
    ("row", "number"),
    [
        (replace(came(), voucher="A1", number="F1"), "A1"),
        (replace(came(), number="F1"), "4200"),
        (replace(came(business_no=""), number="F1"), "F1"),
    ],
)
def test_what_only_the_account_knows_is_called_by_the_best_number_it_has(row, number):
    assert FlowFinding(FlowCause.NO_TRADE, (), (row,)).number == number


def test_a_row_that_moves_nothing_cannot_be():
    with pytest.raises(ValueError, match="moves nothing"):
        came(0)


# --- laws

business = st.sampled_from(["", "4200", "4201", "5030"])
fens = st.integers(-3, 3).filter(bool)
flows = st.lists(
    st.builds(flow, st.sampled_from(FlowKind), fens, business, st.sampled_from([0, NOON, LATE])),
    max_size=6,
)
trades = st.lists(
    st.builds(
        BillLine,
        channel=st.just("wechatpay"),
        kind=st.sampled_from(LineKind),
        out_trade_no=st.sampled_from(["A1", "A2"]),
        transaction_id=st.sampled_from(["4200", "4201"]),
        amount=st.builds(Money, st.integers(1, 3)),
        at=st.just(""),
        at_ms=st.sampled_from([0, NOON, LATE]),
        state=st.sampled_from(["SUCCESS", "PROCESSING", "FAIL"]),
        refund_id=st.sampled_from(["", "5030"]),
        fee=st.builds(Money, st.integers(-1, 1)),
        settled=st.none() | st.builds(Money, st.integers(0, 3)),
    ),
    max_size=6,
)


@given(trades, flows)
def test_no_line_of_either_book_is_lost_or_told_twice(trades, flows):
    rows = book(*flows)
    findings = found(trades, rows)
    assert not any(finding.cause is FlowCause.BALANCE_JUMPS for finding in findings)
    assert Counter(line for one in findings for line in one.trades) == Counter(trades)
    assert Counter(line for one in findings for line in one.flows) == Counter(rows)


@given(trades, flows, st.lists(st.integers(-3, 3), min_size=6, max_size=6))
def test_trades_and_differences_are_what_the_balance_moved_by(trades, flows, jumps):
    rows, off = [], 0
    for number, (row, jump) in enumerate(zip(book(*flows), jumps, strict=False)):
        off += jump if number else 0  # what was in the account before the day is not known
        rows.append(replace(row, balance=row.balance + Money(off)))
    findings = found(trades, rows)
    moved = rows[-1].balance.fen if rows else 0
    assert sum(one.there.fen for one in findings) == moved
    assert sum((one.here + one.difference).fen for one in findings) == moved


@given(trades, flows)
def test_what_is_called_matched_does_not_differ_unless_it_is_no_sale(trades, flows):
    for finding in found(trades, book(*flows)):
        if finding.cause.verdict is Verdict.MATCHED and finding.cause is not FlowCause.NO_SALE:
            assert finding.difference == Money(0)


@given(trades.flatmap(lambda one: st.tuples(st.just(one), st.permutations(one))), flows)
def test_the_order_of_the_trades_changes_nothing_but_their_order(both, flows):
    rows = book(*flows)
    told = [[(one.number, one.cause, one.difference) for one in found(each, rows)] for each in both]
    assert [one[1:] for one in told[0]] == [one[1:] for one in told[1]]
