"""A day from the first payment to the compared bill: real client, sandbox, bill and command."""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta

import pytest
from till import Shop
from wechatpy.pay import WeChatPay

from kiosk.channels.channel import OutcomeUnknown, PayOrder, RefundOrder, Token, TokenKind
from kiosk.channels.wechatpay import WechatPay, WechatPayOptions
from kiosk.domain.money import Money
from kiosk.domain.number import new_trade_no
from kiosk.domain.payment import GiveUp, Method, Payment, Submit, Unclear
from kiosk.domain.refund import Refund, SendRefund, refund_number
from kiosk.sandbox.testing import SandboxProcess, running

PRICE = Money(1380)


class Day:
    """A till that keeps its ledger by the sandbox's clock."""

    def __init__(self, sandbox: SandboxProcess, shop: Shop, terminal: str) -> None:
        self.sandbox, self.shop, self.terminal = sandbox, shop, terminal
        merchant = sandbox.merchant()
        self.channel = WechatPay(
            WechatPayOptions(
                appid=merchant["appid"],
                mch_id=merchant["mch_id"],
                key=merchant["key"],
                device_id=terminal,
                store_id=merchant["store_id"],
                store_name="示例门店",
                sandbox=True,
                pay_url=sandbox.address,
                face_url=sandbox.address,
                read_timeout=0.5,
            )
        )
        self.count = 0

    def now(self) -> datetime:
        return datetime.fromisoformat(self.sandbox.control("GET", "health")["now"])

    def go_to(self, day: date, hour: int) -> None:
        now = self.now()
        wanted = datetime(day.year, day.month, day.day, hour, tzinfo=now.tzinfo)
        self.sandbox.advance((wanted - now).total_seconds())

    def pay(self, balance: int = 100_000) -> str:
        """Ask the channel once and write down what it said, as far as it did."""
        self.count += 1
        self.shop.clock = int(self.now().timestamp() * 1000)
        name = new_trade_no(self.terminal, self.shop.clock, lambda _: self.count)
        payment = Payment(name, name, "wechatpay", Method.CODE, PRICE, self.shop.clock)
        with self.shop.open() as ledger:
            ledger.open_payment(payment, {"lines": []})
            ledger.record(name, Submit(self.shop.clock))
            try:
                token = Token(TokenKind.CODE, self.sandbox.code(balance=balance))
                answer = self.channel.pay(PayOrder(name, PRICE, "牛奶"), token)
            except OutcomeUnknown as error:
                answer = Unclear(error.cause)
            ledger.record(name, answer)
        return name

    def undo(self, name: str) -> None:
        self.sandbox.advance(16)
        with self.shop.open() as ledger:
            ledger.record(name, GiveUp("policy"))
            ledger.record(name, self.channel.reverse(PayOrder(name, PRICE, "牛奶")))

    def refund(self, name: str, fen: int) -> None:
        self.shop.clock = int(self.now().timestamp() * 1000)
        number, amount = refund_number(name, 1), Money(fen)
        asked = Refund(number, name, "wechatpay", PRICE, amount, "returned", self.shop.clock)
        with self.shop.open() as ledger:
            ledger.open_refund(asked)
            ledger.record_refund(number, SendRefund(self.shop.clock))
            answer = self.channel.refund(RefundOrder(name, number, PRICE, amount))
            ledger.record_refund(number, answer)


def account(sandbox):
    """The merchant's account as another client of the channel fetches it."""

    class Here(WeChatPay):
        API_BASE_URL = f"{sandbox.address}/"

    merchant = sandbox.merchant()
    return Here(merchant["appid"], merchant["key"], merchant["mch_id"]).tools


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    with running(tmp_path_factory.mktemp("sandbox")) as process:
        yield process


def test_a_day_of_payments_is_compared_with_the_bill_that_the_channel_makes(
    sandbox, shop, tmp_path
):
    till = Day(sandbox, shop, "10000001")
    other = Day(sandbox, Shop(tmp_path / "other"), "10000002")
    day = till.now().date() + timedelta(days=1)
    till.go_to(day, 10)
    paid, declined, given_back = till.pay(), till.pay(balance=1), till.pay()
    till.refund(given_back, 380)
    sandbox.script("drop-answer", api="micropay")
    lost = till.pay()
    sandbox.script("drop-answer", api="micropay")
    undone = till.pay()
    till.undo(undone)
    sandbox.script("coupon 200 borne", api="micropay")
    others = other.pay()
    till.go_to(day + timedelta(days=1), 10)
    bill, flow, out = (tmp_path / name for name in ("bill.gz", "fund-flow.csv", "out.csv"))
    bill.write_bytes(till.channel.download_bill(day))
    flow.write_text(account(sandbox).download_fundflow(day), "utf-8")
    till.channel.close()
    other.channel.close()

    words = ("--bill", str(bill), "--fund-flow", str(flow), "--csv", str(out))
    done = shop.reconcile(*words, day=day.isoformat())
    assert (done.returncode, done.stderr) == (2, "")
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = [{name: cell.strip() for name, cell in row.items()} for row in csv.DictReader(file)]
    ledger = [row for row in rows if row["books"] == "ledger, bill"]
    assert {(row["out_trade_no"], row["out_refund_no"]): row["cause"] for row in ledger} == {
        (paid, ""): "both say the same",
        (declined, ""): "no money moved, and both say so",
        (given_back, ""): "both say the same",
        (given_back, f"{given_back}R1"): "both say the same",
        (lost, ""): "an answer that was lost and never settled",
        (undone, ""): "taken, and undone on the same day",
        (others, ""): "another terminal's",
    }
    assert done.stdout.splitlines()[2:6] == [
        "matched                   5          23.80          23.80           0.00",
        "missing here              1           0.00          13.80          13.80",
        "state differs             1           0.00          13.80          13.80",
        "all                       7          23.80          51.40          27.60",
    ]
    moved = [row for row in rows if row["books"] == "bill, account"]
    assert {row["cause"] for row in moved} == {"traded, and moved on the account"}
    assert len(moved) == 7  # five payments, a refund and a reversal
    # Five sales of 13.80, one of them undone, one with 2.00 taken off, and 3.80 back; and the fees.
    assert done.stdout.splitlines()[-3] == (
        "all                       7          49.11          49.11           0.00"
    )
