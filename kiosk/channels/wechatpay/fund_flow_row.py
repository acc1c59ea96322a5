"""One row of a fund-flow bill: where its columns are, and what they say of one movement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kiosk.channels.wechatpay.bill_row import BillError, amount_of, ms_of, units_of
from kiosk.domain.fund_flow import FlowKind, FlowLine
from kiosk.domain.money import Money

_UNITS = 1000  # of a fen, as `units_of` counts

_COLUMNS: Mapping[str, Sequence[str]] = {
    "at": ("记账时间",),
    "business_no": ("微信支付业务单号",),
    "number": ("资金流水单号",),
    "name": ("业务名称",),
    "type": ("业务类型",),
    "way": ("收支类型",),
    "amount": ("收支金额(元)", "收支金额（元）"),
    "balance": ("账户结余(元)", "账户结余（元）"),
    "voucher": ("业务凭证号",),
}

# By the type, which is the finer word; what is not here is no sale.
_KINDS: Mapping[str, FlowKind] = {
    "交易": FlowKind.PAYMENT,
    "退款": FlowKind.REFUND,
    "扣除交易手续费": FlowKind.FEE,
    "退还交易手续费": FlowKind.FEE,
}
_SIGNS: Mapping[str, int] = {"收入": 1, "支出": -1}


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each column of this file is, by what we call it; `count` is how many there are."""

    places: Mapping[str, int]
    count: int

    @classmethod
    def of(cls, row: int, text: str) -> Columns:
        """From the header; raises BillError where a column is missing that is needed."""
        titles = [title.strip() for title in text.split(",")]
        if len(set(titles)) != len(titles):
            raise BillError(row, "a column is there twice")
        places = {}
        for name, known in _COLUMNS.items():
            found = [titles.index(title) for title in known if title in titles]
            if not found:
                raise BillError(row, f"the column {known[0]} is missing")
            places[name] = found[0]
        return cls(places, len(titles))

    def cells(self, row: int, text: str) -> list[str]:
        """A row's cells; a comma alone does not part them, since remarks have commas."""
        cells = text[1:].split(",`")
        if len(cells) != self.count:
            raise BillError(row, f"{len(cells)} cells under {self.count} columns")
        return cells

    def line(self, row: int, cells: Sequence[str]) -> FlowLine:
        """What the cells say; raises BillError."""

        def cell(name: str) -> str:
            return cells[self.places[name]].strip()

        sign = _SIGNS.get(cell("way"))
        if sign is None:
            raise BillError(row, f"neither income nor expense: {cell('way')!r}")
        kind = _KINDS.get(cell("type"), FlowKind.OTHER)
        if not cell("number") or (kind is not FlowKind.OTHER and not cell("business_no")):
            raise BillError(row, "a movement without its numbers")
        balance = units_of(row, cell("balance"))
        if balance % _UNITS:
            raise BillError(row, f"no balance: {cell('balance')!r}")
        return FlowLine(
            number=cell("number"),
            business_no=cell("business_no"),
            kind=kind,
            name=cell("type") or cell("name"),
            amount=amount_of(row, cell("amount")) * sign,
            balance=Money(balance // _UNITS),
            at=cell("at"),
            at_ms=ms_of(row, cell("at")),
            voucher=cell("voucher"),
        )
