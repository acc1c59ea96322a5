"""The journal of one merchant: every movement is an entry whose postings add up to zero.

An entry is written together with the balance that it changes, while the account's row is held, and
never changed afterwards. Whoever holds several things takes them in this order, so nobody waits in
a circle: the number of a payment, the number of a refund, the account.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Table, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from fleet.accounts.refusals import refused
from fleet.accounts.tables import account, journal, posting
from fleet.database import Database, claim, locked
from kiosk.channels.channel import NotSent, OutcomeUnknown
from kiosk.domain.money import Money

CURRENCY = "CNY"
MOST_FEN = 10**11  # a billion yuan: no till takes it, and sums of it fit the columns


class LedgerAccount(StrEnum):
    """The merchant's accounts; the package's docstring draws what moves between them."""

    STORED_VALUE = "STORED_VALUE"
    TOP_UP_CLEARING = "TOP_UP_CLEARING"
    SALES = "SALES"
    SALES_REFUNDED = "SALES_REFUNDED"


class Kind(StrEnum):
    """What moves money; of each kind a number moves it once."""

    TOP_UP = "TOP_UP"
    PAY_OUT = "PAY_OUT"
    PAYMENT = "PAYMENT"
    REVERSAL = "REVERSAL"
    REFUND = "REFUND"


AGAINST: Mapping[Kind, LedgerAccount] = {
    Kind.TOP_UP: LedgerAccount.TOP_UP_CLEARING,
    Kind.PAY_OUT: LedgerAccount.TOP_UP_CLEARING,
    Kind.PAYMENT: LedgerAccount.SALES,
    Kind.REVERSAL: LedgerAccount.SALES,
    Kind.REFUND: LedgerAccount.SALES_REFUNDED,
}


@dataclass(frozen=True, slots=True)
class Movement:
    """`fen` onto (or, negative, off) a shopper's account; `by` is who, "" for a till."""

    kind: Kind
    number: str
    account_id: str
    fen: int
    by: str = ""


class Journal:
    """Writes one merchant's entries; safe for threads and for any number of processes."""

    def __init__(
        self,
        database: Database,
        merchant_id: str,
        wall_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        random: Callable[[int], int] = secrets.randbelow,
    ) -> None:
        """`random(n)` gives an integer from 0 to n - 1 that nobody can foresee."""
        self.merchant_id = merchant_id
        self.wall_ms = wall_ms
        self.random = random
        self._database = database

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that may write.

        Raises NotSent where it could not begin, OutcomeUnknown where it broke: it may be committed.
        """
        with _told(self._database.write()) as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only looks; raises as `write` does."""
        with _told(self._database.read()) as connection:
            yield connection

    def held(self, connection: Connection, account_id: str) -> Row[Any]:
        """The account's row, held until the transaction ends; Refused ACCOUNT_UNKNOWN."""
        row = connection.execute(
            locked(select(account).where(*self._key(account, {"account_id": account_id})))
        ).first()
        if row is None:
            raise refused("ACCOUNT_UNKNOWN")
        return row

    def claim(self, connection: Connection, table: Table, **row: object) -> bool:
        """Put a row of this merchant in, unless its key is there; whoever else puts it is awaited.

        False: it is there, committed, and can be read.
        """
        return claim(connection, table, {"merchant_id": self.merchant_id, **row})

    def row(
        self, connection: Connection, table: Table, key: Mapping[str, str], *, hold: bool = False
    ) -> Row[Any] | None:
        """This merchant's row with these values; with `hold` nobody else changes it meanwhile."""
        query = select(table).where(*self._key(table, key))
        return connection.execute(locked(query) if hold else query).first()

    def change(
        self, connection: Connection, table: Table, key: Mapping[str, str], **values: object
    ) -> None:
        """Give this merchant's row new values."""
        connection.execute(update(table).where(*self._key(table, key)).values(values))

    def post(self, connection: Connection, movement: Movement) -> str:
        """Write the entry and change the balance; the caller holds the account. Its entry_no."""
        at_ms = self.wall_ms()
        entry_no = f"{at_ms:013d}{self.random(10**11):011d}"
        merchant = {"merchant_id": self.merchant_id, "entry_no": entry_no}
        connection.execute(
            insert(journal).values(
                **merchant, kind=movement.kind, number=movement.number, by=movement.by, at_ms=at_ms
            )
        )
        lines = (
            (LedgerAccount.STORED_VALUE, movement.account_id, movement.fen),
            (AGAINST[movement.kind], "", -movement.fen),
        )
        connection.execute(
            insert(posting),
            [
                {**merchant, "line": line, "ledger": ledger, "account_id": owner, "fen": fen}
                for line, (ledger, owner, fen) in enumerate(lines)
            ],
        )
        balance = account.c.balance_fen + movement.fen
        self.change(connection, account, {"account_id": movement.account_id}, balance_fen=balance)
        return entry_no

    def _key(self, table: Table, key: Mapping[str, str]) -> list[Any]:
        pairs = {"merchant_id": self.merchant_id, **key}
        return [table.c[name] == value for name, value in pairs.items()]


def payable(amount: Money) -> bool:
    """Whether an amount can move at all."""
    return amount.currency == CURRENCY and 0 < amount.fen <= MOST_FEN


@contextmanager
def _told(transaction: Any) -> Iterator[Connection]:
    begun = False
    try:
        with transaction as connection:
            begun = True
            yield connection
    except SQLAlchemyError as error:
        cause = f"the database of stored value ({type(error).__name__})"
        mend = "Look at the database; the same number may then be asked again."
        raise (OutcomeUnknown if begun else NotSent)(cause, mend) from error
