"""The wire's mishaps on the third-version interface, and how far each lets one conclude."""

from __future__ import annotations

import json
import ssl
import time
from dataclasses import replace

import pytest

from kiosk.channels.channel import (
    ChannelError,
    NotFound,
    NotSent,
    OutcomeUnknown,
    Presented,
    RefundOrder,
    Refused,
)
from kiosk.channels.wechatpay.v3 import WechatNative, documents
from kiosk.domain.money import Money
from kiosk.domain.payment import Approved, Declined, Reversed
from tests.channels.test_line import flood, redirect, reset_unread, trickle
from tests.channels.test_tls import pair_in
from tests.channels.v3.wallet import (
    CODE_URL,
    NUMBER,
    PAID,
    answering,
    hear,
    hearing,
    refusal,
    say,
    send,
    serial,
)

SHOWN = {"code_url": CODE_URL}
REFUND = RefundOrder(NUMBER, f"{NUMBER}R1", Money(1280), Money(500), "苹果坏了")
CALLS = {
    "present": lambda channel, order: channel.present(order),
    "query": lambda channel, order: channel.query(order),
    "reverse": lambda channel, order: channel.reverse(order),
    "refund": lambda channel, order: channel.refund(REFUND),
    "query_refund": lambda channel, order: channel.query_refund(REFUND),
    "settled": lambda channel, order: channel.settled(out_trade_no=order.out_trade_no),
}
EVERYTHING = {
    **PAID,
    **SHOWN,
    "out_refund_no": REFUND.out_refund_no,
    "refund_id": "5030000001",
    "status": "SUCCESS",
    "amount": {"total": 1280, "refund": 500, "currency": "CNY"},
}
"""What would be believed of any call, if it were signed."""


def half_a_header(line):
    line.socket.sendall(b"HTTP/1.1 200 OK\r\nContent-Len")


def half_a_body(line):
    line.socket.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"code_url": "weixin:')


MISHAPS = {
    "reset before a byte was read": reset_unread,
    "closed before a byte was read": lambda line: None,
    "reset after the request": hearing(lambda line: line.reset()),
    "closed after the request": hearing(lambda line: None),
    "half a header": hearing(half_a_header),
    "half a body": hearing(half_a_body),
    "no answer": hearing(lambda line: time.sleep(0.8)),
    "an answer by drops": hearing(trickle),
    "an answer without end": hearing(flood),
    "HTTP 500": hearing(lambda line: send(line, b"oops", 500, {})),
    "HTTP 502": hearing(lambda line: send(line, b"<html/>", 502, {})),
    "HTTP 403": hearing(lambda line: send(line, b"", 403, {})),
    "HTTP 204": hearing(lambda line: send(line, b"", 204, {})),
    "a redirect": hearing(redirect),
    "not HTTP": hearing(lambda line: line.socket.sendall(b"\x16\x03\x01\x00\x00")),
    "no signature": hearing(lambda line: send(line, json.dumps(EVERYTHING).encode(), 200, {})),
}
WRONG_ANSWERS = {
    "no time": {"Wechatpay_Timestamp": ""},
    "no nonce": {"Wechatpay_Nonce": ""},
    "no serial": {"Wechatpay_Serial": ""},
    "another serial": {"Wechatpay_Serial": serial(9)},
    "another scheme": {"Wechatpay_Signature_Type": "WECHATPAY2-SM2-WITH-SM3"},
    "an empty signature": {"Wechatpay_Signature": ""},
    "no base64": {"Wechatpay_Signature": "?"},
    "a probe": {"Wechatpay_Signature": "WECHATPAY/SIGNTEST/" + "A" * 300},
    "a signature of something else": {"Wechatpay_Nonce": "OTHER"},
}


@pytest.mark.parametrize("mishap", MISHAPS)
def test_a_mishap_on_the_line_leaves_the_making_of_an_order_unknown(
    raw_peer, native, qr_order, mishap
):
    raw_peer.will(MISHAPS[mishap])
    with pytest.raises(OutcomeUnknown):
        native.present(qr_order)
    assert len(raw_peer.asked) == 1, "the order was sent again"


