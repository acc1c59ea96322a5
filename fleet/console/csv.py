"""Lists as files for a spreadsheet: UTF-8 with its mark, as Excel wants it, a page after the other.

A text that a spreadsheet would take for a formula begins with an apostrophe. A number of more than
15 digits ends with a tab, as in Alipay's own bills, or the spreadsheet would round it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

from fleet.console.questions.payments import Booked, PaymentFilter, payments
from fleet.console.questions.sums import DayFilter, DeviceDay, device_days
from fleet.console.texts import Texts
from fleet.console.view import View
from fleet.console.words import channel_text, day_text, method_text, moment
from kiosk.domain.money import yuan_text

BOM = "\ufeff"
AT_ONCE = 1_000  # rows in one question
PART = 64 * 1024  # characters that leave together
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_EXACT = 15  # digits that a spreadsheet keeps


class _Placed(Protocol):
    @property
    def place(self) -> tuple[str, ...]: ...


Row = TypeVar("Row", bound=_Placed)


def cell(text: str) -> str:
    """The text as it may stand in a file that a spreadsheet opens."""
    if text.isascii() and text.isdigit():
        return f"{text}\t" if len(text) > _EXACT else text
    return f"'{text}" if text.startswith(_FORMULA) else text


def payments_csv(view: View, wanted: PaymentFilter, say: Texts) -> Iterator[str]:
    """The payments of the list, all of them."""
    names = ("begun", "merchant", "terminal", "number", "transaction", "channel", "method")
    more = ("currency", "amount", "taken", "state", "said", "ended")
    head = [say(f"csv.{name}") for name in (*names, *more)]

    def line(booked: Booked) -> list[str]:
        paid = booked.payment
        said = " ".join(each for each in (paid.code, paid.message) if each)
        return [
            moment(paid.created_ms),
            booked.who.merchant_id,
            booked.who.terminal_id,
            paid.out_trade_no,
            paid.transaction_id,
            channel_text(say, paid.channel),
            method_text(say, paid.method.value),
            paid.amount.currency,
            yuan_text(paid.amount.fen),
            yuan_text(paid.taken_fen),
            say(f"outcome.{booked.outcome.value}"),
            said,
            moment(booked.ended_ms),
        ]

    pages = _pages(lambda place: payments(view, wanted, place, AT_ONCE))
    return _lines(head, map(line, pages))


def transactions_csv(view: View, wanted: DayFilter, say: Texts) -> Iterator[str]:
    """The device days of the list, all of them."""
    names = ("day", "merchant", "store", "terminal", "channel", "method", "currency")
    more = ("paid", "sum", "late", "late_sum", "refunds", "refund_sum")
    head = [say(f"csv.{name}") for name in (*names, *more)]

    def line(each: DeviceDay) -> list[str]:
        sums = each.sums
        return [
            day_text(each.day),
            each.merchant_id,
            each.store_id,
            each.terminal_id,
            channel_text(say, each.channel),
            method_text(say, each.method),
            sums.currency,
            str(sums.paid),
            yuan_text(sums.paid_fen),
            str(sums.late),
            yuan_text(sums.late_fen),
            str(sums.refunds),
            yuan_text(sums.refund_fen),
        ]

    pages = _pages(lambda place: device_days(view, wanted, place, AT_ONCE))
    return _lines(head, map(line, pages))


def _pages(ask: Callable[[Sequence[str]], list[Row]]) -> Iterator[Row]:
    place: tuple[str, ...] = ()
    while rows := ask(place):
        yield from rows
        if len(rows) < AT_ONCE:
            return
        place = rows[-1].place


def _lines(head: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(BOM)
    writer.writerow(head)
    for row in rows:
        writer.writerow([cell(text) for text in row])
        if buffer.tell() >= PART:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
