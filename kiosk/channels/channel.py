"""The whole contract of a payment channel on one page.

A channel answers with facts of the payment's state machine, or raises one of two errors:

    ChannelError ─┬─ NotSent          the request surely never left: nothing was charged
                  ├─ OutcomeUnknown   it may have been carried out: query, never send again
                  └─ Refused          the channel understood and said no to this request

`pay` is called once for a number (`present`, where the shopper scans the screen). Everything after
that is `query` and `reverse` by the same out_trade_no. All calls block on the network (the core
makes them from its job threads only), and every channel is safe for threads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Protocol

from kiosk.domain.money import Money
from kiosk.domain.payment import Approved, Declined, PayError, Reversed, Waiting
from kiosk.domain.refund import RefundAbnormal, RefundAccepted, RefundClosed, RefundDone


class ChannelError(Exception):
    """Something between the kiosk and the channel went wrong; `cause` and `mend` are for staff."""

    def __init__(self, cause: str, mend: str = "") -> None:
        super().__init__(cause)
        self.cause = cause
        self.mend = mend


class NotSent(ChannelError):
    """The request surely never left the machine (refused connection, no route, unknown host)."""


class OutcomeUnknown(ChannelError):
    """Time-out, cut line, 5xx, SYSTEMERROR, or an answer whose signature is wrong."""


class Refused(ChannelError):
    """The channel refused this request by `code`; repeating it unchanged is pointless."""

    def __init__(self, code: str, message: str, mend: str = "", request_id: str = "") -> None:
        super().__init__(f"{code}: {message}", mend)
        self.code = code
        self.message = message
        self.request_id = request_id


class TokenKind(Enum):
    """What the shopper presented."""

    CODE = "CODE"
    FACE = "FACE"


@dataclass(frozen=True, slots=True)
class Token:
    """A payment code or a face code: single use, short life, never written anywhere."""

    kind: TokenKind
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class GoodsLine:
    """One line for the channel's `goods_detail`; `goods_id` is the barcode."""

    goods_id: str
    goods_name: str
    quantity: int
    price: Money


@dataclass(frozen=True, slots=True)
class PayOrder:
    """What is asked of the channel; the same values are sent in every call for its number.

    `out_trade_no` is at most 32 characters of [A-Za-z0-9_-|*] (WeChat's set, the narrowest).
    """

    out_trade_no: str
    amount: Money
    body: str
    goods: Sequence[GoodsLine] = ()


@dataclass(frozen=True, slots=True)
class NotFound:
    """The channel does not know the number: no proof while a request may be under way."""


@dataclass(frozen=True, slots=True)
class QueryPolicy:
    """How an unclear payment is brought to its end; seconds since the pay call.

    Queries start `query_after` and repeat `query_every` until `give_up_after`; then the payment
    is reversed, never earlier than `reverse_not_before`, with the pauses of `reverse_pauses` (the
    last one repeats) until the channel says that it is done or `undo_window` is past.
    """

    query_after: float
    query_every: float
    give_up_after: float
    reverse_not_before: float
    reverse_pauses: tuple[float, ...] = (2, 4, 8, 15, 30, 60)
    undo_window: float = 7 * 86400


@dataclass(frozen=True, slots=True)
class Authinfo:
    """The channel's permission for one face authentication; opaque, goes to the face service."""

    value: str = field(repr=False)
    expires_in: float


@dataclass(frozen=True, slots=True)
class Presented:
    """An order that waits for the shopper's phone: `code_url` is what the screen shows as a QR.

    The channel takes no money for it later than `expires_in` seconds from now.
    """

    code_url: str
    expires_in: float


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """What is asked back; the same values are sent in every call for its out_refund_no."""

    out_trade_no: str
    out_refund_no: str
    paid: Money
    amount: Money
    reason: str = ""


@dataclass(frozen=True, slots=True)
class KnownRefund:
    """One refund as the channel lists it."""

    out_refund_no: str
    amount: Money
    answer: RefundAnswer


