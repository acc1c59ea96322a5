"""Tables of what a card pays, what comes back, and what is said about it."""

from __future__ import annotations

import pytest

from fleet.accounts import CardNumbers, Journal, Limits, StoredValue
from kiosk.channels.channel import (
    KnownRefund,
    NotFound,
    NotSent,
    OutcomeUnknown,
    PayOrder,
    RefundOrder,
    Refused,
    Settled,
    Token,
    TokenKind,
)
from kiosk.channels.testing.peer import raised
from kiosk.domain.money import Money
from kiosk.domain.payment import Approved, Declined, Reversed
from kiosk.domain.refund import RefundClosed, RefundDone
from tests.fleet.accounts.peer import KEY, NOON, card_number

CARD = card_number(1)
DAY = 86_400_000
MIDNIGHT = NOON + DAY // 2


def order(number: str, fen: int) -> PayOrder:
    return PayOrder(number, Money(fen), "苹果")


def refund(number: str, index: int, paid: int, fen: int) -> RefundOrder:
    return RefundOrder(number, f"{number}R{index}", Money(paid), Money(fen))


def token(number: str = CARD) -> Token:
    return Token(TokenKind.CODE, number)


@pytest.fixture
def shopper(accounts, counter):
    """An account with 100 yuan and one card."""
    account = accounts.open(CARD, by="staff")
    counter.top_up(account.account_id, "U1", Money(10_000), by="staff")
    return account.account_id


def test_a_card_pays_down_to_the_last_fen_and_no_further(channel, accounts, shopper):
    table = [(9_999, ""), (2, "BALANCE_NOT_ENOUGH"), (1, ""), (1, "BALANCE_NOT_ENOUGH")]
    for step, (fen, code) in enumerate(table):
        said = channel.pay(order(f"T{step}", fen), token())
        assert said.code == code if code else isinstance(said, Approved)
    assert accounts.account(shopper).balance == Money(0)


@pytest.mark.parametrize(
    ("limits", "steps"),
    [
        (Limits(per_payment_fen=500), [(500, ""), (501, "LIMIT_EXCEEDED"), (500, "")]),
        (Limits(per_day_fen=500), [(499, ""), (2, "DAY_LIMIT_EXCEEDED"), (1, "")]),
        (Limits(per_payment_fen=0), [(1, "LIMIT_EXCEEDED")]),
        (Limits(per_payment_fen=5, per_day_fen=1), [(6, "LIMIT_EXCEEDED")]),
        (Limits(per_day_fen=20_000), [(10_001, "BALANCE_NOT_ENOUGH"), (10_000, "")]),
        (Limits(balance_fen=1), [(10_000, "")]),
    ],
)
def test_an_account_pays_within_its_limits(channel, accounts, shopper, limits, steps):
    accounts.limit(shopper, limits, by="staff")
    codes = [channel.pay(order(f"T{n}", fen), token()) for n, (fen, _) in enumerate(steps)]
    assert [getattr(said, "code", "") for said in codes] == [code for _, code in steps]


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ([MIDNIGHT - DAY, MIDNIGHT - 1, MIDNIGHT, MIDNIGHT + DAY - 1, MIDNIGHT + DAY], "yn yn y"),
        ([MIDNIGHT + DAY, MIDNIGHT + DAY - 1, MIDNIGHT, MIDNIGHT - 1, MIDNIGHT - DAY], "y yn yn"),
    ],
    ids=["forward", "a clock set back"],
)
def test_a_day_begins_at_midnight_in_beijing(channel, accounts, shopper, clock, times, said):
    accounts.limit(shopper, Limits(per_day_fen=100), by="staff 1")
    answers = ""
    for at_ms in times:
        clock[0] = at_ms
        paid = channel.pay(order(f"T{at_ms}", 100), token())
        answers += "y" if isinstance(paid, Approved) else "n"
    assert answers == said.replace(" ", "")


def test_an_undone_payment_frees_the_day_and_a_refunded_one_does_not(channel, accounts, shopper):
    accounts.limit(shopper, Limits(per_day_fen=100), by="staff")
    channel.pay(order("T1", 100), token())
    channel.reverse(order("T1", 100))
    assert isinstance(channel.pay(order("T2", 100), token()), Approved)
    channel.refund(refund("T2", 1, 100, 100))
    assert channel.pay(order("T3", 1), token()).code == "DAY_LIMIT_EXCEEDED"


@pytest.mark.parametrize(
    "shown", ["", "9156", card_number(2), CARD[:-1] + "9", f"{CARD} ", "９" * 16]
)
def test_what_is_no_card_of_the_merchant_pays_nothing(channel, shopper, shown):
    assert channel.pay(order("T1", 1), token(shown)).code == "CARD_UNKNOWN"


def test_a_declined_number_stays_declined_when_the_money_comes_later(channel, counter, shopper):
    said = channel.pay(order("T1", 10_001), token())
    assert said.code == "BALANCE_NOT_ENOUGH"
    counter.top_up(shopper, "U2", Money(10_000), by="staff")
    assert channel.pay(order("T1", 10_001), token()) == said
    assert channel.query(order("T1", 10_001)) == said
    assert channel.reverse(order("T1", 10_001)) == Reversed()
    assert channel.query(order("T1", 10_001)) == said


