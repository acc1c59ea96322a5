"""Lights, presence sensor and button of the housing, beside visits as they are."""

import pytest
from gpiozero.pins.mock import MockFactory

from hardware.lights.gpio import GpioLights
from kiosk.housing import BLINK_S, Housing, lights_of
from kiosk.messages import Back, Pay, Screen, Showing, Start
from kiosk.messages.staff import CloseStaff, OpenStaff

PINS = {"green": 5, "amber": 6, "red": 13}


@pytest.fixture
def tower():
    """The lights, and which of them shine."""
    factory = MockFactory()
    lights = GpioLights(lights=PINS, pin_factory=factory)
    lights.open()

    def shine():
        return {name for name, pin in PINS.items() if factory.pin(pin).state}

    yield lights, shine
    lights.close()
    factory.reset()


@pytest.fixture
def housing(shop, tower):
    """Between the counter and the screen; the screen goes dark after a minute."""
    lights, _ = tower
    housing = Housing(lights, shop.shown.append, shop.checkout.command, 60.0)
    shop.counter.show = housing.show
    shop.counter.refresh()
    return housing


def seen(shop):
    return next(one for one in reversed(shop.shown) if isinstance(one, Showing))


@pytest.mark.parametrize("screen", Screen)
def test_one_light_of_the_tower_is_on_whatever_is_shown(screen):
    for called in (False, True):
        lights = lights_of(Showing(screen, attendant_called=called))
        on = {name for name in PINS if lights[name] is not None}
        assert len(on) == 1
        assert (lights["amber"] == BLINK_S) == called
        assert (lights["face"] is not None) == (screen is Screen.FACE)


def test_the_lights_follow_the_screen(shop, housing, tower):
    _, shine = tower
    assert shine() == {"green"}
    shop.checkout._till.suspension.begin()
    shop.counter.refresh()
    assert (seen(shop).screen, shine()) == (Screen.OUT_OF_ORDER, {"red"})


def test_the_button_calls_staff_until_they_come(shop, housing):
    housing.contact("help_button", on=False, now=shop.time.now())
    assert not seen(shop).attendant_called
    housing.contact("help_button", on=True, now=shop.time.now())
    assert (seen(shop).screen, seen(shop).attendant_called) == (Screen.ATTRACT, True)
    shop.checkout.command(OpenStaff())
    assert not seen(shop).attendant_called
    shop.checkout.command(CloseStaff())
    assert (seen(shop).screen, seen(shop).attendant_called) == (Screen.ATTRACT, False)


def test_a_call_stays_over_the_screens_of_a_visit_and_ends_with_it(shop, housing):
    shop.checkout.scanned("6901000000042")
    housing.contact("help_button", on=True, now=shop.time.now())
    shop.checkout.command(Pay())
    assert (seen(shop).screen, seen(shop).attendant_called) == (Screen.TENDER, True)
    shop.checkout.command(Back())
    shop.counter.end()
    assert not seen(shop).attendant_called


def test_the_screen_goes_dark_when_nobody_is_there_and_is_back_when_somebody_comes(shop, housing):
    start = shop.time.now()
    housing.tick(start + 1000)
    assert seen(shop).awake, "without a sensor nothing tells that nobody is there"
    housing.contact("presence", on=False, now=start)
    housing.tick(start + 59)
    assert seen(shop).awake
    housing.tick(start + 60)
    assert not seen(shop).awake
    housing.contact("presence", on=True, now=start + 90)
    assert seen(shop).awake
    housing.tick(start + 900)
    assert seen(shop).awake


def test_a_visit_is_never_dark_and_a_touch_wakes_the_screen(shop, housing):
    start = shop.time.now()
    housing.contact("presence", on=False, now=start)
    housing.tick(start + 100)
    assert not seen(shop).awake
    shop.checkout.command(Start())
    assert (seen(shop).screen, seen(shop).awake) == (Screen.BASKET, True)
    housing.tick(start + 200)
    assert seen(shop).awake
