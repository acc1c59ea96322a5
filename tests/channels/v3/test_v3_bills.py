"""Fetching the two bills of a day: the signed link, the file behind it, and its hash."""

from __future__ import annotations

import gzip
import hashlib
import io
from datetime import date

import pytest

from kiosk.channels.channel import ChannelError, NotSent, OutcomeUnknown, Refused
from kiosk.channels.wechatpay import BillType
from kiosk.channels.wechatpay.bill import read_bill
from kiosk.channels.wechatpay.v3 import WechatNative
from tests.channels.bills import bill_of
from tests.channels.v3.wallet import (
    SHOP,
    answering,
    authorization,
    hear,
    hearing,
    refusal,
    say,
    send,
)

DAY = date(2026, 11, 21)
PACKED = gzip.compress(bill_of())


def sha1(content: bytes) -> str:
    return hashlib.sha1(content).hexdigest()


def shop(raw_peer, wallet, content: bytes = PACKED, plain: bytes | None = None, **link: str):
    """A script: the link first, then the file."""
    usual = {
        "hash_type": "SHA1",
        "hash_value": sha1(bill_of() if plain is None else plain),
        "download_url": f"{raw_peer.url}/v3/billdownload/file?token=T-1%2F2",
    }

    def play(line):
        if "billdownload" in hear(line).target:
            send(line, content, 200, {})
        else:
            say(line, wallet, {**usual, **link})

    return play


def test_a_bill_arrives_packed_and_can_be_read(raw_peer, native, wallet):
    raw_peer.will(shop(raw_peer, wallet))
    content = native.download_bill(DAY)
    assert content == PACKED
    assert len(list(read_bill(io.BytesIO(content), "wechatpay-native"))) == 4
    link, file = (line.fields["heard"] for line in raw_peer.asked)
    assert link.target == "/v3/bill/tradebill?bill_date=2026-11-21&bill_type=ALL&tar_type=GZIP"
    assert file.target == "/v3/billdownload/file?token=T-1%2F2"
    assert authorization(file.headers["authorization"])["mchid"] == "1230000109"


def test_a_shops_bill_and_a_bill_of_some_rows_are_asked_for_by_name(
    raw_peer, native_options, wallet
):
    raw_peer.will(shop(raw_peer, wallet))
    with WechatNative(native_options(sub_mch_id=SHOP)) as channel:
        channel.download_bill(DAY, BillType.REFUND)
    target = raw_peer.asked[0].path
    assert f"sub_mchid={SHOP}" in target
    assert "bill_type=REFUND" in target


@pytest.mark.parametrize("account", ["BASIC", "OPERATION", "FEES"])
def test_the_flow_of_each_account_can_be_fetched(raw_peer, native, wallet, account):
    raw_peer.will(shop(raw_peer, wallet))
    assert native.download_fund_flow(DAY, account) == PACKED
    assert raw_peer.asked[0].path == (
        f"/v3/bill/fundflowbill?bill_date=2026-11-21&account_type={account}&tar_type=GZIP"
    )


def test_an_account_that_is_none_is_not_asked_for(raw_peer, native):
    with pytest.raises(NotSent, match="Basic"):
        native.download_fund_flow(DAY, "Basic")
    assert raw_peer.asked == []


def test_a_bill_may_come_as_text_and_be_longer_than_an_answer(raw_peer, native, wallet):
    long = bill_of() + b"\r\n" * 300_000
    raw_peer.will(shop(raw_peer, wallet, long, long))
    assert native.download_bill(DAY) == long


@pytest.mark.parametrize(
    "content",
    [
        PACKED[:-9],
        PACKED[:-1] + b"\xff",
        PACKED + b"more",
        b"\x1f\x8b",
        b"",
        gzip.compress(bill_of() + b"\r\n"),
        bill_of() + b" ",
    ],
    ids=["cut", "checksum", "more behind", "a head", "nothing", "another", "another text"],
)
def test_a_file_that_is_not_the_one_described_is_no_bill(raw_peer, native, wallet, content):
    raw_peer.will(shop(raw_peer, wallet, content))
    with pytest.raises(OutcomeUnknown):
        native.download_bill(DAY)


@pytest.mark.parametrize(
    "link",
    [
        {"download_url": "https://elsewhere.example/v3/billdownload/file?token=1"},
        {"download_url": "http://127.0.0.1:1/v3/billdownload/file?token=1"},
        {"download_url": "https://127.0.0.1/v3/billdownload/file"},
        {"download_url": "/v3/billdownload/file"},
        {"download_url": "http://["},
        {"download_url": ""},
        {"hash_type": "MD5"},
        {"hash_value": ""},
    ],
)
def test_our_signature_goes_to_no_other_host_and_nothing_comes_without_a_hash(
    raw_peer, native, wallet, link
):
    raw_peer.will(shop(raw_peer, wallet, **link))
    with pytest.raises(OutcomeUnknown):
        native.download_bill(DAY)
    assert len(raw_peer.asked) == 1


def test_a_link_with_a_password_in_it_is_not_followed(raw_peer, native, wallet):
    url = raw_peer.url.replace("http://", "http://user:word@")
    raw_peer.will(shop(raw_peer, wallet, download_url=f"{url}/v3/billdownload/file"))
    with pytest.raises(OutcomeUnknown):
        native.download_bill(DAY)


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("NO_STATEMENT_EXIST", 400, Refused),
        ("PARAM_ERROR", 400, Refused),
        ("NO_AUTH", 403, Refused),
        ("STATEMENT_CREATING", 400, OutcomeUnknown),
        ("SYSTEM_ERROR", 500, OutcomeUnknown),
        ("NO_STATEMENT_EXIST", 500, OutcomeUnknown),
        ("NEVER_SEEN", 400, OutcomeUnknown),
    ],
)
def test_each_refusal_of_a_bill_says_whether_to_ask_again(
    raw_peer, native, wallet, code, status, error
):
    raw_peer.will(answering(wallet, refusal(code), status))
    for fetch in (native.download_bill, native.download_fund_flow):
        with pytest.raises(ChannelError) as raised:
            fetch(DAY)
        assert type(raised.value) is error
    if code == "NO_STATEMENT_EXIST" and status == 400:
        assert raised.value.code == "NO_BILL"
        assert "ten in the morning" in raised.value.mend


def test_a_link_that_is_spent_gives_no_bill(raw_peer, native, wallet):
    link = shop(raw_peer, wallet)
    raw_peer.will(link, hearing(lambda line: send(line, b'{"code":"X"}', 404, {})))
    with pytest.raises(OutcomeUnknown, match="HTTP 404"):
        native.download_bill(DAY)