def test_a_number_is_paid_once_whoever_presents_what(channel, accounts, counter, shopper):
    other = accounts.open(card_number(2), by="staff")
    counter.top_up(other.account_id, "U2", Money(500), by="staff")
    said = channel.pay(order("T1", 500), token())
    assert channel.pay(order("T1", 500), token(card_number(2))) == said
    assert channel.pay(order("T1", 500), token("")) == said
    assert accounts.account(other.account_id).balance == Money(500)


def test_a_number_of_another_amount_says_nothing_and_moves_nothing(channel, accounts, shopper):
    channel.pay(order("T1", 500), token())
    raised(OutcomeUnknown, lambda: channel.pay(order("T1", 501), token()))
    for call in (channel.query, channel.reverse):
        assert raised(Refused, lambda call=call: call(order("T1", 501))).code == "NUMBER_TAKEN"
    assert accounts.account(shopper).balance == Money(9_500)


def test_a_payment_that_comes_after_its_reversal_takes_nothing(channel, accounts, shopper):
    assert channel.reverse(order("T1", 500)) == Reversed()
    assert channel.pay(order("T1", 500), token()) == Declined("REVERSED", "the payment was undone")
    assert channel.reverse(order("T1", 500)) == Reversed()
    assert accounts.account(shopper).balance == Money(10_000)


def test_what_was_refunded_in_part_is_not_undone_whole(channel, accounts, shopper):
    paid = channel.pay(order("T1", 500), token())
    channel.refund(refund("T1", 1, 500, 1))
    assert raised(Refused, lambda: channel.reverse(order("T1", 500))).code == "REFUNDED"
    assert channel.query(order("T1", 500)) == paid
    assert accounts.account(shopper).balance == Money(9_501)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (refund("T1", 2, 500, 301), "REFUND_TOO_MUCH"),
        (refund("T1", 2, 499, 1), "PAID_DIFFERS"),
        (refund("T1", 1, 500, 201), "NUMBER_TAKEN"),
        (refund("T2", 1, 500, 1), "NOT_PAID"),
        (refund("T3", 1, 500, 1), "NOT_PAID"),
        (refund("T4", 1, 500, 1), "PAYMENT_UNKNOWN"),
        (RefundOrder("T5", "T1R1", Money(500), Money(200)), "NUMBER_TAKEN"),
        (refund("T1", 2, 500, 300), ""),
    ],
)
def test_no_more_goes_back_than_was_paid(channel, accounts, shopper, asked, code):
    channel.pay(order("T1", 500), token())
    channel.refund(refund("T1", 1, 500, 200))
    channel.pay(order("T2", 20_000), token())
    channel.reverse(order("T3", 500))
    before = accounts.account(shopper).balance
    said = channel.refund(asked)
    assert said == channel.refund(asked) == channel.query_refund(asked)
    assert said.code == code if code else isinstance(said, RefundDone)
    assert accounts.account(shopper).balance == before + Money(0 if code else asked.amount.fen)


def test_a_settled_payment_lists_every_refund_that_was_asked_for(channel, clock, shopper):
    paid = channel.pay(order("T1", 500), token())
    asked = [(1, 200), (2, 301), (3, 300)]
    said = []
    for index, fen in asked:
        clock[0] += 1
        said.append(channel.refund(refund("T1", index, 500, fen)))
    assert [type(each) for each in said] == [RefundDone, RefundClosed, RefundDone]
    known = tuple(
        KnownRefund(f"T1R{index}", Money(fen), answer)
        for (index, fen), answer in zip(asked, said, strict=True)
    )
    settled = Settled("T1", paid.transaction_id, Money(500), known)
    assert channel.settled("T1") == channel.settled(transaction_id=paid.transaction_id) == settled
    for number in (("", ""), ("T1", paid.transaction_id)):
        raised(NotSent, lambda number=number: channel.settled(*number))


def test_a_declined_payment_has_nothing_to_settle(channel, shopper):
    channel.pay(order("T1", 10_001), token())
    assert raised(Refused, lambda: channel.settled("T1")).code == "BALANCE_NOT_ENOUGH"


@pytest.mark.parametrize("wrong", [Money(0), Money(-5), Money(5, "USD")])
def test_a_refund_that_cannot_be_is_not_sent(channel, shopper, wrong):
    channel.pay(order("T1", 500), token())
    raised(NotSent, lambda: channel.refund(RefundOrder("T1", "T1R1", Money(500), wrong)))
    raised(NotSent, lambda: channel.refund(RefundOrder("T1", "一", Money(500), Money(1))))
    assert channel.query_refund(refund("T1", 1, 500, 1)) == NotFound()


def test_two_merchants_have_nothing_in_common(channel, database, accounts, shopper):
    stranger = StoredValue(Journal(database, f"{shopper}-else"), CardNumbers(KEY))
    paid = channel.pay(order("T1", 500), token())
    assert stranger.pay(order("T1", 500), token()).code == "CARD_UNKNOWN"
    assert stranger.refund(refund("T1", 1, 500, 500)).code == "NOT_PAID"
    assert stranger.settled(transaction_id=paid.transaction_id) == NotFound()
    assert channel.query(order("T1", 500)) == paid
    assert accounts.account(shopper).balance == Money(9_500)
