"""The staff's pages of a restaurant: what is sold out, and which orders are ready."""

from __future__ import annotations

import pytest

from kiosk.config import Staff
from kiosk.messages import Leave
from kiosk.messages.staff import (
    CloseStaff,
    EnterPin,
    OpenStaff,
    SetReady,
    SetSoldOut,
    ShowDishes,
    ShowOrders,
    ShowPayments,
    StaffPage,
)
from kiosk.pin import hash_pin
from tests.visits.conftest import Shop
from tests.visits.restaurant import Diner

PIN = hash_pin("471100", b"0123456789abcdef")


class Staffed(Diner):
    @property
    def settings(self):
        return {**super().settings, "staff": Staff(pin_hash=PIN)}

    def staff_come(self):
        self.does(OpenStaff(), EnterPin("471100"))
        self.passes()

    @property
    def staff(self):
        return self.screen.staff


@pytest.fixture
def diner(tmp_path):
    opened = Staffed(tmp_path)
    yield opened
    opened.ledger.close()


def buys(diner, table):
    diner.sits(table)
    diner.orders("00401")
    diner.pays()
    diner.does(Leave())
    diner.passes(1)
    return diner.payments[-1].out_trade_no


def test_staff_mark_a_dish_while_a_diner_orders_and_he_hears_of_it_at_once(diner):
    diner.sits()
    diner.staff_come()
    assert diner.staff.restaurant
    diner.does(ShowDishes())
    assert diner.staff.page is StaffPage.DISHES
    assert [row.code for row in diner.staff.dishes if not row.option] == ["00101", "00301", "00401"]
    diner.does(SetSoldOut("00401", sold_out=True), SetSoldOut("egg", sold_out=True))
    diner.passes()
    assert diner.sold_out[-1] == ("00401", "egg")
    assert {row.code for row in diner.staff.dishes if row.sold_out} == {"00401", "egg"}
    diner.does(SetSoldOut("egg", sold_out=False), CloseStaff())
    diner.orders("00101", "small", "egg")
    assert diner.screen.count == 1
    notes = [x.body["did"] for x in diner.ledger.entries(0, 99) if x.kind == "staff"]
    assert notes[-3:] == ["00401 sold out", "egg sold out", "egg there again"]


def test_staff_make_orders_ready_by_touch_and_by_the_scan_of_a_slip(diner):
    first = buys(diner, "7")
    second = buys(diner, "8")
    diner.staff_come()
    diner.does(ShowOrders())
    assert [(x.number, x.state) for x in diner.staff.orders] == [
        ("7", "preparing"), ("8", "preparing"),
    ]  # fmt: skip
    diner.does(SetReady("7", "ready"))
    diner.checkout.scanned(f"kiosk:{second}")
    diner.passes()
    assert (diner.boards[-1].ready, diner.hints[-2:]) == (("7", "8"), ["staff.order_ready"] * 2)
    diner.does(SetReady(first, "collected"), SetReady("8", "preparing"))
    diner.passes()
    assert (diner.boards[-1].ready, diner.boards[-1].preparing) == ((), ("8",))
    diner.does(SetReady("99", "ready"))
    assert diner.hints[-1] == "staff.no_such_order"


def test_from_the_pages_of_the_kitchen_back_to_the_payments_and_to_one_of_them(diner):
    number = buys(diner, "7")
    diner.staff_come()
    diner.does(ShowOrders(), ShowPayments())
    assert diner.staff.page is StaffPage.PAYMENTS
    diner.checkout.scanned(number)
    diner.passes()
    assert diner.staff.page is StaffPage.PAYMENT
    diner.does(ShowDishes())
    assert diner.staff.page is StaffPage.DISHES
    diner.does(CloseStaff())
    diner.staff_come()
    assert diner.staff.page is StaffPage.HOME


def test_nothing_of_it_is_done_before_the_pin(diner):
    diner.does(OpenStaff(), ShowDishes(), SetSoldOut("00401", sold_out=True))
    diner.passes()
    assert diner.staff.page is StaffPage.PIN
    assert diner.till.kitchen.stock.sold_out() == ()


def test_what_is_not_on_the_menu_and_what_the_disk_does_not_keep_is_said(diner):
    diner.staff_come()
    diner.does(SetSoldOut("00999", sold_out=True))
    assert diner.hints == ["staff.failed"]
    (diner.place / "sold_out.json.part").mkdir()
    (diner.place / "orders.json.part").mkdir()
    diner.does(SetSoldOut("00401", sold_out=True))
    assert diner.hints == ["staff.failed"] * 2
    assert diner.till.kitchen.stock.sold_out() == ()


def test_a_shop_without_a_menu_has_no_such_pages(tmp_path):
    class Plain(Shop):
        settings = {"staff": Staff(pin_hash=PIN)}  # noqa: RUF012 - as its parent has it

    shop = Plain(tmp_path)
    shop.does(OpenStaff(), EnterPin("471100"))
    shop.passes()
    shop.does(ShowDishes(), SetSoldOut("00401", sold_out=True), SetReady("7", "ready"))
    assert (shop.screen.staff.page, shop.screen.staff.restaurant) == (StaffPage.HOME, False)
    shop.ledger.close()
