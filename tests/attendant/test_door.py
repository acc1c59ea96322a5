"""Who comes in by PIN or card, what he may do, and what of it is written down."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from kiosk.config import Person, load
from kiosk.errors import ConfigError
from kiosk.messages import Screen
from kiosk.messages.shift import CloseDay
from kiosk.messages.staff import AskRefund, EnterPin, FindPayment, OpenStaff, StaffPage, TurnTo
from kiosk.pin import PinHash, hash_card, hash_pin, may_be_card

ONE = "000126030112345648151623"
MEI_PIN, LI_PIN, CARD, OTHER_CARD = "135791", "864202", "STAFF-00042-X7", "STAFF-00043-X7"
SALT = b"0123456789abcdef"


@pytest.fixture
def shop(kiosk_with):
    """Mei is one of the staff, Li manages it."""
    people = {
        "mei": Person(hash_pin(MEI_PIN, SALT), hash_card(CARD, SALT)),
        "li": Person(hash_pin(LI_PIN, SALT), manager=True),
    }
    return kiosk_with(people=people, manager_limit_fen=100_000, refund_limit_fen=500)


def page(kiosk):
    return kiosk.screen.staff.page


def signs_in(kiosk, pin):
    kiosk.does(OpenStaff(), EnterPin(pin))
    kiosk.works()


def scans(kiosk, text):
    kiosk.checkout.scanned(text)
    kiosk.works()


def test_a_card_opens_as_a_pin_does_and_the_ledger_names_whose_it_is(shop):
    shop.does(OpenStaff())
    assert shop.screen.said.key == "staff.pin_or_card"
    scans(shop, CARD)
    assert page(shop) is StaffPage.HOME
    assert (shop.screen.staff.who, shop.screen.staff.manager) == ("mei", False)
    entry = shop.ledger.entries(0, 100)[-1]
    assert entry.body == {"did": "signed in", "who": "mei"}


def test_a_wrong_card_is_a_try_and_five_of_them_lock_pin_and_card(shop):
    shop.does(OpenStaff())
    for _ in range(5):
        scans(shop, OTHER_CARD)
    assert shop.screen.said.key == "staff.locked"
    scans(shop, CARD)
    shop.does(EnterPin(MEI_PIN))
    shop.works()
    assert page(shop) is StaffPage.PIN


@pytest.mark.parametrize(
    "text", ["6901000000042", "6901000000043", "134567890123456789", ONE, "2100101012341", "short"]
)
def test_goods_payment_codes_and_slips_held_out_at_the_door_are_no_tries(shop, text):
    shop.does(OpenStaff())
    for _ in range(6):
        shop.checkout.scanned(text)
    assert shop.work == []
    assert shop.screen.said.key == "staff.pin_or_card"


def test_a_card_opens_nothing_before_staff_ask_for_their_screen(shop):
    scans(shop, CARD)
    assert shop.screen.screen is Screen.ATTRACT
    assert shop.work == []


def test_a_pin_typed_is_no_card_and_a_card_is_no_pin(shop):
    shop.does(OpenStaff(), EnterPin(CARD))
    shop.works()
    assert page(shop) is StaffPage.PIN
    scans(shop, MEI_PIN)
    assert page(shop) is StaffPage.PIN


def test_whoever_is_no_manager_neither_reads_nor_closes_the_day(shop):
    signs_in(shop, MEI_PIN)
    shop.does(TurnTo(StaffPage.REPORT))
    assert shop.hinted == "staff.manager_only"
    shop.does(CloseDay(1))
    shop.works()
    assert page(shop) is StaffPage.HOME
    assert shop.screen.staff.report is None


def test_a_manager_has_the_days_and_a_limit_of_his_own(shop, paid):
    paid(ONE)
    signs_in(shop, LI_PIN)
    shop.does(TurnTo(StaffPage.REPORT))
    shop.works()
    assert shop.screen.staff.report.number == 1
    shop.does(FindPayment(ONE))
    shop.works()
    shop.does(AskRefund(ONE, 690, 690))
    shop.works()
    assert shop.cashbox.limits == [100_000]


def test_others_have_the_limit_of_all(shop, paid):
    paid(ONE)
    signs_in(shop, MEI_PIN)
    shop.does(FindPayment(ONE))
    shop.works()
    shop.does(AskRefund(ONE, 690, 690))
    shop.works()
    assert shop.cashbox.limits == [0]


def test_neither_card_nor_pin_is_written_or_logged(shop, caplog):
    caplog.set_level(logging.DEBUG)
    shop.does(OpenStaff())
    scans(shop, OTHER_CARD)
    scans(shop, CARD)
    written = "".join(str(each) for each in shop.ledger.entries(0, 100)) + caplog.text
    assert "wrong staff pin or card" in caplog.text
    for secret in (CARD, OTHER_CARD, MEI_PIN, LI_PIN):
        assert secret not in written


@pytest.mark.parametrize(
    ("lines", "key"),
    [
        ('[staff.people.mei]\ncard_hash = "x"', "staff.people.mei.card_hash"),
        ("[staff.people.mei]\nmanager = true", "staff.people.mei"),
        ("[staff]\nmanager_limit_fen = -1", "staff.manager_limit_fen"),
        ('[staff.people.mei]\nwage = "x"', "staff.people.mei.wage"),
    ],
)
def test_a_mistake_in_the_settings_names_its_line(tmp_path, lines, key):
    path = tmp_path / "kiosk.toml"
    path.write_text(f'terminal_id = "0001"\n{lines}\n', "utf-8")
    with pytest.raises(ConfigError, match=key.replace(".", r"\.")):
        load(path)


def test_the_command_prints_the_setting_of_a_card(tmp_path):
    command = [sys.executable, "-m", "kiosk", "staff-pin", "--card"]
    run = subprocess.run(
        command, input=f"{CARD}\n", capture_output=True, text=True, timeout=30, check=False
    )
    assert run.returncode == 0
    assert CARD not in run.stdout + run.stderr
    path = tmp_path / "kiosk.toml"
    path.write_text(f'terminal_id = "0001"\n{run.stdout.replace("NAME", "mei")}', "utf-8")
    assert PinHash.parse(load(path).staff.people["mei"].card_hash).matches(CARD)
    refused = subprocess.run(
        command, input="6901000000042\n", capture_output=True, text=True, timeout=30, check=False
    )
    assert refused.returncode == 1


@pytest.mark.parametrize(
    ("text", "may"),
    [(CARD, True), ("12345678x", True), ("6901000000042", False), ("https://a.cn/1", False),
     ("134567890123456789", False), ("with space", False), ("工号00000001", False)],
)  # fmt: skip
def test_what_may_be_a_card(text, may):
    assert may_be_card(text) is may
