"""What must still happen: the one owner of every payment that is not at its end.

The checkout never waits for the network; it asks here, and hears of each change by `on_payment`.
All that concerns one payment runs under its own name in the timer, one after the other.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from kiosk.backlog import Backlog
from kiosk.channels.channel import (
    Account,
    ChannelError,
    FaceChannel,
    PaymentTold,
    PayOrder,
    Presented,
    Token,
)
from kiosk.domain.payment import FINAL, Method, Payment
from kiosk.faces.service import FaceService
from kiosk.ledger import Ledger, LedgerError
from kiosk.settle import Settle
from kiosk.timer import Timer

CHECK_EVERY = 30.0  # seconds between looks at a channel that answers
CHECK_AGAIN = 3.0  # at one that does not
DISK_AGAIN = 5.0  # seconds until a step is tried again that could not be written down

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Hears:
    """Who hears what becomes of payments, on any thread."""

    payment: Callable[[Payment], None]
    """Every step."""
    shown: Callable[[Payment, Presented], None]
    """What the shopper is to scan."""
    unsent: Callable[[Payment, LedgerError], None]
    """It surely never left, because the ledger could not write it down."""


class Jobs:
    """Pays, settles, authorises faces and watches the channels, on the timer's threads."""

    def __init__(
        self,
        timer: Timer,
        settle: Settle,
        ledger: Ledger,
        channels: Mapping[str, Account],
        hears: Hears,
    ) -> None:
        self._timer = timer
        self._settle = settle
        self._ledger = ledger
        self._channels = channels
        self._hears = hears
        self._trouble: dict[str, ChannelError] = {}

    # --- one payment ----------------------------------------------------------------------------

    def pay(self, payment: Payment, token: Token) -> None:
        """Submit it, once, and settle whatever comes of it."""
        self._submit(
            payment, lambda now: self._report(self._settle.pay(payment.out_trade_no, token, now))
        )

    def present(self, payment: Payment) -> None:
        """Have the order made that the shopper scans, once, and settle whatever comes of it."""

        def ask(now: float) -> None:
            shown = self._settle.present(payment.out_trade_no, now)
            self._report_as_it_stands(payment.out_trade_no)
            if shown is not None:
                self._hears.shown(payment, shown)

        self._submit(payment, ask)

    def settle(self, payment: Payment) -> None:
        """Step by step until it is final."""
        self._timer.put(_name(payment), lambda now: self._step(payment.out_trade_no, now))

    def tell(self, payment: Payment) -> None:
        """It took a step by somebody's word, not a channel's: let everybody hear of it."""
        self._report(payment)

    def give_up(self, payment: Payment, reason: str) -> None:
        """The shopper or the staff end a wait: undo it."""

        def work(now: float) -> float | None:
            if payment.method is Method.QR:
                # He may have paid a moment ago: then he gets his goods and not his money back.
                self._settle.hurry(payment.out_trade_no, now)
                self._settle.step(payment.out_trade_no, now)
            self._report(self._settle.give_up(payment.out_trade_no, reason))
            self.settle(payment)
            return None

        self._timer.put(_name(payment), work)

    def told(self, told: PaymentTold) -> None:
        """A channel says by itself that a payment was made: look at it now."""
        number = told.out_trade_no

        def work(now: float) -> float | None:
            if self._settle.told(number, told.said, now):
                self._settle.step(number, now)
                self._report_as_it_stands(number)
            else:
                log.info("notice of another till out_trade_no=%s", number)
            return None

        self._timer.put(f"payment {number}", work)

    def ask_again(self, payment: Payment, then: Callable[[], object] = lambda: None) -> None:
        """Somebody wants to know now what became of it; who settles it goes on as before.

        `then` is called when it has been asked, on any thread.
        """

        def work(now: float) -> float | None:
            try:
                self._settle.hurry(payment.out_trade_no, now)
                self._settle.step(payment.out_trade_no, now)
                self._report_as_it_stands(payment.out_trade_no)
            finally:
                then()
            return None

        self._timer.put(_name(payment), work)

    def authorise(
        self, faces: FaceService, attempt: str, rawdata: str, payment: Payment, order: PayOrder
    ) -> None:
        """Take the face service's rawdata to the channel and its authinfo back."""
        channel = cast("FaceChannel", self._channels[payment.channel])

        def work(_now: float) -> float | None:
            try:
                authinfo = channel.authinfo(rawdata)
            except ChannelError as error:
                log.warning("authinfo refused channel=%s cause=%s", channel.name, error.cause)
                faces.refuse(attempt, error.cause)
            else:
                faces.authorise(attempt, authinfo, order)
            return None

        self._timer.put(_name(payment), work)

    def resume(self) -> None:
        """After a start: go on with every payment that is not at its end.

        The newest has a thread when it needs one, since its shopper may be waiting.
        """
        found = self._ledger.unsettled()
        log.info("payments resumed count=%d", len(found))
        for newest in found[-1:]:
            self.settle(newest)
        older = Backlog([each.out_trade_no for each in found[:-1]], self._step)
        self._timer.put("backlog", older.work)

    # --- the channels ---------------------------------------------------------------------------

    def watch(self, on_change: Callable[[], None]) -> None:
        """Look at every channel from time to time; `on_change` after one came or went."""
        for channel in self._channels.values():
            self._timer.put(f"check {channel.name}", self._check(channel, on_change))

    def trouble(self, channel: str) -> ChannelError | None:
        """Why this channel cannot be used now, with the mend; None when it can."""
        return self._trouble.get(channel)

    def _check(
        self, channel: Account, on_change: Callable[[], None]
    ) -> Callable[[float], float | None]:
        def work(now: float) -> float | None:
            before = self._trouble.get(channel.name)
            try:
                channel.check()
                self._trouble.pop(channel.name, None)
            except ChannelError as error:
                self._trouble[channel.name] = error
                log.warning("channel down name=%s cause=%s", channel.name, error.cause)
            after = self._trouble.get(channel.name)
            if (before is None) != (after is None):
                on_change()
            return now + (CHECK_AGAIN if after else CHECK_EVERY)

        return work

    def _submit(self, payment: Payment, ask: Callable[[float], None]) -> None:
        number = payment.out_trade_no

        def work(now: float) -> float | None:
            try:
                ask(now)
            except LedgerError as error:
                log.exception("pay not written out_trade_no=%s", number)
                # Before the call: nothing was sent. After it: settling finds out what became of it.
                current = self._ledger.payment(number)
                if current is not None and current.submitted_ms is None:
                    self._hears.unsent(current, error)
                    return None
            current = self._ledger.payment(number)
            if current is None or not current.final:
                self.settle(payment)
            return None

        self._timer.put(_name(payment), work)

    def _report_as_it_stands(self, out_trade_no: str) -> None:
        current = self._ledger.payment(out_trade_no)
        if current is not None:
            self._report(current)

    def _step(self, out_trade_no: str, now: float) -> float | None:
        try:
            due = self._settle.step(out_trade_no, now)
        except LedgerError:
            log.exception("step not written out_trade_no=%s", out_trade_no)
            return now + DISK_AGAIN
        self._report_as_it_stands(out_trade_no)
        return due

    def _report(self, payment: Payment) -> None:
        if payment.state in FINAL:
            log.info("payment %s out_trade_no=%s", payment.state.name, payment.out_trade_no)
        self._hears.payment(payment)


def _name(payment: Payment) -> str:
    return f"payment {payment.out_trade_no}"
