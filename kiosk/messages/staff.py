"""The words of the staff's screen: what staff do, and what they see of it, whole at every change.

    ui ──► core    `OpenStaff` `EnterPin` `FindPayment` … (`StaffCommand`)
    core ──► ui    `StaffShowing`, inside `Showing`

Only `AskRefund` moves money.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

# --- ui to core --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenStaff:
    """Somebody of the shop wants the staff's screen: ask him for the PIN."""


@dataclass(frozen=True, slots=True)
class EnterPin:
    """The PIN that was typed; never written or logged."""

    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FindPayment:
    """Show a payment: out_trade_no, transaction_id, or the last digits of one of today's."""

    number: str


@dataclass(frozen=True, slots=True)
class ShowPayments:
    """From one payment back to the list."""


@dataclass(frozen=True, slots=True)
class AskRefund:
    """Give `fen` of a payment back, where `left_fen` was left when it was decided.

    A repeat that comes late does not fit what is left any more, and is refused.
    """

    out_trade_no: str
    fen: int
    left_fen: int


@dataclass(frozen=True, slots=True)
class AskAgain:
    """Ask the channel now what became of this payment and its refunds; moves no money."""

    out_trade_no: str


@dataclass(frozen=True, slots=True)
class PrintCopy:
    """Print the slip of a paid payment again, marked as a COPY."""

    out_trade_no: str


@dataclass(frozen=True, slots=True)
class PrintTicket:
    """Print a kitchen ticket that did not come out, or may have, marked as a COPY."""

    out_trade_no: str
    key: str


@dataclass(frozen=True, slots=True)
class CloseDrop:
    """Write down what became of a drop that failed or is not known; moves no money."""

    out_trade_no: str
    key: str
    handed: bool


@dataclass(frozen=True, slots=True)
class CloseStaff:
    """Back to selling."""


@dataclass(frozen=True, slots=True)
class Decide:
    """The answer to what the shopper needs staff for, by `HeldRow.held`."""

    held: str
    approved: bool


StaffCommand = (
    OpenStaff | EnterPin | FindPayment | ShowPayments | AskRefund | AskAgain | PrintCopy
    | PrintTicket | CloseDrop | Decide | CloseStaff
)  # fmt: skip


# --- core to ui --------------------------------------------------------------------------------


class StaffPage(Enum):
    """What the staff's screen is at."""

    PIN = "PIN"
    PAYMENTS = "PAYMENTS"
    PAYMENT = "PAYMENT"


@dataclass(frozen=True, slots=True)
class HeldRow:
    """Something of the visit that waits for staff: "age" of `years`, or a "removal".

    `names` are the goods by language, `fen` what they cost or what would be taken out.
    """

    held: str
    reason: str
    names: Mapping[str, str]
    fen: int
    years: int = 0


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """A payment in the list; `at` is its time of day, `minutes` its age where it is not final.

    `lacking`: something that was paid for did not come out, and no staff have seen to it.
    """

    out_trade_no: str
    at: str
    state: str
    method: str
    fen: int
    minutes: int | None = None
    lacking: bool = False


@dataclass(frozen=True, slots=True)
class RefundRow:
    """A refund of the payment that is shown."""

    out_refund_no: str
    state: str
    fen: int


@dataclass(frozen=True, slots=True)
class GoodsRow:
    """A kitchen ticket or a drop that was not simply given out.

    `state` is "waiting", "failed", "unknown", "late", "copied", "handed" or "not_handed"; `may`
    names what can be done: "ticket" (print it as a COPY) or "close" (say what became of it).
    """

    key: str
    kind: str
    names: Mapping[str, str]
    state: str
    may: str = ""


@dataclass(frozen=True, slots=True)
class PaymentShown:
    """One payment whole; `state` is empty for one of another till.

    `asked_fen` is what was to be paid, `paid_fen` what the channel holds or held for it. `may`
    names what can be done: "refund", "again", "copy".
    """

    out_trade_no: str
    transaction_id: str
    at: str
    state: str
    tender: Mapping[str, str]
    asked_fen: int
    paid_fen: int
    refunded_fen: int
    left_fen: int
    refunds: tuple[RefundRow, ...] = ()
    goods: tuple[GoodsRow, ...] = ()
    may: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PartShown:
    """A device, the camera, a channel or the ledger: `condition` is "good", "bad" or "unknown"."""

    name: str
    condition: str
    cause: str = ""
    mend: str = ""


@dataclass(frozen=True, slots=True)
class StaffShowing:
    """The staff's screen; what is open comes first in `payments`, the newest of today after it.

    `held` is what the shopper under it waits for.
    """

    page: StaffPage
    payments: tuple[PaymentRow, ...] = ()
    payment: PaymentShown | None = None
    parts: tuple[PartShown, ...] = ()
    busy: bool = False
    held: tuple[HeldRow, ...] = ()
