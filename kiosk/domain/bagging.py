"""Whether what lies in the bagging area is what was scanned: expected weights, learnt and matched.

    a line more ──► a piece is awaited ──weight fits──► in the bag; its weight is learnt
                          └── none, or another one ──► one question ──► in the bag | in the hand

A scale under bags is often wrong, and a check that stops honest people is switched off. So nothing
here stops anybody: what does not fit is asked about once, then believed and counted as odd; staff
look only where much was odd in one visit. Weights are grams, times seconds of a steady clock.

    expected    the mean of what was accepted before, once that was ENOUGH; else the price book's
    tolerance   the largest of FLOOR, SPREADS standard deviations, and a share of the weight

What the price book says holds the mean within DRIFT, however wrong the bags were.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import combinations

from kiosk.domain.basket import Basket, Line
from kiosk.domain.catalogue import Product

NOISE = 10  # grams that mean nothing: a hand on the edge, a drop of water
FLOOR = 20.0  # grams
SPREADS = 4.0
SHARE_LEARNT, SHARE_TOLD = 0.04, 0.12  # of the weight: packing differs from what a book says
ENOUGH = 5  # weights from which on what was learnt is believed
MOST_COUNT = 200  # weights that count; what came before fades
DRIFT = 0.25
MOST_PIECES = 10  # that are matched at once
MOST_OWN, OWN_BAG = 2, 1500  # own bags of a visit, and grams of one
SETTLED = 1.5  # seconds until a weight that does not fit is spoken of
NO_LINE = 0
"""Stands for goods that no line tells of."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """Mean and spread of a product's weights, by Welford's method."""

    count: int = 0
    mean: float = 0.0
    squares: float = 0.0
    """The sum of the squared distances to the mean."""

    @property
    def spread(self) -> float:
        """The standard deviation; 0 where there is none."""
        return math.sqrt(max(self.squares, 0.0) / (self.count - 1)) if self.count > 1 else 0.0


@dataclass(frozen=True, slots=True)
class Expected:
    """What a piece weighs, and how far from that it may be."""

    grams: float
    tolerance: float


@dataclass(frozen=True, slots=True)
class Taught:
    """A piece of this product was accepted with this weight."""

    product: Product
    grams: int


class Step(Enum):
    """What the shopper is told."""

    QUIET = ""
    OFFER = "offer"  # he may put a bag of his own there
    PUT = "put"  # a piece is awaited
    ASK = "ask"  # it has not come: is it in the bag, or in his hand?
    EXTRA = "extra"  # something lies there that was not scanned
    BACK = "back"  # something is gone that was paid attention to
    OUT = "out"  # what he does not take still lies there


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece that is awaited; `leaves`: that is awaited to be taken out."""

    line_id: int
    product: Product
    expected: Expected | None
    since: float
    leaves: bool = False


@dataclass(frozen=True, slots=True)
class Bagging:
    """What is accounted for. `base` is the weight of that, `seen` what lies there now.

    None: nothing is known, and nothing is checked. `lines` are those that are accounted for, `hand`
    the lines of pieces that he keeps in his hand. `since` is when the weight became one that does
    not fit, `own` counts the shopper's own bags.
    """

    lines: tuple[Line, ...] = ()
    hand: tuple[int, ...] = ()
    base: int | None = None
    seen: int | None = None
    pieces: tuple[Piece, ...] = ()
    since: float = 0.0
    own: int = 0

    @property
    def over(self) -> int:
        """Grams that lie there beyond what is accounted for; 0 where that means nothing."""
        if self.base is None or self.seen is None or abs(self.seen - self.base) <= NOISE:
            return 0
        return self.seen - self.base


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of it: what is learnt, and the lines that were odd (`NO_LINE` for none)."""

    bagging: Bagging
    taught: tuple[Taught, ...] = ()
    odd: tuple[int, ...] = ()


# --- what a piece weighs -----------------------------------------------------------------------


def taught(learnt: Learnt, grams: float) -> Learnt:
    """With one weight more; beyond MOST_COUNT older ones fade."""
    full = learnt.count >= MOST_COUNT
    count = MOST_COUNT if full else learnt.count + 1
    kept = learnt.squares * (count - 1) / count if full else learnt.squares
    mean = learnt.mean + (grams - learnt.mean) / count
    return Learnt(count, mean, kept + (grams - learnt.mean) * (grams - mean))


def expected(told: int, learnt: Learnt) -> Expected | None:
    """Of the price book's weight (0: none) and of what was learnt; None: it tells nothing."""
    if learnt.count >= ENOUGH:
        mean = learnt.mean
        if told:
            mean = min(max(mean, told * (1 - DRIFT)), told * (1 + DRIFT))
        tolerance = max(FLOOR, SPREADS * learnt.spread, SHARE_LEARNT * mean)
        if told or tolerance < mean / 2:
            return Expected(mean, tolerance)
        return None
    return Expected(told, max(FLOOR, SHARE_TOLD * told)) if told else None


