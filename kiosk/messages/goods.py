"""The words of goods without a bar code: what there is, what was found, what the scale sees.

ui ──► core    `Browse` `FindGoods` `PickGoods` `StopWeighing` `TakeBags` `SayBagged`
core ──► ui    `GoodsFound` when it is asked for; `LiveWeight` while a weighing is asked for
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MOST_FOUND = 60  # goods in one answer; each takes less than 4,400 bytes

# --- ui to core --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Browse:
    """From the basket to the goods without a bar code."""


@dataclass(frozen=True, slots=True)
class FindGoods:
    """What is called so, by name, number or pinyin? Nothing typed: all that has no bar code."""

    text: str


@dataclass(frozen=True, slots=True)
class PickGoods:
    """The shopper chose goods by `GoodsShown.code`: a piece is added, goods by weight weighed."""

    code: str


@dataclass(frozen=True, slots=True)
class StopWeighing:
    """He changed his mind; nothing is added."""


@dataclass(frozen=True, slots=True)
class TakeBags:
    """The answer to `Showing.bags`: how many of each, by `GoodsShown.code`; then on to pay."""

    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SayBagged:
    """One of `BaggingShown.may`: it is in the "bag", in his "hand", or it is a bag of his "own"."""

    how: str


# --- core to ui --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GoodsShown:
    """Goods to choose; `unit_fen` is for a kilogram where they are `weighed`, else for a piece.

    `picture` is the path of a picture file, "" where there is none.
    """

    code: str
    names: Mapping[str, str]
    unit_fen: int
    weighed: bool = True
    picture: str = ""


@dataclass(frozen=True, slots=True)
class GoodsFound:
    """The answer to `FindGoods` with this text, at most `MOST_FOUND` of it.

    Without a text in the order of the price book, else goods without a bar code first.
    """

    text: str
    goods: tuple[GoodsShown, ...]


@dataclass(frozen=True, slots=True)
class LiveWeight:
    """What the scale sees while a weighing is asked for; tells nothing of what is sold.

    `status` is a UnifiedPOS name in small letters: "stable", "unstable", "zero", "overweight",
    "under-zero", "not-ready". `again`: the load that was sold last still lies there. `total_fen`
    is what `grams` net would cost.
    """

    code: str
    status: str
    grams: int = 0
    total_fen: int = 0
    again: bool = False


@dataclass(frozen=True, slots=True)
class BaggingShown:
    """What the shopper is told of the bagging area; `names` are those of the goods it is about.

    `step` is "offer", "put", "ask", "extra", "back" or "out"; `may` is what he can say to it.
    """

    step: str
    names: Mapping[str, str]
    may: tuple[str, ...] = ()


GoodsCommand = Browse | FindGoods | PickGoods | StopWeighing | TakeBags | SayBagged
