"""A ledger on a machine whose power may go before and after every write of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kiosk.ledger import Ledger


class PowerCut(BaseException):
    """The machine is off."""


class CutLedger(Ledger):
    """A ledger on a machine whose power may go before and after every write."""

    def __init__(
        self,
        place: Path,
        clock: Callable[[], int],
        tick: Callable[[], None],
        alive: Callable[[], None],
    ) -> None:
        super().__init__(place, clock)
        self._tick = tick
        self._alive = alive

    def record(self, out_trade_no, event):
        return self._around(lambda: super(CutLedger, self).record(out_trade_no, event))

    def open_payment(self, payment, basket_body):
        return self._around(lambda: super(CutLedger, self).open_payment(payment, basket_body))

    def abandon(self, visit_id, reason):
        return self._around(lambda: super(CutLedger, self).abandon(visit_id, reason))

    def open_refund(self, refund):
        return self._around(lambda: super(CutLedger, self).open_refund(refund))

    def record_refund(self, out_refund_no, event):
        return self._around(lambda: super(CutLedger, self).record_refund(out_refund_no, event))

    def start_delivery(self, key, kind, body):
        return self._around(lambda: super(CutLedger, self).start_delivery(key, kind, body))

    def end_delivery(self, key, result):
        return self._around(lambda: super(CutLedger, self).end_delivery(key, result))

    def recover(self):
        return self._around(super().recover)

    def payment(self, out_trade_no):
        self._alive()
        return super().payment(out_trade_no)

    def _around(self, write):
        self._tick()
        done = write()
        self._tick()
        return done
