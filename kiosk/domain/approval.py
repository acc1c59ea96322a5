"""What a self-checkout asks its staff about, once, while the shopper goes on scanning.

    AGE       goods that not everybody may buy: held until staff have seen who buys them
    REMOVAL   something taken out again, above a limit: the line stays until staff agree
    WEIGHT    what lies in the bagging area did not fit what was scanned, more often than is usual

A `Clearance` belongs to one visit. It holds what was asked and what staff said, and nothing of the
shopper: no birthday, no face, no number. What is held can be scanned on and cannot be paid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from kiosk.domain.basket import Basket, Line
from kiosk.domain.money import ZERO, Money


class Reason(Enum):
    """Why something is held."""

    AGE = "age"
    REMOVAL = "removal"
    WEIGHT = "weight"


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
        """By which it is answered: AGE is one question, so is WEIGHT, and each removal is one."""
        name = str(self.reason.value)
        return f"{name}-{self.lines[0].line_id}" if self.reason is Reason.REMOVAL else name


@dataclass(frozen=True, slots=True)
class Clearance:
    """What staff have cleared in this visit, and what was asked of them.

    `years`: he may buy what needs so many, by the staff's word of `cleared_ms`. `asked` are
    removals that wait. `removed_fen` and `removals` count what was taken out freely since staff
    were last here. `refused`: goods were taken out by staff, and the shopper was not told yet;
    `rescan`: they are to be scanned again. `odd` are the lines whose weight did not fit (0: of
    none), `weighs_odd`: staff have to look at the bags.
    """

    years: int = 0
    asked: tuple[Removal, ...] = ()
    removed_fen: int = 0
    removals: int = 0
    refused: bool = False
    cleared_ms: int = 0
    odd: tuple[int, ...] = ()
    weighs_odd: bool = False
    rescan: bool = False

    def asks_for(self, line: Line) -> Reason | None:
        """Why this line is held; None: it is not."""
        if line.product.age > self.years:
            return Reason.AGE
        if any(each.line_id == line.line_id for each in self.asked):
            return Reason.REMOVAL
        if self.weighs_odd and line.line_id in self.odd:
            return Reason.WEIGHT
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
    odd = tuple(x for x in basket.lines if clearance.asks_for(x) is Reason.WEIGHT)
    worth = sum((line.total for line in odd), ZERO).fen
    weights = [Held(Reason.WEIGHT, odd, worth)] if clearance.weighs_odd else []
    return (*ages, *removals, *weights)


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


def found_odd(clearance: Clearance, lines: Sequence[int]) -> Clearance:
    """The weight of these lines did not fit."""
    return replace(clearance, odd=(*clearance.odd, *lines)) if lines else clearance


def weighed_out(clearance: Clearance, allowed: int) -> Clearance:
    """He goes to pay: more than `allowed` that did not fit are for the staff to see."""
    return replace(clearance, weighs_odd=clearance.weighs_odd or len(clearance.odd) > allowed)


def kept(clearance: Clearance, line_id: int) -> Clearance:
    """He keeps the line after all: what was asked about it is not asked any more."""
    return _without(clearance, line_id)


def decided(
    basket: Basket, clearance: Clearance, name: str, *, approved: bool, now_ms: int = 0
) -> Change:
    """What staff said to the question of that name; one that is gone changes nothing.

    Refused goods are taken out, and those of an odd weight as well, to be scanned again; a refused
    removal leaves the line as it is. Whoever was just looked
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
        case Reason.WEIGHT:
            fresh = replace(clearance, odd=(), weighs_odd=False)
            if approved:
                return Change(basket, fresh)
            for line in question.lines:
                basket, fresh = basket.remove(line.line_id), _without(fresh, line.line_id)
            return Change(basket, replace(fresh, rescan=True))


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
        "odd": list(clearance.odd),
        "weighs_odd": clearance.weighs_odd,
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
            odd=tuple(int(line_id) for line_id in body.get("odd", ())),
            weighs_odd=bool(body.get("weighs_odd", False)),
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
