"""What the ledger says of one number, in the words that a bill can be compared with.

A kiosk's own ledger makes them for one day, the service provider's store for many terminals.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from kiosk.domain.bill import LineKind
from kiosk.domain.money import Money
from kiosk.domain.payment import State
from kiosk.domain.refund import RefundState


class Stance(Enum):
    """What the ledger holds to be true of a line's money."""

    MOVED = auto()
    NOT_MOVED = auto()
    OPEN = auto()  # not known yet


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """What the ledger says of one number; `at_ms` is when it was opened, undone or asked back.

    `amount` is positive: what the channel took where it took something, else what was asked. A
    REVERSED payment has a second line of kind REVERSAL, which says when.
    """

    kind: LineKind
    out_trade_no: str
    amount: Money
    state: State | RefundState
    at_ms: int
    terminal: str
    transaction_id: str = ""
    out_refund_no: str = ""

    def __post_init__(self) -> None:
        refund = self.kind is LineKind.REFUND
        if self.amount.fen < 0 or isinstance(self.state, RefundState) is not refund:
            raise ValueError(f"{self.out_trade_no}: {self.kind} {self.state} of {self.amount}")
        if self.kind is LineKind.REVERSAL and self.state is not State.REVERSED:
            raise ValueError(f"{self.out_trade_no}: a reversal that is {self.state}")

    @property
    def stance(self) -> Stance:
        """Whether its money moved, as far as the ledger knows."""
        return STANCE[self.state]

    @property
    def moved(self) -> int:
        """The fen that moved, up for a payment, down for a refund; what is not sure has not."""
        if self.stance is not Stance.MOVED:
            return 0
        return self.amount.fen if self.kind is LineKind.PAYMENT else -self.amount.fen


STANCE: Mapping[State | RefundState, Stance] = {
    State.NEW: Stance.NOT_MOVED,
    State.AUTHENTICATING: Stance.NOT_MOVED,
    State.PAYING: Stance.OPEN,
    State.PENDING: Stance.OPEN,
    State.UNKNOWN: Stance.OPEN,
    State.REVERSING: Stance.OPEN,
    State.STORED: Stance.OPEN,
    State.PAID: Stance.MOVED,
    State.PAID_LATE: Stance.MOVED,
    State.DECLINED: Stance.NOT_MOVED,
    State.CANCELLED: Stance.NOT_MOVED,
    State.REVERSED: Stance.NOT_MOVED,
    State.LOST: Stance.NOT_MOVED,
    RefundState.REQUESTED: Stance.NOT_MOVED,
    RefundState.SENT: Stance.OPEN,
    RefundState.UNKNOWN: Stance.OPEN,
    # A bill counts a refund on the day it was asked for, whatever became of it since.
    RefundState.PROCESSING: Stance.MOVED,
    RefundState.ABNORMAL: Stance.MOVED,
    RefundState.DONE: Stance.MOVED,
    RefundState.CLOSED: Stance.NOT_MOVED,
}
