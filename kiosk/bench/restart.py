"""How long a start takes with a month of work and a bad day behind it, beside that of a new kiosk.

The ledger is made first: visits that are over and payments that are not, all by the ledger's own
code in one transaction, with real baskets. Then the core starts on it and on an empty one in turn,
until the attract screen reaches whoever shows it; and at once somebody pays by code, while the open
payments are asked after.
"""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from kiosk.bench.figure import Figure
from kiosk.bench.lane import Hand
from kiosk.content import load_price_book
from kiosk.demo.settings import SHOPS, Play
from kiosk.demo.shopper import GOODS
from kiosk.demo.stage import Stage
from kiosk.domain.basket import Basket
from kiosk.domain.catalogue import Gtin
from kiosk.domain.money import Money
from kiosk.domain.order import totals, totals_to_json
from kiosk.domain.payment import (
    Approved,
    Event,
    Method,
    Payment,
    Submit,
    advance,
    event_to_json,
    payment_to_json,
)
from kiosk.errors import KioskError
from kiosk.ledger import Ledger
from kiosk.ledger.month import Month
from kiosk.messages import Screen

ENTRIES = 100_000
OPEN = 1_000
STARTS = 3
_AGE_MS = 3_600_000  # of the newest payment, so that nobody is shown it any more


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds from one start to attract, and from the first code then to its slip."""

    start: float
    payment: float


@dataclass(frozen=True, slots=True)
class Observed:
    """Every start on either ledger, and what the full one held."""

    empty: Sequence[Taken]
    full: Sequence[Taken]
    entries: int
    open_payments: int


def observe(
    folder: Path, entries: int = ENTRIES, open_payments: int = OPEN, starts: int = STARTS
) -> Observed:
    """Make the ledger in `folder` and start on it. Raises KioskError for a start that fails."""
    visit = {"done": 60.0}  # the hand leaves by itself
    play = Play("", enrolled=False, settings={"visit": visit})
    with Stage(folder, play, kiosk=()) as stage:
        ledgers = {name: folder / f"ledger-{name}" for name in ("empty", "full")}
        found = fill(ledgers["full"], entries, open_payments)
        fill(ledgers["empty"], 0, 0)
        taken: dict[str, list[Taken]] = {name: [] for name in ledgers}
        for _ in range(starts):
            for name, ledger in ledgers.items():
                taken[name].append(_start(stage, ledger))
    return Observed(taken["empty"], taken["full"], found, open_payments)


def figures(seen: Observed) -> list[Figure]:
    """The budget of a start, and of the first payment after it."""
    full, empty = (statistics.median(one.start for one in each) for each in (seen.full, seen.empty))
    paid, alone = (
        statistics.median(one.payment for one in each) for each in (seen.full, seen.empty)
    )
    held = f"{seen.entries:,} entries, {seen.open_payments:,} open"
    return [
        Figure(
            "start to attract, beyond that on an empty ledger",
            full - empty,
            "s",
            1.0,
            note=f"{held}: {full:.2f} s; empty: {empty:.2f} s; medians of {len(seen.full)}, "
            "the core alone",
        ),
        Figure(
            "the first payment then ÷ on an empty ledger",
            paid / alone,
            "×",
            2.0,
            note=f"code to slip {paid:.2f} s while they are settled, {alone:.2f} s without",
        ),
    ]


def fill(directory: Path, entries: int, open_payments: int) -> int:
    """A ledger of this month with at least so many entries; how many. Its chain is checked."""
    now_ms = time.time_ns() // 1_000_000
    Ledger(directory, lambda: now_ms).close()
    (path,) = directory.glob("ledger-*.db")
    basket = _basket()
    with closing(Month(path, writable=True)) as month, month.transaction():
        at = 0
        while month.last().seq < entries - 2 * open_payments:
            _visit(month, at, now_ms - _AGE_MS, basket)
            at += 1
        for _ in range(open_payments):
            _submitted(month, at, now_ms - _AGE_MS, basket)
            at += 1
    with closing(Ledger(directory, lambda: now_ms)) as ledger:
        report = ledger.verify()
    if not report.holds:
        raise KioskError(f"the ledger that was made does not hold: {report.faults[0]}")
    return report.entries


def _basket() -> dict[str, object]:
    book = load_price_book(SHOPS / "grocery" / "catalogue.csv")
    basket = Basket()
    for code in GOODS:
        product = book.find(Gtin.parse(code))
        assert product is not None
        basket = basket.add(product)
    return totals_to_json(totals(basket))


def _visit(month: Month, at: int, ms: int, basket: dict[str, object]) -> None:
    """One that is over: five entries."""
    payment = _submitted(month, at, ms, basket)
    number = payment.out_trade_no
    _record(month, payment, ms, Approved(f"42{at:026d}", payment.amount.fen))
    month.append(ms, "delivery_started", number, {"kind": "slip", "body": {"copy": False}})
    month.append(ms, "delivery_ended", number, {"result": "DONE"})


def _submitted(month: Month, at: int, ms: int, basket: dict[str, object]) -> Payment:
    """One whose answer is not there: two entries."""
    fen = int(str(basket["total_fen"]))
    payment = Payment(f"0001{at:020d}", f"v{at}", "wechatpay", Method.CODE, Money(fen), ms)
    body = {"payment": payment_to_json(payment), "basket": basket}
    month.append(ms, "payment_opened", payment.out_trade_no, body, payment)
    return _record(month, payment, ms, Submit(ms))


def _record(month: Month, payment: Payment, ms: int, event: Event) -> Payment:
    after = advance(payment, event)
    month.append(ms, "payment", payment.out_trade_no, event_to_json(event), after)
    return after


def _start(stage: Stage, ledger: Path) -> Taken:
    """Start the core on a copy of `ledger`, see the attract screen, and pay."""
    if stage.alive("core"):
        stage.kill("core")
    place = stage.folder / "state" / "ledger"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(ledger, place)
    with closing(Hand(stage)) as hand:
        began = time.perf_counter()
        stage.start("core")
        hand.reaches(Screen.ATTRACT)
        shown = time.perf_counter()
        hand.goes_to_code()
        scanned = time.perf_counter()
        hand.shows_code()
        return Taken(shown - began, time.perf_counter() - scanned)
