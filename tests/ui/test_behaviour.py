"""How the screens behave under a finger, with a scripted core at the other end."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from kiosk.messages import (
    Back,
    ChooseTender,
    Consent,
    Guiding,
    Leave,
    Pay,
    RemoveLine,
    Screen,
    SetLanguage,
    SetQuantity,
    Showing,
    Split,
    Start,
    StillThere,
    Text,
)
from kiosk.messages.goods import Browse, PickGoods, StopWeighing

scenes = sys.modules["scenes"]
pytestmark = pytest.mark.display


@pytest.fixture
def sent(panel):
    """What the finger sends from here on."""
    panel.link.connected = True
    panel.link.sent.clear()
    return panel.link.sent


def trace(panel):
    return json.loads(panel.options.trace_path.read_text("utf-8"))


@pytest.mark.parametrize(
    ("scene", "name", "command"),
    [
        ("attract", "start", Start()),
        ("attract", "language.en", SetLanguage("en")),
        ("basket-few", "pay", Pay()),
        ("basket-few", "line.2.more", SetQuantity(2, 3)),
        ("basket-few", "line.2.less", SetQuantity(2, 1)),
        ("basket-few", "line.1.less", RemoveLine(1)),
        ("basket-empty", "leave", Leave()),
        ("basket-still-there", "still_there.yes", StillThere()),
        ("basket-still-there", "still_there.leave", Leave()),
        ("basket-browse", "browse", Browse()),
        ("basket-browse-empty", "browse", Browse()),
        ("pick", "back", Back()),
        ("pick", "goods.00101", PickGoods("00101")),
        ("weighing-moving", "weighing.cancel", StopWeighing()),
        ("tender", "tender.face", ChooseTender("face")),
        ("tender", "tender.code", ChooseTender("code")),
        ("tender", "back", Back()),
        ("tender-all", "tender.qr", ChooseTender("qr")),
        ("tender-all", "split", Split()),
        ("tender-part", "split", Split()),
        ("tender-part", "back", Back()),
        ("tender-paid-part", "whole", Back()),
        ("part", "back", Back()),
        ("qr", "qr.other", Back()),
        ("notice", "accept", Consent("2026-11")),
        ("notice", "other_way", Back()),
        ("face", "other_way", Back()),
        ("code", "other_way", Back()),
        ("waiting-phone", "other_way", Back()),
        ("done-taken", "finish", Leave()),
        ("trouble-declined", "back", Back()),
        ("trouble-staff", "finish", Leave()),
    ],
)
def test_a_touch_sends_its_command_once(panel, sent, scene, name, command):
    panel.scene(scene)
    sent.clear()  # a screen may ask for what it shows
    panel.tap(name)
    panel.tap(name)
    if not isinstance(command, SetQuantity):
        assert sent == [command]
    else:
        assert sent[0] == command


def test_a_hurried_second_tap_does_not_hit_the_next_screen(panel, sent):
    panel.scene("basket-few")
    panel.tap("pay")
    panel.show_now(scenes.SCENES["tender-code"])
    panel.tap("back")
    assert sent == [Pay()]
    panel.settle()
    panel.link.coming.append(scenes.SCENES["tender-code"])
    panel.tap("back")
    assert sent == [Pay(), Back()]


def test_there_is_no_way_out_while_the_outcome_is_unknown(panel, sent):
    panel.scene("waiting-checking")
    names = set(trace(panel)["widgets"])
    assert names == {"access", "help", "language.zh", "language.en"}


def test_a_question_keeps_touches_from_the_screen_below(panel, sent):
    panel.scene("basket-still-there")
    enabled = {name for name, box in trace(panel)["widgets"].items() if box[4]}
    assert enabled == {"still_there.yes", "still_there.leave"}


def test_the_trace_says_where_to_point_and_nothing_about_the_shopper(panel, sent):
    panel.scene("basket-few", "en")
    seen = trace(panel)
    assert seen["screen"] == "BASKET"
    assert seen["language"] == "en"
    assert seen["drawn_at"] <= seen["settled_at"] <= panel.clock()
    assert set(seen["widgets"]) >= {"pay", "leave", "help", "language.zh", "line.1.more"}
    x, y, width, height, enabled = seen["widgets"]["pay"]
    assert (x, width, enabled) == (48, 984, True)
    assert y + height == 1920 - 48
    times = {"drawn_at", "settled_at", "longest_block_ms"}
    text = json.dumps({name: each for name, each in seen.items() if name not in times})
    assert "Mineral" not in text
    assert "535" not in text
    assert "Corner" not in text


def test_every_change_is_counted_even_where_it_looks_the_same(panel, sent):
    panel.scene("basket-few")
    before = trace(panel)["changes"]
    panel.show(scenes.SCENES["basket-few"])
    assert trace(panel)["changes"] == before + 1


def test_the_first_attract_frame_is_reported_once(panel, sent):
    panel.scene("basket-few")
    panel.scene("attract")
    assert len(panel.firsts) == 1


def test_a_core_that_is_gone_is_said_calmly_and_it_comes_back_by_itself(panel, sent):
    panel.scene("basket-few", "en")
    panel.link.connected = False
    panel.frames(3)
    assert panel.app.stage.showing.screen is Screen.BASKET
    panel.until(lambda: panel.app.stage.showing.screen is Screen.OUT_OF_ORDER)
    assert panel.app.stage.showing.said == Text("out.core")
    assert panel.app.language == "en"
    panel.link.connected = True
    panel.scene("basket-few", "en")
    assert panel.app.stage.showing.screen is Screen.BASKET


def test_a_scanned_line_takes_this_thread_at_most_60_ms(panel, sent):
    """Of its own time: how long a busy machine lets it wait is no matter of this code."""
    panel.show(scenes.basket(5))
    took = []
    for count in range(6, 12):
        panel.settle()
        began, spent = panel.clock(), time.thread_time()
        panel.link.coming.append(scenes.basket(count))
        panel.until(lambda: panel.app._trace._drawn_at > began)  # noqa: B023
        took.append(time.thread_time() - spent)
        assert f"line.{count}.less" in dict(panel.boxes())
    assert min(took) < 0.060


def test_a_new_line_builds_no_rows_but_its_own(panel, sent):
    panel.show(scenes.basket(3))
    rows = panel.app.stage.view.ids.lines
    kept = {line_id: id(row) for line_id, row in rows._rows.items()}
    panel.show(scenes.basket(4))
    assert {line_id: id(rows._rows[line_id]) for line_id in kept} == kept
    tops = [rows._rows[line_id].top for line_id in (4, 3, 2, 1)]
    assert tops == sorted(tops, reverse=True)
    assert rows._rows[4].glow == 1.0
    assert rows._rows[3].glow == 0.0
    panel.show_now(scenes.basket(5))
    assert [rows._rows[line_id].glow for line_id in (5, 4, 3)] == [1.0, 0.0, 0.0]


def test_a_gift_has_no_price_and_can_only_be_taken_out(panel, sent):
    panel.show(scenes.offers())
    row = panel.app.stage.view.ids.lines._rows[-1000]
    assert row.ids.unit.text == "1 · 赠品"
    assert row.ids.earned.text == ""
    panel.tap("line.-1000.less")
    assert sent[-1] == RemoveLine(-1000)


def test_pages_are_turned_and_a_scan_comes_back_to_its_line(panel, sent):
    panel.show(scenes.basket(13))
    rows = panel.app.stage.view.ids.lines
    assert 13 in rows._rows
    panel.tap("page.down")
    assert 13 not in rows._rows
    assert rows.page == 1
    panel.show(scenes.basket(14))
    assert rows.page == 0
    assert 14 in rows._rows


def test_the_total_counts_to_its_new_value_in_200_ms(panel, sent):
    panel.show(scenes.basket(3))
    total = panel.app.stage.view.ids.total
    before = total.shown
    seen = set()
    began = time.monotonic()
    panel.link.coming.append(scenes.basket(7))
    panel.until(lambda: seen.add(total.figures) or total.shown == total.fen != before)
    assert 0.15 < time.monotonic() - began < 5
    assert len(seen) > 2
    assert total.figures == "592.66"


def test_the_language_belongs_to_the_visit(panel, sent):
    panel.show(scenes.basket(2, language="en"))
    assert panel.app.language == "en"
    panel.scene("attract", "zh")
    assert panel.app.language == "zh"


def test_the_picture_is_mirrored_and_nothing_of_it_stays(panel, sent):
    panel.scene("face")
    picture = panel.picture().astype(int)
    circle = panel.app.stage.view.ids.circle
    x, y = circle.to_window(*circle.center)
    row = 1920 - int(y)
    left, right = picture[row, int(x) - 250], picture[row, int(x) + 250]  # beside the oval
    assert right[0] > 200 > left[0]  # the camera's bright half is on its left
    view = panel.app.stage.view
    live = view.live
    panel.scene("tender")
    assert view.live is None
    assert not np.frombuffer(live.pixels, np.uint8).reshape(-1, 4)[:, :3].any()


def test_a_word_says_that_the_camera_is_on_for_as_long_as_it_gives_pictures(panel, sent):
    panel.scene("face")
    view = panel.app.stage.view
    sign = view.ids.camera_on.parent
    assert sign.opacity == 1
    panel.clock.ahead += 2.0  # nothing came for so long: the circle goes dark
    panel.frames(2)
    assert (view.live, sign.opacity) == (None, 0)


def test_what_is_asked_is_in_the_trace_for_as_long_as_it_is_shown(panel, sent):
    panel.scene("face")
    assert trace(panel)["instruction"] == "guidance.come_closer"
    panel.link.coming.append(Guiding("a1", "turn_left", 0.5))
    panel.until(lambda: trace(panel)["instruction"] == "guidance.turn_left")
    panel.scene("tender")
    assert trace(panel)["instruction"] == ""


@pytest.mark.usefixtures("unseen")
def test_an_instruction_stays_long_enough_to_be_read(panel, sent):
    panel.scene("face")
    words = panel.app.stage.view.ids.instruction
    panel.link.coming.append(Guiding("a1", "hold-still", 0.5))
    panel.frames(2)
    first = words.key
    panel.link.coming.append(Guiding("a1", "NO_FACE", 0.0))
    panel.frames(2)
    assert words.key == first
    panel.until(lambda: words.key == "guidance.no_face")


def test_trouble_says_what_happens_to_the_money_and_what_to_do():
    from kiosk.ui.screens.trouble import explain

    said = Text("say.declined.card")
    told = explain(Showing(Screen.TROUBLE, said=said, may_go_back=True))
    assert (told.money, told.todo) == (Text("money.none_taken"), Text("todo.other_way"))
    told = explain(
        replace(
            Showing(Screen.TROUBLE, said=Text("say.ask_staff")),
            detail=Text("money.taken_staff"),
            may_go_back=False,
        )
    )
    assert (told.money, told.todo) == (Text("money.taken_staff"), Text("todo.ask_staff"))
    told = explain(
        Showing(Screen.TROUBLE, said=said, detail=Text("money.returned", {"todo": "todo.wait"}))
    )
    assert (told.money, told.todo) == (Text("money.returned"), Text("todo.wait"))
    back = Text("money.part_back", {"amount": "50.00"})
    assert explain(Showing(Screen.TROUBLE, said=said, detail=back)).money == back
    ended = Text("say.abandoned", {"money": "money.part_back", "amount": "50.00"})
    assert explain(Showing(Screen.TROUBLE, said=ended)).money == back


def test_keys_do_nothing(panel, sent):
    from kivy.core.window import Window

    panel.scene("attract")
    for key in (27, 282):  # Esc, F1
        assert Window.dispatch("on_keyboard", key, 0, "", [])
    panel.frames(2)
    assert panel.app.stage.showing.screen is Screen.ATTRACT


def test_an_unknown_brand_token_is_named():
    from kiosk.ui.theme import build_theme

    with pytest.raises(ValueError, match="no such colour: 'brnad'"):
        build_theme(1.0, dark=False, brand={"brnad": "#123456"})


def test_a_brand_and_the_dark_theme_replace_tokens(panel):
    from kiosk.ui.theme import build_theme

    assert build_theme(1.0, dark=False, brand={"brand": "#0000FF"}).brand == [0, 0, 1, 1]
    assert build_theme(0.5, dark=True, brand={}).ink == [1, 1, 1, 1]
    assert build_theme(0.5, dark=True, brand={}).body == 24


def test_what_holds_a_frame_up_is_measured_and_drawing_is_not(panel, sent, monkeypatch):
    def takes(seconds):
        def work(*_):
            panel.clock.ahead += seconds

        return work

    panel.until(lambda: not panel.app.stage.missing(), 30)
    built = time.monotonic()
    panel.until(lambda: time.monotonic() > built + 0.3)  # what was measured meanwhile is forgotten
    monkeypatch.setattr(panel.app._trace, "drawn", takes(40.0))
    panel.app._watch.restart()
    panel.frames(2)
    assert 0 <= panel.app.longest_block_ms < 40_000
    monkeypatch.setattr(panel.app.stage, "tick", takes(60.0))
    panel.frames(2)
    assert 60_000 <= panel.app.longest_block_ms < 100_000
    panel.app._watch.restart()


def test_motion_can_be_switched_off(panel, sent):
    theme = panel.app.theme
    before = theme.moves, theme.count_up
    theme.moves = theme.count_up = 0
    try:
        panel.show(scenes.basket(2))
        panel.show_now(scenes.basket(3), scenes.REMARK)
        view = panel.app.stage.view
        assert view.opacity == 1
        assert view.ids.total.shown == view.ids.total.fen > 0
        panel.show(scenes.SCENES["done-taken"])
        assert panel.app.stage.view.opacity == 1
    finally:
        theme.moves, theme.count_up = before


def test_a_refused_wish_is_not_added_to_the_next_one(panel, sent):
    panel.show(scenes.basket(2))
    panel.tap("line.2.more")
    panel.show(scenes.REMARK)
    panel.tap("line.2.more")
    assert sent == [SetQuantity(2, 3), SetQuantity(2, 3)]


def test_two_quick_taps_ask_for_two_more(panel, sent):
    panel.show(scenes.basket(2))
    panel.tap("line.2.more")
    panel.tap("line.2.more")
    assert sent == [SetQuantity(2, 3), SetQuantity(2, 4)]


def test_the_same_end_said_again_does_not_refill_the_ring(panel, sent):
    panel.show(replace(scenes.SCENES["done-printing"], visit_id="v7", seconds_left=8.0))
    panel.clock.ahead += 4.0
    panel.show(replace(scenes.SCENES["done-taken"], visit_id="v7", seconds_left=3.7))
    countdown = panel.app.stage.view.ids.countdown
    assert countdown.seconds in (3, 4)
    assert countdown.part < 0.5
    panel.show(replace(scenes.SCENES["done-taken"], visit_id="v8", seconds_left=8.0))
    assert countdown.part > 0.9


@pytest.fixture
def many_languages(panel):
    """A shop with four languages, one of which has hardly a sentence of its own."""
    from kiosk.ui.words import Catalogue

    before = panel.app.catalogue
    table = {language: before._sentences[language] for language in ("zh", "en")}
    panel.app.catalogue = Catalogue(
        {**table, "ja": {"basket.pay": "お会計"}, "pt_BR": {}}, ("zh", "en", "ja", "pt_BR")
    )
    panel.app.dress(panel.app.theme)
    yield
    panel.app.catalogue = before
    panel.app.dress(panel.app.theme)


@pytest.mark.usefixtures("many_languages")
def test_of_more_than_two_languages_the_bar_shows_one_and_a_sheet_all(panel):
    panel.scene("basket-few", "ja")
    panel.finish()
    panel.keep("languages-bar.ja")
    assert [name for name, _ in panel.boxes() if "language" in name] == ["languages"]
    panel.tap("languages")
    panel.settle()
    panel.finish()
    panel.keep("languages-sheet.ja")
    shown = [name for name, _ in panel.boxes() if name.startswith("language.")]
    assert sorted(shown) == ["language.en", "language.ja", "language.pt_BR", "language.zh"]
    panel.link.sent.clear()
    panel.tap("language.en")
    assert panel.link.sent == [SetLanguage("en")]
    assert panel.app.stage.modal is None


def test_a_touch_beside_everything_does_nothing(panel):
    from kivy.core.window import Window

    panel.scene("basket-few")
    panel.link.sent.clear()
    width, height = Window.size
    for at in ((-50, -50), (width + 500, height + 500), (5, height / 2), (width / 2, -1)):
        Window.dispatch("on_mouse_down", *at, "left", [])
        panel.frames(2)
        Window.dispatch("on_mouse_up", *at, "left", [])
        panel.frames(2)
    assert panel.link.sent == []
    panel.tap("pay")
    assert [type(command).__name__ for command in panel.link.sent] == ["Pay"]


def fingers(panel, *names):
    """One finger on each of these at once: motion events as a touch panel makes them."""
    from kivy.base import EventLoop
    from kivy.core.window import Window
    from kivy.input.motionevent import MotionEvent

    class Finger(MotionEvent):
        def depack(self, args):
            self.is_touch = True
            self.sx, self.sy = args
            self.profile = ["pos"]
            super().depack(args)

    boxes, down = dict(panel.boxes()), []
    for number, name in enumerate(names):
        x, y, width, height, _ = boxes[name]
        place = (x + width / 2) / Window.width, 1 - (y + height / 2) / Window.height
        finger = Finger("fingers", number, place, is_touch=True, type_id="touch")
        EventLoop.post_dispatch_input("begin", finger)
        down.append(finger)
    panel.frames(2)
    for finger in down:
        EventLoop.post_dispatch_input("end", finger)
    panel.frames(3)


def test_ten_fingers_at_once_are_ten_touches_and_none_is_doubled(panel):
    panel.scene("basket-many")
    panel.link.sent.clear()
    names = [name for name, box in panel.boxes() if name.endswith((".less", ".more")) and box[4]]
    assert len(names) >= 8
    fingers(panel, *(names * 2)[:10])
    assert 0 < len(panel.link.sent) <= 10
    assert panel.app.stage.showing.screen.value == "BASKET"
    panel.scene("basket-few")
    panel.link.sent.clear()
    fingers(panel, *["pay"] * 10)
    assert [type(command).__name__ for command in panel.link.sent] == ["Pay"]


def test_a_look_from_afar_is_worn_at_once_and_the_visit_goes_on(panel):
    from kiosk.messages.brand import Branded

    panel.scene("basket-few", "en")
    before, stage = panel.app._options, panel.app.stage
    panel.show(Branded(before.languages, before.brand, before.texts, before.slide_seconds))
    assert panel.app.stage is stage
    texts = {"en": {"basket.title": "What you take"}}
    panel.show(Branded(("en", "zh"), {"brand": "#0000FF"}, texts))
    try:
        assert panel.app.theme.brand == [0, 0, 1, 1]
        assert panel.app.stage.showing.screen is Screen.BASKET
        assert panel.app.catalogue.say("en", "basket.title") == "What you take"
        panel.tap("pay")
        assert panel.link.sent[-1] == Pay()
    finally:
        panel.show(Branded())