# --- what is awaited ----------------------------------------------------------------------------


def awaited(
    bagging: Bagging, basket: Basket, weight: Callable[[Line], Expected | None], now: float
) -> Bagging:
    """With what the basket has more or less than before; all of it is accounted for at first."""
    if basket.lines == bagging.lines or bagging.base is None:
        return replace(bagging, lines=basket.lines)
    before = {line.line_id: line for line in bagging.lines}
    changed = replace(bagging, lines=basket.lines)
    for line in basket.lines:
        old = before.pop(line.line_id, None)
        more = line.quantity - (old.quantity if old else 0)
        pieces = [Piece(line.line_id, line.product, weight(line), now)] * max(more, 0)
        changed = replace(changed, pieces=(*changed.pieces, *pieces)[-MOST_PIECES:])
        changed = _fewer(changed, line, -more, weight(line), now)
    for line in before.values():
        changed = _fewer(changed, line, line.quantity, weight(line), now)
    return changed


def _fewer(bagging: Bagging, line: Line, count: int, each: Expected | None, now: float) -> Bagging:
    """So many pieces less: first those that did not come yet, then those in his hand.

    The others lie there, and are awaited to be taken out.
    """
    pieces, hand = list(bagging.pieces), list(bagging.hand)
    for _ in range(count):
        coming = [x for x in pieces if x.line_id == line.line_id and not x.leaves]
        if coming:
            pieces.remove(coming[-1])
        elif line.line_id in hand:
            hand.remove(line.line_id)
        else:
            pieces.append(Piece(line.line_id, line.product, each, now, leaves=True))
    return replace(bagging, pieces=tuple(pieces[-MOST_PIECES:]), hand=tuple(hand))


# --- what the scale says ------------------------------------------------------------------------


def weighed(bagging: Bagging, grams: int, now: float) -> Judged:
    """A weight that stands still: whose it is, or that it does not fit."""
    if grams == bagging.seen and bagging.base is not None and not _pending(bagging):
        return Judged(bagging)
    if bagging.base is None:
        return Judged(replace(bagging, base=grams, seen=grams))
    moved = bagging.seen is None or abs(grams - bagging.seen) > NOISE
    now_seen = replace(bagging, seen=grams, since=now if moved else bagging.since)
    over = now_seen.over
    if not over:
        return Judged(now_seen)
    fitting = _fitting(bagging.pieces, over)
    if fitting is None:
        return Judged(now_seen)
    kept = list(bagging.pieces)
    for piece in fitting:
        kept.remove(piece)
    learns = len(fitting) == 1 and over > 0 and fitting[0].product.counted
    lesson = (Taught(fitting[0].product, over),) if learns else ()
    return Judged(replace(now_seen, base=grams, pieces=tuple(kept)), lesson)


def _pending(bagging: Bagging) -> bool:
    """Whether a weight that lies there already may be that of a piece which is scanned now."""
    return bool(bagging.over and bagging.pieces)


