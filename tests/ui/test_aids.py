"""Aids: every screen in large text, in high contrast and within low reach, and back again."""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from kiosk.messages.access import Aids, SetAids

scenes = sys.modules["scenes"]
_SPEC = spec_from_file_location("pictures", Path(__file__).with_name("test_pictures.py"))
pictures = module_from_spec(_SPEC)
_SPEC.loader.exec_module(pictures)
pytestmark = pytest.mark.display
REACH = 0.6  # of the panel's height is within low reach: EN 301 549, 5.1.4 and ISO 21542
ELSEWHERE = ("dish-lacking", "dish-long", "dish-long-2", "dish-chosen")
"""What they touch on the way is on another page where cards are large."""
SHOPPERS = sorted(name for name in scenes.SCENES if not name.startswith("staff"))


def suited(panel, name, language="zh", **aids):
    """A scene as it is for whoever asked for these aids."""
    panel.app.stage.close_sheet()
    plain = scenes.SCENES[name]
    scenes.SCENES[name] = replace(plain, aids=Aids(**aids))
    try:
        panel.scene(name, language)
    finally:
        scenes.SCENES[name] = plain
    panel.finish()


@pytest.fixture(scope="module")
def aided(panel):
    yield panel
    panel.scene("attract")


@pytest.mark.parametrize("name", [name for name in SHOPPERS if name not in ELSEWHERE])
def test_every_screen_fits_in_large_text(aided, name):
    """In English, which is the longer one."""
    suited(aided, name, "en", large=True)
    assert aided.app.theme.letters > 1.2
    aided.keep(f"large-{name}.en")
    fits(aided)


def test_the_options_of_a_dish_fit_in_large_text(panel):
    suited(panel, "menu", "en", large=True)
    panel.tap("dish.d0-0")
    panel.settle()
    panel.until(lambda: any(name.startswith("option.") for name, _ in panel.boxes()))
    panel.finish()
    panel.keep("large-dish-options.en")
    fits(panel)


def fits(panel):
    assert pictures.misfits(panel) == []
    if panel.app.stage.modal is None:
        assert pictures.overlaps(panel) == []
    for name, (x, y, width, height, _) in panel.boxes():
        assert min(width, height) >= 96, name
        assert x >= 0, name
        assert y >= 0, name
        assert x + width <= 1080, name
        assert y + height <= 1920, name


@pytest.fixture
def sent(panel):
    panel.link.sent.clear()
    return panel.link.sent


def answers(panel, name="basket-few", language="zh"):
    """The core grants what was asked for last."""
    asked = next(each for each in reversed(panel.link.sent) if isinstance(each, SetAids))
    panel.show(replace(scenes.SCENES[name], language=language, aids=asked.aids))
    panel.finish()
    return asked.aids


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("large", [False, True])
def test_the_sheet_of_aids_fits_within_low_reach(panel, sent, language, large):
    suited(panel, "basket-few", language, large=large, speech=True)
    panel.tap("access")
    panel.settle()
    panel.finish()
    panel.keep(f"access-sheet{'-large' * large}.{language}")
    assert pictures.misfits(panel) == []
    switches = {name: box for name, box in panel.boxes() if box[4]}
    assert set(switches) == {
        *(f"aid.{name}" for name in ("large", "contrast", "low", "calm", "speech", "curtain")),
        *(f"aid.{name}" for name in ("softer", "louder", "slower", "faster")),
        "sheet.close",
    }
    for name, (_, top, _, height, _) in switches.items():
        assert top >= 1920 * (1 - REACH), name
        assert height >= 96, name


def test_the_sheet_stays_open_while_its_switches_are_tried(panel, sent):
    suited(panel, "basket-few")
    panel.tap("access")
    for aid in ("large", "contrast", "calm"):
        panel.settle()
        panel.tap(f"aid.{aid}")
        assert getattr(answers(panel), aid)
    assert panel.app.theme.letters > 1.2
    assert panel.app.theme.moves == 0
    assert type(panel.app.theme).__name__ == "DarkTheme"
    panel.settle()
    panel.tap("sheet.close")
    panel.settle()
    assert panel.app.stage.modal is None
    assert "line.2.more" in dict(panel.boxes())


def test_aids_belong_to_the_visit(panel, sent):
    suited(panel, "basket-few", large=True, contrast=True, low=True)
    panel.scene("attract")
    theme = panel.app.theme
    assert (theme.letters, type(theme).__name__, panel.app.stage.low) == (1.0, "Theme", False)


def test_what_was_typed_is_kept_in_another_look(panel, sent):
    panel.scene("part")
    for digit in "123":
        panel.tap(f"pad.{digit}")
    panel.tap("access")
    panel.settle()
    panel.tap("aid.large")
    answers(panel, "part")
    assert panel.app.stage.view.fen == 123


@pytest.mark.parametrize("name", [name for name in SHOPPERS if not name.startswith("dish-long")])
def test_all_that_is_touched_can_be_brought_within_low_reach(panel, name):
    suited(panel, name)
    panel.show(replace(panel.app.stage.showing, aids=Aids(low=True)))  # a sheet stays open
    panel.finish()
    above = 1920 * (1 - REACH)
    assert pictures.misfits(panel) == []
    targets = {tap: box for tap, box in panel.boxes() if box[4]}
    low = {tap for tap, box in targets.items() if box[1] + box[3] / 2 >= above}
    assert "reach" in low
    panel.tap("reach")
    panel.settle()
    low |= {tap for tap, box in panel.boxes() if box[4] and above <= box[1] + box[3] / 2}
    if name in ("basket-few", "part", "pick", "attract", "dish-long"):
        panel.keep(f"low-{name}")
    panel.tap("reach")
    assert set(targets) - low == set()


def test_what_lies_below_the_edge_is_not_touched(panel, sent):
    suited(panel, "basket-few", low=True)
    panel.tap("reach")
    panel.settle()
    sent.clear()
    panel.tap("reach")
    assert sent == []
    panel.settle()
    panel.tap("pay")
    assert [type(each).__name__ for each in sent] == ["Pay"]
