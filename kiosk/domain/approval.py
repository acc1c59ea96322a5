"""What a self-checkout asks its staff about, once, while the shopper goes on scanning.

    AGE       goods that not everybody may buy: held until staff have seen who buys them
    REMOVAL   something taken out again, above a limit: the line stays until staff agree

A `Clearance` belongs to one visit. It holds what was asked and what staff said, and nothing of the
shopper: no birthday, no face, no number. What is held can be scanned on and cannot be paid.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from kiosk.domain.basket import Basket, Line
from kiosk.domain.money import ZERO, Money


class Reason(Enum):
    """Why something is held."""

    AGE = "age"
    REMOVAL = "removal"


@dataclass(frozen=True, slots=True)
class Free:
    """What a shopper may take out in one visit without being asked: so much in fen, so often."""

    fen: int = 10_000
    times: int = 5


@dataclass(frozen=True, slots=True)
class Removal:
    """A line is wished to have only this quantity; 0 takes it out."""

    line_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Held:
    """One question to the staff. `years` is the age that AGE asks for, `fen` what is at stake."""

    reason: Reason
    lines: tuple[Line, ...]
    fen: int
    years: int = 0

    @property
    def name(self) -> str:
        """By which it is answered: all of AGE is one question, each removal is one."""
        if self.reason is Reason.AGE:
            return "age"
        return f"{self.reason.value}-{self.lines[0].line_id}"


@dataclass(frozen=True, slots=True)
class Clearance:
    """What staff have cleared in this visit, and what was asked of them.

    `years`: he may buy what needs so many, by the staff's word of `cleared_ms`. `asked` are
    removals that wait. `removed_fen` and `removals` count what was taken out freely since staff
    were last here. `refused`: goods were taken out by staff, and the shopper was not told yet.
    """

    years: int = 0
    asked: tuple[Removal, ...] = ()
    removed_fen: int = 0
    removals: int = 0
    refused: bool = False
    cleared_ms: int = 0

    def asks_for(self, line: Line) -> Reason | None:
        """Why this line is held; None: it is not."""
        if line.product.age > self.years:
            return Reason.AGE
        if any(each.line_id == line.line_id for each in self.asked):
            return Reason.REMOVAL
        return None


@dataclass(frozen=True, slots=True)
class Change:
    """A basket and what is cleared of it, after something was done."""

    basket: Basket
    clearance: Clearance


def held(basket: Basket, clearance: Clearance) -> tuple[Held, ...]:
    """All questions to the staff that are open, ages first; none: it may be paid."""
    aged = tuple(x for x in basket.lines if clearance.asks_for(x) is Reason.AGE)
    fen = sum((line.total for line in aged), ZERO).fen
    ages = [Held(Reason.AGE, aged, fen, max(x.product.age for x in aged))] if aged else []
    removals = [
        Held(Reason.REMOVAL, (line,), _value(basket, each).fen)
        for each in clearance.asked
        if (line := basket.line(each.line_id)) is not None
    ]
    return (*ages, *removals)


def lowered(basket: Basket, clearance: Clearance, wish: Removal, free: Free) -> Change:
    """With less of a line, or with the question whether there may be.

    Goods that are held for his age he takes out freely. Raises ValueError as the basket does.
    """
    line = basket.line(wish.line_id)
    if line is None:
        return Change(basket, clearance)
    changed = _left(basket, wish)
    if clearance.asks_for(line) is Reason.AGE:
        return Change(changed, _without(clearance, wish.line_id))
    worth = clearance.removed_fen + _value(basket, wish).fen
    if worth > free.fen or clearance.removals >= free.times:
        asked = (*_without(clearance, wish.line_id).asked, wish)
        return Change(basket, replace(clearance, asked=asked))
    counted = _without(clearance, wish.line_id)
    return Change(changed, replace(counted, removed_fen=worth, removals=clearance.removals + 1))


def kept(clearance: Clearance, line_id: int) -> Clearance:
    """He keeps the line after all: what was asked about it is not asked any more."""
    return _without(clearance, line_id)


def decided(
    basket: Basket, clearance: Clearance, name: str, *, approved: bool, now_ms: int = 0
) -> Change:
    """What staff said to the question of that name; one that is gone changes nothing.

    Refused goods are taken out; a refused removal leaves the line as it is. Whoever was just looked
    after by staff may take things out freely again.
    """
    question = next((each for each in held(basket, clearance) if each.name == name), None)
    if question is None:
        return Change(basket, clearance)
    match question.reason:
        case Reason.AGE if approved:
            return Change(basket, replace(clearance, years=question.years, cleared_ms=now_ms))
        case Reason.AGE:
            for line in question.lines:
                basket, clearance = basket.remove(line.line_id), _without(clearance, line.line_id)
            return Change(basket, replace(clearance, refused=True))
        case Reason.REMOVAL:
            line_id = question.lines[0].line_id
            if approved:
                wish = next(each for each in clearance.asked if each.line_id == line_id)
                basket = _left(basket, wish)
            fresh = replace(clearance, removed_fen=0, removals=0)
            return Change(basket, _without(fresh, line_id))


def word_of_staff(basket: Basket, clearance: Clearance) -> dict[str, object] | None:
    """What a payment keeps of it: who let which lines be bought, and when; None: nobody had to."""
    lines = [line.line_id for line in basket.lines if line.product.age]
    if not lines:
        return None
    at = clearance.cleared_ms
    return {"by": "staff", "years": clearance.years, "at_ms": at, "lines": lines}


def clearance_to_json(clearance: Clearance) -> dict[str, object]:
    """As it is kept beside the basket while the visit lasts."""
    return {
        "years": clearance.years,
        "asked": [[each.line_id, each.quantity] for each in clearance.asked],
        "removed_fen": clearance.removed_fen,
        "removals": clearance.removals,
        "cleared_ms": clearance.cleared_ms,
    }


def clearance_from_json(body: Mapping[str, Any]) -> Clearance:
    """What `clearance_to_json` wrote. Raises ValueError for anything else."""
    try:
        return Clearance(
            years=int(body["years"]),
            asked=tuple(Removal(int(line_id), int(left)) for line_id, left in body["asked"]),
            removed_fen=int(body["removed_fen"]),
            removals=int(body["removals"]),
            cleared_ms=int(body.get("cleared_ms", 0)),
        )
    except (KeyError, TypeError, OverflowError) as error:
        raise ValueError("not a clearance") from error


def _left(basket: Basket, wish: Removal) -> Basket:
    """What the basket is when the wish is granted."""
    if not wish.quantity:
        return basket.remove(wish.line_id)
    return basket.set_quantity(wish.line_id, wish.quantity)


def _value(basket: Basket, wish: Removal) -> Money:
    """What goes away when the wish is granted."""
    return basket.total - _left(basket, wish).total


def _without(clearance: Clearance, line_id: int) -> Clearance:
    asked = tuple(each for each in clearance.asked if each.line_id != line_id)
    return replace(clearance, asked=asked)
