"""Four keys and a jack, on named pipes in the place of input devices."""

from __future__ import annotations

import os

import pytest

from hardware.contacts.jack import EV_SW, EVIOCGSW, SW_HEADPHONE_INSERT, JackContact
from hardware.devices import Condition, Contact, Navigator, NavigatorKey
from hardware.errors import NotFound
from hardware.link import Backoff
from hardware.navigators.evdev import CODES, EvdevNavigator
from hardware.scanners.keyboard import FifoWire, event, key, report, stroke
from hardware.testing import wait_until

QUICK = Backoff(0.01, 0.05)


@pytest.fixture
def wire(tmp_path):
    wire = FifoWire(tmp_path / "keypad-event-kbd")
    wire.plug()
    yield wire
    wire.unplug()


@pytest.fixture
def keypad(tmp_path):
    made = []

    def make(**options):
        made.append(
            EvdevNavigator(path=str(tmp_path / "keypad-event-kbd"), backoff=QUICK, **options)
        )
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_each_key_is_told_once_however_long_it_is_held(wire, keypad):
    heard = []
    navigator = keypad()
    assert isinstance(navigator, Navigator)
    navigator.open(heard.append)
    for name in CODES:
        wire.write(b"".join(stroke((), CODES[name], repeat=True)))
    wire.write(b"".join(stroke((), 30)))  # a key that is not a navigator's
    assert wait_until(lambda: len(heard) == len(CODES))
    assert [one.value for one in heard] == list(CODES)


def test_keys_may_be_others(wire, keypad):
    heard = []
    keypad(keys={"select": 57}).open(heard.append)
    wire.write(key(28, 1) + key(57, 1))
    assert wait_until(lambda: heard == [NavigatorKey.SELECT])
    with pytest.raises(ValueError, match="there is no key up"):
        keypad(keys={"up": 1})


def test_a_keypad_that_was_pulled_out_is_taken_up_again(wire, keypad):
    heard, told = [], []
    navigator = keypad()
    navigator.open(heard.append, told.append)
    assert wait_until(lambda: bool(told))
    wire.unplug()
    assert wait_until(lambda: told[-1].condition is Condition.BAD)
    wire.plug()
    assert wait_until(lambda: told[-1].condition is Condition.GOOD)
    wire.write(b"".join(stroke((), CODES["help"])))
    assert wait_until(lambda: heard == [NavigatorKey.HELP])


def test_a_keypad_that_is_not_there_is_not_found(tmp_path):
    navigator = EvdevNavigator(path=str(tmp_path / "nothing"))
    with pytest.raises(NotFound):
        navigator.open(lambda _key: None)
    assert navigator.check_health().condition is Condition.BAD


def switch(*, on):
    return event(EV_SW, SW_HEADPHONE_INSERT, int(on)) + report()


def test_the_jack_tells_what_is_so_at_first_and_each_change(wire, tmp_path):
    heard = []
    jack = JackContact(path=str(tmp_path / "keypad-event-kbd"), backoff=QUICK)
    assert isinstance(jack, Contact)
    assert jack.is_on() is None
    jack.open(heard.append)
    try:
        assert wait_until(lambda: heard == [False])
        wire.write(switch(on=True) + switch(on=True) + event(EV_SW, 4, 1))
        assert wait_until(lambda: heard == [False, True])
        assert jack.check_health().condition is Condition.GOOD
        wire.unplug()  # whoever listened is alone no more
        assert wait_until(lambda: heard == [False, True, False])
    finally:
        jack.close()
    assert jack.is_on() is None


def test_headphones_that_are_in_already_are_seen_by_asking():
    asked = []

    def ioctl(_fd, request, _argument):
        asked.append(request)
        return bytes([1 << SW_HEADPHONE_INSERT, 0, 0])

    heard = []
    ours, theirs = os.openpty()  # a device that can be asked, as a pipe cannot
    jack = JackContact(path=os.ttyname(theirs), backoff=QUICK, ioctl=ioctl)
    jack.open(heard.append)
    try:
        assert wait_until(lambda: heard == [True])
        assert asked == [EVIOCGSW]
    finally:
        jack.close()
        os.close(ours)
        os.close(theirs)
