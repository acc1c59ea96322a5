"""Goods to choose: a picture, a card, pages of cards, and the letters to look for them.

A picture is the price book's; goods without one show the beginning of their name.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from kivy.app import App
from kivy.clock import Clock
from kivy.core.image import Image as CoreImage
from kivy.graphics.texture import Texture
from kivy.properties import NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.label import Label

from kiosk.messages.goods import GoodsShown
from kiosk.ui.controls import Tap
from kiosk.ui.keypad import Key
from kiosk.ui.linebreak import break_lines
from kiosk.ui.shadow import Shaded
from kiosk.ui.words import named, yuan

MOST_BYTES = 1 << 20  # of a picture's file
LEAST_WIDE = 22.5  # steps of a card
COLUMNS = 2, 3  # at least and at most
FIRST = 9  # cards that are made with the screen: to make one takes longer than a frame may
MOST_LINES = 2  # of a name on a card
ROWS = ("ABCDEFG", "HIJKLMN", "OPQRSTU", "VWXYZ")

log = logging.getLogger(__name__)


@lru_cache(256)
def picture_texture(path: str) -> Texture | None:
    """The picture at `path`; None for one that cannot be read: the goods are sold without it."""
    try:
        if Path(path).stat().st_size > MOST_BYTES:
            log.warning("picture too large path=%s", path)
            return None
        return CoreImage(path, mipmap=True).texture
    except Exception:  # noqa: BLE001  (the toolkit's loaders raise whatever they like)
        log.warning("picture unreadable path=%s", path)
        return None


def initials(name: str) -> str:
    """What stands for a name in a picture's place: its first letters, or its first character."""
    words = name.split()
    if name[:1].isascii():
        return "".join(word[0] for word in words[:2]).upper()
    return name[:1]


class GoodsPicture(FloatLayout):
    """The picture of goods, or the beginning of their name on a calm ground."""

    texture = ObjectProperty(None, allownone=True)
    letters = StringProperty("")
    _path = ""

    def show(self, goods: GoodsShown, language: str) -> None:
        """Take over the goods; their picture is there after the next `load`."""
        self.letters = initials(named(goods.names, language))
        if goods.picture != self._path:
            self.texture, self._path = None, goods.picture

    def load(self) -> bool:
        """Read the picture, if there is one to read; answers whether that took time."""
        if not self._path or self.texture is not None:
            return False
        self.texture = picture_texture(self._path)
        if self.texture is None:
            self._path = ""
        return True


class Title(Label):
    """A name in at most two lines; of a longer one the beginning."""

    title = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._break = Clock.create_trigger(self._break_lines, -1)
        self.bind(title=self._break, width=self._break, font_size=self._break)
        self._break()

    def _break_lines(self, _elapsed: float) -> None:
        self._label.options.update(font_size=self.font_size, bold=self.bold)
        self._label.resolve_font_name()
        if self._measure(self.title) <= self.width:
            self.text = self.title
            return
        lines = break_lines(self.title, self.width, self._measure)
        if len(lines) > MOST_LINES:
            between = " " if lines[MOST_LINES][0].isascii() else ""
            last = between.join(lines[MOST_LINES - 1 :])
            while last and self._measure(f"{last}…") > self.width:
                last = last[:-1].rstrip()
            lines = [*lines[: MOST_LINES - 1], f"{last}…"]
        self.text = "\n".join(lines)

    def _measure(self, text: str) -> float:
        return float(self._label.get_extents(text)[0])


class GoodsCard(Shaded, Tap):
    """One kind of goods: picture, name, and what a piece or a kilogram costs."""

    goods: GoodsShown | None = None
    _language = ""
    title = StringProperty("")
    fen = NumericProperty(0)
    key = StringProperty("")

    def show(self, goods: GoodsShown, language: str) -> None:
        """Take over the goods; nothing is drawn again that is the same."""
        if (goods, language) == (self.goods, self._language):
            return
        self.goods, self._language = goods, language
        self.name = f"goods.{goods.code}"
        self.title = named(goods.names, language)
        self.fen = goods.unit_fen
        self.key = "pick.kilo" if goods.weighed else "pick.piece"
        self.ids.picture.show(goods, language)

    @property
    def price(self) -> str:
        """What a piece or a kilogram costs, without the currency."""
        return yuan(int(self.fen))


