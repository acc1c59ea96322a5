"""A picture of every screen, state and language, and what must hold on each of them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PIL import Image

PICTURES = Path(__file__).resolve().parents[2] / "build" / "screens"
scenes = sys.modules["scenes"]
pytestmark = pytest.mark.display


def keep(panel, name):
    panel.finish()
    PICTURES.mkdir(parents=True, exist_ok=True)
    Image.fromarray(panel.picture()).save(PICTURES / f"{name}.png", compress_level=1)


def misfits(panel):
    """Every text that is larger than its box or reaches out of the window."""
    from kivy.uix.label import Label

    found = []
    for label in panel.widgets():
        if not isinstance(label, Label) or not label.text:
            continue
        wide, high = label.texture_size
        x, y = label.to_window(*label.pos)
        outside = x < -1 or y < -1 or x + wide > 1081 or y + high > 1921
        if wide > label.width + 1 or high > label.height + 1 or outside:
            found.append((label.text, label.texture_size, label.size, (x, y)))
        elif label.font_size < 30:
            found.append((label.text, "too small", label.font_size))
    return found


def overlaps(panel):
    """Pairs of texts of one screen that lie over each other."""
    from kivy.uix.label import Label

    boxes = []
    for label in panel.widgets():
        if isinstance(label, Label) and label.text.strip():
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
    keep(panel, f"{name}.{language}")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_full_notice_fits_on_its_sheet(panel, language):
    panel.scene("notice", language)
    panel.tap("notice.more")
    panel.settle()
    check(panel)
    keep(panel, f"notice-full.{language}")
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
    keep(panel, f"basket-cancel.{language}")
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
    keep(panel, f"basket-remark.{language}")


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
