"""The basket of the visit at hand, kept in memory beside the core: a crash does not empty it.

    {"visit_id": "…", "language": "zh", "at_ms": 1790000000000, "basket": {…}, "terms": {…},
     "clearance": {…},
     "service": "eat-in", "table": "12"}

A file on the memory file system of the run directory: it survives the process and not the power,
and holds goods and campaigns, never a person. Whoever comes later than `FRESH_MS` does not find a
stranger's basket.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kiosk.domain.approval import Clearance, clearance_from_json, clearance_to_json
from kiosk.domain.basket import Basket, basket_from_json, basket_to_json
from kiosk.domain.promotion import Terms, terms_to_json
from kiosk.domain.serving import Serving, serving_of, serving_to_json
from kiosk.visit import Visit

FRESH_MS = 120_000


class Snapshot:
    """One file; every write replaces it whole."""

    def __init__(
        self, path: Path, recall: Callable[[Mapping[str, Any]], Terms] = lambda _kept: Terms()
    ) -> None:
        """`recall` finds the terms again that were kept, or raises ValueError."""
        self._path = path
        self._recall = recall
        self._kept: tuple[Basket, str, Terms, Clearance, Serving] | None = None

    def keep(self, visit: Visit, now_ms: int) -> None:
        """Write what is kept of a visit, if it is another than was written last."""
        kept = visit.basket, visit.language, visit.terms, visit.clearance, visit.serving
        if kept == self._kept:
            return
        self._kept = kept
        partial = self._path.with_suffix(".part")
        partial.write_text(json.dumps(visit_to_json(visit, now_ms)), "utf-8")
        partial.replace(self._path)

    def forget(self) -> None:
        """The visit is over."""
        self._kept = None
        self._path.unlink(missing_ok=True)

    def load(self, now_ms: int, now: float) -> Visit | None:
        """The visit that was cut short, or None; `now` is the steady clock's reading."""
        try:
            body = json.loads(self._path.read_text("utf-8"))
            fresh = 0 <= now_ms - int(body["at_ms"]) < FRESH_MS
            visit = visit_from_json(body, self._recall, now)
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return None
        return visit if fresh and visit.basket.lines else None


def visit_to_json(visit: Visit, now_ms: int) -> dict[str, Any]:
    """What is kept of a visit: its basket, its language, its terms, what staff said."""
    return {
        "visit_id": visit.visit_id,
        "language": visit.language,
        "at_ms": now_ms,
        "basket": basket_to_json(visit.basket),
        "terms": terms_to_json(visit.terms),
        "clearance": clearance_to_json(visit.clearance),
        **serving_to_json(visit.serving),
    }


def visit_from_json(
    body: Mapping[str, Any], recall: Callable[[Mapping[str, Any]], Terms], now: float
) -> Visit:
    """What `visit_to_json` kept, as it is at `now` of the steady clock.

    Raises ValueError, KeyError, TypeError, OverflowError for anything else.
    """
    basket = basket_from_json(body["basket"])
    terms = recall(body.get("terms", terms_to_json(Terms())))
    cleared = clearance_from_json(body.get("clearance", clearance_to_json(Clearance())))
    who, language = str(body["visit_id"]), str(body["language"])
    serving = serving_of(body)
    return Visit(who, language, now, basket=basket, terms=terms, clearance=cleared, serving=serving)
