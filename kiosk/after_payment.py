"""What a shopper takes along when he has paid: his receipt, and what the shop offers him.

    [receipt] ask = false    the slip comes at once
    ask = true               asked ─► paper   the slip is printed
                                   ├► qr      a code on the screen, for his phone
                                   └► none    nothing
                             no answer, the next shopper, or a touch on "finish": the default

Paper is offered while the printer works; a slip that did not come out is offered as a code. The
payment is what it is, whatever becomes of its receipt.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from kiosk.domain.banner import Banner, banner_of
from kiosk.domain.receipt import CHINA
from kiosk.ledger import LedgerError
from kiosk.peripherals import PRINTER
from kiosk.till import Till
from kiosk.visit import Visit

ASKED, PRINTING, SHOWN, NONE = "asked", "printing", "shown", "none"
"""How a receipt stands that is no slip yet, or none at all; see `Showing.slip`."""
PAPER, QR = "paper", "qr"

log = logging.getLogger(__name__)


class AfterPayment:
    """Used by the checkout's thread only."""

    def __init__(self, till: Till, banners: Sequence[Banner] = ()) -> None:
        self._till = till
        self._banners = banners
        self._turn = 0

    @property
    def first(self) -> str:
        """How the receipt stands when a payment has just been made."""
        return ASKED if self._till.config.receipt.ask else PRINTING

    def begin(self, visit: Visit) -> None:
        """He has paid: print his slip, unless he is asked first."""
        if visit.slip != ASKED:
            self._print(visit)

    def next_banner(self) -> Banner | None:
        """What the shop offers this visit."""
        now = datetime.fromtimestamp(self._till.clock.wall_ms() / 1000, UTC).astimezone(CHINA)
        self._turn += 1
        return banner_of(self._banners, now.date(), self._turn - 1)

    def offered(self, visit: Visit) -> tuple[str, ...]:
        """What he may choose now."""
        if not self._till.config.receipt.ask:
            return ()
        if visit.slip == ASKED:
            paper = (PAPER,) if self._till.peripherals.works(PRINTER) else ()
            return (*paper, QR, NONE)
        return (QR,) if visit.slip == "failed" else ()

    def choose(self, visit: Visit, kind: str) -> Visit:
        """The visit with what was chosen; as it was where that is not offered."""
        if kind not in self.offered(visit) or visit.payment is None:
            return visit
        match kind:
            case "paper":
                self._print(visit)
                return replace(visit, slip=PRINTING)
            case "qr":
                return replace(visit, slip=SHOWN, qr=self._show(visit))
            case _:
                self._want_none(visit)
                return replace(visit, slip=NONE)

    def end(self, visit: Visit) -> None:
        """He has gone without a word: the default, where that needs nobody to be there."""
        if visit.slip != ASKED or visit.payment is None:
            return
        if self._till.config.receipt.default == PAPER:
            self._print(visit)
        else:
            self._want_none(visit)

    # --- inside ---------------------------------------------------------------------------------

    def _print(self, visit: Visit) -> None:
        if visit.payment is not None:
            self._till.print_slip(visit.payment, visit.language, visit.banner)

    def _show(self, visit: Visit) -> str:
        assert visit.payment is not None
        return self._till.deliveries.show(
            visit.payment, self._till.clock.wall_ms(), visit.language, test=self._till.test
        )

    def _want_none(self, visit: Visit) -> None:
        assert visit.payment is not None
        try:
            self._till.deliveries.not_wanted(visit.payment)
        except LedgerError:
            log.exception("not written: no receipt out_trade_no=%s", visit.payment.out_trade_no)
