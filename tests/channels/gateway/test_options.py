"""What a kiosk may be told of a channel through its service provider."""

import pytest

from kiosk.channels.codes import card_prefix_trouble
from kiosk.channels.gateway import GatewayOptions
from kiosk.channels.gateway.calls import Takes
from kiosk.channels.gateway.errors import REFUND_RULES, RULES
from kiosk.channels.texts import SHOPPER_KEYS, refund_staff_text, shopper_key, staff_text
from kiosk.channels.wechatpay import errors, refund_errors
from kiosk.channels.wechatpay.v3 import errors as v3_errors
from kiosk.channels.wechatpay.v3 import refund_errors as v3_refund_errors


def test_a_channel_says_what_it_takes():
    options = GatewayOptions("wechatpay", "https://fleet.example", takes="face")
    assert options.takes is Takes.FACE
    assert GatewayOptions("card", "http://127.0.0.1:8443").takes is Takes.CODE


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"takes": "cash"}, "takes must be one of code, face, qr"),
        ({"url": ""}, "fleet.url is not a URL"),
        ({"url": "http://fleet.example"}, "fleet.url must be https"),
        ({"url": "http://fleet.example", "sandbox": True}, "fleet.url must be https"),
        ({"read_timeout": 0}, "read_timeout must be more than 0"),
    ],
)
def test_a_setting_that_cannot_be_is_named(wrong, says):
    with pytest.raises(ValueError, match=says):
        GatewayOptions(**{"name": "n", "url": "https://fleet.example", **wrong})


@pytest.mark.parametrize(
    "prefix", ["10", "13", "159", "20", "25", "30", "62", "6212", "01", "0100"]
)
def test_a_card_must_not_look_like_a_code_of_a_wallet(prefix):
    assert "wallet" in card_prefix_trouble(prefix)


@pytest.mark.parametrize("prefix", ["", "9", "9a", "٩٩", "9" * 16])
def test_what_is_no_prefix_is_refused(prefix):
    assert "digits" in card_prefix_trouble(prefix)


@pytest.mark.parametrize("prefix", ["16", "19", "31", "61", "63", "9156", "00"])
def test_other_prefixes_are_free(prefix):
    assert card_prefix_trouble(prefix) == ""


@pytest.mark.parametrize(
    ("code", "key"),
    [
        ("BALANCE_NOT_ENOUGH", "declined.balance"),
        ("LIMIT_EXCEEDED", "declined.limit"),
        ("DAY_LIMIT_EXCEEDED", "declined.limit"),
        ("CARD_UNKNOWN", "declined.wrong_code"),
        ("CARD_FROZEN", "declined.card"),
        ("CARD_REPLACED", "declined.card"),
        ("ACCOUNT_CLOSED", "declined.card"),
        ("TOO_MANY_TRIES", "declined.unavailable"),
        ("NOT_SENT", "declined.unavailable"),
    ],
)
def test_the_shopper_and_staff_are_told_why_a_card_or_a_limit_declines(code, key):
    assert shopper_key(code) == key
    assert key in SHOPPER_KEYS
    assert code in staff_text(code).cause


def test_the_service_providers_codes_are_no_wallets():
    ours = set(RULES), set(REFUND_RULES)
    for wallet in (errors.RULES, v3_errors.RULES):
        assert not ours[0] & set(wallet)
    for wallet in (refund_errors.RULES, v3_refund_errors.RULES):
        assert not ours[1] & set(wallet)
    assert "given back at this terminal" in refund_staff_text("LIMIT_EXCEEDED").cause
