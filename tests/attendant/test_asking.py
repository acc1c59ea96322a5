"""What is told elsewhere of a shopper who waits for the staff, and what he is told of them."""

from __future__ import annotations

import pytest

from kiosk.asking import Asking
from kiosk.messages import CallAttendant, Leave, Screen, Start
from kiosk.messages.staff import CloseStaff, OpenStaff

MILK = "6901000000042"


@pytest.fixture
def heard(kiosk):
    """A kiosk whose news somebody counts."""
    kiosk.news = []
    kiosk.till.asking.on_news = lambda: kiosk.news.append(kiosk.till.asking.summary())
    kiosk.till.asking.on_coming = kiosk.counter.coming
    kiosk.checkout.scanned(MILK)
    return kiosk


def test_help_is_told_once_with_the_time_of_the_call(heard):
    heard.does(CallAttendant())
    since = heard.clock.wall_ms()
    heard.clock.ahead += 60
    heard.does(CallAttendant())
    heard.checkout.scanned(MILK)
    assert heard.news == [{"called_ms": since, "held": 0, "coming": False}]


def test_it_is_told_that_nobody_waits_any_more(heard):
    for ends in (OpenStaff(), Leave()):
        heard.does(CallAttendant())
        heard.does(ends)
        assert heard.news[-1]["called_ms"] is None
        heard.does(CloseStaff(), Start())


def test_the_shopper_reads_that_staff_are_on_the_way_until_they_are_there(heard):
    heard.does(CallAttendant())
    assert not heard.screen.attendant_coming
    assert heard.till.asking.come()
    assert heard.screen.attendant_coming
    assert heard.hinted == "hint.attendant_coming"
    heard.does(OpenStaff(), CloseStaff())
    assert heard.screen.screen is Screen.BASKET
    assert not heard.screen.attendant_coming


def test_nobody_comes_to_whoever_did_not_ask(heard):
    assert not heard.till.asking.come()
    assert not heard.screen.attendant_coming


def test_an_approval_that_waits_is_told_as_a_call_is():
    asking, news = Asking(), []
    asking.on_news = lambda: news.append(asking.summary()["held"])
    for held in (0, 2, 2, 1):
        asking.note(5, called=False, held=held)
    assert news == [2, 1]
    assert asking.come()
    assert news == [2, 1, 1]
    asking.note(6, called=False, held=0)
    assert asking.summary() == {"called_ms": None, "held": 0, "coming": False}