def _fitting(pieces: Sequence[Piece], over: int) -> tuple[Piece, ...] | None:
    """The pieces whose weight that is; where it may be several, those that it fits best."""
    known = [piece for piece in pieces if piece.expected is not None]
    best: tuple[float, tuple[Piece, ...]] | None = None
    for size in range(1, len(known) + 1):
        for group in combinations(known, size):
            off = abs(over - sum(_signed(piece) for piece in group))
            room = sum(piece.expected.tolerance for piece in group if piece.expected)
            if off <= room and (best is None or off / room < best[0]):
                best = off / room, group
    if best is not None:
        return best[1]
    unknown = tuple(piece for piece in pieces if piece.expected is None)
    # Nobody knows what these weigh: whatever comes or goes is theirs.
    theirs = tuple(piece for piece in unknown if piece.leaves == (over < 0))
    return theirs or None


def _signed(piece: Piece) -> float:
    assert piece.expected is not None
    return -piece.expected.grams if piece.leaves else piece.expected.grams


# --- what is said, and what becomes of it -------------------------------------------------------


def step(bagging: Bagging, now: float, patience: float) -> Step:
    """What the shopper is told now; a question comes after `patience` seconds."""
    if bagging.base is None:
        return Step.QUIET
    stands = bagging.over and now - bagging.since >= SETTLED
    piece = first(bagging)
    if piece is not None and not piece.leaves:
        late = now - piece.since >= patience
        waits = bagging.over and now - bagging.since < patience / 2
        return Step.ASK if late and not waits else Step.PUT
    if stands and bagging.over < 0:
        return Step.BACK
    if piece is not None:
        return Step.OUT if now - piece.since >= patience / 2 else Step.QUIET
    if stands:
        return Step.EXTRA
    return Step.OFFER if not bagging.lines and not bagging.own else Step.QUIET


def first(bagging: Bagging) -> Piece | None:
    """The piece that is spoken of: the oldest whose weight is known."""
    known = [piece for piece in bagging.pieces if piece.expected is not None]
    return next(iter(known), None)


def in_bag(bagging: Bagging) -> Judged:
    """He says that it is in the bag: believed, and odd."""
    piece = first(bagging)
    if piece is None:
        return Judged(bagging)
    kept = _without(bagging.pieces, [piece])
    return Judged(replace(bagging, base=bagging.seen, pieces=kept), odd=(piece.line_id,))


def in_hand(bagging: Bagging) -> Judged:
    """He keeps it in his hand: nothing is awaited of it any more."""
    piece = first(bagging)
    if piece is None:
        return Judged(bagging)
    hand = (*bagging.hand, piece.line_id)
    return Judged(replace(bagging, hand=hand, pieces=_without(bagging.pieces, [piece])))


def own_bag(bagging: Bagging) -> Judged:
    """What lies there beyond the goods is a bag of his; a heavy one, or a third, is odd."""
    if not bagging.over:
        return Judged(bagging)
    fine = 0 < bagging.over <= OWN_BAG and bagging.own < MOST_OWN
    own = replace(bagging, base=bagging.seen, own=bagging.own + 1)
    return Judged(own, odd=() if fine else (NO_LINE,))


def passed(bagging: Bagging, now: float, patience: float) -> Judged:
    """Time has passed: what nobody answered is believed, so that it is asked once and no more."""
    old = [each for each in bagging.pieces if now - each.since >= patience * 3]
    dropped = [each for each in old if each.expected is None or each.leaves]
    odd = tuple(NO_LINE for each in dropped if each.expected is not None)
    bagging = replace(bagging, pieces=_without(bagging.pieces, dropped)) if dropped else bagging
    if bagging.over and now - bagging.since >= patience * 3 and first(bagging) is None:
        return Judged(replace(bagging, base=bagging.seen), odd=odd or (NO_LINE,))
    return Judged(bagging, odd=odd)


def settled(bagging: Bagging) -> Judged:
    """He goes to pay: nothing is awaited any more, and what does not fit is odd.

    Should he come back, what lies there then is accounted for.
    """
    lines = tuple(dict.fromkeys(each.line_id for each in bagging.pieces if not each.leaves))
    odd = (lines or (NO_LINE,)) if bagging.over else ()
    return Judged(replace(bagging, base=None, seen=None, pieces=()), odd=odd)


def _without(pieces: Iterable[Piece], gone: Iterable[Piece]) -> tuple[Piece, ...]:
    kept = list(pieces)
    for piece in gone:
        kept.remove(piece)
    return tuple(kept)
