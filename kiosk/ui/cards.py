"""Pages of cards in columns: only the cards of a page exist, and a page is changed as a whole.

    turn ──► letter the next page, a few texts a frame ──► all there: hand them over ──► next page
             (and, when nobody waits, those beside it)     in one frame

So no frame waits for nine cards, a page once seen comes at once, and no half page is ever seen.
What is on a card is the card's to say: a class that keeps `PageCard`'s promises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from kivy.app import App
from kivy.properties import NumericProperty
from kivy.uix.floatlayout import FloatLayout

from kiosk.ui.album import Photo
from kiosk.ui.controls import Tap
from kiosk.ui.lettering import Wanted
from kiosk.ui.menu import page_of
from kiosk.ui.shadow import Shaded

COLUMNS = 3
FIRST = 9  # cards that are made with the screen: to make one takes longer than a frame may
AT_ONCE = 6  # texts that are lettered in a frame
Item = Any


class PageCard(Shaded, Tap):
    """A card that can be filled with another item at any time, its size staying the same."""

    def texts(self, item: Item, language: str) -> Iterable[Wanted]:
        """What must be lettered for an item on a card of this size."""
        return ()

    def photo(self, item: Item) -> Photo:
        """The picture of an item, with no path where it has none."""
        return Photo("")

    def show(self, item: Item, language: str) -> None:
        """Take over an item whose texts are lettered."""

    def look(self) -> None:
        """Take over the picture, if it has come."""


class Cards(FloatLayout):
    """A list of items on pages; `on_turned` when another page, or other items, can be seen."""

    page = NumericProperty(0)
    pages = NumericProperty(1)
    columns = NumericProperty(COLUMNS)
    least = NumericProperty(1)
    """The least height of a card."""
    gap = NumericProperty(0)
    __events__ = ("on_turned",)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._cards: list[PageCard] = []
        self._make: Callable[[], PageCard] | None = None
        self._items: Sequence[Item] = ()
        self._beside: Sequence[Item] = ()
        self._language = ""
        self._wanted = 0
        """The page that is to be seen; `page` is the one that is."""
        self.waiting = True
        """What is to be seen is not lettered yet."""
        self._ahead = False
        """What may come next is lettered as well."""
        self._looked = -1
        self.bind(size=self._resized, pos=self._resized, columns=self._resized)

    def begin(self, make: Callable[[], PageCard]) -> None:
        """`make` builds an empty card."""
        self._make = make
        for _ in range(FIRST):
            self._new_card()

    def fill(self, items: Sequence[Item], language: str, *, beside: Sequence[Item] = ()) -> None:
        """Other items, from their first page on; the same in another language stay where they are.

        `beside` may be asked for next: the first of other lists.
        """
        self._beside = beside
        if items is self._items and language == self._language:
            return
        if items != self._items:
            self._wanted = 0
        self._items, self._language = items, language
        self.waiting = True
        self._try()

    def to_first(self) -> None:
        """To the first page."""
        if self._wanted:
            self._wanted, self.waiting = 0, True
            self._try()

    def turn(self, by: int) -> None:
        """To another page."""
        self._wanted, _, _ = page_of(self._items, self._wanted + by, self.per_page)
        self.waiting = True
        App.get_running_app().stage.change_of_place()
        self._try()

    def tick(self) -> None:
        """Once a frame: letter what is waited for, else a picture, else what may come next."""
        album = App.get_running_app().album
        if self.waiting:
            self._try()
        elif album.arrived != self._looked:
            self._looked = album.arrived
            for card in self.seen:
                card.look()
        elif not self._ahead:
            self._ahead = self._letter(self._beside_pages(), 1)

    @property
    def seen(self) -> list[PageCard]:
        """The cards of the page that is seen, in their order."""
        return [card for card in self._cards if card.parent is not None]

    @property
    def rows(self) -> int:
        """How many rows of cards there is room for."""
        return int((self.height + self.gap + 1) // (self.least + self.gap))

    @property
    def per_page(self) -> int:
        """How many cards there are on a page, at least one."""
        return max(self.rows * int(self.columns), 1)

    def _try(self) -> None:
        """Change to the page that is wanted, if all of it is lettered."""
        if self.rows < 1 or self._make is None:
            return
        page, pages, items = page_of(self._items, self._wanted, self.per_page)
        self._hold_size()
        if not self._letter(items, AT_ONCE):
            return
        self.waiting = self._ahead = False
        self._wanted = self.page = page
        self.pages = pages
        self._hold(len(items))
        album = App.get_running_app().album
        for card, item in zip(self._cards, items, strict=False):
            album.want(card.photo(item))
            card.show(item, self._language)
        self.dispatch("on_turned")
        App.get_running_app().stage.change_in_place()

    def _letter(self, items: Iterable[Item], most: int) -> bool:
        """Letter at most so many texts of these items; answers whether none is left."""
        inks, model = App.get_running_app().inks, self._cards[0]
        for item in items:
            for wanted in model.texts(item, self._language):
                if inks.have(wanted):
                    continue
                if most == 0:
                    return False
                inks.get(wanted)
                most -= 1
        return True

    def _beside_pages(self) -> Iterable[Item]:
        """The next page, the one before, and what else may come."""
        each, page = self.per_page, int(self.page)
        yield from self._items[(page + 1) * each : (page + 2) * each]
        yield from self._items[max(page - 1, 0) * each : page * each]
        yield from self._beside

    def _resized(self, *_: object) -> None:
        self.waiting = True
        self._try()

    def _hold_size(self) -> None:
        """All cards in their places; they stay there whatever is on them."""
        rows, columns, gap = self.rows, int(self.columns), self.gap
        while len(self._cards) < rows * columns:
            self._new_card()
        wide = (self.width - gap * (columns - 1)) / columns
        high = (self.height - gap * (rows - 1)) / rows
        for at, card in enumerate(self._cards):
            card.size = wide, high
            card.x = self.x + (wide + gap) * (at % columns)
            card.top = self.top - (high + gap) * (at // columns)

    def _hold(self, count: int) -> None:
        """So many cards in the tree; the others wait."""
        for at, card in enumerate(self._cards):
            if at < count and card.parent is None:
                self.add_widget(card)
            elif at >= count and card.parent is not None:
                self.remove_widget(card)

    def _new_card(self) -> None:
        assert self._make is not None
        card = self._make()
        card.size_hint = None, None
        self._cards.append(card)

    def on_turned(self) -> None:
        """What it does stands with its owner."""
