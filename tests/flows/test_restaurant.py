"""A diner through the shipped processes: the menu, the table, what sold out, and the kitchen."""

from __future__ import annotations

import json
import time

import pytest
from shopper import Shopper

from kiosk.demo.diner import order
from kiosk.demo.settings import STATIONS, Play
from kiosk.demo.stage import Stage
from kiosk.messages import Role
from kiosk.messages.menu import OrdersShown
from kiosk.wire import Client

pytestmark = [pytest.mark.display, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def shop(display, tmp_path_factory):
    settings = {
        "visit": {"done": 4.0, "trouble": 20.0},
        "ui": {"reduce_motion": True},
        "restaurant": {"tables": 40},
    }
    play = Play(
        display, speed=10.0, enrolled=False, mode="restaurant", stations=STATIONS, settings=settings
    )
    with Stage(tmp_path_factory.mktemp("noodles"), play, kiosk=("core", "ui")) as stage:
        yield stage


@pytest.fixture
def board(shop):
    """What stands over the counter: a call in the board's role."""
    client = Client(shop.places.run / "core.sock", Role.ORDERS)
    client.start()
    yield client
    client.stop()


class Guest(Shopper):
    """Eats here, or takes it away."""

    def comes(self):
        self.shop.start("core")
        self.shop.start("ui")
        self.comes_to_an_idle_kiosk()
        self.touches("start")
        self.sees("SERVICE")

    def sits_at(self, number):
        self.comes()
        self.touches("service.eat-in")
        self.sees("TABLE")
        self.types(number, "table.done")

    def pays(self):
        self.sees("TENDER")
        self.shows_a_code()
        self.sees("DONE")


@pytest.fixture
def guest(shop):
    return Guest(shop)


def papers(shop, name):
    """What a printer has printed, as text, the oldest first."""
    return [path.read_bytes().decode("gb18030", "replace") for path in jobs(shop, name)]


def jobs(shop, name):
    return sorted(shop.paper(name).glob("*.bin"))


def printed(shop, name, before, seconds=20.0):
    """The first paper that came after so many."""
    end = time.monotonic() + seconds
    while len(jobs(shop, name)) <= before:
        assert time.monotonic() < end, f"nothing came out of {name}"
        time.sleep(0.05)
    return papers(shop, name)[before]


def shown(board, happened, seconds=20.0):
    """What the board was told when `happened` of it was so."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for message in board.wait(0.2):
            assert isinstance(message, OrdersShown)
            if happened(message):
                return message
    raise AssertionError("the board was not told")


def test_a_diner_orders_at_his_table_and_the_kitchen_reads_what_and_where(shop, guest, board):
    before = {name: len(jobs(shop, name)) for name in ("printer", *STATIONS)}
    guest.sits_at("12")
    order(guest.finger, lambda _step: None)
    guest.touches("order")
    guest.sees("BASKET")
    guest.touches("pay")
    guest.pays()
    assert guest.finger.look().detail == "todo.to_table"
    kitchen = printed(shop, "kitchen", before["kitchen"])
    inside = [kitchen.index(said) for said in ("桌号 12", "红烧牛肉面", "大份", "特辣", "卤蛋")]
    assert inside == sorted(inside)
    assert "柠檬茶" not in kitchen
    bar = printed(shop, "bar", before["bar"])
    assert "桌号 12" in bar
    assert "半糖" in bar
    slip = printed(shop, "printer", before["printer"])
    assert "桌号" in slip
    assert "47.00" in slip
    assert shown(board, lambda told: "12" in told.preparing).shop["en"] == "Alley Noodles"


def test_what_sold_out_while_the_core_was_gone_is_named_at_pay(shop, guest):
    guest.comes()
    guest.touches("service.take-away")
    order(guest.finger, lambda _step: None)
    shop.kill("core")
    marks = shop.folder / "state" / "sold_out.json"
    marks.write_text(json.dumps({"marked": ["00403"], "again": {}}), "utf-8")
    shop.start("core")
    guest.finger.wait_until(lambda seen: seen.can_touch("pay"), "the order again", 30)
    guest.sees("BASKET")
    guest.touches("pay")
    guest.finger.wait_until(lambda seen: seen.hint == "hint.sold_out_in_order", "the hint")
    guest.sees("BASKET")
    guest.touches("line.2.less")  # the tea
    guest.finger.wait_until(lambda seen: "line.2.less" not in seen.widgets, "one line")
    guest.touches("pay")
    guest.pays()
    assert guest.finger.look().detail == "todo.pick_up"
    guest.comes()
    guest.touches("service.take-away")
    guest.finger.wait_until(lambda seen: seen.can_touch("category.drinks"), "the menu")
    guest.touches("category.drinks")
    guest.finger.wait_until(lambda seen: seen.can_touch("dish.00401"), "the drinks")
    assert not guest.finger.look().can_touch("dish.00403")
    assert not guest.finger.look().can_touch("dish.00403.add")
