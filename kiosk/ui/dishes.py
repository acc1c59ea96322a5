"""What a menu is made of: the card of a dish, the rail of categories, the chip of the service."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from kivy.app import App
from kivy.properties import BooleanProperty, DictProperty, NumericProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout

from kiosk.messages import Showing
from kiosk.messages.menu import TAKE_AWAY, CategoryShown, DishShown
from kiosk.ui.album import Photo
from kiosk.ui.cards import PageCard
from kiosk.ui.controls import RoundButton, Tap
from kiosk.ui.lettering import Style, Wanted
from kiosk.ui.menu import Menu, page_of
from kiosk.ui.shadow import Shaded
from kiosk.ui.words import named

MOST_COUNTED = 99  # on a badge; more is "99+"


class Badge(FloatLayout):
    """How many are ordered already; not there where none is."""

    count = NumericProperty(0)

    def tell(self, count: int) -> None:
        """So many."""
        if count != self.count:
            self.ids.number.show(App.get_running_app().inks.get(self.text(count)))
            self.count = count

    def text(self, count: int) -> Wanted:
        """What must be lettered for a number; the same as on every other badge."""
        said = "" if not count else str(count) if count <= MOST_COUNTED else f"{MOST_COUNTED}+"
        return Wanted(said, Style(App.get_running_app().theme.bar, bold=True))


class DishCard(PageCard):
    """A dish: picture, name, price; the card opens its sheet, the plus adds one at one touch."""

    gone = BooleanProperty(False)
    """It cannot be had now."""
    dish: DishShown | None = None
    __events__ = ("on_add",)

    def __init__(self, menu: Callable[[], Menu], **kwargs: Any) -> None:
        self._menu = menu
        self._shown: tuple[Menu, DishShown, str] | None = None
        super().__init__(**kwargs)

    def texts(self, item: DishShown, language: str) -> Iterable[Wanted]:
        """Name, price, "from", and the letters in the picture's place."""
        menu, name = self._menu(), named(item.names, language)
        yield self._title(name)
        yield from self.ids.price.texts(menu.least_fen(item))
        if menu.varies(item):
            yield self._word("menu.from", language)
        if not item.picture:
            yield self.ids.picture.letters(name)

    def photo(self, item: DishShown) -> Photo:
        """The menu's picture."""
        return Photo(item.picture)

    def show(self, item: DishShown, language: str) -> None:
        """Take over a dish; nothing is drawn again that is the same."""
        menu = self._menu()
        if (menu, item, language) == self._shown:
            return
        self.dish, self._shown = item, (menu, item, language)
        self.name = f"dish.{item.code}"
        inks, name = App.get_running_app().inks, named(item.names, language)
        self.ids.title.show(inks.get(self._title(name)))
        self.ids.price.show(menu.least_fen(item))
        varies = menu.varies(item)
        self.ids.from_word.show(inks.get(self._word("menu.from" if varies else "", language)))
        self.ids.sold_word.show(inks.get(self._word("menu.sold_out", language)))
        self.ids.picture.show(self.photo(item), name)

    def look(self) -> None:
        """Take over the picture, if it has come."""
        self.ids.picture.look()

    def tell(self, count: int, *, gone: bool) -> None:
        """How many are ordered, and whether it can be had."""
        self.ids.badge.tell(count)
        self.gone = self.disabled = gone

    def _title(self, name: str) -> Wanted:
        theme = App.get_running_app().theme
        width = self.width - theme.step * 3
        return Wanted(name, Style(theme.second, True, width, 2, theme.least))

    def _word(self, key: str, language: str) -> Wanted:
        app = App.get_running_app()
        said = app.catalogue.say(language, key) if key else ""
        return Wanted(said, Style(app.theme.least))

    def on_add(self) -> None:
        """What it does stands with its owner."""


class Category(Tap):
    """One heading of the menu."""

    chosen = BooleanProperty(False)
    code = ""

    def show(self, category: CategoryShown, language: str) -> None:
        """Take over a category."""
        theme = App.get_running_app().theme
        self.code, self.name = category.code, f"category.{category.code}"
        style = Style(theme.bar, True, self.width - theme.step, 2, theme.bar_least)
        wanted = Wanted(named(category.names, language), style)
        self.ids.title.show(App.get_running_app().inks.get(wanted))


