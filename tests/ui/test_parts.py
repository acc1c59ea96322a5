"""Paying a basket in parts: how much is paid now, what is paid already, and the way out."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.messages import Hinting, Leave, PaidPart, PayPart, Text
from kiosk.ui.paid import paid_lines
from kiosk.ui.screens.part import share_of

scenes = sys.modules["scenes"]
pytestmark = pytest.mark.display


@pytest.fixture
def sent(panel):
    """What the finger sends from here on."""
    panel.link.connected = True
    panel.scene("attract")
    panel.link.sent.clear()
    return panel.link.sent


def types(panel, *keys):
    for key in keys:
        panel.tap(f"pad.{key}")


def can_touch(panel, name):
    return dict(panel.boxes())[name][4]


@given(st.integers(0, 10_000_000), st.sampled_from([2, 3]))
def test_a_preset_is_the_nearest_fen_and_never_nothing_or_all(due, parts):
    fen = share_of(due, parts)
    if fen:
        assert 1 <= fen < due
        assert 2 * abs(fen * parts - due) <= parts
    else:
        assert due <= 1


@given(st.lists(st.integers(1, 5_000_000), max_size=12), st.integers(1, 5))
def test_the_lines_of_what_is_paid_add_up_however_few_there_is_room_for(amounts, most):
    parts = [PaidPart("face", fen) for fen in amounts]
    lines = paid_lines(parts, most)
    assert len(lines) == min(len(amounts), most)
    assert sum(line.fen for line in lines) == sum(amounts)
    assert sum(line.args.get("count", 1) for line in lines) == len(amounts)


def test_a_way_to_pay_without_a_name_here_is_still_counted():
    (line,) = paid_lines([PaidPart("shells", 500)], 3)
    assert (line.key, line.fen) == ("parts.other", 500)


def test_digits_shift_in_from_the_right_as_fen(panel, sent):
    panel.scene("part")
    seen = []
    for key in ("1", "2", "00", "erase", "erase", "erase", "erase", "5"):
        types(panel, key)
        seen.append(panel.app.stage.view.ids.amount.figures)
    assert seen == ["0.01", "0.12", "12.00", "1.20", "0.12", "0.01", "0.00", "0.05"]
    panel.tap("part.done")
    assert sent == [PayPart(5)]


@pytest.mark.parametrize(("name", "fen"), [("part.half", 9930), ("part.third", 6620)])
def test_a_preset_is_paid_with_two_touches(panel, sent, name, fen):
    panel.scene("part")
    panel.tap(name)
    panel.tap("part.done")
    assert sent == [PayPart(fen)]


def test_a_digit_after_a_preset_begins_anew(panel, sent):
    panel.scene("part")
    panel.tap("part.half")
    types(panel, "7", "00")
    panel.tap("part.done")
    assert sent == [PayPart(700)]
    panel.scene("part")
    panel.tap("part.half")
    types(panel, "erase")
    assert panel.app.stage.view.fen == 0


def test_only_a_part_of_what_is_due_can_be_paid_as_one(panel, sent):
    panel.scene("part")
    assert not can_touch(panel, "part.done")
    types(panel, "1", "9", "8", "5", "9")
    assert can_touch(panel, "part.done")
    types(panel, "erase")
    types(panel, "9", "erase")
    panel.app.stage.view.set_to(19860)
    panel.settle()
    assert not can_touch(panel, "part.done")
    assert panel.app.stage.view.said == "part.too_much"
    panel.app.stage.view.done()
    assert sent == []


def test_nothing_is_offered_where_two_fen_have_no_third(panel, sent):
    panel.scene("part-least")
    assert can_touch(panel, "part.half")
    panel.show(replace(scenes.SCENES["part-least"], due_fen=1))
    assert {"part.half", "part.third"}.isdisjoint(dict(panel.boxes()))


def test_no_amount_is_longer_than_its_place(panel, sent):
    panel.scene("part-large")
    types(panel, *["9"] * 9)
    assert panel.app.stage.view.ids.amount.figures == "99,999.99"


def test_a_refused_amount_stays_to_be_corrected_and_another_shopper_finds_none(panel, sent):
    panel.scene("part")
    types(panel, "5", "00")
    panel.show(Hinting(Text("hint.part_refused"), "error"), scenes.SCENES["part"])
    assert panel.app.stage.view.fen == 500
    panel.show(replace(scenes.SCENES["part"], visit_id="v2"))
    assert panel.app.stage.view.fen == 0
    types(panel, "5")
    panel.scene("tender-all")
    panel.scene("part")
    assert panel.app.stage.view.fen == 0


@pytest.mark.parametrize("language", ["zh", "en"])
def test_money_goes_back_only_after_a_second_question(panel, sent, language):
    panel.scene("tender-paid-many", language)
    panel.tap("back")
    panel.settle()
    panel.finish()
    assert sent == []
    said = " ".join(getattr(widget, "text", "") for widget in panel.widgets())
    assert said.count("¥50,000.00") >= 3  # the button below, the question, the answer
    panel.tap("sheet.close")
    assert sent == []
    panel.settle()
    panel.tap("back")
    panel.settle()
    panel.tap("sheet.accept")
    assert sent == [Leave()]


@pytest.mark.parametrize(
    ("scene", "names"),
    [
        ("tender-all", {"tender.face", "tender.code", "tender.qr", "split", "back"}),
        ("tender-all-whole", {"tender.face", "tender.code", "tender.qr", "back"}),
        ("tender-part", {"tender.face", "tender.code", "tender.qr", "split", "back"}),
        ("tender-paid", {"tender.face", "tender.code", "tender.qr", "split", "back"}),
        ("tender-paid-part", {"tender.face", "tender.code", "tender.qr", "split", "whole", "back"}),
        ("tender-paid-many", {"tender.face", "tender.code", "tender.qr", "back"}),
        ("tender-paid-none", {"split", "back"}),
    ],
)
def test_a_way_to_pay_offers_what_fits_and_nothing_else(panel, sent, scene, names):
    panel.scene(scene)
    assert set(dict(panel.boxes())) == names | {"access", "help", "language.zh", "language.en"}


@pytest.mark.parametrize("scene", ["tender-all", "tender-paid", "tender-paid-many"])
def test_the_first_card_is_the_largest(panel, sent, scene):
    panel.scene(scene)
    panel.finish()
    boxes = dict(panel.boxes())
    assert boxes["tender.face"][3] > boxes["tender.code"][3] == boxes["tender.qr"][3] >= 96 * 1.5


def test_what_is_paid_and_what_is_still_due_stand_together(panel, sent):
    panel.scene("tender-paid-part", "en")
    panel.finish()
    ids = panel.app.stage.view.ids
    assert ids.paid_total.fen == 100001
    assert ids.due.fen == 1666667
    texts = {getattr(widget, "text", "") for widget in panel.widgets()}
    assert {"Already paid", "Face", "Payment code", "1,000.00", "0.01", "of ¥50,000.00"} <= texts


def test_the_end_lists_the_parts_and_forgets_them(panel, sent):
    panel.scene("done-parts", "en")
    panel.finish()
    texts = {getattr(widget, "text", "") for widget in panel.widgets()}
    assert {"50,000.01", "1,000.00", "0.01", "49,000.00"} <= texts
    panel.scene("done-taken", "en")
    panel.finish()
    texts = {getattr(widget, "text", "") for widget in panel.widgets()}
    assert "49,000.00" not in texts
