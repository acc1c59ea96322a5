"""A day's fund-flow bill, row by row: how the merchant's account moved, and whether all is told.

    记账时间,微信支付业务单号,…,业务凭证号         header: the columns, found by their names
    `2026-11-21 10:00:00,`4200…,…,`S1D01…       a row a movement; every cell behind a backtick
    资金流水总笔数,收入笔数,…,支出金额             the summary's header, and its one row: counts and
    `3,`2,`12.80,`1,`0.08                        sums of the rows above, which must agree

The file of 资金账单, in the wrappings of the trade bill (`bill_file.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from kiosk.channels.wechatpay.bill_file import first_of, lines_of
from kiosk.channels.wechatpay.bill_row import BillError, units_of
from kiosk.channels.wechatpay.duplicates import Duplicates
from kiosk.channels.wechatpay.fund_flow_row import Columns
from kiosk.domain.fund_flow import FlowLine

_UNITS = 1000  # of a fen, as `units_of` counts
_SUMMARY = ("资金流水总笔数", "收入笔数", "收入金额", "支出笔数", "支出金额")


@dataclass(slots=True)
class _Total:
    """What the rows come to: those that came and those that went."""

    fens: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})
    counts: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})

    def add(self, line: FlowLine) -> None:
        came = line.amount.fen > 0
        self.fens[came] += abs(line.amount.fen)
        self.counts[came] += 1

    def cells(self) -> tuple[int, ...]:
        """The summary's cells; amounts in the units of `units_of`."""
        came, went = (self.counts[way] for way in (True, False))
        fens = (self.fens[way] * _UNITS for way in (True, False))
        return came + went, came, next(fens), went, next(fens)


def read_fund_flow(source: BinaryIO) -> Iterator[FlowLine]:
    """The lines of a fund-flow bill in a file that can be read twice, in the order of the file.

    Raises BillError for a row that cannot be read, a summary that is missing or does not agree, and
    a row that is there twice: at the latest at the end, so that nothing read before may be used
    until then.
    """
    lines = lines_of(source)
    columns = Columns.of(*first_of(lines))
    total, seen = _Total(), Duplicates()
    for row, text in lines:
        if not text.startswith("`"):
            break
        line = columns.line(row, columns.cells(row, text))
        seen.add(line.number)
        total.add(line)
        yield line
    else:
        raise BillError(sum(total.counts.values()) + 2, "the summary is missing")
    _check_summary((row, text), lines, total)
    if seen.suspects:
        _refuse_twice(columns, source, seen)


def _check_summary(
    header: tuple[int, str], lines: Iterator[tuple[int, str]], total: _Total
) -> None:
    row, text = header
    titles = tuple(title.strip() for title in text.split(","))
    if _SUMMARY[0] not in titles:
        raise BillError(row, "neither a row nor the summary")
    row, text = next(lines, (row, ""))
    said = text.removeprefix("`").split(",`")
    if not text.startswith("`") or len(said) != len(titles):
        raise BillError(row, "the summary is not whole")
    told: Mapping[str, str] = dict(zip(titles, said, strict=True))
    for title, due in zip(_SUMMARY, total.cells(), strict=True):
        if title not in told:
            raise BillError(row, f"the summary leaves out {title}")
        cell = told[title].strip()
        if (units_of(row, cell) if title.endswith("金额") else cell) not in (due, str(due)):
            raise BillError(row, f"{title} is {cell}, but the rows come to something else")
    for row, text in lines:
        if text.strip():
            raise BillError(row, "more after the summary")


def _refuse_twice(columns: Columns, source: BinaryIO, seen: Duplicates) -> None:
    """Read the file once more for the rows that may be there twice; raises BillError."""
    lines = lines_of(source)
    next(lines)
    for row, text in lines:
        if not text.startswith("`"):
            return
        line = columns.line(row, columns.cells(row, text))
        earlier = seen.first_row(line.number, row)
        if earlier is not None:
            raise BillError(row, f"the movement of row {earlier} once more")
