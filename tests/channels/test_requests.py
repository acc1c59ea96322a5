"""What is sent: fields within the channel's lengths, wrong options, orders that cannot go."""

from __future__ import annotations

import json

import pytest

from kiosk.channels.channel import GoodsLine, NotSent, PayOrder
from kiosk.channels.wechatpay import SignType, WechatPay, requests
from kiosk.domain.money import Money


def order_of(**changes: object) -> PayOrder:
    usual = {"out_trade_no": "S1D01T1", "amount": Money(1280), "body": "自助收银"}
    return PayOrder(**{**usual, **changes})


def test_goods_go_along_for_coupons_on_single_goods(options, code):
    apples = GoodsLine("6901234567892", "苹果\x00", 2, Money(640))
    fields = requests.micropay(options(), order_of(goods=[apples]), code)
    assert json.loads(fields["detail"]) == {
        "goods_detail": [
            {"goods_id": "6901234567892", "goods_name": "苹果\x00", "quantity": 2, "price": 640}
        ]
    }
    assert "\x00" not in fields["detail"]


def test_a_basket_too_long_for_the_field_goes_without_its_lines(options, code):
    line = GoodsLine("6901234567892", "苹果", 1, Money(1))
    fields = requests.micropay(options(), order_of(goods=[line] * 200), code)
    assert fields["detail"] == ""


def test_a_long_body_is_cut_between_characters(options, code):
    body = requests.micropay(options(), order_of(body="苹果" * 100), code)["body"]
    assert len(body.encode()) == 126
    assert body == "苹果" * 21


def test_a_long_store_name_leaves_the_store_id(options, code):
    long = options(store_id="S" * 32, store_name="店" * 128)
    assert len(requests.micropay(long, order_of(), code)["scene_info"]) <= 256
    absurd = options(store_name='"' * 128)
    scene = requests.micropay(absurd, order_of(), code)["scene_info"]
    assert json.loads(scene) == {"store_info": {"id": "S1"}}


def test_a_service_provider_names_the_shop_in_every_request(options, code):
    provider = options(sub_mch_id="1900000109", sub_appid="wx1")
    for fields in (
        requests.micropay(provider, order_of(), code),
        requests.orderquery(provider, "1"),
        requests.reverse(provider, "1"),
        requests.authinfo(provider, "R==", 1),
    ):
        assert fields["mch_id"] == "1230000109"
        assert fields["sub_mch_id"] == "1900000109"
        assert fields["sub_appid"] == "wx1"


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": Money(0)},
        {"amount": Money(-1)},
        {"amount": Money(100, "HKD")},
        {"body": ""},
        {"body": " \x00 "},
        {"out_trade_no": ""},
        {"out_trade_no": "1" * 33},
        {"out_trade_no": "1\n"},
        {"out_trade_no": "单号"},
    ],
)
def test_an_order_that_the_format_cannot_carry_is_not_sent(raw_peer, options, code, changes):
    with WechatPay(options()) as channel:
        with pytest.raises(NotSent):
            channel.pay(order_of(**changes), code)
        if "out_trade_no" in changes:
            with pytest.raises(NotSent):
                channel.query(order_of(**changes))
    assert raw_peer.asked == []


@pytest.mark.parametrize("rawdata", ["", "R" * 2049, "\x00", "\ud800"])
def test_rawdata_that_the_format_cannot_carry_is_not_sent(raw_peer, options, rawdata):
    with WechatPay(options()) as channel, pytest.raises(NotSent):
        channel.authinfo(rawdata)
    assert raw_peer.asked == []


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"appid": ""}, "appid"),
        ({"mch_id": "1" * 33}, "mch_id"),
        ({"store_name": "店" * 129}, "store_name"),
        ({"key": "short"}, "key"),
        ({"key": "钥" * 32}, "key"),
        ({"client_ip": "kiosk"}, "client_ip"),
        ({"pay_url": "ftp://x"}, "pay_url"),
        ({"face_url": "https://"}, "face_url"),
        ({"sandbox": False}, "pay_url"),
        ({"read_timeout": 0}, "read_timeout"),
        ({"sign_type": "SHA1"}, "sign_type"),
        ({"give_up_after": -1}, "give_up_after"),
        ({"private_key_path": "key.pem"}, "certificate_path"),
    ],
)
def test_a_wrong_option_is_named_and_the_key_is_not_told(options, changes, name):
    with pytest.raises(ValueError, match=name) as error:
        options(**changes)
    assert "钥" not in str(error.value)
    assert "short" not in str(error.value)


def test_the_signature_may_be_named_as_a_settings_file_does(options):
    assert options(sign_type="MD5").sign_type is SignType.MD5
    assert options(sign_type="HMAC-SHA256") == options()


def test_the_options_do_not_show_the_key(options):
    assert "0123456789abcdef" not in repr(options())


def test_the_policy_is_the_documented_one_unless_it_is_configured(options):
    with WechatPay(options()) as usual, WechatPay(options(give_up_after=30)) as quick:
        policy = usual.policy
        assert (policy.query_after, policy.query_every) == (5, 5)
        assert (policy.give_up_after, policy.reverse_not_before) == (45, 16)
        assert quick.policy.give_up_after == 30
        assert (usual.name, usual.sandbox) == ("wechatpay", True)
