from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain.banner import Banner
from kiosk.domain.basket import Basket
from kiosk.domain.catalogue import Gtin, Product, SoldBy
from kiosk.domain.money import Money
from kiosk.domain.order import Voucher, totals
from kiosk.domain.payment import Method, Payment, State
from kiosk.domain.receipt import Receipt, Shop, short_text, slip, tender_text
from kiosk.domain.slip import Align, Barcode, Columns, Cut, Feed, QrCode, Ruler, TextLine

TEA = Product("绿茶", "Green tea", Money(350), Gtin.parse("6901234567892"), tax_bp=1300)
APPLE = Product("苹果", "Apples", Money(1196), plu=101, sold_by=SoldBy.WEIGHT, tax_bp=900)
PRICED = totals(
    Basket().add(TEA, 2).add_weighed(APPLE, 523), vouchers=[Voucher("券", "Voucher", Money(100))]
)
NUMBER = "000126030112545648151623"
RECEIPT = Receipt(
    shop=Shop({"zh": "惠民超市", "en": "Huimin Market"}, {"zh": "人民路 1 号"}, "010-0000"),
    terminal_id="K1",
    printed_ms=1772340896000,
    totals=PRICED,
    payment=Payment(
        NUMBER,
        "v",
        "wechatpay",
        Method.FACE,
        PRICED.total,
        0,
        State.PAID,
        transaction_id="4200001",
        taken_fen=PRICED.total.fen,
    ),
    link="https://example.cn/r/1",
)

CHINESE = (
    TextLine("惠民超市", Align.CENTRE, bold=True, large=True),
    TextLine("人民路 1 号", Align.CENTRE),
    TextLine("010-0000", Align.CENTRE),
    Ruler(),
    Columns("终端号", "K1"),
    Columns("时间", "2026-03-01 12:54:56"),
    Ruler(),
    TextLine("绿茶"),
    Columns("  2 × ¥3.50", "¥7.00"),
    Columns("  券", "-¥0.53"),
    TextLine("苹果"),
    Columns("  0.523 kg × ¥11.96/kg", "¥6.26"),
    Columns("  券", "-¥0.47"),
    Ruler(),
    Columns("件数", "3"),
    Columns("已优惠", "¥1.00"),
    Columns("合计", "¥12.26", bold=True, large=True),
    Columns("含税 9%", "¥0.48"),
    Columns("含税 13%", "¥0.74"),
    Ruler(),
    TextLine("微信支付（刷脸）"),
    Columns("实付", "¥12.26", bold=True),
    TextLine("交易单号 4200001"),
    TextLine(f"商户单号 {NUMBER}"),
    Feed(),
    Barcode(NUMBER),
    Feed(),
    QrCode("https://example.cn/r/1"),
    Feed(),
    TextLine("谢谢惠顾，请妥善保管小票", Align.CENTRE),
    Feed(3),
    Cut(),
)


def test_a_slip_says_all_that_it_must_in_order():
    assert slip(RECEIPT) == CHINESE


def test_a_slip_speaks_the_language_of_the_visit():
    english = slip(replace(RECEIPT, language="en"))
    assert english[0].text == "Huimin Market"
    assert english[1].text == "人民路 1 号"  # the address has no other language
    assert TextLine("Green tea") in english
    assert TextLine("WeChat Pay by face") in english
    assert Columns("Total", "¥12.26", bold=True, large=True) in english
    assert len(english) == len(CHINESE)


@pytest.mark.parametrize(
    ("flag", "word"), [("test", "测试 TEST · 未发生真实扣款"), ("copy", "副本 COPY")]
)
def test_a_test_and_a_copy_say_so_first(flag, word):
    marked = slip(replace(RECEIPT, **{flag: True}))
    assert marked[0] == TextLine(word, Align.CENTRE, bold=True)
    assert word not in [getattr(each, "text", "") for each in CHINESE]


def test_a_test_slip_says_so_at_its_end_as_well():
    assert slip(replace(RECEIPT, test=True))[-3].text.startswith("测试 TEST")


@pytest.mark.parametrize("state", [state for state in State if state is not State.PAID])
def test_there_is_no_slip_without_payment(state):
    with pytest.raises(ValueError, match="no slip"):
        replace(RECEIPT, payment=replace(RECEIPT.payment, state=state))


