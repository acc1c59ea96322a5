"""The menu without a window: prices, rules of choice, pages."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.messages import LineShown, Text
from kiosk.messages.menu import AddDish, MenuShown, OptionGroupShown, OptionShown
from kiosk.ui.menu import MOST_OF_A_DISH, Menu, blocks, ordered, page_of, rule

scenes = sys.modules["scenes"]
NOTHING: frozenset[str] = frozenset()


@pytest.fixture
def menu():
    return Menu(scenes.menu(9))


@pytest.fixture
def chicken(menu):
    """A dish with a size (1 of 2, small preset), a spiciness (1 of 4), extras (up to 3)."""
    return menu.choice(menu.dish("d0-0"), NOTHING)


def group(options, least, most):
    made = tuple(OptionShown(f"o{at}", {"en": f"Option {at}"}, at) for at in range(options))
    return OptionGroupShown("g", {"en": "Group"}, made, least, most)


def test_a_dish_begins_with_its_presets_and_says_what_is_lacking(chicken):
    size, spice, extras = chicken.groups
    assert chicken.of(size) == ("small",)
    assert [chicken.lacking(each) for each in (size, spice, extras)] == [0, 1, 0]
    assert chicken.first_lacking is spice


def test_another_choice_takes_the_place_of_the_first_where_one_is_chosen(chicken):
    size, spice, _ = chicken.groups
    chosen = chicken.toggle(size, "large").toggle(spice, "hot").toggle(spice, "mild")
    assert chosen.of(size) == ("large",)
    assert chosen.command == AddDish("d0-0", ("large", "mild"), 1)
    assert chosen.toggle(size, "large") == chosen, "what must be chosen is not taken back"


def test_no_more_is_chosen_than_may_be_and_a_second_touch_takes_it_back(chicken):
    extras = chicken.groups[2]
    for code in ("egg", "peanuts", "rice"):
        chicken = chicken.toggle(extras, code)
    assert chicken.full(extras)
    assert chicken.toggle(extras, "sauce") == chicken
    assert chicken.toggle(extras, "egg").of(extras) == ("peanuts", "rice")


def test_the_running_price_is_dish_and_options_times_the_quantity(chicken):
    size, _, extras = chicken.groups
    chosen = chicken.toggle(size, "large").toggle(extras, "egg").times(3)
    assert chosen.fen == 3 * (3800 + 600 + 200)
    assert chosen.times(0).quantity == 1
    assert chosen.times(1000).quantity == MOST_OF_A_DISH


def test_options_are_sent_in_the_menus_order_whatever_the_order_of_touches(chicken):
    _, spice, extras = chicken.groups
    chosen = chicken.toggle(extras, "sauce").toggle(extras, "egg").toggle(spice, "mild")
    assert chosen.command.options == ("small", "mild", "egg", "sauce")


def test_what_is_sold_out_falls_out_of_the_choice_and_is_no_preset(menu, chicken):
    size, _, extras = chicken.groups
    left = chicken.toggle(extras, "egg").without(frozenset({"egg", "small"}))
    assert left.of(extras) == ()
    assert left.first_lacking is size
    assert menu.choice(chicken.dish, frozenset({"small"})).of(size) == ()


def test_a_dish_goes_when_it_or_too_much_of_what_must_be_chosen_is_sold_out(menu):
    noodles = menu.dish("d0-8")  # two of five toppings
    three = frozenset({"top-1", "top-2", "top-3"})
    assert not menu.unobtainable(noodles, three)
    assert menu.unobtainable(noodles, three | {"top-4"})
    assert menu.unobtainable(noodles, frozenset({"d0-8"}))


def test_a_price_that_a_needed_choice_changes_is_told_as_the_least(menu):
    assert menu.least_fen(menu.dish("d0-0")) == 3800
    assert menu.varies(menu.dish("d0-0"))
    assert not menu.varies(menu.dish("d0-4")), "spiciness costs nothing, extras are free to leave"


def test_a_group_that_the_menu_does_not_know_is_left_out():
    shown = scenes.menu(9)
    menu = Menu(MenuShown("1", shown.categories, shown.groups[:1]))
    assert [each.code for each in menu.groups(menu.dish("d0-0"))] == ["size"]


@pytest.mark.parametrize(
    ("least", "most", "key"),
    [
        (1, 1, "dish.choose_one"), (2, 2, "dish.choose"), (1, 3, "dish.choose_range"),
        (0, 1, "dish.optional_one"), (0, 3, "dish.optional"), (0, 9, "dish.optional"),
    ],
)  # fmt: skip
def test_each_rule_has_its_words(least, most, key):
    said = rule(group(5, least, most))
    assert said == Text(key, {"least": str(least), "most": str(min(most, 5))})


def test_the_badge_counts_all_lines_of_a_dish():
    def line(dish, quantity):
        return LineShown(1, {}, quantity, "", 0, 0, counted=True, dish=dish)

    assert ordered([line("a", 1), line("b", 2), line("a", 3), line("", 9)]) == {"a": 4, "b": 2}


@given(st.integers(0, 400), st.integers(-3, 60), st.integers(1, 12))
def test_every_item_is_on_exactly_one_page(count, page, each):
    items = list(range(count))
    _, pages, _ = page_of(items, 0, each)
    seen = [item for at in range(pages) for item in page_of(items, at, each)[2]]
    assert seen == items
    at, _, on_it = page_of(items, page, each)
    assert 0 <= at < pages
    assert len(on_it) <= each


@given(st.lists(st.integers(0, 40), max_size=6), st.integers(200, 1000), st.sampled_from([1, 2, 3]))
def test_every_option_is_on_one_page_and_no_page_is_higher_than_its_room(counts, room, columns):
    groups = [group(count, 0, 1) for count in counts]
    pages = blocks(groups, room, 70, 120, columns)
    shown = [block.options for page in pages for block in page]
    assert sum(shown, ()) == sum((each.options for each in groups), ())
    for page in pages:
        high = sum(70 + -(-len(block.options) // columns) * 120 for block in page)
        assert high <= room or len(page) == 1
