"""Each verdict and cause, as a table: what the ledger says, what the bill says, why they differ."""

from __future__ import annotations

from dataclasses import replace
from itertools import count, islice

import pytest

from kiosk.domain.bill import BillLine, LineKind
from kiosk.domain.difference import Cause, Repair, Verdict
from kiosk.domain.judge import BORDER_MS, Scope
from kiosk.domain.ledger_line import STANCE, LedgerLine
from kiosk.domain.money import Money
from kiosk.domain.payment import State
from kiosk.domain.reconcile import OutOfOrder, number_of, reconcile
from kiosk.domain.refund import RefundState
from kiosk.domain.tally import Sum, Tally

START = 1_772_294_400_000  # 2026-03-01 00:00 in China
END = START + 86_400_000
NOON = START + 43_200_000
NUMBER = "000126030112000012345678"
REFUND = NUMBER + "R1"
SCOPE = Scope(START, END, frozenset({"10000001"}))


def payment(state=State.PAID, fen=1380, at_ms=NOON, number=NUMBER, tx="4200"):
    return LedgerLine(LineKind.PAYMENT, number, Money(fen), state, at_ms, "10000001", tx)


def reversal(at_ms=NOON + 60_000):
    return LedgerLine(LineKind.REVERSAL, NUMBER, Money(1380), State.REVERSED, at_ms, "10000001")


def refund(state=RefundState.DONE, fen=500, at_ms=NOON):
    kind = LineKind.REFUND
    return LedgerLine(kind, NUMBER, Money(fen), state, at_ms, "10000001", "4200", REFUND)


def paid(fen=1380, tx="4200", terminal="10000001", number=NUMBER):
    at = "2026-03-01 12:00:05"
    kind, money = LineKind.PAYMENT, Money(fen)
    return BillLine(
        "wechatpay", kind, number, tx, money, at, NOON + 5000, "SUCCESS", terminal=terminal
    )


def undone(fen=1380, terminal="10000001"):
    row = paid(fen, terminal=terminal)
    return replace(row, kind=LineKind.REVERSAL, state="REVOKED", refund_id="5030")


def returned(fen=500, state="SUCCESS", terminal="10000001"):
    row = paid(fen, terminal=terminal)
    kind = LineKind.REFUND
    return replace(row, kind=kind, state=state, out_refund_no=REFUND, refund_id="5030")


REVERSED = [payment(State.REVERSED), reversal()]

