"""A card of the shop's own, scanned where a payment code is awaited."""

import pytest

from kiosk.channels.channel import NotSent
from kiosk.domain.payment import Method, State
from kiosk.messages import Back, ChooseTender, Pay, Screen, StillThere
from tests.visits.conftest import Paying

CARD = "9156000000000017"


class Cards(Paying):
    """A channel through the service provider, with stored value behind it."""

    name = "card"
    card_prefixes = ("9156",)

    def pay(self, order, token):
        self.spent.clear()  # a card is no code: it is not spent by paying
        return super().pay(order, token)


@pytest.fixture
def cards(shop):
    shop.cards = Cards()
    shop.tender._till.channels["card"] = shop.cards
    shop.scans_milk()
    shop.does(Pay(), ChooseTender("code"))
    return shop.cards


def test_a_card_pays_with_its_own_channel_as_often_as_it_is_shown(shop, cards):
    shop.checkout.scanned(CARD)
    shop.passes()
    assert shop.screen.screen is Screen.DONE
    shop.scans_milk()
    shop.does(Pay(), ChooseTender("code"))
    shop.checkout.scanned(CARD)
    shop.passes()
    assert [(each.channel, each.state) for each in shop.payments] == [("card", State.PAID)] * 2
    assert [cards.held(each.out_trade_no) > 0 for each in shop.payments] == [True, True]


def test_a_wallets_code_goes_to_its_wallet_as_before(shop, cards):
    shop.scans_code()
    shop.passes()
    assert [each.channel for each in shop.payments] == ["wechatpay"]


def test_among_the_goods_a_card_is_a_hint_that_does_not_repeat_it(shop):
    shop.tender._till.channels["card"] = Cards()
    shop.scans_milk()
    shop.checkout.scanned(CARD)
    assert shop.hints[-1] == "hint.payment_code_in_basket"
    assert CARD not in repr(shop.shown)


def test_other_numbers_are_no_payment_codes(shop, cards):
    shop.checkout.scanned("9157000000000017")
    assert shop.hints[-1] == "hint.not_a_payment_code"
    assert shop.payments == []


def test_while_its_channel_is_down_a_card_is_not_offered(shop, cards):
    shop.tender._till.jobs._trouble["card"] = NotSent("away")
    shop.checkout.scanned(CARD)
    assert shop.hints[-1] == "hint.not_offered"
    assert shop.payments == []


def test_a_card_is_a_way_to_pay_of_its_own_while_its_channel_works(shop):
    shop.tender._till.channels["card"] = Cards()
    shop.scans_milk()
    shop.does(Pay())
    assert shop.screen.tenders == ("code", "qr", "card")
    shop.tender._till.jobs._trouble["card"] = NotSent("away")
    shop.counter.refresh()
    assert shop.screen.tenders == ("code", "qr")
    shop.tender._till.jobs._trouble.clear()
    shop.counter.refresh()
    shop.does(ChooseTender("card"))
    assert (shop.screen.screen, shop.screen.may_go_back) == (Screen.CARD, True)
    shop.does(Back())
    assert shop.screen.screen is Screen.TENDER
    shop.does(ChooseTender("card"))
    shop.checkout.scanned(CARD)
    shop.passes()
    assert shop.screen.screen is Screen.DONE
    assert [(each.method, each.channel) for each in shop.payments] == [(Method.CARD, "card")]


def test_whoever_walks_away_from_the_card_screen_is_asked_and_loses_nothing_before(shop):
    shop.tender._till.channels["card"] = Cards()
    shop.scans_milk()
    shop.does(Pay(), ChooseTender("card"))
    shop.passes(61)
    assert shop.screen.still_there
    shop.does(StillThere())
    assert (shop.screen.screen, shop.screen.count) == (Screen.CARD, 1)
