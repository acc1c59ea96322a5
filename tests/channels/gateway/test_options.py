"""What a kiosk may be told of a channel through its service provider."""

import pytest

from kiosk.channels.codes import card_prefix_trouble
from kiosk.channels.gateway import GatewayOptions
from kiosk.channels.gateway.calls import Takes


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
