"""What is bought: newest line on top, the total and Pay in a foot that never moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.animation import Animation
from kivy.app import App
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.widget import Widget

from kiosk.messages import Back, Leave, LineShown, Pay, RemoveLine, SetQuantity, Showing
from kiosk.messages.goods import Browse
from kiosk.messages.menu import ChooseService
from kiosk.ui.overlays import ask_to_cancel
from kiosk.ui.screens.basket_bagging import BaggingBar
from kiosk.ui.screens.basket_bags import BagSheet
from kiosk.ui.screens.basket_member import MemberSheet
from kiosk.ui.view import View
from kiosk.ui.words import named, yuan

HIGHLIGHT = 1.0  # seconds the line that changed is lit
MARKS = {"line.held_age": "shield", "line.held_removal": "bin", "line.held_weight": "bag"}
"""The icon of what staff are needed for."""
BEAM = 2.4  # seconds of one sweep of the moving hint


class Row(FloatLayout):
    """One line of the basket; kept while it is on the page, changed only where it differs."""

    reads = "whole"

    glow = NumericProperty(0.0)
    waits = BooleanProperty(False)
    """Staff are needed for it."""
    mark = StringProperty("")
    """The icon before what is said of it."""
    line: LineShown | None = None
    language = ""

    def show(self, line: LineShown, language: str) -> None:
        """Take over a line; nothing is drawn again that is the same."""
        ids = self.ids
        ids.stepper.show(line.line_id, line.quantity, counted=line.counted)
        if line == self.line and language == self.language:
            return
        ids.title.text = named(line.names, language)
        key = "basket.each" if line.counted else "basket.per_kilo"
        price = App.get_running_app().catalogue.say(
            language, key, {"price": f"¥{yuan(line.unit_fen)}"}
        )
        if line.gift:
            price = App.get_running_app().catalogue.say(language, "basket.gift")
        ids.unit.text = price if line.counted else f"{line.quantity_text} · {price}"
        ids.options.text = named(line.options, language) if line.options else ""
        ids.total.count_to(line.total_fen)
        self.waits = line.held is not None
        self.mark = (
            MARKS.get(line.held.key, "warn") if line.held else "tag" if line.discount else ""
        )
        ids.discount.tell(line.held or line.discount)
        earned = line.discount_fen and not self.waits
        ids.earned.text = f"−¥{yuan(abs(line.discount_fen))}" if earned else ""
        self.line, self.language = line, language

    def spoken(self) -> str:
        """The line in one sentence."""
        line, say = self.line, App.get_running_app().catalogue.say
        if line is None:
            return ""
        count = {"count": line.quantity}
        said = [
            named(line.names, self.language),
            named(line.options, self.language) if line.options else "",
            say(self.language, "spoken.pieces" if line.quantity > 1 else "spoken.piece", count)
            if line.counted
            else line.quantity_text.replace("kg", say(self.language, "spoken.kg")),
            say(self.language, "basket.gift") if line.gift else f"¥{yuan(line.total_fen)}",
            self.ids.discount.sentence,
        ]
        return ", ".join(each for each in said if each)

    def light_up(self, *, lit: bool = True) -> None:
        """Show for a second that this line is the one, or that it is not any more."""
        Animation.cancel_all(self, "glow")
        self.glow = float(lit)
        if not lit:
            return
        fade = Animation(glow=1.0, duration=HIGHLIGHT) + Animation(
            glow=0.0, duration=App.get_running_app().theme.moves
        )
        fade.start(self)


class Lines(FloatLayout):
    """A page of rows, newest on top; a new line moves rows, it does not build them."""

    page = NumericProperty(0)
    pages = NumericProperty(1)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._rows: dict[int, Row] = {}
        self._spare: list[Row] = []
        self._lines: tuple[LineShown, ...] = ()
        self._language = ""
        self._want: Callable[[int, int], None] = lambda _line_id, _quantity: None
        self.bind(size=lambda *_: self._lay(), pos=lambda *_: self._lay())

    def begin(self, want: Callable[[int, int], None]) -> None:
        """`want(line_id, quantity)` is called when the shopper changes a line."""
        self._want = want

    def show(self, lines: tuple[LineShown, ...], language: str) -> None:
        """`lines` in the order they were scanned."""
        before = {line.line_id: line for line in self._lines}
        changed = [
            line.line_id
            for line in lines
            if line.line_id not in before or line.quantity > before[line.line_id].quantity
        ]
        newest_first = tuple(reversed(lines))
        self._lines, self._language = newest_first, language
        if changed and self.per_page:
            at = [line.line_id for line in newest_first].index(changed[-1])
            self.page = at // self.per_page
        self._lay()
        # A basket that comes whole (a screen that comes back) has no newest line.
        if changed and (before or len(lines) == 1):
            for line_id, row in self._rows.items():
                row.light_up(lit=line_id == changed[-1])

    def forget_wishes(self) -> None:
        """The core has not granted them."""
        for row in self._rows.values():
            row.ids.stepper.wanted = row.ids.stepper.quantity

    def turn(self, by: int) -> None:
        """To another page."""
        self.page += by
        self._lay()

    @property
    def row_height(self) -> float:
        theme = App.get_running_app().theme
        more = 18 if any(line.options for line in self._lines) else 9
        return float(theme.step * (17 + more * (theme.letters - 1)))

    @property
    def per_page(self) -> int:
        """How many lines fit."""
        return int((self.height + 1) // self.row_height)

    def _lay(self) -> None:
        each = self.per_page
        if each < 1:
            return
        high = self.height / each
        self.pages = max(-(-len(self._lines) // each), 1)
        self.page = min(max(self.page, 0), self.pages - 1)
        seen = self._lines[self.page * each : (self.page + 1) * each]
        ids = {line.line_id for line in seen}
        for line_id in [each_id for each_id in self._rows if each_id not in ids]:
            row = self._rows.pop(line_id)
            self.remove_widget(row)
            self._spare.append(row)
        for place, line in enumerate(seen):
            row = self._row(line.line_id)
            row.show(line, self._language)
            row.width, row.height = self.width, high
            row.x, row.y = self.x, self.top - high * (place + 1)

    def _row(self, line_id: int) -> Row:
        row = self._rows.get(line_id)
        if row is None:
            row = self._spare.pop() if self._spare else self._new_row()
            row.light_up(lit=False)
            self._rows[line_id] = row
            self.add_widget(row)
        return row

    def _new_row(self) -> Row:
        row = Row(size_hint=(None, None))
        row.ids.stepper.bind(on_want=lambda _, line_id, wanted: self._want(line_id, wanted))
        return row


class Basket(View):
    """Lines, foot, and what to do while there are none."""

    empty = BooleanProperty(True)
    dining = BooleanProperty(False)
    """It is the order of a diner, who came from a menu and may go back to it."""
    more = StringProperty("")
    """The name of the button that leads to more: goods without a bar code, or the menu."""
    member = StringProperty("")
    """The sentence that says so of one who has."""
    ends = StringProperty("")
    """The last digits of the number that he typed, where he did."""
    beam = NumericProperty(0.0)
    hint = StringProperty("basket.empty_below")

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        # The tree holds only one of the two at a time, and ids are weak.
        self._bought: Widget = self.ids.bought.__self__
        self._nothing: Widget = self.ids.nothing.__self__
        self._ways = [self.ids[name].__self__ for name in ("browse", "member", "known")]
        self._bagging: BaggingBar = self.ids.bagging.__self__
        self._showing: Showing | None = None
        self._asking: MemberSheet | None = None

    def update(self, showing: Showing, now: float) -> None:
        ids = self.ids
        ids.lines.begin(self.want)
        self.hint = f"basket.empty_{self.options.scanner_side}"
        self.empty = not showing.lines
        self.dining = showing.may_order
        self.more = "order.more" if self.dining else "browse" if showing.may_pick else ""
        self._know(showing)
        ids.service.show(showing)
        self._tell_of_bagging(showing)
        self._put_in_place(self._nothing if self.empty else self._bought)
        ids.lines.show(showing.lines, showing.language)
        ids.count.args = {"count": showing.count}
        ids.saved.opacity = 1 if showing.saved_fen else 0
        ids.saved_money.count_to(showing.saved_fen)
        ids.total.count_to(showing.total_fen)

    def tick(self, now: float) -> None:
        if self.empty and not self.dining and not self.options.reduce_motion:
            self.beam = round((now % BEAM) / BEAM, 2)

    def refused(self) -> None:
        self.ids.lines.forget_wishes()
        if self._asking is not None:
            self._asking.refused()

    def leave(self) -> None:
        self._asking = None

    def want(self, line_id: int, quantity: int) -> None:
        """The shopper wants so many of a line; none takes it out."""
        if quantity == 0:
            self.act(RemoveLine(line_id))
        else:
            self.act(SetQuantity(line_id, quantity))

    def browse(self) -> None:
        """To the menu, or to the goods without a bar code."""
        self.act(Back() if self.dining else Browse())

    def change_service(self) -> None:
        """Eat somewhere else after all."""
        self.act(ChooseService(""))

    def type_member(self) -> None:
        """Ask for the number of a member."""
        self._asking = MemberSheet(self.act)
        App.get_running_app().stage.open_sheet(self._asking)

    def pay(self) -> None:
        """On to the tender, or first to the bags."""
        showing = self._showing
        if showing is not None and showing.bags:
            sheet = BagSheet(self.act, showing.bags, showing.language)
            App.get_running_app().stage.open_sheet(sheet)
        else:
            self.act(Pay())

    def _know(self, showing: Showing) -> None:
        """Whether he is a member; a sheet that asked for it goes when that is settled."""
        before, self._showing = self._showing, showing
        if before is not None and before.visit_id != showing.visit_id:
            self._asking, self.ends = None, ""
        self.member = showing.member.key if showing.member is not None else ""
        if self._asking is not None and not showing.asks_member:
            self.ends = self._asking.ends if self.member else ""
            self._asking = None
            App.get_running_app().stage.close_sheet()
        wanted = (bool(self.more), showing.asks_member, bool(self.member))
        seen = [way for way, shown in zip(self._ways, wanted, strict=True) if shown]
        if self.ids.ways.children[::-1] != seen:
            self.ids.ways.clear_widgets()
            for way in seen:
                self.ids.ways.add_widget(way)

    def _tell_of_bagging(self, showing: Showing) -> None:
        told, aside = self._bagging.show(showing), self.ids.aside
        if told and not aside.children:
            aside.add_widget(self._bagging)
        elif not told:
            aside.clear_widgets()

    def _put_in_place(self, wanted: Widget) -> None:
        """Only what is seen is in the tree: the toolkit draws the invisible as well."""
        place = self.ids.place
        if place.children != [wanted]:
            place.clear_widgets()
            place.add_widget(wanted)

    def _leave(self) -> None:
        self.act(Leave())

    def cancel(self) -> None:
        """Give up: asked once more when there is something to lose."""
        if self.empty:
            self.act(Leave())
            return
        App.get_running_app().stage.open_sheet(
            ask_to_cancel(self._leave, "menu" if self.dining else "basket")
        )


VIEW = Basket
