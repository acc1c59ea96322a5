"""What a merchant may configure for the third version, and what the requests make of it."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from kiosk.channels.channel import GoodsLine, PayOrder
from kiosk.channels.wechatpay.v3 import WechatNative, requests
from kiosk.domain.money import Money
from tests.channels.v3.wallet import MCH_ID, NUMBER, SHOP

ORDER = PayOrder(NUMBER, Money(1280), "自助收银-苹果", [GoodsLine("690", "苹果", 2, Money(640))])


@pytest.mark.parametrize(
    "wrong",
    [
        {"appid": ""},
        {"mch_id": "1" * 33},
        {"mch_id": '1"'},
        {"sub_mch_id": "１２"},
        {"device_id": ""},
        {"key": "short"},
        {"key": "钥" * 32},
        {"private_key_path": ""},
        {"serial_no": ""},
        {"serial_no": "no hex"},
        {"public_key_id": ""},
        {"public_key_id": "PUB_KEY_ID_\n"},
        {"public_key_path": None},
        {"client_ip": "here"},
        {"notify_url": ""},
        {"notify_url": "https://shop.example/notify?a=1"},
        {"notify_url": "https://shop.example/notify#a"},
        {"notify_url": "https://shop.example/" + "a" * 255},
        {"pay_url": "ftp://127.0.0.1"},
        {"backup_url": "nowhere"},
        {"sandbox": False},
        {"qr_life": 69},
        {"qr_life": 7201},
        {"connect_timeout": 0},
        {"read_timeout": -1},
        {"answer_within": 0},
        {"query_every": 0},
        {"query_after": -1},
        {"speed": 0.5},
    ],
    ids=str,
)
def test_a_wrong_option_is_named_and_no_key_is(native_options, wrong):
    with pytest.raises(ValueError, match=r".") as error:
        native_options(**wrong)
    name = next(iter(wrong))
    # Plain http is what is wrong outside the sandbox.
    assert {"sandbox": "pay_url", "public_key_path": "public_key_id"}.get(name, name) in str(
        error.value
    )
    assert "0123456789abcdef" not in str(error.value)


def test_options_come_from_a_settings_file_as_text_and_hide_the_key(native_options):
    options = native_options(certificate_path="/etc/kiosk/cert.pem", ca_path="")
    assert options.certificate_path == Path("/etc/kiosk/cert.pem")
    assert options.ca_path is None
    assert "0123456789abcdef" not in repr(options)


def test_the_policy_is_that_of_a_code_on_the_screen(native_options):
    with WechatNative(native_options(qr_life=90, query_every=2)) as channel:
        policy = channel.policy
        assert channel.name == "wechatpay-native"
        assert channel.sandbox
    assert (policy.query_after, policy.query_every) == (2.0, 2)
    assert policy.give_up_after == 95.0
    assert policy.reverse_not_before == 0.0


def test_a_service_providers_calls_have_paths_and_names_of_their_own(native_options):
    shop = native_options(sub_mch_id=SHOP, sub_appid="wx9", sandbox=True)
    assert requests.native_target(shop) == "/v3/pay/partner/transactions/native"
    document = requests.native(shop, ORDER, 1795248120.0)
    named = {name: document[name] for name in document if name.endswith(("appid", "mchid"))}
    assert named == {
        "sp_appid": "wx2421b1c4370ec43b",
        "sub_appid": "wx9",
        "sp_mchid": MCH_ID,
        "sub_mchid": SHOP,
    }
    assert requests.query_target(shop, NUMBER) == (
        f"/v3/pay/partner/transactions/out-trade-no/{NUMBER}?sp_mchid={MCH_ID}&sub_mchid={SHOP}"
    )
    assert requests.query_target(shop, "", "42").startswith("/v3/pay/partner/transactions/id/42?")
    assert requests.close_target(shop, NUMBER).endswith(f"/out-trade-no/{NUMBER}/close")
    assert requests.close(shop) == {"sp_mchid": MCH_ID, "sub_mchid": SHOP}


def test_goods_are_told_whole_or_not_at_all(native_options):
    options = native_options()
    line = ORDER.goods[0]
    told = requests.native(options, ORDER, 0.0)["detail"]["goods_detail"]
    assert told == [
        {"merchant_goods_id": "690", "goods_name": "苹果", "quantity": 2, "unit_price": 640}
    ]
    for goods in ([line] * 51, [GoodsLine("1" * 33, "", 1, Money(1))], []):
        order = PayOrder(NUMBER, Money(1280), "goods", goods)
        assert "detail" not in requests.native(options, order, 0.0)


def test_a_long_text_is_cut_between_characters(native_options):
    order = PayOrder(NUMBER, Money(1), "果\x00" * 80)
    assert requests.native(native_options(), order, 0.0)["description"] == "果 " * 31 + "果"


def test_the_same_order_at_the_same_moment_is_the_same_request(native_options):
    once, again = (requests.native(native_options(), ORDER, 1795248120.5) for _ in range(2))
    assert once == again
    assert once["time_expire"] == "2026-11-21T16:02:00+08:00"


def test_no_option_is_without_a_reader():
    """Each field is used somewhere in the package, by its name."""
    import kiosk.channels.wechatpay.v3 as package
    from kiosk.channels.wechatpay import line
    from kiosk.channels.wechatpay.v3 import WechatNativeOptions

    files = [*Path(package.__file__).parent.glob("*.py"), Path(line.__file__)]
    text = "".join(path.read_text("utf-8") for path in files if path.name != "options.py")
    unread = {one.name for one in fields(WechatNativeOptions) if f"options.{one.name}" not in text}
    assert unread == set()
