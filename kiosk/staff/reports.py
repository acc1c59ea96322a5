"""The page with X and Z: read on another thread, closed there as well, printed when it is made."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.day_book import DayBook
from kiosk.domain.receipt import china_time
from kiosk.domain.till_report import Report, ReportSlip, lines, report_slip
from kiosk.messages import Text
from kiosk.messages.shift import CloseDay, PrintReport, ReportRow, ReportShown, ShowLastDay
from kiosk.staff.errands import Errands
from kiosk.staff.notes import Notes
from kiosk.till import Till

ReportDeed = PrintReport | CloseDay | ShowLastDay
REPORT = "report/"
"""How the key of a report's slip begins."""


class Reports:
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
        self._report: Report | None = None
        self._again = False

    def begin(self) -> None:
        """Read the X of now."""
        self._report = None
        self._errands.ask("staff report", self._book.read, self._show)
        self._refresh()

    def clear(self) -> None:
        """Away with it."""
        self._report = None

    def act(self, command: ReportDeed, language: str) -> None:
        """Print what is shown, close the period, or show the last one that was closed."""
        report = self._report
        match command:
            case PrintReport() if report is not None:
                self._print(report, language, copy=self._again)
                self._say(Text("staff.report.printing"), True)
            case CloseDay(number=number) if not self._errands.busy:
                if report is None or report.closed or report.number != number:
                    self._say(Text("staff.report.changed"), False)
                else:
                    self._close(number, language)
            case ShowLastDay() if not self._errands.busy:
                self._errands.ask("staff report", self._book.last, self._show_last)
            case _:
                pass
        self._refresh()

    def shown(self) -> ReportShown | None:
        """The report that is looked at."""
        report = self._report
        if report is None:
            return None
        return ReportShown(
            report.closed,
            report.number,
            china_time(report.since_ms)[:16],
            china_time(report.until_ms)[:16],
            tuple(
                ReportRow(each.key, each.of, each.count, each.fen, each.head, each.strong)
                for each in lines(report)
            ),
        )

    def _close(self, number: int, language: str) -> None:
        def close() -> Report:
            # Printed from here, so that it comes out though the staff have left meanwhile.
            report = self._book.close(number)
            self._print(report, language)
            return report

        def closed(report: Report) -> None:
            self._notes.write("day closed", key=f"{report.number:04d}")
            self._show(report)
            self._say(Text("staff.report.closed", {"number": f"{report.number:04d}"}), True)

        self._errands.ask("staff day end", close, closed)

    def _show(self, report: Report) -> None:
        self._report, self._again = report, report.closed
        self._refresh()

    def _show_last(self, report: Report | None) -> None:
        if report is None:
            self._say(Text("staff.report.none"), False)
            self._refresh()
        else:
            self._show(report)

    def _print(self, report: Report, language: str, *, copy: bool = False) -> None:
        around = ReportSlip(self._till.config.terminal_id, language, self._till.test, copy)
        kind = "z" if report.closed else "x"
        key = f"{REPORT}{kind}{report.number:04d}"
        self._till.print_paper(key, tuple(report_slip(report, around)))
