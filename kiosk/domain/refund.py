"""Giving money back once: the state machine of a Refund, as a table and one function.

    REQUESTED ──► SENT ──► PROCESSING ──► DONE* | CLOSED* | ABNORMAL     * = final
        │          └────► UNKNOWN ──► SENT   the same out_refund_no again, never a new one
        └──► CLOSED*  withdrawn before anything was sent

A channel makes at most one refund of a number, however often it is asked: so doubt is met by asking
again with the same number. ABNORMAL means that the channel could not hand the money to the shopper
and waits for somebody; it may still end as DONE.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import Enum
from typing import Any

from kiosk.domain.money import Money
from kiosk.domain.payment import Contradiction, NotInTable, Restarted


class RefundState(Enum):
    """Where a refund stands."""

    REQUESTED = "REQUESTED"
    SENT = "SENT"
    UNKNOWN = "UNKNOWN"
    PROCESSING = "PROCESSING"
    ABNORMAL = "ABNORMAL"
    DONE = "DONE"
    CLOSED = "CLOSED"


REFUND_FINAL = frozenset({RefundState.DONE, RefundState.CLOSED})


# --- what can happen to a refund; the channels answer with some of these -----------------------


@dataclass(frozen=True, slots=True)
class SendRefund:
    """The refund call is about to leave the machine; on disk before it does."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class RefundAccepted:
    """The channel took the request as `refund_id` and works on it."""

    refund_id: str


@dataclass(frozen=True, slots=True)
class RefundDone:
    """The shopper has `fen` back."""

    refund_id: str
    fen: int


@dataclass(frozen=True, slots=True)
class RefundClosed:
    """The channel surely gives nothing back for this number."""

    code: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class RefundAbnormal:
    """The money could not be handed over; the channel waits for the merchant."""

    code: str


@dataclass(frozen=True, slots=True)
class RefundUnclear:
    """The call may or may not have been carried out."""

    reason: str


@dataclass(frozen=True, slots=True)
class WithdrawRefund:
    """Given up before anything was sent."""

    reason: str


RefundEvent = (
    SendRefund | RefundAccepted | RefundDone | RefundClosed | RefundAbnormal | RefundUnclear
    | WithdrawRefund | Restarted
)  # fmt: skip

_ANSWERS: dict[type[Any], RefundState] = {
    RefundAccepted: RefundState.PROCESSING,
    RefundDone: RefundState.DONE,
    RefundClosed: RefundState.CLOSED,
    RefundAbnormal: RefundState.ABNORMAL,
}

REFUND_TABLE: Mapping[RefundState, Mapping[type[Any], RefundState]] = {
    RefundState.REQUESTED: {
        SendRefund: RefundState.SENT,
        WithdrawRefund: RefundState.CLOSED,
        Restarted: RefundState.REQUESTED,
    },
    RefundState.SENT: {
        **_ANSWERS,
        RefundUnclear: RefundState.UNKNOWN,
        Restarted: RefundState.UNKNOWN,
    },
    RefundState.UNKNOWN: {**_ANSWERS, SendRefund: RefundState.SENT, Restarted: RefundState.UNKNOWN},
    RefundState.PROCESSING: {**_ANSWERS, Restarted: RefundState.PROCESSING},
    RefundState.ABNORMAL: {**_ANSWERS, Restarted: RefundState.ABNORMAL},
}


@dataclass(frozen=True, slots=True)
class Refund:
    """One return of `amount` of one payment; never goes from a final state to anything.

    `out_refund_no` is out_trade_no, "R" and the next free index of that payment, so that two tills
    that refund the same payment collide at the channel instead of paying twice.
    """

    out_refund_no: str
    out_trade_no: str
    channel: str
    paid: Money
    amount: Money
    reason: str
    created_ms: int
    state: RefundState = RefundState.REQUESTED
    sent_ms: int | None = None
    refund_id: str = ""
    code: str = ""

    def __post_init__(self) -> None:
        if not 0 < self.amount.fen <= self.paid.fen:
            raise ValueError(f"{self.out_refund_no}: {self.amount} of {self.paid}")

    @property
    def final(self) -> bool:
        """Whether nothing more can happen to it."""
        return self.state in REFUND_FINAL


