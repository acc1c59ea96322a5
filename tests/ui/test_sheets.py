"""The sheets over the basket: the number of a member, and bags before it is paid."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from kiosk.messages import Hinting, Pay, SetMember, Text
from kiosk.messages.goods import TakeBags
from tests.ui.test_pictures import check

scenes = sys.modules["scenes"]
pytestmark = pytest.mark.display
KNOWN = Text("say.member")


@pytest.fixture
def sheet(panel):
    """The sheet that asks for a member's number."""
    panel.link.connected = True
    panel.scene("basket-browse")  # whatever was asked before is over
    panel.scene("basket-member-asked")
    panel.link.sent.clear()
    panel.tap("member")
    panel.settle()
    return panel.app.stage.modal


def types(panel, digits):
    for digit in digits:
        panel.tap(f"pad.{digit}")


def test_a_number_is_typed_sent_and_then_hidden_but_for_its_end(panel, sheet):
    types(panel, "13800138000")
    assert sheet.shown == "138 0013 8000"
    panel.tap("member.done")
    assert panel.link.sent == [SetMember("13800138000")]
    assert sheet.shown == "···· 8000"
    assert "138" not in repr(panel.link.sent[0])
    asked = replace(scenes.SCENES["basket-member-asked"], asks_member=False, member=KNOWN)
    panel.show(asked)
    assert panel.app.stage.modal is None
    assert panel.app.stage.view.ends == "8000"
    panel.keep("basket-member-known.zh")
    panel.show(replace(asked, visit_id="another"))
    assert panel.app.stage.view.ends == "", "the next shopper sees nothing of it"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_unknown_number_is_said_so_and_the_next_digit_begins_anew(panel, sheet, language):
    panel.show(replace(scenes.SCENES["basket-member-asked"], language=language))
    check(panel)
    panel.keep(f"sheet-member.{language}")
    types(panel, "1380")
    panel.tap("member.done")
    panel.show(Hinting(Text("hint.member_unknown"), "error"))
    assert sheet.wrong
    assert panel.app.stage.modal is sheet
    panel.finish()
    panel.keep(f"sheet-member-unknown.{language}")
    types(panel, "5")
    assert (sheet.shown, sheet.wrong, sheet.ready) == ("5", False, False)


def test_too_short_a_number_is_not_sent_and_digits_are_taken_back(panel, sheet):
    types(panel, "138")
    assert not dict(panel.boxes())["member.done"][4]
    types(panel, "00")
    panel.tap("pad.erase")
    assert sheet.shown == "138 0"
    panel.tap("sheet.close")
    assert panel.app.stage.modal is None
    assert panel.link.sent == []


def test_after_too_many_tries_the_sheet_goes_and_nobody_is_asked(panel, sheet):
    types(panel, "1380")
    panel.tap("member.done")
    panel.show(replace(scenes.SCENES["basket-member-asked"], asks_member=False))
    assert panel.app.stage.modal is None
    assert "member" not in dict(panel.boxes())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_bags_are_asked_for_before_it_is_paid_and_none_is_chosen(panel, language):
    panel.scene("basket-bags", language)
    panel.link.sent.clear()
    panel.tap("pay")
    panel.settle()
    check(panel)
    panel.keep(f"sheet-bags.{language}")
    assert not dict(panel.boxes())["bags.take"][4]
    panel.tap("bag.0.more")
    panel.tap("bag.0.more")
    panel.tap("bag.0.less")
    check(panel)
    panel.keep(f"sheet-bags-one.{language}")
    panel.tap("bags.take")
    assert panel.link.sent == [TakeBags({"6989000000019": 1})]
    assert panel.app.stage.modal is None


def test_one_touch_says_no_bag(panel):
    panel.scene("basket-bags")
    panel.link.sent.clear()
    panel.tap("pay")
    panel.settle()
    panel.tap("bags.none")
    assert panel.link.sent == [TakeBags({})]


def test_whoever_closes_the_bags_is_at_his_basket_and_nothing_was_answered(panel):
    panel.scene("basket-bags")
    panel.link.sent.clear()
    panel.tap("pay")
    panel.settle()
    panel.tap("sheet.close")
    assert panel.link.sent == []
    panel.scene("basket-few")
    panel.tap("pay")
    assert panel.link.sent == [Pay()], "nobody is asked where there are no bags"