@pytest.mark.parametrize(
    ("channel", "method", "zh", "en"),
    [
        ("wechatpay", Method.CODE, "微信支付（付款码）", "WeChat Pay by code"),
        ("wechatpay_native", Method.QR, "微信支付（扫码）", "WeChat Pay by QR code"),
        ("alipay", Method.FACE, "支付宝（刷脸）", "Alipay by face"),
        ("cash", Method.CASH, "现金", "Cash"),
        ("campus", Method.FACE, "campus（刷脸）", "campus by face"),
    ],
)
def test_the_tender_is_named_for_people(channel, method, zh, en):
    assert (tender_text(channel, method, "zh"), tender_text(channel, method, "en")) == (zh, en)


def test_a_label_with_a_price_only_shows_no_weight():
    priced = totals(Basket().add_weighed(APPLE, None, Money(99)))
    payment = replace(RECEIPT.payment, amount=Money(99), taken_fen=99)
    found = slip(replace(RECEIPT, totals=priced, payment=payment))
    assert Columns("  ¥11.96/kg", "¥0.99") in found


def test_a_slip_names_every_part_and_ends_with_the_number_of_the_last():
    part = replace(
        RECEIPT.payment,
        out_trade_no="000126030112545600000000",
        method=Method.CODE,
        amount=Money(500),
        transaction_id="4200000",
    )
    last = replace(RECEIPT.payment, amount=PRICED.total - Money(500))
    found = slip(replace(RECEIPT, payment=last, parts=(part,)))
    at = found.index(TextLine("微信支付（付款码）"))
    assert found[at : at + 9] == (
        TextLine("微信支付（付款码）"),
        Columns("实付", "¥5.00", bold=True),
        TextLine("交易单号 4200000"),
        TextLine("商户单号 000126030112545600000000"),
        Feed(),
        TextLine("微信支付（刷脸）"),
        Columns("实付", "¥7.26", bold=True),
        TextLine("交易单号 4200001"),
        TextLine(f"商户单号 {NUMBER}"),
    )
    assert [each for each in found if isinstance(each, Barcode)] == [Barcode(NUMBER)]


def test_a_slip_has_no_part_that_was_not_paid():
    with pytest.raises(ValueError, match="no slip"):
        replace(RECEIPT, parts=(replace(RECEIPT.payment, state=State.REVERSED),))


def test_a_slip_of_cash_says_what_was_handed_over_and_what_went_back():
    cash = replace(RECEIPT.payment, channel="cash", method=Method.CASH, transaction_id="")
    elements = slip(replace(RECEIPT, payment=cash, tendered={NUMBER: 2000}))
    at = elements.index(TextLine("现金"))
    assert elements[at + 1 : at + 4] == (
        Columns("实付", "¥12.26", bold=True),
        Columns("收款", "¥20.00"),
        Columns("找零", "¥7.74"),
    )
    english = slip(replace(RECEIPT, payment=cash, tendered={NUMBER: 1226}, language="en"))
    assert Columns("Received", "¥12.26") in english
    assert Columns("Change", "¥0.00") in english
    assert not {"收款", "找零"} & {getattr(each, "left", "") for each in slip(RECEIPT)}


def test_the_receipt_for_a_phone_fits_into_a_code_and_keeps_what_matters():
    text = short_text(RECEIPT)
    assert text.splitlines() == [
        "惠民超市",
        "2026-03-01 12:54:56",
        "绿茶 × 2 ¥6.47",
        "苹果 × 0.523 kg ¥5.79",
        "合计 ¥12.26",
        "微信支付（刷脸） ¥12.26",
        NUMBER,
    ]
    many = Basket()
    for grams in range(100, 160):
        many = many.add_weighed(APPLE, grams)
    long = short_text(replace(RECEIPT, totals=totals(many), language="en", test=True))
    assert len(long.encode()) <= 600
    assert long.splitlines()[-4] == "and more"
    assert long.splitlines()[-1] == NUMBER


def test_a_coupon_stands_at_the_end_of_the_slip_and_nowhere_else():
    offered = slip(replace(RECEIPT, coupon=Banner("满 68 减 10", coupon="FRUIT10")))
    at = offered.index(QrCode("FRUIT10"))
    assert offered[at - 1] == TextLine("满 68 减 10", Align.CENTRE)
    assert offered[at + 1] == TextLine("FRUIT10", Align.CENTRE)
    assert at > offered.index(QrCode(RECEIPT.link))
    assert QrCode("FRUIT10") not in slip(RECEIPT)
