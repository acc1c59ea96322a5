"""The screen of goods without a bar code under a finger, and the one of a weighing."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest
from PIL import Image

from kiosk.messages import Hinting, Screen, Text
from kiosk.messages.goods import FindGoods, GoodsFound, GoodsShown, LiveWeight, PickGoods
from kiosk.ui.sender import Sender

scenes = sys.modules["scenes"]
pytestmark = pytest.mark.display


@pytest.fixture
def sent(panel):
    panel.link.connected = True
    panel.link.sent.clear()
    return panel.link.sent


@pytest.fixture
def pick(panel, sent):
    panel.scene("basket-few")
    panel.scene("pick", "en")
    sent.clear()
    return panel.app.stage.view


def cards(panel):
    return [name.removeprefix("goods.") for name, _ in panel.boxes() if name.startswith("goods.")]


def test_what_is_typed_is_asked_for_letter_by_letter(panel, pick, sent):
    for key in ("key.P", "key.G", "key.erase", "pick.wipe"):
        panel.tap(key)
        panel.link.coming.append(GoodsFound(pick.typed, scenes.goods(2)))
        panel.frames(2)
    assert sent == [FindGoods("P"), FindGoods("PG"), FindGoods("P"), FindGoods("")]


def test_digits_take_the_letters_place(panel, pick, sent):
    panel.tap("pick.switch")
    panel.settle()
    assert not any(name.startswith("key.") for name, _ in panel.boxes())
    panel.tap("pad.1")
    panel.tap("pad.0")
    assert sent[-1] == FindGoods("10")
    panel.finish()
    panel.tap("pick.switch")
    panel.settle()
    assert "key.A" in dict(panel.boxes())


def test_no_more_is_typed_than_the_field_holds(panel, pick, sent):
    for _ in range(20):
        pick.type("W")
    panel.frames(3)
    assert pick.typed == "W" * 16
    words = pick.ids.typed
    assert words.texture_size[0] <= words.parent.width


def test_an_answer_to_what_was_typed_before_is_passed_over(panel, pick):
    panel.tap("key.P")
    panel.show(GoodsFound("", scenes.goods(1)))
    assert len(cards(panel)) == 9
    panel.show(GoodsFound("P", scenes.goods(1)))
    assert cards(panel) == ["00101"]


def test_nothing_found_says_so_and_other_letters_mend_it(panel, pick):
    panel.tap("key.Z")
    panel.show(GoodsFound("Z", ()))
    assert pick.nothing
    assert cards(panel) == []
    panel.tap("pick.wipe")
    panel.show(GoodsFound("", scenes.goods(3)))
    assert not pick.nothing
    assert len(cards(panel)) == 3


def test_pages_are_turned_and_other_goods_begin_on_the_first(panel, pick):
    first = cards(panel)
    panel.tap("page.down")
    panel.settle()
    assert set(cards(panel)).isdisjoint(first)
    for _ in range(2):
        panel.tap("page.down")
        panel.settle()
    assert len(cards(panel)) == 3
    panel.show(GoodsFound("", scenes.goods(20)))
    assert cards(panel) == first


def test_ten_quick_taps_on_a_card_are_one_wish(panel, pick, sent):
    panel.clock.held = panel.clock()  # quick they are, however slow the machine is
    try:
        for _ in range(10):
            panel.tap("goods.00106")
    finally:
        panel.clock.held = None
    assert sent == [PickGoods("00106")]


def test_an_answer_of_the_search_does_not_allow_a_second_wish():
    sent = []
    sender = Sender(sent.append, lambda: 0.0)
    sender.send(FindGoods("P"))
    sender.send(PickGoods("00101"))
    sender.found()
    sender.send(PickGoods("00101"))
    sender.send(FindGoods("P"))
    assert sent == [FindGoods("P"), PickGoods("00101"), FindGoods("P")]


def test_a_refused_pick_can_be_tried_again(panel, pick, sent):
    panel.tap("goods.00101")
    panel.show(Hinting(Text("hint.scale_missing"), "error"))
    panel.tap("goods.00101")
    assert sent == [PickGoods("00101")] * 2


def test_the_list_is_asked_for_again_when_the_scale_comes_or_goes(panel, pick, sent):
    panel.tap("key.P")
    sent.clear()
    panel.show(replace(scenes.SCENES["pick"], scale=False))
    assert sent == [FindGoods("P")]


def test_what_was_typed_outlives_a_weighing_that_failed_and_not_one_that_did_not(panel, pick, sent):
    panel.tap("key.P")
    panel.show(scenes.SCENES["weighing"])
    panel.show(scenes.SCENES["pick"])
    assert pick.typed == "P"
    panel.show(scenes.SCENES["weighing"])
    panel.show(scenes.basket(3, may_pick=True, scale=True))
    panel.show(scenes.basket(3, screen=Screen.PICK, may_pick=True, scale=True))
    assert pick.typed == ""
    assert sent[-1] == FindGoods("")


def test_a_weighing_takes_the_place_of_the_screen_it_was_begun_on(panel, pick):
    panel.show(scenes.SCENES["weighing"])
    around = {"access", "help", "language.zh", "language.en"}
    assert dict(panel.boxes()).keys() == {"weighing.cancel"} | around
    view = panel.app.stage.view
    panel.show_now(LiveWeight("00101", "unstable", 1180, 1411))
    assert (view.figures, view.fen, view.key) == ("1.180", 1411, "weigh.moving")
    panel.show_now(LiveWeight("00102", "stable", 5, 6))  # of goods that were chosen before
    assert view.figures == "1.180"
    panel.show(replace(scenes.SCENES["weighing"], weighing=scenes.goods(2)[1]))
    assert (view.figures, view.key) == ("0.000", "weigh.waiting")


@pytest.mark.parametrize(
    ("status", "again", "key"),
    [
        ("zero", False, "weigh.waiting"), ("unstable", False, "weigh.moving"),
        ("stable", False, "weigh.stable"), ("stable", True, "weigh.again"),
        ("overweight", False, "weigh.over"), ("under-zero", False, "weigh.under"),
        ("not-ready", False, "weigh.not_ready"), ("of a later core", False, "weigh.not_ready"),
    ],
)  # fmt: skip
def test_each_state_of_the_scale_has_its_words(panel, status, again, key):
    panel.show(scenes.SCENES["weighing"])
    panel.show_now(LiveWeight("00101", status, again=again))
    assert panel.app.stage.view.key == key


def test_a_picture_that_cannot_be_read_is_the_beginning_of_the_name(panel, pick, tmp_path):
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n")
    (tmp_path / "large.png").write_bytes(bytes(2 << 20))
    Image.new("RGB", (40, 40), "#123456").save(tmp_path / "good.png")
    shown = [
        GoodsShown(f"0000{at}", {"zh": "梨", "en": "Snow pears"}, 1, True, str(tmp_path / name))
        for at, name in enumerate(("broken.png", "large.png", "missing.png", "good.png"))
    ]
    panel.show(GoodsFound("", tuple(shown)))
    panel.until(lambda: not panel.app.album.busy)
    panel.frames(2)
    pictures = {card.name[-1]: card.ids.picture for card in pick.ids.cards.children}
    assert [at for at in "0123" if pictures[at].texture is not None] == ["3"]
    assert pictures["0"].ids.letters.text == "SP"
