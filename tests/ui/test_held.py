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
        ("staff-approvals", "held.yes.0", Decide("age", approved=True)),
        ("staff-approvals", "held.no.0", Decide("age", approved=False)),
        ("staff-approvals", "held.no.1", Decide("removal-3", approved=False)),
        ("staff-approvals", "staff.home", TurnTo(StaffPage.HOME)),
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
