"""What must hold on every screen, state and language; KEEP_PICTURES=1 leaves their pictures."""

from __future__ import annotations

import sys

import pytest
from PIL import Image

scenes = sys.modules["scenes"]
pytestmark = pytest.mark.display


def misfits(panel, size=(1080, 1920), scale=1.0):
    """Every text that is larger than its box or reaches out of the window."""
    from kivy.uix.label import Label

    from kiosk.ui.lettering import Lettering

    found = []
    for label in panel.widgets():
        if not isinstance(label, Label | Lettering) or not label.text:
            continue
        wide, high = label.texture_size
        x, y = label.to_window(*label.pos)
        if isinstance(label, Lettering) and not within(label, label.parent):
            found.append((label.text, "reaches out of its card", label.pos, label.size))
        outside = x < -1 or y < -1 or x + wide > size[0] + 1 or y + high > size[1] + 1
        if wide > label.width + 1 or high > label.height + 1 or outside:
            found.append((label.text, label.texture_size, label.size, (x, y)))
        elif label.font_size < 29.9 * scale:
            found.append((label.text, "too small", label.font_size))
    return found


def within(one, other):
    """Whether a widget lies in another one, but for a pixel of rounding."""
    return (
        one.x >= other.x - 1
        and one.y >= other.y - 1
        and one.right <= other.right + 1
        and one.top <= other.top + 1
    )


def overlaps(panel):
    """Pairs of texts of one screen that lie over each other."""
    from kivy.uix.label import Label

    from kiosk.ui.lettering import Lettering

    boxes = []
    for label in panel.widgets():
        if isinstance(label, Label | Lettering) and label.text.strip():
            x, y = label.to_window(*label.pos)
            lean = label.font_size * 0.2  # a line's box is higher than its letters
            boxes.append(
                (label.text, x + 2, y + lean, x + label.width - 2, y + label.height - lean)
            )
    return [
        (one[0], other[0])
        for place, one in enumerate(boxes)
        for other in boxes[place + 1 :]
        if one[1] < other[3] and other[1] < one[3] and one[2] < other[4] and other[2] < one[4]
    ]


