"""The calls of the contract as they travel: what each is asked with, and what it may answer.

Every call may be answered with a `Failure` instead, which is the contract's error. What a channel
is (`Terms`) comes with each check, so that a kiosk is told when it changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from kiosk.channels.channel import (
    Authinfo,
    ChannelError,
    NotFound,
    NotSent,
    OutcomeUnknown,
    PayAnswer,
    PayOrder,
    PresentAnswer,
    QueryAnswer,
    QueryPolicy,
    RefundAnswer,
    RefundOrder,
    Refused,
    Settled,
    Token,
)
from kiosk.domain.payment import Reversed


class Takes(Enum):
    """What a channel takes money with."""

    CODE = "code"
    FACE = "face"  # and codes
    QR = "qr"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a kiosk must know of the channel behind the gateway."""

    takes: Takes
    sandbox: bool
    policy: QueryPolicy


@dataclass(frozen=True, slots=True)
class Rawdata:
    """What the face service gave, to be exchanged for its authinfo."""

    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Numbers:
    """A payment by either of its two numbers; the other is ""."""

    out_trade_no: str
    transaction_id: str


class FailureKind(Enum):
    """Which error of the contract it is."""

    CHANNEL_ERROR = "ChannelError"
    NOT_SENT = "NotSent"
    OUTCOME_UNKNOWN = "OutcomeUnknown"
    REFUSED = "Refused"


@dataclass(frozen=True, slots=True)
class Failure:
    """An error of the contract; `code` and `request_id` are those of Refused."""

    kind: FailureKind
    message: str
    mend: str
    code: str = ""
    request_id: str = ""

    @classmethod
    def of(cls, error: ChannelError) -> Failure:
        """How an error travels."""
        if isinstance(error, Refused):
            return cls(FailureKind.REFUSED, error.message, error.mend, error.code, error.request_id)
        kind = FailureKind.CHANNEL_ERROR
        if isinstance(error, NotSent):
            kind = FailureKind.NOT_SENT
        elif isinstance(error, OutcomeUnknown):
            kind = FailureKind.OUTCOME_UNKNOWN
        return cls(kind, error.cause, error.mend)

    def error(self) -> ChannelError:
        """The error that travelled."""
        match self.kind:
            case FailureKind.REFUSED:
                return Refused(self.code, self.message, self.mend, self.request_id)
            case FailureKind.NOT_SENT:
                return NotSent(self.message, self.mend)
            case FailureKind.OUTCOME_UNKNOWN:
                return OutcomeUnknown(self.message, self.mend)
            case FailureKind.CHANNEL_ERROR:
                return ChannelError(self.message, self.mend)


@dataclass(frozen=True, slots=True)
class Call:
    """The kinds of what is asked, in their order, and the kind (or union) of the answer."""

    asks: tuple[type, ...]
    answers: Any


CALLS: Mapping[str, Call] = {
    "pay": Call((PayOrder, Token), PayAnswer),
    "present": Call((PayOrder,), PresentAnswer),
    "query": Call((PayOrder,), QueryAnswer),
    "reverse": Call((PayOrder,), Reversed),
    "authinfo": Call((Rawdata,), Authinfo),
    "refund": Call((RefundOrder,), RefundAnswer),
    "query_refund": Call((RefundOrder,), RefundAnswer | NotFound),
    "settled": Call((Numbers,), Settled | NotFound),
    "check": Call((), Terms),
}
