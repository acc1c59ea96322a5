"""What staff see of an account: its state, its limits, its cards, what moved on it."""

from __future__ import annotations

from dataclasses import dataclass

from fleet.accounts.journal import MOST_FEN, Kind
from fleet.accounts.states import AccountState, CardState
from kiosk.domain.money import Money


@dataclass(frozen=True, slots=True)
class Limits:
    """In fen: at once, in a day of Beijing time, and in the account; None: no limit.

    The day counts what was paid and not undone; refunds do not free it. The last one binds top-ups
    only, since what was paid must always find its way back.
    """

    per_payment_fen: int | None = None
    per_day_fen: int | None = None
    balance_fen: int | None = None

    def __post_init__(self) -> None:
        limits = (self.per_payment_fen, self.per_day_fen, self.balance_fen)
        if any(fen is not None and not 0 <= fen <= MOST_FEN for fen in limits):
            raise ValueError(f"a limit is from 0 to {MOST_FEN} fen")


@dataclass(frozen=True, slots=True)
class StoredAccount:
    """A shopper's account as it stands."""

    account_id: str
    state: AccountState
    balance: Money
    limits: Limits
    created_ms: int


@dataclass(frozen=True, slots=True)
class Card:
    """A card or member number of an account; `card_id` names it without telling the number."""

    card_id: str
    last4: str
    state: CardState
    created_ms: int


@dataclass(frozen=True, slots=True)
class AccountEvent:
    """What staff did to an account, in the order of `number`, counted from 1."""

    number: int
    at_ms: int
    what: str
    by: str


@dataclass(frozen=True, slots=True)
class Line:
    """One movement on an account; `fen` is negative where it left the account.

    `number` is the out_trade_no, out_refund_no, or the number of the top-up or pay-out.
    """

    entry_no: str
    kind: Kind
    number: str
    fen: int
    by: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """A top-up or pay-out that was carried out, now or before under the same number."""

    entry_no: str
    account_id: str
    amount: Money
