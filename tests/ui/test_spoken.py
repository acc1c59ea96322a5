"""What is said of a page, and in which order; without a window and without a voice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.ui.narrator import FOCUS, Focus, Narrator
from kiosk.ui.spoken import Item, Page, Piece, Speaker, chinese, money, plain, written
from kiosk.ui.words import Catalogue

CATALOGUE = Catalogue.load()


@pytest.mark.parametrize(
    ("fen", "zh", "en"),
    [
        (0, "零元", "0 yuan"),
        (5, "五分", "5 fen"),
        (20, "两角", "20 fen"),
        (200, "两元", "2 yuan"),
        (280, "两元八角", "2 yuan 80"),
        (2705, "二十七元零五分", "27 yuan 5 fen"),
        (2780, "二十七元八角", "27 yuan 80"),
        (2785, "二十七元八角五分", "27 yuan 85"),
        (1100, "十一元", "11 yuan"),
        (100_500, "一千零五元", "1005 yuan"),
        (2_000_000, "两万元", "20000 yuan"),
        (100_000_500, "一百万零五元", "1000005 yuan"),
        (-1200, "减十二元", "minus 12 yuan"),
    ],
)
def test_an_amount_is_said_as_a_cashier_says_it(fen, zh, en):
    assert (money(fen, "zh"), money(fen, "en")) == (zh, en)
    assert plain(f"({written(fen)})", "zh") == f"({zh})"
    assert plain(f"({written(fen)})", "en") == f"({en})"


VALUES = {each: at for at, each in enumerate("零一二三四五六七八九")}
UNITS = {"十": 10, "百": 100, "千": 1000}


def value(said):
    """A Chinese number, read as people read it."""
    for name, size in (("亿", 10**8), ("万", 10**4)):
        if name in said:
            before, _, after = said.partition(name)
            return value(before) * size + (value(after) if after else 0)
    total, digit = 0, None
    for letter in said:
        if letter in VALUES:
            digit = VALUES[letter]
        else:
            total += (1 if digit is None else digit) * UNITS[letter]
            digit = None
    return total + (digit or 0)


@given(st.integers(0, 10**12 - 1))
def test_every_number_that_is_said_is_heard_as_the_same_number(number):
    assert value(chinese(number)) == number


def test_long_numbers_are_said_digit_by_digit_and_short_ones_are_not():
    assert plain("690123", "en") == "6 9 0 1 2 3"
    assert plain("2 × 750 ml", "en") == "2 × 750 ml"
    assert plain("A · B…", "en") == "A, B"


ITEMS = (Item("less", "One less", "Milk, 2 pieces"), Item("pay", "Pay, ¥7.00"))


def test_an_item_is_said_with_its_place_and_what_it_belongs_to():
    speaker = Speaker(CATALOGUE, "en", private=False)
    assert speaker.item(ITEMS, "pay") == "Pay, 7 yuan, button, 2 of 2"
    assert speaker.item(ITEMS, "less") == "Milk, 2 pieces. One less, button, 1 of 2"
    assert speaker.item(ITEMS, "gone") == ""
    zh = Speaker(CATALOGUE, "zh", private=False)
    assert zh.item((Item("pay", "结账", chosen=True),), "pay") == "结账，已选中，第1个，共1个"


def test_what_is_private_is_said_to_headphones_only():
    pieces = [Piece("13812345678", private=True), Piece("Member")]
    aloud = Speaker(CATALOGUE, "en", private=False).pieces(pieces)
    alone = Speaker(CATALOGUE, "en", private=True).pieces(pieces)
    assert aloud == ["Not said aloud", "Member"]
    assert alone == ["1 3 8 1 2 3 4 5 6 7 8", "Member"]


def page(place, *texts, items=ITEMS, frame=()):
    return Page(place, tuple(Piece(text) for text in texts), items, frame)


def said(narrator):
    heard = []
    while (piece := narrator.next()) is not None:
        heard.append("*" if piece is FOCUS else piece.text)
    return heard


def test_a_screen_is_said_whole_and_then_the_item_in_focus():
    narrator = Narrator()
    assert narrator.see(page("basket", "Your basket", "Total"))
    assert said(narrator) == ["Your basket", "Total", "*"]
    assert not narrator.see(page("basket", "Your basket", "Total"))
    assert said(narrator) == []


def test_what_changes_is_said_once_it_has_stood_still():
    narrator = Narrator()
    narrator.see(page("scale", "Scale", "1.1 kg"))
    said(narrator)
    narrator.see(page("scale", "Scale", "1.2 kg"))
    narrator.see(page("scale", "Scale", "1.3 kg"))
    assert said(narrator) == []
    narrator.see(page("scale", "Scale", "1.3 kg"))
    assert said(narrator) == ["1.3 kg"]


def test_what_has_left_the_screen_before_its_turn_is_not_said():
    narrator = Narrator()
    narrator.see(page("done", "Paid", "Printing"))
    assert narrator.next().text == "Paid"
    narrator.see(page("done", "Paid", "Take the slip"))
    narrator.see(page("done", "Paid", "Take the slip"))
    assert said(narrator) == ["Take the slip", "*"]


def test_a_remark_is_said_first_even_when_it_has_gone():
    narrator = Narrator()
    narrator.see(page("basket", "Your basket", "Total"))
    assert narrator.next().text == "Your basket"
    narrator.remark("Not known here")
    assert said(narrator) == ["Not known here", "Total", "*"]


def test_a_fact_with_other_words_is_not_said_again():
    narrator = Narrator()
    narrator.see(Page("waiting", (Piece("40 seconds", "left"),)))
    said(narrator)
    for text in ("39 seconds", "38 seconds", "38 seconds"):
        narrator.see(Page("waiting", (Piece(text, "left"),)))
    assert said(narrator) == []


def test_a_key_is_answered_with_the_item_alone():
    narrator = Narrator()
    narrator.see(page("basket", "Your basket", "Total"))
    narrator.point()
    assert said(narrator) == ["*"]
    narrator.again()
    assert said(narrator) == ["Your basket", "Total", "*"]


def test_the_focus_goes_round_and_stays_where_it_is_while_the_page_changes():
    focus = Focus()
    focus.see(page("basket"))
    assert focus.name == "less"
    focus.move(-1)
    assert focus.name == "pay"
    focus.see(page("basket", items=(Item("new", "New"), *ITEMS)))
    assert focus.name == "pay"
    focus.move(1)
    assert focus.name == "new"
    focus.see(page("basket", items=ITEMS))
    assert focus.name == "less"
    focus.see(page("tender", items=(Item("face", "Face"),)))
    assert focus.name == "face"
    focus.see(page("waiting", items=()))
    focus.move(1)
    assert focus.name == ""
