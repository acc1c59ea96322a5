"""Bringing one payment to its end: `pay` once, then `step` until it is final; never sleeps.

    pay     Submit on disk ─► channel.pay ─► Approved, Declined, Waiting, PayError
                                             NotSent ─► CANCELLED    anything else ─► UNKNOWN
    present the same for an order that the shopper scans: PENDING with its QR; without one that can
            be shown nobody can pay it ─► REVERSING
    step    PENDING, UNKNOWN: query, until the channel's policy is spent ─► REVERSING
            REVERSING: reverse with pauses; refused for good: query ─► PAID_LATE or REVERSED

Time is the caller's steady clock in seconds, never the wall clock. The policy of a payment counts
from its pay call; of one found after a restart, from the first step that sees it. So a clock that
jumps a day in either direction, or is wrong, can neither reverse too early (more time has passed
than is counted) nor query for ever (the count always starts and always runs).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import assert_never, cast

from kiosk.channels.channel import (
    Account,
    Channel,
    ChannelError,
    NotFound,
    NotSent,
    OutcomeUnknown,
    PayAnswer,
    PayOrder,
    Presented,
    QrChannel,
    QueryAnswer,
    Refused,
    Token,
)
from kiosk.domain.payment import (
    Approved,
    Contradiction,
    Declined,
    Event,
    FoundPaid,
    GiveUp,
    PayError,
    Payment,
    Reversed,
    State,
    Submit,
    Unclear,
    Unsent,
    Waiting,
)
from kiosk.ledger import Ledger

LATER = 0.5  # seconds until a payment that somebody else holds is looked at again
SHOWN = "NATIVE"  # what a payment waits for whose QR is on the screen

_Fact = PayAnswer | Unsent | Unclear


class StillInFlight(RuntimeError):
    """A call for this number is under way; a second one is a defect of the caller."""


@dataclass(slots=True)
class _Watch:
    """What is remembered of one payment between steps; memory only, on purpose."""

    since: float  # the pay call, or the first sight after a restart
    due: float
    asked: bool = False  # a query was answered or tried
    reversals: int = 0
    closed: bool = False  # undoing was refused: the next call is a query


class Settle:
    """Pays and settles through the channels; one thread at a time for one number.

    `order_of` gives the same PayOrder for a payment at any time, also after a restart.
    """

    def __init__(
        self,
        ledger: Ledger,
        channels: Mapping[str, Account],
        order_of: Callable[[Payment], PayOrder],
    ) -> None:
        self._ledger = ledger
        self._channels = channels
        self._order_of = order_of
        self._guard = threading.Lock()
        self._calling: set[str] = set()
        self._watched: dict[str, _Watch] = {}

    def pay(self, out_trade_no: str, token: Token, now: float) -> Payment:
        """Ask the channel for the money, once for this number; blocks on the network.

        The entry is on the disk before the call leaves, written here unless it was written with the
        opening. Raises KeyError for an unknown number or channel, NotInTable for a payment that was
        sent before, StillInFlight, and LedgerError: before the call nothing was sent; after it,
        `step` finds out what became of it.
        """

        def ask(channel: Account, order: PayOrder) -> _Fact:
            return cast("Channel", channel).pay(order, token)

        return self._ask_once(out_trade_no, now, ask)

    def present(self, out_trade_no: str, now: float) -> Presented | None:
        """Have the channel make the order that the shopper scans, once; blocks on the network.

        None: there is nothing to show. Raises as `pay` does.
        """
        shown: Presented | None = None

        def ask(channel: Account, order: PayOrder) -> _Fact:
            nonlocal shown
            said = cast("QrChannel", channel).present(order)
            if not isinstance(said, Presented):
                return said
            shown = said
            return Waiting(SHOWN)

        payment = self._ask_once(out_trade_no, now, ask)
        if payment.state is State.UNKNOWN:
            # What nobody has seen nobody can pay, so it need not be waited for.
            self._take(out_trade_no, self._watched[out_trade_no], GiveUp("nothing to show"))
        return shown

    def step(self, out_trade_no: str, now: float) -> float | None:
        """Do what is due, with one network call at most; answers when to step next.

        None: it is final. Before its time, and while another call for the number is under way,
        nothing is done. Raises KeyError for an unknown number or channel, and LedgerError; then
        the same step is right again later.
        """
        payment = self._payment(out_trade_no)
        if payment.final:
            return None
        if payment.state in (State.NEW, State.AUTHENTICATING, State.STORED):
            return now + LATER  # nothing has left the machine: the visit owns it
        channel = self._channels[payment.channel]
        try:
            with self._call(out_trade_no):
                watch = self._watched.setdefault(out_trade_no, _Watch(since=now, due=now))
                if now >= watch.due:
                    self._act(self._payment(out_trade_no), channel, watch, now)
                due = max(watch.due, now)
        except StillInFlight:
            return now + LATER
        return None if self._payment(out_trade_no).final else due

    def hurry(self, out_trade_no: str, now: float) -> None:
        """The staff want to know: the next step is due now; how long is asked stays as it is."""
        with self._guard:
            watch = self._watched.get(out_trade_no)
            if watch is not None:
                watch.due = min(watch.due, now)

    def told(self, out_trade_no: str, said: Approved, now: float) -> bool:
        """The channel says by itself that it was paid; whether that is a payment of this till.

        The next query is due now, and its answer counts. Of a payment that has another end, it is a
        contradiction: written, and given back.
        """
        payment = self._ledger.payment(out_trade_no)
        if payment is None:
            return False
        if payment.final:
            self._note(out_trade_no, said)
        self.hurry(out_trade_no, now)
        return True

    def give_up(self, out_trade_no: str, reason: str) -> Payment:
        """The shopper or the staff end a wait: a PENDING payment goes to REVERSING.

        In any other state nothing happens (it may have just been paid); the answer is the payment
        as it stands.
        """
        with self._guard:
            payment = self._payment(out_trade_no)
            if payment.state is State.PENDING:
                payment = self._ledger.record(out_trade_no, GiveUp(reason))
                watch = self._watched.get(out_trade_no)
                if watch is not None:
                    policy = self._channels[payment.channel].policy
                    watch.due = watch.since + policy.reverse_not_before
            return payment

    # --- inside ---------------------------------------------------------------------------------

    def _ask_once(
        self, out_trade_no: str, now: float, ask: Callable[[Account, PayOrder], _Fact]
    ) -> Payment:
        payment = self._payment(out_trade_no)
        channel = self._channels[payment.channel]
        order = self._order_of(payment)
        with self._call(out_trade_no):
            if payment.state is not State.PAYING or out_trade_no in self._watched:
                self._ledger.record(out_trade_no, Submit(self._ledger.clock_ms()))
            watch = _Watch(since=now, due=now + channel.policy.query_after)
            self._watched[out_trade_no] = watch
            try:
                answer = ask(channel, order)
            except NotSent as error:
                answer = Unsent(error.cause)
            except ChannelError as error:
                answer = Unclear(error.cause)
            except BaseException as error:
                self._take(out_trade_no, watch, Unclear(type(error).__name__))
                raise
            return self._take(out_trade_no, watch, answer)

    def _act(self, payment: Payment, channel: Account, watch: _Watch, now: float) -> None:
        """One step of a payment that is due."""
        policy = channel.policy
        match payment.state:
            case State.PAYING:
                # Nobody is calling: the process or the disk failed between the call and its answer.
                self._take(payment.out_trade_no, watch, Unclear("the answer was not kept"))
            case State.PENDING | State.UNKNOWN:
                if watch.asked and now >= watch.since + policy.give_up_after:
                    self._take(payment.out_trade_no, watch, GiveUp("the query policy is spent"))
                else:
                    self._ask(payment, channel, watch, now)
            case State.REVERSING:
                if now < watch.since + policy.reverse_not_before:
                    watch.due = watch.since + policy.reverse_not_before
                elif watch.closed or now > watch.since + policy.undo_window:
                    self._ask_whether_paid(payment, channel, watch, now)
                else:
                    self._reverse(payment, channel, watch, now)
            case _:
                pass  # it became final since it was looked at

    def _ask(self, payment: Payment, channel: Account, watch: _Watch, now: float) -> None:
        policy = channel.policy
        watch.asked = True
        watch.due = min(now + policy.query_every, max(now, watch.since + policy.give_up_after))
        answer = _query(channel, self._order_of(payment))
        if answer is not None and not isinstance(answer, NotFound):
            self._take(payment.out_trade_no, watch, answer)

    def _reverse(self, payment: Payment, channel: Account, watch: _Watch, now: float) -> None:
        pauses = channel.policy.reverse_pauses
        watch.due = now + pauses[min(watch.reversals, len(pauses) - 1)]
        watch.reversals += 1
        try:
            answer = channel.reverse(self._order_of(payment))
        except (NotSent, OutcomeUnknown):
            return
        except Refused:
            watch.closed = True
            watch.due = now
            return
        self._take(payment.out_trade_no, watch, answer)

    def _ask_whether_paid(
        self, payment: Payment, channel: Account, watch: _Watch, now: float
    ) -> None:
        """What undoing could not settle, the channel's own record does."""
        pauses = channel.policy.reverse_pauses
        watch.due = now + pauses[min(watch.reversals, len(pauses) - 1)]
        watch.closed = False
        answer = _query(channel, self._order_of(payment))
        match answer:
            case Approved(transaction_id=transaction_id, fen=fen):
                if fen != payment.amount.fen:
                    self._note(payment.out_trade_no, answer)
                self._take(payment.out_trade_no, watch, FoundPaid(transaction_id, fen))
            case Declined():
                self._take(payment.out_trade_no, watch, Reversed())
            case NotFound() | PayError() if now > watch.since + channel.policy.undo_window:
                # No request that old is still under way, and nothing was taken.
                self._take(payment.out_trade_no, watch, Reversed())
            case NotFound() | Waiting() | PayError() | None:
                pass
            case _:
                assert_never(answer)

    def _take(self, out_trade_no: str, watch: _Watch, event: Event) -> Payment:
        """Write what the channel said, unless `give_up` came between the question and this."""
        with self._guard:
            payment = self._payment(out_trade_no)
            if payment.state is State.REVERSING and not isinstance(event, Reversed | FoundPaid):
                return payment
            try:
                changed = self._ledger.record(out_trade_no, event)
            except Contradiction:
                # Another amount was taken than was asked: nobody wanted that, so it goes back.
                if payment.state is State.PAYING:
                    self._ledger.record(out_trade_no, Unclear("another amount"))
                changed = self._ledger.record(out_trade_no, GiveUp("another amount"))
            if changed.final:
                self._watched.pop(out_trade_no, None)
            elif changed.state is State.REVERSING:
                policy = self._channels[payment.channel].policy
                watch.due = watch.since + policy.reverse_not_before
            return changed

    def _note(self, out_trade_no: str, fact: Approved) -> None:
        try:
            self._ledger.record(out_trade_no, fact)
        except Contradiction:
            return  # it is in the ledger now, once

    def _payment(self, out_trade_no: str) -> Payment:
        payment = self._ledger.payment(out_trade_no)
        if payment is None:
            raise KeyError(out_trade_no)
        return payment

    @contextmanager
    def _call(self, out_trade_no: str) -> Iterator[None]:
        """Mark that a call for the number is under way. Raises StillInFlight for a second one."""
        with self._guard:
            if out_trade_no in self._calling:
                raise StillInFlight(out_trade_no)
            self._calling.add(out_trade_no)
        try:
            yield
        finally:
            with self._guard:
                self._calling.discard(out_trade_no)


def _query(channel: Account, order: PayOrder) -> QueryAnswer | None:
    """The channel's answer, or None when it gave none: that changes nothing."""
    try:
        return channel.query(order)
    except ChannelError:
        return None
