"""What is sold out: marked by staff or from afar, or counted down; and who hears of it."""

from __future__ import annotations

import threading

import pytest

from kiosk.domain.catalogue import PriceBook
from kiosk.domain.menu import Category, Menu
from kiosk.down.duties import Duties, Means
from kiosk.down.orders import Order, Orders
from kiosk.goods import Shelf
from kiosk.messages import (
    Back,
    ChooseTender,
    Leave,
    Pay,
    PayPart,
    RemoveLine,
    Screen,
    SetQuantity,
    Split,
)
from kiosk.messages.menu import AddDish, ShowOrder
from kiosk.stock import Stock
from tests.visits.restaurant import MENU, Diner

DAY = 86_400.0
BUNS = "00301"  # three a day


@pytest.fixture
def diner(tmp_path):
    opened = Diner(tmp_path)
    yield opened
    opened.ledger.close()


def marks(diner, code, *, sold_out=True):
    known = diner.till.kitchen.stock.mark(code, sold_out=sold_out)
    diner.passes()
    return known


def test_a_dish_that_is_marked_is_told_and_cannot_be_ordered(diner):
    diner.sits()
    assert marks(diner, "00401")
    assert diner.sold_out[-1] == ("00401",)
    diner.orders("00401")
    assert (diner.hints, diner.screen.lines) == (["hint.sold_out"], ())
    marks(diner, "00401", sold_out=False)
    assert diner.sold_out[-1] == ()
    diner.orders("00401")
    assert diner.screen.total_fen == 1200


def test_an_option_that_is_marked_is_refused_and_the_dish_without_it_is_not(diner):
    diner.sits()
    marks(diner, "egg")
    diner.orders("00101", "small", "egg")
    diner.orders("00101", "small")
    assert (diner.hints, diner.screen.count) == (["hint.sold_out"], 1)


def test_what_is_not_on_the_menu_cannot_be_marked(diner):
    assert not marks(diner, "00999")
    assert not marks(diner, "size")
    assert diner.till.kitchen.stock.sold_out() == ()


@pytest.mark.parametrize("code", ["00101", "large"])
def test_what_sells_out_in_an_order_is_named_at_pay_and_payable_without_it(diner, code):
    diner.sits()
    diner.orders("00101", "large")
    diner.orders("00401")
    marks(diner, code)
    diner.does(Pay())
    assert diner.screen.screen is Screen.BASKET
    (hint,) = [x.said for x in diner.shown if getattr(x, "said", None) and hasattr(x, "sound")][-1:]
    assert (hint.key, hint.args) == ("hint.sold_out_in_order", {"name": "牛肉面"})
    assert diner.payments == []
    diner.does(RemoveLine(1), Pay())
    assert diner.screen.screen is Screen.TENDER


def test_a_payment_that_is_under_way_is_not_stopped(diner):
    diner.sits()
    diner.orders("00401")
    diner.does(Pay(), ChooseTender("code"))
    marks(diner, "00401")
    diner.scans_code()
    diner.passes()
    assert diner.screen.screen is Screen.DONE


def test_so_many_a_day_are_sold_and_no_more(diner):
    diner.sits()
    diner.orders(BUNS, quantity=2)
    diner.orders(BUNS, quantity=2)
    assert (diner.hints, diner.screen.count) == (["hint.sold_out"], 2)
    diner.pays()
    assert diner.sold_out[-1] == ()
    diner.does(Leave())
    diner.sits()
    diner.orders(BUNS)
    diner.does(ShowOrder(), SetQuantity(1, 2), Pay())
    assert diner.hints[-1] == "hint.sold_out_in_order"
    diner.does(SetQuantity(1, 1), Back())
    diner.pays()
    assert diner.sold_out[-1] == (BUNS,)


def test_what_was_counted_is_counted_after_a_restart_and_anew_on_the_next_day(diner):
    diner.sits()
    diner.orders(BUNS, quantity=3)
    diner.pays()
    diner.restart()
    diner.checkout.greet()
    assert diner.sold_out[-1] == (BUNS,)
    diner.passes(DAY)
    assert diner.sold_out[-1] == ()


