"""The sheet of one dish, from below: picture, what is in it, what to choose, how many, Add.

┌ picture │ name, what is in it ┐
│ group   rule      what lacks  │   as many groups as fit; more on the next page
│ ◉ option +¥2  ○ option        │
│ − 2 +   what is still missing │
│ [ back ] [ Add · ¥ 44.00    ] │
└───────────────────────────────┘

It is lettered before it is seen, and stays until the core has taken what was chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kivy.animation import Animation
from kivy.app import App
from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from kiosk.messages import Command
from kiosk.messages.menu import OptionGroupShown, OptionShown
from kiosk.ui.album import Photo
from kiosk.ui.cards import AT_ONCE
from kiosk.ui.choosing import COLUMNS
from kiosk.ui.lettering import Style, Wanted
from kiosk.ui.menu import Block, Choice, blocks
from kiosk.ui.overlays import Cover
from kiosk.ui.words import named, yuan


class DishSheet(Cover):
    """One for the screen's whole life; `open` is how it comes, the stage how it goes."""

    page = NumericProperty(0)
    pages = NumericProperty(1)
    quantity = NumericProperty(1)
    lacks = BooleanProperty(False)
    gone = BooleanProperty(False)
    """The dish itself cannot be had any more."""
    room = NumericProperty(0)
    """Height of the page of options."""
    first = StringProperty("")
    """The name of the group that lacks something."""
    amount = StringProperty("")
    rise = NumericProperty(1.0)
    """How far it has come up: 1 is there."""

    def __init__(self, act: Callable[[Command], object], *, reduce_motion: bool) -> None:
        self._act = act
        self._still = reduce_motion
        self._choice: Choice | None = None
        self._blocks: list[list[Block]] = [[]]
        self._sold: frozenset[str] = frozenset()
        self._language = ""
        self.waiting = False
        """Something is to be lettered and then shown."""
        self._sent = False
        super().__init__()

    @property
    def most_room(self) -> float:
        """The height that options may take at most."""
        theme = App.get_running_app().theme
        return max(float(App.get_running_app().stage.height - theme.step * 82), theme.step * 26)

    def open(self, choice: Choice, sold: frozenset[str], language: str) -> None:
        """Show this dish as soon as it can be shown whole."""
        self._choice, self._sold, self._language = choice, sold, language
        self._sent, self.gone = False, choice.dish.code in sold
        options, stage = self.ids.options, App.get_running_app().stage
        self.size = stage.size  # as it will be, so that it can be lettered before it is seen
        options.width = stage.width - App.get_running_app().theme.step * 8
        self._blocks = blocks(choice.groups, self.most_room, options.head, options.row, COLUMNS)
        self.page, self.pages = 0, len(self._blocks)
        self.room = max(options.high(page) for page in self._blocks)
        self.waiting = True
        App.get_running_app().album.want(self._photo)
        self.tick()

    @property
    def is_open(self) -> bool:
        """Whether it lies over the menu."""
        return self.parent is not None

    # --- what the core says ---------------------------------------------------------------------

    def sold_out(self, sold: frozenset[str]) -> None:
        """What cannot be had now: a choice of it falls away."""
        self._sold = sold
        if self._choice is not None:
            self.gone = self._choice.dish.code in sold
            self._change(self._choice.without(sold))

    def speak(self, language: str) -> None:
        """In another language."""
        self._language, self.waiting = language, self._choice is not None

    def granted(self) -> None:
        """The order has changed: what was added is in it."""
        if self._sent and self.is_open:
            App.get_running_app().stage.close_sheet()
        self._sent = False

    def refused(self) -> None:
        """It was not added, and the choice is still there."""
        self._sent = False

    def on_parent(self, _: object, parent: object) -> None:
        """Closed, by whom ever: what was chosen is forgotten."""
        if parent is None:
            self.forget()

    def forget(self) -> None:
        """Do not come up any more, if it was about to."""
        self._choice, self.waiting, self._sent = None, False, False

    def tick(self) -> None:
        """Once a frame: letter what is missing, then show it whole."""
        if self._choice is None:
            return
        if self.is_open:
            self.ids.picture.look()
        if self.waiting and self._letter():
            self.waiting = False
            self._show()

    # --- what the diner does --------------------------------------------------------------------

    def choose(self, group: OptionGroupShown, option: OptionShown) -> None:
        """An option was touched."""
        if self._choice is not None:
            self._change(self._choice.toggle(group, option.code))

    def step(self, by: int) -> None:
        """More of it, or fewer."""
        if self._choice is not None:
            self._change(self._choice.times(self._choice.quantity + by))

    def turn(self, by: int) -> None:
        """To another page of options."""
        self.page = min(max(self.page + by, 0), self.pages - 1)
        self.waiting = True
        App.get_running_app().stage.change_of_place()

    def add(self) -> None:
        """Order it; where something is still to be chosen, show what."""
        choice = self._choice
        if choice is None or self.gone:
            return
        lacking = choice.first_lacking
        if lacking is None:
            self._sent = True
            self._act(choice.command)
            return
        at = next(
            place
            for place, page in enumerate(self._blocks)
            if any(block.group is lacking for block in page)
        )
        if at != self.page:
            self.turn(at - int(self.page))

    def close(self) -> None:
        """Back to the menu."""
        App.get_running_app().stage.close_sheet()

    # --- what is drawn --------------------------------------------------------------------------

    @property
    def _photo(self) -> Photo:
        return Photo(self._choice.dish.picture if self._choice else "", large=True)

    def _texts(self, choice: Choice) -> Iterator[Wanted]:
        yield from self._head_texts(choice)
        page = self._blocks[int(self.page)]
        yield from self.ids.options.texts(choice, page, self._sold, self._language)

    def _head_texts(self, choice: Choice) -> tuple[Wanted, Wanted]:
        theme = App.get_running_app().theme
        width = App.get_running_app().stage.width - theme.step * 35
        dish = choice.dish
        says = named(dish.says, self._language) if dish.says else ""
        return (
            Wanted(
                named(dish.names, self._language), Style(theme.body, True, width, 2, theme.second)
            ),
            Wanted(says, Style(theme.second, False, width, 3, theme.least)),
        )

    def _letter(self) -> bool:
        """Letter a few texts; answers whether all are there."""
        inks, most = App.get_running_app().inks, AT_ONCE
        assert self._choice is not None
        for wanted in self._texts(self._choice):
            if not inks.have(wanted):
                if most == 0:
                    return False
                inks.get(wanted)
                most -= 1
        return True

    def _change(self, choice: Choice) -> None:
        self._choice, self.waiting = choice, True
        self.tick()

    def _show(self) -> None:
        choice, ids = self._choice, self.ids
        assert choice is not None
        inks = App.get_running_app().inks
        name, says = self._head_texts(choice)
        ids.title.show(inks.get(name))
        ids.says.show(inks.get(says))
        ids.picture.show(self._photo, name.text)
        lacking = choice.first_lacking
        self.first = named(lacking.names, self._language) if lacking else ""
        self.lacks, self.quantity = lacking is not None, choice.quantity
        self.amount = yuan(choice.fen)
        ids.options.show(choice, self._blocks[int(self.page)], self._sold, self._language)
        stage = App.get_running_app().stage
        if self.is_open:
            stage.change_in_place()
        else:
            stage.open_sheet(self)
            self._come_up()

    def _come_up(self) -> None:
        theme = App.get_running_app().theme
        Animation.cancel_all(self, "rise")
        if self._still or not theme.moves:
            self.rise = 1.0
            return
        self.rise = 0.0
        rising = Animation(rise=1.0, duration=theme.moves, transition="out_cubic")
        # Whoever drives the screen from outside must know where its targets came to rest.
        rising.bind(on_complete=lambda *_: App.get_running_app().stage.change_in_place())
        rising.start(self)
