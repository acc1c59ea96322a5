"""The visit underneath and the till itself, as the staff handle them.

    void      the basket is cleared; what was paid of it in parts goes back
    park      the basket waits under a number, whose slip is printed: another shopper can go first
    resume    a basket that waits stands at the counter again, where nobody else is
    close     no visit begins until the till is opened again; one that is under way ends as it would

None of it is possible while the outcome of a payment is open: that payment would be another one's.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace

from kiosk.counter import Counter
from kiosk.deliver.slips import shop_on_slip
from kiosk.domain.parked import parked_slip
from kiosk.domain.receipt import china_time
from kiosk.messages import Text
from kiosk.messages.shift import (
    CloseTill,
    DropParked,
    OpenTill,
    ParkedRow,
    ParkVisit,
    ResumeParked,
    VisitShown,
    VoidVisit,
)
from kiosk.parking import Full, Parking, TakenBack
from kiosk.staff.notes import Notes
from kiosk.standstill import WHYS
from kiosk.till import Till
from kiosk.visit import Visit

HomeDeed = VoidVisit | ParkVisit | ResumeParked | DropParked | CloseTill | OpenTill
PARKED = "parked/"
"""How the key of a parked basket's slip begins."""

log = logging.getLogger(__name__)


class Home:
    """Used by the checkout's thread only; `say` makes a remark, `go` closes the staff's screen."""

    def __init__(
        self,
        counter: Counter,
        till: Till,
        parking: Parking | None,
        notes: Notes,
        say: Callable[[Text, bool], None],
        go: Callable[[], None],
    ) -> None:
        """Without `parking` no basket is put aside."""
        self._counter, self._till, self._parking = counter, till, parking
        self._notes, self._say, self._go = notes, say, go

    def act(self, command: HomeDeed) -> None:
        """Do it, where it is still possible."""
        visit = self._counter.visit
        try:
            match command:
                case VoidVisit(visit_id=visit_id) if visit is not None:
                    self._void(visit, visit_id)
                case ParkVisit(visit_id=visit_id) if visit is not None:
                    self._park(visit, visit_id)
                case ResumeParked(number=number):
                    self.resume(number)
                case DropParked(number=number):
                    self._drop(number)
                case CloseTill(why=why) if why in WHYS:
                    self._till.closing.begin(why)
                    self._notes.write("till closed", why=why)
                case OpenTill():
                    self._till.closing.end()
                    self._notes.write("till opened")
                case _:
                    pass  # what it was meant for is gone
        except OSError as error:
            log.error("staff asked, and the disk refused cause=%s", error)  # noqa: TRY400
            self._say(Text("staff.failed"), False)
        self._counter.refresh()

    def visit_shown(self) -> VisitShown | None:
        """What goes on underneath; nothing where nobody is."""
        visit = self._counter.visit
        if visit is None:
            return None
        priced = visit.priced
        return VisitShown(
            visit_id=visit.visit_id,
            screen=visit.screen.value,
            count=priced.count,
            total_fen=priced.total.fen,
            paid_fen=priced.total.fen - visit.due.fen,
            may=tuple(self._may(visit)),
        )

    def rows(self) -> tuple[ParkedRow, ...]:
        """The baskets that wait, oldest first."""
        now_ms = self._till.clock.wall_ms()
        return tuple(
            ParkedRow(
                one.number,
                china_time(one.at_ms)[11:16],
                one.count,
                one.fen,
                max(0, now_ms - one.at_ms) // 60_000,
            )
            for one in (self._parking.all() if self._parking else ())
        )

    def resume(self, number: str) -> None:
        """Go on with the basket of this number, where nobody else stands."""
        if self._parking is None or not self._free():
            self._say(Text("staff.park.not_free"), False)
            return
        clock = self._till.clock
        try:
            back = self._parking.take(number, clock.wall_ms(), clock.now())
        except (ValueError, KeyError, TypeError, OverflowError):
            log.exception("parked basket cannot be read number=%s", number)
            self._say(Text("staff.failed"), False)
            return
        if back is None:
            self._say(Text("staff.park.unknown"), False)
        elif not back.visit.basket.lines:
            self._say(Text("staff.park.nothing_left"), False)
        else:
            self._stand_at_the_counter(number, back)

    # --- inside ---------------------------------------------------------------------------------

    def _may(self, visit: Visit) -> Iterator[str]:
        payment = visit.payment
        if visit.unfinished or visit.over or (payment is not None and payment.took_money):
            return
        yield "void"
        if self._parking is not None and visit.basket.lines and not visit.parts:
            yield "park"

    def _void(self, visit: Visit, visit_id: str) -> None:
        if visit.visit_id == visit_id and "void" in self._may(visit):
            priced, back = visit.priced, visit.given_back
            self._notes.write("voided", visit_id, fen=priced.total.fen, back_fen=back.fen)
            self._counter.leave(visit)
            done = Text("staff.void_back", {"amount": back.yuan}) if back else Text("staff.voided")
            self._say(done, True)

    def _park(self, visit: Visit, visit_id: str) -> None:
        if self._parking is None or visit.visit_id != visit_id or "park" not in self._may(visit):
            return
        now_ms = self._till.clock.wall_ms()
        try:
            one = self._parking.put(visit, now_ms)
        except Full:
            self._say(Text("staff.park.full"), False)
            return
        self._notes.write("parked", one.number, fen=one.fen, visit=visit_id)
        self._counter.end()
        shop = shop_on_slip(self._till.config)
        slip = parked_slip(shop, one.number, now_ms, visit.priced, visit.language)
        self._till.print_paper(f"{PARKED}{one.number}", slip)
        self._say(Text("staff.park.done", {"number": one.number[-4:]}), True)

    def _drop(self, number: str) -> None:
        if self._parking is not None and any(one.number == number for one in self._parking.all()):
            self._parking.drop(number)
            self._notes.write("parked basket dropped", number)
            self._say(Text("staff.park.dropped"), True)

    def _free(self) -> bool:
        """Whether nobody is there, or somebody who has taken nothing yet."""
        visit = self._counter.visit
        if visit is not None:
            return not (visit.basket.lines or visit.parts or visit.payment or visit.over)
        return self._till.blocked() is None

    def _stand_at_the_counter(self, number: str, back: TakenBack) -> None:
        assert self._parking is not None
        self._till.serve(visit=True)
        # First at the counter, then away from here: a crash between leaves it in both places.
        self._counter.set(replace(back.visit, touched_at=self._till.clock.now()))
        self._parking.drop(number)
        self._notes.write("resumed", number, fen=back.visit.priced.total.fen)
        self._go()
        if back.gone:
            names = {
                one: "、".join(line.product.name(one) for line in back.gone) for one in ("zh", "en")
            }
            self._say(Text("staff.park.gone", names), False)
        elif back.anew:
            self._say(Text("staff.park.anew"), True)
