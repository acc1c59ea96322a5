"""Finds what a screen says and what can be touched on it, top to bottom, as a person reads it.

Texts that stand side by side are one sentence. A widget may say how it is read, by `reads`:

    "whole"     its texts are one sentence, or what its `spoken()` says, and belong to each thing
                to touch in it
    "nothing"   it is a picture
    "private"   its text is not said where others hear it
    "later"     its text is said only when he asks for the screen again

So a screen that nobody thought of here is read as well, and can be used by keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from kivy.app import App
from kivy.uix.label import Label
from kivy.uix.widget import Widget

from kiosk.ui.controls import Segment, Tap
from kiosk.ui.goods import Price
from kiosk.ui.lettering import Lettering
from kiosk.ui.spoken import Item, Page, Piece, written
from kiosk.ui.stage import Stage
from kiosk.ui.widgets import Countdown, Money, Spoken

STEADY = ("seconds",)
"""Arguments of a sentence that change all the time: it is the same fact all the same."""


@dataclass(frozen=True, slots=True)
class Found:
    """A piece and where it stands: left edge, middle and height, in pixels from the bottom."""

    piece: Piece
    x: float
    middle: float
    high: float
    later: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """A thing to touch, its item, and where it stands."""

    tap: Tap
    item: Item
    x: float
    middle: float
    high: float


def read(stage: Stage) -> tuple[Page, tuple[Tap, ...]]:
    """What is to be seen now, and the things to touch in the order of the page's items."""
    modal = stage.modal
    place = stage.place
    if modal is not None:
        pieces, targets = _Reader().read(modal)
        return _page(f"{place}/{type(modal).__name__}", pieces, targets, [], [])
    pieces, targets = _Reader().read(stage.ids.slot)
    around, bar = _Reader().read(stage.ids.bar)
    ribbon, _ = _Reader().read(stage.ids.ribbon)
    return _page(place, pieces, targets, ribbon + around, bar)


def _page(
    place: str,
    pieces: list[Found],
    targets: list[Target],
    around: list[Found],
    bar: list[Target],
) -> tuple[Page, tuple[Tap, ...]]:
    around += [each for each in pieces if each.later]
    pieces = [each for each in pieces if not each.later]
    ordered = [each for line in _lines(targets) for each in line]
    ordered += [each for line in _lines(bar) for each in line]
    page = Page(
        place,
        tuple(_joined(pieces)),
        tuple(each.item for each in ordered),
        tuple(_joined(around)),
    )
    return page, tuple(each.tap for each in ordered)


class _Reader:
    """One walk through a tree of widgets."""

    def __init__(self) -> None:
        self._app = App.get_running_app()
        self._pieces: list[Found] = []
        self._targets: list[Target] = []

    def read(self, root: Widget) -> tuple[list[Found], list[Target]]:
        """What is in it."""
        self._walk(root, "")
        return self._pieces, self._targets

    def _walk(self, widget: Widget, about: str) -> None:
        if widget.opacity == 0 or getattr(widget, "reads", "") == "nothing":
            return
        if isinstance(widget, Tap) and widget.name:
            self._target(widget, about)
            if not widget.says:
                return  # its texts are its title
        found = self._piece(widget)
        if found is not None:
            self._pieces.append(found)
            return
        if getattr(widget, "reads", "") == "whole":
            inner = _whole(widget)
            self._pieces.append(_at(widget, Piece(inner)))
            for tap in _taps(widget):
                self._target(tap, inner)
            return
        for child in reversed(widget.children):
            self._walk(child, about)

    def _target(self, tap: Tap, about: str) -> None:
        if tap.disabled:
            return
        self._targets.append(Target(tap, self._item(tap, about), *_where(tap)))

    def _item(self, tap: Tap, about: str) -> Item:
        say, language = self._app.catalogue.say, self._app.language
        icon = f"spoken.{getattr(tap, 'icon', '') or getattr(tap, 'language', '')}"
        if tap.says:
            title = say(language, tap.says)
        elif isinstance(tap, Segment) and self._app.catalogue.has(icon):
            title = say(language, icon)  # its own letters mean nothing to another voice
        else:
            title = ", ".join(each.text.rstrip(".。") for each in _texts(tap))
        if not title and self._app.catalogue.has(icon):
            title = say(language, icon)
        if tap.about_fen:
            title = f"{title}, {written(int(tap.about_fen))}"
        return Item(tap.name, title, about, chosen=bool(getattr(tap, "chosen", False)))

    def _piece(self, widget: Widget) -> Found | None:
        piece = piece_of(widget)
        return _at(widget, piece) if piece is not None else None


