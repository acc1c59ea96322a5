"""The wire's mishaps, each played by a server of bytes, and how far each lets one conclude."""

from __future__ import annotations

import socket
import time

import pytest

from kiosk.channels.channel import ChannelError, NotFound, NotSent, OutcomeUnknown, Refused
from kiosk.channels.wechatpay import SignType, WechatPay
from kiosk.domain.payment import Approved, Declined, Reversed, Waiting

PAID = {"result_code": "SUCCESS", "transaction_id": "4200000001", "total_fee": "1280"}


def read_and(action):
    """A script that reads the whole request first, so that it may have been carried out."""

    def play(line):
        line.read()
        action(line)

    return play


def reset_unread(line):
    line.socket.recv(1, socket.MSG_PEEK)
    line.reset()


def half(line):
    whole = b"<xml><return_code>SUCCESS</return_code><result_code>SUC"
    line.socket.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" + whole)


def trickle(line):
    line.socket.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")
    for _ in range(60):
        time.sleep(0.1)
        line.socket.sendall(b" ")


def flood(line):
    line.socket.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    while True:
        line.socket.sendall(b" " * 65536)


def truncated(line):
    line.send(b"<xml><return_code>SUCCESS</return_code>")


def redirect(line):
    line.send(b"", "302 Found", "Location: /elsewhere\r\n")


MISHAPS = {
    "reset before a byte was read": reset_unread,
    "closed before a byte was read": lambda line: None,
    "reset after the request": read_and(lambda line: line.reset()),
    "closed after the request": read_and(lambda line: None),
    "half an answer": read_and(half),
    "no answer": read_and(lambda line: time.sleep(0.6)),
    "an answer by drops": read_and(trickle),
    "an answer without end": read_and(flood),
    "HTTP 500": read_and(lambda line: line.send(b"oops", "500 Internal Server Error")),
    "HTTP 502": read_and(lambda line: line.send(b"<html/>", "502 Bad Gateway")),
    "HTTP 403": read_and(lambda line: line.send(b"", "403 Forbidden")),
    "HTTP 204": read_and(lambda line: line.send(b"", "204 No Content")),
    "a redirect": read_and(redirect),
    "not HTTP": read_and(lambda line: line.socket.sendall(b"\x16\x03\x01\x00\x00")),
    "an empty body": read_and(lambda line: line.send(b"")),
    "truncated XML": read_and(truncated),
    "HTML": read_and(lambda line: line.send(b"<html><body>login</body></html>")),
    "another key's signature": read_and(lambda line: line.answer(PAID, key="k" * 32)),
    "no signature": read_and(
        lambda line: line.send(b"<xml><return_code>SUCCESS</return_code></xml>")
    ),
    "another order's answer": read_and(lambda line: line.answer({**PAID, "out_trade_no": "X"})),
    "another merchant's answer": read_and(lambda line: line.answer({**PAID, "mch_id": "9"})),
    "another app's answer": read_and(lambda line: line.answer({**PAID, "appid": "wx9"})),
    "an answer that names no order": read_and(
        lambda line: line.answer({**PAID, "out_trade_no": ""})
    ),
    "an answer that names no merchant": read_and(lambda line: line.answer({**PAID, "mch_id": ""})),
    "a failure of unknown text": read_and(
        lambda line: line.send(b"<xml><return_code>FAIL</return_code></xml>")
    ),
}


@pytest.fixture
def channel(options):
    with WechatPay(options()) as channel:
        yield channel


@pytest.mark.parametrize("mishap", MISHAPS)
def test_a_mishap_on_the_line_leaves_the_outcome_unknown(raw_peer, channel, order, code, mishap):
    raw_peer.will(MISHAPS[mishap])
    with pytest.raises(OutcomeUnknown) as error:
        channel.pay(order, code)
    assert len(raw_peer.asked) == 1, "the pay call was sent again"
    assert code.value not in f"{error.value} {error.value.mend}"


@pytest.mark.parametrize("mishap", MISHAPS)
def test_a_mishap_never_ends_a_query_or_a_reversal(raw_peer, channel, order, mishap):
    raw_peer.will(MISHAPS[mishap])
    with pytest.raises(OutcomeUnknown):
        channel.query(order)
    if mishap == "an answer that names no order":
        return  # a reversal's answer never names it
    with pytest.raises(OutcomeUnknown):
        channel.reverse(order)


def test_a_refused_connection_is_not_sent(raw_peer, options, order, code):
    nobody = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
    nobody.close()
    with WechatPay(options(pay_url=url, face_url=url)) as channel:
        for ask in (
            lambda: channel.pay(order, code),
            lambda: channel.query(order),
            lambda: channel.authinfo("RAWDATA=="),
            channel.check,
        ):
            with pytest.raises(NotSent) as error:
                ask()
            assert "network" in error.value.mend


def test_an_unknown_host_is_not_sent(options, order, code):
    with (
        WechatPay(options(pay_url="http://nowhere.invalid")) as channel,
        pytest.raises(NotSent),
    ):
        channel.pay(order, code)


