"""Kitchen tickets and drops: what a paid basket owes beside its slip.

    PAID within ten minutes ─► every item on the lane of its device, once
    PAID later              ─► ended as "late": nobody cooks, and nothing falls, for an empty room

The same after a crash. Ten minutes are what a shopper waits at a counter; whoever comes back
after them asks the staff, whose screen lists what he did not get.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from kiosk.config import Config
from kiosk.deliver.ended import FAILED, LATE, Ended, carry_out, free_key, taken
from kiosk.deliver.outlets import Outlets, in_lane
from kiosk.deliver.slips import put_on_paper
from kiosk.domain.order import totals_from_json
from kiosk.domain.owed import DROP, KITCHEN, Item, owed_keys
from kiosk.domain.payment import Payment
from kiosk.domain.serving import serving_of
from kiosk.domain.ticket import Ticket, ticket
from kiosk.ledger import DeliveryState, Ledger, LedgerError
from kiosk.paper import job
from kiosk.peripherals import DISPENSER
from kiosk.timer import Timer

FRESH_MS = 600_000
KINDS = (KITCHEN, DROP)
"""The kinds of deliveries that are given out here."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One item: its key, what it is, and whether a ticket is a COPY."""

    key: str
    item: Item
    payment: Payment
    test: bool
    copy: bool = False

    @property
    def device(self) -> str:
        return str(self.item["station"]) if self.item["kind"] == KITCHEN else DISPENSER


class Goods:
    """Gives out on the lanes of the devices; `on_end` hears the key, "taken" or "failed"."""

    def __init__(
        self,
        config: Config,
        ledger: Ledger,
        timer: Timer,
        outlets: Outlets,
        on_end: Callable[[str, str], None],
    ) -> None:
        self._config = config
        self._ledger = ledger
        self._timer = timer
        self._outlets = outlets
        self._on_end = on_end

    def hand_over(self, payment: Payment, *, test: bool) -> None:
        """Give out what is owed for a paid payment and was not begun; again, it does nothing."""

        def work(_now: float) -> float | None:
            try:
                for wanted in self._owed(payment, test=test):
                    self._put(wanted)
            except LedgerError:
                # It stays owed: the next start gives it out, or the staff do.
                log.exception("goods not begun out_trade_no=%s", payment.out_trade_no)
            return None

        self._timer.put(f"goods {payment.out_trade_no}", work)

    def ticket_again(self, payment: Payment, key: str, *, test: bool) -> None:
        """Print the ticket with that key once more, as a COPY; an unknown key prints nothing."""
        basket = self._ledger.basket_of(payment.out_trade_no) or {}
        item = dict(owed_keys(payment.out_trade_no, basket)).get(key)
        if item is not None and item["kind"] == KITCHEN:
            self._put(_Wanted(key, item, payment, test, copy=True))

    # --- inside ---------------------------------------------------------------------------------

    def _owed(self, payment: Payment, *, test: bool) -> list[_Wanted]:
        basket = self._ledger.basket_of(payment.out_trade_no) or {}
        found = []
        for key, item in owed_keys(payment.out_trade_no, basket):
            known = self._ledger.delivery(key)
            if known is not None and known.state is DeliveryState.OWED:
                found.append(_Wanted(key, item, payment, test))
        return found

    def _put(self, wanted: _Wanted) -> None:
        in_lane(self._timer, self._outlets, wanted.device, lambda: self._give_out(wanted))

    def _give_out(self, wanted: _Wanted) -> None:
        key, kind = wanted.key, str(wanted.item["kind"])
        act = self._ticket if kind == KITCHEN else self._drop
        try:
            if wanted.copy:
                key, kind = free_key(self._ledger, f"{key}/copy"), "copy"
            elif self._too_late(wanted.payment):
                self._leave(key)
                return
            ended = carry_out(self._ledger, key, kind, wanted.item, lambda: act(wanted, key))
        except LedgerError:
            log.exception("goods not written key=%s", key)
            ended = Ended(FAILED)
        if ended is not None:
            log.info("goods %s key=%s", ended.kept, key)
            self._on_end(key, "taken" if taken(ended.word) else "failed")

    def _too_late(self, payment: Payment) -> bool:
        return self._ledger.clock_ms() - payment.created_ms >= FRESH_MS

    def _leave(self, key: str) -> None:
        """It is for the staff now; what was begun meanwhile has its own end."""
        known = self._ledger.delivery(key)
        if known is not None and known.state is DeliveryState.OWED:
            log.warning("goods too late key=%s", key)
            self._ledger.end_delivery(key, LATE)
            self._on_end(key, "failed")

    def _ticket(self, wanted: _Wanted, key: str) -> Ended:
        station, payment = wanted.device, wanted.payment
        printer = self._outlets.printer(station)
        if printer is None:
            return Ended(FAILED, f"there is no printer for {station}", f"Add [stations.{station}]")
        basket = self._ledger.basket_of(payment.out_trade_no) or {}
        elements = ticket(
            Ticket(
                station,
                payment.out_trade_no,
                payment.created_ms,
                totals_from_json(basket),
                self._config.shop.language,
                wanted.test,
                wanted.copy,
                serving_of(basket),
            )
        )
        return put_on_paper(printer, job(elements, printer.profile), key)

    def _drop(self, wanted: _Wanted, _key: str) -> Ended:
        dispenser = self._outlets.dispenser
        if dispenser is None:
            return Ended(FAILED, "there is no dispenser", "Add [devices.dispenser]")
        try:
            result = dispenser.dispense_item(int(wanted.item["slot"]))
        finally:
            self._outlets.look(DISPENSER)
        return Ended(result.outcome.value, result.reason, result.mend)
