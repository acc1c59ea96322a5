"""A ledger written through the product, a bill written by hand, and the shipped command."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kiosk.domain.money import Money
from kiosk.domain.payment import (
    Approved,
    Declined,
    FoundPaid,
    GiveUp,
    Method,
    Payment,
    Reversed,
    Submit,
    Unclear,
)
from kiosk.domain.refund import (
    Refund,
    RefundAccepted,
    RefundDone,
    RefundEvent,
    RefundUnclear,
    SendRefund,
    refund_number,
)
from kiosk.ledger import Ledger

MIDNIGHT = 1_772_294_400_000  # 2026-03-01 00:00 in China
MINUTE = 60_000
HOUR = 60 * MINUTE
NOON = MIDNIGHT + 12 * HOUR
DAY = 24 * HOUR

COLUMNS = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,"
    "付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,"
    "退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)
SUMS = (
    "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
)

FLOW_COLUMNS = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),"
    "资金变更提交申请人,备注,业务凭证号"
)
FLOW_SUMS = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"

TOML = """
terminal_id = "10000001"
[paths]
state = "{state}"
[channels.wechatpay]
driver = "wechatpay"
"""


def number(index: int) -> str:
    return f"0001260301{index:014d}"


class Shop:
    """One kiosk's ledger and one day's bill; `clock` is what the ledger reads."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.clock = NOON
        self.channel = "wechatpay"
        self.ledger = folder / "state" / "ledger"
        self.config = folder / "kiosk.toml"
        self.config.write_text(TOML.format(state=folder / "state"), "utf-8")
        self.rows: list[str] = []
        self._sums = [0, 0, 0]

    # --- the ledger -----------------------------------------------------------------------------

    @contextmanager
    def open(self) -> Iterator[Ledger]:
        ledger = Ledger(self.ledger, lambda: self.clock)
        try:
            yield ledger
        finally:
            ledger.close()

    def pay(self, index: int, *events, fen: int = 1380, at_ms: int = NOON) -> str:
        """A payment sent at `at_ms` to which `events` happened (none: it was paid)."""
        self.clock = at_ms
        with self.open() as ledger:
            return self.pay_in(ledger, index, *events, fen=fen, at_ms=at_ms)

    def pay_in(self, ledger: Ledger, index: int, *events, fen: int = 1380, at_ms=NOON) -> str:
        name = number(index)
        self.clock = at_ms
        payment = Payment(name, name, self.channel, Method.FACE, Money(fen), at_ms)
        ledger.open_payment(payment, {"lines": []})
        ledger.record(name, Submit(at_ms))
        for event in events or (Approved(f"42{index:04d}", fen),):
            self.clock += MINUTE
            ledger.record(name, event)
        return name

    def refund(
        self, index: int, part: int, *events: RefundEvent, fen: int = 1380, at_ms: int = NOON
    ) -> str:
        """A refund asked for and sent at `at_ms`, to which `events` happened."""
        self.clock = at_ms
        refund = Refund(
            out_refund_no=refund_number(number(index), part),
            out_trade_no=number(index),
            channel=self.channel,
            paid=Money(1380),
            amount=Money(fen),
            reason="returned",
            created_ms=at_ms,
        )
        with self.open() as ledger:
            ledger.open_refund(refund)
            for event in (SendRefund(at_ms), *events):
                self.clock += MINUTE
                ledger.record_refund(refund.out_refund_no, event)
        return refund.out_refund_no

    # --- the bill -------------------------------------------------------------------------------

    def row(
        self,
        index: int,
        state: str = "SUCCESS",
        *,
        fen: int = 1380,
        at: str = "2026-03-01 12:00:07",
        terminal: str = "10000001",
        refund_no: str = "",
        refund_state: str = "",
    ) -> None:
        """One row; `fen` is paid where the state is SUCCESS, else given back."""
        paid, back = (fen, 0) if state == "SUCCESS" else (0, fen)
        fee = 5 if paid else -5
        cells = [at, "wxapp", "1900", "0", terminal, f"42{index:04d}", number(index), "oUser"]
        cells += ["FACE", state, "OTHERS", "CNY", yuan(paid), "0.00"]
        cells += ["0", "0"] if paid else [f"50{len(self.rows):04d}", refund_no or "0"]
        cells += [yuan(back), "0.00", "" if paid else "ORIGINAL", refund_state]
        cells += ["牛奶, 面包", "", f"{fee / 100:.5f}", "0.38%", yuan(paid), yuan(back), ""]
        self.rows.append("".join(f",`{cell}" for cell in cells)[1:])
        for place, amount in enumerate((paid, back, fee)):
            self._sums[place] += amount

    def bill(self) -> Path:
        paid, back, fee = self._sums
        sums = [str(len(self.rows)), yuan(paid), yuan(back), "0.00", f"{fee / 100:.5f}"]
        sums += [yuan(paid), yuan(back)]
        last = "".join(f",`{cell}" for cell in sums)[1:]
        path = self.folder / "bill.csv"
        path.write_text("\r\n".join([COLUMNS, *self.rows, SUMS, last, ""]), "utf-8-sig")
        return path

    def fund_flow(self, *rows: tuple[str, str, int, int]) -> Path:
        """The account's movements: each one's channel number, type, fen and the balance after."""
        lines = [FLOW_COLUMNS]
        for at, (known, kind, fen, balance) in enumerate(rows):
            cells = ["2026-03-01 12:00:07", known, f"F{at}", kind, kind]
            cells += [
                "收入" if fen > 0 else "支出",
                yuan(abs(fen)),
                yuan(balance),
                "system",
                "",
                "",
            ]
            lines.append("".join(f",`{cell}" for cell in cells)[1:])
        came, went = ([abs(row[2]) for row in rows if row[2] * way > 0] for way in (1, -1))
        sums = [str(len(rows)), str(len(came)), yuan(sum(came)), str(len(went)), yuan(sum(went))]
        path = self.folder / "fund-flow.csv"
        last = "".join(f",`{cell}" for cell in sums)[1:]
        path.write_text("\r\n".join([*lines, FLOW_SUMS, last, ""]), "utf-8-sig")
        return path

    # --- the command ----------------------------------------------------------------------------

    def reconcile(self, *words: str, day: str = "2026-03-01") -> subprocess.CompletedProcess[str]:
        bill = [] if "--bill" in words else ["--bill", str(self.bill())]
        command = [sys.executable, "-m", "kiosk", "reconcile", "--day", day, *bill, *words]
        command += ["--config", str(self.config)]
        return subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


LOST = (Unclear("timed out"),)
UNDONE = (*LOST, GiveUp("policy"), Reversed())
LATE = (*LOST, GiveUp("policy"), FoundPaid("420009", 1380))
UNCLEAR = (RefundUnclear("timed out"),)
DONE = (RefundAccepted("5000"), RefundDone("5000", 500))
DECLINED = (Declined("NOTENOUGH"),)