def piece_of(widget: Widget) -> Piece | None:
    """The text of a widget; empty for one that says nothing now, None for one that has no text."""
    private = getattr(widget, "reads", "") == "private"
    app = App.get_running_app()
    match widget:
        case Countdown():
            step = 10 if widget.seconds <= 30 else 30
            mark = f"seconds {-(-int(widget.seconds) // step)}"
            text = app.catalogue.say(app.language, "spoken.left", {"seconds": int(widget.seconds)})
            return Piece(text if widget.seconds else "", mark)
        case Money():
            return Piece(written(int(widget.fen)))
        case Spoken():
            other = widget.of not in ("", app.language)
            args = {name: each for name, each in widget.args.items() if name not in STEADY}
            mark = f"{widget.key} {args}" if len(args) < len(widget.args) else ""
            return Piece("" if other else widget.sentence, mark, private)
        case Price():
            return Piece(written(widget.fen))
        case Label() | Lettering():
            return Piece(widget.text, "", private)
        case _:
            return None


def _texts(widget: Widget) -> Iterator[Piece]:
    """All texts in a widget, top to bottom, as far as they can be seen."""
    yield from (each.piece for each in _ordered(_inside(widget)))


def _inside(widget: Widget) -> Iterator[Found]:
    if widget.opacity == 0 or getattr(widget, "reads", "") == "nothing":
        return
    piece = piece_of(widget)
    if piece is not None:
        if piece.text.strip():
            yield _at(widget, piece)
        return
    for child in reversed(widget.children):
        yield from _inside(child)


def _whole(widget: Widget) -> str:
    """As its own `spoken` says, or all its texts."""
    spoken = getattr(widget, "spoken", None)
    if spoken is not None:
        return str(spoken())
    return ", ".join(each.text for each in _texts(widget))


def _taps(widget: Widget) -> Iterator[Tap]:
    if widget.opacity == 0:
        return
    if isinstance(widget, Tap) and widget.name:
        yield widget
    for child in reversed(widget.children):
        yield from _taps(child)


def _where(widget: Widget) -> tuple[float, float, float]:
    x, y = widget.to_window(*widget.pos)
    return x, y + widget.height / 2, widget.height


def _at(widget: Widget, piece: Piece) -> Found:
    return Found(piece, *_where(widget), later=getattr(widget, "reads", "") == "later")


Placed = TypeVar("Placed", Found, Target)


def _lines(found: list[Placed]) -> list[list[Placed]]:
    """What stands side by side, each line left to right, top line first."""
    lines: list[list[Placed]] = []
    for each in sorted(found, key=lambda one: -one.middle):
        line = lines[-1] if lines else []
        if line and abs(line[0].middle - each.middle) < min(line[0].high, each.high) / 2:
            line.append(each)
        else:
            lines.append([each])
    return [sorted(line, key=lambda one: one.x) for line in lines]


def _ordered(found: Iterator[Found]) -> list[Found]:
    return [each for line in _lines(list(found)) for each in line]


def _joined(found: list[Found]) -> Iterator[Piece]:
    """A sentence for each line of the screen."""
    seen = [each for each in found if each.piece.text.strip()]
    for line in _lines(seen):
        first = line[0].piece
        text = " ".join(each.piece.text for each in line)
        mark = " ".join(each.piece.fact for each in line)
        private = any(each.piece.private for each in line)
        yield replace(first, text=text, mark=mark, private=private)
