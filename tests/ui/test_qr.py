"""The code that the shopper scans from the screen: a phone must read it, and nothing else."""

from __future__ import annotations

import sys
from dataclasses import replace

import cv2
import numpy as np
import pytest

from kiosk.ui.screens.qr import HELD, LONGEST, may_draw

scenes = sys.modules["scenes"]
pytestmark = pytest.mark.display


@pytest.fixture(params=["light", "dark"])
def look(panel, request):
    """Each theme; puts the panel's own back."""
    from kiosk.ui.theme import build_theme

    theme = panel.app.theme
    if request.param == "dark":
        panel.app.dress(build_theme(1.0, dark=True, brand={}))
    yield request.param
    panel.app.dress(theme)


def code(panel):
    from kiosk.ui.widgets import QrCode

    (found,) = [widget for widget in panel.widgets() if isinstance(widget, QrCode)]
    return found


def read(panel):
    panel.finish()
    return cv2.QRCodeDetector().detectAndDecode(panel.picture()[..., ::-1].copy())[0]


@pytest.mark.parametrize("scene", ["qr", "qr-large", "qr-long", "qr-no-way"])
def test_a_phone_reads_from_the_panel_what_the_wallet_gave(panel, look, scene):
    panel.scene(scene, "en")
    assert read(panel) == scenes.SCENES[scene].qr


def test_the_code_is_dark_on_white_two_thirds_wide_with_a_quiet_zone_of_four_modules(panel, look):
    panel.scene("qr", "en")
    panel.finish()
    shown = code(panel)
    rows = shown.rows()
    left, bottom, width, height = shown.box(len(rows[0]), len(rows))
    assert width == height >= 1080 * 2 / 3
    x, y = (round(at) for at in shown.to_window(left, bottom))
    grey = panel.picture()[1920 - y - height : 1920 - y, x : x + width, 0]
    module = width // len(rows)
    seen = grey[module // 2 :: module, module // 2 :: module] < 128
    assert np.array_equal(seen, np.array(rows))
    assert not any(seen[:4].flat)
    assert not any(seen[:, -4:].flat)
    assert set(np.unique(grey)) == {0, 255}  # crisp: no module has an edge between two pixels


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_code_stands_in_the_middle_at_every_size_of_the_text_above_it(panel, language):
    panel.scene("qr", language)
    panel.finish()
    assert abs(code(panel).to_window(*code(panel).center)[0] - 540) <= 1


def test_the_place_is_held_first_and_words_come_only_when_it_takes_longer(panel):
    panel.scene("attract")
    panel.show_now(scenes.SCENES["qr-held"])
    view = panel.app.stage.view
    began = panel.clock()
    place = code(panel).parent.size
    if panel.clock() - began < HELD / 2:
        assert view.instead == ""
    panel.clock.ahead += HELD
    panel.frames(1)
    assert view.instead == "qrcode.coming"
    panel.show(scenes.SCENES["qr"])
    assert view.instead == ""
    assert code(panel).parent.size == place
    assert read(panel) == scenes.CODE_URL


def test_an_early_code_is_never_announced(panel):
    panel.scene("attract")
    panel.show_now(scenes.SCENES["qr-held"])
    panel.show_now(scenes.SCENES["qr"])
    panel.clock.ahead += HELD * 2
    panel.frames(2)
    assert panel.app.stage.view.instead == ""


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("weixin://wxpay/bizpayurl?pr=p4lpSuKzz", True),
        ("https://pay.example/1", True),
        ("http://pay.example/1", False),
        ("javascript:alert(1)", False),
        (" https://pay.example/1", False),
        ("", False),
        ("https://" + "a" * (LONGEST - 8), True),
        ("https://" + "a" * (LONGEST - 7), False),
    ],
)
def test_only_an_address_to_pay_at_is_drawn(text, drawn):
    assert may_draw(text) is drawn


def test_what_must_not_be_drawn_is_not_and_says_so(panel):
    panel.scene("qr")
    panel.scene("qr-wrong")
    assert panel.app.stage.view.instead == "qrcode.wrong"
    assert read(panel) == ""


def test_there_is_no_other_way_where_the_core_offers_none(panel):
    panel.scene("qr-no-way")
    assert "qr.other" not in dict(panel.boxes())
    panel.scene("qr")
    assert "qr.other" in dict(panel.boxes())


def test_no_code_of_an_earlier_payment_is_seen_again(panel):
    panel.scene("qr")
    panel.scene("tender")
    panel.show_now(scenes.SCENES["qr-held"])
    assert read(panel) == ""


@pytest.mark.parametrize("scene", ["qr", "code", "face", "waiting"])
def test_the_amount_is_what_the_next_payment_takes(panel, scene):
    whole = scenes.SCENES[scene]
    panel.show(replace(whole, asked_fen=5000, due_fen=19860))
    assert panel.app.stage.view.ids.due.fen == 5000
    panel.show(replace(whole, asked_fen=0, due_fen=19860))
    assert panel.app.stage.view.ids.due.fen == 19860
