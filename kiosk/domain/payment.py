"""Taking the money once: the state machine of a Payment, as a table and one function.

    NEW ──────────► AUTHENTICATING ──► PAYING ──► PAID* | DECLINED* | CANCELLED* (not sent)
      └─► PAYING, STORED, CANCELLED*       ├────► PENDING    the channel waits for the shopper
                                           ├────► UNKNOWN    the answer is lost: query
                                           └────► REVERSING  undo until the channel says done
    PENDING, UNKNOWN ──► PAID* | DECLINED* | each other | REVERSING ──► REVERSED* | PAID_LATE*
    STORED ──► PAID* | LOST* | CANCELLED*                                       * = final

Power cut, crash and time-out are one case: `Restarted` turns what was under way into UNKNOWN (or
CANCELLED where nothing can have left the machine), and the same settling goes on from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from kiosk.domain.money import Money


class State(Enum):
    """Where a payment stands; the final states are in `FINAL`."""

    NEW = "NEW"
    AUTHENTICATING = "AUTHENTICATING"
    PAYING = "PAYING"
    PENDING = "PENDING"
    UNKNOWN = "UNKNOWN"
    REVERSING = "REVERSING"
    STORED = "STORED"
    PAID = "PAID"
    DECLINED = "DECLINED"
    CANCELLED = "CANCELLED"
    REVERSED = "REVERSED"
    PAID_LATE = "PAID_LATE"
    LOST = "LOST"


FINAL = frozenset(
    {
        State.PAID,
        State.DECLINED,
        State.CANCELLED,
        State.REVERSED,
        State.PAID_LATE,
        State.LOST,
    }
)


class Method(Enum):
    """How the shopper identifies the wallet that pays."""

    FACE = "FACE"
    CODE = "CODE"
    QR = "QR"
    CARD = "CARD"
    CASH = "CASH"


# --- what can happen to a payment; the channels answer with some of these ---------------------


@dataclass(frozen=True, slots=True)
class Authenticate:
    """The shopper consented and the face service looks at him."""


@dataclass(frozen=True, slots=True)
class Submit:
    """The pay call is about to leave the machine; on disk before it does."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class Store:
    """Accepted offline under the channel's own rules, to be forwarded later."""


@dataclass(frozen=True, slots=True)
class Approved:
    """The channel took `fen` and names the payment `transaction_id`."""

    transaction_id: str
    fen: int


@dataclass(frozen=True, slots=True)
class Declined:
    """The channel surely took nothing: a definite failure, closed or revoked order."""

    code: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The channel waits for the shopper (USERPAYING, 10003, a QR that is shown)."""

    code: str


@dataclass(frozen=True, slots=True)
class PayError:
    """The channel asks for a reversal before anything else (WeChat: PAYERROR)."""

    code: str


@dataclass(frozen=True, slots=True)
class Unsent:
    """The pay call surely never left the machine."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """The pay call may or may not have been carried out (time-out, cut line, bad signature)."""

    reason: str


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The query policy is spent, or the shopper or staff ended a wait: undo it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Reversed:
    """The channel says that the payment is undone."""


@dataclass(frozen=True, slots=True)
class FoundPaid:
    """Undoing was refused for good and the query says paid."""

    transaction_id: str
    fen: int


@dataclass(frozen=True, slots=True)
class Cancel:
    """Abandoned before anything was sent, or voided before it was forwarded."""

    reason: str


@dataclass(frozen=True, slots=True)
class WriteOff:
    """A stored payment that will never be honoured; booked as a loss."""

    reason: str


@dataclass(frozen=True, slots=True)
class Restarted:
    """The process that owned the payment came up again."""


Event = (
    Authenticate | Submit | Store | Approved | Declined | Waiting | PayError | Unsent | Unclear
    | GiveUp | Reversed | FoundPaid | Cancel | WriteOff | Restarted
)  # fmt: skip

_ASKING: dict[type[Any], State] = {
    Approved: State.PAID,
    Declined: State.DECLINED,
    PayError: State.REVERSING,
    GiveUp: State.REVERSING,
}

TABLE: Mapping[State, Mapping[type[Any], State]] = {
    State.NEW: {
        Authenticate: State.AUTHENTICATING,
        Submit: State.PAYING,
        Store: State.STORED,
        Cancel: State.CANCELLED,
        Restarted: State.CANCELLED,
    },
    State.AUTHENTICATING: {
        Submit: State.PAYING,
        Store: State.STORED,
        Cancel: State.CANCELLED,
        Restarted: State.CANCELLED,
    },
    State.PAYING: {
        Approved: State.PAID,
        Declined: State.DECLINED,
        PayError: State.REVERSING,
        Unsent: State.CANCELLED,
        Waiting: State.PENDING,
        Unclear: State.UNKNOWN,
        Restarted: State.UNKNOWN,
    },
    State.PENDING: {**_ASKING, Unclear: State.UNKNOWN, Restarted: State.UNKNOWN},
    State.UNKNOWN: {**_ASKING, Waiting: State.PENDING, Restarted: State.UNKNOWN},
    State.REVERSING: {
        Reversed: State.REVERSED,
        FoundPaid: State.PAID_LATE,
        Restarted: State.REVERSING,
    },
    State.STORED: {
        Approved: State.PAID,
        WriteOff: State.LOST,
        Cancel: State.CANCELLED,
        Restarted: State.STORED,
    },
}

# The states in which an event is the same fact again.
_KNOWN: Mapping[type[Any], frozenset[State]] = {
    Approved: frozenset({State.PAID, State.PAID_LATE}),
    FoundPaid: frozenset({State.PAID, State.PAID_LATE}),
    Declined: frozenset({State.DECLINED}),
    Reversed: frozenset({State.REVERSED}),
    Waiting: frozenset({State.PENDING}),
    Unclear: frozenset({State.UNKNOWN}),
    Restarted: FINAL,
}


class NotInTable(ValueError):
    """An event that cannot happen in this state: a defect in the program, never bad luck."""


class Contradiction(ValueError):
    """The channel says two things that cannot both be true; somebody must look at the money."""


@dataclass(frozen=True, slots=True)
class Payment:
    """One attempt to take `amount` once; never goes from a final state to anything.

    `taken_fen` is what the channel holds for it: the amount when PAID, and in PAID_LATE whatever
    the channel says, since all of it must go back.
    """

    out_trade_no: str
    visit_id: str
    channel: str
    method: Method
    amount: Money
    created_ms: int
    state: State = State.NEW
    submitted_ms: int | None = None
    transaction_id: str = ""
    code: str = ""
    message: str = ""
    taken_fen: int = 0

    @property
    def final(self) -> bool:
        """Whether nothing more can happen to it."""
        return self.state in FINAL

    @property
    def took_money(self) -> bool:
        """Whether the channel holds the shopper's money for it."""
        return self.state in (State.PAID, State.PAID_LATE)


