"""An X or Z report: the lines that screen and slip say, and the slip.

X-REPORT / Z-REPORT   number, terminal, from, to
sales, saved, tax by rate
taken by channel and method · given back by channel · what is left of it
undone, late, beside, given up · what is open at its end
drawer: in, out, over, short, what should be in it
grand totals, which never begin anew
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kiosk.domain.money import Money
from kiosk.domain.payment import Method
from kiosk.domain.receipt import amount_text, channel_text, china_time, tender_text
from kiosk.domain.slip import Align, Columns, Cut, Feed, Ruler, SlipElement, TextLine
from kiosk.domain.takings import NONE, Sum, Sums

CASH_MOVES = ("float", "sale", "refund", "pay_in", "pay_out", "over", "short", "count")
"""Why the drawer holds more or less, in the order of a report."""


@dataclass(frozen=True, slots=True)
class Report:
    """An X or a Z whole; `number` is that of the Z, or of the one that would come next.

    `open`, `refunds_open` and `parts` stand at its end: sent and not final, not at their end,
    and paid for a basket that is not paid whole.
    """

    closed: bool
    number: int
    since_ms: int
    until_ms: int
    sums: Sums
    grand: Sum
    grand_back: Sum
    cash_fen: int
    open: Sum
    refunds_open: Sum
    parts: Sum

    @property
    def taken(self) -> Sum:
        """All that channels and the drawer took."""
        return _total(self.sums, "paid/", "late", "beside")

    @property
    def back(self) -> Sum:
        """All that went back."""
        return _total(self.sums, "back/")

    def named(self, front: str) -> Iterator[tuple[str, Sum]]:
        """The sums whose names begin so, with the rest of the name, in order."""
        found = ((name.removeprefix(front), each) for name, each in self.sums.items()
                 if name.startswith(front))  # fmt: skip
        return iter(sorted(found))

    def of(self, name: str) -> Sum:
        """One of the sums."""
        return self.sums.get(name, NONE)


def report_of(body: Mapping[str, Any], until_ms: int, *, closed: bool) -> Report:
    """What a `Takings.closing` says, be it written as a Z or not.

    Raises ValueError for anything else.
    """
    try:
        sent = [int(each["fen"]) for each in body["open"] if each["submitted_ms"] is not None]
        back = [int(each["fen"]) for each in body["refunds"]]
        parts = [int(fen) for fen in body["parts"].values()]
        return Report(
            closed=closed,
            number=int(body["number"]),
            since_ms=int(body["since_ms"]),
            until_ms=until_ms,
            sums={name: Sum(*each) for name, each in body["sums"].items()},
            grand=Sum(*body["grand"]),
            grand_back=Sum(*body["grand_back"]),
            cash_fen=int(body["cash_fen"]),
            open=Sum(len(sent), sum(sent)),
            refunds_open=Sum(len(back), sum(back)),
            parts=Sum(len(parts), sum(parts)),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not the end of a period") from error


def _total(sums: Sums, *fronts: str) -> Sum:
    total = NONE
    for name, each in sums.items():
        if name.startswith(fronts):
            total += each
    return total


# --- its lines ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One line: `key` says what, `of` whose (a tax rate, a tender; by language where it has one).

    `count` and `fen` are None where they say nothing; a `head` begins a part of the report.
    """

    key: str
    of: Mapping[str, str]
    count: int | None = None
    fen: int | None = None
    head: bool = False
    strong: bool = False


def lines(report: Report) -> Iterator[ReportLine]:
    """All lines of the report, top to bottom; what did not happen has none, but for the sums."""
    yield from _sales(report)
    yield from _tenders(report)
    yield from _left_open(report)
    yield from _drawer(report)
    yield _head("grand")
    yield _sum("grand_taken", report.grand)
    yield _sum("grand_back", report.grand_back)


def drawer_lines(report: Report) -> Iterator[ReportLine]:
    """What came into the drawer in the period, and what went out of it."""
    moved = dict(report.named("cash/"))
    for name in CASH_MOVES:
        yield from _some(f"cash_{name}", moved.pop(name, NONE))
    for name, each in moved.items():
        yield ReportLine("cash_other", {"": name}, each.count, each.fen)


def _sales(report: Report) -> Iterator[ReportLine]:
    yield _head("sales")
    yield _sum("sale", report.of("sale"), strong=True)
    yield from _some("saved", report.of("saved"))
    for rate, gross in sorted(report.named("gross/"), key=lambda each: int(each[0])):
        percent = {"": f"{int(rate) / 100:g}%"}
        yield ReportLine("gross", percent, None, gross.fen)
        yield ReportLine("tax", percent, None, report.of(f"tax/{rate}").fen)


def _tenders(report: Report) -> Iterator[ReportLine]:
    yield _head("taken")
    for name, each in report.named("paid/"):
        channel, _, method = name.rpartition("/")
        of = {one: tender_text(channel, Method(method), one) for one in ("zh", "en")}
        yield ReportLine("paid", of, each.count, each.fen)
    for name in ("late", "beside"):
        yield from _some(name, report.of(name))
    yield _sum("taken_sum", report.taken, strong=True)
    yield _head("back")
    for channel, each in report.named("back/"):
        named = {one: channel_text(channel, one) for one in ("zh", "en")}
        yield ReportLine("back_by", named, each.count, each.fen)
    yield _sum("back_sum", report.back, strong=True)
    yield ReportLine("net", {}, None, report.taken.fen - report.back.fen, strong=True)


def _left_open(report: Report) -> Iterator[ReportLine]:
    found = (
        *(_some(name, report.of(name)) for name in ("reversed", "declined", "lost", "abandoned")),
        _some("open", report.open),
        _some("refunds_open", report.refunds_open),
        _some("parts", report.parts),
    )
    some = [line for each in found for line in each]
    if some:
        yield _head("beside_sales")
        yield from some