def test_an_answer_has_a_size_and_a_time_and_no_more(raw_peer, native, wallet, qr_order):
    raw_peer.will(MISHAPS["an answer by drops"])
    with pytest.raises(OutcomeUnknown, match="did not end in time"):
        native.query(qr_order)
    body = json.dumps(PAID).encode() + b" " * documents.LIMIT
    raw_peer.will(hearing(lambda line: send(line, body, 200, wallet.headers(body))))
    with pytest.raises(OutcomeUnknown, match="too long"):
        native.query(qr_order)


@pytest.mark.parametrize("call", [name for name in CALLS if name != "present"])
@pytest.mark.parametrize(
    "mishap", ["closed after the request", "half a body", "HTTP 502", "HTTP 204", "no signature"]
)
def test_a_mishap_never_ends_any_other_call(raw_peer, native, qr_order, call, mishap):
    raw_peer.will(MISHAPS[mishap])
    with pytest.raises(OutcomeUnknown):
        CALLS[call](native, qr_order)


@pytest.mark.parametrize(
    ("call", "wrong"),
    [
        *(("present", wrong) for wrong in WRONG_ANSWERS),
        *((call, "a signature of something else") for call in ("query", "reverse", "refund")),
    ],
)
def test_an_answer_is_believed_only_with_the_signature_of_a_known_key(
    raw_peer, native, wallet, qr_order, call, wrong
):
    status = 204 if call == "reverse" else 200
    document = None if call == "reverse" else EVERYTHING
    raw_peer.will(answering(wallet, document, status, **WRONG_ANSWERS[wrong]))
    with pytest.raises(OutcomeUnknown):
        CALLS[call](native, qr_order)
    raw_peer.will(answering(wallet, document, status))
    CALLS[call](native, qr_order)


def test_an_answer_of_another_key_by_the_right_name_is_not_believed(
    raw_peer, native, wallets, qr_order
):
    forged = replace(wallets[1], name=wallets[0].name)
    raw_peer.will(answering(forged, SHOWN))
    with pytest.raises(OutcomeUnknown, match="does not hold"):
        native.present(qr_order)


def test_a_signed_refusal_is_not_believed_from_another_key_either(
    raw_peer, native, wallets, qr_order
):
    forged = replace(wallets[1], name=wallets[0].name)
    raw_peer.will(answering(forged, refusal("ORDER_NOT_EXIST"), 404))
    with pytest.raises(OutcomeUnknown):
        native.query(qr_order)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"a":1,"a":2}', b'{"a":NaN}', b"\xff"]
)
def test_a_signed_answer_that_is_no_object_is_unknown(raw_peer, native, wallet, qr_order, body):
    raw_peer.will(hearing(lambda line: send(line, body, 200, wallet.headers(body))))
    for call in ("present", "query", "refund"):
        with pytest.raises(OutcomeUnknown):
            CALLS[call](native, qr_order)


# --- two clocks


@pytest.mark.parametrize("apart", [-301, 301])
def test_clocks_five_minutes_apart_are_said_to_be_the_cause(
    raw_peer, native_options, wallet, qr_order, apart
):
    raw_peer.will(answering(wallet, PAID))
    with WechatNative(native_options(), wall=lambda: time.time() + apart) as channel:
        for ask in (lambda: channel.query(qr_order), channel.check):
            with pytest.raises(OutcomeUnknown) as error:
                ask()
            assert error.value.cause == "clock"
            assert "time server" in error.value.mend


@pytest.mark.parametrize("apart", [-298, 298])
def test_clocks_less_apart_are_nobodys_fault(raw_peer, native_options, wallet, qr_order, apart):
    raw_peer.will(answering(wallet, PAID))
    with WechatNative(native_options(), wall=lambda: time.time() + apart) as channel:
        assert channel.query(qr_order) == Approved("4200000001", 1280)


def test_a_server_that_refuses_our_time_unsigned_is_understood(raw_peer, native_options, qr_order):
    headers = {"Date": "Sat, 21 Nov 2026 12:00:00 GMT"}
    raw_peer.will(hearing(lambda line: send(line, b'{"code":"SIGN_ERROR"}', 401, headers)))
    noon = 1795262400.0
    for wall, cause in ((noon + 301, "clock"), (noon + 299, "believed")):
        with (
            WechatNative(native_options(), wall=lambda wall=wall: wall) as channel,
            pytest.raises(OutcomeUnknown, match=cause),
        ):
            channel.query(qr_order)


# --- nothing has left


def nobody_url():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as nobody:
        return f"http://127.0.0.1:{nobody.getsockname()[1]}"


