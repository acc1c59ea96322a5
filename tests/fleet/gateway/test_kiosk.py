"""A kiosk's settings make the channel, which pays through the fleet's process."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from kiosk import wallets
from kiosk.channels.gateway import GatewayChannel, GatewayFaceChannel, GatewayQrChannel
from kiosk.config import Config, Fleet, Paths
from kiosk.doctor import channels as doctor
from kiosk.domain.payment import Approved
from kiosk.errors import ConfigError
from kiosk.settings import Driver
from tests.fleet.shop import once

pytestmark = once

CHANNELS = {
    "wechatpay": Driver("gateway", {"takes": "face", "sandbox": True, "appid": "wx1"}),
    "native": Driver("gateway", {"takes": "qr", "sandbox": True}),
    "card": Driver("gateway", {"card_prefixes": ["9156"]}),
}


@pytest.fixture
def config(provider, tmp_path):
    who, key = provider.join()
    form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "fleet.key").write_bytes(key.private_bytes(*form))
    return Config(
        who.terminal_id,
        paths=Paths(tmp_path, tmp_path, tmp_path),
        fleet=Fleet(provider.server.address, who.merchant_id),
        channels=CHANNELS,
    )


def test_channels_are_made_from_the_settings_and_do_what_they_say(provider, config):
    built = wallets.channels(config)
    face, screen, card = built.values()
    assert [type(one) for one in built.values()] == [
        GatewayFaceChannel,
        GatewayQrChannel,
        GatewayChannel,
    ]
    assert wallets.refund_channels(built) == built
    for one in built.values():
        one.check()
    assert screen.policy.give_up_after == 125
    assert card.policy.reverse_not_before == 0
    assert face.policy.reverse_not_before == 16
    assert card.card_prefixes == ("9156",)
    assert isinstance(card.pay(provider.order(), provider.card()), Approved)
    assert isinstance(face.pay(provider.order(), provider.code()), Approved)
    for one in built.values():
        one.close()
    (finding,) = doctor.asked(config, "wechatpay", CHANNELS["wechatpay"])
    assert "SANDBOX" in finding.says


@pytest.mark.parametrize(
    ("options", "fleet", "says"),
    [
        ({"takes": "cash"}, {}, "channels.wechatpay: takes must be one of"),
        ({"colour": 1}, {}, "colour"),
        ({"card_prefixes": ["13"]}, {}, "card_prefixes: 13 is how the codes of a wallet"),
        ({}, {"url": "http://fleet.example"}, "fleet.url must be https"),
        ({}, {"merchant_id": ""}, "fleet.merchant_id is needed. Run kiosk join"),
        ({}, {"trust": "/nowhere.pem"}, "channels.wechatpay"),
    ],
)
def test_settings_that_cannot_be_are_named(config, options, fleet, says):
    config = replace(
        config,
        channels={"wechatpay": Driver("gateway", options)},
        fleet=replace(config.fleet, **fleet),
    )
    with pytest.raises(ConfigError) as caught:
        wallets.channels(config)
    assert says in str(caught.value)


def test_a_device_that_never_joined_says_so(config):
    (config.paths.state / "fleet.key").unlink()
    with pytest.raises(ConfigError, match="Run kiosk join"):
        wallets.channels(config)
