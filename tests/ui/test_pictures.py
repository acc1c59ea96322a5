"""What must hold on every screen, state, language and panel; KEEP_PICTURES=1 leaves pictures."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

scenes = sys.modules["scenes"]
pytestmark = pytest.mark.display


LANDSCAPE = {(1920, 1080): "zh", (1024, 768): "en", (800, 480): "zh"}
"""Panels, and the language in which all scenes are looked at there."""
PORTRAIT_ONLY = (
    "dish-", "staff-cash", "staff-drawer", "staff-home", "staff-parked", "staff-report",
)  # fmt: skip
"""Scenes of screens that have no landscape form yet."""
TOO_LOW = "menu"
"""Scenes whose cards are too small on the lowest panel."""


def misfits(panel):
    """Every text that is larger than its box, reaches out of the window or is too small."""
    from kivy.uix.label import Label

    from kiosk.ui.lettering import Lettering

    found = []
    width, height = panel.app.stage.size
    for label in panel.widgets():
        if not isinstance(label, Label | Lettering) or not label.text:
            continue
        wide, high = label.texture_size
        x, y = label.to_window(*label.pos)
        if isinstance(label, Lettering) and not within(label, label.parent):
            found.append((label.text, "reaches out of its card", label.pos, label.size))
        outside = x < -1 or y < -1 or x + wide > width + 1 or y + high > height + 1
        if wide > label.width + 1 or high > label.height + 1 or outside:
            found.append((label.text, label.texture_size, label.size, (x, y)))
        elif label.font_size < 29.9 * panel.app.theme.scale:
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


def out_of_reach(panel):
    """Targets that are too small to hit, or not whole on the panel."""
    width, height = panel.app.stage.size
    least = int(96 * panel.app.theme.scale)
    return [
        (name, box)
        for name, box in panel.boxes()
        if min(box[2:4]) < least
        or min(box[:2]) < 0
        or box[0] + box[2] > width
        or box[1] + box[3] > height
    ]


def wrong(panel):
    """All that is wrong with what is shown now."""
    panel.finish()
    over = overlaps(panel) if panel.app.stage.modal is None else []
    return [*misfits(panel), *out_of_reach(panel), *over]


def check(panel):
    assert wrong(panel) == []


@pytest.mark.usefixtures("unseen")
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", sorted(scenes.SCENES))
def test_every_text_fits_and_every_target_can_be_hit(panel, name, language):
    panel.scene(name, language)
    check(panel)
    panel.keep(f"{name}.{language}")


@pytest.mark.usefixtures("unseen")
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


@pytest.mark.usefixtures("unseen")
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


@pytest.mark.usefixtures("unseen")
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


@pytest.mark.usefixtures("unseen")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_instruction_before_the_camera_fits(panel, language):
    panel.scene("face", language)
    view = panel.app.stage.view
    for key in sorted(panel.app.catalogue.keys(language)):
        if key.startswith("guidance."):
            view.ids.instruction.key = key
            panel.frames(2)
            assert misfits(panel) == []


@pytest.mark.usefixtures("unseen")
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


@pytest.mark.usefixtures("unseen")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_sentence_of_trouble_fits(panel, language):
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
    theme = panel.app.theme
    yield
    panel.resize(1080, 1920)
    panel.app.dress(theme)


@pytest.mark.usefixtures("unseen", "other_look")
@pytest.mark.parametrize("size", [(720, 1280), (800, 1280)], ids=str)
def test_a_smaller_panel_shows_the_same_screens_smaller(panel, size):
    panel.resize(*size)
    assert panel.app.theme.scale == min(size[0] / 1080, size[1] / 1920)
    found = {}
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
        found[name] = wrong(panel)
    assert {name: what for name, what in found.items() if what} == {}


@pytest.mark.usefixtures("unseen", "other_look")
@pytest.mark.parametrize("size", LANDSCAPE, ids=str)
def test_every_screen_has_a_form_for_a_landscape_panel(panel, size):
    panel.resize(*size)
    assert panel.app.theme.wide
    assert panel.app.theme.low == (size == (800, 480))
    found = {}
    for name in sorted(scenes.SCENES):
        if name.startswith(PORTRAIT_ONLY) or (panel.app.theme.low and name.startswith(TOO_LOW)):
            continue
        panel.scene(name, LANDSCAPE[size])
        found[name] = wrong(panel)
        panel.keep(f"{size[0]}x{size[1]}-{name}.{LANDSCAPE[size]}")
    assert {name: what for name, what in found.items() if what} == {}


@pytest.mark.usefixtures("unseen", "other_look")
def test_the_primary_action_of_a_landscape_panel_is_bottom_right(panel):
    panel.resize(1920, 1080)
    for name, action in (
        ("basket-few", "pay"),
        ("notice", "accept"),
        ("part", "part.done"),
        ("done-taken", "finish"),
        ("trouble-declined", "back"),
        ("staff-pin", "pad.done"),
    ):
        panel.scene(name, "en")
        x, y, width, height, _ = dict(panel.boxes())[action]
        assert x > 1920 / 2 - 100, name
        assert 1920 - 50 <= x + width <= 1920 - 46, name
        assert 1080 - 50 <= y + height <= 1080 - 46, name


@pytest.mark.usefixtures("unseen", "other_look")
def test_a_panel_that_turns_goes_on_where_the_visit_is(panel):
    panel.scene("tender", "en")
    panel.resize(1920, 1080)
    assert panel.app.stage.showing.screen.value == "TENDER"
    assert "tender.face" in dict(panel.boxes())
    panel.resize(1080, 1920)
    assert not panel.app.theme.wide
    assert "tender.face" in dict(panel.boxes())


@pytest.mark.usefixtures("unseen", "other_look")
def test_on_a_very_small_panel_text_and_targets_keep_their_least_size(panel):
    from kiosk.ui.theme import form_of

    panel.resize(800, 480)
    theme = panel.app.theme
    assert theme.least >= 18
    assert theme.touch >= 56
    assert form_of(800, 480, 1.25).scale == 0.75
    assert form_of(1920, 1080).scale == form_of(1080, 1920).scale == 1


@pytest.mark.usefixtures("unseen")
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


def brand(panel, **changes):
    """The first screen anew with this look of the operator's."""
    panel.app._options = panel.app.stage._options = replace(panel.options, **changes)
    panel.app.dress(panel.app.theme)
    panel.scene("attract")
    return panel.app.stage.view.ids.hero


