"""What the shopper takes along: the slip of a paid visit, with a start and a result on disk.

    key 0001…51623151           the slip of that payment, printed by itself, once
    key 0001…51623151/copy-1    a COPY that staff asked for; each has a key of its own

A slip that was started and has no result is never printed again by itself: whoever asks for it
gets a COPY. What happens to a slip never changes the payment.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from hardware.devices import PrintOutcome, PrintResult
from hardware.errors import DeviceError
from kiosk.config import Config
from kiosk.domain.order import totals_from_json
from kiosk.domain.payment import Payment
from kiosk.domain.receipt import Receipt, slip
from kiosk.domain.receipt import Shop as ShopOnSlip
from kiosk.ledger import DeliveryState, Ledger, LedgerError
from kiosk.paper import job
from kiosk.peripherals import SlipPrinter
from kiosk.timer import Timer
from kiosk.trace import Trace

log = logging.getLogger(__name__)


class Deliveries:
    """Prints slips on the timer's threads, one at a time."""

    def __init__(
        self,
        config: Config,
        ledger: Ledger,
        timer: Timer,
        printer: SlipPrinter | None,
        on_slip: Callable[[str, str], None],
        trace: Trace,
    ) -> None:
        """`on_slip` hears the delivery's key and "taken" or "failed"."""
        self._config = config
        self._ledger = ledger
        self._timer = timer
        self._printer = printer
        self._on_slip = on_slip
        self._trace = trace

    def slip(self, payment: Payment, now_ms: int, language: str, *, test: bool) -> None:
        """Print the slip of a paid payment; the answer comes by `on_slip`."""
        self._put(payment, now_ms, language, test=test, copy=False)

    def copy(self, payment: Payment, now_ms: int, language: str, *, test: bool) -> None:
        """Print it again, marked as a COPY, as often as it is asked for."""
        self._put(payment, now_ms, language, test=test, copy=True)

    def recover(self) -> frozenset[str]:
        """After a crash: the numbers whose slip is owed and was never begun.

        What was begun and has no result is closed as unknown: only a COPY can follow it.
        """
        owed = set()
        for delivery in self._ledger.undelivered():
            if delivery.state is DeliveryState.OWED:
                owed.add(delivery.key)
            else:
                log.warning("slip without a result key=%s", delivery.key)
                self._ledger.end_delivery(delivery.key, PrintOutcome.UNKNOWN.value)
        return frozenset(owed)

    def _put(self, payment: Payment, now_ms: int, language: str, *, test: bool, copy: bool) -> None:
        def work(_now: float) -> float | None:
            key = payment.out_trade_no
            try:
                if copy:
                    # Chosen here, where one slip is printed at a time: no two share a key.
                    key = self._copy_key(key)
                result = self._print(
                    self._receipt(payment, now_ms, language, test=test, copy=copy), key
                )
            except LedgerError as error:
                # What cannot be written down is not printed: it could come out twice.
                log.exception("slip not begun key=%s", key)
                result = PrintResult(PrintOutcome.FAILED, error.cause, error.mend)
            taken = result.outcome in (PrintOutcome.DONE, PrintOutcome.PROBABLE)
            self._on_slip(key, "taken" if taken else "failed")
            return None

        self._timer.put("printer", work)

    def _copy_key(self, out_trade_no: str) -> str:
        index = 1
        while self._ledger.delivery(f"{out_trade_no}/copy-{index}") is not None:
            index += 1
        return f"{out_trade_no}/copy-{index}"

    def _receipt(
        self, payment: Payment, now_ms: int, language: str, *, test: bool, copy: bool
    ) -> Receipt:
        number = payment.out_trade_no
        return Receipt(
            shop=_shop(self._config),
            terminal_id=self._config.terminal_id,
            printed_ms=now_ms,
            totals=totals_from_json(self._ledger.basket_of(number) or {}),
            payment=payment,
            language=language,
            test=test,
            copy=copy,
            link=f"kiosk:{number}",
        )

    def _print(self, receipt: Receipt, key: str) -> PrintResult:
        if self._printer is None:
            return PrintResult(PrintOutcome.FAILED, "there is no printer", "Configure one")
        data = job(slip(receipt), self._printer.profile)
        self._trace.mark("slip made", out_trade_no=key)
        kind = "copy" if receipt.copy else "slip"
        self._ledger.start_delivery(key, kind, {"copy": receipt.copy})
        self._trace.mark("slip begun", out_trade_no=key)
        try:
            result = self._printer.print(data, key)
        except DeviceError as error:
            result = PrintResult(PrintOutcome.FAILED, error.cause, error.mend)
        self._trace.mark("slip complete", out_trade_no=key)
        self._ledger.end_delivery(key, result.outcome.value)
        self._trace.mark("slip written", out_trade_no=key)
        log.info("slip %s key=%s", result.outcome.value, key)
        return result


def _shop(config: Config) -> ShopOnSlip:
    shop = config.shop
    names = {"zh": shop.name, "en": shop.name_en}
    return ShopOnSlip(names, {"zh": shop.address, "en": shop.address}, shop.phone)
