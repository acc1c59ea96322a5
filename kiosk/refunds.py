"""Giving money back: a refund is on the disk, then it is sent, then it is stepped to its end.

    request, due   check ─► REQUESTED on disk
    step           REQUESTED: is the number free?  no ─► CLOSED    yes ─► SendRefund on disk ─► call
                   UNKNOWN: the same number again, with pauses     PROCESSING: query, ever rarer
                   ABNORMAL: query, rarely; staff hand the money over in the channel's portal

The number is the next index of the payment, so tills that refund one payment at the same moment
collide at the channel, which makes one refund of a number. A till that never sent its own gives
the number up when it is taken; its staff then see what the other till gave back.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import assert_never

from kiosk.channels.channel import (
    ChannelError,
    NotFound,
    RefundAnswer,
    RefundChannel,
    RefundOrder,
    Refused,
)
from kiosk.domain.money import Money
from kiosk.domain.payment import Contradiction
from kiosk.domain.refund import (
    Refund,
    RefundClosed,
    RefundState,
    RefundUnclear,
    SendRefund,
    WithdrawRefund,
    refund_number,
)
from kiosk.found_payment import FoundPayment, Lookup, refund_index
from kiosk.ledger import Ledger, RefundDue

__all__ = ["FoundPayment", "RefundPace", "RefundRefused", "Refunds"]

NUMBER_TAKEN = "NUMBER_TAKEN"  # the channels say the same of a number with another amount
_LATER = 0.5  # seconds until a refund that another thread steps is looked at again


class RefundRefused(Exception):
    """Staff ask for a refund that may not be made; `key` names the text that says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True, slots=True)
class RefundPace:
    """Seconds between the calls for one refund; the last of each repeats."""

    doubt: tuple[float, ...] = (2, 4, 8, 15, 30, 60)
    processing: tuple[float, ...] = (1, 2, 4, 8, 15, 30, 60, 300, 1800)
    abnormal: tuple[float, ...] = (1800,)

    def pause(self, state: RefundState, tries: int) -> float:
        """How long a refund in this state rests after so many calls in it."""
        match state:
            case RefundState.PROCESSING:
                pauses = self.processing
            case RefundState.ABNORMAL:
                pauses = self.abnormal
            case _:
                pauses = self.doubt
        return pauses[min(tries, len(pauses) - 1)]


@dataclass(slots=True)
class _Watch:
    """What is remembered of one refund between steps; memory only, on purpose."""

    due: float
    free: bool = False  # the channel did not know the number before it was first sent
    pausing: RefundState | None = None
    tries: int = 0