def check(panel):
    panel.finish()
    assert misfits(panel) == []
    targets = dict(panel.boxes())
    for name, (x, y, width, height, _) in targets.items():
        assert width >= 96, name
        assert height >= 96, name
        assert x >= 0, name
        assert y >= 0, name
        assert x + width <= 1080, name
        assert y + height <= 1920, name
    if panel.app.stage.modal is None:
        assert overlaps(panel) == []


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", sorted(scenes.SCENES))
def test_every_text_fits_and_every_target_can_be_hit(panel, name, language):
    panel.scene(name, language)
    check(panel)
    panel.keep(f"{name}.{language}")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_full_notice_fits_on_its_sheet(panel, language):
    panel.scene("notice", language)
    panel.tap("notice.more")
    panel.settle()
    check(panel)
    panel.keep(f"notice-full.{language}")
    panel.tap("sheet.close")
    panel.settle()
    assert panel.app.stage.modal is None


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_basket_is_emptied_only_after_a_second_question(panel, language):
    panel.scene("basket-few", language)
    panel.link.sent.clear()
    panel.tap("leave")
    panel.settle()
    check(panel)
    panel.keep(f"basket-cancel.{language}")
    assert panel.link.sent == []
    panel.tap("sheet.accept")
    assert [type(command).__name__ for command in panel.link.sent] == ["Leave"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_remark_fits(panel, language):
    from kiosk.messages import Hinting, Text

    panel.scene("basket-few", language)
    keys = [key for key in panel.app.catalogue.keys(language) if key.startswith("hint.")]
    for key in sorted(keys):
        panel.show_now(Hinting(Text(key, {"code": "6901234567892"}), "error"))
        assert misfits(panel) == []
    panel.show(scenes.REMARK)
    panel.finish()
    panel.keep(f"basket-remark.{language}")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_instruction_before_the_camera_fits(panel, language):
    panel.scene("face", language)
    view = panel.app.stage.view
    for key in sorted(panel.app.catalogue.keys(language)):
        if key.startswith("guidance."):
            view.ids.instruction.key = key
            panel.frames(2)
            assert misfits(panel) == []


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("move", ["turn_left", "turn_right", "come_closer"])
def test_whoever_is_asked_to_move_sees_where_to(panel, language, move):
    from kiosk.messages import Guiding

    panel.scene("face", language)
    panel.link.coming.append(Guiding("a1", move, 0.5))
    panel.until(lambda: panel.app.stage.instruction == f"guidance.{move}")
    view = panel.app.stage.view
    assert view.cue == {"turn_left": "left", "turn_right": "right"}.get(move, "closer")
    before = view.beat
    panel.until(lambda: abs(view.beat - before) > 0.2)
    assert misfits(panel) == []
    panel.keep(f"face-{move}.{language}")
    panel.link.coming.append(Guiding("a1", "look_straight", 0.5))
    panel.until(lambda: panel.app.stage.instruction == "guidance.look_straight")
    assert view.cue == ""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_sentence_of_trouble_fits(panel, language):
    from dataclasses import replace

    from kiosk.messages import Text

    shown = replace(scenes.SCENES["trouble-staff"], language=language)
    for key in sorted(panel.app.catalogue.keys(language)):
        if key.startswith(("say.", "money.", "todo.")):
            panel.show_now(replace(shown, said=Text(key)))
            assert misfits(panel) == []
            panel.show_now(replace(shown, detail=Text(key)))
            assert misfits(panel) == []


@pytest.fixture
def other_look(panel):
    """Puts the panel's size and theme back."""
    from kivy.core.window import Window

    theme = panel.app.theme
    yield
    Window.size = (1080, 1920)
    panel.frames(3)
    panel.app.dress(theme)


@pytest.mark.parametrize("size", [(720, 1280), (800, 1280)], ids=str)
def test_a_smaller_panel_shows_the_same_screens_smaller(panel, other_look, size):
    from kivy.core.window import Window

    Window.size = size
    panel.frames(3)
    assert panel.app.theme.scale == min(size[0] / 1080, size[1] / 1920)
    for name in (
        "attract",
        "basket-many",
        "basket-browse-many",
        "pick",
        "weighing-long",
        "table-typed",
        "menu",
        "dish-long",
        "order",
        "tender",
        "tender-paid-part",
        "part-large",
        "notice",
        "face",
        "qr-large",
        "done-taken",
        "done-parts",
        "trouble-staff",
    ):
        panel.scene(name, "en")
        panel.finish()
        assert misfits(panel, size, panel.app.theme.scale) == []
        for tap, (x, y, width, height, _) in panel.boxes():
            assert x >= 0, tap
            assert y >= 0, tap
            assert x + width <= size[0], tap
            assert y + height <= size[1], tap
    panel.keep(f"small-{size[0]}")


@pytest.mark.parametrize(
    "name",
    [
        "attract",
        "basket-few",
        "basket-browse",
        "pick",
        "pick-typed",
        "weighing-moving",
        "service",
        "menu",
        "dish-chosen",
        "tender",
        "tender-paid-part",
        "part",
        "qr",
        "done-taken",
        "done-parts",
    ],
)
def test_the_dark_theme_replaces_every_colour_at_once(panel, other_look, name):
    from kiosk.ui.theme import build_theme

    panel.app.dress(build_theme(1.0, dark=True, brand={}))
    panel.scene(name, "zh")
    panel.finish()
    assert misfits(panel) == []
    panel.keep(f"dark-{name}.zh")


def test_the_barcode_on_the_panel_is_the_number_module_by_module(panel):
    from kiosk.ui.code128 import encode
    from kiosk.ui.widgets import Barcode

    panel.scene("trouble-staff")
    panel.finish()
    (code,) = [widget for widget in panel.widgets() if isinstance(widget, Barcode)]
    modules = encode(scenes.REFERENCE)
    left, bottom, width, height = code.box(len(modules) + 20, 1)
    x, y = code.to_window(left, bottom)
    row = panel.picture()[int(1920 - y - height / 2), :, 0]
    module = width / (len(modules) + 20)
    assert module >= 2
    seen = [row[int(x + (at + 10.5) * module)] < 128 for at in range(len(modules))]
    assert "".join("1" if dark else "0" for dark in seen) == modules


def test_a_qr_code_on_the_panel_can_be_read(panel):
    import cv2

    from kiosk.ui.widgets import QrCode

    panel.scene("tender-none")
    code = QrCode(size_hint=(None, None), size=(480, 480), pos=(300, 600))
    panel.app.stage.add_widget(code)
    code.text = "https://pay.example/1234567890"
    panel.frames(2)
    try:
        read, _, _ = cv2.QRCodeDetector().detectAndDecode(panel.picture().copy())
    finally:
        panel.app.stage.remove_widget(code)
    assert read == code.text


def test_the_operators_picture_is_cut_to_its_place(panel, tmp_path):
    import numpy as np

    panel.scene("attract")
    view = panel.app.stage.view
    stripes = np.zeros((300, 900, 3), np.uint8)
    stripes[:150, :300, 0] = 255
    stripes[:150, 300:600] = 255, 255, 0
    stripes[150:, 300:600, 1] = 255
    stripes[:, 600:, 2] = 255
    Image.fromarray(stripes).save(tmp_path / "picture.png")
    view.picture = str(tmp_path / "picture.png")
    panel.frames(3)
    panel.finish()
    shot = panel.picture()
    panel.keep("attract-picture")
    view.picture = str(tmp_path / "missing.png")
    panel.frames(3)
    icon = panel.picture()
    view.picture = ""
    assert list(shot[1100, 540]) == [0, 255, 0]
    assert list(shot[560, 540]) != [0, 255, 0]  # above its place
    assert list(shot[700, 540]) == [255, 255, 0]  # upright
    assert list(shot[1110, 250]) == [0, 255, 0]  # the narrow middle of a wide picture
    assert list(icon[930, 60]) != [0, 255, 0]
