"""One wish reaches the core once."""

from __future__ import annotations

import pytest

from kiosk.messages import (
    Back,
    CallAttendant,
    ChooseTender,
    Consent,
    Leave,
    Pay,
    PayPart,
    SetLanguage,
    SetQuantity,
    Split,
    Start,
    StillThere,
)
from kiosk.ui.sender import PATIENCE, Sender


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def sent():
    return []


@pytest.fixture
def sender(clock, sent):
    return Sender(sent.append, clock)


@pytest.mark.parametrize(
    "command",
    [Start(), Pay(), ChooseTender("face"), Split(), PayPart(100), Consent("1"), Back(),
     Leave(), CallAttendant(), StillThere(), SetLanguage("en"), SetQuantity(1, 2)],
    ids=lambda command: type(command).__name__,
)  # fmt: skip
def test_a_double_tap_is_one_wish_until_the_core_has_answered(sender, sent, command):
    assert sender.send(command)
    assert not sender.send(command)
    assert sent == [command]
    sender.answered()
    assert sender.send(command)
    assert sent == [command, command]


def test_one_step_at_a_time(sender, sent):
    sender.send(ChooseTender("face"))
    assert not sender.send(Back())
    assert sent == [ChooseTender("face")]


def test_two_more_of_an_article_are_two_wishes(sender, sent):
    sender.send(SetQuantity(1, 2))
    sender.send(SetQuantity(1, 3))
    assert sent == [SetQuantity(1, 2), SetQuantity(1, 3)]


def test_help_can_be_called_while_a_step_is_on_its_way(sender, sent):
    sender.send(Pay())
    assert sender.send(CallAttendant())


def test_an_answer_that_never_comes_does_not_leave_a_dead_screen(sender, clock, sent):
    sender.send(Pay())
    clock.now += PATIENCE + 0.1
    assert sender.send(Pay())
    assert sent == [Pay(), Pay()]
