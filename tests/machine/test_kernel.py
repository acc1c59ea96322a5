"""What the rest of the kiosk counts on besides its drivers: rules for the pins, a screen."""

from __future__ import annotations

import grp
import stat
from pathlib import Path

import pytest

SIMULATED_CHIP = Path("/sys/kernel/config/gpio-sim/kiosk/bank0/chip_name")

pytestmark = [
    pytest.mark.machine,
    pytest.mark.skipif(not SIMULATED_CHIP.exists(), reason="no chip of gpio-sim here"),
]


def test_the_rules_of_the_kiosk_give_the_pins_to_their_group():
    node = Path("/dev") / SIMULATED_CHIP.read_text().strip()
    assert grp.getgrgid(node.stat().st_gid).gr_name == "gpio"
    assert stat.S_IMODE(node.stat().st_mode) == 0o660


def test_there_is_a_screen_that_is_drawn_on_directly():
    assert list(Path("/sys/class/drm").glob("card*-*/status"))
    assert Path("/dev/dri/card0").exists()
