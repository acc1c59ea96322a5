"""The page of the drawer: what should be in it, what is put in and taken out, what a count finds.

Every move is an entry whose body depends on all before it, so it is written on another thread.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from kiosk.day_book import DayBook
from kiosk.domain.cash import MOVED
from kiosk.domain.drawer import MOVES, REASONS, NotThere, counted, moved, worth
from kiosk.domain.entry import Entry
from kiosk.domain.takings import NO_SALE, Takings
from kiosk.domain.till_report import Report, drawer_lines
from kiosk.messages import Text
from kiosk.messages.shift import CountCash, DrawerShown, MoveCash, OpenDrawer, ReportRow
from kiosk.peripherals import DRAWER
from kiosk.staff.errands import Errands
from kiosk.staff.notes import Notes
from kiosk.till import Till

DrawerDeed = MoveCash | CountCash | OpenDrawer

log = logging.getLogger(__name__)


class DrawerDesk:
    """Used by the checkout's thread only; `say` makes a remark, `refresh` shows."""

    def __init__(
        self,
        till: Till,
        book: DayBook,
        errands: Errands,
        notes: Notes,
        say: Callable[[Text, bool], None],
        refresh: Callable[[], None],
    ) -> None:
        self._till, self._book, self._errands = till, book, errands
        self._notes, self._say, self._refresh = notes, say, refresh
        self._shown: DrawerShown | None = None

    def begin(self) -> None:
        """Look what should be in it."""
        self._shown = None
        self._look()

    def clear(self) -> None:
        """Away with it."""
        self._shown = None

    def shown(self) -> DrawerShown | None:
        """The page; nothing while it is looked up."""
        if self._shown is None:
            return None
        return replace(self._shown, opens=self._till.peripherals.works(DRAWER))

    def act(self, command: DrawerDeed) -> None:
        """Do it; what cannot be meant is passed over."""
        if self._errands.busy:
            return
        match command:
            case MoveCash(why=why, fen=fen) if why in MOVES and fen > 0:
                done = lambda _entry: Text(f"staff.drawer.done.{why}")  # noqa: E731 - a sentence
                self._write(lambda takings: moved(why, fen, takings.cash_fen), done)
            case CountCash(pieces=pieces):
                self._count(pieces)
            case OpenDrawer(why=why) if why in REASONS:
                self._notes.write("drawer opened", why=why)
                self._till.deliveries.open_drawer(self._till.config.terminal_id, NO_SALE)
            case _:
                pass
        self._refresh()

    def _count(self, pieces: Mapping[str, int]) -> None:
        try:
            by_kind = {int(kind): count for kind, count in pieces.items()}
            worth(by_kind)
        except ValueError:
            log.warning("a count that cannot be meant")
            return

        def done(entry: Entry) -> Text:
            body = entry.body
            found, difference = int(body["counted_fen"]), int(body["fen"])
            shown = self._shown or DrawerShown(found)
            self._shown = replace(shown, counted_fen=found, difference_fen=difference)
            return Text("staff.drawer.done.count")

        self._write(lambda takings: counted(by_kind, takings.cash_fen), done)

    def _write(
        self, body_of: Callable[[Takings], Mapping[str, Any]], done: Callable[[Entry], Text]
    ) -> None:
        who = {"who": self._notes.who} if self._notes.who else {}
        terminal_id = self._till.config.terminal_id

        def write() -> Entry | NotThere:
            try:
                return self._book.write(MOVED, terminal_id, lambda now: {**body_of(now), **who})
            except NotThere as lacking:
                return lacking

        def written(entry: Entry | NotThere) -> None:
            if isinstance(entry, NotThere):
                held = f"{entry.fen / 100:.2f}"
                self._say(Text("staff.drawer.not_there", {"amount": held}), False)
            else:
                self._say(done(entry), True)
            self._look()

        self._errands.ask("staff drawer", write, written)

    def _look(self) -> None:
        self._errands.ask("staff drawer", self._book.read, self._show)
        self._refresh()

    def _show(self, report: Report) -> None:
        rows = tuple(ReportRow(x.key, x.of, x.count, x.fen) for x in drawer_lines(report))
        shown = self._shown or DrawerShown(report.cash_fen)
        self._shown = replace(shown, expected_fen=report.cash_fen, moves=rows)
        self._refresh()
