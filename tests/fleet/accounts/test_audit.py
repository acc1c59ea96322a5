"""The proof finds what does not add up, and the database lets nobody rewrite what moved."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import delete, event, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from fleet.accounts import (
    Accounts,
    CardNumbers,
    Counter,
    Journal,
    LedgerAccount,
    StoredValue,
    audit,
    tables,
)
from fleet.database import Database
from kiosk.channels.channel import PayOrder, RefundOrder, Token, TokenKind
from kiosk.domain.money import Money
from tests.fleet.accounts.peer import KEY, NOON, card_number


@pytest.fixture
def spoiled(database) -> Journal:
    """The books of a merchant with a payment, a reversal and a refund, to be spoiled."""
    journal = Journal(database, uuid4().hex, wall_ms=lambda: NOON)
    account_id = Accounts(journal, CardNumbers(KEY)).open(card_number(1), by="staff 1").account_id
    Counter(journal).top_up(account_id, "U1", Money(1_000), by="staff 1")
    channel = StoredValue(journal, CardNumbers(KEY))
    for number in ("T1", "T2"):
        channel.pay(PayOrder(number, Money(100), "苹果"), Token(TokenKind.CODE, card_number(1)))
    channel.refund(RefundOrder("T1", "T1R1", Money(100), Money(60)))
    channel.reverse(PayOrder("T2", Money(100), "苹果"))
    assert audit(journal).sound
    return journal


def of(journal, table, **values):
    pairs = {"merchant_id": journal.merchant_id, **values}
    return [table.c[name] == value for name, value in pairs.items()]


def changed(table, where, **values):
    return lambda journal: update(table).where(*of(journal, table, **where)).values(values)


def removed(table, **where):
    return lambda journal: delete(table).where(*of(journal, table, **where))


def posted(entry_no, ledger="SALES", account_id="", fen=1):
    return lambda journal: insert(tables.posting).values(
        merchant_id=journal.merchant_id,
        entry_no=entry_no or _an_entry(journal),
        line=9,
        ledger=ledger,
        account_id=account_id,
        fen=fen,
    )


def written(kind, number):
    return lambda journal: insert(tables.journal).values(
        merchant_id=journal.merchant_id, entry_no="E9", kind=kind, number=number, by="", at_ms=1
    )


def _an_entry(journal):
    with journal.read() as connection:
        query = select(tables.journal.c.entry_no).where(*of(journal, tables.journal, number="T1"))
        return connection.execute(query).scalar_one()


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (changed(tables.account, {}, balance_fen=961), "its postings add up to 960"),
        (removed(tables.account), "postings of no account"),
        (posted(""), "adds up to 1"),
        (posted(""), "the ledger accounts add up to 1"),
        (posted("E8"), "posting of no entry E8"),
        (written("TOP_UP", "U9"), "entry E9 has no postings"),
        (changed(tables.stored_payment, {"out_trade_no": "T1"}, fen=99), "PAYMENT T1 was answered"),
        (removed(tables.stored_payment, out_trade_no="T1"), "PAYMENT T1 is in the journal"),
        (
            changed(tables.stored_payment, {"out_trade_no": "T1"}, state="DECLINED"),
            "PAYMENT T1 is in the journal",
        ),
        (
            changed(tables.stored_payment, {"out_trade_no": "T1"}, state="REVERSED"),
            "REVERSAL T1 was answered",
        ),
        (
            changed(tables.stored_payment, {"out_trade_no": "T2"}, state="PAID"),
            "REVERSAL T2 is in the journal",
        ),
        (
            changed(tables.stored_refund, {"out_refund_no": "T1R1"}, fen=120),
            "payment T1 gave back 120 of 100",
        ),
        (
            changed(tables.stored_refund, {"out_refund_no": "T1R1"}, state="CLOSED"),
            "REFUND T1R1 is in the journal",
        ),
    ],
)
def test_whatever_does_not_agree_is_found(spoiled, spoil, found):
    with spoiled.write() as connection:
        connection.execute(spoil(spoiled))
    faults = audit(spoiled).faults
    assert any(found in fault for fault in faults), faults


@pytest.mark.parametrize("table", [tables.journal, tables.posting], ids=lambda table: table.name)
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_nobody_rewrites_what_moved(spoiled, database, table, verb):
    statement = delete(table) if verb == "delete" else update(table).values(entry_no="E9")
    with pytest.raises(DBAPIError, match="append-only"), database.write() as connection:
        connection.execute(statement.where(*of(spoiled, table)))
    assert audit(spoiled).sound


def test_the_database_itself_lets_no_balance_fall_below_zero(spoiled, database):
    with pytest.raises(IntegrityError), database.write() as connection:
        connection.execute(changed(tables.account, {}, balance_fen=-1)(spoiled))


def test_books_are_proved_as_of_one_moment_while_they_are_written(spoiled, database_url):
    (account,) = Accounts(spoiled, CardNumbers(KEY)).list()
    ours = Database(database_url)

    def tops_up_between_two_questions(*_):
        number = uuid4().hex
        Counter(spoiled).top_up(account.account_id, number, Money(1), by="staff 1")

    with ours.read():  # whatever a first connection asks is over
        event.listen(ours.engine, "after_cursor_execute", tops_up_between_two_questions)
    found = audit(Journal(ours, spoiled.merchant_id))
    ours.close()
    after = audit(spoiled)
    assert after.balance_fen > found.balance_fen + 5
    assert found.faults == ()
    assert found.totals[LedgerAccount.STORED_VALUE] == found.balance_fen
    assert found.entries - 5 == found.balance_fen - 960
