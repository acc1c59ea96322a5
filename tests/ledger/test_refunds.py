"""Refunds in the ledger: on the disk, within what was paid, carried over, found again."""

from __future__ import annotations

import pytest

from kiosk.domain.money import Money
from kiosk.domain.payment import (
    Approved,
    Contradiction,
    Declined,
    FoundPaid,
    NotInTable,
    PayError,
    Submit,
    Unclear,
)
from kiosk.domain.refund import (
    Refund,
    RefundAbnormal,
    RefundAccepted,
    RefundClosed,
    RefundDone,
    RefundState,
    RefundUnclear,
    SendRefund,
    refund_number,
)
from kiosk.ledger import RefundDue

DAY = 86_400_000


def refund(index=1, fen=100, paid=100, number="1", at=5):
    return Refund(
        refund_number(number, index), number, "wechatpay", Money(paid), Money(fen), "坏了", at
    )


def pay(ledger, payment, *events):
    ledger.open_payment(payment, {})
    for event in events:
        ledger.record(payment.out_trade_no, event)


def give_back(ledger, asked, *events):
    ledger.open_refund(asked)
    for event in events:
        asked = ledger.record_refund(asked.out_refund_no, event)
    return asked


def kinds(ledger):
    return [entry.kind for entry in ledger.unsent("test", 10_000)]


def done(fen=100):
    return (SendRefund(1), RefundAccepted("50"), RefundDone("50", fen))


@pytest.fixture
def paid(ledger, new_payment):
    """A ledger with payment "1", of which 100 fen were paid."""
    pay(ledger, new_payment(), Submit(1), Approved("T1", 100))
    return ledger


# --- one refund ---------------------------------------------------------------------------------


def test_a_refund_is_there_again_after_a_restart(paid, open_ledger):
    asked = give_back(paid, refund(fen=30), SendRefund(7), RefundAccepted("50"))
    again = open_ledger()
    assert again.refund("1R1") == asked
    assert (asked.state, asked.sent_ms, asked.refund_id) == (RefundState.PROCESSING, 7, "50")
    assert again.refunds_of("1") == again.unsettled_refunds() == [asked]
    assert again.refund("1R2") is None
    assert again.refunds_of("2") == []


def test_the_same_fact_again_writes_nothing(paid):
    give_back(paid, refund(), SendRefund(7), RefundAccepted("50"))
    before = kinds(paid)
    paid.record_refund("1R1", RefundAccepted("50"))
    paid.record_refund("1R1", RefundUnclear("time-out"))
    assert kinds(paid) == before
    paid.record_refund("1R1", RefundDone("50", 100))
    paid.record_refund("1R1", RefundDone("50", 100))
    assert kinds(paid) == [*before, "refund"]


def test_what_cannot_happen_writes_nothing(paid):
    give_back(paid, refund())
    before = kinds(paid)
    with pytest.raises(NotInTable):
        paid.record_refund("1R1", RefundDone("50", 100))
    with pytest.raises(KeyError):
        paid.record_refund("1R9", SendRefund(1))
    assert kinds(paid) == before


def test_a_contradiction_is_written_once_and_raised_each_time(paid):
    give_back(paid, refund(fen=30), SendRefund(1))
    for _ in range(3):
        with pytest.raises(Contradiction):
            paid.record_refund("1R1", RefundDone("50", 31))
    assert kinds(paid).count("contradiction") == 1
    assert paid.refund("1R1").state is RefundState.SENT
    paid.record_refund("1R1", RefundClosed("NUMBER_TAKEN"))
    with pytest.raises(Contradiction):
        paid.record_refund("1R1", RefundDone("50", 30))
    assert kinds(paid).count("contradiction") == 2


def test_a_number_is_used_once(paid):
    give_back(paid, refund(fen=30), SendRefund(1), RefundClosed("ERROR"))
    with pytest.raises(ValueError, match="not a new refund"):
        paid.open_refund(refund(fen=30))
    with pytest.raises(ValueError, match="not a new refund"):
        paid.open_refund(give_back(paid, refund(2, 30), SendRefund(1)))


