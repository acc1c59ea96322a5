"""The core process: money, devices, network; one loop that owns the visit.

    ui, faces ──► wire ─┐
    scanner ── devices ─┼──► queue ──► this loop ──► checkout ──► wire ──► ui
    timer ────── jobs ──┘

Whatever comes from another thread is put into the queue as a call; the checkout runs here alone.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from kiosk.board import Board
from kiosk.cashier import Cashier
from kiosk.checkout import Checkout
from kiosk.clock import Clock
from kiosk.counter import Counter
from kiosk.deliver import Deliveries
from kiosk.domain.approval import Clearance
from kiosk.domain.basket import Basket
from kiosk.domain.order import totals_from_json
from kiosk.domain.payment import Payment, State
from kiosk.domain.serving import serving_of
from kiosk.down.down import Down
from kiosk.faces.local import LocalFaces
from kiosk.housing import Housing
from kiosk.jobs import Jobs
from kiosk.ledger import Ledger
from kiosk.messages import CameraState, Message, Role, Screen
from kiosk.messages.brand import Branded
from kiosk.notices import NoticeDoor
from kiosk.notify import notify
from kiosk.peripherals import Peripherals
from kiosk.reporting import Reports
from kiosk.snapshot import Snapshot
from kiosk.tender import Tender
from kiosk.timer import Timer
from kiosk.uplink.joining import JoiningThread
from kiosk.visit import Visit
from kiosk.wire import Server

TICK = 0.1  # seconds
ALIVE_EVERY = 5.0  # seconds between words to the service manager
RECENT = 600.0  # seconds; an older open payment is settled without a screen

log = logging.getLogger(__name__)

Call = Callable[[], object]


class Queue:
    """Calls from any thread, made one after the other by the loop."""

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[Call] = queue.SimpleQueue()

    def put(self, call: Call) -> None:
        """Have the loop make this call; returns at once."""
        self._calls.put(call)

    def run_one(self, timeout: float) -> None:
        """Wait at most `timeout` seconds for a call and make it; a defect in it is logged."""
        try:
            call = self._calls.get(timeout=timeout)
        except queue.Empty:
            return
        try:
            call()
        except Exception:
            # The visit may be wrong for a moment; the kiosk must not be gone.
            log.exception("a call failed")


@dataclass(slots=True)
class Core:
    """Holds the parts together; built by `bootstrap`."""

    calls: Queue
    clock: Clock
    server: Server
    timer: Timer
    ledger: Ledger
    jobs: Jobs
    cashier: Cashier
    deliveries: Deliveries
    peripherals: Peripherals
    snapshot: Snapshot
    counter: Counter
    tender: Tender
    checkout: Checkout
    housing: Housing
    faces: LocalFaces | None
    reports: Reports | None
    board: Board | None
    doors: Sequence[NoticeDoor]
    down: Down | JoiningThread | None
    leaving: threading.Event
    """Set when this process is to end by itself, to be started anew."""
    language: str
    test: bool
    look: Branded | None = None
    """What a screen that comes up is to wear."""

    def run(self, stopped: threading.Event) -> None:
        """Recover first, then open the doors, then serve until `stopped`."""
        self._recover()
        self.timer.start()
        self.peripherals.open()
        self.server.start()
        for door in self.doors:
            door.open()
        self.jobs.watch(lambda: self.calls.put(self.counter.refresh))
        self.jobs.resume()
        self.cashier.resume()
        notify("READY=1")
        log.info("core ready")
        if self.down is not None:
            self.down.start()
        alive = 0.0
        try:
            while not (stopped.is_set() or self.leaving.is_set()):
                self.calls.run_one(TICK)
                self._calls_tick()
                if self.clock.now() - alive > ALIVE_EVERY:
                    alive = self.clock.now()
                    notify("WATCHDOG=1")
        finally:
            notify("STOPPING=1")
            if self.down is not None:
                self.down.stop()
            for door in self.doors:
                door.close()
            self.server.stop()
            self.timer.stop()
            self.peripherals.close()
            self.ledger.close()

    # --- called by the wire's threads -----------------------------------------------------------

    def received(self, role: Role, message: Message) -> None:
        """A message of another process; a role says only what is its own."""
        if role is Role.FACES and self.faces is not None:
            self.calls.put(lambda: self._from_faces(message))
        elif role is Role.UI:
            self.calls.put(lambda: self.checkout.command(message))  # type: ignore[arg-type]

    def changed(self, role: Role, here: bool) -> None:  # noqa: FBT001 - the wire's callback
        """A process came or went."""
        log.info("%s %s", role.name, "here" if here else "gone")
        if role is Role.FACES and not here and self.faces is not None:
            self.calls.put(self.faces.lost)
        if role is Role.UI and here and self.look is not None:
            look = self.look
            self.calls.put(lambda: self.server.send(Role.UI, look))
        self.calls.put(self.counter.refresh)
        if role is Role.UI and here:
            self.calls.put(self.checkout.greet)
        if role is Role.ORDERS and here and self.board is not None:
            self.calls.put(self.board.greet)

    # --- on the loop ----------------------------------------------------------------------------

    def payment_changed(self, payment: Payment) -> None:
        """A payment took a step."""
        self.checkout.payment_changed(payment)
        if self.reports is not None:
            self.reports.hear(payment)

    def _calls_tick(self) -> None:
        try:
            self.checkout.tick()
            self.housing.tick(self.clock.now())
        except Exception:
            log.exception("tick failed")

    def _from_faces(self, message: Message) -> None:
        assert self.faces is not None
        self.faces.receive(message)
        if isinstance(message, CameraState):
            self.counter.refresh()

    def _recover(self) -> None:
        """Before the attract screen every open payment has become UNKNOWN or CANCELLED.

        The last visit's outcome is shown to whoever stands there, if it is not long ago: as being
        checked, or as paid with the slip that a crash left owed. A slip that was begun is not
        printed again. Where nothing was paid, he goes on with his basket; where a part was, with
        what is due of it.
        """
        slips = {each.key: each for each in self.ledger.undelivered() if each.kind == "slip"}
        numbers = [each.out_trade_no for each in self.ledger.unsettled()] or list(slips)
        self.ledger.recover()
        owed = self.deliveries.recover(test=self.test)
        last = self.ledger.payment(numbers[-1]) if numbers else None
        unpaid = last is None or last.state is State.CANCELLED
        parts = self.ledger.parts()
        kept = self.snapshot.load(self.clock.wall_ms(), self.clock.now())
        if last is not None and not unpaid:
            if self._recent(last):
                visit = replace(self._visit_of(last, kept), payment=last)
                self.checkout.restore(visit, slip_owed=last.out_trade_no in owed)
        elif parts and self._recent(parts[-1]):
            self.checkout.restore(self._half_paid(parts, kept), slip_owed=False)
        elif kept is not None:
            self.checkout.restore(kept, slip_owed=False)

    def _recent(self, payment: Payment) -> bool:
        return self.clock.wall_ms() - payment.created_ms < RECENT * 1000

    def _half_paid(self, parts: Sequence[Payment], kept: Visit | None) -> Visit:
        """The visit of the newest part: what is paid of it stays paid, the rest is due."""
        visit = self._visit_of(parts[-1], kept)
        paid = tuple(each for each in parts if each.visit_id == visit.visit_id)
        return replace(visit, screen=Screen.TENDER, parts=paid)

    def _visit_of(self, payment: Payment, kept: Visit | None) -> Visit:
        """The visit with the basket that the payment was for, and the parts paid before it.

        It costs what the ledger says, until the basket changes. Its language and its campaigns are
        no matter of the ledger; `kept` has them, where it is of the same visit.
        """
        if kept is not None and kept.visit_id == payment.visit_id:
            language, terms, cleared = kept.language, kept.terms, kept.clearance
        else:
            language, terms, cleared = self.language, self.checkout.terms(), Clearance()
        body = self.ledger.basket_of(payment.out_trade_no) or {}
        priced = totals_from_json(body)
        lines = tuple(each.line for each in priced.lines if not each.gift)
        found = [self.ledger.payment(each["out_trade_no"]) for each in body.get("paid", ())]
        return Visit(
            payment.visit_id,
            language,
            self.clock.now(),
            basket=Basket(lines, next_id=max((each.line_id for each in lines), default=0) + 1),
            terms=terms,
            fixed=priced,
            parts=tuple(each for each in found if each is not None),
            clearance=cleared,
            serving=serving_of(body),
        )
