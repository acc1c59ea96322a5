"""Everything that is given out for a payment, and what a crash left of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from kiosk.config import Config
from kiosk.deliver.drawer import Drawers
from kiosk.deliver.ended import HANDED, NOT_HANDED, UNKNOWN, free_key
from kiosk.deliver.goods import KINDS, Goods
from kiosk.deliver.outlets import Outlets
from kiosk.deliver.slips import Slips, SlipWanted
from kiosk.domain.banner import Banner
from kiosk.domain.payment import Payment
from kiosk.domain.slip import SlipElement
from kiosk.ledger import DeliveryState, Ledger
from kiosk.timer import Timer
from kiosk.trace import Trace

STAFF = "staff"

log = logging.getLogger(__name__)


class Deliveries:
    """Slips, kitchen tickets, drops and the drawer; nothing here waits for a device."""

    def __init__(
        self,
        config: Config,
        ledger: Ledger,
        timer: Timer,
        outlets: Outlets,
        on_end: Callable[[str, str], None],
        trace: Trace,
    ) -> None:
        """`on_end` hears the delivery's key and "taken" or "failed", on any thread."""
        self._ledger = ledger
        self._slips = Slips(config, ledger, timer, outlets, on_end, trace)
        self._goods = Goods(config, ledger, timer, outlets, on_end)
        self._drawers = Drawers(ledger, timer, outlets, on_end)

    def slip(
        self,
        payment: Payment,
        now_ms: int,
        language: str,
        *,
        test: bool,
        banner: Banner | None = None,
    ) -> None:
        """Print the slip of a paid payment, and the coupon of a banner."""
        self._slips.put(SlipWanted(payment, now_ms, language, test, banner=banner))

    def show(self, payment: Payment, now_ms: int, language: str, *, test: bool) -> str:
        """The receipt for a phone instead of paper: what its code says."""
        return self._slips.show(SlipWanted(payment, now_ms, language, test))

    def not_wanted(self, payment: Payment) -> None:
        """The slip of a paid payment is owed no more. Raises LedgerError."""
        self._slips.not_wanted(payment.out_trade_no)

    def copy(self, payment: Payment, now_ms: int, language: str, *, test: bool) -> None:
        """Print it again, marked as a COPY, as often as it is asked for."""
        self._slips.put(SlipWanted(payment, now_ms, language, test, copy=True))

    def paper(self, key: str, elements: Sequence[SlipElement]) -> None:
        """Print a report, or the number of a parked basket; `on_end` hears this key."""
        self._slips.put_paper(key, elements)

    def goods(self, payment: Payment, *, test: bool) -> None:
        """Give out the tickets and drops that a paid payment is owed, once."""
        self._goods.hand_over(payment, test=test)

    def ticket_again(self, payment: Payment, key: str, *, test: bool) -> None:
        """Print a kitchen ticket again, marked as a COPY. Raises LedgerError."""
        self._goods.ticket_again(payment, key, test=test)

    def open_drawer(self, number: str, why: str) -> None:
        """Open the cash drawer for a payment or a refund: an entry of its own, each time."""
        self._drawers.open(number, why)

    def close_drop(self, key: str, *, handed: bool) -> None:
        """Staff say what became of a drop: an entry of its own. Raises LedgerError."""
        with self._ledger.together():
            own = free_key(self._ledger, f"{key}/{STAFF}")
            self._ledger.start_delivery(own, STAFF, {})
            self._ledger.end_delivery(own, HANDED if handed else NOT_HANDED)

    def recover(self, *, test: bool = False) -> frozenset[str]:
        """After a crash: the numbers whose slip is owed and was never begun.

        What was begun and has no result is closed as unknown: only a COPY can follow paper, and
        staff a drop. Tickets and drops that were not begun are given out when the timer starts,
        or ended where it is too late for them.
        """
        slips, numbers = set(), dict[str, None]()
        for delivery in self._ledger.undelivered():
            if delivery.state is DeliveryState.STARTED:
                log.warning("delivery without a result key=%s", delivery.key)
                self._ledger.end_delivery(delivery.key, UNKNOWN)
            elif delivery.kind == "slip":
                slips.add(delivery.key)
            elif delivery.kind in KINDS:
                numbers[delivery.key.partition("/")[0]] = None
        for number in numbers:
            payment = self._ledger.payment(number)
            if payment is not None:
                self._goods.hand_over(payment, test=test)
        return frozenset(slips)
