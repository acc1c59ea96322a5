"""What a scan is: the table of ranges, its edges, its collisions, and spent codes."""

from __future__ import annotations

import base64
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.channels.codes import (
    CollectCode,
    Doubt,
    Goods,
    Link,
    Member,
    PaymentCode,
    SpentCodes,
    Unknown,
    Wallet,
    WeighedLabel,
    classify,
    ending,
    has_check_digit,
)

CPV = base64.b64encode(b"\x85\x05CPV01\x61\x13\x4f\x07\xa0\x00\x00\x03\x33\x01\x01").decode()


@pytest.mark.parametrize(
    ("scan", "wallet"),
    [
        *((f"{prefix}{'4' * 16}", Wallet.WECHAT) for prefix in range(10, 16)),
        *((f"{prefix}{'4' * 16}", Wallet.ALIPAY) for prefix in range(25, 31)),
        ("28" + "4" * 14, Wallet.ALIPAY),
        ("28" + "4" * 22, Wallet.ALIPAY),
        ("62" + "4" * 17, Wallet.UNIONPAY),
        ("01" + "4" * 17, Wallet.ECNY),
        (CPV, Wallet.UNIONPAY),
        ("hQVDUFYwMQ==", Wallet.UNIONPAY),
    ],
)
def test_a_payment_code_names_its_wallet(scan, wallet):
    assert classify(scan) == PaymentCode(wallet, scan)


@pytest.mark.parametrize(
    ("scan", "kind"),
    [
        ("6901234567892", Goods("6901234567892")),
        ("96385074", Goods("96385074")),
        ("036000291452", Goods("036000291452")),
        ("16901234567899", Goods("16901234567899")),
        ("2012345006785", WeighedLabel("2012345006785")),
        ("2912345006780", WeighedLabel("2912345006780")),
        ("201234500678012345", WeighedLabel("201234500678012345")),
        ("241234500678012345", WeighedLabel("241234500678012345")),
        ("00020101021126580011", CollectCode("00020101021126580011")),
        ("wxp://f2f0abcdef", CollectCode("wxp://f2f0abcdef")),
        ("weixin://wxpay/bizpayurl?pr=1", CollectCode("weixin://wxpay/bizpayurl?pr=1")),
        ("HTTPS://QR.ALIPAY.COM/abc", CollectCode("HTTPS://QR.ALIPAY.COM/abc")),
        (
            "https://u:p@Shop.Example:8443/m",
            Link("https://u:p@Shop.Example:8443/m", "shop.example"),
        ),
        ("M12345", Member("M12345")),
        ("", Unknown("", Doubt.EMPTY)),
        (" \r\n\t", Unknown("", Doubt.EMPTY)),
        ("6901234567890", Unknown("6901234567890", Doubt.CHECK_DIGIT)),
        ("96385075", Unknown("96385075", Doubt.CHECK_DIGIT)),
        ("http://", Unknown("http://", Doubt.OTHER)),
        ("http://[::1", Unknown("http://[::1", Doubt.OTHER)),
        ("M" * 33, Unknown("M" * 33, Doubt.OTHER)),
        ("fp" + "0" * 33, Unknown("fp" + "0" * 33, Doubt.OTHER)),
        ("你好", Unknown("你好", Doubt.OTHER)),
    ],
)
def test_everything_else_is_told_apart(scan, kind):
    assert classify(scan, member_prefixes=("M", "")) == kind


@pytest.mark.parametrize(
    "scan",
    [
        "1" * 17,
        "1" * 19,
        "160000000000000001",
        "190000000000000001",
        "28" + "4" * 13,
        "28" + "4" * 23,
        "31" + "4" * 16,
        "62" + "4" * 16,
        "62" + "4" * 18,
        "02" + "4" * 17,
        "١٣٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠١",
        "-13000000000000001",
    ],
)
def test_a_number_just_outside_the_ranges_is_no_payment_code(scan):
    assert isinstance(classify(scan), Unknown)


@pytest.mark.parametrize(
    "scan",
    [
        "134567890123456789\r\n",
        "\t134567890123456789",
        "1345 6789 0123 4567 89",
        "１３４５６７８９０１２３４５６７８９",
        "\ufeff134567890123456789\x00\x1d",
    ],
)
def test_what_scanners_add_around_a_code_is_taken_off(scan):
    assert classify(scan) == PaymentCode(Wallet.WECHAT, "134567890123456789")


def test_weighed_labels_and_alipay_codes_never_share_a_number():
    for prefix in range(20, 31):
        scan = f"{prefix}{'7' * 16}"
        expected = WeighedLabel if prefix < 25 else PaymentCode
        assert isinstance(classify(scan), expected), scan


def test_a_scan_that_is_too_long_is_cut():
    doubted = classify("9" * 100_000)
    assert doubted == Unknown("9" * 4096, Doubt.TOO_LONG)


@given(st.text())
def test_no_scan_is_too_strange(scan):
    classify(scan, member_prefixes=("M",))


@given(st.text("0123456789", min_size=7, max_size=13))
def test_exactly_one_last_digit_is_right(digits):
    assert sum(has_check_digit(f"{digits}{last}") for last in range(10)) == 1


def test_a_payment_code_is_not_in_its_repr():
    code = classify("134567890123456789")
    assert "345678" not in repr(code)
    assert code.ending == "6789"
    assert "secret" not in repr(classify("secret"))


def test_the_ending_of_a_short_code_is_not_told():
    assert ending("12345678901") == ""
    assert ending("123456789012") == "9012"


def test_a_code_is_spent_once_within_its_time():
    spent = SpentCodes(b"k" * 32, seconds=120)
    assert spent.spend("134567890123456789", now=0)
    assert not spent.spend("134567890123456789", now=119.9)
    assert spent.spend("134567890123456788", now=119.9)
    assert spent.spend("134567890123456789", now=120)


def test_spent_codes_hold_no_code_and_forget():
    spent = SpentCodes(b"k" * 32)
    for minute in range(200):
        spent.spend(f"13{minute:016d}", now=60.0 * minute)
    assert len(spent._until) <= 2
    assert not any(b"13000000" in digest for digest in spent._until)


def test_of_two_threads_with_one_code_one_wins():
    spent = SpentCodes(b"k" * 32)
    start = threading.Barrier(8)
    won: list[bool] = []

    def spend() -> None:
        start.wait()
        won.append(spent.spend("134567890123456789", now=1))

    threads = [threading.Thread(target=spend) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False] * 7 + [True]
