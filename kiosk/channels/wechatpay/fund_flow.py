"""A day's fund-flow bill, row by row: how the merchant's account moved, and whether all is told.

    记账时间,微信支付业务单号,…,业务凭证号         header: the columns, found by their names
    `2026-11-21 10:00:00,`4200…,…,`S1D01…       a row a movement; every cell behind a backtick
    资金流水总笔数,收入笔数,…,支出金额             the summary's header, and its one row: counts and
    `3,`2,`12.80,`1,`0.08                        sums of the rows above, which must agree

The file of 资金账单, in the wrappings of the trade bill (`bill_file.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from kiosk.channels.wechatpay.bill_file import first_of, lines_of
from kiosk.channels.wechatpay.bill_row import BillError, units_of
from kiosk.channels.wechatpay.duplicates import Duplicates
from kiosk.channels.wechatpay.fund_flow_row import Columns
from kiosk.domain.fund_flow import FlowLine

_UNITS = 1000  # of a fen, as `units_of` counts
_COUNT = "资金流水总笔数"


@dataclass(slots=True)
class _Total:
    """What the rows come to, in one direction."""

    count: int = 0
    fen: int = 0

    def add(self, line: FlowLine) -> None:
        self.count += 1
        self.fen += abs(line.amount.fen)


def read_fund_flow(source: BinaryIO) -> Iterator[FlowLine]:
    """The lines of a fund-flow bill in a file that can be read twice, in the order of the file.

    Raises BillError for a row that cannot be read, a summary that is missing or does not agree, and
    a row that is there twice: at the latest at the end, so that nothing read before may be used
    until then.
    """
    lines = lines_of(source)
    columns = Columns.of(*first_of(lines))
    came, went, seen = _Total(), _Total(), Duplicates()
    for row, text in lines:
        if not text.startswith("`"):
            break
        line = columns.line(row, columns.cells(row, text))
        seen.add(line.number)
        (came if line.amount.fen > 0 else went).add(line)
        yield line
    else:
        raise BillError(came.count + went.count + 2, "the summary is missing")
    _check_summary((row, text), lines, came, went)
    if seen.suspects:
        _refuse_twice(columns, source, seen)


def _check_summary(
    header: tuple[int, str], lines: Iterator[tuple[int, str]], came: _Total, went: _Total
) -> None:
    row, text = header
    titles = [title.strip() for title in text.split(",")]
    if _COUNT not in titles:
        raise BillError(row, "neither a row nor the summary")
    row, text = next(lines, (row, ""))
    said = text.removeprefix("`").split(",`")
    if not text.startswith("`") or len(said) != len(titles):
        raise BillError(row, "the summary is not whole")
    told = {title: cell.strip() for title, cell in zip(titles, said, strict=True)}
    _check_totals(row, told, came, went)
    for row, text in lines:
        if text.strip():
            raise BillError(row, "more after the summary")


def _check_totals(row: int, told: Mapping[str, str], came: _Total, went: _Total) -> None:
    counts = {_COUNT: came.count + went.count, "收入笔数": came.count, "支出笔数": went.count}
    sums = {"收入金额": came.fen, "支出金额": went.fen}
    for title in (*counts, *sums):
        if title not in told:
            raise BillError(row, f"the summary leaves out {title}")
    for title, count in counts.items():
        if told[title] != str(count):
            raise BillError(row, f"{title} is {told[title]}, but the rows are {count}")
    for title, fen in sums.items():
        if units_of(row, told[title]) != fen * _UNITS:
            raise BillError(row, f"{title} is {told[title]}, but the rows add up to another sum")


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
