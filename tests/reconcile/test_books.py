"""Which lines of the ledger stand beside a day's bill."""

from __future__ import annotations

import pytest
from till import DAY, DECLINED, DONE, HOUR, LATE, LOST, MIDNIGHT, MINUTE, NOON, UNDONE, number

from kiosk.domain.bill import LineKind
from kiosk.domain.judge import Scope
from kiosk.domain.payment import Approved, GiveUp, Reversed, State
from kiosk.domain.refund import RefundState
from kiosk.errors import KioskError
from kiosk.reconciling.books import Asked, Owner, ledger_lines

TODAY = Scope(MIDNIGHT, MIDNIGHT + DAY)


def read(shop, *, paid=(), undone=(), refunds=(), scope=TODAY, channel="wechatpay"):
    asked = Asked(frozenset(map(number, paid)), frozenset(map(number, undone)), frozenset(refunds))
    return ledger_lines(shop.ledger, Owner("10000001", frozenset({channel})), scope, asked)


def brief(lines):
    return [(int(line.out_trade_no[-4:]), line.kind, line.state) for line in lines]


@pytest.mark.parametrize(
    ("events", "state", "fen"),
    [
        ((), State.PAID, 1380),
        (DECLINED, State.DECLINED, 1380),
        (LOST, State.UNKNOWN, 1380),
        (LATE, State.PAID_LATE, 1380),
    ],
)
def test_a_payment_of_the_day_is_one_line(shop, events, state, fen):
    shop.pay(1, *events)
    (line,) = read(shop)
    assert (line.kind, line.state, line.amount.fen) == (LineKind.PAYMENT, state, fen)
    assert (line.out_trade_no, line.terminal, line.at_ms) == (number(1), "10000001", NOON)


def test_a_reversed_payment_has_a_second_line_that_says_when(shop):
    shop.pay(1, *UNDONE)
    first, second = read(shop)
    assert (first.kind, second.kind) == (LineKind.PAYMENT, LineKind.REVERSAL)
    assert (first.at_ms, second.at_ms) == (NOON, NOON + 3 * MINUTE)


def test_lines_are_sorted_by_number(shop):
    for index in (3, 1, 2):
        shop.pay(index, at_ms=NOON + index)
    assert [line.out_trade_no for line in read(shop)] == [number(1), number(2), number(3)]


@pytest.mark.parametrize(
    ("at_ms", "there"),
    [(MIDNIGHT - 1, False), (MIDNIGHT, True), (MIDNIGHT + DAY - 1, True), (MIDNIGHT + DAY, False)],
)
def test_a_day_has_a_first_and_a_last_millisecond(shop, at_ms, there):
    shop.pay(1, at_ms=at_ms)
    assert bool(read(shop)) is there


def test_another_channels_payments_are_not_asked_for(shop):
    shop.pay(1)
    assert read(shop, channel="alipay", paid=[1]) == []


def test_what_the_bill_names_is_found_on_any_day(shop):
    shop.pay(1, at_ms=MIDNIGHT - HOUR)
    shop.pay(2, at_ms=MIDNIGHT - HOUR)
    assert brief(read(shop, paid=[1])) == [(1, LineKind.PAYMENT, State.PAID)]


def test_what_was_paid_and_counted_on_its_own_day_is_not_counted_again_when_it_is_undone(shop):
    shop.pay(1, at_ms=MIDNIGHT - HOUR)
    shop.pay(2, *UNDONE, at_ms=MIDNIGHT - HOUR)
    assert brief(read(shop, undone=[1, 2])) == [
        (2, LineKind.PAYMENT, State.REVERSED),
        (2, LineKind.REVERSAL, State.REVERSED),
    ]


def test_a_refund_is_a_line_of_the_day_on_which_it_was_sent(shop):
    shop.pay(1, at_ms=MIDNIGHT - HOUR)
    name = shop.refund(1, 1, *DONE, fen=500)
    (line,) = read(shop)
    assert (line.kind, line.state) == (LineKind.REFUND, RefundState.DONE)
    assert (line.out_trade_no, line.out_refund_no) == (number(1), name)
    assert (line.amount.fen, line.at_ms) == (500, NOON)
    assert read(shop, channel="alipay") == []


def test_a_refund_of_another_day_is_found_where_the_bill_names_it(shop):
    shop.pay(1, at_ms=MIDNIGHT - 2 * HOUR)
    name = shop.refund(1, 1, *DONE, fen=500, at_ms=MIDNIGHT - HOUR)
    assert read(shop) == []
    (line,) = read(shop, refunds=[name])
    assert line.out_refund_no == name


def test_the_month_that_knows_more_of_a_payment_is_believed(shop):
    shop.clock = MIDNIGHT - MINUTE
    with shop.open() as ledger:
        shop.pay_in(ledger, 1, *LOST, at_ms=MIDNIGHT - MINUTE)
        shop.pay_in(ledger, 2, *LOST, at_ms=MIDNIGHT - MINUTE)
        shop.clock = MIDNIGHT + HOUR
        ledger.record(number(1), Approved("4200", 1380))
        ledger.record(number(2), GiveUp("policy"))
        ledger.record(number(2), Reversed())
    assert len(list(shop.ledger.glob("ledger-*.db"))) == 2
    assert brief(read(shop, scope=Scope(MIDNIGHT - DAY, MIDNIGHT))) == [
        (1, LineKind.PAYMENT, State.PAID),
        (2, LineKind.PAYMENT, State.REVERSED),
        (2, LineKind.REVERSAL, State.REVERSED),
    ]


def test_months_long_before_the_day_are_not_opened(shop):
    shop.pay(1, at_ms=MIDNIGHT - 40 * DAY)
    shop.pay(2)
    old, _ = sorted(shop.ledger.glob("ledger-*.db"))
    old.write_bytes(b"not a ledger")
    assert [line.out_trade_no for line in read(shop)] == [number(2)]


def test_payments_written_after_the_clock_was_set_back_are_found(shop):
    shop.clock = MIDNIGHT + 40 * DAY
    with shop.open() as ledger:
        shop.pay_in(ledger, 1, at_ms=MIDNIGHT + 40 * DAY)
        shop.pay_in(ledger, 2)
    assert [path.name for path in shop.ledger.glob("ledger-*.db")] == ["ledger-2026-04.db"]
    assert [line.out_trade_no for line in read(shop)] == [number(2)]


def test_a_hundred_numbers_of_others_are_asked_for_in_vain(shop):
    shop.pay(1)
    assert len(read(shop, paid=range(1000, 1100), undone=range(1050, 1150))) == 1


def test_no_ledger_is_not_an_empty_day(shop):
    with pytest.raises(KioskError, match="there is no ledger"):
        read(shop)
    shop.ledger.mkdir(parents=True)
    with pytest.raises(KioskError, match="there is no ledger"):
        read(shop)
