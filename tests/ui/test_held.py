"""Goods that wait for staff, under the shopper's finger and under the staff's."""

from __future__ import annotations

import sys

import pytest

from kiosk.messages import Back, RemoveLine, StillThere
from kiosk.messages.staff import Decide, StaffPage, TurnTo

scenes = sys.modules["scenes"]
pytestmark = pytest.mark.display


@pytest.mark.parametrize(
    ("scene", "name", "command"),
    [
        ("held", "back", Back()),
        ("held", "held.out.2", RemoveLine(2)),
        ("staff-held", "held.0.approve", Decide("age", approved=True)),
        ("staff-held", "held.0.refuse", Decide("age", approved=False)),
        ("staff-held-many", "held.1.refuse", Decide("removal-1", approved=False)),
        ("staff-held-many", "held.all", Decide("", approved=True)),
        ("staff-held", "staff.home", TurnTo(StaffPage.HOME)),
        ("staff-home-held", "staff.held", TurnTo(StaffPage.APPROVALS)),
    ],
)
def test_each_touch_is_its_command(panel, scene, name, command):
    panel.link.connected = True
    panel.scene(scene)
    panel.link.sent.clear()
    panel.tap(name)
    assert [each for each in panel.link.sent if not isinstance(each, StillThere)] == [command]


def test_a_removal_that_waits_cannot_be_done_by_the_shopper_himself(panel):
    panel.scene("held")
    assert "held.out.3" not in dict(panel.boxes())
    panel.scene("staff-held")
    assert "held.all" not in dict(panel.boxes()), "there is only one question"
    panel.scene("staff-home")
    assert "staff.held" not in dict(panel.boxes()), "nothing waits"
