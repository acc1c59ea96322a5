"""The frame of all screens: test ribbon, bar, the one screen there is now, and what lies over it.

┌ test ribbon ─────────────────┐
│ shop        help   中文|EN   │  the bar is in the same place on every screen
│ ┌──────────────────────────┐ │
│ │ the screen (a View)      │ │  built once, reused
│ └──────────────────────────┘ │
│   remark · sheet · question  │
└──────────────────────────────┘
"""

from __future__ import annotations

from collections.abc import Callable

from kivy.app import App
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout

from kiosk.messages import (
    CallAttendant,
    Command,
    Guiding,
    Hinting,
    Leave,
    Screen,
    SetLanguage,
    Showing,
    StillThere,
)
from kiosk.messages.goods import GoodsFound, LiveWeight
from kiosk.messages.menu import MenuShown, SoldOut
from kiosk.messages.staff import OpenStaff
from kiosk.ui.access import AccessSheet
from kiosk.ui.options import Preview, UiOptions
from kiosk.ui.overlays import Cover, Languages, Sheet
from kiosk.ui.overlays import StillThere as StillThereCover
from kiosk.ui.screens import ALL, WEIGHING, view_class
from kiosk.ui.view import View
from kiosk.ui.words import named

DEAF = 0.25  # seconds in which a tap meant for the screen before is not taken for this one

MENU = Screen.MENU.value.lower()
NOT_A_VISIT = (Screen.ATTRACT, Screen.OUT_OF_ORDER)


def place_of(showing: Showing) -> str:
    """The name of the screen; a weighing stands in the place of the one that it was begun on."""
    return WEIGHING if showing.weighing is not None else showing.screen.value.lower()


class Bar(BoxLayout):
    """Shop, help, language."""

    stage = ObjectProperty(None)


