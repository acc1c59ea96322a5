"""How much of the random campaigns' budgets this kiosk has given: a small file beside the ledger.

    {"lucky": {"budget": 20000, "given": 1230,
               "held": {"4fa9…": {"fen": 88, "numbers": ["0001…", …]}}}}

A part is held, on the disk, before the payment of a visit is opened, and the ledger says what
became of it: given where a payment of the visit was paid, free again where all of them ended unpaid
or were never opened, held as long as one is open. So a crash between the two never gives more than
the budget. A file that cannot be read counts as spent.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kiosk.disk import write_whole
from kiosk.domain.payment import Payment, State
from kiosk.ledger import LedgerError

Find = Callable[[str], Payment | None]
"""The payment of that number as the ledger knows it, or None."""

log = logging.getLogger(__name__)


class NotHeld(LedgerError):
    """The budget could not be reserved, so its payment must not be opened."""

    mend = "Check the disk and the file budgets.json beside the ledger."


class Budgets:
    """Used by the checkout's thread only; amounts are fen."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._books: dict[str, Any] | None = None

    def left(self, campaign: str, budget: int, find: Find) -> int:
        """What a new visit may get at most; 0 where that cannot be known."""
        try:
            books = self._read()
            self._close(books, find)
        except (OSError, ValueError, LedgerError):
            log.exception("the budgets cannot be known")
            return 0
        return max(0, budget - _used(books.get(campaign)))

    def knows(self, campaign: str) -> int | None:
        """The budget of a campaign of which something was held before, or None."""
        try:
            book = self._read().get(campaign)
        except (OSError, ValueError):
            return None
        return None if book is None else int(book["budget"])

    def hold(self, campaign: str, budget: int, payment: Payment, fen: int) -> None:
        """Reserve for the visit of a payment that is going to be opened. Raises NotHeld.

        Another payment of the same visit has what its first one holds.
        """
        try:
            books = self._read()
            book = books.setdefault(campaign, {"budget": budget, "given": 0, "held": {}})
            book["budget"] = budget
            held = book["held"].setdefault(payment.visit_id, {"fen": 0, "numbers": []})
            held["fen"] = max(fen, held["fen"])
            held["numbers"].append(payment.out_trade_no)
            if _used(book) > budget:
                raise NotHeld(f"the budget of {campaign} is spent")
            self._write(books)
        except (OSError, ValueError) as error:
            raise NotHeld(f"{self._path}: {error}") from error

    def _close(self, books: dict[str, Any], find: Find) -> None:
        """Ask the ledger what became of what is held."""
        changed = False
        for book in books.values():
            for visit_id, held in [*book["held"].items()]:
                found = [payment for number in held["numbers"] if (payment := find(number))]
                if not all(payment.final for payment in found):
                    continue
                if any(payment.state is State.PAID for payment in found):
                    book["given"] += held["fen"]
                del book["held"][visit_id]
                changed = True
        if changed:
            self._write(books)

    def _read(self) -> dict[str, Any]:
        """A copy of the books. Raises OSError or ValueError."""
        if self._books is None:
            try:
                text = self._path.read_text("utf-8")
            except FileNotFoundError:
                text = "{}"
            self._books = _checked(json.loads(text))
        copy: dict[str, Any] = json.loads(json.dumps(self._books))
        return copy

    def _write(self, books: dict[str, Any]) -> None:
        self._books = None  # whatever happens now, the file says how it went
        write_whole(self._path, json.dumps(books))
        self._books = books


def _used(book: Mapping[str, Any] | None) -> int:
    if book is None:
        return 0
    return int(book["given"]) + sum(int(each["fen"]) for each in book["held"].values())


def _checked(books: Any) -> dict[str, Any]:
    try:
        for book in books.values():
            amounts = [book["budget"], book["given"]]
            for held in book["held"].values():
                amounts.append(held["fen"])
                if not all(type(number) is str for number in held["numbers"]):
                    raise ValueError("numbers are texts")
            if not all(type(amount) is int and amount >= 0 for amount in amounts):
                raise ValueError("amounts are whole numbers")
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError("not the books of budgets") from error
    checked: dict[str, Any] = books
    return checked
