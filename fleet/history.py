"""From all that was ever said of a number to its row: the same state machines as in the kiosk.

A history with several branches is folded once along each of them. What took money wins, then what
is final, then the newest disk. What the machines refuse is no reason to stop: the row stays as it
was before and names the trouble, for somebody to look at.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from kiosk.domain.payment import (
    Contradiction,
    NotInTable,
    Payment,
    advance,
    event_from_json,
    payment_from_json,
    payment_to_json,
)
from kiosk.domain.receipt import CHINA
from kiosk.domain.refund import (
    Refund,
    RefundState,
    advance_refund,
    refund_event_from_json,
    refund_from_json,
    refund_to_json,
)

Row = dict[str, Any]
Lineage = Sequence[tuple[int, int, int]]
"""(branch, first, last) of the places that a branch is made of."""

T = TypeVar("T", Payment, Refund)


@dataclass(frozen=True, slots=True)
class Told:
    """One entry of the number's history; `body` as canonical JSON."""

    branch: int
    seq: int
    at_ms: int
    kind: str
    body: str


@dataclass(frozen=True, slots=True)
class Story(Generic[T]):
    """Where one branch of a history leads; `ended_ms` is when it became what it is."""

    thing: T
    ended_ms: int
    trouble: str = ""


def payment_row(told: Sequence[Told], lineages: Sequence[Lineage]) -> Row | None:
    """The row of a payment; None where what opened it is not here."""

    def took(payment: Payment) -> str | None:
        return payment.transaction_id if payment.took_money else None

    stories = _stories(told, lineages, _payment_step)
    best = _best(stories, took, lambda payment: payment.final)
    if best is None:
        return None
    row = {**payment_to_json(best.thing), "ended_ms": best.ended_ms if best.thing.final else 0}
    return _dated(row, best.trouble)


def refund_row(told: Sequence[Told], lineages: Sequence[Lineage]) -> Row | None:
    """The row of a refund; None where what opened it is not here."""

    def gave(refund: Refund) -> str | None:
        return refund.refund_id if refund.state is RefundState.DONE else None

    stories = _stories(told, lineages, _refund_step)
    best = _best(stories, gave, lambda refund: refund.final)
    if best is None:
        return None
    row = {**refund_to_json(best.thing), "ended_ms": best.ended_ms if best.thing.final else 0}
    return _dated(row, best.trouble)


def china_day(at_ms: int) -> int:
    """The day in China, as 20261126; 0 for no time."""
    if not at_ms:
        return 0
    try:
        return int(f"{datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(CHINA):%Y%m%d}")
    except (ValueError, OverflowError):
        return 0  # a clock that nobody can place


def _dated(row: Row, trouble: str) -> Row:
    return {**row, "day": china_day(row["ended_ms"]), "trouble": trouble[:300]}


def _payment_step(before: Payment | None, kind: str, body: Mapping[str, Any]) -> Payment | None:
    if kind == "payment_opened":
        return payment_from_json(body["payment"]) if before is None else before
    return None if before is None else advance(before, event_from_json(body))


def _refund_step(before: Refund | None, kind: str, body: Mapping[str, Any]) -> Refund | None:
    if kind == "refund_opened":
        return refund_from_json(body["refund"]) if before is None else before
    return None if before is None else advance_refund(before, refund_event_from_json(body))


def _stories(
    told: Sequence[Told],
    lineages: Sequence[Lineage],
    step: Callable[[T | None, str, Mapping[str, Any]], T | None],
) -> list[Story[T]]:
    found = []
    for lineage in lineages:
        mine = [
            one
            for one in told
            if any(one.branch == part and a <= one.seq <= b for part, a, b in lineage)
        ]
        story = _story(sorted(mine, key=lambda one: one.seq), step)
        if story is not None:
            found.append(story)
    return found


def _story(
    told: Sequence[Told], step: Callable[[T | None, str, Mapping[str, Any]], T | None]
) -> Story[T] | None:
    thing: T | None = None
    at_ms, trouble = 0, ""
    for one in told:
        try:
            after = step(thing, one.kind, json.loads(one.body))
        except (Contradiction, NotInTable) as error:
            trouble = str(error)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            trouble = f"entry {one.seq} cannot be understood: {type(error).__name__}"
        else:
            if after is not thing:
                thing, at_ms = after, one.at_ms
    return None if thing is None else Story(thing, at_ms, trouble)


def _best(
    stories: Sequence[Story[T]],
    moved: Callable[[T], str | None],
    final: Callable[[T], bool],
) -> Story[T] | None:
    """The story that stands, the later the better; `moved` names the money that moved in one."""
    if not stories:
        return None
    ranked = sorted(
        enumerate(stories),
        key=lambda each: (moved(each[1].thing) is not None, final(each[1].thing), each[0]),
    )
    best = ranked[-1][1]
    names = {name for story in stories if (name := moved(story.thing)) is not None}
    if len(names) > 1:
        return Story(best.thing, best.ended_ms, f"moved more than once: {', '.join(sorted(names))}")
    return best
