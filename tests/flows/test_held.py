"""What staff must see before it is paid, and the bags on a scale, through the shipped processes."""

from __future__ import annotations

import json

import pytest
from ledger_on_disk import entries
from shopper import QUICK, Staff, eventually

from kiosk.demo.settings import STAFF_PIN, Play
from kiosk.demo.stage import Stage

pytestmark = [pytest.mark.display, pytest.mark.timeout(120)]

WINE, MILK = "6921168509256", "6923000000013"
BOOK = f"""gtin,plu,name_zh,name_en,price,sold_by,tax,age,grams
{WINE},,干红葡萄酒,Dry red wine,88.00,piece,13,18,
{MILK},,纯牛奶 250ml,Whole milk 250 ml,3.90,piece,13,,260
"""


@pytest.fixture(scope="module")
def shop(display, tmp_path_factory):
    place = tmp_path_factory.mktemp("wine")
    book = place / "catalogue.csv"
    book.write_text(BOOK, "utf-8")
    settings = {
        **QUICK,
        "visit": {"done": 1.0, "trouble": 20.0},
        "content": {"catalogue": str(book)},
        "bagging": {"patience": 2.0, "deviations_allowed": 0},
    }
    play = Play(display, speed=10.0, enrolled=False, bagging=True, settings=settings)
    with Stage(place / "stage", play, kiosk=("core", "ui")) as stage:
        yield stage


class Clerk(Staff):
    """A shopper who has the PIN, and bags."""

    def sees_it_wait(self):
        return self.sees("HELD")

    def says(self, answer):
        """In by help and PIN; the page is there at once; one word, and the shopper goes on."""
        self.touches("help")
        self.touches("sheet.extra")
        self.is_told("staff.pin")
        self.types(STAFF_PIN)
        self.finger.wait_until(lambda seen: seen.can_touch(answer), "the question")
        self.touches(answer)

    def is_asked(self, *answers):
        self.finger.wait_until(
            lambda seen: all(seen.can_touch(f"bagging.{each}") for each in answers), "a question"
        )

    def is_not_asked(self):
        self.finger.wait_until(
            lambda seen: (
                seen.screen == "BASKET"
                and not any(each.startswith("bagging.") for each in seen.widgets)
            ),
            "no question",
        )

    def pays(self):
        self.sees("TENDER")
        self.shows_a_code()
        self.sees("DONE")
        self.sees("ATTRACT")


@pytest.fixture
def clerk(shop):
    shop.bags("empty")
    person = Clerk(shop)
    person.goes()
    person.comes_to_an_idle_kiosk()
    return person


def newest(shop, kind):
    return json.loads(entries(shop, kind)[-1])


def test_wine_waits_for_the_staff_over_a_crash_and_is_paid_with_their_word(clerk, shop):
    clerk.scans(WINE)
    clerk.touches("pay")
    clerk.sees_it_wait()
    shop.kill("core")
    clerk.sees("OUT_OF_ORDER")
    shop.start("core")
    clerk.sees("BASKET")
    clerk.touches("pay")
    clerk.sees_it_wait()
    clerk.says("held.yes.0")
    clerk.pays()
    approved = newest(shop, "payment_opened")["basket"]["approved"]
    assert (approved["by"], approved["years"], approved["lines"]) == ("staff", 18, [1])
    assert "age approved" in "".join(entries(shop, "staff"))


def test_refused_wine_is_gone_and_the_rest_is_paid(clerk, shop):
    clerk.scans(WINE, MILK)
    clerk.touches("pay")
    clerk.sees_it_wait()
    clerk.says("held.no.0")
    clerk.sees("BASKET")
    clerk.touches("pay")
    clerk.pays()
    assert newest(shop, "payment_opened")["payment"]["fen"] == 390


def test_the_bags_are_weighed_asked_about_once_and_many_odd_ones_are_for_the_staff(clerk, shop):
    clerk.scans(MILK)
    clerk.is_asked("bag", "hand")
    shop.bags("load 262")
    clerk.is_not_asked()
    clerk.scans(MILK)
    shop.bags("load 1262")
    clerk.is_asked("bag", "hand")
    clerk.touches("bagging.bag")
    clerk.is_not_asked()
    clerk.touches("pay")
    clerk.sees_it_wait()
    clerk.says("held.yes.0")
    clerk.pays()
    weights = shop.folder / "state" / "weights.json"
    eventually(weights.exists, "what was learnt")
    assert json.loads(weights.read_text("utf-8"))[MILK][:2] == [1, 262]


def test_a_scale_under_the_bags_that_is_gone_is_in_nobodys_way(clerk, shop):
    shop.bags("unplug")
    clerk.scans(MILK)
    clerk.touches("pay")
    clerk.pays()
