"""The options of a dish: a chip for each, a head for each group, a page of them.

What is chosen is told by the mark's shape and filling as well as by its colour.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kivy.app import App
from kivy.properties import BooleanProperty
from kivy.uix.floatlayout import FloatLayout

from kiosk.messages.menu import OptionGroupShown, OptionShown
from kiosk.ui.controls import Tap
from kiosk.ui.lettering import Style, Wanted
from kiosk.ui.menu import Block, Choice, rule
from kiosk.ui.words import named, yuan

COLUMNS = 2


class OptionChip(Tap):
    """One option: a mark that is filled when it is chosen, its name, what it costs more."""

    chosen = BooleanProperty(False)
    several = BooleanProperty(False)
    """More than one of its group may be chosen: the mark is square, not round."""
    gone = BooleanProperty(False)
    full = BooleanProperty(False)
    """No more can be chosen of its group."""
    group: OptionGroupShown | None = None
    option: OptionShown | None = None

    def texts(self, option: OptionShown, language: str, *, gone: bool) -> tuple[Wanted, Wanted]:
        """What must be lettered: the name, and the extra price or that it is sold out."""
        app = App.get_running_app()
        theme, say = app.theme, app.catalogue.say
        width = self.width - theme.step * 18
        title = Style(theme.second, False, width, 2, theme.least)
        below = say(language, "menu.sold_out") if gone else ""
        if option.fen and not gone:
            amount = yuan(option.fen).removesuffix(".00")
            below = say(language, "dish.extra", {"amount": amount})
        return Wanted(named(option.names, language), title), Wanted(below, Style(theme.least))

    def show(self, choice: Choice, block: Block, option: OptionShown, language: str) -> None:
        """Take over an option whose texts are lettered."""
        self.group, self.option = block.group, option
        self.name = f"option.{block.group.code}.{option.code}"
        self.several = block.group.most > 1
        inks = App.get_running_app().inks
        title, below = self.texts(option, language, gone=self.gone)
        self.ids.title.show(inks.get(title))
        self.ids.below.show(inks.get(below))
        self.chosen = option.code in choice.of(block.group)
        self.full = choice.full(block.group) and not self.chosen
        self.disabled = self.gone or self.full


class GroupHead(FloatLayout):
    """The name of a group, its rule in words, and what is still lacking."""

    lacking = BooleanProperty(False)
    full = BooleanProperty(False)

    def texts(self, choice: Choice, group: OptionGroupShown, language: str) -> tuple[Wanted, ...]:
        """What must be lettered: name, rule, state."""
        app = App.get_running_app()
        theme, say = app.theme, app.catalogue.say
        said, state = rule(group), ""
        if lacking := choice.lacking(group):
            state = say(language, "dish.missing", {"count": str(lacking)})
        elif choice.full(group):
            state = say(language, "dish.full", {"most": str(group.most)})
        title = Style(theme.second, True, theme.step * 34, 1, theme.least)
        return (
            Wanted(named(group.names, language), title),
            Wanted(say(language, said.key, said.args), Style(theme.least)),
            Wanted(state, Style(theme.least, bold=True)),
        )

    def show(self, choice: Choice, group: OptionGroupShown, language: str) -> None:
        """Take over a group whose texts are lettered."""
        inks = App.get_running_app().inks
        title, said, state = (inks.get(one) for one in self.texts(choice, group, language))
        self.ids.title.show(title)
        self.ids.rule.show(said)
        self.lacking, self.full = bool(choice.lacking(group)), choice.full(group)
        self.ids.state.show(state)


class Options(FloatLayout):
    """The groups of a page with their options; `on_choose` has group and option."""

    __events__ = ("on_choose",)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # As many as most pages hold: to make one takes longer than to fill it.
        self._heads = [GroupHead(size_hint=(None, None)) for _ in range(3)]
        self._chips = [self._chip() for _ in range(14)]
        self.bind(pos=lambda *_: self._lay(), size=lambda *_: self._lay())
        self._page: list[Block] = []
        self._gone: frozenset[str] = frozenset()

    @property
    def head(self) -> float:
        """Height of a group's head."""
        theme = App.get_running_app().theme
        return float(theme.step * 6 * theme.letters)

    @property
    def row(self) -> float:
        """Height of a row of options, with the gap below it."""
        theme = App.get_running_app().theme
        return float(theme.step * 10 * theme.letters)

    def high(self, page: list[Block]) -> float:
        """What a page takes."""
        return sum(self.head + -(-len(one.options) // COLUMNS) * self.row for one in page)

    def texts(
        self, choice: Choice, page: list[Block], gone: frozenset[str], language: str
    ) -> Iterator[Wanted]:
        """What must be lettered for a page."""
        chip, head = self._chips[0], self._heads[0]
        self._measure(chip)
        for block in page:
            yield from head.texts(choice, block.group, language)
            for option in block.options:
                yield from chip.texts(option, language, gone=option.code in gone)

    def show(self, choice: Choice, page: list[Block], gone: frozenset[str], language: str) -> None:
        """Show a page that is lettered."""
        self._page = page
        while len(self._heads) < len(page):
            self._heads.append(GroupHead(size_hint=(None, None)))
        while len(self._chips) < sum(len(block.options) for block in page):
            self._chips.append(self._chip())
        self._lay()
        chips = iter(self._chips)
        for head, block in zip(self._heads, page, strict=False):
            head.show(choice, block.group, language)
            for option in block.options:
                chip = next(chips)
                chip.gone = option.code in gone
                chip.show(choice, block, option, language)

    def _lay(self) -> None:
        """Heads and options under each other, from the top."""
        wanted: list[Any] = []
        chips, top = iter(self._chips), self.y + self.height
        gap = App.get_running_app().theme.step
        for head, block in zip(self._heads, self._page, strict=False):
            head.size = self.width, self.head
            head.pos = self.x, top - self.head
            wanted.append(head)
            top -= self.head
            for at in range(len(block.options)):
                chip = next(chips)
                self._measure(chip)
                chip.x = self.x + (chip.width + gap) * (at % COLUMNS)
                chip.y = top - self.row * (at // COLUMNS + 1) + gap
                wanted.append(chip)
            top -= -(-len(block.options) // COLUMNS) * self.row
        if self.children != wanted[::-1]:
            self.clear_widgets()
            for widget in wanted:
                self.add_widget(widget)

    def _measure(self, chip: OptionChip) -> None:
        gap = App.get_running_app().theme.step
        chip.size = (self.width - gap * (COLUMNS - 1)) / COLUMNS, self.row - gap

    def _chip(self) -> OptionChip:
        chip = OptionChip(size_hint=(None, None))
        chip.bind(on_tap=lambda touched: self.dispatch("on_choose", touched.group, touched.option))
        return chip

    def on_choose(self, group: OptionGroupShown, option: OptionShown) -> None:
        """What it does stands with its owner."""
