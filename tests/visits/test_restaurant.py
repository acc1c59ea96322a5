"""A diner's way: how he eats, at which table, what of the menu, and how it is served."""

from __future__ import annotations

import json

import pytest

from kiosk.config import Restaurant
from kiosk.domain.serving import EAT_IN, TAKE_AWAY
from kiosk.messages import (
    Back,
    ChooseTender,
    Leave,
    Pay,
    RemoveLine,
    Screen,
    SetQuantity,
    Start,
    Text,
)
from kiosk.messages.goods import Browse, PickGoods
from kiosk.messages.menu import AddDish, ChooseService, SetTable, ShowOrder
from tests.visits.restaurant import Diner


@pytest.fixture
def diner(tmp_path):
    opened = Diner(tmp_path)
    yield opened
    opened.ledger.close()


def screens(diner):
    return diner.screen.screen


def test_a_diner_says_how_he_eats_and_where_and_orders(diner):
    assert diner.screen.may_order
    diner.does(Start())
    assert (screens(diner), diner.screen.may_go_back) == (Screen.SERVICE, True)
    diner.does(ChooseService(EAT_IN))
    assert (screens(diner), diner.screen.service) == (Screen.TABLE, "")
    diner.does(SetTable("12"))
    assert (screens(diner), diner.screen.service, diner.screen.table) == (Screen.MENU, EAT_IN, "12")
    diner.orders("00101", "egg", "large", quantity=2)
    (line,) = diner.screen.lines
    assert (line.unit_fen, line.total_fen, line.dish) == (3500, 7000, "00101")
    assert line.options == {"zh": "大份、卤蛋", "en": "Large, Egg"}
    diner.does(ShowOrder())
    assert (screens(diner), diner.screen.may_go_back) == (Screen.BASKET, True)
    diner.does(Back())
    assert screens(diner) is Screen.MENU


def test_the_table_is_on_the_last_screen_and_in_the_ledger(diner):
    diner.sits("7")
    diner.orders()
    diner.pays()
    assert diner.screen.detail == Text("todo.to_table", {"number": "7"})
    (payment,) = diner.payments
    kept = diner.ledger.basket_of(payment.out_trade_no)
    assert (kept["service"], kept["table"], payment.amount.fen) == (EAT_IN, "7", 2600)
    assert diner.held() == 2600


def test_what_is_taken_away_has_a_number_to_pick_up_by(diner):
    diner.does(Start(), ChooseService(TAKE_AWAY))
    assert screens(diner) is Screen.MENU
    diner.orders("00401")
    diner.pays()
    number = diner.payments[0].out_trade_no[-4:]
    assert diner.screen.detail == Text("todo.pick_up", {"number": number})
    assert "table" not in diner.ledger.basket_of(diner.payments[0].out_trade_no)


@pytest.mark.parametrize(
    ("asks", "first", "service"),
    [
        (Restaurant((EAT_IN,), tables=0), Screen.MENU, EAT_IN),
        (Restaurant((EAT_IN,), tables=9), Screen.TABLE, ""),
        (Restaurant((TAKE_AWAY,), tables=9), Screen.MENU, TAKE_AWAY),
        (Restaurant((EAT_IN, TAKE_AWAY)), Screen.SERVICE, ""),
    ],
)
def test_nobody_is_asked_what_there_is_no_choice_of(tmp_path, asks, first, service):
    class Small(Diner):
        pass

    Small.asks = asks
    diner = Small(tmp_path)
    diner.does(Start())
    assert (screens(diner), diner.screen.service) == (first, service)
    diner.ledger.close()


@pytest.mark.parametrize("number", ["0", "21", "007", "-1", "", "1.0", "１", "99999", "x"])
def test_a_table_that_there_is_not_is_refused_with_a_hint(diner, number):
    diner.does(Start(), ChooseService(EAT_IN), SetTable(number))
    assert screens(diner) is Screen.TABLE
    assert diner.hints == ["hint.no_such_table"]


def test_back_goes_one_step_back_and_out_at_the_first(diner):
    diner.does(Start(), ChooseService(EAT_IN), Back())
    assert screens(diner) is Screen.SERVICE
    diner.does(Back())
    assert screens(diner) is Screen.ATTRACT


def test_whoever_is_asked_again_keeps_his_order_and_what_he_said(diner):
    diner.sits("7")
    diner.orders()
    diner.does(ChooseService(""))
    assert (screens(diner), diner.screen.table) == (Screen.SERVICE, "7")
    diner.does(ChooseService(EAT_IN), Back(), Back())
    assert (screens(diner), diner.screen.table) == (Screen.MENU, "7")
    diner.does(ShowOrder(), ChooseService(""), ChooseService(TAKE_AWAY))
    assert (screens(diner), diner.screen.service, diner.screen.table) == (
        Screen.MENU, TAKE_AWAY, "",
    )  # fmt: skip
    assert diner.screen.total_fen == 2600


