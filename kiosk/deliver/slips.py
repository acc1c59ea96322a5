"""The slip of a payment: printed once by itself, and as a COPY as often as it is asked for."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hardware.devices import PrintResult
from hardware.errors import DeviceError
from kiosk.config import Config
from kiosk.deliver.ended import FAILED, Ended, carry_out, free_key, taken
from kiosk.deliver.outlets import Outlets, in_lane
from kiosk.domain.banner import Banner
from kiosk.domain.cash import MOVED, tendered
from kiosk.domain.order import totals_from_json
from kiosk.domain.payment import Method, Payment
from kiosk.domain.receipt import Receipt, short_text, slip
from kiosk.domain.receipt import Shop as ShopOnSlip
from kiosk.domain.serving import serving_of
from kiosk.domain.slip import SlipElement
from kiosk.ledger import DeliveryState, Ledger, LedgerError
from kiosk.paper import job
from kiosk.peripherals import PRINTER
from kiosk.statistics import SlipPrinter
from kiosk.timer import Timer
from kiosk.trace import Trace

SHOWN = "shown"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SlipWanted:
    """One slip: when, in which language, and what is marked on it."""

    payment: Payment
    now_ms: int
    language: str
    test: bool
    copy: bool = False
    banner: Banner | None = None


class Slips:
    """Prints slips on the receipt printer's lane; `on_end` hears the key, "taken" or "failed"."""

    def __init__(
        self,
        config: Config,
        ledger: Ledger,
        timer: Timer,
        outlets: Outlets,
        on_end: Callable[[str, str], None],
        trace: Trace,
    ) -> None:
        self._config = config
        self._ledger = ledger
        self._timer = timer
        self._outlets = outlets
        self._on_end = on_end
        self._trace = trace

    def put(self, wanted: SlipWanted) -> None:
        """Print it when the printer is free."""
        in_lane(self._timer, self._outlets, PRINTER, lambda: self._print(wanted))

    def show(self, wanted: SlipWanted) -> str:
        """What the code of a receipt says: an address, or the receipt itself, shortened.

        With a start and a result of its own; the slip is owed no more.
        """
        number = wanted.payment.out_trade_no
        try:
            with self._ledger.together():
                self._end(number, "as a code")
                own = free_key(self._ledger, f"{number}/qr")
                self._ledger.start_delivery(own, "receipt", {})
                self._ledger.end_delivery(own, SHOWN)
        except LedgerError:
            log.exception("receipt not written key=%s", number)  # it is shown all the same
        url = self._config.receipt.url
        return url.replace("{number}", number) if url else short_text(self._receipt(wanted))

    def not_wanted(self, out_trade_no: str) -> None:
        """Nobody wants the slip. Raises LedgerError."""
        self._end(out_trade_no, "not wanted")

    def _end(self, number: str, result: str) -> None:
        known = self._ledger.delivery(number)
        if known is not None and known.state is DeliveryState.OWED:
            self._ledger.end_delivery(number, result)

    def _print(self, wanted: SlipWanted) -> None:
        key = wanted.payment.out_trade_no
        try:
            if wanted.copy:
                # Chosen here, where one slip is printed at a time: no two share a key.
                key = free_key(self._ledger, f"{key}/copy")
            ended = self._carry_out(wanted, key)
        except LedgerError:
            # What cannot be written down is not printed: it could come out twice.
            log.exception("slip not begun key=%s", key)
            ended = Ended(FAILED)
        if ended is not None:
            log.info("slip %s key=%s", ended.kept, key)
            self._on_end(key, "taken" if taken(ended.word) else "failed")

    def _carry_out(self, wanted: SlipWanted, key: str) -> Ended | None:
        printer = self._outlets.printer()
        if printer is None:
            return Ended(FAILED, "there is no printer", "Configure one")
        data = job(slip(self._receipt(wanted)), printer.profile)
        self._trace.mark("slip made", out_trade_no=key)
        kind = "copy" if wanted.copy else "slip"

        def act() -> Ended:
            self._trace.mark("slip begun", out_trade_no=key)
            ended = put_on_paper(printer, data, key)
            self._trace.mark("slip complete", out_trade_no=key)
            return ended

        ended = carry_out(self._ledger, key, kind, {"copy": wanted.copy}, act)
        self._trace.mark("slip written", out_trade_no=key)
        return ended

    def _receipt(self, wanted: SlipWanted) -> Receipt:
        number = wanted.payment.out_trade_no
        basket = self._ledger.basket_of(number) or {}
        found = [self._ledger.payment(part["out_trade_no"]) for part in basket.get("paid", ())]
        parts = tuple(part for part in found if part is not None)
        return Receipt(
            shop=shop_on_slip(self._config),
            terminal_id=self._config.terminal_id,
            printed_ms=wanted.now_ms,
            totals=totals_from_json(basket),
            payment=wanted.payment,
            parts=parts,
            language=wanted.language,
            test=wanted.test,
            copy=wanted.copy,
            link=f"kiosk:{number}",
            coupon=wanted.banner if wanted.banner and wanted.banner.coupon else None,
            tendered={
                each.out_trade_no: tendered(self._ledger.noted(MOVED, each.out_trade_no))
                for each in (*parts, wanted.payment)
                if each.method is Method.CASH
            },
            serving=serving_of(basket),
        )

    def put_paper(self, key: str, elements: Sequence[SlipElement]) -> None:
        """Print what is no receipt; nothing is kept of it, since it can be asked for again."""

        def work() -> None:
            printer = self._outlets.printer()
            try:
                if printer is None:
                    ended = Ended(FAILED, "there is no printer", "Configure one")
                else:
                    ended = put_on_paper(printer, job(elements, printer.profile), key)
            except DeviceError as error:
                ended = Ended(FAILED, error.cause, error.mend)
            log.info("paper %s key=%s", ended.kept, key)
            self._on_end(key, "taken" if taken(ended.word) else "failed")

        in_lane(self._timer, self._outlets, PRINTER, work)


def put_on_paper(printer: SlipPrinter, data: bytes, key: str) -> Ended:
    """Print a job; raises DeviceError where surely nothing was printed."""
    result: PrintResult = printer.print(data, key)
    return Ended(result.outcome.value, result.reason, result.mend)


def shop_on_slip(config: Config) -> ShopOnSlip:
    """Whose slip it is, from the settings."""
    shop = config.shop
    names = {"zh": shop.name, "en": shop.name_en}
    return ShopOnSlip(names, {"zh": shop.address, "en": shop.address}, shop.phone)
