"""What is said next: a new screen whole, then what changes on it, then the thing that has focus.

    another screen ─► its texts, top to bottom ─► the item in focus        cuts off what is said
    a text changes ─► that text, once it has stood still                   cuts off nothing
    a remark       ─► at the next end of a sentence, whatever else waits

What has left the screen before it was said is not said any more: the latest wins.
"""

from __future__ import annotations

from collections import deque

from kiosk.ui.spoken import Page, Piece

FOCUS = Piece("", "focus")
"""Stands for the item in focus, which is said as it is then."""


class Narrator:
    """Knows what was said of the page that is seen; the owner asks for `next` when it is silent."""

    def __init__(self) -> None:
        self._page = Page()
        self._said: set[str] = set()
        self._waiting: list[str] = []
        self._remarks: deque[Piece] = deque()
        self._focus = False

    def see(self, page: Page) -> bool:
        """Take over what is to be seen; answers whether it is another screen."""
        before, self._page = self._page, page
        if page.place != before.place:
            self._tell(page.pieces)
            return True
        facts = [piece.fact for piece in page.pieces]
        still = {piece.fact for piece in before.pieces}
        self._said &= set(facts)
        self._waiting = [fact for fact in self._waiting if fact in facts]
        self._waiting += [
            fact
            for fact in facts
            if fact in still and fact not in self._said and fact not in self._waiting
        ]
        return False

    def remark(self, text: str) -> None:
        """Something to be said before all else, also when it is not on the screen any more."""
        self._remarks.append(Piece(text))

    def again(self) -> None:
        """Say the page once more, with what is around it."""
        self._remarks.extend(self._page.frame)
        self._tell(self._page.pieces)

    def reassure(self) -> None:
        """Say again what the page is about."""
        self._waiting = [piece.fact for piece in self._page.pieces[:1]]

    def point(self) -> None:
        """Say only the item in focus: a key was pressed."""
        self._remarks.clear()
        self._said |= set(self._waiting)
        self._waiting = []
        self._focus = True

    def next(self) -> Piece | None:
        """What is to be said now; `FOCUS` for the item in focus, None for nothing."""
        if self._remarks:
            return self._remarks.popleft()
        pieces = {piece.fact: piece for piece in self._page.pieces}
        while self._waiting:
            fact = self._waiting.pop(0)
            self._said.add(fact)
            if fact in pieces:
                return pieces[fact]
        if self._focus:
            self._focus = False
            return FOCUS
        return None

    def _tell(self, pieces: tuple[Piece, ...]) -> None:
        self._said.clear()
        self._waiting = [piece.fact for piece in pieces]
        self._focus = True


class Focus:
    """Which of the page's items the keys are at; it stays where it is when the page changes."""

    def __init__(self) -> None:
        self.name = ""
        self._place = ""
        self._names: tuple[str, ...] = ()

    def see(self, page: Page) -> None:
        """Take over what can be touched; on another screen the keys are at its first item."""
        before, self._names = self._names, tuple(item.name for item in page.items)
        if page.place != self._place:
            self._place, self.name = page.place, next(iter(self._names), "")
        elif self.name not in self._names:
            at = before.index(self.name) if self.name in before else 0
            self.name = self._names[min(at, len(self._names) - 1)] if self._names else ""

    def move(self, by: int) -> None:
        """To the next item or back; behind the last one comes the first."""
        if self._names:
            at = self._names.index(self.name) if self.name in self._names else 0
            self.name = self._names[(at + by) % len(self._names)]
