"""Many tills at the same account, the same number, the same payment, in the same moment."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from functools import partial

import pytest

from fleet.accounts import Accounts, CardNumbers, Journal, Limits
from fleet.database import Database
from kiosk.channels.channel import OutcomeUnknown, PayOrder, RefundOrder, Refused, Token, TokenKind
from kiosk.channels.testing.peer import raised, together
from kiosk.domain.money import Money
from kiosk.domain.payment import Approved, Declined, Reversed
from kiosk.domain.refund import RefundDone
from tests.fleet.accounts.peer import KEY, card_number

TILLS = 8
ROUNDS = 5


@pytest.fixture
def shopper(accounts, counter):
    """An account with 10 yuan and a card for each till."""
    account_id = accounts.open(card_number(0), by="staff 1").account_id
    for till in range(1, TILLS):
        accounts.add_card(account_id, card_number(till), by="staff 1")
    counter.top_up(account_id, "U1", Money(1_000), by="staff 1")
    return account_id


def token(till):
    return Token(TokenKind.CODE, card_number(till))


def at_once(call, *, tills=TILLS):
    """What `call(till)` answered to each till, all asked at once."""
    said = {}

    def ask(till):
        said[till] = call(till)

    together([partial(ask, till) for till in range(tills)])
    return [said[till] for till in range(tills)]


def test_a_balance_is_spent_once_by_all_its_cards(channel, accounts, shopper):
    said = [
        answer
        for turn in range(ROUNDS)
        for answer in at_once(
            lambda till, turn=turn: channel.pay(
                PayOrder(f"T{turn}-{till}", Money(100), "苹果"), token(till)
            )
        )
    ]
    assert sum(isinstance(each, Approved) for each in said) == 10
    assert {each.code for each in said if isinstance(each, Declined)} == {"BALANCE_NOT_ENOUGH"}
    assert accounts.account(shopper).balance == Money(0)


def test_a_day_is_spent_once_by_all_its_cards(channel, accounts, shopper):
    accounts.limit(shopper, Limits(per_day_fen=350), by="staff 1")
    said = at_once(lambda till: channel.pay(PayOrder(f"T{till}", Money(100), "苹果"), token(till)))
    assert sum(isinstance(each, Approved) for each in said) == 3


def test_a_number_asked_for_by_all_is_paid_once(channel, accounts, shopper):
    for turn in range(ROUNDS):
        order = PayOrder(f"T{turn}", Money(100), "苹果")
        said = at_once(lambda till, order=order: channel.pay(order, token(till)))
        assert set(said) == {channel.query(order)}
    assert accounts.account(shopper).balance == Money(1_000 - 100 * ROUNDS)


def test_a_payment_and_its_reversal_cross_and_hold_nothing(channel, accounts, shopper):
    for turn in range(2 * ROUNDS):
        order = PayOrder(f"T{turn}", Money(100), "苹果")

        def ask(till, order=order):
            return channel.reverse(order) if till % 2 else channel.pay(order, token(till))

        said = at_once(ask, tills=4)
        assert [each for each in said if isinstance(each, Reversed)] == [Reversed()] * 2
        assert channel.query(order).code == "REVERSED"
    assert accounts.account(shopper).balance == Money(1_000)


def test_refunds_of_one_payment_stay_within_it(channel, accounts, shopper):
    channel.pay(PayOrder("T1", Money(1_000), "苹果"), token(0))
    said = at_once(
        lambda till: channel.refund(RefundOrder("T1", f"T1R{till}", Money(1_000), Money(300)))
    )
    assert sum(isinstance(each, RefundDone) for each in said) == 3
    assert accounts.account(shopper).balance == Money(900)


def test_a_refund_and_a_reversal_give_back_once(channel, accounts, shopper):
    for turn in range(ROUNDS):
        order = PayOrder(f"T{turn}", Money(100), "苹果")
        channel.pay(order, token(0))
        back = RefundOrder(order.out_trade_no, f"T{turn}R1", Money(100), Money(100))

        def ask(till, order=order, back=back):
            if till:
                return channel.refund(back)
            try:
                return channel.reverse(order)
            except Refused as error:
                return error.code

        assert [type(each) for each in at_once(ask, tills=2)].count(str) in (0, 1)
        assert accounts.account(shopper).balance == Money(1_000)


def test_a_top_up_of_one_number_is_made_once(accounts, counter, shopper):
    at_once(lambda till: counter.top_up(shopper, "U2", Money(7), by=f"till {till}"))
    assert accounts.account(shopper).balance == Money(1_007)


def test_a_number_topped_up_on_two_accounts_reaches_one(accounts, counter, shopper):
    other = accounts.open(card_number(99), by="staff 1").account_id

    def ask(till):
        try:
            owner = other if till else shopper
            return counter.top_up(owner, "U2", Money(7), by="staff 1").account_id
        except (Refused, OutcomeUnknown) as error:
            return type(error)

    said = at_once(ask, tills=2)
    (won,) = {shopper, other} & set(said)
    lost = other if won == shopper else shopper
    again = raised(Refused, lambda: counter.top_up(lost, "U2", Money(7), by="staff 1"))
    assert again.code == "NUMBER_TAKEN"
    assert accounts.account(lost).balance == Money(0 if lost == other else 1_000)


class SlowDatabase(Database):
    """Lets others go ahead between a transaction's last word and its commit."""

    def __init__(self, url):
        super().__init__(url)
        self.reached, self.goes_on = threading.Event(), threading.Event()

    @contextmanager
    def write(self):
        with super().write() as connection:
            yield connection
            self.reached.set()
            self.goes_on.wait(5)


def test_a_card_that_is_being_replaced_pays_no_more(
    channel, accounts, journal, database_url, shopper
):
    slow = SlowDatabase(database_url)
    staff = Accounts(Journal(slow, journal.merchant_id), CardNumbers(KEY))
    old = {card.last4: card.card_id for card in accounts.cards(shopper)}[card_number(1)[-4:]]
    said = []
    threads = [
        threading.Thread(
            target=staff.replace_card, args=(old, card_number(50)), kwargs={"by": "x"}
        ),
        threading.Thread(
            target=lambda: said.append(channel.pay(PayOrder("T1", Money(1), "苹果"), token(1)))
        ),
    ]
    threads[0].start()
    assert slow.reached.wait(5)
    threads[1].start()
    time.sleep(0.2)  # long enough for the payment to wait for the account
    assert said == []
    slow.goes_on.set()
    for thread in threads:
        thread.join()
    slow.close()
    assert [each.code for each in said] == ["CARD_REPLACED"]
