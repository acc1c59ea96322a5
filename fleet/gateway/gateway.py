"""The calls of the contract for a proven terminal: bounds first, then the real channel.

pay, present        a new number within the limits, once; else it is refused or unknown
query, reverse      a number of the same store, with the amount as booked
refund …            a payment of the same store, or of the merchant where he allows it
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from fleet.database import Database
from fleet.gateway.orders import Known, Orders
from fleet.gateway.refunds import NUMBER_TAKEN, GatewayRefunds
from fleet.gateway.states import OrderState
from fleet.gateway.wallets import Served, Wallets
from fleet.who import Who
from kiosk.channels.channel import (
    Authinfo,
    ChannelError,
    NotFound,
    NotSent,
    OutcomeUnknown,
    PayAnswer,
    PaymentTold,
    PayOrder,
    PresentAnswer,
    QueryAnswer,
    RefundAnswer,
    RefundOrder,
    RefundTold,
    Refused,
    Settled,
    Token,
)
from kiosk.channels.gateway.calls import Numbers, Rawdata, Terms
from kiosk.domain.payment import Approved, Declined, Reversed
from kiosk.domain.refund import RefundClosed

T = TypeVar("T")

log = logging.getLogger(__name__)


class Unserved(Exception):
    """The merchant has no such channel, or the channel no such call."""


@dataclass(frozen=True, slots=True)
class Window:
    """Where one terminal is served by one channel."""

    who: Who
    channel: str
    served: Served

    @property
    def account(self) -> Any:
        """The real channel."""
        return self.served.account

    def key(self, number: str) -> tuple[str, str, str]:
        """A number of this merchant and channel."""
        return self.who.merchant_id, self.channel, number


class Gateway:
    """Safe for threads. All calls raise ChannelError, as the contract says."""

    def __init__(self, database: Database, wallets: Wallets, now_ms: Callable[[], int]) -> None:
        self._wallets = wallets
        self._orders = Orders(database)
        self._refunds = GatewayRefunds(database)
        self._now_ms = now_ms
        self._calls: dict[str, Callable[..., object]] = {
            "pay": self._pay,
            "present": self._present,
            "query": self._query,
            "reverse": self._reverse,
            "authinfo": self._authinfo,
            "refund": self._refund,
            "query_refund": self._query_refund,
            "settled": self._settled,
            "check": self._check,
        }

    def window(self, who: Who, channel: str, call: str) -> Window:
        """Where a terminal's call is served. Raises Unserved."""
        served = self._wallets.find(who.merchant_id, channel)
        if served is None:
            raise Unserved("the merchant has no such channel")
        if call not in self._calls or not hasattr(served.account, call):
            raise Unserved("the channel has no such call")
        return Window(who, channel, served)

    def answer(self, window: Window, call: str, values: list[Any]) -> object:
        """The answer to one call."""
        said = self._calls[call](window, *values)
        log.info("%s who=%s answer=%s", call, window.who, type(said).__name__)
        return said

    def concerned(
        self, merchant_id: str, channel: str, told: PaymentTold | RefundTold
    ) -> Who | None:
        """Whose terminal a notice concerns; None where no terminal asked for it here."""
        if isinstance(told, RefundTold):
            refund = self._refunds.find(merchant_id, channel, told.refund.out_refund_no)
            return refund.who if refund else None
        order = self._orders.find_any(merchant_id, channel, told.out_trade_no)
        return order.who if order else None

    # --- taking money ---------------------------------------------------------------------------

    def _pay(self, window: Window, order: PayOrder, token: Token) -> PayAnswer:
        prefixes = window.served.card_prefixes
        foreign = bool(prefixes) and not token.value.startswith(prefixes)

        def pay() -> PayAnswer:
            if foreign:
                return Declined("CARD_UNKNOWN", "no card of this shop begins so")
            answer: PayAnswer = window.account.pay(order, token)
            return answer

        return self._once(window, order, pay)

    def _present(self, window: Window, order: PayOrder) -> PresentAnswer:
        def present() -> PresentAnswer:
            answer: PresentAnswer = window.account.present(order)
            return answer

        return self._once(window, order, present)

    def _once(self, window: Window, order: PayOrder, ask: Callable[[], T]) -> T | Declined:
        """Ask for a number that nobody asked for before."""
        guessable, now_ms = bool(window.served.card_prefixes), self._now_ms()
        refused = self._orders.open(window.who, window.channel, order, now_ms, guessable=guessable)
        if refused is not None:
            return refused
        key = window.key(order.out_trade_no)
        try:
            said = _asked(ask)
        except NotSent:
            self._orders.note(*key, OrderState.REFUSED, "NOT_SENT")
            raise
        except ChannelError:
            self._orders.note(*key, OrderState.OPEN)
            raise
        self._orders.note(*key, *_state_of(said))
        return said

    def _query(self, window: Window, order: PayOrder) -> QueryAnswer:
        known = self._orders.find(window.who, window.channel, order.out_trade_no)
        if known is None:
            return NotFound()
        if known.state is OrderState.REFUSED:
            return known.refused
        said: QueryAnswer = _asked(lambda: window.account.query(known.order))
        state, code = _state_of(said)
        if state is not known.state and not self._under_way(window, known):
            self._orders.note(*window.key(known.out_trade_no), state, code)
        return said

    def _reverse(self, window: Window, order: PayOrder) -> Reversed:
        """Undo it; a number that nobody knows is kept from ever being paid."""
        known = self._orders.find(window.who, window.channel, order.out_trade_no)
        if known is None:
            # Where it is another store's, nothing is done; the answer is the same.
            if self._orders.void(window.who, window.channel, order, self._now_ms()):
                return Reversed()
            known = self._orders.find(window.who, window.channel, order.out_trade_no)
        if known is None or known.state is OrderState.REFUSED:
            return Reversed()
        if self._under_way(window, known):
            raise OutcomeUnknown("the wallet is still being asked for this payment")
        booked = known.order
        said: Reversed = _asked(lambda: window.account.reverse(booked))
        self._orders.note(*window.key(known.out_trade_no), OrderState.REVERSED)
        return said

    def _under_way(self, window: Window, known: Known) -> bool:
        """Whether some process may still be asking the wallet for it."""
        age = self._now_ms() - known.created_ms
        return known.state is OrderState.SENT and age < window.served.seconds * 1000

    # --- giving it back -------------------------------------------------------------------------

    def _refund(self, window: Window, order: RefundOrder) -> RefundAnswer:
        paid = self._refundable(window, order.out_trade_no)
        closed = self._refunds.bind(window.who, window.channel, order, paid, self._now_ms())
        if closed is not None:
            return closed
        said: RefundAnswer = _asked(lambda: window.account.refund(order))
        self._note_refund(window, order.out_refund_no, said)
        return said

    def _query_refund(self, window: Window, order: RefundOrder) -> RefundAnswer | NotFound:
        number = order.out_refund_no
        known = self._refunds.find(window.who.merchant_id, window.channel, number)
        if known is None or self._refundable(window, known.out_trade_no) is None:
            return NotFound()
        if not known.is_of(order):
            return NUMBER_TAKEN
        said: RefundAnswer | NotFound = _asked(lambda: window.account.query_refund(order))
        self._note_refund(window, number, said)
        return said

    def _settled(self, window: Window, numbers: Numbers) -> Settled | NotFound:
        by_ours = numbers.out_trade_no
        if by_ours:
            known = self._refundable(window, by_ours)
            if known is None:
                return NotFound()
            if known.state is OrderState.REFUSED:
                raise Refused("NOT_PAID", "nothing was paid under this number")
        said: Settled | NotFound = _asked(
            lambda: window.account.settled(by_ours, numbers.transaction_id)
        )
        if isinstance(said, Settled) and self._refundable(window, said.out_trade_no) is None:
            return NotFound()
        return said

    def _refundable(self, window: Window, out_trade_no: str) -> Known | None:
        """A payment that this terminal may give back."""
        merchant_id = window.who.merchant_id
        if self._wallets.refunds_at_any_store(merchant_id):
            return self._orders.find_any(merchant_id, window.channel, out_trade_no)
        return self._orders.find(window.who, window.channel, out_trade_no)

    def _note_refund(self, window: Window, out_refund_no: str, said: object) -> None:
        if isinstance(said, RefundClosed):
            self._refunds.close(*window.key(out_refund_no))

    # --- around it ------------------------------------------------------------------------------

    def _authinfo(self, window: Window, rawdata: Rawdata) -> Authinfo:
        answer: Authinfo = _asked(lambda: window.account.authinfo(rawdata.value))
        return answer

    def _check(self, window: Window) -> Terms:
        return window.served.check()


def _state_of(said: object) -> tuple[OrderState, str]:
    """What is kept of a wallet's answer, with its code."""
    match said:
        case Approved():
            return OrderState.PAID, ""
        case Declined(code=code):
            return OrderState.DECLINED, code
        case _:
            return OrderState.OPEN, ""


def _asked(ask: Callable[[], T]) -> T:
    """What the channel answers; a defect of ours says nothing about the money."""
    try:
        return ask()
    except ChannelError:
        raise
    except Exception as error:  # noqa: BLE001 - see below
        # Its text, and the trace, could hold what the shopper presented.
        log.error("channel failed cause=%s", type(error).__name__)  # noqa: TRY400
        raise OutcomeUnknown(f"the gateway failed ({type(error).__name__})") from None