def test_after_a_restart_what_was_being_sent_is_unknown(paid, open_ledger):
    give_back(paid, refund(1, 10))
    give_back(paid, refund(2, 10, at=6), SendRefund(1))
    give_back(paid, refund(3, 10, at=7), SendRefund(1), RefundUnclear("time-out"))
    give_back(paid, refund(4, 10, at=8), SendRefund(1), RefundAccepted("50"))
    give_back(paid, refund(5, 10, at=9), SendRefund(1), RefundAbnormal("CHANGE"))
    give_back(paid, refund(6, 10), *done(10))
    again = open_ledger()
    written = len(kinds(again))
    assert again.recover() == []
    assert [(x.out_refund_no, x.state.name) for x in again.unsettled_refunds()] == [
        ("1R1", "REQUESTED"),
        ("1R2", "UNKNOWN"),
        ("1R3", "UNKNOWN"),
        ("1R4", "PROCESSING"),
        ("1R5", "ABNORMAL"),
    ]
    assert len(kinds(again)) == written + 1
    again.recover()
    assert len(kinds(again)) == written + 1


def test_entries_of_refunds_cannot_be_slipped_in(ledger):
    for kind in ("refund_opened", "refund"):
        with pytest.raises(ValueError, match="method of their own"):
            ledger.append(kind, "1R1", {})


# --- what may go back ---------------------------------------------------------------------------


def test_parts_add_up_to_what_was_paid_and_no_further(paid):
    give_back(paid, refund(1, 60), *done(60))
    give_back(paid, refund(2, 30), SendRefund(1), RefundUnclear("time-out"))
    before = kinds(paid)
    with pytest.raises(ValueError, match="101 fen back of 100"):
        paid.open_refund(refund(3, 11))
    assert kinds(paid) == before
    paid.open_refund(refund(3, 10))


def test_what_was_closed_may_be_asked_for_again(paid):
    give_back(paid, refund(1, 100), SendRefund(1), RefundClosed("ERROR"))
    paid.open_refund(refund(2, 100))
    with pytest.raises(ValueError, match="200 fen"):
        paid.open_refund(refund(3, 100))


def test_of_a_payment_that_took_nothing_nothing_goes_back(ledger, new_payment):
    pay(ledger, new_payment(), Submit(1), Unclear("x"))
    with pytest.raises(ValueError, match="1 fen back of 0"):
        ledger.open_refund(refund(1, 1))
    ledger.record("1", Declined("CLOSED"))
    with pytest.raises(ValueError, match="1 fen back of 0"):
        ledger.open_refund(refund(1, 1))


def test_of_another_tills_payment_no_more_goes_back_than_it_says_was_paid(ledger):
    ledger.open_refund(refund(3, 60, number="other"))
    with pytest.raises(ValueError, match="120 fen back of 100"):
        ledger.open_refund(refund(4, 60, number="other"))
    assert ledger.taken("other") is None


def test_what_was_taken_counts_also_beside_the_payment(ledger, new_payment):
    pay(ledger, new_payment("1"), Submit(1), Approved("T1", 100))
    with pytest.raises(Contradiction):
        ledger.record("1", Approved("T2", 70))
    pay(ledger, new_payment("2"), Submit(1), PayError("x"), FoundPaid("T3", 120))
    pay(ledger, new_payment("3"), Submit(1), Declined("x"))
    assert [ledger.taken(number) for number in "123"] == [170, 120, 0]
    with pytest.raises(Contradiction):
        ledger.record("3", Approved("T4", 100))
    assert ledger.taken("3") == 100


# --- what is due --------------------------------------------------------------------------------


@pytest.fixture
def late(ledger, new_payment):
    """A ledger with payment "1", of which 120 fen came late."""
    pay(ledger, new_payment(), Submit(1), PayError("x"), FoundPaid("T1", 120))
    return ledger


