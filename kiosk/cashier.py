"""Refunds on the timer's threads: asked for by staff or owed, each stepped to its end.

staff     request ─► REQUESTED on disk ─► steps
itself    money taken by mistake (paid late, paid twice) ─► the same, looked for now and then
restart   whatever is open ─► steps
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from kiosk.backlog import Backlog
from kiosk.domain.refund import Refund
from kiosk.ledger import Ledger, LedgerError
from kiosk.refunds import FoundPayment, Refunds
from kiosk.timer import Timer

LOOK_EVERY = 30.0  # seconds between looks for money that must go back
DISK_AGAIN = 5.0  # seconds until a step is tried again that could not be written down

log = logging.getLogger(__name__)


class Cashier:
    """The one owner of every open refund; `on_refund` hears each step of one, on any thread."""

    def __init__(
        self, timer: Timer, refunds: Refunds, ledger: Ledger, on_refund: Callable[[Refund], None]
    ) -> None:
        self._timer = timer
        self._refunds = refunds
        self._ledger = ledger
        self._on_refund = on_refund

    def find(self, number: str) -> FoundPayment | None:
        """As `Refunds.find`: may wait for the network."""
        return self._refunds.find(number)

    def request(self, out_trade_no: str, fen: int, reason: str, *, limit_fen: int = 0) -> Refund:
        """As `Refunds.request`: may wait for the network. What is on the disk then is sent."""
        refund = self._refunds.request(out_trade_no, fen, reason, limit_fen=limit_fen)
        log.info("refund asked for out_refund_no=%s fen=%d", refund.out_refund_no, fen)
        self._begin(refund)
        return refund

    def again(self, refund: Refund) -> None:
        """Take its next step now; who brings it to its end goes on as before."""

        def work(now: float) -> float | None:
            self._refunds.hurry(refund.out_refund_no, now)
            self._refunds.step(refund.out_refund_no, now)
            self._report(refund.out_refund_no)
            return None

        self._timer.put(_name(refund), work)

    def told(self, out_refund_no: str) -> None:
        """A channel says by itself that a refund has ended: look at it now, if it is ours."""
        refund = self._ledger.refund(out_refund_no)
        if refund is not None and not refund.final:
            self.again(refund)

    def resume(self) -> None:
        """After a start: go on with every open refund, and look for money that must go back."""
        numbers = [each.out_refund_no for each in self._refunds.open_refunds()]
        log.info("refunds resumed count=%d", len(numbers))
        self._timer.put("refund backlog", Backlog(numbers, self._step).work)
        self._timer.put("refunds due", self._look)

    def look(self) -> None:
        """Money has come due that must go back: begin now."""

        def work(now: float) -> float | None:
            self._look(now)
            return None

        self._timer.put("refunds due", work)

    def _begin(self, refund: Refund) -> None:
        self._timer.put(_name(refund), lambda now: self._step(refund.out_refund_no, now))

    def _step(self, out_refund_no: str, now: float) -> float | None:
        try:
            due = self._refunds.step(out_refund_no, now)
        except LedgerError:
            log.exception("refund step not written out_refund_no=%s", out_refund_no)
            return now + DISK_AGAIN
        self._report(out_refund_no)
        return due

    def _look(self, now: float) -> float | None:
        try:
            for refund in self._refunds.due():
                log.warning("money goes back out_refund_no=%s", refund.out_refund_no)
                self._begin(refund)
        except LedgerError:
            log.exception("refunds that are due were not written")
        return now + LOOK_EVERY

    def _report(self, out_refund_no: str) -> None:
        refund = self._ledger.refund(out_refund_no)
        if refund is not None:
            if refund.final:
                log.info("refund %s out_refund_no=%s", refund.state.name, out_refund_no)
            self._on_refund(refund)


def _name(refund: Refund) -> str:
    return f"refund {refund.out_refund_no}"