CASES = [
    (Cause.AGREES, [payment()], [paid()], 0),
    (Cause.AGREES, [payment(State.PAID_LATE)], [paid()], 0),
    (Cause.AGREES, [payment(tx="")], [paid()], 0),
    (Cause.AGREES, [payment()], [paid(), paid(tx="4201"), undone()], 0),
    (Cause.AGREES, [refund()], [returned()], 0),
    (Cause.AGREES, [refund(RefundState.PROCESSING)], [returned(state="PROCESSING")], 0),
    (Cause.AGREES, [refund(RefundState.ABNORMAL)], [returned(state="CHANGE")], 0),
    (Cause.NOT_TAKEN, [payment(State.DECLINED)], [], 0),
    (Cause.NOT_TAKEN, [payment(State.CANCELLED)], [], 0),
    (Cause.NOT_TAKEN, REVERSED, [], 0),
    (Cause.NOT_TAKEN, [refund(RefundState.REQUESTED)], [], 0),
    (Cause.NOT_TAKEN, [refund(RefundState.CLOSED)], [], 0),
    (Cause.TAKEN_AND_UNDONE, REVERSED, [paid(), undone()], 0),
    (Cause.TAKEN_AND_UNDONE, [payment(State.DECLINED)], [paid(), undone()], 0),
    (Cause.ANOTHER_TERMINAL, [], [paid(terminal="10000002")], 1380),
    (Cause.ANOTHER_TERMINAL, [], [paid(terminal="", number="0002" + NUMBER[4:])], 1380),
    (Cause.ANOTHER_TERMINAL, [], [returned(terminal="10000002")], -500),
    (Cause.NO_TRACE, [], [paid()], 1380),
    (Cause.NO_TRACE, [], [paid(terminal="")], 1380),
    (Cause.REFUNDED_ELSEWHERE, [], [returned()], -500),
    (Cause.UNDONE_UNSEEN, [], [undone()], -1380),
    (Cause.UNDONE_UNSEEN, [], [paid(), undone()], 0),
    (Cause.NEXT_DAY, [payment(at_ms=END - BORDER_MS)], [], -1380),
    (Cause.NOT_IN_BILL, [payment(at_ms=END - BORDER_MS - 1)], [], -1380),
    (Cause.NOT_IN_BILL, [payment(at_ms=START + BORDER_MS)], [], -1380),
    (Cause.DAY_BEFORE, [payment(at_ms=START + BORDER_MS - 1)], [], -1380),
    (Cause.NOT_IN_BILL, [refund()], [], 500),
    (Cause.NEXT_DAY, [refund(at_ms=END - 1)], [], 500),
    (Cause.UNSETTLED, [payment(State.UNKNOWN)], [], 0),
    (Cause.UNSETTLED, [payment(State.REVERSING)], [], 0),
    (Cause.UNSETTLED, [refund(RefundState.UNKNOWN)], [], 0),
    (Cause.NOT_FORWARDED, [payment(State.STORED)], [], 0),
    (Cause.OTHER_AMOUNT, [payment()], [paid(1381)], 1),
    (Cause.OTHER_AMOUNT, [payment(State.REVERSED)], [paid(), undone(1000)], 380),
    (Cause.OTHER_AMOUNT, [refund()], [returned(501)], -1),
    (Cause.PAID_TWICE, [payment()], [paid(), paid(tx="4201")], 1380),
    (Cause.ROW_TWICE, [payment()], [paid(), paid()], 1380),
    (Cause.ROW_TWICE, [refund()], [returned(), returned()], -500),
    (Cause.LOST_ANSWER, [payment(State.UNKNOWN)], [paid()], 1380),
    (Cause.LOST_ANSWER, [payment(State.PAYING)], [paid()], 1380),
    (Cause.LOST_ANSWER, [payment(State.REVERSING)], [paid(), undone()], 0),
    (Cause.LOST_ANSWER, [payment(State.STORED)], [paid()], 1380),
    (Cause.LOST_ANSWER, [payment(State.AUTHENTICATING)], [paid()], 1380),
    (Cause.LOST_ANSWER, [refund(RefundState.SENT)], [returned()], -500),
    (Cause.LOST_ANSWER, [refund(RefundState.REQUESTED)], [returned()], -500),
    (Cause.PAID_AFTER_REVERSAL, REVERSED, [paid()], 1380),
    (Cause.PAID_AFTER_REVERSAL, [payment(State.REVERSED)], [paid()], 1380),
    (Cause.REVERSED_NEXT_DAY, [payment(State.REVERSED), reversal(END + 9)], [paid()], 1380),
    (Cause.PAID_EARLIER, REVERSED, [undone()], -1380),
    (Cause.PAID_EARLIER, [reversal()], [undone()], -1380),
    (Cause.PAID_AFTER_DECLINE, [payment(State.DECLINED)], [paid()], 1380),
    (Cause.PAID_THOUGH_CANCELLED, [payment(State.CANCELLED)], [paid()], 1380),
    (Cause.PAID_AFTER_WRITE_OFF, [payment(State.LOST)], [paid()], 1380),
    (Cause.UNDONE_THERE, [payment()], [paid(), undone()], -1380),
    (Cause.REFUND_NOT_HANDED_OVER, [refund()], [returned(state="CHANGE")], 0),
    (Cause.REFUND_NOT_HANDED_OVER, [refund()], [returned(state="FAIL")], 0),
    (Cause.REFUND_AFTER_CLOSE, [refund(RefundState.CLOSED)], [returned()], -500),
    (Cause.OTHER_TRANSACTION, [payment()], [paid(tx="4999")], 0),
    (Cause.TWICE_HERE, [payment(), payment()], [paid()], -1380),
    (Cause.TWICE_HERE, [reversal(), reversal()], [], 0),
    (Cause.TWICE_HERE, [refund(), refund()], [returned()], 500),
]


