"""What an order at the wallet is: its state on the wire, how it ends, its row on disk."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


class State(Enum):
    """trade_state; the value is the word on the wire."""

    SUCCESS = "SUCCESS"
    REFUND = "REFUND"  # paid, and refunded in part or in full
    NOTPAY = "NOTPAY"
    USERPAYING = "USERPAYING"
    CLOSED = "CLOSED"
    REVOKED = "REVOKED"
    PAYERROR = "PAYERROR"


class TradeType(Enum):
    """How an order is paid; the value is the word on the wire."""

    MICROPAY = "MICROPAY"  # the shopper's code, or a face code in its place
    FACEPAY = "FACEPAY"  # a face code of the older kind
    NATIVE = "NATIVE"  # the shopper scans the kiosk's screen


class Wire(Enum):
    """Who is told of an end, in whose words: the wire that asked for it."""

    XML = "v2"
    JSON = "v3"


OPEN = (State.USERPAYING, State.NOTPAY)


class Way(Enum):
    """How an order comes to its end."""

    NOW = "now"  # paid within the pay call
    CONFIRM = "confirm"  # the shopper confirms by himself, some seconds later
    REFUSE = "refuse"  # likewise, but refuses
    PHONE = "phone"  # as the phone page says, or closed
    FOREVER = "forever"  # neither, until it is reversed
    FAIL = "fail"  # PAYERROR at once
    DECLINE = "decline"  # a code of its own at once
    UNSEEN = "unseen"  # reversed before any pay call came


@dataclass(frozen=True, slots=True)
class Ending:
    """A way and its details: `after` in seconds of the rules, `code` for DECLINE.

    `coupon` in fen is what the wallet's coupon pays of it; `borne` by the merchant, or by others.
    """

    way: Way
    after: float = 0.0
    code: str = ""
    coupon: int = 0
    borne: bool = False


@dataclass(frozen=True, slots=True)
class Payer:
    """Whose money an order takes, and by what."""

    openid: str
    code_mark: str
    trade_type: TradeType


@dataclass(frozen=True, slots=True)
class Order:
    """One order as it is on disk; times in virtual Unix seconds.

    What the shopper pays is total_fee less coupon_fee. A coupon that is `borne` by the merchant
    (免充值) is taken off what he gets; others (充值) he is paid by whoever gave them.
    """

    out_trade_no: str
    transaction_id: str
    total_fee: int
    body: str
    attach: str
    device_info: str
    sub_mch_id: str
    openid: str
    code_mark: str
    state: State
    created_at: float
    way: Way
    due_at: float | None
    paid_at: float | None
    refunded_at: float | None
    trade_type: TradeType = TradeType.MICROPAY
    expires_at: float | None = None
    code_url: str = ""
    notify_url: str = ""
    asked: str = ""  # the request that made it, to tell a repeat from another order
    coupon_fee: int = 0
    coupon_borne: int = 0
    wire: Wire = Wire.XML

    @classmethod
    def of(cls, row: dict[str, Any]) -> Order:
        """From its row."""
        words = {"state": State(row["state"]), "way": Way(row["way"]), "wire": Wire(row["wire"])}
        return cls(**{**row, **words, "trade_type": TradeType(row["trade_type"])})

    def coupon_of(self, fen: int) -> int:
        """The coupon's share of a part of the order, rounded down."""
        return fen * self.coupon_fee // self.total_fee if self.coupon_fee else 0

    def cash_of(self, fen: int) -> int:
        """The shopper's share."""
        return fen - self.coupon_of(fen)

    def settled_of(self, fen: int) -> int:
        """What such a part is to the merchant's account."""
        return self.cash_of(fen) if self.coupon_borne else fen