def test_a_refused_connection_is_not_sent(native_options, qr_order):
    with WechatNative(native_options(pay_url=nobody_url())) as channel:
        for ask in CALLS.values():
            with pytest.raises(NotSent) as error:
                ask(channel, qr_order)
            assert "network" in error.value.mend
        with pytest.raises(NotSent):
            channel.check()


def test_an_unknown_host_is_not_sent(native_options, qr_order):
    with (
        WechatNative(native_options(pay_url="http://nowhere.invalid")) as channel,
        pytest.raises(NotSent),
    ):
        channel.present(qr_order)


def test_a_server_we_do_not_trust_is_told_nothing(raw_peer, native_options, qr_order, tmp_path):
    pairs = {name: pair_in(tmp_path, name, "127.0.0.1") for name in ("server", "other")}
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pairs["server"].certificate, pairs["server"].key)

    def play(line):
        with context.wrap_socket(line.socket, server_side=True) as secured:
            line.socket = secured
            hear(line)

    raw_peer.will(play)
    url = raw_peer.url.replace("http:", "https:")
    for trusted in (None, pairs["other"].certificate):
        wrong = native_options(pay_url=url, ca_path=trusted, connect_timeout=2, read_timeout=2)
        with WechatNative(wrong) as channel, pytest.raises(NotSent):
            channel.present(qr_order)
    assert all("heard" not in line.fields for line in raw_peer.asked)


def test_over_tls_that_we_trust_the_call_arrives(
    raw_peer, native_options, qr_order, wallet, tmp_path
):
    server = pair_in(tmp_path, "server", "127.0.0.1")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(server.certificate, server.key)

    def play(line):
        with context.wrap_socket(line.socket, server_side=True) as secured:
            line.socket = secured
            hear(line)
            say(line, wallet, PAID)

    raw_peer.will(play)
    live = native_options(
        sandbox=False,
        pay_url=raw_peer.url.replace("http:", "https:"),
        ca_path=server.certificate,
        connect_timeout=2,
        read_timeout=2,
    )
    with WechatNative(live) as channel:
        assert channel.query(qr_order) == Approved("4200000001", 1280)


@pytest.mark.parametrize(
    "changes",
    [
        {"out_trade_no": "单号单号单号"},
        {"out_trade_no": "short"},
        {"amount": Money(0)},
        {"amount": Money(1280, "HKD")},
        {"body": " "},
    ],
)
def test_an_order_that_the_format_cannot_carry_is_not_sent(raw_peer, native, qr_order, changes):
    with pytest.raises(NotSent):
        native.present(replace(qr_order, **changes))
    assert raw_peer.asked == []


# --- what goes where


def test_the_spare_host_is_for_what_may_be_asked_twice(raw_peer, native_options, wallet, qr_order):
    gone = native_options(pay_url="http://nowhere.invalid", backup_url=raw_peer.url)
    with WechatNative(gone) as channel:
        with pytest.raises(NotSent):
            channel.present(qr_order)
        assert raw_peer.asked == []
        raw_peer.will(answering(wallet, PAID))
        assert channel.query(qr_order) == Approved("4200000001", 1280)
        raw_peer.will(answering(wallet, None, 204))
        assert channel.reverse(qr_order) == Reversed()


def test_every_call_has_a_connection_of_its_own(raw_peer, native, wallet, qr_order):
    raw_peer.will(answering(wallet, {**PAID, **SHOWN}))
    native.present(qr_order)
    native.query(qr_order)
    assert [line.path.partition("?")[0] for line in raw_peer.asked] == [
        "/v3/pay/transactions/native",
        "/v3/pay/transactions/out-trade-no/S1D01T20261121000004",
    ]


def test_an_order_for_the_screen_is_complete(raw_peer, native_options, wallet, qr_order):
    raw_peer.will(answering(wallet, SHOWN))
    moment = 1795248000.9  # 2026-11-21 16:00:00 in Beijing
    raw_peer.will(answering(wallet, SHOWN, at=moment - 3))
    with WechatNative(native_options(), wall=lambda: moment) as channel:
        shown = channel.present(qr_order)
    # Two minutes of our clock, and three seconds more by the channel's, which is what ends it.
    assert shown == Presented(CODE_URL, 123.0)
    heard = raw_peer.asked[0].fields["heard"]
    assert (heard.method, heard.target) == ("POST", "/v3/pay/transactions/native")
    assert heard.document == {
        "appid": "wx2421b1c4370ec43b",
        "mchid": "1230000109",
        "description": "自助收银-苹果",
        "out_trade_no": "S1D01T20261121000004",
        "time_expire": "2026-11-21T16:02:00+08:00",
        "notify_url": "https://shop.example/notify",
        "amount": {"total": 1280, "currency": "CNY"},
        "scene_info": {"payer_client_ip": "127.0.0.1", "device_id": "D01"},
    }