@pytest.mark.parametrize(
    ("cause", "ledger", "bill", "fen"),
    CASES,
    ids=[f"{number}-{case[0].name}" for number, case in enumerate(CASES)],
)
def test_a_number_in_two_books_has_one_cause(cause, ledger, bill, fen):
    (finding,) = reconcile(ledger, bill, SCOPE)
    assert finding.cause is cause
    assert finding.difference == Money(fen)


def test_the_table_has_a_case_for_every_cause():
    assert {case[0] for case in CASES} == set(Cause)


def test_every_state_of_payments_and_refunds_has_a_stance():
    assert set(STANCE) == {*State, *RefundState}


def test_no_two_causes_read_alike():
    assert len({cause.words for cause in Cause}) == len(list(Cause))


def test_whatever_differs_has_a_step_that_mends_it_unless_it_is_not_ours():
    idle = {cause for cause in Cause if cause.repair is Repair.NOTHING}
    matched = {cause for cause in Cause if cause.verdict is Verdict.MATCHED}
    assert idle == matched | {Cause.ANOTHER_TERMINAL}


def test_without_terminals_every_row_of_the_merchant_is_ours():
    everyone = Scope(START, END)
    (finding,) = reconcile([], [paid(terminal="99999999")], everyone)
    assert finding.cause is Cause.NO_TRACE


def test_another_currency_is_another_number():
    row = replace(paid(), amount=Money(1380, "HKD"))
    findings = list(reconcile([payment()], [row], SCOPE))
    assert [(one.currency, one.cause) for one in findings] == [
        ("CNY", Cause.NOT_IN_BILL),
        ("HKD", Cause.NO_TRACE),
    ]


def test_a_refund_is_found_beside_its_payment_not_instead_of_it():
    findings = list(reconcile([payment()], [paid(), returned()], SCOPE))
    assert [(one.out_refund_no, one.cause) for one in findings] == [
        ("", Cause.AGREES),
        (REFUND, Cause.REFUNDED_ELSEWHERE),
    ]


@pytest.mark.parametrize("side", ["ledger", "bill"])
def test_lines_that_are_not_sorted_are_refused(side):
    books = {"ledger": [payment(number="B"), payment(number="A")], "bill": []}
    if side == "bill":
        books = {"ledger": [], "bill": [paid(number="B"), paid(number="A")]}
    with pytest.raises(OutOfOrder):
        list(reconcile(books["ledger"], books["bill"], SCOPE))


def test_a_payment_and_its_reversal_share_a_number_and_a_refund_has_its_own():
    lines = [paid(), undone(), returned()]
    assert [number_of(line)[1] for line in lines] == [False, False, True]
    assert number_of(paid()) == number_of(undone()) < number_of(returned())


def test_a_tally_adds_up_what_moved_by_verdict():
    tally = Tally()
    for finding in reconcile([payment()], [paid(1400), returned()], SCOPE):
        tally.add(finding)
    assert [tally.numbers(cause) for cause in (Cause.OTHER_AMOUNT, Cause.AGREES)] == [1, 0]
    assert tally.total("CNY", Verdict.AMOUNT_DIFFERS) == Sum(1, 1380, 1400)
    assert tally.total("CNY", Verdict.MISSING_HERE) == Sum(1, 0, -500)
    assert tally.total("CNY") == Sum(2, 1380, 900)
    assert tally.total("HKD") == Sum()


def test_nothing_is_kept_of_numbers_that_were_judged():
    numbers = (f"{index:024d}" for index in count())
    endless = reconcile([], (paid(number=each) for each in numbers), SCOPE)
    assert sum(1 for _ in islice(endless, 1000)) == 1000


@pytest.mark.parametrize(
    "fields",
    [
        {"state": RefundState.DONE},
        {"kind": LineKind.REFUND},
        {"kind": LineKind.REVERSAL},
        {"amount": Money(-1)},
    ],
)
def test_a_ledger_line_that_contradicts_itself_is_refused(fields):
    with pytest.raises(ValueError, match=NUMBER):
        replace(payment(), **fields)
