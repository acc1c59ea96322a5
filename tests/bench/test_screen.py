"""What the screen computes and how soon it answers, measured on the shipped processes."""

from __future__ import annotations

import shutil

import pytest

from kiosk.bench import drawing, touching
from kiosk.bench.touching import Observed
from kiosk.errors import KioskError

pytestmark = [pytest.mark.display, pytest.mark.timeout(150)]


@pytest.fixture(autouse=True)
def _display():
    if shutil.which("Xvfb") is None or shutil.which("xdotool") is None:
        pytest.skip("Xvfb and xdotool are needed: apt install xvfb xdotool")


def test_a_full_basket_and_menu_are_computed_picture_by_picture_while_they_are_touched(tmp_path):
    seen = drawing.observe(tmp_path, turns=2, least=8)
    basket, rare_basket, menu, rare_menu = drawing.figures(seen)
    assert min(len(seen.basket), len(seen.menu)) >= 8
    assert 0 < basket.measured <= rare_basket.measured
    assert 0 < menu.measured <= rare_menu.measured
    assert "200 lines" in basket.note
    assert "300 dishes" in menu.note


def test_touches_and_scans_are_seen_on_the_panel(tmp_path):
    seen = touching.observe(tmp_path, touches=2, scans=2)
    assert (len(seen.touches), len(seen.steps), len(seen.scans)) == (2, 2, 2)
    assert all(0 < took < 3000 for took in (*seen.touches, *seen.steps, *seen.scans))


def test_of_a_hundred_touches_five_may_be_slow():
    quick = [20.0] * 96 + [500.0] * 4
    touch, step, scan = touching.figures(Observed(quick, quick, [70.0, *quick[:9]], [1.0]))
    assert (touch.met, step.met) == (True, True)
    assert scan.met is True
    assert "worst 500 ms" in touch.note
    assert (
        touching.figures(Observed([20.0] * 90 + [500.0] * 10, quick, quick, [1.0]))[0].met is False
    )


def test_a_screen_that_draws_nothing_is_not_a_fast_one():
    with pytest.raises(KioskError, match="drew nothing"):
        drawing.figures(drawing.Observed([], []))
