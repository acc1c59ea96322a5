"""The cash drawer, opened once for each reason: an entry before the pulse, and one after it.

    {out_trade_no}/drawer-1     cash was taken for this payment
    {out_refund_no}/drawer-1    cash goes back

A pulse without a result (a crash) is never given again: nobody may stand before the drawer.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress

from hardware.devices import CashDrawer, PrintOutcome
from hardware.errors import Busy
from kiosk.deliver.ended import FAILED, Ended, carry_out, free_key, taken
from kiosk.deliver.outlets import Outlets, in_lane
from kiosk.ledger import Ledger, LedgerError
from kiosk.peripherals import DRAWER
from kiosk.timer import Timer

TRIES = 8  # a printer that is busy says so after a second
OPENED = PrintOutcome.DONE.value

log = logging.getLogger(__name__)


class Drawers:
    """Opens the drawer on its own lane; `on_end` hears the key, "taken" or "failed"."""

    def __init__(
        self,
        ledger: Ledger,
        timer: Timer,
        outlets: Outlets,
        on_end: Callable[[str, str], None],
    ) -> None:
        self._ledger = ledger
        self._timer = timer
        self._outlets = outlets
        self._on_end = on_end

    def open(self, number: str, why: str) -> None:
        """Open it when it can be opened; every call is a pulse of its own."""
        in_lane(self._timer, self._outlets, DRAWER, lambda: self._open(number, why))

    def _open(self, number: str, why: str) -> None:
        key = f"{number}/{DRAWER}"
        try:
            key = free_key(self._ledger, key)
            ended = carry_out(self._ledger, key, DRAWER, {"why": why}, self._pulse)
        except LedgerError:
            log.exception("drawer not opened key=%s", key)  # what is not written is not opened
            ended = Ended(FAILED)
        if ended is not None:
            log.info("drawer %s key=%s", ended.kept, key)
            self._on_end(key, "taken" if taken(ended.word) else "failed")

    def _pulse(self) -> Ended:
        drawer = self._outlets.drawer
        if drawer is None:
            return Ended(FAILED, "there is no drawer", "Add [devices.drawer]")
        try:
            _open_soon(drawer)
        finally:
            self._outlets.look(DRAWER)
        return Ended(OPENED)


def _open_soon(drawer: CashDrawer) -> None:
    """A drawer in the printer's socket waits for the slip that is just being printed."""
    for _ in range(TRIES - 1):
        with suppress(Busy):
            drawer.open_drawer()
            return
    drawer.open_drawer()
