"""The proof of a merchant's books: what must add up does, and every answer has its entry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, func, select

from fleet.accounts.journal import Journal, Kind, LedgerAccount
from fleet.accounts.states import PaymentState, RefundState
from fleet.accounts.tables import account, posting, stored_payment, stored_refund
from fleet.accounts.tables import journal as entries

MOST_FAULTS = 100  # of each kind; there should be none


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found at one moment; amounts in fen.

    `totals` are the sums of the ledger accounts, which add up to zero. `balance_fen` is the sum of
    the balances kept beside the journal. `faults` name what does not agree.
    """

    entries: int
    totals: Mapping[LedgerAccount, int]
    balance_fen: int
    faults: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def audit(journal: Journal) -> Audit:
    """Check a merchant's whole journal as of one moment, while others go on writing.

    Raises NotSent or OutcomeUnknown where the database does not answer.
    """
    with journal.read() as connection:
        if connection.dialect.name == "postgresql":
            # All queries below see the same moment, as they do on SQLite.
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        books = _Books(connection, journal.merchant_id)
        totals = books.totals()
        balance_fen = books.balance_fen()
        faults = [*books.unbalanced(), *books.wrong_balances(), *books.unanswered()]
        if sum(totals.values()):
            faults.append(f"the ledger accounts add up to {sum(totals.values())}")
        return Audit(books.entries(), totals, balance_fen, tuple(faults))


class _Books:
    """The questions, asked of one transaction."""

    def __init__(self, connection: Connection, merchant_id: str) -> None:
        self._connection = connection
        self._merchant = merchant_id

    def entries(self) -> int:
        query = select(func.count()).select_from(entries)
        return int(self._connection.execute(self._mine(query, entries)).scalar_one())

    def totals(self) -> Mapping[LedgerAccount, int]:
        query = select(posting.c.ledger, func.sum(posting.c.fen)).group_by(posting.c.ledger)
        found = {row[0]: int(row[1]) for row in self._rows(self._mine(query, posting))}
        return {ledger: found.get(ledger, 0) for ledger in LedgerAccount}

    def balance_fen(self) -> int:
        query = select(func.coalesce(func.sum(account.c.balance_fen), 0))
        return int(self._connection.execute(self._mine(query, account)).scalar_one())

    def unbalanced(self) -> Iterator[str]:
        total = func.sum(posting.c.fen)
        query = select(posting.c.entry_no, total).group_by(posting.c.entry_no).having(total != 0)
        for row in self._found(self._mine(query, posting)):
            yield f"entry {row[0]} adds up to {row[1]}"
        written = self._mine(select(entries.c.entry_no), entries)
        posted = self._mine(select(posting.c.entry_no), posting)
        for row in self._found(written.except_(posted)):
            yield f"entry {row[0]} has no postings"
        for row in self._found(posted.except_(written)):
            yield f"posting of no entry {row[0]}"

    def wrong_balances(self) -> Iterator[str]:
        posted = (
            select(posting.c.account_id, func.sum(posting.c.fen).label("fen"))
            .where(posting.c.merchant_id == self._merchant)
            .where(posting.c.ledger == LedgerAccount.STORED_VALUE)
            .group_by(posting.c.account_id)
            .subquery()
        )
        fen = func.coalesce(posted.c.fen, 0)
        query = (
            select(account.c.account_id, account.c.balance_fen, fen)
            .outerjoin(posted, posted.c.account_id == account.c.account_id)
            .where(account.c.balance_fen != fen)
        )
        for row in self._found(self._mine(query, account)):
            yield f"account {row[0]} has {row[1]}, its postings add up to {row[2]}"
        known = self._mine(select(account.c.account_id), account)
        for row in self._found(select(posted.c.account_id).except_(known)):
            yield f"postings of no account {row[0]}"

    def unanswered(self) -> Iterator[str]:
        """Answers without their entry, entries without their answer, and too much given back."""
        paid, back = stored_payment.c, stored_refund.c
        held = paid.state.in_((PaymentState.PAID, PaymentState.REVERSED)) & (paid.entry_no != "")
        undone = (paid.state == PaymentState.REVERSED) & (paid.entry_no != "")
        done = back.state == RefundState.DONE
        yield from self._unmatched(Kind.PAYMENT, stored_payment, "out_trade_no", held, sign=-1)
        yield from self._unmatched(Kind.REVERSAL, stored_payment, "out_trade_no", undone)
        yield from self._unmatched(Kind.REFUND, stored_refund, "out_refund_no", done)
        given = func.sum(back.fen)
        query = (
            select(back.out_trade_no, given, paid.fen)
            .join(
                stored_payment,
                (paid.merchant_id == back.merchant_id) & (paid.out_trade_no == back.out_trade_no),
            )
            .where(done)
            .group_by(back.out_trade_no, paid.fen)
            .having(given > paid.fen)
        )
        for row in self._found(self._mine(query, stored_refund)):
            yield f"payment {row[0]} gave back {row[1]} of {row[2]}"

    def _unmatched(
        self, kind: Kind, table: Table, number: str, moved: Any, *, sign: int = 1
    ) -> Iterator[str]:
        both = (posting.c.merchant_id == entries.c.merchant_id) & (
            posting.c.entry_no == entries.c.entry_no
        )
        answers = self._mine(select(table.c[number], sign * table.c.fen).where(moved), table)
        movements = (
            self._mine(select(entries.c.number, posting.c.fen), entries)
            .join(posting, both)
            .where(entries.c.kind == kind, posting.c.ledger == LedgerAccount.STORED_VALUE)
        )
        if kind is not Kind.REVERSAL:  # its answer keeps the number of the payment's entry
            answers = answers.add_columns(table.c.entry_no)
            movements = movements.add_columns(entries.c.entry_no)
        for row in self._found(answers.except_(movements)):
            yield f"{kind} {row[0]} was answered, and is not in the journal"
        for row in self._found(movements.except_(answers)):
            yield f"{kind} {row[0]} is in the journal, and was not answered"

    def _mine(self, query: Any, table: Table) -> Any:
        return query.where(table.c.merchant_id == self._merchant)

    def _rows(self, query: Any) -> Any:
        return self._connection.execute(query).all()

    def _found(self, query: Any) -> Any:
        return self._rows(query.limit(MOST_FAULTS))
