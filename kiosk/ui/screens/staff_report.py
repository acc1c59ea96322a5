"""The X of now or the newest Z; printed from here, and the day closed after a second question."""

from __future__ import annotations

from collections.abc import Sequence

from kivy.app import App
from kivy.properties import BooleanProperty, NumericProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout

from kiosk.messages import Command
from kiosk.messages.shift import CloseDay, PrintReport, ReportRow, ReportShown, ShowLastDay
from kiosk.messages.staff import StaffShowing
from kiosk.ui.overlays import Sheet
from kiosk.ui.screens.staff_list import Pages
from kiosk.ui.screens.staff_payment import Deed
from kiosk.ui.words import yuan

PARTS = (Pages, Deed)
"""What the rules name, so that it is known when they are read."""


class ReportLine(FloatLayout):
    """One line of a report."""

    head = BooleanProperty(False)
    strong = BooleanProperty(False)

    def show(self, row: ReportRow) -> None:
        """Take over a line."""
        ids, language = self.ids, App.get_running_app().language
        self.head, self.strong = row.head, row.strong
        ids.said.args = {"of": row.of.get(language) or row.of.get("", "")}
        ids.said.key = f"report.{row.key}"
        ids.count.text = "" if row.count is None else f"× {row.count}"
        ids.amount.text = "" if row.fen is None else f"¥{yuan(row.fen)}"


class ReportPage(BoxLayout):
    """`on_act` has a command for the core; `on_home` goes back."""

    page = NumericProperty(0)
    pages = NumericProperty(1)
    busy = BooleanProperty(False)
    __events__ = ("on_act", "on_home")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._report: ReportShown | None = None
        self._spoken = ""
        rows = self.ids.rows
        rows.begin(lambda _place: ReportLine())
        rows.bind(page=self._count, pages=self._count)

    def show(self, staff: StaffShowing) -> None:
        """Take over what the core says."""
        ids, report = self.ids, staff.report
        self._report, self.busy = report, staff.busy
        ids.title.key = f"report.{'z' if report is not None and report.closed else 'x'}"
        ids.title.args = {"number": f"{report.number:04d}" if report is not None else ""}
        ids.when.text = "" if report is None else f"{report.since} – {report.until}"
        rows: Sequence[ReportRow] = () if report is None else report.rows
        if (language := App.get_running_app().language) != self._spoken:
            self._spoken = language
            ids.rows.show(())
        ids.rows.show(rows)
        for deed, may in (
            ("print", report is not None),
            ("close", report is not None and not report.closed),
            ("last", True),
        ):
            ids[deed].disabled = not may or staff.busy

    def turn(self, by: int) -> None:
        """To another page of it."""
        self.ids.rows.turn(by)

    def print(self) -> None:
        """Print what is shown."""
        self.dispatch("on_act", PrintReport())

    def last(self) -> None:
        """Show the newest Z."""
        self.dispatch("on_act", ShowLastDay())

    def close(self) -> None:
        """Ask once more, then close the day."""
        report = self._report
        if report is None:
            return
        App.get_running_app().stage.open_sheet(
            Sheet(
                lambda: self.dispatch("on_act", CloseDay(report.number)),
                title="report.close_title",
                sentences=["report.close_text"],
                accept="report.close_yes",
                close="staff.cancel",
                kind="danger",
                args={"number": f"{report.number:04d}"},
            )
        )

    def _count(self, *_: object) -> None:
        self.page, self.pages = self.ids.rows.page, self.ids.rows.pages
        if self.get_root_window() is not None:
            App.get_running_app().stage.change_in_place()

    def on_act(self, command: Command) -> None:
        """What it does stands with its owner."""

    def on_home(self) -> None:
        """What it does stands with its owner."""
