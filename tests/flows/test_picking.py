"""Goods without a bar code through the shipped processes: found, weighed, or not offered."""

from __future__ import annotations

import json
import os
import subprocess
import time

import pytest
from shopper import QUICK, Shopper

from kiosk.demo.settings import Play
from kiosk.demo.stage import Stage

pytestmark = [pytest.mark.display, pytest.mark.timeout(120)]

APPLES, BANANAS, CORN, SUGAR = "goods.00101", "goods.00102", "goods.00201", "goods.6901000000042"


@pytest.fixture(scope="module")
def shop(display, tmp_path_factory):
    settings = {**QUICK, "visit": {"done": 1.0, "trouble": 20.0}}
    play = Play(display, speed=10.0, enrolled=False, scale=True, settings=settings)
    with Stage(tmp_path_factory.mktemp("greengrocer"), play, kiosk=("core", "ui")) as stage:
        yield stage


class Guest(Shopper):
    """Looks for goods that have no bar code."""

    def can_touch(self, *widgets, without=()):
        self.finger.wait_until(
            lambda seen: (
                all(seen.can_touch(one) for one in widgets)
                and not any(one in seen.widgets for one in without)
            ),
            f"{widgets} and not {without}",
        )

    def finds_only(self, goods):
        """One card is left: what was typed has been answered, and nothing moves any more."""
        self.finger.wait_until(
            lambda seen: (
                [one for one in seen.widgets if one.startswith("goods.")] == [goods]
                and seen.can_touch(goods)
            ),
            f"{goods} alone",
        )

    def browses(self):
        self.comes_to_an_idle_kiosk()
        self.touches("start")
        self.can_touch("browse")
        self.touches("browse")
        self.sees("PICK")

    def drums_on(self, widget):
        """Ten touches of one place within a third of a second."""
        x, y, width, height, _ = self.finger.look().widgets[widget]
        where = [str(x + width // 2), str(y + height // 2)]
        drum = ["click", "--repeat", "10", "--delay", "30", "1"]
        display = {**os.environ, "DISPLAY": self.shop.play.display}
        subprocess.run(["xdotool", "mousemove", *where, *drum], env=display, check=True)

    def has(self, lines):
        """So many lines are in the basket."""
        names = {f"line.{at}.less" for at in range(1, lines + 1)}
        self.finger.wait_until(
            lambda seen: (
                seen.screen == "BASKET"
                and {one for one in seen.widgets if one.endswith(".less")} == names
            ),
            f"{lines} lines",
        )


@pytest.fixture
def guest(shop):
    shop.scale("plug")
    shop.scale("empty")
    return Guest(shop)


def test_two_letters_a_card_and_a_steady_weight_make_a_line(guest, shop):
    guest.browses()
    guest.can_touch(APPLES, CORN)
    guest.touches("key.P")
    guest.touches("key.G")
    guest.finds_only(APPLES)
    guest.touches(APPLES)
    guest.can_touch("weighing.cancel", "help", without=("back",))
    shop.scale("load 1234")
    guest.has(1)
    guest.touches("browse")
    guest.can_touch(CORN)  # nothing of what was typed is left
    guest.drums_on(CORN)
    guest.has(2)
    time.sleep(0.5)  # whatever was still on its way
    lines = json.loads((shop.run / "visit.json").read_text("utf-8"))["basket"]["lines"]
    assert [(line["grams"], line["quantity"]) for line in lines] == [(1234, 1), (None, 1)]


def test_a_weighing_that_is_cancelled_leaves_the_list_as_it_was(guest):
    guest.browses()
    guest.touches("key.P")
    guest.touches("key.G")
    guest.finds_only(APPLES)
    guest.touches(APPLES)
    guest.touches("weighing.cancel")
    guest.can_touch(APPLES, "pick.wipe", without=(BANANAS,))
    guest.touches("pick.wipe")
    guest.can_touch(BANANAS)
    guest.touches("back")
    guest.can_touch("browse")


def test_goods_by_weight_come_and_go_with_the_scale_and_a_torn_label_is_no_trouble(guest, shop):
    guest.browses()
    guest.can_touch(APPLES, CORN)
    shop.scale("unplug")
    guest.can_touch(CORN, without=(APPLES, BANANAS))
    shop.scale("plug")
    guest.can_touch(CORN, APPLES)
    for letter in "BST":
        guest.touches(f"key.{letter}")
    guest.finds_only(SUGAR)
    guest.touches(SUGAR)
    guest.has(1)


def test_a_ui_that_died_while_goods_were_weighed_shows_the_scale_again(guest, shop):
    guest.browses()
    guest.can_touch(APPLES)
    guest.touches(APPLES)
    guest.can_touch("weighing.cancel")
    shop.kill("ui")
    shop.start("ui")
    guest.can_touch("weighing.cancel")
    shop.scale("load 500")
    guest.has(1)
