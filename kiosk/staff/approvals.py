"""What the shopper at the counter needs the staff's word for: the questions, and the answers.

An answer changes the visit that waits under the staff's screen, and stands in the ledger with the
visit's number: what was approved or refused, never who stood there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from kiosk.counter import Counter
from kiosk.domain.approval import Held, decided, held
from kiosk.messages.staff import HeldRow


class Writes(Protocol):
    """Writes into the ledger what staff did."""

    def __call__(self, did: str, key: str = "", **more: str | int) -> None: ...


class Approvals:
    """Used by the checkout's thread only; `now_ms` is the wall clock's."""

    def __init__(self, counter: Counter, note: Writes, now_ms: Callable[[], int]) -> None:
        self._counter = counter
        self._note = note
        self._now_ms = now_ms

    def rows(self) -> tuple[HeldRow, ...]:
        """All that is asked now."""
        return tuple(_row(each) for each in self._held())

    def decide(self, name: str, *, approved: bool) -> None:
        """Answer one question; one that is gone is a late touch."""
        visit = self._counter.visit
        question = next((each for each in self._held() if each.name == name), None)
        if visit is None or question is None:
            return
        word = "approved" if approved else "refused"
        codes = " ".join(dict.fromkeys(line.product.code for line in question.lines))
        self._note(f"{question.reason.value} {word}", visit.visit_id, goods=codes, fen=question.fen)
        change = decided(
            visit.basket, visit.clearance, question.name, approved=approved, now_ms=self._now_ms()
        )
        visit = visit if change.basket == visit.basket else visit.with_basket(change.basket)
        self._counter.set(replace(visit, clearance=change.clearance))

    def _held(self) -> tuple[Held, ...]:
        visit = self._counter.visit
        if visit is None or visit.payment is not None or visit.parts:
            return ()
        return held(visit.basket, visit.clearance)


def _row(question: Held) -> HeldRow:
    products = [line.product for line in question.lines]
    names = {
        language: "、".join(each.name(language) for each in products)
        if language == "zh"
        else ", ".join(each.name(language) for each in products)
        for language in ("zh", "en")
    }
    return HeldRow(question.name, question.reason.value, names, question.fen, question.years)
