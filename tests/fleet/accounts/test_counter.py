"""Money over the counter: a number moves once, and the statement says what moved."""

from __future__ import annotations

import pytest

from fleet.accounts import Kind, LedgerAccount, Limits, audit
from kiosk.channels.channel import PayOrder, RefundOrder, Refused, Token, TokenKind
from kiosk.channels.testing.peer import raised
from kiosk.domain.money import Money
from tests.fleet.accounts.peer import card_number


@pytest.fixture
def account_id(accounts):
    return accounts.open(card_number(1), by="staff 1").account_id


def test_the_same_top_up_again_is_the_same_top_up(accounts, counter, account_id):
    receipts = {counter.top_up(account_id, "U1", Money(500), by="staff 1") for _ in range(3)}
    assert len(receipts) == 1
    assert accounts.account(account_id).balance == Money(500)


def test_a_top_up_is_repeated_whatever_happened_meanwhile(accounts, counter, account_id):
    first = counter.top_up(account_id, "U1", Money(500), by="staff 1")
    accounts.freeze(account_id, by="staff 1")
    accounts.limit(account_id, Limits(balance_fen=1), by="staff 1")
    assert counter.top_up(account_id, "U1", Money(500), by="staff 2") == first


def test_a_number_with_other_values_is_refused(accounts, counter, account_id):
    other = accounts.open(card_number(2), by="staff 1").account_id
    counter.top_up(account_id, "N1", Money(500), by="staff 1")
    for owner, fen in ((account_id, 501), (other, 500)):
        error = raised(
            Refused, lambda o=owner, f=fen: counter.top_up(o, "N1", Money(f), by="staff 1")
        )
        assert error.code == "NUMBER_TAKEN"
    # A pay-out has numbers of its own.
    assert counter.pay_out(account_id, "N1", Money(500), by="staff 1").amount == Money(500)


@pytest.mark.parametrize(
    ("fen", "code"), [(1_000, ""), (1_001, "BALANCE_LIMIT_EXCEEDED"), (0, "AMOUNT_INVALID")]
)
def test_an_account_holds_no_more_than_it_may(accounts, counter, account_id, fen, code):
    accounts.limit(account_id, Limits(balance_fen=1_500), by="staff 1")
    counter.top_up(account_id, "U1", Money(500), by="staff 1")
    if code:
        error = raised(Refused, lambda: counter.top_up(account_id, "U2", Money(fen), by="staff 1"))
        assert error.code == code
        # A refused number moved nothing, so it is free.
        assert counter.top_up(account_id, "U2", Money(1), by="staff 1").amount == Money(1)
    else:
        counter.top_up(account_id, "U2", Money(fen), by="staff 1")
        assert accounts.account(account_id).balance == Money(1_500)


def test_no_more_is_paid_out_than_is_there(counter, accounts, account_id):
    counter.top_up(account_id, "U1", Money(500), by="staff 1")
    error = raised(Refused, lambda: counter.pay_out(account_id, "O1", Money(501), by="staff 1"))
    assert error.code == "BALANCE_NOT_ENOUGH"
    for _ in range(2):
        counter.pay_out(account_id, "O1", Money(500), by="staff 1")
    assert accounts.account(account_id).balance == Money(0)


def test_a_number_that_cannot_be_is_an_error_of_the_caller(counter, account_id):
    with pytest.raises(ValueError, match="64 characters"):
        counter.top_up(account_id, "充值", Money(1), by="staff 1")


def test_the_statement_and_the_ledger_accounts_say_what_moved(
    channel, counter, journal, clock, account_id
):
    order = PayOrder("T1", Money(300), "苹果")
    undone = PayOrder("T2", Money(50), "苹果")
    token = Token(TokenKind.CODE, card_number(1))
    for step in (
        lambda: counter.top_up(account_id, "U1", Money(1_000), by="staff 1"),
        lambda: channel.pay(order, token),
        lambda: channel.pay(undone, token),
        lambda: channel.reverse(undone),
        lambda: channel.refund(RefundOrder("T1", "T1R1", Money(300), Money(120))),
        lambda: counter.pay_out(account_id, "O1", Money(20), by="staff 2"),
    ):
        clock[0] += 1
        step()
    lines = counter.statement(account_id)
    assert [(line.kind, line.number, line.fen, line.by) for line in lines] == [
        (Kind.PAY_OUT, "O1", -20, "staff 2"),
        (Kind.REFUND, "T1R1", 120, ""),
        (Kind.REVERSAL, "T2", 50, ""),
        (Kind.PAYMENT, "T2", -50, ""),
        (Kind.PAYMENT, "T1", -300, ""),
        (Kind.TOP_UP, "U1", 1_000, "staff 1"),
    ]
    older = counter.statement(account_id, before=lines[3].entry_no, limit=1)
    assert older == lines[4:5]
    found = audit(journal)
    assert found.sound
    assert (found.entries, found.balance_fen) == (6, 800)
    assert found.totals == {
        LedgerAccount.STORED_VALUE: 800,
        LedgerAccount.TOP_UP_CLEARING: -980,
        LedgerAccount.SALES: 300,
        LedgerAccount.SALES_REFUNDED: -120,
    }
