"""What staff do with accounts and cards, and what it does to payments."""

from __future__ import annotations

import pytest

from fleet.accounts import AccountState, CardNumbers, CardState, Limits
from fleet.accounts.numbers import has_luhn_digit
from fleet.schema import metadata
from kiosk.channels.channel import PayOrder, RefundOrder, Refused, Token, TokenKind
from kiosk.channels.testing.peer import raised
from kiosk.domain.money import Money
from kiosk.domain.payment import Approved, Reversed
from kiosk.domain.refund import RefundDone
from tests.fleet.accounts.peer import NOON, card_number

OLD, NEW, MEMBER = card_number(1), card_number(2), card_number(3)


def pay(channel, number, card=OLD, fen=100):
    return channel.pay(PayOrder(number, Money(fen), "苹果"), Token(TokenKind.CODE, card))


def code_of(call, *args, **named):
    return raised(Refused, lambda: call(*args, **named)).code


@pytest.fixture
def account_id(accounts, counter):
    """An account with 10 yuan and one card."""
    account = accounts.open(OLD, by="staff 1")
    counter.top_up(account.account_id, "U1", Money(1_000), by="staff 1")
    return account.account_id


def test_a_new_account_is_open_and_empty(accounts):
    limits = Limits(1, 2, 3)
    account = accounts.open(OLD, limits, by="staff 1")
    assert (account.state, account.balance) == (AccountState.OPEN, Money(0))
    assert (account.limits, account.created_ms) == (limits, NOON)
    assert accounts.find(OLD) == accounts.account(account.account_id) == account


def test_several_cards_spend_one_balance(channel, accounts, account_id):
    accounts.add_card(account_id, MEMBER, by="staff 1")
    assert isinstance(pay(channel, "T1", OLD, 600), Approved)
    assert pay(channel, "T2", MEMBER, 600).code == "BALANCE_NOT_ENOUGH"
    assert isinstance(pay(channel, "T3", MEMBER, 400), Approved)
    assert accounts.find(MEMBER) == accounts.find(OLD)


def test_a_replaced_card_is_dead_and_the_balance_stays(channel, accounts, clock, account_id):
    (old,) = accounts.cards(account_id)
    clock[0] += 1
    assert accounts.replace_card(old.card_id, NEW, by="staff 1").balance == Money(1_000)
    assert pay(channel, "T1", OLD).code == "CARD_REPLACED"
    assert isinstance(pay(channel, "T2", NEW), Approved)
    assert [(card.last4, card.state) for card in accounts.cards(account_id)] == [
        (OLD[-4:], CardState.REPLACED),
        (NEW[-4:], CardState.ACTIVE),
    ]
    assert accounts.find(OLD).account_id == account_id
    assert code_of(accounts.replace_card, old.card_id, MEMBER, by="staff 1") == "CARD_REPLACED"
    assert code_of(accounts.open, OLD, by="staff 1") == "CARD_TAKEN"


def test_a_refused_replacement_leaves_the_old_card_alive(channel, accounts, account_id):
    accounts.open(NEW, by="staff 1")
    (old,) = accounts.cards(account_id)
    assert code_of(accounts.replace_card, old.card_id, NEW, by="staff 1") == "CARD_TAKEN"
    assert isinstance(pay(channel, "T1"), Approved)
    assert len(accounts.events(account_id)) == 1


def test_a_frozen_account_pays_nothing_but_takes_back(channel, accounts, counter, account_id):
    for number in ("T1", "T2"):
        pay(channel, number)
    accounts.freeze(account_id, by="staff 1")
    assert pay(channel, "T3").code == "CARD_FROZEN"
    top_up = (account_id, "U2", Money(1))
    assert code_of(counter.top_up, *top_up, by="staff 1") == "CARD_FROZEN"
    back = RefundOrder("T1", "T1R1", Money(100), Money(100))
    assert isinstance(channel.refund(back), RefundDone)
    assert channel.reverse(PayOrder("T2", Money(100), "苹果")) == Reversed()
    assert accounts.unfreeze(account_id, by="staff 1").balance == Money(1_000)
    assert isinstance(pay(channel, "T4"), Approved)
    assert counter.top_up(*top_up, by="staff 1").amount == Money(1)