class Rail(FloatLayout):
    """The categories under each other; `on_choose` has the code of the one that was touched.

    Where they do not fit they are on pages, with a button at each end.
    """

    chosen = StringProperty("")
    __events__ = ("on_choose",)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._headings: list[Category] = []
        self._categories: Sequence[CategoryShown] = ()
        self._language = ""
        self._page = 0
        self._up = RoundButton(icon="up")
        self._down = RoundButton(icon="down")
        self._up.bind(on_tap=lambda _: self._turn(-1))
        self._down.bind(on_tap=lambda _: self._turn(1))
        self.bind(size=lambda *_: self._lay(), pos=lambda *_: self._lay())

    def show(self, categories: Sequence[CategoryShown], chosen: str, language: str) -> None:
        """Take over the categories, and which of them is open."""
        if categories is not self._categories or language != self._language:
            self._categories, self._language = categories, language
            self._lay()
        if chosen != self.chosen:
            self.chosen = chosen
            self._mark()

    def on_choose(self, code: str) -> None:
        """What it does stands with its owner."""

    def _turn(self, by: int) -> None:
        self._page += by
        self._lay()
        App.get_running_app().stage.change_of_place()

    def _lay(self) -> None:
        theme = App.get_running_app().theme
        high, gap = theme.touch * 1.1, theme.step
        fit = int((self.height + gap + 1) // (high + gap))
        if fit < 1:
            return
        paged = len(self._categories) > fit
        each = max(fit - 2, 1) if paged else fit
        self._page, pages, seen = page_of(self._categories, self._page, each)
        while len(self._headings) < len(seen):
            self._headings.append(self._heading())
        self.clear_widgets()
        top = self.y + self.height
        widgets: list[Tap] = [*self._headings[: len(seen)]]
        if paged:
            widgets = [self._up, *widgets, self._down]
            self._dress(self._up, "category.up", there=self._page > 0)
            self._dress(self._down, "category.down", there=self._page + 1 < pages)
        for place, widget in enumerate(widgets):
            widget.size_hint = None, None
            widget.size = self.width, high
            widget.pos = self.x, top - high * (place + 1) - gap * place
            self.add_widget(widget)
        for heading, category in zip(self._headings, seen, strict=False):
            heading.show(category, self._language)
        self._mark()

    def _dress(self, button: RoundButton, name: str, *, there: bool) -> None:
        button.name, button.disabled = name, not there
        button.rest = App.get_running_app().theme.surface

    def _mark(self) -> None:
        for heading in self._headings:
            heading.chosen = heading.code == self.chosen

    def _heading(self) -> Category:
        heading = Category()
        heading.bind(on_tap=lambda touched: self.dispatch("on_choose", touched.code))
        return heading


class ServiceChip(Shaded, Tap):
    """How he eats and where; touched to change it. Not there where nobody is asked."""

    key = StringProperty("")
    args = DictProperty({})
    icon = StringProperty("")

    def show(self, showing: Showing) -> None:
        """Take over what the core says."""
        here = showing.service and showing.service != TAKE_AWAY
        self.icon = "eat" if here else "bag"
        self.args = {"table": showing.table}
        if not showing.service:
            self.key = ""
        elif here:
            self.key = "menu.at_table" if showing.table else "menu.eat_in"
        else:
            self.key = "menu.take_away"


def first_pages(
    categories: Sequence[CategoryShown], chosen: str, each: int, most: int
) -> list[DishShown]:
    """The first page of the categories around the one that is open, nearest first."""
    codes = [category.code for category in categories]
    at = codes.index(chosen) if chosen in codes else 0
    order = sorted(range(len(codes)), key=lambda place: abs(place - at))
    dishes: list[DishShown] = []
    for place in order[1:]:
        if len(dishes) + each > most:
            break
        dishes += categories[place].dishes[:each]
    return dishes


def counts_on(cards: Sequence[DishCard], counts: Mapping[str, int], gone: frozenset[str]) -> None:
    """Tell each card how many of its dish are ordered, and whether it can be had."""
    for card in cards:
        code = card.dish.code if card.dish else ""
        card.tell(counts.get(code, 0), gone=code in gone)
