"""Codes of GS1 on goods, held to the scanner in a visit."""

from datetime import UTC, datetime, timedelta

import pytest

from kiosk.messages import ChooseTender, Pay, Screen

ITEM = "0106901000000042"


def day(shop, days):
    now = datetime.fromtimestamp(shop.time.wall_ms() / 1000, UTC)
    return f"{now + timedelta(days=days):%y%m%d}"


@pytest.mark.parametrize(
    "code",
    [
        f"{ITEM}10B7\x1d21S1",
        f"{ITEM}101",  # 19 digits, as an e-CNY code has
        "https://id.gs1.org/01/06901000000042/10/B7",
    ],
)
def test_the_first_code_of_a_visit_begins_it_and_is_in_the_basket(shop, code):
    shop.checkout.scanned(code, gs1=True)
    assert shop.screen.screen is Screen.BASKET
    assert (shop.screen.count, shop.screen.total_fen) == (1, 690)


def test_what_is_past_its_last_day_is_not_sold(shop):
    shop.checkout.scanned(f"{ITEM}17{day(shop, 3)}", gs1=True)
    assert shop.screen.count == 1
    shop.checkout.scanned(f"{ITEM}17{day(shop, -3)}", gs1=True)
    assert shop.screen.count == 1
    assert shop.hints[-1] == "hint.expired"


def test_where_a_payment_code_is_awaited_goods_are_none(shop):
    shop.scans_milk()
    shop.does(Pay(), ChooseTender("code"))
    shop.checkout.scanned(f"{ITEM}101", gs1=True)
    assert shop.hints[-1] == "hint.not_a_payment_code"