@pytest.fixture
def own_look(panel):
    yield
    brand(panel)


def plain(path, colour, size=(640, 480)):
    Image.new("RGB", size, colour).save(path)
    return path


@pytest.mark.usefixtures("own_look")
def test_slides_are_shown_in_the_order_of_their_names_and_faded(panel, tmp_path):
    plain(tmp_path / "2.jpg", "blue")
    plain(tmp_path / "1.png", "red")
    (tmp_path / "3.png").write_bytes(b"no picture")
    hero = brand(panel, slides=tmp_path, slide_seconds=5.0)
    panel.until(lambda: hero.texture is not None)
    panel.frames(2)
    first = panel.picture()[900, 540]
    panel.clock.ahead += 5.5
    panel.until(lambda: hero.before is not None)
    panel.until(lambda: hero.shade == 1)
    panel.frames(2)
    panel.keep("attract-slides")
    second = panel.picture()[900, 540]
    assert first[0] > 240
    assert first[2] < 15
    assert second[2] > 240
    assert second[0] < 15


@pytest.mark.usefixtures("own_look")
def test_the_operators_mark_stands_in_the_place_of_the_shops_name(panel, tmp_path):
    mark = plain(tmp_path / "mark.png", "purple", (300, 100))
    brand(panel, logo=mark)
    panel.finish()
    panel.keep("attract-logo")
    panel.scene("basket-few")
    panel.finish()
    bar = panel.app.stage.ids.bar.ids
    assert bar.logo.size == pytest.approx([216, 72])
    assert bar.shop.text == ""
    assert wrong(panel) == []
    panel.keep("basket-logo")
    brand(panel, logo=tmp_path / "missing.png")
    assert panel.app.stage.ids.bar.ids.logo.texture is None


def film_of(path):
    """Ten pictures, red above and blue below."""
    import cv2
    import numpy as np

    video = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 25, (320, 240))
    half = np.zeros((240, 320, 3), np.uint8)
    half[:120] = 0, 0, 255
    half[120:] = 255, 0, 0
    for _ in range(10):
        video.write(half)
    video.release()
    return path


@pytest.mark.usefixtures("own_look")
def test_a_film_is_drawn_upright_and_stands_still_while_nobody_sees_it(panel, tmp_path):
    from kiosk.film import Film

    film = Film(film_of(tmp_path / "film.mp4"), Path("/dev/shm") / f"film-{tmp_path.name}")
    try:
        hero = brand(panel, film=film)
        panel.until(lambda: hero.texture is not None, 20)
        panel.frames(2)
        panel.keep("attract-film")
        shot = panel.picture()
        assert shot[640, 540, 0] > 200
        assert shot[1150, 540, 2] > 200
        panel.scene("basket-few")
        before = film.latest().sequence
        panel.frames(20)
        assert film.latest().sequence == before
        panel.scene("attract")
        panel.until(lambda: film.latest().sequence > before + 3, 20)
    finally:
        brand(panel)
        film.close()


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