def test_a_tls_handshake_that_fails_is_not_sent(raw_peer, options, order, code):
    raw_peer.will(lambda line: line.socket.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    url = raw_peer.url.replace("http://", "https://")
    with WechatPay(options(pay_url=url)) as channel, pytest.raises(NotSent):
        channel.pay(order, code)


def test_a_server_that_never_shakes_hands_is_not_sent_to(raw_peer, options, order, code):
    raw_peer.will(lambda line: raw_peer.done.wait(1))
    url = raw_peer.url.replace("http://", "https://")
    with WechatPay(options(pay_url=url)) as channel, pytest.raises(NotSent):
        channel.pay(order, code)


def test_a_reset_at_once_is_one_of_the_two_and_never_a_result(raw_peer, channel, order, code):
    raw_peer.will(lambda line: line.reset())
    for _ in range(20):
        with pytest.raises((NotSent, OutcomeUnknown)):
            channel.pay(order, code)


def test_every_call_has_a_connection_of_its_own(raw_peer, channel, order, code):
    raw_peer.will_answer(**PAID, trade_state="SUCCESS")
    channel.pay(order, code)
    channel.query(order)
    assert [line.path for line in raw_peer.asked] == ["/pay/micropay", "/pay/orderquery"]


def test_the_spare_host_is_for_queries_and_reversals_only(raw_peer, options, order, code):
    raw_peer.will_answer(**PAID, trade_state="SUCCESS", recall="N")
    gone = options(pay_url="http://nowhere.invalid", backup_url=raw_peer.url)
    with WechatPay(gone) as channel:
        with pytest.raises(NotSent):
            channel.pay(order, code)
        assert raw_peer.asked == []
        assert channel.query(order) == Approved("4200000001", 1280)
        assert channel.reverse(order) == Reversed()


def test_a_pay_request_is_signed_and_complete(raw_peer, options, order, code):
    raw_peer.will_answer(**PAID)
    with WechatPay(options(), nonce=lambda: "5K8264ILTKCH16CQ2502SI8ZNMTM67VS") as channel:
        assert channel.pay(order, code) == Approved("4200000001", 1280)
    assert raw_peer.asked[0].fields == {
        "appid": "wx2421b1c4370ec43b",
        "mch_id": "1230000109",
        "device_info": "D01",
        "body": "自助收银-苹果",
        "out_trade_no": "S1D01T20261121000001",
        "total_fee": "1280",
        "fee_type": "CNY",
        "spbill_create_ip": "127.0.0.1",
        "auth_code": "130000000000000001",
        "scene_info": '{"store_info":{"id":"S1","name":"示例门店"}}',
        "nonce_str": "5K8264ILTKCH16CQ2502SI8ZNMTM67VS",
        "sign_type": "HMAC-SHA256",
        "sign": "AF0BE4727B811B440C487897E154E7BBF6697291ECAD98C93D9381EB1A5292EA",
    }


@pytest.mark.parametrize("algorithm", SignType, ids=lambda algorithm: algorithm.value)
def test_answers_are_verified_with_the_algorithm_of_the_request(
    raw_peer, options, order, algorithm
):
    raw_peer.will_answer(result_code="FAIL", err_code="ORDERNOTEXIST", unknown_field="1")
    with WechatPay(options(sign_type=algorithm)) as channel:
        assert channel.query(order) == NotFound()


def test_a_waiting_payment_is_waited_for(raw_peer, channel, order, code):
    raw_peer.will_answer(result_code="FAIL", err_code="USERPAYING")
    assert channel.pay(order, code) == Waiting("USERPAYING")


SPENT = {"result_code": "FAIL", "err_code": "AUTH_CODE_ERROR", "err_code_des": "请刷新"}


def answers_in_turn(*all_fields):
    return [read_and(lambda line, fields=fields: line.answer(fields)) for fields in all_fields]


@pytest.mark.parametrize(
    ("found", "fact"),
    [
        (
            {"result_code": "FAIL", "err_code": "ORDERNOTEXIST"},
            Declined("AUTH_CODE_ERROR", "请刷新"),
        ),
        ({**PAID, "trade_state": "SUCCESS"}, Approved("4200000001", 1280)),
        ({"result_code": "SUCCESS", "trade_state": "USERPAYING"}, Waiting("USERPAYING")),
    ],
)
def test_a_spent_code_is_declined_only_if_it_was_not_spent_by_this_very_order(
    raw_peer, channel, order, code, found, fact
):
    raw_peer.will(*answers_in_turn(SPENT, found))
    assert channel.pay(order, code) == fact
    assert [line.path for line in raw_peer.asked] == ["/pay/micropay", "/pay/orderquery"]


def test_a_spent_code_without_a_query_is_unknown(raw_peer, channel, order, code):
    raw_peer.will(*answers_in_turn(SPENT), lambda line: line.reset())
    with pytest.raises(OutcomeUnknown, match="AUTH_CODE_ERROR"):
        channel.pay(order, code)


def test_an_order_that_is_not_there_is_reversed_again_until_it_cannot_come(
    raw_peer, options, order
):
    raw_peer.will_answer(result_code="FAIL", err_code="ORDERNOTEXIST")
    seconds = [0.0]
    with WechatPay(options(), steady=lambda: seconds[0]) as channel:
        for seconds[0] in (0.0, 60.0, 119.9):
            with pytest.raises(OutcomeUnknown):
                channel.reverse(order)
        seconds[0] = 120.0
        assert channel.reverse(order) == Reversed()
        with pytest.raises(OutcomeUnknown):
            channel.reverse(order)


def test_what_is_no_code_of_this_wallet_is_declined_without_asking(raw_peer, channel, order, code):
    token = type(code)(code.kind, "280000000000000001")
    assert channel.pay(order, token) == Declined("AUTH_CODE_INVALID")
    assert raw_peer.asked == []


def test_the_check_moves_no_money_and_proves_the_key(raw_peer, channel):
    raw_peer.will_answer(result_code="FAIL", err_code="ORDERNOTEXIST")
    channel.check()
    assert raw_peer.asked[0].path == "/pay/orderquery"
    raw_peer.will(
        read_and(
            lambda line: line.send(
                "<xml><return_code>FAIL</return_code><return_msg>签名错误</return_msg></xml>".encode()
            )
        )
    )
    with pytest.raises(Refused) as error:
        channel.check()
    assert error.value.code == "SIGNERROR"
    assert "key" in error.value.mend


def test_the_check_wants_a_client_certificate_outside_the_sandbox(options):
    live = options(sandbox=False, pay_url="https://127.0.0.1:1", face_url="https://127.0.0.1:1")
    with WechatPay(live) as channel, pytest.raises(ChannelError, match="certificate"):
        channel.check()


def test_a_certificate_that_is_not_there_is_said_at_the_start(options, tmp_path):
    with pytest.raises(ChannelError) as error:
        WechatPay(options(certificate_path=tmp_path / "none.pem"))
    assert "certificate_path" in error.value.mend


def test_the_log_holds_ids_and_at_most_four_digits_of_a_code(
    raw_peer, channel, order, code, caplog
):
    caplog.set_level("DEBUG")
    raw_peer.will_answer(**PAID)
    code = type(code)(code.kind, "131415161718192021")
    channel.pay(order, code)
    raw_peer.will_answer(result_code="", authinfo="SECRET-AUTHINFO", expires_in="3600")
    channel.authinfo("SECRET-RAWDATA")
    assert order.out_trade_no in caplog.text
    for secret in (code.value, code.value[-5:], "SECRET", "0123456789abcdef"):
        assert secret not in caplog.text


def test_authinfo_is_asked_once_for_the_same_rawdata(raw_peer, options):
    raw_peer.will_answer(authinfo="A==", expires_in="3600")
    hours = [0.0]
    with WechatPay(options(), wall=lambda: 1795248000.9, steady=lambda: hours[0]) as channel:
        assert channel.authinfo("RAWDATA==").value == "A=="
        hours[0] = 100.0
        assert channel.authinfo("RAWDATA==").expires_in == 3440.0
        assert len(raw_peer.asked) == 1
        channel.authinfo("OTHER")
        hours[0] = 4000.0
        channel.authinfo("OTHER")
    assert len(raw_peer.asked) == 3
    sent = raw_peer.asked[0].fields
    assert raw_peer.asked[0].path == "/face/get_wxpayface_authinfo"
    assert {
        name: sent[name] for name in ("now", "version", "rawdata", "store_id", "device_id")
    } == {
        "now": "1795248000",
        "version": "1",
        "rawdata": "RAWDATA==",
        "store_id": "S1",
        "device_id": "D01",
    }


def test_a_refused_authinfo_is_refused_or_blamed_on_the_clock(raw_peer, options):
    answers = {
        "无效的RawData数据": Refused,
        "now 与服务器时间相差过大": ChannelError,
    }
    with WechatPay(options()) as channel:
        for text, kind in answers.items():
            raw_peer.will_answer(return_code="ERROR", return_msg=text)
            with pytest.raises(kind) as error:
                channel.authinfo("RAWDATA==")
            assert type(error.value) is kind
        assert error.value.cause == "clock"
        assert "time server" in error.value.mend


def test_a_clock_far_from_the_servers_is_seen_in_the_answers_date(raw_peer, options):
    def play(line):
        line.read()
        fields = line.signed({"return_code": "PARAM_ERROR", "return_msg": "wrong"})
        inside = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
        headers = "Date: Sat, 21 Nov 2026 12:00:00 GMT\r\n"
        line.send(f"<xml>{inside}</xml>".encode(), headers=headers)

    raw_peer.will(play)
    noon = 1795262400.0
    with (
        WechatPay(options(), wall=lambda: noon + 301) as late,
        pytest.raises(ChannelError) as error,
    ):
        late.authinfo("RAWDATA==")
    assert error.value.cause == "clock"
    with WechatPay(options(), wall=lambda: noon + 299) as near, pytest.raises(Refused):
        near.authinfo("RAWDATA==")