def advance(payment: Payment, event: Event) -> Payment:
    """The payment after `event`.

    The same fact again changes nothing and answers the very same object. Raises `Contradiction`
    for another amount (unless it is found while undoing: PAID_LATE) or a success after another
    final state, and `NotInTable` for anything else the table does not have.
    """
    kind = type(event)
    if isinstance(event, Approved | FoundPaid):
        _refuse_contradiction(payment, event)
    if payment.state in _KNOWN.get(kind, ()):
        return payment
    target = TABLE.get(payment.state, {}).get(kind)
    if target is None:
        raise NotInTable(f"{kind.__name__} in {payment.state.name} ({payment.out_trade_no})")
    return payment if target is payment.state else _moved(payment, target, event)


def _moved(payment: Payment, target: State, event: Event) -> Payment:
    submitted, transaction, taken = payment.submitted_ms, payment.transaction_id, payment.taken_fen
    code, message = payment.code, payment.message
    match event:
        case Submit():
            submitted = event.at_ms
        case Approved() | FoundPaid():
            transaction, taken = event.transaction_id, event.fen
        case Declined():
            code, message = event.code, event.message
        case Waiting() | PayError():
            code = event.code
        case Unsent() | Unclear() | GiveUp() | Cancel() | WriteOff():
            code = event.reason
    # By hand: `dataclasses.replace` takes three times as long, and this is done for every entry.
    return Payment(
        payment.out_trade_no,
        payment.visit_id,
        payment.channel,
        payment.method,
        payment.amount,
        payment.created_ms,
        target,
        submitted,
        transaction,
        code,
        message,
        taken,
    )


def _refuse_contradiction(payment: Payment, event: Approved | FoundPaid) -> None:
    number = payment.out_trade_no
    if payment.took_money:
        if event.transaction_id != payment.transaction_id:
            raise Contradiction(f"{number}: paid twice, {event.transaction_id}")
        if event.fen != payment.taken_fen:
            raise Contradiction(f"{number}: took {payment.taken_fen}, then {event.fen}")
    elif payment.final:
        raise Contradiction(f"{number}: {payment.state.name}, yet paid")
    elif event.fen != payment.amount.fen and not _to_be_refunded(payment, event):
        raise Contradiction(f"{number}: asked {payment.amount.fen}, took {event.fen}")


def _to_be_refunded(payment: Payment, event: Approved | FoundPaid) -> bool:
    # What cannot be undone goes back as it is, whatever it is; else such a payment never ended.
    return payment.state is State.REVERSING and isinstance(event, FoundPaid)


_BY_NAME: Mapping[str, type[Any]] = {kind.__name__: kind for kind in Event.__args__}


def event_to_json(event: Event) -> dict[str, object]:
    """The event as the ledger keeps it: its name under `event`, its fields beside it."""
    names = type(event).__slots__
    return {"event": type(event).__name__, **{name: getattr(event, name) for name in names}}


def event_from_json(body: Mapping[str, Any]) -> Event:
    """What `event_to_json` wrote; raises ValueError for a name or a field it never writes."""
    fields = dict(body)
    try:
        event: Event = _BY_NAME[fields.pop("event")](**fields)
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a payment event: {body!r}") from error
    return event


def payment_to_json(payment: Payment) -> dict[str, object]:
    """The payment as an opening entry keeps it."""
    return {
        "out_trade_no": payment.out_trade_no,
        "visit_id": payment.visit_id,
        "channel": payment.channel,
        "method": payment.method.value,
        "fen": payment.amount.fen,
        "currency": payment.amount.currency,
        "created_ms": payment.created_ms,
        "state": payment.state.value,
        "submitted_ms": payment.submitted_ms,
        "transaction_id": payment.transaction_id,
        "code": payment.code,
        "message": payment.message,
        "taken_fen": payment.taken_fen,
    }


def payment_from_json(body: Mapping[str, Any]) -> Payment:
    """What `payment_to_json` wrote."""
    fields = {name: body[name] for name in body if name not in ("fen", "currency", "basket")}
    fields["method"] = Method(fields["method"])
    fields["state"] = State(fields["state"])
    return Payment(amount=Money(body["fen"], body["currency"]), **fields)