def _drawer(report: Report) -> Iterator[ReportLine]:
    if report.cash_fen or any(report.named("cash/")):
        yield _head("cash")
        yield from drawer_lines(report)
        yield ReportLine("cash_expected", {}, None, report.cash_fen, strong=True)
    opened = report.of("drawer").count
    if opened:
        yield ReportLine("drawer", {}, opened)


def _head(key: str) -> ReportLine:
    return ReportLine(key, {}, head=True)


def _sum(key: str, found: Sum, *, strong: bool = False) -> ReportLine:
    return ReportLine(key, {}, found.count, found.fen, strong=strong)


def _some(key: str, found: Sum) -> Iterator[ReportLine]:
    if found.count:
        yield _sum(key, found)


# --- its slip -----------------------------------------------------------------------------------

_WORDS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "test": "测试 TEST · 未发生真实扣款",
        "copy": "副本 COPY",
        "x": "X 报表（班中）",
        "z": "Z 报表（日结）",
        "number": "日结编号",
        "next": "下一个日结编号",
        "terminal": "终端号",
        "since": "从",
        "until": "到",
        "sales": "销售",
        "sale": "销售额",
        "saved": "已优惠",
        "gross": "税率",
        "tax": "其中税额",
        "taken": "收款",
        "paid": "",
        "late": "迟到的付款",
        "beside": "多收的付款",
        "taken_sum": "收款合计",
        "back": "退款",
        "back_by": "",
        "back_sum": "退款合计",
        "net": "净收款",
        "beside_sales": "其他",
        "reversed": "已撤销",
        "declined": "未成功",
        "lost": "已记损失",
        "abandoned": "放弃的分次付款",
        "open": "未完成的付款",
        "refunds_open": "未完成的退款",
        "parts": "等余款的付款",
        "cash": "钱箱",
        "cash_sale": "现金收款",
        "cash_refund": "现金退款",
        "cash_float": "备用金",
        "cash_pay_in": "放入现金",
        "cash_pay_out": "取出现金",
        "cash_over": "盘点长款",
        "cash_short": "盘点短款",
        "cash_count": "盘点无差异",
        "cash_other": "其他",
        "drawer": "店员开钱箱",
        "cash_expected": "钱箱应有",
        "grand": "累计（不清零）",
        "grand_taken": "累计收款",
        "grand_back": "累计退款",
    },
    "en": {
        "test": "TEST · no money was taken",
        "copy": "COPY",
        "x": "X report",
        "z": "Z report",
        "number": "Z number",
        "next": "Next Z number",
        "terminal": "Terminal",
        "since": "From",
        "until": "To",
        "sales": "SALES",
        "sale": "Sales",
        "saved": "Discounts",
        "gross": "Taxed at",
        "tax": "VAT contained",
        "taken": "TAKEN",
        "paid": "",
        "late": "Paid late",
        "beside": "Paid twice",
        "taken_sum": "Taken in all",
        "back": "GIVEN BACK",
        "back_by": "",
        "back_sum": "Given back in all",
        "net": "Taken less given back",
        "beside_sales": "OTHER",
        "reversed": "Undone",
        "declined": "Declined",
        "lost": "Lost",
        "abandoned": "Parts given up",
        "open": "Payments still open",
        "refunds_open": "Refunds still open",
        "parts": "Parts awaiting the rest",
        "cash": "DRAWER",
        "cash_sale": "Cash sales",
        "cash_refund": "Cash refunds",
        "cash_float": "Float",
        "cash_pay_in": "Paid in",
        "cash_pay_out": "Paid out",
        "cash_over": "Counted over",
        "cash_short": "Counted short",
        "cash_count": "Counted right",
        "cash_other": "Other",
        "drawer": "Opened by staff",
        "cash_expected": "Should be in it",
        "grand": "GRAND TOTALS",
        "grand_taken": "Taken ever",
        "grand_back": "Given back ever",
    },
}


@dataclass(frozen=True, slots=True)
class ReportSlip:
    """What stands around the lines; `copy`: it was printed before."""

    terminal_id: str
    language: str = "zh"
    test: bool = False
    copy: bool = False


def report_slip(report: Report, around: ReportSlip) -> Iterator[SlipElement]:
    """The slip of a report, top to bottom."""
    words = _WORDS.get(around.language, _WORDS["zh"])
    for mark in ("test", "copy"):
        if getattr(around, mark):
            yield TextLine(words[mark], Align.CENTRE, bold=True)
    title = words["z" if report.closed else "x"]
    yield TextLine(title, Align.CENTRE, bold=True, large=True)
    yield Ruler()
    yield Columns(words["number" if report.closed else "next"], f"{report.number:04d}", bold=True)
    yield Columns(words["terminal"], around.terminal_id)
    yield Columns(words["since"], china_time(report.since_ms))
    yield Columns(words["until"], china_time(report.until_ms))
    for line in lines(report):
        yield from _printed(line, words, around.language)
    yield Ruler()
    if around.test:
        yield TextLine(words["test"], Align.CENTRE, bold=True)
    yield Feed(3)
    yield Cut()


def _printed(line: ReportLine, words: Mapping[str, str], language: str) -> Iterator[SlipElement]:
    if line.head:
        yield Ruler()
        yield TextLine(words[line.key], bold=True)
        return
    of = line.of.get(language) or line.of.get("", "")
    said = " ".join(filter(None, (words[line.key], of)))
    counted = f"{said} × {line.count}" if line.count is not None else said
    amount = "" if line.fen is None else amount_text(Money(line.fen))
    yield Columns(counted, amount, bold=line.strong)
