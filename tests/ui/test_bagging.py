"""What is said of the bagging area, under the finger."""

from __future__ import annotations

import sys

import pytest

from kiosk.messages.goods import SayBagged

scenes = sys.modules["scenes"]
pytestmark = pytest.mark.display


@pytest.mark.parametrize(
    ("scene", "how"),
    [
        ("basket-bagging-offer", "own"),
        ("basket-bagging-ask", "bag"),
        ("basket-bagging-ask", "hand"),
        ("basket-bagging-extra", "own"),
    ],
)
def test_each_answer_is_sent(panel, scene, how):
    panel.link.connected = True
    panel.scene(scene)
    panel.link.sent.clear()
    panel.tap(f"bagging.{how}")
    assert panel.link.sent == [SayBagged(how)]


def test_it_takes_no_room_where_nothing_is_said_and_leaves_pay_where_it_was(panel):
    panel.scene("basket-bagging-ask")
    before = dict(panel.boxes())["pay"]
    panel.scene("basket-browse")
    assert dict(panel.boxes())["pay"] == before
    assert not panel.app.stage.view.ids.aside.children
    assert panel.app.stage.view.ids.aside.height == 0
