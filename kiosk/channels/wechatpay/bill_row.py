"""One row of a trade bill: where its columns are, and what they say of one movement of money."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from operator import itemgetter

from kiosk.domain.bill import BillLine, LineKind
from kiosk.domain.money import Money

_BEIJING = "+08:00"  # the bill's clock; no summer time since 1991
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
_YUAN = re.compile(r"(-?)([0-9]{1,12})(?:\.([0-9]{1,5}))?")
_NO_NUMBER = ("", "0")
_PRICES = 4096  # different amounts remembered: a shop's day has a few hundred, its bill six a row
_UNITS = 1000  # amounts are counted in 1/1000 fen: the fee has five decimals of a yuan

# Columns by what we call them, in the order in which `Columns.line` takes them. Bills of merchants
# from before 2018 have the second name of an amount, or none of the first.
_COLUMNS: Mapping[str, Sequence[str]] = {
    "at": ("交易时间",),
    "terminal": ("设备号",),
    "transaction_id": ("微信订单号",),
    "out_trade_no": ("商户订单号",),
    "trade_type": ("交易类型",),
    "trade_state": ("交易状态",),
    "currency": ("货币种类",),
    "refund_id": ("微信退款单号",),
    "out_refund_no": ("商户退款单号",),
    "refund_state": ("退款状态",),
    "attach": ("商户数据包",),
    "fee": ("手续费",),
    "order_amount": ("订单金额", "总金额"),
    "refund_amount": ("申请退款金额", "退款金额"),
    "order_settled": ("应结订单金额", "总金额"),
    "refund_settled": ("退款金额",),
}

_KINDS: Mapping[str, LineKind] = {
    "SUCCESS": LineKind.PAYMENT,
    "REFUND": LineKind.REFUND,
    "REVOKED": LineKind.REVERSAL,
}


class BillError(ValueError):
    """The file is no whole bill; `row` is the line of the file that shows it, counted from 1."""

    def __init__(self, row: int, why: str) -> None:
        super().__init__(f"row {row}: {why}")
        self.row = row


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each column of this bill is, by the name that its header gives it; `ours` takes those
    of `_COLUMNS` out of a row.
    """

    places: Mapping[str, int]
    ours: Callable[[Sequence[str]], tuple[str, ...]]

    @classmethod
    def of(cls, row: int, text: str) -> Columns:
        """From the header; raises BillError where a column is missing that is needed."""
        titles = [title.strip() for title in text.split(",")]
        places = {title: place for place, title in enumerate(titles)}
        if len(places) != len(titles):
            raise BillError(row, "a column is there twice")
        ours = []
        for titles_of in _COLUMNS.values():
            found = [title for title in titles_of if title in places]
            if not found:
                raise BillError(row, f"the column {titles_of[0]} is missing")
            ours.append(places[found[0]])
        return cls(places, itemgetter(*ours))

    def cells(self, row: int, text: str) -> list[str]:
        """A row's cells; a comma alone does not part them, since names of goods have commas."""
        cells = text[1:].split(",`")
        if len(cells) != len(self.places):
            raise BillError(row, f"{len(cells)} cells under {len(self.places)} columns")
        return cells

    def line(self, row: int, cells: Sequence[str], channel: str) -> BillLine:
        """What the cells say; raises BillError."""
        (
            at, terminal, transaction_id, out_trade_no, trade_type, trade_state, currency,
            refund_id, out_refund_no, refund_state, attach, fee, order_amount, refund_amount,
            order_settled, refund_settled,
        ) = map(str.strip, self.ours(cells))  # fmt: skip
        kind = _KINDS.get(trade_state)
        if kind is None:
            raise BillError(row, f"unknown state {trade_state!r}")
        if currency != "CNY":
            raise BillError(row, f"amounts in {currency!r}")
        if out_trade_no in _NO_NUMBER or transaction_id in _NO_NUMBER:
            raise BillError(row, "a payment without its numbers")
        paid = kind is LineKind.PAYMENT
        amount = order_amount if paid else refund_amount
        settled = order_settled if paid else refund_settled
        return BillLine(
            channel=channel,
            kind=kind,
            out_trade_no=out_trade_no,
            transaction_id=transaction_id,
            amount=amount_of(row, amount),
            at=at,
            at_ms=ms_of(row, at),
            state=trade_state if paid else refund_state or trade_state,
            out_refund_no="" if paid or out_refund_no in _NO_NUMBER else out_refund_no,
            refund_id="" if paid or refund_id in _NO_NUMBER else refund_id,
            fee=_rounded(units_of(row, fee)),
            trade_type=trade_type,
            terminal=terminal,
            attach=attach,
            settled=None if settled == amount else _rounded(units_of(row, settled)),
        )


def ms_of(row: int, text: str) -> int:
    """A moment in Beijing as Unix milliseconds; raises BillError."""
    try:
        if _TIME.fullmatch(text):
            return int(datetime.fromisoformat(text + _BEIJING).timestamp()) * 1000
    except ValueError:
        pass
    raise BillError(row, f"no time: {text!r}")


def units_of(row: int, text: str) -> int:
    """Yuan as text, in 1/1000 fen; raises BillError."""
    units = _units(text)
    if units is None:
        raise BillError(row, f"no amount: {text!r}")
    return units


@lru_cache(_PRICES)
def _units(text: str) -> int | None:
    match = _YUAN.fullmatch(text.strip())
    if match is None:
        return None
    sign, yuan, decimals = match.groups("")
    units = int(yuan + decimals.ljust(5, "0"))
    return -units if sign else units


def amount_of(row: int, text: str) -> Money:
    """Yuan as text, more than nothing and whole fen; raises BillError."""
    units = units_of(row, text)
    if units <= 0 or units % _UNITS:
        raise BillError(row, f"no amount of a movement: {text!r}")
    return Money(units // _UNITS)


@lru_cache(_PRICES)
def _rounded(units: int) -> Money:
    """To the nearest fen, halves away from zero, so that a fee given back is the fee taken."""
    fen = (abs(units) + _UNITS // 2) // _UNITS
    return Money(-fen if units < 0 else fen)
