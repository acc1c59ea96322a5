"""The receipt of one visit, as elements of a slip in the visit's language.

    [TEST]  shop, address, phone      COPY when it was printed before
    terminal · time · the table, or the number to pick up by, where a kitchen prepares something
    lines with options, quantity × price, discounts by their names, and gifts at zero
    total · saved · taxes contained
    how it was paid · the channel's number · our number as text, for each part that was paid
    the number of the last part as bar code · a QR code

Times are China Standard Time (UTC+8, no daylight saving since 1991), wherever the machine thinks
it is. Amounts carry the yen sign that printers of GB18030 know as U+FFE5 at encoding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from kiosk.domain.banner import Banner
from kiosk.domain.money import Money
from kiosk.domain.order import PricedLine, Totals
from kiosk.domain.payment import Method, Payment, State
from kiosk.domain.serving import EAT_IN, NOBODY, TAKE_AWAY, Serving
from kiosk.domain.slip import (
    Align,
    Barcode,
    Columns,
    Cut,
    Feed,
    QrCode,
    Ruler,
    SlipElement,
    TextLine,
)

CHINA = timezone(timedelta(hours=8), "CST")
PICK_UP = 4  # digits

_WORDS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "test": "测试 TEST · 未发生真实扣款",
        "copy": "副本 COPY",
        "terminal": "终端号",
        "time": "时间",
        "items": "件数",
        "saved": "已优惠",
        "gift": "赠品",
        "total": "合计",
        "tax": "含税",
        "paid": "实付",
        "transaction": "交易单号",
        "order": "商户单号",
        "pick_up": "取餐号",
        "table": "桌号",
        "service": "用餐方式",
        EAT_IN: "堂食",
        TAKE_AWAY: "外带",
        "thanks": "谢谢惠顾，请妥善保管小票",
        "FACE": "刷脸",
        "CODE": "付款码",
        "QR": "扫码",
        "CARD": "储值卡",
        "CASH": "现金",
        "wechatpay": "微信支付",
        "alipay": "支付宝",
        "unionpay": "云闪付",
        "cash": "现金",
        "coupon": "优惠券",
        "more": "等",
        "tendered": "收款",
        "change": "找零",
    },
    "en": {
        "test": "TEST · no money was taken",
        "copy": "COPY",
        "terminal": "Terminal",
        "time": "Time",
        "items": "Items",
        "saved": "You saved",
        "gift": "gift",
        "total": "Total",
        "tax": "incl. VAT",
        "paid": "Paid",
        "transaction": "Transaction",
        "order": "Order",
        "pick_up": "Pick up",
        "table": "Table",
        "service": "Service",
        EAT_IN: "Eat in",
        TAKE_AWAY: "Take away",
        "thanks": "Thank you. Please keep this receipt.",
        "FACE": "by face",
        "CODE": "by code",
        "QR": "by QR code",
        "CARD": "Store card",
        "CASH": "Cash",
        "wechatpay": "WeChat Pay",
        "alipay": "Alipay",
        "unionpay": "UnionPay",
        "cash": "Cash",
        "coupon": "Coupon",
        "more": "and more",
        "tendered": "Received",
        "change": "Change",
    },
}


@dataclass(frozen=True, slots=True)
class Shop:
    """Whose slip it is; texts by language ("zh", "en")."""

    name: Mapping[str, str]
    address: Mapping[str, str]
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """All that a slip says. `printed_ms` is wall-clock time; `link` is the text of the QR code.

    `payment` completed the basket, `parts` were paid before it. `test`: no money moved (a sandbox).
    `copy`: this slip, or a part of it, was printed before. `tendered`: the fen that were handed
    over in cash, by the number of the payment. `coupon`: what the shop offers, with its code.
    """

    shop: Shop
    terminal_id: str
    printed_ms: int
    totals: Totals
    payment: Payment
    parts: tuple[Payment, ...] = ()
    language: str = "zh"
    test: bool = False
    copy: bool = False
    link: str = ""
    tendered: Mapping[str, int] = field(default_factory=dict)
    serving: Serving = NOBODY
    coupon: Banner | None = None

    def __post_init__(self) -> None:
        for each in self.payments:
            if each.state is not State.PAID:
                raise ValueError(f"{each.out_trade_no} is {each.state.name}: no slip")

    @property
    def payments(self) -> tuple[Payment, ...]:
        """All that was paid for the basket, oldest first."""
        return (*self.parts, self.payment)


def slip(receipt: Receipt) -> tuple[SlipElement, ...]:
    """The elements of `receipt`, top to bottom; a language we do not have is printed in Chinese."""
    words = _WORDS.get(receipt.language, _WORDS["zh"])
    return (
        *_head(receipt, words),
        *_lines(receipt, words),
        *_sums(receipt.totals, words),
        *_tender(receipt, words),
        *_foot(receipt, words),
    )


def short_text(receipt: Receipt, most: int = 600) -> str:
    """The receipt as plain lines of at most so many bytes of UTF-8, for a code on a screen.

    Where they do not fit, lines of goods are left out; what was paid, and by which number, never.
    """
    words = _WORDS.get(receipt.language, _WORDS["zh"])
    head = [_in(receipt.shop.name, receipt.language), china_time(receipt.printed_ms)]
    foot = [f"{words['total']} {amount_text(receipt.totals.total)}"]
    for payment in receipt.payments:
        tender = tender_text(payment.channel, payment.method, receipt.language)
        foot.append(f"{tender} {amount_text(payment.amount)}")
    foot.append(receipt.payment.out_trade_no)
    if receipt.test:
        head.insert(0, words["test"])
    goods = [
        f"{each.line.product.name(receipt.language)} × {each.line.quantity_text}"
        f" {amount_text(each.net)}"
        for each in receipt.totals.lines
    ]
    kept = list(goods)
    while kept and len("\n".join((*head, *kept, words["more"], *foot)).encode()) > most:
        kept.pop()
    more = [words["more"]] if len(kept) < len(goods) else []
    return "\n".join((*head, *kept, *more, *foot))


def tender_text(channel: str, method: Method, language: str) -> str:
    """How it was paid, for people: 微信支付（刷脸） or WeChat Pay by face.

    A wallet with two channels has them under its name and more: wechatpay, wechatpay_native.
    """
    words = _WORDS.get(language, _WORDS["zh"])
    name = channel_text(channel, language)
    if method in (Method.CASH, Method.CARD):
        return words[method.value]
    return (
        f"{name} {words[method.value]}" if language == "en" else f"{name}（{words[method.value]}）"
    )


def channel_text(channel: str, language: str) -> str:
    """Who took the money, for people: 微信支付 or WeChat Pay; a name we do not know as it is."""
    return _WORDS.get(language, _WORDS["zh"]).get(channel.partition("_")[0], channel)


def china_time(at_ms: int) -> str:
    """Milliseconds since 1970 as 2026-03-01 12:34:56 in China."""
    at = datetime.fromtimestamp(at_ms // 1000, CHINA)
    return at.isoformat(" ", "seconds")[:19]


def pick_up_number(out_trade_no: str) -> str:
    """What is called out when it is ready: the end of the number, by which staff find it too."""
    return out_trade_no[-PICK_UP:]


def amount_text(amount: Money) -> str:
    """An amount for people: ¥12.30, or -¥0.50 for what is taken off."""
    return f"-¥{(-amount).yuan}" if amount.fen < 0 else f"¥{amount.yuan}"


def _in(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or texts.get("zh", "")


def _head(receipt: Receipt, words: Mapping[str, str]) -> Iterator[SlipElement]:
    shop = receipt.shop
    if receipt.test:
        yield TextLine(words["test"], Align.CENTRE, bold=True)
    if receipt.copy:
        yield TextLine(words["copy"], Align.CENTRE, bold=True)
    yield TextLine(_in(shop.name, receipt.language), Align.CENTRE, bold=True, large=True)
    for text in (_in(shop.address, receipt.language), shop.phone):
        if text:
            yield TextLine(text, Align.CENTRE)
    yield Ruler()
    yield Columns(words["terminal"], receipt.terminal_id)
    yield Columns(words["time"], china_time(receipt.printed_ms))
    yield from _served(receipt, words)
    yield Ruler()


def _served(receipt: Receipt, words: Mapping[str, str]) -> Iterator[SlipElement]:
    """By which number he gets it, where somebody prepares it."""
    serving = receipt.serving
    if serving:
        yield Columns(words["service"], words.get(serving.service, serving.service))
    if serving.table:
        yield Columns(words["table"], serving.table, bold=True, large=True)
    elif serving or any(line.line.product.station for line in receipt.totals.lines):
        number = pick_up_number(receipt.payment.out_trade_no)
        yield Columns(words["pick_up"], number, bold=True, large=True)


def _lines(receipt: Receipt, words: Mapping[str, str]) -> Iterator[SlipElement]:
    for priced in receipt.totals.lines:
        yield from _line(priced, receipt.language, words)
    yield Ruler()
    yield Columns(words["items"], str(receipt.totals.count))


def _line(priced: PricedLine, language: str, words: Mapping[str, str]) -> Iterator[SlipElement]:
    line = priced.line
    yield TextLine(line.product.name(language))
    for option in line.options:
        said = f"    {option.name(language)}"
        yield Columns(said, f"+{amount_text(option.price)}") if option.price else TextLine(said)
    price = amount_text(line.unit)
    if line.counted:
        counted = f"  {line.quantity} × {price}"
    elif line.grams is None:
        counted = f"  {price}/kg"
    else:
        counted = f"  {line.quantity_text} × {price}/kg"
    yield Columns(counted, amount_text(line.total))
    for discount in priced.discounts:
        name = discount.name_en if language == "en" and discount.name_en else discount.name_zh
        yield Columns(f"  {name}", words["gift"] if priced.gift else amount_text(-discount.amount))


def _sums(totals: Totals, words: Mapping[str, str]) -> Iterator[SlipElement]:
    if totals.saved:
        yield Columns(words["saved"], amount_text(totals.saved))
    yield Columns(words["total"], amount_text(totals.total), bold=True, large=True)
    for part in totals.taxes:
        if part.tax:
            rate = f"{part.rate_bp / 100:g}%"
            yield Columns(f"{words['tax']} {rate}", amount_text(part.tax))
    yield Ruler()


def _tender(receipt: Receipt, words: Mapping[str, str]) -> Iterator[SlipElement]:
    for place, payment in enumerate(receipt.payments):
        if place:
            yield Feed()
        yield TextLine(tender_text(payment.channel, payment.method, receipt.language))
        yield Columns(words["paid"], amount_text(payment.amount), bold=True)
        yield from _cash(receipt, payment, words)
        if payment.transaction_id:
            yield TextLine(f"{words['transaction']} {payment.transaction_id}")
        yield TextLine(f"{words['order']} {payment.out_trade_no}")


def _cash(receipt: Receipt, payment: Payment, words: Mapping[str, str]) -> Iterator[SlipElement]:
    """What was handed over and what went back, where somebody wrote it down."""
    fen = receipt.tendered.get(payment.out_trade_no, 0)
    if fen:
        handed = Money(fen, payment.amount.currency)
        yield Columns(words["tendered"], amount_text(handed))
        yield Columns(words["change"], amount_text(handed - payment.amount))


def _coupon(receipt: Receipt, words: Mapping[str, str]) -> Iterator[SlipElement]:
    if receipt.coupon is not None:
        yield Ruler()
        yield TextLine(words["coupon"], Align.CENTRE, bold=True)
        yield TextLine(_in(receipt.coupon.names, receipt.language), Align.CENTRE)
        yield QrCode(receipt.coupon.coupon)
        yield TextLine(receipt.coupon.coupon, Align.CENTRE)


def _foot(receipt: Receipt, words: Mapping[str, str]) -> Iterator[SlipElement]:
    yield Feed()
    yield Barcode(receipt.payment.out_trade_no)
    if receipt.link:
        yield Feed()
        yield QrCode(receipt.link)
    yield from _coupon(receipt, words)
    yield Feed()
    yield TextLine(words["thanks"], Align.CENTRE)
    if receipt.test:
        yield TextLine(words["test"], Align.CENTRE, bold=True)
    yield Feed(3)
    yield Cut()
