"""The staff's pages beside the payments: home, approvals, parked, X and Z, drawer, trials, kitchen.

`kiosk/attendant.py` opens and closes them; each page has a file of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from kiosk.counter import Counter
from kiosk.day_book import DayBook
from kiosk.domain.parked import is_parked_number
from kiosk.messages import Command, Text
from kiosk.messages.shift import ResumeParked, TryPart
from kiosk.messages.staff import Decide, StaffPage, StaffShowing
from kiosk.parking import Parking
from kiosk.staff.approvals import Approvals
from kiosk.staff.door import Person
from kiosk.staff.drawer import DrawerDeed, DrawerDesk
from kiosk.staff.errands import Errands
from kiosk.staff.home import PARKED, Home, HomeDeed
from kiosk.staff.kitchen import KitchenDeed, KitchenDesk
from kiosk.staff.notes import Notes
from kiosk.staff.reports import REPORT, ReportDeed, Reports
from kiosk.staff.trials import Trials
from kiosk.till import Till
from kiosk.timer import Work

PAGES = frozenset({StaffPage.HOME, StaffPage.APPROVALS, StaffPage.PAYMENTS, StaffPage.PARKED})
"""The pages that everybody turns to by himself."""
MANAGED = frozenset({StaffPage.REPORT, StaffPage.DRAWER})
"""The pages that only a manager turns to."""
ForManagers = ReportDeed | DrawerDeed
SAID = {
    StaffPage.APPROVALS: "staff.held.text",
    StaffPage.PARKED: "staff.park.scan",
    StaffPage.REPORT: "staff.report.said",
    StaffPage.DRAWER: "staff.drawer.said",
}


@dataclass(frozen=True, slots=True)
class Ways:
    """How the pages reach the others: `run` another thread, `back` this one, `say` the screen.

    `say` has a remark and whether it is good news; `go` closes the staff's screen.
    """

    run: Callable[[str, Work], None]
    back: Callable[[Callable[[], object]], None]
    say: Callable[[Text, bool], None]
    refresh: Callable[[], None]
    go: Callable[[], None]


class Office:
    """Used by the checkout's thread only."""

    def __init__(
        self,
        counter: Counter,
        till: Till,
        parking: Parking | None,
        errands: Errands,
        notes: Notes,
        ways: Ways,
    ) -> None:
        self._till, self._parking, self._ways = till, parking, ways
        self._approvals = Approvals(counter, notes.write, till.clock.wall_ms)
        self._home = Home(counter, till, parking, notes, ways.say, ways.go)
        book = DayBook(till.ledger, till.config.paths.state / "period.json")
        self._reports = Reports(till, book, errands, notes, ways.say, ways.refresh)
        self._drawer = DrawerDesk(till, book, errands, notes, ways.say, ways.refresh)
        self._kitchen = KitchenDesk(till.kitchen, notes.write, self._hint, ways.refresh)
        self._trials = Trials(till, notes, ways.run, ways.back, ways.refresh)
        self._person = Person()
        self._called: int | None = None
        self.page = StaffPage.HOME

    def begin(self, person: Person, called: int | None) -> None:
        """Somebody came in; `called` minutes ago a shopper had asked for help.

        What the shopper waits for comes first.
        """
        held = bool(self._approvals.rows())
        self.page, self._person = StaffPage.APPROVALS if held else StaffPage.HOME, person
        self._called = called

    def clear(self) -> None:
        """He left."""
        for page in (self._reports, self._drawer, self._trials):
            page.clear()
        self._kitchen.leave()

    def turn(self, page: StaffPage) -> bool:
        """To another page, where he may."""
        if page not in PAGES and not (page in MANAGED and self._manages()):
            return False
        self.page = page
        self._trials.clear()
        self._kitchen.leave()
        if page is StaffPage.REPORT:
            self._reports.begin()
        elif page is StaffPage.DRAWER:
            self._drawer.begin()
        return True

    def act(self, command: Command, language: str) -> None:
        """What belongs to one of the pages. Raises LedgerError."""
        if isinstance(command, ForManagers) and not self._manages():
            return
        match command:
            case Decide():
                self._decide(command)
            case TryPart(name=name):
                self._trials.act(name)
            case _ if isinstance(command, HomeDeed):
                self._home.act(command)
            case _ if isinstance(command, KitchenDeed):
                self._kitchen.act(command)
            case _ if isinstance(command, ReportDeed):
                self._reports.act(command, language)
            case _ if isinstance(command, DrawerDeed):
                self._drawer.act(command)
            case _:
                pass

    def scanned(self, text: str) -> bool:
        """Whether what was scanned belongs to one of the pages: it is seen to then."""
        if self._trials.wants_scan:
            self._trials.scanned(text)
        elif is_parked_number(text):
            self._home.act(ResumeParked(text))
        else:
            return self._kitchen.scanned(text)
        return True

    def printed(self, key: str, *, good: bool) -> None:
        """A slip of one of the pages was printed, or was not."""
        if key.startswith((PARKED, REPORT)):
            self._ways.say(Text("staff.printed" if good else "staff.not_printed"), good)

    def restored(self, visit_id: str) -> None:
        """A visit stands at the counter again after a crash: its basket is not parked as well."""
        if self._parking is not None:
            self._parking.forget_visit(visit_id)

    def fill(self, staff: StaffShowing) -> StaffShowing:
        """With what these pages show."""
        filled = replace(
            staff,
            held=self._approvals.rows(),
            parts=self._trials.parts(staff.parts),
            visit=self._home.visit_shown(),
            parked=self._home.rows(),
            report=self._reports.shown(),
            drawer=self._drawer.shown(),
            closed=self._till.closing.why,
            called=self._called,
            manager=self._person.manager,
            who=self._person.name,
        )
        return self._kitchen.over(filled)

    def _hint(self, key: str, *, good: bool = False) -> None:
        self._ways.say(Text(key), good)

    def _decide(self, decide: Decide) -> None:
        """One question is answered; with the last of them the shopper goes on by himself."""
        self._approvals.decide(decide.held, approved=decide.approved)
        if not self._approvals.rows():
            self._ways.go()

    def _manages(self) -> bool:
        """Whether a manager is signed in; others are told."""
        if not self._person.manager:
            self._ways.say(Text("staff.manager_only"), False)
        return self._person.manager
