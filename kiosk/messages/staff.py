"""The words of the staff's screen: what staff do, and what they see of it, whole at every change.

    ui ──► core    `OpenStaff` `EnterPin` `FindPayment` … (`StaffCommand`)
    core ──► ui    `StaffShowing`, inside `Showing`

Money moves by `AskRefund`, by the word of staff who take cash or pay it out (`TakeCash`, `PayOut`),
and where a visit is voided after a part of it was paid.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from kiosk.messages.shift import (
    DrawerShown,
    ParkedRow,
    ReportShown,
    ShiftCommand,
    VisitShown,
)

# --- ui to core --------------------------------------------------------------------------------


class StaffPage(Enum):
    """What the staff's screen is at."""

    PIN = "PIN"
    HOME = "HOME"
    APPROVALS = "APPROVALS"
    PAYMENTS = "PAYMENTS"
    PAYMENT = "PAYMENT"
    CASH = "CASH"
    PARKED = "PARKED"
    REPORT = "REPORT"
    DISHES = "DISHES"
    ORDERS = "ORDERS"
    DRAWER = "DRAWER"


@dataclass(frozen=True, slots=True)
class OpenStaff:
    """Somebody of the shop wants the staff's screen: ask him for PIN or card."""


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
    """To the list of payments, from one of them or from another page."""


@dataclass(frozen=True, slots=True)
class TurnTo:
    """To a page that is not a payment's."""

    page: StaffPage


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
class TakeCash:
    """The shopper handed over so much for this payment; it is paid, and change goes back."""

    out_trade_no: str
    tendered_fen: int


@dataclass(frozen=True, slots=True)
class RefuseCash:
    """No cash was taken for this payment."""

    out_trade_no: str


@dataclass(frozen=True, slots=True)
class PayOut:
    """The money of a refund was paid out of the drawer, or will not be."""

    out_trade_no: str
    out_refund_no: str
    paid: bool


@dataclass(frozen=True, slots=True)
class ShowDishes:
    """To the dishes and options, to say what is sold out."""


@dataclass(frozen=True, slots=True)
class ShowOrders:
    """To the orders that are being prepared or wait to be fetched."""


@dataclass(frozen=True, slots=True)
class SetSoldOut:
    """A dish or an option by its code is sold out, or there again."""

    code: str
    sold_out: bool


@dataclass(frozen=True, slots=True)
class SetReady:
    """An order by its number is "ready", was "collected", or is "preparing" after all."""

    number: str
    state: str


@dataclass(frozen=True, slots=True)
class CloseStaff:
    """Back to selling."""


@dataclass(frozen=True, slots=True)
class Decide:
    """The answer to what the shopper needs staff for, by `HeldRow.held`."""

    held: str
    approved: bool


StaffCommand = (
    OpenStaff | EnterPin | FindPayment | ShowPayments | TurnTo | AskRefund | AskAgain | PrintCopy
    | PrintTicket | CloseDrop | TakeCash | RefuseCash | PayOut | Decide | ShiftCommand
    | ShowDishes | ShowOrders | SetSoldOut | SetReady | CloseStaff
)  # fmt: skip


# --- core to ui --------------------------------------------------------------------------------


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


class CashStep(Enum):
    """What of cash is to be done or was done."""

    TAKE = "TAKE"  # the shopper stands there
    ASKED = "ASKED"  # a crash lies between: was it taken?
    TAKEN = "TAKEN"  # and so much goes back
    PAY_OUT = "PAY_OUT"  # a refund


@dataclass(frozen=True, slots=True)
class CashShown:
    """Cash that staff take or pay out; amounts are fen, `quick` those that are likely."""

    step: CashStep
    out_trade_no: str
    fen: int
    quick: tuple[int, ...] = ()
    tendered_fen: int = 0
    change_fen: int = 0
    out_refund_no: str = ""


@dataclass(frozen=True, slots=True)
class PartShown:
    """A device, the camera, a channel or the ledger: `condition` is "good", "bad" or "unknown".

    `may_try`: it can be tried now. `tried` is the sentence that says what came of it, by its key,
    with `args`; `went` is "well", "badly" or "" while it is under way.
    """

    name: str
    condition: str
    cause: str = ""
    mend: str = ""
    may_try: bool = False
    tried: str = ""
    args: Mapping[str, str] = field(default_factory=dict)
    went: str = ""


@dataclass(frozen=True, slots=True)
class DishRow:
    """A dish, or an `option`; `of` is the name of its category or of its option group."""

    code: str
    names: Mapping[str, str]
    of: Mapping[str, str]
    sold_out: bool = False
    option: bool = False


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order that is "preparing" or "ready", and its age; `service` as in `Showing`."""

    number: str
    state: str
    minutes: int = 0
    service: str = ""


@dataclass(frozen=True, slots=True)
class StaffShowing:
    """The staff's screen; what is open comes first in `payments`, the newest of today after it.

    `held` is what the shopper under it waits for.
    `visit` is what goes on underneath, `parked` the baskets that were put aside. `closed` is why
    staff have closed the till ("": they have not); `called` are the minutes for which a shopper
    had asked for help when they came (None: nobody had). `manager`: the one who is signed in is
    one; `who` is his name in the settings, if he has any.
    In a `restaurant` there are two pages more, and each has its rows: `dishes`, then the options,
    in the menu's order; `orders`, oldest first.
    """

    page: StaffPage
    payments: tuple[PaymentRow, ...] = ()
    payment: PaymentShown | None = None
    parts: tuple[PartShown, ...] = ()
    busy: bool = False
    held: tuple[HeldRow, ...] = ()
    cash: CashShown | None = None
    visit: VisitShown | None = None
    parked: tuple[ParkedRow, ...] = ()
    report: ReportShown | None = None
    drawer: DrawerShown | None = None
    closed: str = ""
    called: int | None = None
    manager: bool = True
    who: str = ""
    restaurant: bool = False
    dishes: tuple[DishRow, ...] = ()
    orders: tuple[OrderRow, ...] = ()
