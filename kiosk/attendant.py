"""The staff's screen over whatever the kiosk shows, behind a PIN.

    closed ─OpenStaff─► PIN ─EnterPin─► HOME ◄─► PAYMENTS ◄─► PAYMENT
                             │           └─► PARKED, REPORT …       CloseStaff, 60 s idle ─► closed
                             └─► APPROVALS, where the shopper waits for their word ─► closed

A visit underneath is kept and goes on where it was, unless staff clear it or put it aside.
Everything here runs on the checkout's thread and never waits: what takes long (the PIN's hash, a
channel, a report) is asked on another thread, and an answer to a screen that was closed meanwhile
is dropped. A refund or a day end, once asked for, is not.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from kiosk.channels.channel import ChannelError
from kiosk.counter import Counter
from kiosk.day_book import Changed
from kiosk.domain.payment import Payment
from kiosk.domain.refund import Refund
from kiosk.ledger import LedgerError
from kiosk.messages import Command, Hinting, Screen, Showing, Text
from kiosk.messages.staff import (
    CloseStaff,
    EnterPin,
    FindPayment,
    OpenStaff,
    RefuseCash,
    ShowPayments,
    StaffPage,
    StaffShowing,
    TurnTo,
)
from kiosk.parking import Parking
from kiosk.refunds import RefundRefused
from kiosk.showing import names
from kiosk.staff import showing
from kiosk.staff.cash_taking import CashTaking, Word
from kiosk.staff.desk import Cashbox, Deed, Desk
from kiosk.staff.door import Door, Person
from kiosk.staff.errands import Errands
from kiosk.staff.kitchen import KitchenDeed
from kiosk.staff.notes import Notes
from kiosk.staff.office import SAID, Office, Ways
from kiosk.till import Till, staff_line
from kiosk.timer import Work

IDLE = 60.0  # seconds without a touch or a scan
LOOK_EVERY = 1.0  # seconds; ages and devices change without a word

log = logging.getLogger(__name__)


class Attendant:
    """At most one member of staff at a time; only `Home` and `Approvals` change a visit."""

    def __init__(
        self,
        counter: Counter,
        till: Till,
        cashbox: Cashbox,
        run: Callable[[str, Work], None],
        back: Callable[[Callable[[], object]], None],
        parking: Parking | None = None,
    ) -> None:
        """`run` does named work on another thread, `back` makes a call on this one.

        Without `parking` no basket is put aside.
        """
        self._counter = counter
        self._till = till
        self._errands = Errands(run, back, self._tell)
        self._notes = Notes(till.ledger, till.config.terminal_id)
        self._desk = Desk(till, cashbox, self._errands, self._notes, self._hint, self._refresh)
        self._cash = CashTaking(till, self._desk, self._hint)
        ways = Ways(run, back, self._say, self._refresh, self._close)
        self._office = Office(counter, till, parking, self._errands, self._notes, ways)
        self._called: int | None = None
        self._door = Door(
            till.config.staff, till.clock.now, self._errands, self._enter, self._refresh
        )
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
                self._door.try_pin(pin)
            case FindPayment(number=number) if self._inside:
                self._desk.find(number)
            case ShowPayments() if self._inside:
                self._turn(StaffPage.PAYMENTS)
            case TurnTo(page=page) if self._inside:
                self._turn(page)
            case _ if self._inside and isinstance(command, Word):
                self._say_of_cash(command)
            case _ if self._inside:
                self._act(command)
            case _:
                log.debug("late touch %s", type(command).__name__)

    def scanned(self, text: str) -> None:
        """A slip was held to the scanner, of a payment or a parked basket; or a staff card."""
        if not self._inside:
            self._door.try_card(text)
        elif self._office.scanned(text):
            self._touched = self._till.clock.now()
        else:
            self.command(FindPayment(text))

    def restored(self, visit_id: str) -> None:
        """A visit stands at the counter again after a crash: its basket is not parked as well."""
        self._office.restored(visit_id)

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
        good = result == "taken"
        if self._inside and "/copy-" in key:
            self._hint("staff.copy_printed" if good else "staff.copy_failed", good=good)
        elif self._inside:
            self._office.printed(key, good=good)

    def given_out(self, key: str, result: str) -> None:
        """A ticket or a drop came out or did not; a COPY was asked for here."""
        if self._inside:
            self._desk.given_out(key)
            self.printed(key, result)

    def drawer(self, result: str) -> None:
        """The cash drawer opened ("taken") or did not ("failed")."""
        if self._inside:
            self._cash.drawer(result)

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
            held = self._errands.busy or not self._door.opens
            staff = StaffShowing(StaffPage.PIN, busy=held)
        else:
            cash = self._cash.shown()
            page = self._office.page if found is None else StaffPage.PAYMENT
            staff = self._office.fill(
                StaffShowing(
                    page if cash is None else StaffPage.CASH,
                    payments=self._cash.rows(self._desk.rows()),
                    payment=self._desk.shown(),
                    parts=showing.parts(till),
                    busy=self._errands.busy,
                    cash=cash,
                )
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
            page = SAID.get(self._office.page, "staff.scan")
            return Text(showing.money_key(found) if found else page)
        return self._door.said()

    @property
    def _language(self) -> str:
        visit = self._counter.visit
        return self._counter.language if visit is None else visit.language

    def _refresh(self) -> None:
        self._counter.refresh()

    def _hint(self, key: str, *, good: bool = False) -> None:
        self._counter.hint(key, "tick" if good else "error")

    def _say(self, said: Text, good: bool) -> None:  # noqa: FBT001 - a remark and its sound
        self._counter.show(Hinting(said, "tick" if good else "error"))

    def _tell(self, error: Exception) -> None:
        """Say what went wrong with something that was asked for."""
        self._refresh()
        match error:
            case RefundRefused(key=key):
                most = max(self._till.config.staff.refund_limit_fen, self._desk.limit_fen)
                said = Text(key, {"limit": f"{most / 100:.2f}"})
            case Changed():
                said = Text("staff.report.changed")
            case ChannelError() | LedgerError():
                said = staff_line(error.cause, error.mend)
            case _:
                log.error("staff asked, and it failed", exc_info=error)
                said = Text("staff.failed")
        self._counter.show(Hinting(said, "error"))

    def _act(self, command: Command) -> None:
        try:
            if isinstance(command, Deed):
                self._desk.act(command, self._language)
            else:
                if isinstance(command, KitchenDeed):
                    self._desk.found = None  # its pages lie over the payments
                self._office.act(command, self._language)
        except LedgerError as error:
            self._tell(error)

    def _turn(self, page: StaffPage) -> None:
        if self._office.turn(page):
            self._desk.found = None
        self._refresh()

    def _say_of_cash(self, word: Word) -> None:
        try:
            self._cash.act(word)
        except LedgerError as error:
            self._tell(error)
        visit = self._counter.visit
        payment = visit.payment if visit else None
        if isinstance(word, RefuseCash) and payment and payment.out_trade_no == word.out_trade_no:
            self._close()  # the shopper goes on
        else:
            self._refresh()

    # --- in and out -----------------------------------------------------------------------------

    def _open(self) -> None:
        self._errands.begin()
        self._door.begin()
        self.here = True
        called = self._counter.called_for()
        self._called = None if called is None else int(called // 60)
        self._counter.cover(self.showing)

    def _close(self) -> None:
        self._errands.begin()
        self._desk.clear()
        self._office.clear()
        self.here = self._inside = False
        self._counter.uncover()

    def _enter(self, person: Person) -> None:
        staff = self._till.config.staff
        self._notes.who = person.name
        self._desk.limit_fen = staff.manager_limit_fen if person.manager else 0
        self._notes.write("signed in")
        self._desk.begin()
        self._office.begin(person, self._called)
        self._inside = True
        visit = self._counter.visit
        self._cash.begin(visit.payment if visit else None)
