"""The menu: categories on the left, cards in three columns, what is ordered in the foot.

card ──► the dish's sheet      plus ──► one more at one touch, where nothing must be chosen
"""

from __future__ import annotations

from typing import Any

from kivy.app import App
from kivy.properties import BooleanProperty

from kiosk.messages import Leave, Pay, Showing
from kiosk.messages.menu import ChooseService, DishShown, MenuShown, ShowOrder, SoldOut
from kiosk.ui.dish_sheet import DishSheet
from kiosk.ui.dishes import DishCard, counts_on, first_pages
from kiosk.ui.menu import Menu as Model
from kiosk.ui.menu import ordered
from kiosk.ui.overlays import ask_to_cancel
from kiosk.ui.view import View

AHEAD = 54  # dishes of other categories that are lettered before they are asked for


class Menu(View):
    """What can be ordered; opens on its first category in every visit."""

    empty = BooleanProperty(True)
    loading = BooleanProperty(True)

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._model = Model(MenuShown("", ()))
        self._sold: frozenset[str] = frozenset()
        self._gone: frozenset[str] = frozenset()
        self._counts: dict[str, int] = {}
        self._category = ""
        self._language = ""
        self._visit = ""
        self._lines: tuple[object, ...] = ()
        self.ids.cards.begin(self._card)
        self.ids.cards.bind(on_turned=lambda _: self._tell_cards())
        self.sheet = DishSheet(self.act, reduce_motion=self.options.reduce_motion)

    # --- what the core says ---------------------------------------------------------------------

    def menu(self, menu: MenuShown) -> None:
        if menu.version == self._model.version and not self.loading:
            return
        self._model = Model(menu)
        self.loading = not menu.categories
        self._open_first()
        self._count_gone()

    def sold_out(self, sold: SoldOut) -> None:
        self._sold = frozenset(sold.codes)
        self._count_gone()
        self.sheet.sold_out(self._sold)

    def update(self, showing: Showing, now: float) -> None:
        if showing.visit_id != self._visit:
            self._visit = showing.visit_id
            self._open_first()
        ids = self.ids
        ids.service.show(showing)
        self.empty = not showing.lines
        ids.count.args = {"count": showing.count}
        ids.saved.opacity = 1 if showing.saved_fen else 0
        ids.saved_money.count_to(showing.saved_fen)
        ids.total.count_to(showing.total_fen)
        if showing.lines != self._lines:
            self._lines, self._counts = showing.lines, ordered(showing.lines)
            self._tell_cards()
            self.sheet.granted()
        if showing.language != self._language:
            self._language = showing.language
            self._fill()
            self.sheet.speak(showing.language)

    def refused(self) -> None:
        self.sheet.refused()

    def tick(self, now: float) -> None:
        self.ids.cards.tick()
        self.sheet.tick()

    def leave(self) -> None:
        self.sheet.forget()

    # --- what the diner does --------------------------------------------------------------------

    def choose(self, code: str) -> None:
        """Another category, from its first page on."""
        if code != self._category:
            self._category = code
            self._fill()
            self.ids.cards.to_first()
            App.get_running_app().stage.change_of_place()

    def turn(self, by: int) -> None:
        """To another page of the category."""
        self.ids.cards.turn(by)

    def change_service(self) -> None:
        """Eat somewhere else after all."""
        self.act(ChooseService(""))

    def show_order(self) -> None:
        """All that he has ordered."""
        self.act(ShowOrder())

    def pay(self) -> None:
        """On to the tender."""
        self.act(Pay())

    def cancel(self) -> None:
        """Give up: asked once more when there is something to lose."""
        if self.empty:
            self.act(Leave())
            return
        App.get_running_app().stage.open_sheet(ask_to_cancel(lambda: self.act(Leave()), "menu"))

    def open(self, dish: DishShown) -> None:
        """Lay the dish's sheet over the menu."""
        self.sheet.open(self._model.choice(dish, self._sold), self._sold, self._language)

    def add(self, dish: DishShown) -> None:
        """One of it, as it usually is; where something must be chosen, its sheet."""
        choice = self._model.choice(dish, self._sold)
        if choice.first_lacking is None:
            self.act(choice.command)
        else:
            self.open(dish)

    # --- what is drawn --------------------------------------------------------------------------

    def _open_first(self) -> None:
        categories = self._model.categories
        self._category = categories[0].code if categories else ""
        self._fill()
        self.ids.cards.to_first()

    def _fill(self) -> None:
        categories = self._model.categories
        self.ids.rail.show(categories, self._category, self._language)
        dishes = next((one.dishes for one in categories if one.code == self._category), ())
        cards = self.ids.cards
        beside = first_pages(categories, self._category, cards.per_page, AHEAD)
        cards.fill(dishes, self._language, beside=beside)

    def _count_gone(self) -> None:
        model = self._model
        self._gone = frozenset(
            dish.code
            for category in model.categories
            for dish in category.dishes
            if model.unobtainable(dish, self._sold)
        )
        self._tell_cards()

    def _tell_cards(self) -> None:
        counts_on(self.ids.cards.seen, self._counts, self._gone)

    def _card(self) -> DishCard:
        card = DishCard(lambda: self._model)
        card.bind(
            on_tap=lambda touched: self.open(touched.dish),
            on_add=lambda touched: self.add(touched.dish),
        )
        return card


VIEW = Menu
