"""Questions that take long, asked on another thread for a screen that may be closed meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from kiosk.timer import Work

T = TypeVar("T")


class Errands:
    """Keeps count of who asked: an answer to somebody who has left is dropped.

    Used by one thread, which `back` returns the answers to.
    """

    def __init__(
        self,
        run: Callable[[str, Work], None],
        back: Callable[[Callable[[], object]], None],
        on_trouble: Callable[[Exception], None],
    ) -> None:
        """`run` does named work on another thread; `on_trouble` hears what a question raised."""
        self._run = run
        self._back = back
        self._on_trouble = on_trouble
        self._sitting = 0
        self.busy = False

    def begin(self) -> None:
        """Somebody came, or left: what was asked before concerns nobody any more."""
        self._sitting += 1
        self.busy = False

    def ask(self, name: str, question: Callable[[], T], answer: Callable[[T], object]) -> None:
        """Have `question` answered; until then `busy`."""
        self.busy = True
        self._put(name, question, answer, self._on_trouble)

    def ask_aside(
        self, name: str, question: Callable[[], T], answer: Callable[[T], object]
    ) -> None:
        """The same while something else may be asked; trouble is passed over."""
        self._put(name, question, answer, None)

    def _put(
        self,
        name: str,
        question: Callable[[], T],
        answer: Callable[[T], object],
        on_trouble: Callable[[Exception], None] | None,
    ) -> None:
        sitting = self._sitting

        def answered(said: T) -> None:
            if sitting == self._sitting:
                self.busy = self.busy and on_trouble is None
                answer(said)

        def failed(error: Exception) -> None:
            if sitting == self._sitting and on_trouble is not None:
                self.busy = False
                on_trouble(error)

        def work(_now: float) -> float | None:
            try:
                said = question()
            except Exception as error:  # noqa: BLE001 - told, or logged by whoever hears it
                trouble = error
                self._back(lambda: failed(trouble))
            else:
                self._back(lambda: answered(said))
            return None

        self._run(name, work)