def test_an_order_that_was_not_paid_takes_nothing_away(diner):
    diner.sits()
    diner.orders(BUNS, quantity=3)
    diner.does(Pay(), ChooseTender("qr"))
    diner.passes(200)
    assert diner.till.kitchen.stock.sold_out() == ()


def test_an_order_that_is_paid_in_parts_is_counted_once(diner):
    diner.sits()
    diner.orders(BUNS, quantity=2)
    diner.does(Pay(), Split(), PayPart(1000), ChooseTender("code"))
    diner.scans_code()
    diner.passes()
    dish = MENU.dish(BUNS)
    assert diner.till.kitchen.stock.left(dish) == 3
    diner.does(ChooseTender("code"))
    diner.scans_code()
    diner.passes()
    assert diner.till.kitchen.stock.left(dish) == 1
    diner.restart()
    assert diner.till.kitchen.stock.left(dish) == 1


def test_marks_outlive_a_restart(diner):
    marks(diner, "egg")
    marks(diner, "00101")
    diner.restart()
    assert diner.till.kitchen.stock.sold_out() == ("00101", "egg")


def test_staff_who_bring_a_dish_back_begin_its_count_anew(diner):
    diner.sits()
    diner.orders(BUNS, quantity=3)
    diner.pays()
    assert marks(diner, BUNS, sold_out=False)
    assert diner.till.kitchen.stock.left(MENU.dish(BUNS)) == 3
    diner.restart()
    assert diner.till.kitchen.stock.left(MENU.dish(BUNS)) == 3


def test_a_file_that_cannot_be_read_marks_nothing_and_one_that_cannot_be_written_changes_nothing(
    diner,
):
    place = diner.place / "sold_out.json"
    place.write_text('{"marked": 5}', "utf-8")
    stock = Stock(MENU, place, diner.ledger, diner.time.wall_ms)
    assert stock.sold_out() == ()
    (diner.place / "sold_out.json.part").mkdir()
    with pytest.raises(OSError, match="directory"):
        stock.mark("egg", sold_out=True)
    assert stock.sold_out() == ()


def test_the_next_visit_orders_from_the_next_menu(diner):
    diner.sits()
    diner.does(Leave())
    smaller = Menu([Category("one", "一", "One", (next(iter(MENU)),))], MENU.groups)
    diner.checkout.restock(
        Shelf(PriceBook(x.product for x in smaller), (), (), smaller), lambda: None
    )
    diner.sits()  # the next visit has the new menu
    diner.does(AddDish("00401"))
    assert diner.hints == ["hint.options"]
    before, now = diner.menus
    assert before.version != now.version


def test_the_service_provider_sells_a_dish_out_and_brings_it_back(diner):
    asked = [
        ("sold_out", "401", (True, "00401 is sold out")),
        ("sold_out", "egg", (True, "egg is sold out")),
        ("there_again", "401", (True, "00401 is there again")),
        ("sold_out", "999", (False, "00999 is no dish and no option of the menu")),
    ]
    assert [ordered(diner, what, code) for what, code, _ in asked] == [said for *_, said in asked]
    diner.passes()
    assert diner.sold_out[-1] == ("egg",)


def test_where_there_is_no_menu_nothing_is_sold_out_from_afar(shop):
    assert ordered(shop, "sold_out", "401") == (False, "there is no menu here")


def ordered(shop, what, code):
    """What is answered to an order of the service provider."""
    core, orders = shop.core, Orders(shop.place)
    means = Means(
        "0001", core.ledger, core.timer, core.jobs, core.cashier, None, kitchen=shop.till.kitchen
    )
    duties = Duties(means, None, None, orders, threading.Event())
    order = Order(f"{what}-{code}", what, {"code": code})
    orders.take([order])
    duties.obey(order)
    answer = orders.answers()[-1]
    orders.acknowledge([order.command_id])
    return answer["done"], answer["said"]
