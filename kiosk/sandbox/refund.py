"""What a refund at the wallet is: its state on the wire, how it ends, its row on disk."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from kiosk.sandbox.order import Wire
from kiosk.sandbox.scripts import Faults


class RefundState(Enum):
    """refund_status; the value is the word on the XML wire."""

    PROCESSING = "PROCESSING"
    SUCCESS = "SUCCESS"
    CHANGE = "CHANGE"  # the shopper's account cannot take it: it waits for the merchant
    CLOSED = "REFUNDCLOSE"


class Account(Enum):
    """Which of the merchant's money pays; the value is the word on the XML wire."""

    UNSETTLED = "REFUND_SOURCE_UNSETTLED_FUNDS"
    RECHARGE = "REFUND_SOURCE_RECHARGE_FUNDS"


@dataclass(frozen=True, slots=True)
class Course:
    """How a refund ends, and after how many seconds of the rules; None: never by itself."""

    state: RefundState = RefundState.SUCCESS
    after: float | None = 0.0

    @classmethod
    def of(cls, faults: Faults) -> Course:
        """As the script `processing` says, else done at once."""
        if "processing" not in faults:
            return cls()
        word, _, seconds = faults.by_name["processing"].rpartition(" ")
        if seconds == "forever":
            return cls(after=None)
        if seconds in _ENDS:
            return cls(_ENDS[seconds])
        return cls(_ENDS.get(word, RefundState.SUCCESS), float(seconds))


_ENDS = {"change": RefundState.CHANGE, "close": RefundState.CLOSED}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A refund as a request asks for it, in fen; `total` is what it says the order was."""

    out_refund_no: str
    fen: int
    total: int
    account: Account
    reason: str
    notify_url: str
    wire: Wire


@dataclass(frozen=True, slots=True)
class Refund:
    """One refund as it is on disk; fen, and times in virtual Unix seconds."""

    refund_id: str
    out_refund_no: str
    out_trade_no: str
    fen: int
    account: Account
    reason: str
    notify_url: str
    state: RefundState
    ends_as: RefundState
    requested_at: float
    due_at: float | None
    ended_at: float | None
    wire: Wire

    @classmethod
    def of(cls, row: dict[str, Any]) -> Refund:
        """From its row."""
        states = {name: RefundState(row[name]) for name in ("state", "ends_as")}
        words = {"account": Account(row["account"]), "wire": Wire(row["wire"])}
        return cls(**{**row, **states, **words})