def refund_number(out_trade_no: str, index: int) -> str:
    """The number of the payment's `index`th refund, counted from 1."""
    return f"{out_trade_no}R{index}"


def advance_refund(refund: Refund, event: RefundEvent) -> Refund:
    """The refund after `event`; the same fact again changes nothing.

    Raises `Contradiction` for another amount or an end after another end, and `NotInTable` for
    anything else that the table does not have.
    """
    if isinstance(event, RefundDone):
        if event.fen != refund.amount.fen:
            asked = refund.amount.fen
            raise Contradiction(f"{refund.out_refund_no}: asked {asked}, gave {event.fen}")
        if refund.state is RefundState.DONE and event.refund_id != refund.refund_id:
            raise Contradiction(f"{refund.out_refund_no}: given back twice, {event.refund_id}")
    target = REFUND_TABLE.get(refund.state, {}).get(type(event))
    if target is None:
        return _after_the_end(refund, event)
    changed = replace(refund, state=target)
    match event:
        case SendRefund(at_ms=at):
            return replace(changed, sent_ms=at)
        case RefundAccepted(refund_id=number) | RefundDone(refund_id=number):
            return replace(changed, refund_id=number)
        case RefundClosed(code=code) | RefundAbnormal(code=code):
            return replace(changed, code=code)
        case RefundUnclear(reason=reason) | WithdrawRefund(reason=reason):
            return replace(changed, code=reason)
        case _:
            return changed


def _after_the_end(refund: Refund, event: RefundEvent) -> Refund:
    ends = {RefundDone: RefundState.DONE, RefundClosed: RefundState.CLOSED}
    end = ends.get(type(event))
    if refund.final and (end is refund.state or isinstance(event, Restarted | RefundAccepted)):
        return refund
    if refund.final and end is not None:
        raise Contradiction(f"{refund.out_refund_no}: {refund.state.name}, yet {end.name}")
    if isinstance(event, RefundUnclear) and not refund.final:
        return refund  # what is known stays known
    raise NotInTable(f"{type(event).__name__} in {refund.state.name} ({refund.out_refund_no})")


_BY_NAME: Mapping[str, type[Any]] = {kind.__name__: kind for kind in RefundEvent.__args__}


def refund_event_to_json(event: RefundEvent) -> dict[str, object]:
    """The event as the ledger keeps it: its name under `event`, its fields beside it."""
    return {"event": type(event).__name__, **asdict(event)}


def refund_event_from_json(body: Mapping[str, Any]) -> RefundEvent:
    """What `refund_event_to_json` wrote; raises ValueError for anything else."""
    fields = dict(body)
    try:
        event: RefundEvent = _BY_NAME[fields.pop("event")](**fields)
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a refund event: {body!r}") from error
    return event


def refund_to_json(refund: Refund) -> dict[str, object]:
    """The refund as its own and the opening entries keep it."""
    return {
        "out_refund_no": refund.out_refund_no,
        "out_trade_no": refund.out_trade_no,
        "channel": refund.channel,
        "paid_fen": refund.paid.fen,
        "fen": refund.amount.fen,
        "currency": refund.amount.currency,
        "reason": refund.reason,
        "created_ms": refund.created_ms,
        "state": refund.state.value,
        "sent_ms": refund.sent_ms,
        "refund_id": refund.refund_id,
        "code": refund.code,
    }


def refund_from_json(body: Mapping[str, Any]) -> Refund:
    """What `refund_to_json` wrote."""
    fields = dict(body)
    currency = fields.pop("currency")
    fields["paid"] = Money(fields.pop("paid_fen"), currency)
    fields["amount"] = Money(fields.pop("fen"), currency)
    fields["state"] = RefundState(fields["state"])
    return Refund(**fields)
