"""The staff's screen over whatever the kiosk shows, behind a PIN.

    closed ─OpenStaff─► PIN ─EnterPin─► PAYMENTS ◄─► PAYMENT     CloseStaff, 60 s idle ─► closed

A visit underneath is kept and goes on where it was. Everything here runs on the checkout's thread
and never waits: what takes long (the PIN's hash, a channel) is asked on another thread, and an
answer to a screen that was closed meanwhile is dropped. A refund, once asked for, is not.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable

from kiosk.channels.channel import ChannelError
from kiosk.counter import Counter
from kiosk.domain.payment import Payment
from kiosk.domain.refund import Refund
from kiosk.ledger import LedgerError
from kiosk.messages import Command, Hinting, Screen, Showing, Text
from kiosk.messages.staff import (
    CloseStaff,
    Decide,
    EnterPin,
    FindPayment,
    OpenStaff,
    ShowPayments,
    StaffPage,
    StaffShowing,
)
from kiosk.pin import PinHash, Tries
from kiosk.refunds import RefundRefused
from kiosk.showing import names
from kiosk.staff import showing
from kiosk.staff.approvals import Approvals
from kiosk.staff.desk import Cashbox, Deed, Desk
from kiosk.staff.errands import Errands
from kiosk.till import Till, staff_line
from kiosk.timer import Work

IDLE = 60.0  # seconds without a touch or a scan
LOOK_EVERY = 1.0  # seconds; ages and devices change without a word

log = logging.getLogger(__name__)


class Attendant:
    """At most one member of staff at a time; nothing here ever changes a visit."""

    def __init__(
        self,
        counter: Counter,
        till: Till,
        cashbox: Cashbox,
        run: Callable[[str, Work], None],
        back: Callable[[Callable[[], object]], None],
    ) -> None:
        """`run` does named work on another thread, `back` makes a call on this one."""
        self._counter = counter
        self._till = till
        self._errands = Errands(run, back, self._tell)
        self._desk = Desk(till, cashbox, self._errands, self._hint, self._refresh)
        self._approvals = Approvals(counter, self._desk.note)
        kept = till.config.staff.pin_hash
        self._pin = PinHash.parse(kept) if kept else None
        self._tries = Tries()
        self._wrong = False
        self._inside = False
        self._touched = self._looked = 0.0
        self._shown: Showing | None = None
        self.here = False
        """Whether the screen is open, so that touches and scans are the staff's."""

    # --- what comes in --------------------------------------------------------------------------

    def command(self, command: Command) -> None:
        """The staff touched something; what needs the PIN does nothing before it."""
        self._touched = self._till.clock.now()
        match command:
            case OpenStaff() if not self.here:
                self._open()
            case CloseStaff() if self.here:
                self._close()
            case EnterPin(pin=pin) if self.here and not self._inside:
                self._check(pin)
            case FindPayment(number=number) if self._inside:
                self._desk.find(number)
            case ShowPayments() if self._inside:
                self._desk.found = None
                self._refresh()
            case Decide(held=name, approved=approved) if self._inside:
                self._approvals.decide(name, approved=approved)
            case _ if self._inside and isinstance(command, Deed):
                self._act(command)
            case _:
                log.debug("late touch %s", type(command).__name__)

    def scanned(self, text: str) -> None:
        """A slip was held to the scanner."""
        self.command(FindPayment(text))

    def payment_changed(self, payment: Payment) -> None:
        """A payment took a step."""
        if self._inside:
            self._desk.payment_changed(payment)

    def refund_changed(self, refund: Refund) -> None:
        """A refund took a step."""
        if self._inside:
            self._desk.refund_changed(refund)

    def printed(self, key: str, result: str) -> None:
        """A slip was printed ("taken") or not; a COPY was asked for here."""
        if self._inside and "/copy-" in key:
            good = result == "taken"
            self._hint("staff.copy_printed" if good else "staff.copy_failed", good=good)

    def given_out(self, key: str, result: str) -> None:
        """A ticket or a drop came out or did not; a COPY was asked for here."""
        if self._inside:
            self._desk.given_out(key)
            self.printed(key, result)

    def tick(self) -> None:
        """Time has passed."""
        now = self._till.clock.now()
        if now - self._touched >= IDLE:
            self._close()
        elif now - self._looked >= LOOK_EVERY:
            self._looked, before = now, self._shown
            if self.showing() != before:
                self._refresh()

    # --- what is shown --------------------------------------------------------------------------

    def showing(self) -> Showing:
        """The staff's screen, whole."""
        till, found = self._till, self._desk.found
        if not self._inside:
            staff = StaffShowing(StaffPage.PIN, busy=self._errands.busy or not self._takes_pins())
        else:
            staff = StaffShowing(
                StaffPage.PAYMENTS if found is None else StaffPage.PAYMENT,
                payments=self._desk.rows(),
                payment=self._desk.shown(),
                parts=showing.parts(till),
                busy=self._errands.busy,
                held=self._approvals.rows(),
            )
        self._shown = Showing(
            Screen.STAFF,
            language=self._language,
            test=till.test,
            said=self._saying(),
            detail=Text(showing.state_key(found)) if found else None,
            shop=names(till.config.shop),
            staff=staff,
        )
        return self._shown

    def _saying(self) -> Text:
        if self._inside:
            found = self._desk.found
            return Text(showing.money_key(found) if found else "staff.scan")
        if self._pin is None:
            return Text("staff.no_pin")
        if seconds := self._tries.locked_for(self._till.clock.now()):
            return Text("staff.locked", {"minutes": str(math.ceil(seconds / 60))})
        return Text("staff.pin_wrong" if self._wrong else "staff.pin")

    @property
    def _language(self) -> str:
        visit = self._counter.visit
        return self._counter.language if visit is None else visit.language

    def _takes_pins(self) -> bool:
        return self._pin is not None and not self._tries.locked_for(self._till.clock.now())

    def _refresh(self) -> None:
        self._counter.refresh()

    def _hint(self, key: str, *, good: bool = False) -> None:
        self._counter.hint(key, "tick" if good else "error")

    def _tell(self, error: Exception) -> None:
        """Say what went wrong with something that was asked for."""
        self._refresh()
        match error:
            case RefundRefused(key=key):
                limit = f"{self._till.config.staff.refund_limit_fen / 100:.2f}"
                said = Text(key, {"limit": limit})
            case ChannelError() | LedgerError():
                said = staff_line(error.cause, error.mend)
            case _:
                log.error("staff asked, and it failed", exc_info=error)
                said = Text("staff.failed")
        self._counter.show(Hinting(said, "error"))

    def _act(self, command: Deed) -> None:
        try:
            self._desk.act(command, self._language)
        except LedgerError as error:
            self._tell(error)

    # --- in and out -----------------------------------------------------------------------------

    def _open(self) -> None:
        self._errands.begin()
        self.here, self._wrong = True, False
        self._counter.cover(self.showing)

    def _close(self) -> None:
        self._errands.begin()
        self._desk.clear()
        self.here = self._inside = False
        self._counter.uncover()

    def _check(self, pin: str) -> None:
        kept = self._pin
        if kept is not None and not self._errands.busy and self._takes_pins():
            # Counted before it is looked at: whoever asks faster does not get more tries.
            self._tries.count(self._till.clock.now())
            self._errands.ask("staff pin", lambda: kept.matches(pin), self._checked)
        self._refresh()

    def _checked(self, right: bool) -> None:  # noqa: FBT001 - an answer
        self._wrong = not right
        if right:
            self._tries.forget()
            self._desk.note("signed in")
            self._desk.begin()
            self._inside = True
        else:
            log.warning("wrong staff pin")
        self._refresh()
