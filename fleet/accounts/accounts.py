"""Who has an account: opening, freezing, closing, cards, limits, as staff ask for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from fleet.accounts.account import AccountEvent, Card, Limits, StoredAccount
from fleet.accounts.journal import Journal
from fleet.accounts.numbers import CardNumbers, NamedCard
from fleet.accounts.refusals import refused
from fleet.accounts.states import AccountState, CardState
from fleet.accounts.tables import account, account_event, card
from kiosk.domain.money import Money

_NUMBERS = 10**16

Change = Callable[[Connection, Row[Any]], str]


class Accounts:
    """One merchant's accounts; every change says who made it, and is kept.

    All raise Refused (see `refusals`) where nothing was done, NotSent, and OutcomeUnknown: look
    the account up before asking again. Doing again what is done changes nothing.
    """

    def __init__(self, journal: Journal, numbers: CardNumbers) -> None:
        self._journal = journal
        self._numbers = numbers

    def open(self, number: str, limits: Limits | None = None, *, by: str) -> StoredAccount:
        """A new account with its first card. CARD_NUMBER_INVALID, CARD_TAKEN."""
        journal = self._journal
        named = self._numbers.demand(journal.merchant_id, number)
        account_id = f"{journal.random(_NUMBERS):016d}"
        with journal.write() as connection:
            values = {"balance_fen": 0, "created_ms": journal.wall_ms()}
            connection.execute(
                insert(account).values(
                    merchant_id=journal.merchant_id,
                    account_id=account_id,
                    state=AccountState.OPEN,
                    **values,
                    **_columns(limits or Limits()),
                )
            )
            self._give(connection, account_id, named)
            self._note(connection, account_id, f"opened with card {named.last4}", by)
            return _account(journal.held(connection, account_id))

    def add_card(self, account_id: str, number: str, *, by: str) -> StoredAccount:
        """One more card for an account that is not closed. As `open`, and ACCOUNT_CLOSED."""
        named = self._numbers.demand(self._journal.merchant_id, number)

        def add(connection: Connection, row: Row[Any]) -> str:
            _demand_not_closed(row)
            self._give(connection, account_id, named)
            return f"added card {named.last4}"

        return self._change(account_id, add, by)

    def replace_card(self, card_id: str, number: str, *, by: str) -> StoredAccount:
        """A new card instead of one, which is dead from now on; the balance stays where it is.

        As `add_card`, and CARD_UNKNOWN, CARD_REPLACED.
        """
        journal = self._journal
        named = self._numbers.demand(journal.merchant_id, number)
        with journal.read() as connection:
            known = journal.row(connection, card, {"card_id": card_id})
        if known is None:
            raise refused("CARD_UNKNOWN")

        def replace(connection: Connection, row: Row[Any]) -> str:
            _demand_not_closed(row)
            old = journal.row(connection, card, {"card_id": card_id})
            if old is None or old.state != CardState.ACTIVE:
                raise refused("CARD_REPLACED")
            journal.change(connection, card, {"card_id": card_id}, state=CardState.REPLACED)
            self._give(connection, row.account_id, named)
            return f"replaced card {old.last4} by {named.last4}"

        return self._change(known.account_id, replace, by)

    def freeze(self, account_id: str, *, by: str) -> StoredAccount:
        """Let it pay nothing and take no top-up; what was paid may go back. ACCOUNT_CLOSED."""
        return self._turn(account_id, AccountState.FROZEN, by)

    def unfreeze(self, account_id: str, *, by: str) -> StoredAccount:
        """Let it pay again. ACCOUNT_CLOSED."""
        return self._turn(account_id, AccountState.OPEN, by)

    def close(self, account_id: str, *, by: str) -> StoredAccount:
        """End an account without a balance, for ever. BALANCE_LEFT.

        A payment that is undone later still comes back to it, and can be paid out.
        """
        return self._turn(account_id, AccountState.CLOSED, by)

    def limit(self, account_id: str, limits: Limits, *, by: str) -> StoredAccount:
        """New limits, from the next movement on. ACCOUNT_CLOSED."""

        def change(connection: Connection, row: Row[Any]) -> str:
            _demand_not_closed(row)
            self._set(connection, account_id, **_columns(limits))
            return f"limits {limits.per_payment_fen} {limits.per_day_fen} {limits.balance_fen}"

        return self._change(account_id, change, by)

    def account(self, account_id: str) -> StoredAccount:
        """The account of a number of ours. ACCOUNT_UNKNOWN."""
        with self._journal.read() as connection:
            row = self._journal.row(connection, account, {"account_id": account_id})
        if row is None:
            raise refused("ACCOUNT_UNKNOWN")
        return _account(row)

    def find(self, number: str) -> StoredAccount:
        """The account of a card, also of one that was replaced. CARD_UNKNOWN."""
        named = self._numbers.demand(self._journal.merchant_id, number)
        with self._journal.read() as connection:
            row = self._journal.row(connection, card, {"card_id": named.card_id})
        if row is None:
            raise refused("CARD_UNKNOWN")
        return self.account(row.account_id)

    def list(self, after: str = "", limit: int = 100) -> tuple[StoredAccount, ...]:
        """The accounts that follow the account_id `after`, in the order of account_id."""
        mine = account.c.merchant_id == self._journal.merchant_id
        query = select(account).where(mine, account.c.account_id > after)
        with self._journal.read() as connection:
            rows = connection.execute(query.order_by(account.c.account_id).limit(limit)).all()
        return tuple(_account(row) for row in rows)

    def cards(self, account_id: str) -> tuple[Card, ...]:
        """Every card that the account has or had, the oldest first."""
        order = (card.c.created_ms, card.c.card_id)
        return tuple(
            Card(row.card_id, row.last4, CardState(row.state), row.created_ms)
            for row in self._of(card, account_id, order)
        )

    def events(self, account_id: str) -> tuple[AccountEvent, ...]:
        """What was done to the account, the oldest first."""
        return tuple(
            AccountEvent(row.number, row.at_ms, row.what, row.by)
            for row in self._of(account_event, account_id, (account_event.c.number,))
        )

    def _turn(self, account_id: str, state: AccountState, by: str) -> StoredAccount:
        def turn(connection: Connection, row: Row[Any]) -> str:
            if row.state == state:
                return ""
            _demand_not_closed(row)
            if state is AccountState.CLOSED and row.balance_fen:
                raise refused("BALANCE_LEFT")
            self._set(connection, account_id, state=state)
            return state.lower()

        return self._change(account_id, turn, by)

    def _change(self, account_id: str, change: Change, by: str) -> StoredAccount:
        """Change an account while its row is held; what `change` answers is noted, "" is not."""
        with self._journal.write() as connection:
            what = change(connection, self._journal.held(connection, account_id))
            if what:
                self._note(connection, account_id, what, by)
            return _account(self._journal.held(connection, account_id))

    def _set(self, connection: Connection, account_id: str, **values: object) -> None:
        self._journal.change(connection, account, {"account_id": account_id}, **values)

    def _give(self, connection: Connection, account_id: str, named: NamedCard) -> None:
        if not self._journal.claim(
            connection,
            card,
            card_id=named.card_id,
            account_id=account_id,
            last4=named.last4,
            state=CardState.ACTIVE,
            created_ms=self._journal.wall_ms(),
        ):
            raise refused("CARD_TAKEN")

    def _note(self, connection: Connection, account_id: str, what: str, by: str) -> None:
        mine = (
            account_event.c.merchant_id == self._journal.merchant_id,
            account_event.c.account_id == account_id,
        )
        count = connection.execute(select(func.count()).where(*mine)).scalar_one()
        connection.execute(
            insert(account_event).values(
                merchant_id=self._journal.merchant_id,
                account_id=account_id,
                number=count + 1,
                at_ms=self._journal.wall_ms(),
                what=what,
                by=by,
            )
        )

    def _of(self, table: Any, account_id: str, order: tuple[Any, ...]) -> Any:
        mine = (
            table.c.merchant_id == self._journal.merchant_id,
            table.c.account_id == account_id,
        )
        with self._journal.read() as connection:
            return connection.execute(select(table).where(*mine).order_by(*order)).all()


def _columns(limits: Limits) -> Mapping[str, int | None]:
    return {
        "per_payment_fen": limits.per_payment_fen,
        "per_day_fen": limits.per_day_fen,
        "balance_limit_fen": limits.balance_fen,
    }


def _account(row: Row[Any]) -> StoredAccount:
    limits = Limits(row.per_payment_fen, row.per_day_fen, row.balance_limit_fen)
    balance = Money(row.balance_fen)
    return StoredAccount(row.account_id, AccountState(row.state), balance, limits, row.created_ms)


def _demand_not_closed(row: Row[Any]) -> None:
    if row.state == AccountState.CLOSED:
        raise refused("ACCOUNT_CLOSED")
