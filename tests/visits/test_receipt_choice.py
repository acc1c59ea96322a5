"""After payment: paper at once, or what the shopper chooses; and what the shop offers him."""

from __future__ import annotations

from datetime import date

import pytest

from kiosk.config import Receipt
from kiosk.domain.banner import Banner
from kiosk.domain.payment import State
from kiosk.messages import ChooseReceipt, ChooseTender, Leave, Pay, Screen
from tests.visits.conftest import Shop


def shop_with(place, **receipt):
    class Asking(Shop):
        settings = {"receipt": Receipt(**receipt)}  # noqa: RUF012 - read only

    shop = Asking(place)
    shop.devices.working.add("printer")
    return shop


@pytest.fixture
def asking(tmp_path):
    """Opens shops that ask what the receipt is to be."""
    opened = []

    def opens(default="paper"):
        opened.append(shop_with(tmp_path / default, ask=True, default=default))
        return opened[-1]

    yield opens
    for each in opened:
        each.ledger.close()


def pays(shop):
    shop.scans_milk()
    shop.does(Pay(), ChooseTender("code"))
    shop.scans_code()
    shop.passes(1)
    assert shop.screen.screen is Screen.DONE
    return shop.payments[-1].out_trade_no


def test_without_the_question_paper_comes_at_once(shop):
    number = pays(shop)
    assert shop.slips.printed == [number]
    assert (shop.screen.slip, shop.screen.receipts) == ("printing", ())
    shop.does(ChooseReceipt("none"))
    assert (shop.screen.slip, shop.slips.refused) == ("printing", [])


def test_nothing_is_printed_before_paper_is_chosen(asking):
    shop = asking()
    number = pays(shop)
    assert (shop.screen.slip, shop.screen.receipts) == ("asked", ("paper", "qr", "none"))
    assert shop.slips.printed == []
    shop.does(ChooseReceipt("paper"), ChooseReceipt("paper"))
    assert shop.slips.printed == [number]
    assert (shop.screen.slip, shop.screen.receipts) == ("printing", ())


def test_a_code_is_shown_for_as_long_as_a_phone_takes(asking):
    shop = asking()
    number = pays(shop)
    shop.does(ChooseReceipt("qr"))
    assert shop.slips.seen == [number]
    assert (shop.screen.slip, shop.screen.qr) == ("shown", f"https://example.cn/{number}")
    assert shop.screen.seconds_left == 30.0
    shop.passes(31)
    assert shop.screen.screen is Screen.ATTRACT
    assert shop.slips.printed == []


def test_none_is_none_and_the_payment_is_what_it_was(asking):
    shop = asking()
    number = pays(shop)
    shop.does(ChooseReceipt("none"))
    assert (shop.slips.refused, shop.slips.printed) == ([number], [])
    assert shop.screen.slip == "none"
    shop.passes(9)
    assert shop.screen.screen is Screen.ATTRACT
    assert shop.payments[-1].state is State.PAID


@pytest.mark.parametrize("leaves", ["by himself", "in time", "for the next shopper"])
def test_who_says_nothing_gets_paper_where_that_is_the_default(asking, leaves):
    shop = asking("paper")
    number = pays(shop)
    match leaves:
        case "by himself":
            shop.does(Leave())
        case "in time":
            shop.passes(9)
        case _:
            shop.scans_milk()
            assert shop.screen.screen is Screen.BASKET
    assert shop.slips.printed == [number]


def test_who_says_nothing_sees_the_code_where_that_is_the_default(asking):
    shop = asking("qr")
    number = pays(shop)
    shop.passes(8)
    assert (shop.screen.screen, shop.screen.slip) == (Screen.DONE, "shown")
    assert (shop.slips.seen, shop.slips.printed) == ([number], [])
    shop.passes(31)
    assert shop.screen.screen is Screen.ATTRACT


def test_who_says_nothing_gets_nothing_where_that_is_the_default(asking):
    shop = asking("none")
    number = pays(shop)
    shop.passes(9)
    assert shop.screen.screen is Screen.ATTRACT
    assert (shop.slips.refused, shop.slips.printed) == ([number], [])


def test_without_a_printer_paper_is_not_offered_and_the_code_is(asking):
    shop = asking()
    shop.devices.working.discard("printer")
    number = pays(shop)
    assert shop.screen.receipts == ("qr", "none")
    shop.does(ChooseReceipt("paper"))
    assert (shop.screen.slip, shop.slips.printed) == ("asked", [])
    shop.does(ChooseReceipt("qr"))
    assert shop.slips.seen == [number]


def test_a_slip_that_does_not_come_out_is_offered_as_a_code(asking):
    shop = asking()
    number = pays(shop)
    shop.does(ChooseReceipt("paper"))
    shop.checkout.delivered(number, "failed")
    assert (shop.screen.slip, shop.screen.receipts) == ("failed", ("qr",))
    shop.does(ChooseReceipt("qr"))
    assert shop.screen.slip == "shown"


def test_a_kind_that_is_not_there_changes_nothing(asking):
    shop = asking()
    pays(shop)
    before = shop.screen
    shop.does(ChooseReceipt("fax"))
    assert shop.screen.slip == before.slip == "asked"


# --- what the shop offers ------------------------------------------------------------------------


def with_banners(shop, *banners):
    shop.counter._after._banners = banners


def test_each_visit_sees_the_next_banner_and_its_coupon_is_on_its_slip(shop):
    with_banners(shop, Banner("一", "One", coupon="A1"), Banner("二"))
    seen = []
    for _ in range(3):
        pays(shop)
        seen.append((shop.screen.banner.names["en"], shop.screen.banner.coupon))
        shop.does(Leave())
        assert shop.screen.banner is None
    assert seen == [("One", "A1"), ("二", ""), ("One", "A1")]
    assert shop.slips.coupons == ["A1", "", "A1"]


def test_a_banner_is_shown_from_its_first_day_to_its_last(shop):
    today = date(2026, 3, 1)
    days = {"past": (None, date(2026, 2, 28)), "coming": (date(2026, 3, 2), None)}
    with_banners(
        shop,
        *(Banner(zh, first=first, last=last) for zh, (first, last) in days.items()),
        Banner("today", first=today, last=today),
    )
    for _ in range(2):
        pays(shop)
        assert shop.screen.banner.names["zh"] == "today"
        shop.does(Leave())


def test_without_banners_there_is_none(shop):
    pays(shop)
    assert shop.screen.banner is None
