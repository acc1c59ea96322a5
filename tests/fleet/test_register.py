"""One device, one merchant; a code joins once; a lost device's key opens nothing."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fleet import tables
from fleet.register import CODE_LIFE_MS, LOST, RETIRED, Plan, RegisterError, Store
from fleet.who import Who
from tests.fleet.shop import Shop
from tests.fleet.till import NOON


def key():
    return Ed25519PrivateKey.generate()


def test_a_device_becomes_the_terminal_whose_code_is_typed_in(shop):
    plan, own = shop.plan(), key()
    public = own.public_key().public_bytes_raw()
    code = shop.ask(plan, own)
    assert shop.register.joined(public, code) is None
    shop.register.approve(f" {code[:4].lower()}-{code[4:]} ", plan.who, "staff", NOON)
    assert shop.register.joined(public, code) == plan.who
    events = shop.rows(tables.terminal_event, plan.who)
    assert [(row["what"], row["who"]) for row in events] == [
        ("planned", "test"),
        ("joined", "staff"),
    ]


def test_a_code_joins_once_and_not_for_long(shop):
    plan = shop.plan()
    code = shop.ask(plan, key())
    with pytest.raises(RegisterError, match="no device shows"):
        shop.register.approve(code, plan.who, "staff", NOON + CODE_LIFE_MS + 1)
    shop.register.approve(code, plan.who, "staff", NOON)
    other = shop.plan("0002", plan.serial + "x")
    with pytest.raises(RegisterError, match="was used"):
        shop.register.approve(code, other.who, "staff", NOON)


def test_a_stranger_does_not_learn_what_a_code_became(shop):
    code = shop.ask(shop.plan(), key())
    with pytest.raises(RegisterError, match="does not wait"):
        shop.register.joined(key().public_key().public_bytes_raw(), code)


def test_another_device_than_was_planned_does_not_join(shop):
    plan = shop.plan()
    code = shop.ask(Plan(plan.who, "S1", "another"), key())
    with pytest.raises(RegisterError, match="serial"):
        shop.register.approve(code, plan.who, "staff", NOON)


def test_one_device_has_one_merchant_until_it_is_retired(shop, fleet_database):
    plan, other = shop.plan(), Shop(fleet_database)
    with pytest.raises(RegisterError, match="another terminal"):
        other.plan(serial=plan.serial)
    shop.register.revoke(plan.who, LOST, "staff", NOON)
    with pytest.raises(RegisterError, match="another terminal"):
        other.plan(serial=plan.serial)
    shop.register.revoke(plan.who, RETIRED, "staff", NOON)
    other.plan(serial=plan.serial)


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"who": Who("", "1")}, "4 to 8 digits"),
        ({"device_type": "12"}, "type of device"),
        ({"serial": ""}, "serial"),
        ({"acquirer_no": "123"}, "8 digits"),
        ({"store_id": "S9"}, "no store"),
    ],
)
def test_what_cannot_be_is_not_registered(shop, change, cause):
    given = {"who": Who(shop.merchant_id, "0001"), "store_id": "S1", "serial": "x", **change}
    with pytest.raises(RegisterError, match=cause):
        shop.register.plan(Plan(**given), "staff", NOON)


def test_a_mall_is_of_a_known_kind(shop):
    shop.register.put_district(f"D-{shop.merchant_id}", "mall", "万象城")
    with pytest.raises(RegisterError, match="no mall"):
        shop.register.put_district("D2", "street", "长街")


def test_a_place_is_written_as_acquirers_do(shop):
    at = Store(shop.merchant_id, "S2", "二号店", location="+31.2304/+121.4737")
    shop.register.put_store(at)
    with pytest.raises(RegisterError, match="no place"):
        shop.register.put_store(Store(shop.merchant_id, "S3", "三号店", location="here"))