def test_what_was_due_is_cleared_when_it_is_back_and_not_before(late, open_ledger):
    give_back(late, refund(fen=120, paid=120), SendRefund(1), RefundAccepted("50"))
    assert late.refunds_due() == [RefundDue("1", "T1", 120, "paid late")]
    late.record_refund("1R1", RefundDone("50", 120))
    assert late.refunds_due() == []
    assert open_ledger().refunds_due() == []
    assert open_ledger().taken("1") == 120


def test_a_part_that_went_back_leaves_the_rest_due(late):
    give_back(late, refund(1, 50, 120), *done(50))
    (due,) = late.refunds_due()
    assert (due.fen, due.back_fen, due.left_fen) == (120, 50, 70)
    give_back(late, refund(2, 70, 120), *done(70))
    assert late.refunds_due() == []


def test_a_refund_that_was_closed_clears_nothing(late):
    give_back(late, refund(fen=120, paid=120), SendRefund(1), RefundClosed("ERROR"))
    assert [due.left_fen for due in late.refunds_due()] == [120]


def test_what_comes_due_later_is_not_cleared_by_what_went_back_before(paid):
    give_back(paid, refund(), *done())
    with pytest.raises(Contradiction):
        paid.record("1", Approved("T2", 100))
    assert [due.left_fen for due in paid.refunds_due()] == [100]
    give_back(paid, refund(2), *done())
    assert paid.refunds_due() == []


def test_one_refund_counts_for_several_dues_and_only_once(paid):
    for transaction in ("T2", "T3"):
        with pytest.raises(Contradiction):
            paid.record("1", Approved(transaction, 100))
    give_back(paid, refund(1, 150, 150), *done(150))
    assert [(x.transaction_id, x.left_fen) for x in paid.refunds_due()] == [("T3", 50)]


# --- months -------------------------------------------------------------------------------------


def test_a_refund_goes_on_over_the_turn_of_the_month(paid, clock, open_ledger):
    give_back(paid, refund(1, 30), *done(30))
    give_back(paid, refund(2, 40, at=6), SendRefund(1))
    clock.ms += 31 * DAY
    paid.record_refund("1R2", RefundAccepted("51"))
    again = open_ledger()
    assert again.verify().files == 2
    assert [x.out_refund_no for x in again.unsettled_refunds()] == ["1R2"]
    assert [(x.out_refund_no, x.state.name) for x in again.refunds_of("1")] == [
        ("1R1", "DONE"),
        ("1R2", "PROCESSING"),
    ]
    with pytest.raises(ValueError, match="101 fen"):
        again.open_refund(refund(3, 31))
    clock.ms += 31 * DAY
    again.record_refund("1R2", RefundDone("51", 40))
    assert again.unsettled_refunds() == []
    assert again.verify().faults == ()
    again.rebuild()
    assert again.refund("1R2").state is RefundState.DONE


def test_what_is_due_and_half_back_goes_on_over_the_turn_of_the_month(late, clock, open_ledger):
    give_back(late, refund(1, 50, 120), *done(50))
    clock.ms += 31 * DAY
    late.append("visit", "april", {})
    again = open_ledger()
    assert [(due.fen, due.left_fen) for due in again.refunds_due()] == [(120, 70)]
    with pytest.raises(ValueError, match="121 fen"):
        again.open_refund(refund(2, 71, 120))
    give_back(again, refund(2, 70, 120), *done(70))
    assert again.refunds_due() == []
    assert again.verify().faults == ()


def test_a_payment_is_found_by_the_channels_number(paid, clock, new_payment):
    pay(paid, new_payment("2"), Submit(1))
    clock.ms += 31 * DAY
    paid.append("visit", "april", {})
    assert paid.payment_of("T1").out_trade_no == "1"
    assert paid.payment_of("T2") is None
    assert paid.payment_of("") is None
