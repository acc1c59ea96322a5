"""Goods to choose: a picture, a card, and the letters to look for them.

A picture is the price book's; goods without one show the beginning of their name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kivy.app import App
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout

from kiosk.messages.goods import GoodsShown
from kiosk.ui.album import Photo
from kiosk.ui.cards import PageCard
from kiosk.ui.keypad import Key
from kiosk.ui.lettering import NO_INK, Style, Wanted
from kiosk.ui.words import named, yuan

ROWS = ("ABCDEFG", "HIJKLMN", "OPQRSTU", "VWXYZ")
LEAST_LETTERS = 0.42
"""How high the letters in a picture's place are, of its height."""


def initials(name: str) -> str:
    """What stands for a name in a picture's place: its first letters, or its first character."""
    words = name.split()
    if name[:1].isascii():
        return "".join(word[0] for word in words[:2]).upper()
    return name[:1]


class Picture(FloatLayout):
    """A picture, or the beginning of a name on a calm ground.

    A photograph fills its place and is cut to it; what has see-through parts stands in it whole.
    """

    reads = "nothing"

    texture = ObjectProperty(None, allownone=True)
    fills = BooleanProperty(False)
    corner = NumericProperty(0)
    _photo = Photo("")
    _name = ""

    def letters(self, name: str) -> Wanted:
        """What must be lettered for a name."""
        theme = App.get_running_app().theme
        size = max(round(self.height * LEAST_LETTERS), theme.least)
        return Wanted(initials(name), Style(size, bold=True))

    def show(self, photo: Photo, name: str) -> None:
        """Take over a picture; a `look` shows it, or the letters where there is none."""
        if (photo, name) != (self._photo, self._name):
            self._photo, self._name, self.texture = photo, name, None
            self.ids.letters.show(NO_INK)
        self.look()

    def look(self) -> None:
        """Show the picture if it has come, the letters if it has turned out not to be there."""
        album = App.get_running_app().album
        if self.texture is not None:
            return
        if album.lacks(self._photo):
            self.ids.letters.show(App.get_running_app().inks.get(self.letters(self._name)))
        elif found := album.find(self._photo):
            self.fills, self.texture = found.opaque, found.texture

    def cut(self, texture: Any, size: list[float]) -> list[float]:
        """The middle of the texture that has the shape of its place, as corners for a rectangle."""
        if texture is None or min(size) <= 0:
            return [0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0]
        place, shape = size[0] / size[1], texture.width / texture.height
        wide, high = min(place / shape, 1.0), min(shape / place, 1.0)
        left, right = (1 - wide) / 2, (1 + wide) / 2
        low, top = (1 + high) / 2, (1 - high) / 2  # pictures begin at their top
        return [left, low, right, low, right, top, left, top]


class Price(FloatLayout):
    """An amount with a smaller currency sign, from textures that are kept."""

    fen = 0

    def texts(self, fen: int) -> tuple[Wanted, Wanted]:
        """The sign and the figures of an amount; whole yuan are said without fen."""
        theme = App.get_running_app().theme
        figures = yuan(fen).removesuffix(".00")
        sign = Wanted("¥", Style(theme.least, bold=True))
        return sign, Wanted(figures, Style(theme.second, bold=True))

    def show(self, fen: int) -> None:
        """Take an amount over."""
        self.fen = fen
        inks = App.get_running_app().inks
        sign, figures = self.texts(fen)
        self.ids.sign.show(inks.get(sign))
        self.ids.figures.show(inks.get(figures))


class GoodsCard(PageCard):
    """One kind of goods: picture, name, and what a piece or a kilogram costs."""

    goods: GoodsShown | None = None
    _language = ""

    def texts(self, item: GoodsShown, language: str) -> Iterable[Wanted]:
        """The name, the price, what it is for, and the letters in the picture's place."""
        name = named(item.names, language)
        yield self._title(name)
        yield from self.ids.price.texts(item.unit_fen)
        yield self._unit(item, language)
        if not item.picture:
            yield self.ids.picture.letters(name)

    def photo(self, item: GoodsShown) -> Photo:
        """The price book's picture."""
        return Photo(item.picture)

    def show(self, item: GoodsShown, language: str) -> None:
        """Take over the goods; nothing is drawn again that is the same."""
        if (item, language) == (self.goods, self._language):
            return
        self.goods, self._language = item, language
        self.name = f"goods.{item.code}"
        inks, name = App.get_running_app().inks, named(item.names, language)
        self.ids.title.show(inks.get(self._title(name)))
        self.ids.unit.show(inks.get(self._unit(item, language)))
        self.ids.price.show(item.unit_fen)
        self.ids.picture.show(self.photo(item), name)

    def look(self) -> None:
        """Take over the picture, if it has come."""
        self.ids.picture.look()

    def _title(self, name: str) -> Wanted:
        theme = App.get_running_app().theme
        width = self.width - theme.step * 3
        return Wanted(name, Style(theme.second, True, width, 2, theme.least))

    def _unit(self, item: GoodsShown, language: str) -> Wanted:
        app = App.get_running_app()
        key = "pick.kilo" if item.weighed else "pick.piece"
        return Wanted(app.catalogue.say(language, key), Style(app.theme.least))


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
