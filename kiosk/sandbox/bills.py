"""The day's bills: what was traded, and how the merchant's account moved.

    BOM header CRLF  (`cell,`cell,… CRLF)*  summary header CRLF  `cell,… CRLF

UTF-8. Every cell of a row begins with a backtick, no cell of a header does; a goods name may hold
commas. Amounts are yuan with two decimals, fees with five. A day is a day in Beijing; its bill is
made at nine the next morning, says of each refund what was true then, and is kept three months.
A paid order that was reversed has two rows: SUCCESS, and REVOKED under the same number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum

from kiosk.sandbox.clock import BEIJING, Clock, dashed
from kiosk.sandbox.fields import Refused
from kiosk.sandbox.merchant import Merchant
from kiosk.sandbox.movements import Kind, Movement, Movements
from kiosk.sandbox.order import TradeType

ISSUED_AT = time(9)
KEPT = timedelta(days=92)
RATE = Decimal("0.006")

_TRADE = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
    "付款银行,货币种类,应结订单金额,代金券金额"
)
_REFUND = "微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态"
_GOODS = "商品名称,商户数据包,手续费,费率,订单金额"
_SUMMED = ("应结订单金额", "退款金额", "充值券退款金额", "手续费", "订单金额", "申请退款金额")
_SUMMARY = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)
_FLOW = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),"
    "资金变更提交申请人,备注,业务凭证号"
)
_FLOW_SUMMARY = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"

_BILLED = {TradeType.FACEPAY: "FACE"}
"""Where the bill has another word for a type of payment than the wire."""


class BillType(Enum):
    """Which rows a trade bill has; the value is its header."""

    ALL = f"{_TRADE},{_REFUND},{_GOODS},申请退款金额,费率备注"
    SUCCESS = f"{_TRADE},{_GOODS},费率备注"
    REFUND = f"{_TRADE},退款申请时间,退款成功时间,{_REFUND},{_GOODS},申请退款金额,费率备注"

    def shows(self, movement: Movement) -> bool:
        """Whether a movement of money has a row in it."""
        return self is BillType.ALL or (self is BillType.SUCCESS) == (movement.kind is Kind.PAID)


@dataclass(frozen=True, slots=True)
class Flow:
    """One movement of the merchant's account, in fen; negative for what leaves it."""

    movement: Movement
    what: str
    fen: int


