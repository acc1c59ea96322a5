"""The operator's menu: read whole, or refused with the dish and the key of the fault."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.content import ContentError
from kiosk.demo.settings import SHOPS
from kiosk.domain.money import Money
from kiosk.menu_card import card, rows
from kiosk.menus import MOST_BYTES, MOST_DISHES, load_menu
from kiosk.messages import LIMIT, decode, encode
from kiosk.messages.menu import MenuShown

DISH = {
    "plu": 101, "zh": "牛肉面", "en": "Beef noodles", "says_zh": "现熬",
    "price": "26.00", "tax": "6",
    "member_price": "23", "station": "kitchen", "picture": "pictures/beef.png",
    "groups": ["size"], "left": 3, "offers": False,
}  # fmt: skip
SIZE = {
    "code": "size", "zh": "份量", "en": "Size", "least": 1, "preset": ["small"],
    "options": [{"code": "small", "zh": "小"}, {"code": "large", "zh": "大", "price": "6"}],
}  # fmt: skip
MENU = {
    "categories": [{"code": "noodles", "zh": "面", "en": "Noodles", "dishes": [DISH]}],
    "groups": [SIZE],
}


@pytest.fixture
def write(tmp_path):
    def write(body):
        path = tmp_path / "menu.json"
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        path.write_text(text, "utf-8")
        return path

    return write


def changed(place, **more):
    """The menu with other keys at a place; None takes a key out."""
    body = copy.deepcopy(MENU)
    at = body
    for step in place:
        at = at[step]
    at.update(more)
    for key in [key for key, value in more.items() if value is None]:
        del at[key]
    return body


TOP, CATEGORY, GROUP = (), ("categories", 0), ("groups", 0)
DISH_AT, OPTION = ("categories", 0, "dishes", 0), ("groups", 0, "options", 1)


def test_a_menu_is_read(write, tmp_path):
    menu = load_menu(write(MENU))
    (dish,) = menu
    product = dish.product
    assert (product.code, product.price, product.member_price) == (
        "00101",
        Money(2600),
        Money(2300),
    )
    assert (product.tax_bp, product.station, product.offers) == (600, "kitchen", False)
    assert (dish.left, dish.says_zh, dish.says_en) == (3, "现熬", "")
    assert product.picture == str(tmp_path / "pictures" / "beef.png")
    assert (
        load_menu(write(MENU), tmp_path / "x")
        .dish("00101")
        .product.picture.endswith("x/pictures/beef.png")
    )
    (group,) = menu.groups_of(dish)
    assert (group.least, group.most, group.preset) == (1, 1, ("small",))
    assert menu.option("large").price == Money(600)


def test_the_screen_gets_the_menu_whole_and_the_same_as_the_same(write):
    shown = card(load_menu(write(MENU)))
    assert decode(encode(shown).strip()) == shown
    assert isinstance(shown, MenuShown)
    assert shown.categories[0].dishes[0].says == {"zh": "现熬", "en": "现熬"}
    assert shown.version == card(load_menu(write(MENU))).version
    dearer = changed(DISH_AT, price="27.00")
    assert shown.version != card(load_menu(write(dearer))).version


def test_the_staff_get_every_dish_and_option_with_what_it_belongs_to(write):
    found = list(rows(load_menu(write(MENU)), {"large"}))
    assert [(x.code, x.of["zh"], x.option, x.sold_out) for x in found] == [
        ("00101", "面", False, False),
        ("small", "份量", True, False),
        ("large", "份量", True, True),
    ]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (changed(TOP, colour=1), "the menu, key colour: there are the keys categories, groups"),
        (changed(TOP, categories=[]), "the menu, key categories: there is no category"),
        (changed(TOP, categories=None), "the menu, key categories: there is no category"),
        (changed(TOP, categories={}), "the menu, key categories: a list of at most 40"),
        (changed(TOP, categories=["x"]), "category 1: not an object"),
        (changed(CATEGORY, code="Noodles"), "category Noodles, key code: small letters"),
        (changed(CATEGORY, zh=""), "category noodles, key zh: 1 to 60"),
        (changed(CATEGORY, zh=" "), "category noodles, key zh: says nothing"),
        (changed(CATEGORY, dishes=[]), "category noodles: noodles: there are no dishes"),
        (changed(CATEGORY, dishes=[DISH, DISH]), "the menu: dish 00101 is there twice"),
        (changed(CATEGORY, dishes=[[]]), "dish 1 of category noodles: not an object"),
        (changed(DISH_AT, plu=None), "dish 1 of category noodles, key plu: is missing"),
        (changed(DISH_AT, plu="101"), "dish 101, key plu: a whole number from 1"),
        (changed(DISH_AT, plu=0), "dish 0, key plu: a whole number from 1"),
        (changed(DISH_AT, plu=True), "dish True, key plu: a whole number"),
        (changed(DISH_AT, zh="面" * 61), "dish 101, key zh: 1 to 60"),
        (changed(DISH_AT, en="a\nb"), "dish 101, key en: 0 to 60 printable"),
        (changed(DISH_AT, says_zh="x" * 81), "dish 101, key says_zh: 0 to 80"),
        (changed(DISH_AT, price=None), "dish 101, key price: is missing"),
        (changed(DISH_AT, price=26), "dish 101, key price: 26 is not an amount"),
        (changed(DISH_AT, price="-1"), "dish 101, key price: '-1' is not an amount"),
        (changed(DISH_AT, price="0", member_price=None), "dish 101: 00101: a dish costs"),
        (changed(DISH_AT, price="100001"), "dish 101, key price: 100001 is more than 100000"),
        (changed(DISH_AT, tax=None), "dish 101, key tax: is missing"),
        (changed(DISH_AT, tax="101"), "dish 101, key tax: 101 is more than 100"),
        (changed(DISH_AT, member_price="26.01"), "dish 101: 00101: the member price"),
        (changed(DISH_AT, offers="no"), "dish 101, key offers: true or false"),
        (changed(DISH_AT, station="Küche"), "dish 101, key station: 'Küche' is not a name"),
        (changed(DISH_AT, picture="../x.png"), "dish 101, key picture: '../x.png' is not a path"),
        (changed(DISH_AT, picture="x.svg"), "dish 101, key picture: 'x.svg' is not a path"),
        (changed(DISH_AT, groups=["none"]), "the menu: dish 00101: there is no group none"),
        (changed(DISH_AT, groups=["size", "size"]), "dish 101: 00101: a group is there twice"),
        (changed(DISH_AT, groups=[1]), "dish 101, key groups: a list of texts"),
        (changed(DISH_AT, groups=["size"] * 11), "dish 101, key groups: a list of at most 10"),
        (changed(DISH_AT, left=-1), "dish 101, key left: a whole number from 0"),
        (changed(DISH_AT, weight=1), "dish 101, key weight: there are the keys plu"),
        (changed(GROUP, code="SIZE"), "group SIZE, key code: small letters"),
        (changed(GROUP, options=[]), "group size: size: there are options"),
        (changed(GROUP, least=2), "group size: size: 2 to 1 of 2 options"),
        (changed(GROUP, most=3), "group size: size: 1 to 3 of 2 options"),
        (changed(GROUP, preset=["salt"]), "group size: size: what is preset"),
        (changed(TOP, groups=[SIZE, SIZE]), "the menu: group size is there twice"),
        (changed(OPTION, code="small"), "group size: size: there are options, and each"),
        (changed(OPTION, price="-6"), "option large, key price: '-6' is not an amount"),
        (changed(OPTION, fen=1), "option large, key fen: there are the keys code"),
        (changed(OPTION, code=None), "option 2 of group size, key code: small letters"),
        ("[]", "the menu: not an object"),
        ("", "Expecting value: line 1"),
        ("{", "line 1 column 2"),
        ('{"groups": [], "groups": []}', "a key is there twice"),
        ("[" * 100_000, "menu.json: "),
        (MENU | {"categories": MENU["categories"] * 2}, "category noodles is there twice"),
    ],
)
def test_the_first_fault_ends_the_reading_and_names_place_and_key(write, body, says):
    path = write(body)
    with pytest.raises(ContentError) as caught:
        load_menu(path)
    assert str(caught.value).startswith(str(path))
    assert says in str(caught.value)


def long(dishes, name=60, says=80):
    rows = [
        {**DISH, "plu": at, "zh": "面" * name, "en": "n" * name, "says_zh": "料" * says,
         "says_en": "s" * 40, "picture": f"pictures/{at}.png"}
        for at in range(1, dishes + 1)
    ]  # fmt: skip
    return {**MENU, "categories": [{"code": "all", "zh": "全", "dishes": rows}]}


def test_three_hundred_dishes_with_long_names_fit_into_one_message(write):
    menu = load_menu(write(long(300)))
    assert len(menu) == 300
    assert len(encode(card(menu))) < LIMIT


def test_a_menu_that_is_too_much_for_the_screen_or_the_disk_is_refused(write, tmp_path):
    with pytest.raises(ContentError, match=f"the screen takes {LIMIT} bytes"):
        load_menu(write(long(450)))
    with pytest.raises(ContentError, match="a list of at most 500"):
        load_menu(write(long(MOST_DISHES + 1, name=1, says=0)))
    half = long(300, name=1, says=0)["categories"][0]["dishes"]
    two = [
        {"code": code, "zh": "全", "dishes": [{**x, "plu": x["plu"] + more} for x in half]}
        for code, more in (("a", 0), ("b", 1000))
    ]
    with pytest.raises(ContentError, match="more than 500 dishes"):
        load_menu(write({**MENU, "categories": two}))
    with pytest.raises(ContentError, match=f"more than {MOST_BYTES} bytes"):
        load_menu(write(" " * (MOST_BYTES + 1)))
    with pytest.raises(ContentError, match="No such file"):
        load_menu(tmp_path / "none.json")
    (tmp_path / "latin.json").write_bytes('{"zh": "Küche"}'.encode("latin-1"))
    with pytest.raises(ContentError, match="not UTF-8"):
        load_menu(tmp_path / "latin.json")


SHIPPED = (SHOPS / "noodles" / "menu.json").read_text("utf-8")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda each: (
        st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=5), each, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=300)
@given(st.data())
def test_any_change_of_a_menu_is_read_or_refused(tmp_path_factory, data):
    at = data.draw(st.integers(0, len(SHIPPED) - 1))
    end = data.draw(st.integers(at, min(len(SHIPPED), at + 20)))
    put = data.draw(st.text(max_size=5) | JSON.map(json.dumps))
    path = tmp_path_factory.mktemp("menu") / "menu.json"
    path.write_text(SHIPPED[:at] + put + SHIPPED[end:], "utf-8", errors="replace")
    try:
        said = f"{path}{load_menu(path)}"
    except ContentError as error:
        said = str(error)
    assert said.startswith(str(path))
