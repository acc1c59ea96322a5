"""Money over the counter: onto an account when it is topped up, off it when it is paid out."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection, Row, select

from fleet.accounts.account import Line, Receipt
from fleet.accounts.journal import Journal, Kind, LedgerAccount, Movement, payable
from fleet.accounts.refusals import refused
from fleet.accounts.states import AccountState
from fleet.accounts.tables import journal as entries
from fleet.accounts.tables import posting
from kiosk.domain.money import Money

_NUMBER = re.compile(r"[A-Za-z0-9_\-|*@]{1,64}")


class Counter:
    """What staff move on one merchant's accounts.

    Every movement has a number of the caller's own: the same number again is the same movement,
    with other values Refused NUMBER_TAKEN. NotSent, OutcomeUnknown: ask again with that number.
    ValueError: the number is not 1 to 64 characters of A-Za-z0-9_-|*@.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def top_up(self, account_id: str, top_up_no: str, amount: Money, *, by: str) -> Receipt:
        """Put money onto an account that is open, within the balance it may have.

        Refused ACCOUNT_UNKNOWN, ACCOUNT_CLOSED, CARD_FROZEN, BALANCE_LIMIT_EXCEEDED,
        AMOUNT_INVALID.
        """
        return self._move(account_id, Kind.TOP_UP, top_up_no, amount, by)

    def pay_out(self, account_id: str, pay_out_no: str, amount: Money, *, by: str) -> Receipt:
        """Give money of an account back in cash, whatever its state; before it is closed, all.

        Refused ACCOUNT_UNKNOWN, BALANCE_NOT_ENOUGH, AMOUNT_INVALID.
        """
        return self._move(account_id, Kind.PAY_OUT, pay_out_no, amount, by)

    def statement(self, account_id: str, before: str = "", limit: int = 100) -> tuple[Line, ...]:
        """What moved on the account, the newest first; `before`: older than that entry_no."""
        where = [*self._lines_of(account_id), *([entries.c.entry_no < before] if before else [])]
        query = self._query().where(*where).order_by(entries.c.entry_no.desc()).limit(limit)
        with self._journal.read() as connection:
            rows = connection.execute(query).all()
        return tuple(
            Line(row.entry_no, Kind(row.kind), row.number, row.fen, row.by, row.at_ms)
            for row in rows
        )

    def _move(self, account_id: str, kind: Kind, number: str, amount: Money, by: str) -> Receipt:
        if not payable(amount):
            raise refused("AMOUNT_INVALID")
        if not _NUMBER.fullmatch(number):
            raise ValueError("the number must be 1 to 64 characters of A-Za-z0-9_-|*@")
        fen = amount.fen if kind is Kind.TOP_UP else -amount.fen
        with self._journal.write() as connection:
            owner = self._journal.held(connection, account_id)
            known = self._known(connection, kind, number)
            if known is not None:
                if (known.account_id, known.fen) != (account_id, fen):
                    raise refused("NUMBER_TAKEN")
                return Receipt(known.entry_no, account_id, amount)
            code = _refusal(owner, kind, fen)
            if code:
                raise refused(code)
            entry_no = self._journal.post(connection, Movement(kind, number, account_id, fen, by))
        return Receipt(entry_no, account_id, amount)

    def _known(self, connection: Connection, kind: Kind, number: str) -> Row[Any] | None:
        where = (entries.c.kind == kind, entries.c.number == number, *self._lines_of())
        return connection.execute(self._query().where(*where)).first()

    def _query(self) -> Any:
        both = (posting.c.merchant_id == entries.c.merchant_id) & (
            posting.c.entry_no == entries.c.entry_no
        )
        return select(entries, posting.c.account_id, posting.c.fen).join(posting, both)

    def _lines_of(self, account_id: str = "") -> list[Any]:
        mine = [
            entries.c.merchant_id == self._journal.merchant_id,
            posting.c.ledger == LedgerAccount.STORED_VALUE,
        ]
        return [*mine, posting.c.account_id == account_id] if account_id else mine


def _refusal(owner: Row[Any], kind: Kind, fen: int) -> str:
    after = owner.balance_fen + fen
    if kind is Kind.PAY_OUT:
        return "BALANCE_NOT_ENOUGH" if after < 0 else ""
    match AccountState(owner.state):
        case AccountState.CLOSED:
            return "ACCOUNT_CLOSED"
        case AccountState.FROZEN:
            return "CARD_FROZEN"
        case AccountState.OPEN:
            most = owner.balance_limit_fen
            return "BALANCE_LIMIT_EXCEEDED" if most is not None and after > most else ""
