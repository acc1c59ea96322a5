"""The screens of a restaurant under a finger, with a scripted core at the other end."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from kiosk.messages import Back, Hinting, Pay, Screen, StillThere, Text
from kiosk.messages.menu import AddDish, ChooseService, SetTable, ShowOrder, SoldOut
from kiosk.messages.staff import (
    SetReady,
    SetSoldOut,
    ShowDishes,
    ShowOrders,
    StaffPage,
    TurnTo,
)

scenes = sys.modules["scenes"]
pytestmark = pytest.mark.display


@pytest.fixture
def sent(panel):
    panel.link.connected = True
    panel.link.sent.clear()
    return panel.link.sent


@pytest.fixture
def visit(request):
    """Each test is a visit of its own, as the core numbers them."""
    return request.node.name


@pytest.fixture
def menu(panel, sent, visit):
    """A menu of 300 dishes in its first category, on its first page."""
    panel.show(scenes.SCENES["attract"])
    panel.show(scenes.dining(Screen.MENU, 2, visit_id=visit), scenes.menu(300), SoldOut())
    panel.settle()
    sent.clear()
    return panel.app.stage.view


def dishes(panel):
    names = [name.removeprefix("dish.") for name, _ in panel.boxes() if name.startswith("dish.d")]
    return [name for name in names if "." not in name]


def opened(panel, dish, *taps):
    panel.tap(f"dish.{dish}")
    panel.settle()
    for tap in taps:
        panel.tap(tap)
        panel.settle()
    return panel.app.stage.view.sheet


@pytest.mark.parametrize(
    ("scene", "taps", "command"),
    [
        ("service", ["service.eat-in"], ChooseService("eat-in")),
        ("service", ["service.take-away"], ChooseService("take-away")),
        ("service", ["back"], Back()),
        ("table", ["pad.0", "pad.1", "pad.0", "pad.7", "pad.erase", "table.done"], SetTable("10")),
        ("table", ["back"], Back()),
        ("order", ["order.more"], Back()),
        ("order", ["service"], ChooseService("")),
    ],
)
def test_a_touch_sends_its_command(panel, sent, scene, taps, command):
    panel.show(scenes.SCENES["attract"])
    panel.show(replace(scenes.SCENES[scene], visit_id=f"touch {command}"))
    for tap in taps:
        panel.tap(tap)
        panel.settle()
    assert sent == [command]


@pytest.mark.parametrize(
    ("scene", "tap", "command"),
    [
        ("staff-home-restaurant", "staff.dishes", ShowDishes()),
        ("staff-home-restaurant", "staff.orders", ShowOrders()),
        ("staff-dishes", "soldout.d0-0", SetSoldOut("d0-0", sold_out=True)),
        ("staff-dishes", "soldout.d0-2", SetSoldOut("d0-2", sold_out=False)),
        ("staff-dishes", "staff.home", TurnTo(StaffPage.HOME)),
        ("staff-orders", "order.6700.ready", SetReady("6700", "ready")),
        ("staff-orders", "order.6651.collected", SetReady("6651", "collected")),
        ("staff-orders", "order.12.preparing", SetReady("12", "preparing")),
    ],
)
def test_what_staff_touch_of_the_kitchen_is_sent_once(panel, sent, scene, tap, command):
    panel.show(scenes.SCENES[scene])
    panel.tap(tap)
    panel.tap(tap)
    assert [each for each in sent if not isinstance(each, StillThere)] == [command]


def test_there_are_no_pages_of_a_kitchen_in_a_shop(panel):
    panel.show(scenes.staff(StaffPage.HOME, "staff.scan"))
    assert not {"staff.dishes", "staff.orders"} & set(dict(panel.boxes()))


def test_a_table_without_a_digit_cannot_be_sent(panel, sent):
    panel.show(scenes.SCENES["attract"])
    panel.show(replace(scenes.SCENES["table"], visit_id="empty"))
    assert dict(panel.boxes())["table.done"][4] is False
    for digit in "12345":
        panel.tap(f"pad.{digit}")
    assert panel.app.stage.view.typed == "1234", "no more than four digits"


@pytest.mark.parametrize(
    ("tap", "command"),
    [("order", ShowOrder()), ("pay", Pay()), ("service", ChooseService(""))],
)
def test_the_menus_foot_and_head_lead_on(panel, menu, sent, tap, command):
    panel.tap(tap)
    panel.tap(tap)
    assert sent == [command]


def test_a_plus_adds_at_one_touch_with_the_presets(panel, menu, sent):
    panel.tap("dish.d0-1.add")
    panel.tap("dish.d0-3.add")
    assert sent == [AddDish("d0-1"), AddDish("d0-3", ("small",))]
    assert panel.app.stage.modal is None


def test_a_plus_of_a_dish_that_needs_a_choice_opens_its_sheet(panel, menu, sent):
    panel.tap("dish.d0-4.add")
    panel.settle()
    assert sent == []
    assert panel.app.stage.modal is menu.sheet


def test_what_is_chosen_on_the_sheet_is_sent_and_the_sheet_goes_when_it_is_ordered(
    panel, menu, sent, visit
):
    sheet = opened(panel, "d0-0", "option.spice.mild", "option.extras.egg", "dish.more")
    assert sheet.amount == "80.00"
    panel.tap("dish.add")
    panel.tap("dish.add")
    assert sent == [AddDish("d0-0", ("small", "mild", "egg"), 2)]
    assert panel.app.stage.modal is sheet, "until the core has taken it"
    panel.show(scenes.dining(Screen.MENU, 3, visit_id=visit))
    assert panel.app.stage.modal is None


def test_a_refused_dish_stays_on_the_sheet_as_it_was_chosen(panel, menu, sent):
    sheet = opened(panel, "d0-4", "option.spice.hot", "dish.add")
    panel.show(Hinting(Text("hint.sold_out"), "error"))
    assert panel.app.stage.modal is sheet
    panel.tap("dish.add")
    assert sent == [AddDish("d0-4", ("hot",))] * 2


def test_a_sheet_that_lacks_a_choice_sends_nothing_and_turns_to_what_is_missing(panel, menu, sent):
    sheet = opened(panel, "d0-7", "dish.down", "dish.add")
    assert sent == []
    assert sheet.page == 0
    assert sheet.lacks
    for tap in ("option.needs.top-1", "option.needs.top-5", "dish.add"):
        panel.tap(tap)
        panel.settle()
    assert sent == [AddDish("d0-7", ("top-1", "top-5"))]


def test_no_more_options_are_taken_than_the_rule_allows(panel, menu):
    sheet = opened(panel, "d0-7", *(f"option.needs.top-{at}" for at in (1, 2)))
    assert dict(panel.boxes())["option.needs.top-3"][4] is False
    panel.tap("option.needs.top-1")
    panel.settle()
    assert dict(panel.boxes())["option.needs.top-3"][4] is True
    assert sheet.lacks


def test_an_option_that_sells_out_while_the_sheet_is_open_falls_out_of_the_choice(
    panel, menu, sent
):
    sheet = opened(panel, "d0-4", "option.spice.hot")
    assert not sheet.lacks
    panel.show(SoldOut(("hot",)))
    assert sheet.lacks
    assert dict(panel.boxes())["option.spice.hot"][4] is False
    panel.tap("dish.add")
    assert sent == []


def test_a_dish_that_sells_out_while_its_sheet_is_open_cannot_be_added(panel, menu, sent):
    sheet = opened(panel, "d0-1")
    panel.show(SoldOut(("d0-1",)))
    assert sheet.gone
    assert dict(panel.boxes())["dish.add"][4] is False
    panel.tap("dish.close")
    panel.settle()
    assert dict(panel.boxes())["dish.d0-1"][4] is False
    panel.show(SoldOut())
    assert dict(panel.boxes())["dish.d0-1"][4] is True


def test_the_sheet_goes_with_the_screen_and_does_not_come_back(panel, menu, visit):
    opened(panel, "d0-0", "option.spice.mild")
    panel.show(scenes.dining(Screen.BASKET, 2, visit_id=visit))
    assert panel.app.stage.modal is None
    panel.show(scenes.dining(Screen.MENU, 2, visit_id=visit, language="en"))
    panel.frames(3)
    assert panel.app.stage.modal is None


def test_a_tap_right_after_the_page_was_turned_is_not_taken_for_the_new_page(panel, menu, sent):
    panel.tap("page.down")
    panel.until(lambda: dishes(panel)[0] != "d0-0")
    panel.tap(f"dish.{dishes(panel)[0]}.add")
    assert sent == []


def test_only_the_cards_of_a_page_exist_however_long_the_category_is(panel, menu):
    from kiosk.ui.dishes import DishCard

    for turn in range(5):
        seen = [each for each in panel.widgets() if isinstance(each, DishCard)]
        assert len(seen) == len(dishes(panel)) == 9
        assert set(dishes(panel)) == {f"d0-{turn * 9 + at}" for at in range(9)}
        panel.tap("page.down")
        panel.settle()
    assert len(menu.ids.cards._cards) == 9


def test_no_frame_letters_more_than_a_few_texts_and_a_page_changes_as_a_whole(
    panel, menu, monkeypatch
):
    from kiosk.ui import cards, lettering

    made = []
    original = lettering._make
    monkeypatch.setattr(lettering, "_make", lambda wanted: made.append(wanted) or original(wanted))
    menu.turn(20)  # nobody could have lettered it before
    before = dishes(panel)
    while dishes(panel) == before:
        count = len(made)
        panel.frames(1)
        assert len(made) - count <= cards.AT_ONCE
        assert len(set(dishes(panel)) & set(before)) in (0, 9)
    assert made


def test_another_category_opens_on_its_first_page_and_the_first_one_again(panel, menu):
    panel.tap("page.down")
    panel.settle()
    panel.tap("category.c5")
    panel.settle()
    assert sorted(dishes(panel)) == [f"d5-{at}" for at in range(8)]
    panel.tap("category.c0")
    panel.settle()
    assert "d0-0" in dishes(panel)


def test_badges_count_what_is_ordered_of_each_dish(panel, menu):
    counts = {card.dish.code: card.ids.badge.count for card in menu.ids.cards.seen}
    assert counts["d0-0"] == 1
    assert counts["d0-1"] == 2
    assert counts["d0-2"] == 0


def test_many_categories_are_on_pages_of_their_own(panel, menu):
    shown = scenes.menu(9)
    more = tuple(
        replace(each, code=f"{each.code}-{at}") for at in range(4) for each in shown.categories
    )
    panel.show(replace(shown, version="many", categories=more))
    names = [name for name, _ in panel.boxes() if name.startswith("category.c")]
    assert 3 < len(names) < len(more)
    panel.tap("category.down")
    panel.settle()
    others = [name for name, _ in panel.boxes() if name.startswith("category.c")]
    assert not set(names) & set(others)


def test_what_was_told_of_the_menu_outlives_another_look(panel, menu):
    panel.app.dress(panel.app.theme)
    panel.settle()
    assert "d0-0" in dishes(panel)
