"""What of the menu can be had now: what staff marked as sold out, and what is counted by the day.

    {"marked": ["00305", "extra-beef"], "again": {"00301": {"day": "2026-11-27", "sold": 40}}}

A small file beside the ledger keeps the marks over a restart. How many of a dish were paid today
nobody keeps: the ledger tells. Where staff bring back a dish of which none was left, its count
begins anew. A file that cannot be read marks nothing.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec

from kiosk.disk import write_whole
from kiosk.domain.basket import Line
from kiosk.domain.menu import Dish, Menu
from kiosk.domain.order import totals_from_json
from kiosk.domain.owed import due_after
from kiosk.domain.payment import Payment, State
from kiosk.domain.receipt import CHINA
from kiosk.ledger import Ledger, LedgerError

MOST_ORDERS = 20_000  # of one day at one kiosk

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Again:
    """A dish was brought back on this day, when so many of it had been sold."""

    day: str
    sold: int


@dataclass(frozen=True, slots=True)
class _Kept:
    marked: tuple[str, ...] = ()
    again: Mapping[str, Again] = field(default_factory=dict)


class Stock:
    """Used by the checkout's thread only; `menu` is the one that is served now."""

    def __init__(self, menu: Menu, path: Path, ledger: Ledger, clock_ms: Callable[[], int]) -> None:
        """`clock_ms` is the wall clock's."""
        self.menu = menu
        self._path, self._ledger, self._clock_ms = path, ledger, clock_ms
        kept = _read(path)
        self._marked, self._again = set(kept.marked), dict(kept.again)
        self._day = ""
        self._sold: Counter[str] = Counter()
        self._counted: set[str] = set()

    def sold_out(self) -> tuple[str, ...]:
        """The codes of the dishes and options of the menu that cannot be had."""
        menu = self.menu
        marked = (x for x in self._marked if menu.dish(x) or menu.option(x))
        none_left = (dish.code for dish in menu if self.left(dish) == 0)
        return tuple(sorted({*marked, *none_left}))

    def left(self, dish: Dish) -> int | None:
        """How many of a dish there still are today; None: nobody counts them."""
        if dish.left is None:
            return None
        self._look_at_the_day()
        again = self._again.get(dish.code)
        since = again.sold if again is not None and again.day == self._day else 0
        return max(0, dish.left - (self._sold[dish.code] - since))

    def lacking(self, lines: Iterable[Line]) -> Line | None:
        """The first of the lines that cannot be had as it is."""
        wanted: Counter[str] = Counter()
        for line in lines:
            dish = self.menu.dish(line.product.code)
            if dish is None or self._marked & {dish.code, *(x.code for x in line.options)}:
                return line
            wanted[dish.code] += line.quantity
            left = self.left(dish)
            if left is not None and wanted[dish.code] > left:
                return line
        return None

    def mark(self, code: str, *, sold_out: bool) -> bool:
        """Staff say how it stands with a dish or an option; False: there is none such.

        Raises OSError when the disk does not keep it; then nothing has changed.
        """
        dish = self.menu.dish(code)
        if dish is None and self.menu.option(code) is None:
            return False
        marked, again = self._marked - {code}, dict(self._again)
        if sold_out:
            marked.add(code)
        elif dish is not None and self.left(dish) == 0:
            again[code] = Again(self._day, self._sold[code])
        body = {"marked": sorted(marked), "again": msgspec.to_builtins(again)}
        write_whole(self._path, json.dumps(body))
        self._marked, self._again = marked, again
        log.info("%s %s", code, "sold out" if sold_out else "there again")
        return True

    def paid(self, payment: Payment) -> None:
        """A payment took a step; count what it paid for, once."""
        self._look_at_the_day()
        if payment.out_trade_no not in self._counted and _day(payment.created_ms) == self._day:
            self._count(payment)

    # --- inside ---------------------------------------------------------------------------------

    def _look_at_the_day(self) -> None:
        """Begin to count at the first question of a day, with what the ledger says."""
        now = self._clock_ms()
        if self._day == (today := _day(now)):
            return
        self._day, self._sold, self._counted = today, Counter(), set()
        midnight = datetime.fromtimestamp(now / 1000, CHINA).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        for payment in self._ledger.recent(int(midnight.timestamp() * 1000), MOST_ORDERS):
            self._count(payment)

    def _count(self, payment: Payment) -> None:
        if payment.state is not State.PAID:
            return
        try:
            basket = self._ledger.basket_of(payment.out_trade_no) or {}
            if due_after(payment, basket):
                return
            lines = totals_from_json(basket).lines
        except (LedgerError, ValueError):
            log.exception("not counted out_trade_no=%s", payment.out_trade_no)
            return
        self._counted.add(payment.out_trade_no)
        for priced in lines:
            self._sold[priced.line.product.code] += priced.line.quantity


def _day(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, CHINA).date().isoformat()


def _read(path: Path) -> _Kept:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Kept)
    except FileNotFoundError:
        return _Kept()
    except (OSError, msgspec.DecodeError) as error:
        log.warning("what is sold out is forgotten cause=%s", error)
        return _Kept()