class Bills:
    """The bills of one merchant."""

    def __init__(self, clock: Clock, merchant: Merchant, movements: Movements) -> None:
        self._clock = clock
        self._merchant = merchant
        self._movements = movements

    def trade(self, day: date, kind: BillType) -> bytes:
        """A trade bill; raises Refused BILL_CREATING or NO_BILL_EXIST."""
        begin, end, issued = self._window(day)
        listed = self._movements.between(begin, end, issued)
        rows = [self._row(movement) for movement in listed if kind.shows(movement)]
        if not rows:
            raise Refused("NO_BILL_EXIST", "No Bill Exist")
        sums = [_sum(name, (row[name] for row in rows)) for name in _SUMMED]
        cells = [[row[name] for name in kind.value.split(",")] for row in rows]
        return _file(kind.value, cells, _SUMMARY, [str(len(rows)), *sums])

    def fund_flow(self, day: date) -> bytes:
        """The merchant's account on a day; raises Refused like `trade`."""
        begin, end, issued = self._window(day)
        balance = sum(flow.fen for flow in self._flows(0, begin, issued))
        flows, rows = self._flows(begin, end, issued), []
        if not flows:
            raise Refused("NO_BILL_EXIST", "No Bill Exist")
        for at, flow in enumerate(flows, 1):
            balance += flow.fen
            rows.append(self._flow_row(flow, f"{day:%Y%m%d}{at:010d}", balance))
        came = [flow.fen for flow in flows if flow.fen > 0]
        went = [-flow.fen for flow in flows if flow.fen < 0]
        summary = [str(len(flows)), str(len(came)), yuan(sum(came)), str(len(went))]
        return _file(_FLOW, rows, _FLOW_SUMMARY, [*summary, yuan(sum(went))])

    def _window(self, day: date) -> tuple[float, float, float]:
        """Begin and end of a day and the moment its bill was made, once that has passed."""
        begin = datetime.combine(day, time(), BEIJING)
        end = begin + timedelta(days=1)
        issued = datetime.combine(end.date(), ISSUED_AT, BEIJING)
        now = datetime.fromtimestamp(self._clock.now(), BEIJING)
        if now < begin or now - end > KEPT:
            raise Refused("NO_BILL_EXIST", "No Bill Exist")
        if now < issued:
            raise Refused("BILL_CREATING", "Bill Creating")
        return begin.timestamp(), end.timestamp(), issued.timestamp()

    def _row(self, movement: Movement) -> dict[str, str]:
        """Every column of a trade bill, by its name."""
        paid = movement.kind is Kind.PAID
        order, fen = movement.order, movement.fen
        coupon = order.coupon_of(fen)
        prefunded = 0 if order.coupon_borne else coupon
        done = dashed(movement.done_at) if movement.done_at is not None else ""
        return {
            "交易时间": dashed(movement.at),
            "公众账号ID": self._merchant.appid,
            "商户号": self._merchant.mch_id,
            "特约商户号": order.sub_mch_id or "0",
            "设备号": order.device_info,
            "微信订单号": order.transaction_id,
            "商户订单号": order.out_trade_no,
            "用户标识": order.openid,
            "交易类型": _BILLED.get(order.trade_type, order.trade_type.value),
            "交易状态": movement.kind.value,
            "付款银行": "OTHERS",
            "货币种类": "CNY",
            "应结订单金额": yuan(movement.settled if paid else 0),
            "代金券金额": yuan(coupon if paid else 0),
            "退款申请时间": "" if paid else dashed(movement.at),
            "退款成功时间": done,
            "微信退款单号": movement.refund_id or "0",
            "商户退款单号": movement.out_refund_no or "0",
            "退款金额": yuan(0 if paid else movement.settled),
            "充值券退款金额": yuan(0 if paid else prefunded),
            "退款类型": "" if paid else "ORIGINAL",
            "退款状态": movement.state,
            "商品名称": order.body,
            "商户数据包": order.attach,
            "手续费": f"{Decimal(fee(movement.settled) * (1 if paid else -1)) / 100:.5f}",
            "费率": f"{RATE * 100:.2f}%",
            "订单金额": yuan(fen if paid else 0),
            "申请退款金额": yuan(0 if paid else fen),
            "费率备注": "",
        }

    def _flows(self, begin: float, end: float, issued: float) -> list[Flow]:
        """What came into the account and went out of it, fees apart, by the moment it moved."""
        flows = []
        for movement in self._movements.settled(begin, end, issued):
            sign = 1 if movement.kind is Kind.PAID else -1
            names = ("交易", "扣除交易手续费") if sign > 0 else ("退款", "退还交易手续费")
            if movement.settled:
                flows.append(Flow(movement, names[0], sign * movement.settled))
            if fee(movement.settled):
                flows.append(Flow(movement, names[1], -sign * fee(movement.settled)))
        return flows

    def _flow_row(self, flow: Flow, number: str, balance: int) -> list[str]:
        movement = flow.movement
        return [
            dashed(movement.done_at or movement.at),
            movement.refund_id or movement.order.transaction_id,
            f"{self._merchant.mch_id}{number}",
            flow.what,
            flow.what,
            "收入" if flow.fen > 0 else "支出",
            yuan(abs(flow.fen)),
            yuan(balance),
            "system",
            movement.reason,
            movement.out_refund_no or movement.order.out_trade_no,
        ]


def yuan(fen: int) -> str:
    """Fen as yuan with two decimals."""
    return f"{Decimal(fen) / 100:.2f}"


def fee(fen: int) -> int:
    """The channel's fee on an amount, rounded to the fen."""
    return int((fen * RATE).quantize(Decimal(1), ROUND_HALF_UP))


def _sum(column: str, cells: Iterable[str]) -> str:
    total = sum((Decimal(cell) for cell in cells), Decimal())
    return f"{total:.5f}" if column == "手续费" else f"{total:.2f}"


def _file(
    header: str, rows: Iterable[Sequence[str]], summary_header: str, summary: Sequence[str]
) -> bytes:
    lines = [header, *map(_line, rows), summary_header, _line(summary)]
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8-sig")


def _line(cells: Sequence[str]) -> str:
    return ",".join("`" + " ".join(cell.splitlines()) for cell in cells)
