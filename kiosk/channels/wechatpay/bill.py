"""A day's trade bill, row by row: what it says of each payment, and whether it says it completely.

    交易时间,公众账号ID,…,费率备注                 header: the columns, found by their names
    `2026-11-21 10:00:00,`wx…,…,`                a row a movement; every cell behind a backtick
    总交易单数,…,申请退款总金额                    the summary's header, and its one row: count and
    `12,`0.06,…,`0.06                            sums of the rows above, which must agree

UTF-8, with or without BOM, CRLF or LF, plain or as gzip. Memory does not grow with the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO

from kiosk.channels.wechatpay.bill_file import first_of, lines_of
from kiosk.channels.wechatpay.bill_row import BillError, Columns, units_of
from kiosk.channels.wechatpay.duplicates import Duplicates
from kiosk.domain.bill import BillLine

__all__ = ["BillError", "read_bill"]

_COUNT = "总交易单数"
# The summary's sums, and the columns that they add up; those of our own columns must be there.
_SUMS: Mapping[str, str] = {
    "应结订单总金额": "应结订单金额",
    "退款总金额": "退款金额",
    "充值券退款总金额": "充值券退款金额",
    "手续费总金额": "手续费",
    "订单总金额": "订单金额",
    "申请退款总金额": "申请退款金额",
    "总交易额": "总金额",
    "总退款金额": "退款金额",
}


def read_bill(source: BinaryIO, channel: str = "wechatpay") -> Iterator[BillLine]:
    """The lines of a bill in a file that can be read twice.

    Raises BillError for a row that cannot be read, a summary that is missing or does not agree, and
    a movement that is there twice, whose rows are named: at the latest at the end, so that nothing
    read before may be used until then.
    """
    lines = lines_of(source)
    columns = Columns.of(*first_of(lines))
    summed = {title: columns.places[title] for title in _SUMS.values() if title in columns.places}
    sums = dict.fromkeys(summed, 0)
    count, seen = 0, Duplicates()
    for row, text in lines:
        if not text.startswith("`"):
            break
        cells = columns.cells(row, text)
        for title, place in summed.items():
            if cells[place] != "0.00":  # as most are, and there are six in each row
                sums[title] += units_of(row, cells[place])
        line = columns.line(row, cells, channel)
        seen.add(_key(line))
        count += 1
        yield line
    else:
        raise BillError(count + 2, "the summary is missing")
    _check_summary((row, text), lines, count, sums)
    if seen.suspects:
        _refuse_twice(columns, source, seen)


def _check_summary(
    header: tuple[int, str], lines: Iterator[tuple[int, str]], count: int, sums: Mapping[str, int]
) -> None:
    """Hold what was read against the summary; `sums` are those of the columns it adds up."""
    row, text = header
    titles = [title.strip() for title in text.split(",")]
    if _COUNT not in titles:
        raise BillError(row, "neither a row nor the summary")
    row, text = next(lines, (row, ""))
    said = text.removeprefix("`").split(",`")
    if not text.startswith("`") or len(said) != len(titles):
        raise BillError(row, "the summary is not whole")
    told = dict(zip(titles, said, strict=True))
    if told[_COUNT].strip() != str(count):
        raise BillError(row, f"the summary counts {told[_COUNT]} rows, the bill has {count}")
    added = {title: _SUMS[title] for title in told if _SUMS.get(title) in sums}
    if set(added.values()) != set(sums):
        raise BillError(row, "the summary leaves out a sum")
    for title, column in added.items():
        if units_of(row, told[title]) != sums[column]:
            raise BillError(row, f"{title} is {told[title]}, but the rows add up to another sum")
    for row, text in lines:
        if text.strip():
            raise BillError(row, "more after the summary")


def _refuse_twice(columns: Columns, source: BinaryIO, seen: Duplicates) -> None:
    """Read the bill once more for the movements that may be there twice; raises BillError."""
    lines = lines_of(source)
    next(lines)
    for row, text in lines:
        if not text.startswith("`"):
            return
        line = columns.line(row, columns.cells(row, text), "")
        earlier = seen.first_row(_key(line), row)
        if earlier is not None:
            raise BillError(row, f"the {line.kind.value} of row {earlier} once more")


def _key(line: BillLine) -> str:
    return f"{line.kind.value} {line.transaction_id} {line.refund_id}"