class Stage(FloatLayout):
    """Shows what the core says; knows the screens, but not what they mean."""

    test = BooleanProperty(False)
    low = BooleanProperty(False)
    """All that is touched is to be within low reach."""
    night = NumericProperty(0)
    """1 while nobody is there: the screen is dark, and a touch is a touch all the same."""

    def __init__(
        self, act: Callable[[Command], object], preview: Preview, options: UiOptions
    ) -> None:
        super().__init__()
        self._act = act
        self._preview = preview
        self._options = options
        self._views: dict[str, View] = {}
        self._sheet: Cover | None = None
        self._still: StillThereCover | None = None
        self._menu: MenuShown | None = None
        self._sold_out = SoldOut()
        self._listen_from = 0.0
        self.view: View | None = None
        self.showing: Showing | None = None
        self.hinted = ""
        """The key of the last remark on this screen."""
        self.changed_at = 0.0

    def show(self, showing: Showing, now: float) -> None:
        """Make the screen what the core says."""
        before, self.showing = self.showing, showing
        self.test = showing.test
        self.low = showing.aids.low
        self.night = 0 if showing.awake and not showing.aids.curtain else 1
        App.get_running_app().language = showing.language
        self._dress_bar(showing)
        if (
            before is None
            or place_of(before) != place_of(showing)
            or before.visit_id != showing.visit_id
        ):
            self.close_sheet()
            self._switch(showing, now)
        elif self.view is not None:
            self.view.update(showing, now)
        if self._sheet is not None:
            self._sheet.update(showing)
        self._ask_still_there(showing, now)
        self._changed(now)

    def hint(self, hinting: Hinting, now: float) -> None:
        """A short remark over the screen."""
        self.ids.toast.tell(hinting, now)
        if self.view is not None and hinting.sound == "error":
            self.view.refused()
        if hinting.said is not None:
            self.hinted = hinting.said.key
            self._changed(now)

    def guide(self, guiding: Guiding, now: float) -> None:
        """Guidance for the shopper in front of the camera."""
        if self.view is not None:
            self.view.guide(guiding, now)

    def found(self, found: GoodsFound) -> None:
        """Goods that were looked for."""
        if self.view is not None:
            self.view.found(found)

    def weigh(self, live: LiveWeight) -> None:
        """What the scale sees."""
        if self.view is not None:
            self.view.weigh(live)

    def menu(self, menu: MenuShown) -> None:
        """What can be ordered; kept for as long as the screen runs."""
        self._menu = menu
        if menu_view := self._views.get(MENU):
            menu_view.menu(menu)

    def sold_out(self, sold: SoldOut) -> None:
        """What cannot be had now."""
        self._sold_out = sold
        if menu_view := self._views.get(MENU):
            menu_view.sold_out(sold)

    def told(self, before: Stage) -> None:
        """Take over what the stage before this one was told and the core does not say again."""
        self._menu, self._sold_out = before._menu, before._sold_out

    def tick(self, now: float) -> None:
        """Once a frame."""
        self.ids.toast.tick(now)
        if self.view is not None:
            self.view.tick(now)
        if self._still is not None:
            self._still.ids.countdown.tick(now)

    def build(self, place: str) -> View:
        """The view of a screen; made when it is first asked for."""
        view = self._views.get(place)
        if view is None:
            view = view_class(place)(self._act, self._preview, self._options)
            self._views[place] = view
            if place == MENU and self._menu is not None:
                view.menu(self._menu)
                view.sold_out(self._sold_out)
        return view

    def build_next(self) -> bool:
        """Build one screen ahead of its time; answers whether any is left to build."""
        missing = self.missing()
        if missing:
            self.build(missing[0])
        return len(missing) > 1

    def missing(self) -> list[str]:
        """The screens that are not built yet."""
        return [place for place in ALL if place not in self._views]

    @property
    def place(self) -> str:
        """Which screen of which visit is seen."""
        showing = self.showing
        return "" if showing is None else f"{place_of(showing)} {showing.visit_id}"

    @property
    def instruction(self) -> str:
        """Which sentence of guidance the screen shows; empty on other screens."""
        return self.view.instruction if self.view is not None else ""

    @property
    def listening(self) -> bool:
        """Whether taps count: not in the first moment of a screen."""
        return self._options.clock() >= self._listen_from

    @property
    def modal(self) -> Cover | None:
        """What keeps touches from the screen, if anything does."""
        return self._still or self._sheet

    def open_access(self) -> None:
        """How is the screen to be?"""
        sheet = AccessSheet(self._act)
        if self.showing is not None:
            sheet.update(self.showing)
        self.open_sheet(sheet)

    def open_sheet(self, sheet: Cover) -> None:
        """Lay a sheet over the screen."""
        self.close_sheet()
        self.ids.toast.clear()  # it would lie over what the sheet says
        self._sheet = sheet
        self.ids.cover.add_widget(sheet, index=len(self.ids.cover.children))
        self.change_of_place()

    def close_sheet(self) -> None:
        """Take the sheet away, if there is one."""
        if self._sheet is not None:
            self.ids.cover.remove_widget(self._sheet)
            self._sheet = None
            self.change_of_place()

    def choose_language(self, language: str) -> None:
        """The shopper's language, for this visit."""
        if language != App.get_running_app().language:
            self._act(SetLanguage(language))

    def list_languages(self) -> None:
        """More languages than the bar has room for."""
        self.open_sheet(Languages(self.choose_language))

    def take_over(self, before: Stage) -> None:
        """Go on where a stage of another look was: what was typed, and the sheet of aids."""
        if self.view is not None and before.view is not None:
            self.view.resume(before.view.kept())
        if isinstance(before.modal, AccessSheet):
            self.open_access()

    def help(self) -> None:
        """From every screen of a visit: call the staff, or be the staff."""
        self.open_sheet(
            Sheet(
                lambda: self._act(CallAttendant()),
                self.open_staff,
                title="help.title",
                sentences=["help.text"],
                accept="help.call",
                close="help.close",
                extra="help.staff",
            )
        )

    def open_staff(self) -> None:
        """Ask for the staff's screen; the core asks for the PIN."""
        self._act(OpenStaff())

    def still_there(self) -> None:
        """The shopper is."""
        self._act(StillThere())

    def leave(self) -> None:
        """The shopper gives the visit up."""
        self._act(Leave())

    def _switch(self, showing: Showing, now: float) -> None:
        view = self.build(place_of(showing))
        view.update(showing, now)
        if view is self.view:
            return
        if self.view is not None:
            self.view.leave()
            self.ids.slot.remove_widget(self.view)
            self.ids.toast.clear()
            self.hinted = ""
        self.ids.slot.add_widget(view)
        self.view = view
        view.enter(now)
        self.ids.reach.down = False  # what is done next stands below
        self.change_of_place()

    def _dress_bar(self, showing: Showing) -> None:
        bar = self.ids.bar.ids
        attract = showing.screen is Screen.ATTRACT
        logo = str(self._options.logo or "")
        bar.logo.path = "" if attract else logo
        bar.shop.text = "" if attract or logo else named(showing.shop, showing.language)
        bar.help.disabled = showing.screen in (*NOT_A_VISIT, Screen.STAFF)
        bar.help.opacity = 0 if bar.help.disabled else 1
        bar.staff.disabled = showing.screen not in NOT_A_VISIT
        bar.staff.opacity = 0 if bar.staff.disabled else 1
        bar.staff.width = 0 if bar.staff.disabled else bar.staff.height
        bar.access.disabled = showing.screen is Screen.STAFF
        bar.access.opacity = 0 if bar.access.disabled else 1
        bar.help.called = showing.attendant_called or showing.attendant_coming
        bar.help.coming = showing.attendant_coming

    def _ask_still_there(self, showing: Showing, now: float) -> None:
        if showing.still_there and self._still is None:
            self._still = StillThereCover()
            self.ids.cover.add_widget(self._still)
            self.change_of_place()
        elif not showing.still_there and self._still is not None:
            self.ids.cover.remove_widget(self._still)
            self._still = None
            self.change_of_place()
        if self._still is not None:
            self._still.ids.countdown.begin(showing.seconds_left, now)

    def change_of_place(self) -> None:
        """What was under the finger is something else: taps meant for it do not count."""
        now = self._options.clock()
        self._listen_from = now + DEAF
        self._changed(now)

    def change_in_place(self) -> None:
        """Something else can be touched on this page."""
        self._changed(self._options.clock())

    def _changed(self, now: float) -> None:
        """Something else is to be seen; drawn even where it looks the same, so it is counted."""
        self.changed_at = now
        self.canvas.ask_update()