@dataclass(frozen=True, slots=True)
class Settled:
    """What the channel knows of a payment's money: what was paid, and every refund of it."""

    out_trade_no: str
    transaction_id: str
    paid: Money
    refunds: tuple[KnownRefund, ...] = ()


@dataclass(frozen=True, slots=True)
class PaymentTold:
    """The channel says by itself that an order was paid."""

    out_trade_no: str
    said: Approved


@dataclass(frozen=True, slots=True)
class RefundTold:
    """The channel says by itself how a refund of a payment ended."""

    out_trade_no: str
    refund: KnownRefund


PayAnswer = Approved | Declined | Waiting | PayError
PresentAnswer = Presented | Declined
QueryAnswer = PayAnswer | NotFound
RefundAnswer = RefundAccepted | RefundDone | RefundClosed | RefundAbnormal


class Account(Protocol):
    """What every channel has, whatever the shopper presents: a name, a policy, a way back."""

    @property
    def name(self) -> str:
        """The name under which it stands in the config and the ledger."""

    @property
    def policy(self) -> QueryPolicy:
        """How its unclear payments are settled."""

    @property
    def sandbox(self) -> bool:
        """Whether no money moves; screens and slips then say TEST."""

    def query(self, order: PayOrder) -> QueryAnswer:
        """Ask what became of it; a revoked or closed order is Declined. Raises ChannelError."""

    def reverse(self, order: PayOrder) -> Reversed:
        """Undo it. OutcomeUnknown: ask again after a pause. Refused: undoing is closed for good."""

    def check(self) -> None:
        """Reach the channel without moving money; raises ChannelError with cause and mend."""


class Channel(Account, Protocol):
    """Takes money with what the shopper presents: a payment code or a face code."""

    def pay(self, order: PayOrder, token: Token) -> PayAnswer:
        """Ask for the money, once. Raises NotSent or OutcomeUnknown."""


class QrChannel(Account, Protocol):
    """Takes money from the phone that scans the screen.

    `reverse` closes the order: from then on nobody can pay it. Refused: it is paid already.
    """

    def present(self, order: PayOrder) -> PresentAnswer:
        """Make the order that the shopper scans, once. Raises NotSent or OutcomeUnknown."""


class FaceChannel(Channel, Protocol):
    """A channel whose wallet can be named by a face."""

    def authinfo(self, rawdata: str) -> Authinfo:
        """Exchange the face service's rawdata for its authinfo. Raises ChannelError."""


class NoticeChannel(Account, Protocol):
    """A channel that tells by itself what became of payments and refunds.

    A kiosk is complete without it: what it is told it would have asked a moment later.
    """

    @property
    def notify_url(self) -> str:
        """Where the channel was told to send it."""

    @property
    def notify_listen(self) -> str:
        """host:port at which the kiosk takes it; "": it does not."""

    def read_notice(
        self, headers: Mapping[str, str], body: bytes
    ) -> PaymentTold | RefundTold | None:
        """What a notice says; None for one that is of no concern here.

        Raises ValueError for everything that the channel did not write, for us, just now.
        """


class RefundChannel(Account, Protocol):
    """A channel that gives money back after the sale."""

    def refund(self, order: RefundOrder) -> RefundAnswer:
        """Ask for the refund; the same number again is the same refund.

        Raises NotSent or OutcomeUnknown: ask again with the same number.
        """

    def query_refund(self, order: RefundOrder) -> RefundAnswer | NotFound:
        """Ask what became of it. Raises ChannelError."""

    def settled(self, out_trade_no: str = "", transaction_id: str = "") -> Settled | NotFound:
        """What was paid and refunded for a payment of any till, by either number.

        Raises Refused where nothing was paid or all was undone, and other ChannelErrors.
        """


class BillChannel(Account, Protocol):
    """A channel whose own books of a day can be fetched, as the files that it makes.

    Raises Refused where there is none of that day, OutcomeUnknown where it may be there later.
    """

    def download_bill(self, day: date) -> bytes:
        """What was traded on a day (Beijing time)."""

    def download_fund_flow(self, day: date) -> bytes:
        """How the merchant's account moved on a day (Beijing time)."""
