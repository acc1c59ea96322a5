"""Aids, headphones and the keys of a navigator, as the core keeps and passes them."""

from __future__ import annotations

import pytest

from kiosk.bootstrap.core import navigate
from kiosk.messages import Pay, Screen, SetLanguage, Showing, Start
from kiosk.messages.access import Aids, Key, NavKey, SetAids
from kiosk.messages.staff import CloseStaff, OpenStaff

LARGE = Aids(large=True, contrast=True)


def seen(shop):
    return next(one for one in reversed(shop.shown) if isinstance(one, Showing))


def keys(shop):
    return [one.key for one in shop.shown if isinstance(one, NavKey)]


def tick(shop, seconds):
    shop.time.seconds += seconds
    shop.checkout.tick()


def test_aids_are_shown_on_every_screen_and_go_with_the_visit(shop):
    shop.checkout.command(SetAids(LARGE))
    assert (seen(shop).screen, seen(shop).aids) == (Screen.ATTRACT, LARGE)
    shop.checkout.command(Start())
    assert (seen(shop).screen, seen(shop).aids) == (Screen.BASKET, LARGE)
    shop.counter.refresh()  # a screen that comes back
    assert seen(shop).aids == LARGE
    shop.counter.end()
    assert (seen(shop).screen, seen(shop).aids) == (Screen.ATTRACT, Aids())


def test_whoever_chooses_aids_and_goes_away_leaves_none_behind(shop):
    shop.checkout.command(SetAids(LARGE))
    shop.checkout.command(SetLanguage("en"))
    idle = shop.checkout._till.config.visit.idle
    tick(shop, idle - 1)
    assert (seen(shop).aids, seen(shop).language) == (LARGE, "en")
    tick(shop, 2)
    assert (seen(shop).aids, seen(shop).language) == (Aids(), "zh")


def test_the_staff_see_their_screen_as_it_is(shop):
    shop.checkout.command(SetAids(LARGE))
    shop.checkout.command(Start())
    shop.checkout.command(OpenStaff())
    assert (seen(shop).screen, seen(shop).aids) == (Screen.STAFF, Aids())
    shop.checkout.command(CloseStaff())
    assert seen(shop).aids == LARGE


def test_who_listens_is_given_longer(shop):
    access, times = shop.checkout._till.config.access, shop.checkout._till.config.visit
    shop.checkout.command(SetAids(Aids(speech=True)))
    shop.checkout.command(Start())
    tick(shop, times.idle * access.patience - 1)
    assert not seen(shop).still_there
    tick(shop, 2)
    assert seen(shop).still_there
    assert seen(shop).seconds_left == pytest.approx(times.idle_answer * access.patience)


def test_headphones_begin_spoken_guidance_and_end_it(shop):
    shop.counter.plug(headphones=True)
    assert (seen(shop).aids.speech, seen(shop).headphones) == (True, True)
    shop.checkout.command(Start())
    shop.counter.end()
    assert seen(shop).aids.speech, "they are still in"
    shop.counter.plug(headphones=False)
    assert (seen(shop).aids.speech, seen(shop).headphones) == (False, False)


def test_a_key_goes_to_the_screen_and_one_that_answers_a_question_does_nothing_else(shop):
    from hardware.devices import NavigatorKey

    shop.checkout.command(Start())
    navigate(NavigatorKey.NEXT, shop.checkout, shop.counter)
    assert keys(shop) == [Key.NEXT]
    tick(shop, shop.checkout._till.config.visit.idle + 1)
    assert seen(shop).still_there
    navigate(NavigatorKey.SELECT, shop.checkout, shop.counter)
    assert not seen(shop).still_there
    assert keys(shop) == [Key.NEXT]
    navigate(NavigatorKey.PLUGGED, shop.checkout, shop.counter)
    assert seen(shop).aids.speech
    navigate(NavigatorKey.UNPLUGGED, shop.checkout, shop.counter)
    assert not seen(shop).aids.speech


def test_an_older_screen_may_leave_the_aids_out():
    from kiosk.messages import decode, encode

    line = encode(Showing(Screen.BASKET)).replace(b',"headphones":false', b"")
    assert decode(line) == Showing(Screen.BASKET)
    assert decode(encode(SetAids(LARGE))) == SetAids(LARGE)
    assert decode(encode(NavKey(Key.HELP))) == NavKey(Key.HELP)
    assert decode(encode(Pay())) == Pay()
