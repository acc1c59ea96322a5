"""A kiosk goes by what its service provider wants, and goes on where that cannot be."""

from __future__ import annotations

import json
import re
import time

import pytest

from fleet import tables
from fleet.database import Database
from fleet.down import tables as down
from fleet.migrations.migrate import migrate
from kiosk.demo.settings import SHOPS
from kiosk.messages import CallAttendant, Leave, Screen, Start
from tests.fleet.kiosk import GOODS, joined_kiosk, until
from tests.fleet.server import Server


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kiosk")
    url = f"sqlite:///{folder}/fleet.db"
    database = Database(url)
    migrate(database)
    server = Server(url)
    with joined_kiosk(folder, database, server) as kiosk:
        yield kiosk
    server.kill()
    database.close()


def test_devices_are_tested_and_what_there_is_not_is_said(kiosk):
    before = len(list(kiosk.stage.paper("printer").glob("*")))
    answer = kiosk.answer(kiosk.tell("test_device", device="printer"))
    assert answer.done, answer.said
    assert len(list(kiosk.stage.paper("printer").glob("*"))) > before
    assert kiosk.answer(kiosk.tell("test_device", device="scanner")).done
    answer = kiosk.answer(kiosk.tell("test_device", device="drawer"))
    assert (answer.done, "there are: scanner, printer" in answer.said) == (False, True)


def test_help_that_was_called_is_seen_at_once_and_help_that_comes_is_read_by_the_shopper(kiosk):
    nobody = kiosk.answer(kiosk.tell("help_coming"))
    assert (nobody.done, nobody.said) == (False, "nobody waits for staff here")
    kiosk.shows(Screen.ATTRACT)
    kiosk.hand.touches(Start())
    kiosk.shows(Screen.BASKET)
    kiosk.hand.touches(CallAttendant())

    def asking():
        (row,) = kiosk.shop.rows(tables.health, kiosk.who)
        return json.loads(row["report"]).get("asking", {})

    until(lambda: asking().get("called_ms"), 20)
    assert kiosk.answer(kiosk.tell("help_coming")).done
    kiosk.hand.sees(lambda seen: seen.attendant_coming, "that staff are on the way")
    until(lambda: asking()["coming"], 20)
    kiosk.hand.touches(Leave())
    kiosk.shows(Screen.ATTRACT)
    until(lambda: asking()["called_ms"] is None, 20)


def test_an_order_of_a_later_fleet_is_answered_and_not_done(kiosk):
    row = {
        "merchant_id": kiosk.who.merchant_id,
        "terminal_id": kiosk.who.terminal_id,
        "command_id": "0123456789abcdef",
        "what": "dance",
        "arguments": "{}",
        "by": "staff",
        "given_ms": 1,
        "said": "",
    }
    with kiosk.shop.database.write() as connection:
        connection.execute(down.command.insert().values(row))
    kiosk.tell("send_now")  # wakes it
    answer = kiosk.answer(row["command_id"])
    assert (answer.done, "knows no command 'dance'" in answer.said) == (False, True)


def test_settings_that_are_not_understood_leave_the_last_good_ones(kiosk):
    good = kiosk.desires("config", '[shop]\nname = "新店"\n')
    kiosk.comes_again()
    assert kiosk.shows(Screen.ATTRACT).shop["zh"] == "新店"
    kiosk.says("config", good, "APPLIED")
    bad = kiosk.desires("config", '[shop]\nname = "坏"\nlanguage = "de"\n')
    said = kiosk.says("config", bad, "REFUSED")
    assert f'config-{bad}.toml:3: shop.language: must be "zh" or "en"' in said
    stranger = kiosk.desires("config", '[channels.wechatpay]\npay_url = "http://thief"\n')
    assert "channels: does not come from afar" in kiosk.says("config", stranger, "REFUSED")
    kiosk.dies()
    kiosk.stage.start("core")
    assert kiosk.shows(Screen.ATTRACT).shop["zh"] == "新店"
    assert kiosk.answer(kiosk.tell("send_now")).done
    report = json.loads(kiosk.shop.rows(tables.health, kiosk.who)[0]["report"])
    config = report["documents"]["config"]
    assert (config["state"], config["in_force"], config["version"]) == ("REFUSED", good, stranger)


def test_a_core_that_does_not_stay_up_with_new_settings_goes_back_to_the_last_good_ones(kiosk):
    version = kiosk.desires("config", '[shop]\nname = "死店"\n')
    until(lambda: not kiosk.stage.alive("core"), 20)
    for _ in range(3):
        kiosk.hand.forget()
        kiosk.stage.start("core")
        assert kiosk.shows(Screen.ATTRACT).shop["zh"] == "死店"
        kiosk.dies()
    kiosk.stage.start("core")
    assert kiosk.shows(Screen.ATTRACT).shop["zh"] == "新店"
    assert "did not stay up with it" in kiosk.says("config", version, "REFUSED")


def test_a_price_book_is_in_force_from_the_next_visit_on_and_after_a_crash(kiosk):
    book = (SHOPS / "grocery" / "catalogue.csv").read_text("utf-8")
    text = re.sub(r"(?m),[0-9.]+,(piece|weight),", r",9.99,\1,", book)
    kiosk.hand.fills_a_basket([GOODS])
    before = kiosk.shows(Screen.TENDER).total_fen
    version = kiosk.desires("price_book", text)
    kiosk.says("price_book", version, "WAITING")
    assert kiosk.shows(Screen.TENDER).total_fen == before != 999
    kiosk.hand.touches(Leave())
    kiosk.says("price_book", version, "APPLIED")
    bad = kiosk.desires("price_book", text.replace("9.99", "9.999", 1))
    said = kiosk.says("price_book", bad, "REFUSED")
    assert f"price_book-{bad}.csv, line 2, column price" in said
    kiosk.dies()
    kiosk.stage.start("core")
    kiosk.shows(Screen.ATTRACT)
    kiosk.hand.fills_a_basket([GOODS])
    assert kiosk.shows(Screen.TENDER).total_fen == 999
    kiosk.hand.touches(Leave())
    kiosk.shows(Screen.ATTRACT)


def test_a_restart_is_ordered_waits_for_the_visit_and_is_answered_by_the_new_core(kiosk):
    kiosk.shows(Screen.ATTRACT)
    kiosk.hand.touches(Start())
    kiosk.shows(Screen.BASKET)
    given = kiosk.tell("reboot")
    time.sleep(1.5)
    assert kiosk.stage.alive("core")
    kiosk.hand.touches(Leave())
    kiosk.comes_again()
    answer = kiosk.answer(given)
    assert (answer.done, answer.said) == (True, "the kiosk started again")