def test_payment_goes_from_the_menu_and_back_to_the_order(diner):
    diner.sits()
    diner.orders()
    diner.does(Pay())
    assert screens(diner) is Screen.TENDER
    diner.does(Back())
    assert screens(diner) is Screen.BASKET


def test_nothing_ordered_is_not_paid(diner):
    diner.sits()
    diner.does(Pay(), ShowOrder(), Pay())
    assert screens(diner) is Screen.BASKET
    assert diner.hints == ["hint.order_first"] * 2


@pytest.mark.parametrize(
    "wrong",
    [
        AddDish("00999"),
        AddDish("00101"),  # a size must be chosen
        AddDish("00101", ("small", "large")),
        AddDish("00101", ("small", "egg", "greens", "coriander")),
        AddDish("00101", ("small", "egg", "egg")),
        AddDish("00101", ("small", "salt")),
        AddDish("00401", ("egg",)),
        AddDish("00401", (), 0),
        AddDish("00401", (), -2),
    ],
)
def test_a_choice_that_does_not_fit_the_menu_is_refused(diner, wrong):
    diner.sits()
    diner.does(wrong)
    assert (diner.hints, diner.screen.lines) == (["hint.options"], ())


def test_more_than_the_limit_of_a_dish_is_refused(diner):
    diner.sits()
    diner.orders("00401", quantity=99)
    diner.orders("00401")
    assert (diner.hints, diner.screen.count) == (["hint.limit_reached"], 99)


def test_lines_of_an_order_are_changed_like_those_of_any_basket(diner):
    diner.sits()
    diner.orders("00101", "small")
    diner.orders("00101", "coriander", "small")
    diner.orders("00101", "small")
    diner.does(ShowOrder(), SetQuantity(1, 5), RemoveLine(2))
    assert [(x.line_id, x.quantity) for x in diner.screen.lines] == [(1, 5)]


def test_goods_without_a_bar_code_are_no_way_around_the_menu(diner):
    diner.sits()
    assert not diner.screen.may_pick
    diner.does(ShowOrder(), Browse(), PickGoods("00101"))
    assert (screens(diner), diner.screen.lines) == (Screen.BASKET, ())


def test_what_is_scanned_is_answered_and_sells_nothing(diner):
    diner.scans_milk()
    assert screens(diner) is Screen.ATTRACT
    diner.sits()
    diner.scans_milk()
    diner.orders()
    diner.scans_code()
    assert diner.hints == ["hint.order_first", "hint.order_first", "hint.pay_before_code"]
    assert diner.screen.total_fen == 2600


def test_the_menu_comes_once_a_visit_and_to_a_screen_that_comes_up(diner):
    diner.does(Start())
    assert len(diner.menus) == 1
    diner.sits()
    assert len(diner.menus) == 1
    diner.checkout.greet()
    assert len(diner.menus) == 2
    assert diner.sold_out == [(), ()]
    diner.does(Leave(), Start())
    assert {each.version for each in diner.menus} == {diner.menus[0].version}


def test_a_crash_keeps_order_options_and_table(diner):
    diner.sits("7")
    diner.orders("00101", "large", "egg")
    kept = json.loads((diner.place / "run" / "visit.json").read_text("utf-8"))
    assert (kept["service"], kept["table"]) == (EAT_IN, "7")
    diner.restart()
    assert (screens(diner), diner.screen.table) == (Screen.BASKET, "7")
    assert (diner.screen.total_fen, diner.screen.lines[0].options["zh"]) == (3500, "大份、卤蛋")
    diner.pays()
    assert diner.screen.detail == Text("todo.to_table", {"number": "7"})


def test_a_crash_after_the_payment_still_says_where_to_sit(diner):
    diner.sits("7")
    diner.orders()
    diner.pays()
    diner.restart()
    assert (screens(diner), diner.screen.slip) == (Screen.DONE, "failed")
    assert diner.screen.detail == Text("todo.to_table", {"number": "7"})


def test_a_crash_during_the_payment_keeps_the_table_for_the_last_screen(diner):
    diner.sits("7")
    diner.orders()
    diner.does(Pay(), ChooseTender("qr"))
    diner.passes()
    diner.restart()
    assert screens(diner) is Screen.WAITING
    diner.scanned.scan(diner.payments[0].out_trade_no)
    diner.passes(5)
    assert diner.screen.detail == Text("todo.to_table", {"number": "7"})
    assert (diner.held(), diner.screen.lines[0].dish) == (2600, "00101")