def test_an_account_is_closed_when_it_is_empty_and_for_ever(channel, accounts, counter, account_id):
    for number in ("T1", "T2"):
        pay(channel, number)
    assert code_of(accounts.close, account_id, by="staff 1") == "BALANCE_LEFT"
    counter.pay_out(account_id, "O1", Money(800), by="staff 1")
    assert accounts.close(account_id, by="staff 1").state is AccountState.CLOSED
    assert pay(channel, "T3").code == "ACCOUNT_CLOSED"
    for call in (accounts.freeze, accounts.unfreeze):
        assert code_of(call, account_id, by="staff 1") == "ACCOUNT_CLOSED"
    assert code_of(accounts.limit, account_id, Limits(), by="staff 1") == "ACCOUNT_CLOSED"
    assert code_of(accounts.add_card, account_id, NEW, by="staff 1") == "ACCOUNT_CLOSED"
    assert code_of(counter.top_up, account_id, "U2", Money(1), by="staff 1") == "ACCOUNT_CLOSED"
    back = RefundOrder("T1", "T1R1", Money(100), Money(100))
    assert channel.refund(back).code == "ACCOUNT_CLOSED"
    assert channel.reverse(PayOrder("T2", Money(100), "苹果")) == Reversed()
    counter.pay_out(account_id, "O2", Money(100), by="staff 1")
    assert accounts.account(account_id).balance == Money(0)


def test_every_change_says_who_made_it_and_doing_it_again_changes_nothing(
    accounts, clock, account_id
):
    (old,) = accounts.cards(account_id)
    for step in (
        lambda: accounts.freeze(account_id, by="staff 2"),
        lambda: accounts.freeze(account_id, by="staff 3"),
        lambda: accounts.unfreeze(account_id, by="staff 3"),
        lambda: accounts.limit(account_id, Limits(5, None, 9), by="staff 3"),
        lambda: accounts.replace_card(old.card_id, NEW, by="staff 2"),
        lambda: accounts.add_card(account_id, MEMBER, by="staff 2"),
    ):
        clock[0] += 1
        step()
    assert [(e.number, e.at_ms - NOON, e.what, e.by) for e in accounts.events(account_id)] == [
        (1, 0, f"opened with card {OLD[-4:]}", "staff 1"),
        (2, 1, "frozen", "staff 2"),
        (3, 3, "open", "staff 3"),
        (4, 4, "limits 5 None 9", "staff 3"),
        (5, 5, f"replaced card {OLD[-4:]} by {NEW[-4:]}", "staff 2"),
        (6, 6, f"added card {MEMBER[-4:]}", "staff 2"),
    ]


@pytest.mark.parametrize("limits", [(-1, None, None), (None, -1, None), (None, None, 10**11 + 1)])
def test_a_limit_is_an_amount(limits):
    with pytest.raises(ValueError, match="a limit is"):
        Limits(*limits)


def test_what_is_not_there_is_refused_by_name(accounts, counter):
    assert code_of(accounts.account, "0") == "ACCOUNT_UNKNOWN"
    assert code_of(accounts.freeze, "0", by="staff 1") == "ACCOUNT_UNKNOWN"
    assert code_of(counter.top_up, "0", "U1", Money(1), by="staff 1") == "ACCOUNT_UNKNOWN"
    assert code_of(accounts.find, OLD) == "CARD_UNKNOWN"
    assert code_of(accounts.replace_card, "0", OLD, by="staff 1") == "CARD_UNKNOWN"
    assert code_of(accounts.open, "9156", by="staff 1") == "CARD_NUMBER_INVALID"


def test_accounts_are_listed_page_by_page(accounts):
    made = {accounts.open(card_number(n), by="staff 1").account_id for n in range(5)}
    first = accounts.list(limit=3)
    rest = accounts.list(after=first[-1].account_id, limit=3)
    assert [len(first), len(rest)] == [3, 2]
    assert [each.account_id for each in (*first, *rest)] == sorted(made)


def test_a_copy_of_the_database_tells_no_card_number(channel, accounts, database, account_id):
    (old,) = accounts.cards(account_id)
    accounts.replace_card(old.card_id, NEW, by="staff 1")
    pay(channel, "T1", NEW)
    with database.read() as connection:
        rows = [connection.execute(table.select()).all() for table in metadata.sorted_tables]
    text = repr(rows)
    assert account_id in text
    assert NEW[-4:] in text
    assert all(number[:-4] not in text for number in (OLD, NEW))


@pytest.mark.parametrize(
    ("digits", "right"),
    [
        ("4111111111111111", True),  # published test numbers of card schemes
        ("5555555555554444", True),
        ("6011000990139424", True),
        ("4111111111111112", False),
        ("4111111111111211", False),
        ("1411111111111111", False),
    ],
)
def test_the_check_digit_is_luhns(digits, right):
    assert has_luhn_digit(digits) is right


def test_a_card_is_known_by_key_and_merchant():
    names = {
        CardNumbers(key * 32).read(merchant, OLD).card_id
        for key in (b"a", b"b")
        for merchant in ("M1", "M2")
    }
    assert len(names) == 4
    with pytest.raises(ValueError, match="32 bytes"):
        CardNumbers(b"short")