class Refunds:
    """Finds payments of any till and gives money back; safe for threads.

    `limit_fen` is what staff may give back of one payment at this till, where the one who asks has
    no higher one. What was taken by mistake goes back without a limit.
    """

    def __init__(
        self,
        ledger: Ledger,
        channels: Mapping[str, RefundChannel],
        limit_fen: int,
        pace: RefundPace | None = None,
    ) -> None:
        self._ledger = ledger
        self._channels = channels
        self._lookup = Lookup(ledger, channels)
        self._limit_fen = limit_fen
        self._pace = pace or RefundPace()
        self._guard = threading.RLock()
        self._calling: set[str] = set()
        self._watched: dict[str, _Watch] = {}

    # --- staff ----------------------------------------------------------------------------------

    def find(self, number: str) -> FoundPayment | None:
        """The payment with that out_trade_no or transaction_id, of this till or any other.

        What the ledger knows is answered without the network, unless another till took a number
        of its refunds: then the channel is asked, if it can be. What it does not know, every
        channel is asked; raises ChannelError when one could not say, or says that nothing was
        paid (Refused).
        """
        known = self._ledger.payment(number) or self._ledger.payment_of(number)
        if known is None:
            return self._lookup.elsewhere(number)
        if self._must_ask(known.out_trade_no):
            with suppress(ChannelError):
                asked = self._lookup.elsewhere(known.out_trade_no)
                if asked is not None:
                    return asked
        return self._lookup.own(known.out_trade_no)

    def request(self, out_trade_no: str, fen: int, reason: str, *, limit_fen: int = 0) -> Refund:
        """Write down that `fen` of a payment are to go back; `step` then sends it.

        Asks the channel first where the ledger cannot know all that went back: for a payment of
        another till, and after another till took a number. Raises ChannelError then, KeyError for
        a channel that does not give money back, ValueError for no money, and RefundRefused:
        refund.not_paid, refund.part (of a basket that is just being paid), refund.open (another
        refund of it is not at its end), refund.too_much, refund.over_limit.
        """
        if fen <= 0:
            raise ValueError(f"{out_trade_no}: {fen} fen cannot go back")
        asked = self._lookup.elsewhere(out_trade_no) if self._must_ask(out_trade_no) else None
        with self._guard:
            found = self._lookup.joined(asked) if asked else self._lookup.own(out_trade_no)
            if found is None or not found.paid_fen:
                raise RefundRefused("refund.not_paid")
            if any(each.out_trade_no == out_trade_no for each in self._ledger.parts()):
                raise RefundRefused("refund.part")
            if any(not each.final for each in self._ledger.refunds_of(out_trade_no)):
                raise RefundRefused("refund.open")
            if fen > found.left_fen:
                raise RefundRefused("refund.too_much")
            if fen + found.refunded_fen > max(self._limit_fen, limit_fen):
                raise RefundRefused("refund.over_limit")
            payment = found.payment
            paid = payment.taken_fen if payment and payment.took_money else found.paid_fen
            return self._opened(found, paid, fen, reason)

    def open_refunds(self) -> list[Refund]:
        """Every refund of this till that is not at its end, oldest first."""
        return self._ledger.unsettled_refunds()

    # --- by itself ------------------------------------------------------------------------------

    def due(self) -> list[Refund]:
        """Write down refunds for money that was taken by mistake; those that are new.

        One at a time for a payment, and none after the channel refused one for good: then it is
        for staff, and stays in the ledger's `refunds_due`.
        """
        with self._guard:
            found = [self._due(each) for each in self._ledger.refunds_due()]
            return [refund for refund in found if refund is not None]

    def step(self, out_refund_no: str, now: float) -> float | None:
        """Do what is due, with one network call at most; answers when to step next.

        None: it is final. `now` is the caller's steady clock in seconds; before its time, and
        while another thread steps it, nothing is done. Raises KeyError for an unknown number or
        channel, and LedgerError; then the same step is right again later.
        """
        refund = self._refund(out_refund_no)
        if refund.final:
            return None
        channel = self._channels[refund.channel]
        with self._guard:
            if out_refund_no in self._calling:
                return now + _LATER
            self._calling.add(out_refund_no)
            watch = self._watched.setdefault(out_refund_no, _Watch(due=now))
        try:
            if now >= watch.due:
                self._act(self._refund(out_refund_no), channel, watch, now)
            if not self._refund(out_refund_no).final:
                return max(watch.due, now)
            self._watched.pop(out_refund_no, None)
            return None
        finally:
            with self._guard:
                self._calling.discard(out_refund_no)

    def hurry(self, out_refund_no: str, now: float) -> None:
        """Staff want to know: the next step is due now."""
        with self._guard:
            watch = self._watched.get(out_refund_no)
            if watch is not None:
                watch.due = min(watch.due, now)

    # --- one step -------------------------------------------------------------------------------

    def _act(self, refund: Refund, channel: RefundChannel, watch: _Watch, now: float) -> None:
        match refund.state:
            case RefundState.REQUESTED if not watch.free:
                self._look(refund, channel, watch)
            case RefundState.REQUESTED | RefundState.UNKNOWN:
                self._send(refund, channel)
            case RefundState.SENT:
                # Nobody is calling: the process or the disk failed between the call and its answer.
                self._take(refund, RefundUnclear("the answer was not kept"))
            case RefundState.PROCESSING | RefundState.ABNORMAL:
                self._ask(refund, channel)
            case RefundState.DONE | RefundState.CLOSED:
                pass  # it became final since it was looked at
            case _:
                assert_never(refund.state)
        state = self._refund(refund.out_refund_no).state
        if state is RefundState.REQUESTED and watch.free:
            watch.due = now
            return
        if state is not watch.pausing:
            watch.pausing, watch.tries = state, 0
        watch.due = now + self._pace.pause(state, watch.tries)
        watch.tries += 1

    def _look(self, refund: Refund, channel: RefundChannel, watch: _Watch) -> None:
        """Whether the number is free. Nothing was sent for it, so whoever has it is another till.

        Without this, a till that gives back the same amount for other goods would take the
        channel's "that refund is done" for its own.
        """
        try:
            known = channel.query_refund(_order(refund))
        except Refused:
            watch.free = True  # the refund itself will be told why
        except ChannelError:
            return
        else:
            watch.free = isinstance(known, NotFound)
            if not watch.free:
                self._ledger.record_refund(refund.out_refund_no, WithdrawRefund(NUMBER_TAKEN))

    def _send(self, refund: Refund, channel: RefundChannel) -> None:
        number = refund.out_refund_no
        self._ledger.record_refund(number, SendRefund(self._ledger.clock_ms()))
        try:
            answer: RefundAnswer | RefundUnclear = channel.refund(_order(refund))
        except ChannelError as error:
            answer = RefundUnclear(error.cause)
        except BaseException as error:
            self._take(refund, RefundUnclear(type(error).__name__))
            raise
        self._take(refund, answer)

    def _ask(self, refund: Refund, channel: RefundChannel) -> None:
        try:
            answer = channel.query_refund(_order(refund))
        except ChannelError:
            return
        if not isinstance(answer, NotFound):
            self._take(refund, answer)

    def _take(self, refund: Refund, event: RefundAnswer | RefundUnclear) -> None:
        try:
            self._ledger.record_refund(refund.out_refund_no, event)
        except Contradiction:
            # It is written, once. What was given back under the number is not what was asked here.
            self._ledger.record_refund(refund.out_refund_no, RefundClosed(NUMBER_TAKEN))

    # --- opening --------------------------------------------------------------------------------

    def _must_ask(self, out_trade_no: str) -> bool:
        """Whether the ledger cannot know all that went back of the payment."""
        if self._ledger.payment(out_trade_no) is None:
            return True
        return any(each.code == NUMBER_TAKEN for each in self._ledger.refunds_of(out_trade_no))

    def _due(self, due: RefundDue) -> Refund | None:
        found = self._lookup.own(due.out_trade_no)
        if found is None or found.channel not in self._channels:
            return None
        last = found.refunds[-1] if found.refunds else None
        if any(not each.final for each in found.refunds):
            return None
        if last and last.state is RefundState.CLOSED and last.code != NUMBER_TAKEN:
            return None
        fen = min(due.left_fen, found.left_fen)
        return self._opened(found, due.fen, fen, due.reason) if fen else None

    def _opened(self, found: FoundPayment, paid_fen: int, fen: int, reason: str) -> Refund:
        if found.channel not in self._channels:
            raise KeyError(found.channel)  # a refund that nobody can send is not opened
        number = found.out_trade_no
        index = 1 + max([refund_index(each) for each in found.refunds], default=0)
        currency = found.payment.amount.currency if found.payment else "CNY"
        refund = Refund(
            out_refund_no=refund_number(number, index),
            out_trade_no=number,
            channel=found.channel,
            paid=Money(paid_fen, currency),
            amount=Money(fen, currency),
            reason=reason,
            created_ms=self._ledger.clock_ms(),
        )
        return self._ledger.open_refund(refund)

    def _refund(self, out_refund_no: str) -> Refund:
        refund = self._ledger.refund(out_refund_no)
        if refund is None:
            raise KeyError(out_refund_no)
        return refund


def _order(refund: Refund) -> RefundOrder:
    return RefundOrder(
        refund.out_trade_no, refund.out_refund_no, refund.paid, refund.amount, refund.reason
    )
