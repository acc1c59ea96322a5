"""What every screen is: built once, it takes over a `Showing`, and ticks while it is seen."""

from __future__ import annotations

from collections.abc import Callable

from kivy.animation import Animation
from kivy.app import App
from kivy.uix.floatlayout import FloatLayout

from kiosk.messages import Command, Guiding, Showing
from kiosk.messages.goods import GoodsFound, LiveWeight
from kiosk.messages.menu import MenuShown, SoldOut
from kiosk.ui.options import Preview, UiOptions


def asked(showing: Showing) -> int:
    """What the next payment takes, in fen: all that is due unless the core names a part of it."""
    return showing.asked_fen or showing.due_fen


class View(FloatLayout):
    """One screen between the bar and the bottom edge; a child class has a rule in its own .kv."""

    def __init__(
        self, act: Callable[[Command], object], preview: Preview, options: UiOptions
    ) -> None:
        self.act = act
        self.preview = preview
        self.options = options
        super().__init__()

    def kept(self) -> str:
        """What has been typed on it so far, for the same screen in another look."""
        return ""

    def resume(self, kept: str) -> None:
        """Go on where this had been typed."""

    @property
    def instruction(self) -> str:
        """Which sentence of guidance it shows; only the face screen has any."""
        return ""

    def update(self, showing: Showing, now: float) -> None:
        """Take over what the core says; called before the first drawing and at every change."""

    def guide(self, guiding: Guiding, now: float) -> None:
        """Guidance of a running capture; only the face screen listens."""

    def found(self, found: GoodsFound) -> None:
        """Goods that were looked for; only the screen to choose them listens."""

    def weigh(self, live: LiveWeight) -> None:
        """What the scale sees; only the screen of a weighing listens."""

    def menu(self, menu: MenuShown) -> None:
        """What can be ordered; only the menu listens, also while it is not seen."""

    def sold_out(self, sold: SoldOut) -> None:
        """What cannot be had now; as `menu`."""

    def refused(self) -> None:
        """The core remarked something instead of doing what was asked."""

    def tick(self, now: float) -> None:
        """Once a frame while this is the screen."""

    def enter(self, now: float) -> None:
        """It is on the screen from now on."""
        theme = App.get_running_app().theme
        Animation.cancel_all(self, "opacity")
        if self.options.reduce_motion or not theme.moves:
            self.opacity = 1.0
            return
        self.opacity = 0.25
        Animation(opacity=1, duration=theme.moves * 0.8, transition="out_quad").start(self)

    def leave(self) -> None:
        """It is not on the screen any more: forget what must not stay."""