@pytest.mark.parametrize(
    "code_url",
    [
        "",
        "https://shop.example/pay",
        "weixin://dl/business",
        "weixin://wxpay/a b",
        "weixin://wxpay/" + "a" * 500,
        7,
        None,
    ],
)
def test_a_code_that_no_wallet_pays_is_never_shown(raw_peer, native, wallet, qr_order, code_url):
    raw_peer.will(answering(wallet, {"code_url": code_url}))
    with pytest.raises(OutcomeUnknown, match="no code"):
        native.present(qr_order)


def test_a_missing_order_is_closed_again_until_it_cannot_come(
    raw_peer, native_options, wallet, qr_order
):
    raw_peer.will(answering(wallet, refusal("ORDER_NOT_EXIST"), 404))
    seconds = [0.0]
    with WechatNative(native_options(), steady=lambda: seconds[0]) as channel:
        for seconds[0] in (0.0, 60.0, 119.9):
            with pytest.raises(OutcomeUnknown):
                channel.reverse(qr_order)
        seconds[0] = 120.0
        assert channel.reverse(qr_order) == Reversed()
        with pytest.raises(OutcomeUnknown):
            channel.reverse(qr_order)


def test_a_refused_order_is_declined_with_the_channels_words(raw_peer, native, wallet, qr_order):
    raw_peer.will(answering(wallet, refusal("NO_AUTH", "商户无权限 1234567890123"), 403))
    assert native.present(qr_order) == Declined("NO_AUTH", "商户无权限 …0123")


def test_the_check_proves_the_keys_and_names_what_is_wrong(raw_peer, native, wallet):
    raw_peer.will(answering(wallet, refusal("ORDER_NOT_EXIST"), 404))
    native.check()
    raw_peer.will(answering(wallet, refusal("SIGN_ERROR"), 401))
    with pytest.raises(Refused) as error:
        native.check()
    assert error.value.code == "SIGN_ERROR"
    assert "private_key_path" in error.value.mend


def test_an_unsigned_refusal_of_our_signature_is_a_hint_and_no_more(raw_peer, native, qr_order):
    raw_peer.will(hearing(lambda line: send(line, b'{"code":"SIGN_ERROR"}', 401, {})))
    for ask in (native.check, lambda: native.present(qr_order)):
        with pytest.raises(OutcomeUnknown, match="HTTP 401") as error:
            ask()
        assert "private_key_path" in error.value.mend


def test_a_key_file_that_is_not_there_or_no_key_is_said_at_the_start(native_options, tmp_path):
    (tmp_path / "empty.pem").write_text("nothing", "ascii")
    for changes in (
        {"private_key_path": tmp_path / "none.pem"},
        {"private_key_path": tmp_path / "empty.pem"},
        {"public_key_path": tmp_path / "empty.pem"},
        {"certificate_path": tmp_path / "empty.pem"},
        {"ca_path": tmp_path / "none.pem"},
    ):
        with pytest.raises(ChannelError) as error:
            WechatNative(native_options(**changes))
        assert next(iter(changes)) in error.value.mend


def test_the_log_holds_numbers_and_no_secret(raw_peer, native, wallet, qr_order, caplog):
    caplog.set_level("DEBUG")
    raw_peer.will(answering(wallet, {**PAID, **SHOWN}))
    native.present(qr_order)
    native.query(qr_order)
    assert NUMBER in caplog.text
    for secret in (CODE_URL, "0123456789abcdef", "PRIVATE KEY"):
        assert secret not in caplog.text


def test_a_query_of_an_order_that_nobody_knows_finds_nothing(raw_peer, native, wallet, qr_order):
    raw_peer.will(answering(wallet, refusal("ORDER_NOT_EXIST"), 404))
    assert native.query(qr_order) == NotFound()
