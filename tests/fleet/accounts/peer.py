"""The far side of stored value is its database: one that breaks off, and one that is not there."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import OperationalError

from fleet.accounts import Accounts, CardNumbers, Counter, Journal, Kind, StoredValue
from fleet.accounts.tables import journal as entries
from fleet.accounts.tables import posting
from fleet.database import Database
from kiosk.channels.channel import PayOrder, Token, TokenKind
from kiosk.channels.testing import Meets
from kiosk.channels.testing.peer import approved
from kiosk.domain.money import Money
from kiosk.domain.payment import Approved

KEY = b"k" * 32
NOON = 1_772_337_600_000  # 1 March 2026, 12:00 in Beijing

LOST_BEFORE = {Meets.LOST_REQUEST, Meets.LOST_REFUND_REQUEST, Meets.REVERSE_AGAIN}
LOST_AFTER = {Meets.LOST_ANSWER, Meets.LOST_REVERSAL, Meets.LOST_REFUND}


class FragileDatabase(Database):
    """Breaks a writing transaction off when told: before its commit, or just after it.

    Before: the driver's connection is gone, so the database itself rolls back. After: it has
    committed, and the caller never hears of it.
    """

    breaks = ""

    @contextmanager
    def write(self) -> Iterator[Connection]:
        how, self.breaks = self.breaks, ""
        with super().write() as connection:
            yield connection
            if how == "before":
                connection.connection.driver_connection.close()
        if how == "after":
            raise OperationalError("COMMIT", {}, ConnectionResetError("the line was cut"))


class StoredValuePeer:
    """Shoppers with cards, and what the journal holds, seen from outside."""

    def __init__(self, journal: Journal, database: FragileDatabase) -> None:
        self._journal = journal
        self._database = database
        self._numbers = CardNumbers(KEY)
        self._accounts = Accounts(journal, self._numbers)
        self._counter = Counter(journal)
        self._away: list[Database] = []
        self._count = 0
        self._poor = False

    def meet(self, what: Meets) -> None:
        if what is Meets.DECLINE:
            self._poor = True
        elif what in LOST_BEFORE:
            self._database.breaks = "before"
        elif what in LOST_AFTER:
            self._database.breaks = "after"
        else:
            raise AssertionError(f"{what} cannot happen to stored value")

    def new_trade_no(self) -> str:
        self._count += 1
        return f"T{self._count:06d}"

    def token(self) -> Token:
        """A card of a shopper who has enough money, or none after DECLINE."""
        breaks, self._database.breaks = self._database.breaks, ""
        self._count += 1
        number = card_number(self._count)
        account_id = self._accounts.open(number, by="staff").account_id
        if not self._poor:
            self._counter.top_up(account_id, f"U{self._count}", Money(10_000_000), by="staff")
        self._poor = False
        self._database.breaks = breaks
        return Token(TokenKind.CODE, number)

    def wait_until_reversible(self) -> None:
        """Stored value is reversible at once."""

    def wait_between_refunds(self) -> None:
        """And wants no pause."""

    def wait_for_refunds(self) -> None:
        """And refunds at once."""

    def held(self, out_trade_no: str) -> int:
        return -self._moved(out_trade_no, Kind.PAYMENT) - self._moved(out_trade_no, Kind.REVERSAL)

    def refunded(self, out_trade_no: str) -> int:
        return self._moved(f"{out_trade_no}R%", Kind.REFUND)

    def pay(self, order: PayOrder) -> Approved:
        return approved(StoredValue(self._journal, self._numbers).pay(order, self.token()))

    def undo(self, order: PayOrder) -> None:
        self.pay(order)
        StoredValue(self._journal, self._numbers).reverse(order)

    def unreachable(self) -> StoredValue:
        """The same merchant at a PostgreSQL port that refuses."""
        with socket.create_server(("127.0.0.1", 0)) as nobody:
            port = nobody.getsockname()[1]
        self._away.append(Database(f"postgresql+psycopg://fleet@127.0.0.1:{port}/fleet"))
        return StoredValue(Journal(self._away[-1], self._journal.merchant_id), self._numbers)

    def close(self) -> None:
        for database in self._away:
            database.close()

    def _moved(self, number: str, kind: Kind) -> int:
        """What the journal moved onto shoppers' accounts for numbers like this."""
        both = (posting.c.merchant_id == entries.c.merchant_id) & (
            posting.c.entry_no == entries.c.entry_no
        )
        query = (
            select(func.coalesce(func.sum(posting.c.fen), 0))
            .join(entries, both)
            .where(entries.c.merchant_id == self._journal.merchant_id)
            .where(entries.c.kind == kind, entries.c.number.like(number))
            .where(posting.c.ledger == "STORED_VALUE")
        )
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())


def card_number(count: int) -> str:
    """The `count`th card of an issuer: 16 digits, the last one Luhn's, by other code than ours."""
    body = f"9156{count:011d}"
    doubled = [int(x) for place, x in enumerate(reversed(body)) for x in _digits(place, x)]
    return f"{body}{-sum(doubled) % 10}"


def _digits(place: int, digit: str) -> str:
    return str(int(digit) * 2) if place % 2 == 0 else digit