class Cards(FloatLayout):
    """Pages of cards in columns; a new list moves no card, it fills them anew."""

    page = NumericProperty(0)
    pages = NumericProperty(1)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._cards = [self._card() for _ in range(FIRST)]
        self._goods: tuple[GoodsShown, ...] = ()
        self._language = ""
        self._pick: Callable[[GoodsShown], object] = lambda _goods: None
        self.bind(size=lambda *_: self._lay(), pos=lambda *_: self._lay())

    def begin(self, pick: Callable[[GoodsShown], object]) -> None:
        """`pick` is called with the goods whose card is touched."""
        self._pick = pick

    def show(self, goods: Sequence[GoodsShown], language: str) -> None:
        """Other goods, from their first page on."""
        if tuple(goods) != self._goods:
            self.page = 0
        self._goods, self._language = tuple(goods), language
        self._lay()

    def turn(self, by: int) -> None:
        """To another page."""
        self.page += by
        self._lay()
        App.get_running_app().stage.change_of_place()

    def load_one(self) -> None:
        """Read one picture of this page, so that no frame waits for all of them."""
        for card in self.children:
            if card.ids.picture.load():
                return

    def _lay(self) -> None:
        theme = App.get_running_app().theme
        gap, high = theme.step * 2, theme.step * 18
        rows = int((self.height + gap + 1) // (high + gap))
        if rows < 1:
            return
        columns = int((self.width + gap) / (theme.step * LEAST_WIDE + gap))
        columns = min(max(columns, COLUMNS[0]), COLUMNS[1])
        each = rows * columns
        self.pages = max(-(-len(self._goods) // each), 1)
        self.page = min(max(self.page, 0), self.pages - 1)
        seen = self._goods[self.page * each : (self.page + 1) * each]
        wide = (self.width - gap * (columns - 1)) / columns
        high = (self.height - gap * (rows - 1)) / rows
        self._hold(len(seen))
        for at, (card, goods) in enumerate(zip(self._cards, seen, strict=False)):
            card.show(goods, self._language)
            card.size = wide, high
            card.x = self.x + (wide + gap) * (at % columns)
            card.top = self.top - (high + gap) * (at // columns)

    def _hold(self, count: int) -> None:
        """So many cards in the tree; the others wait."""
        while len(self._cards) < count:
            self._cards.append(self._card())
        for at, card in enumerate(self._cards):
            if at < count and card.parent is None:
                self.add_widget(card)
            elif at >= count and card.parent is not None:
                self.remove_widget(card)

    def _card(self) -> GoodsCard:
        card = GoodsCard(size_hint=(None, None))
        card.bind(on_tap=lambda touched: self._pick(touched.goods))
        return card


class Letters(BoxLayout):
    """A to Z in their order, and the way to take the last one back."""

    __events__ = ("on_type", "on_erase")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        row = BoxLayout()
        for letters in ROWS:
            row = BoxLayout()
            for letter in letters:
                row.add_widget(self._key(letter))
            self.add_widget(row)
        erase = Key(name="key.erase", icon="erase", size_hint_x=2)
        erase.bind(on_tap=lambda _: self.dispatch("on_erase"))
        row.add_widget(erase)
        self.bind(spacing=self._space)
        self._space()

    def _key(self, letter: str) -> Key:
        key = Key(name=f"key.{letter}", text=letter)
        key.letter = App.get_running_app().theme.body
        key.bind(on_tap=lambda touched: self.dispatch("on_type", touched.text))
        return key

    def _space(self, *_: object) -> None:
        for row in self.children:
            row.spacing = self.spacing

    def on_type(self, letter: str) -> None:
        """What it does stands with its owner."""

    def on_erase(self) -> None:
        """What it does stands with its owner."""
