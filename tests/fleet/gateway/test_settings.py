"""The settings file of the fleet: strict, and clear about what is wrong in it."""

import pytest

from fleet.gateway.wallets import load_wallets
from kiosk.channels.gateway.calls import Takes
from kiosk.errors import ConfigError
from tests.fleet.shop import once

pytestmark = once

GOOD = """
[merchants.M1]
refunds_at_any_store = true

[merchants.M1.channels.card]
driver = "stored-value"
key_credential = "{key}"
card_prefixes = ["9156"]

[merchants.M2.channels.wechatpay]
driver = "wechatpay"
key_credential = "{key}"
appid = "wx1"
mch_id = "16"
sub_mch_id = "19"
"""


@pytest.fixture
def load(tmp_path, fleet_database):
    key = tmp_path / "a.key"
    key.write_text("k" * 32 + "\n")

    def load(text):
        path = tmp_path / "fleet.toml"
        path.write_text(text.replace("{key}", str(key)), "utf-8")
        return load_wallets(path, fleet_database)

    return load


def test_each_merchant_has_his_channels_and_nobody_elses(load, fleet_database):
    wallets = load(GOOD)
    assert wallets.find("M1", "card").takes is Takes.CODE
    served = wallets.find("M2", "wechatpay")
    assert (served.takes, served.seconds) == (Takes.FACE, 50)
    assert wallets.find("M2", "wechatpay") is served
    assert wallets.find("M1", "wechatpay") is wallets.find("M9", "card") is None
    assert [wallets.refunds_at_any_store(one) for one in ("M1", "M2")] == [True, False]
    assert load_wallets(None, fleet_database).find("M1", "card") is None


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("refunds_at_any_store", "refunds_anywhere", "fleet.toml:3: merchants.M1.refunds_anywhere"),
        ("= true", '= "yes"', "merchants: Expected `bool`, got `str`"),
        ('driver = "stored-value"', "", "merchants.M1.channels.card: names no driver"),
        ('"stored-value"', '"cash"', "there is no driver cash. Known: wechatpay, wechatpay-native"),
        ('["9156"]', '["13"]', "13 is how the codes of a wallet or of the shop's scale begin"),
        ('["9156"]', '"9156"', "card_prefixes must be a list of texts"),
        ("card_prefixes", "prefixes", "prefixes is no option of stored-value"),
        ('"wx1"', '""', "merchants.M2.channels.wechatpay: appid must not be empty"),
        ("sub_mch_id", "sub_mchid", "sub_mchid"),
        ('key_credential = "{key}"', "", "the credential card-numbers.key cannot be read"),
    ],
)
def test_what_is_wrong_is_named(load, old, new, says):
    assert old in GOOD
    with pytest.raises(ConfigError) as caught:
        load(GOOD.replace(old, new, 1))
    assert says in str(caught.value)
    assert "k" * 32 not in str(caught.value)
