"""A basket that is paid in parts, what all of it is owed, and what goes back of a part."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.money import Money
from kiosk.domain.payment import (
    Approved,
    Authenticate,
    Declined,
    Method,
    Payment,
    State,
    Submit,
    Unclear,
)
from kiosk.ledger import Delivery, DeliveryState, Ledger, RefundDue

OWED = [{"kind": "drop", "slot": 3}, {"kind": "kitchen", "station": "bar"}, {"kind": "drop"}]
TOTAL = 300
MARCH = 1_772_340_896_000


def payment_of(number, visit, fen):
    return Payment(number, visit, "wechatpay", Method.CODE, Money(fen), MARCH)


def basket(*paid, owed=()):
    """A basket of TOTAL, of which those parts (number, fen) are paid."""
    parts = [{"out_trade_no": number, "fen": fen} for number, fen in paid]
    return {"lines": [], "total_fen": TOTAL, "paid": parts, "owed": list(owed)}


def pay(ledger, payment, body):
    ledger.open_payment(payment, body)
    ledger.record(payment.out_trade_no, Submit(1))
    return ledger.record(
        payment.out_trade_no, Approved(f"T{payment.out_trade_no}", payment.amount.fen)
    )


def owed_keys(ledger):
    return [each.key for each in ledger.undelivered()]


def test_a_part_is_owed_goods_or_money_and_the_last_one_the_slip(open_ledger, new_payment):
    ledger = open_ledger()
    pay(ledger, new_payment("1", "v", 100), basket())
    part = Delivery("1/part", "part", DeliveryState.OWED, {"visit_id": "v", "fen": 100})
    assert open_ledger().undelivered() == [part]
    ledger = open_ledger()
    assert [each.out_trade_no for each in ledger.parts_of("v")] == ["1"]
    pay(ledger, new_payment("2", "v", 200), basket(("1", 100)))
    assert owed_keys(ledger) == ["2"]
    assert ledger.parts_of("v") == []
    assert ledger.delivery("1/part").result == "complete"
    assert ledger.delivery("1") is None


def test_all_that_the_basket_owes_is_owed_with_the_entry_that_paid_it(open_ledger, new_payment):
    pay(open_ledger(), new_payment("1", "v", TOTAL), basket(owed=OWED))
    again = open_ledger()
    assert set(owed_keys(again)) == {"1", "1/drop-1", "1/drop-2", "1/kitchen-1"}
    assert again.delivery("1/drop-1") == Delivery(
        "1/drop-1", "drop", DeliveryState.OWED, {"kind": "drop", "slot": 3}
    )
    assert again.verify().holds


def test_an_abandoned_part_is_due_back_and_owed_nothing(open_ledger, new_payment):
    ledger = open_ledger()
    pay(ledger, new_payment("1", "v", 100), basket())
    pay(ledger, new_payment("2", "v", 50), basket(("1", 100)))
    assert [each.out_trade_no for each in ledger.abandon("v", "left")] == ["1", "2"]
    again = open_ledger()
    assert again.undelivered() == []
    assert again.refunds_due() == [
        RefundDue("1", "T1", 100, "abandoned"),
        RefundDue("2", "T2", 50, "abandoned"),
    ]
    assert again.taken("1") == 100
    assert again.abandon("v", "left") == []
    assert again.verify().holds


def test_a_visit_is_not_abandoned_while_a_payment_of_it_is_open(ledger, new_payment):
    pay(ledger, new_payment("1", "v", 100), basket())
    ledger.open_payment(new_payment("2", "v", 200), basket(("1", 100)))
    ledger.record("2", Submit(1))
    ledger.record("2", Unclear("time-out"))
    with pytest.raises(ValueError, match="not final"):
        ledger.abandon("v", "left")
    ledger.record("2", Declined("CLOSED"))
    assert len(ledger.abandon("v", "left")) == 1


@pytest.mark.parametrize(
    ("fen", "paid"),
    [
        (200, ()),  # a part is forgotten
        (200, (("1", 99),)),  # it was another sum
        (200, (("1", 100), ("9", 1))),  # a part is made up
        (201, (("1", 100),)),  # more than is due
    ],
)
def test_parts_that_are_not_those_of_the_visit_are_refused(ledger, new_payment, fen, paid):
    pay(ledger, new_payment("1", "v", 100), basket())
    with pytest.raises(ValueError, match=r"other parts|more than is due"):
        ledger.open_payment(new_payment("2", "v", fen), basket(*paid))
    assert ledger.payment("2") is None


def test_a_part_waits_over_the_end_of_a_month(open_ledger, new_payment, clock):
    pay(open_ledger(), new_payment("1", "v", 100), basket())
    clock.ms += 31 * 86_400_000
    ledger = open_ledger()
    pay(ledger, new_payment("2", "v", 200), basket(("1", 100)))
    assert owed_keys(ledger) == ["2"]
    assert open_ledger().verify().holds


def test_a_visit_that_was_paid_in_parts_before_the_month_began_is_given_back(
    open_ledger, new_payment, clock
):
    pay(open_ledger(), new_payment("1", "v", 100), basket())
    clock.ms += 31 * 86_400_000
    ledger = open_ledger()
    assert [each.out_trade_no for each in ledger.abandon("v", "restart")] == ["1"]
    assert [due.out_trade_no for due in open_ledger().refunds_due()] == ["1"]


@given(parts=st.lists(st.integers(1, TOTAL), min_size=1, max_size=6), ends=st.booleans())
@settings(max_examples=25, deadline=None)
def test_what_was_paid_is_either_owed_as_goods_or_due_back(parts, ends):
    place = tempfile.TemporaryDirectory()
    ledger = Ledger(Path(place.name), lambda: MARCH)
    paid = []
    for number, fen in enumerate(map(str, parts)):
        left = TOTAL - sum(each for _, each in paid)
        if int(fen) > left:
            with pytest.raises(ValueError, match="more than is due"):
                ledger.open_payment(payment_of(str(number), "v", int(fen)), basket(*paid))
            continue
        pay(ledger, payment_of(str(number), "v", int(fen)), basket(*paid))
        paid.append((str(number), int(fen)))
        if int(fen) == left:
            break
    whole = sum(fen for _, fen in paid)
    if ends:
        ledger.abandon("v", "left")
    due_back = sum(due.fen for due in ledger.refunds_due())
    waiting = sum(each.amount.fen for each in ledger.parts_of("v"))
    complete = whole == TOTAL
    assert (due_back, waiting) == ((0, 0) if complete else (whole, 0) if ends else (0, whole))
    assert [each.kind for each in ledger.undelivered()].count("slip") == complete
    assert ledger.verify().holds
    ledger.close()
    place.cleanup()


# --- several writes, one flush ------------------------------------------------------------------


def test_writes_together_are_all_there_or_none(open_ledger, new_payment):
    ledger = open_ledger()
    with ledger.together():
        ledger.open_payment(new_payment("1"), {})
        ledger.append("consent", "1", {"notice": "1"})
        ledger.record("1", Authenticate())

    def cut_short():
        with ledger.together():
            ledger.record("1", Submit(1))
            ledger.open_payment(new_payment("2"), {})
            ledger.record("2", Approved("T", 100))

    with pytest.raises(ValueError, match="Approved in NEW"):
        cut_short()
    assert ledger.payment("1").state is State.AUTHENTICATING
    assert ledger.payment("2") is None
    again = open_ledger()
    assert [each.kind for each in again.unsent("test", 9)][1:] == [
        "payment_opened",
        "consent",
        "payment",
    ]
    assert again.verify().holds
