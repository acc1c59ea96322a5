"""The contract suites of channels on stored value, on both databases."""

from __future__ import annotations

import pytest

from fleet.accounts import CardNumbers, Journal, StoredValue
from fleet.database import Database
from kiosk.channels.channel import NotSent, PayOrder, RefundOrder, Token, TokenKind
from kiosk.channels.testing import ChannelContract, RefundContract
from kiosk.channels.testing.peer import FEN, approved, new_order, raised
from kiosk.domain.money import Money
from kiosk.domain.refund import RefundDone, refund_number
from tests.fleet.accounts.peer import KEY


class TestStoredValue(ChannelContract):
    """Every promise of the contract that can be broken here."""

    def test_a_waiting_payment_is_approved_once_the_shopper_confirms(self, channel, peer):
        """No phone asks anybody: a card pays or is declined in the call itself."""
        order = new_order(peer)
        said = approved(channel.pay(order, peer.token()))
        assert channel.query(order) == said

    def test_a_waiting_order_is_undone_and_cannot_be_paid_any_more(self, channel, peer):
        """Nothing waits; what comes late instead is the pay call, after its reversal."""
        order = new_order(peer)
        channel.reverse(order)
        assert channel.pay(order, peer.token()).code == "REVERSED"
        assert channel.query(order).code == "REVERSED"
        assert peer.held(order.out_trade_no) == 0

    def test_a_forged_answer_proves_nothing(self, channel, peer, database_url, journal):
        """There is no wire to forge on; every answer is what another connection reads as well."""
        order = new_order(peer)
        said = channel.pay(order, peer.token())
        other = Database(database_url)
        try:
            elsewhere = StoredValue(Journal(other, journal.merchant_id), CardNumbers(KEY))
            assert elsewhere.query(order) == said
        finally:
            other.close()

    def test_a_token_pays_for_one_order_only(self, channel, peer):
        """A card is no payment code: it pays for any number of orders, each once."""
        token = peer.token()
        orders = [new_order(peer) for _ in range(3)]
        for order in orders * 2:
            approved(channel.pay(order, token))
        assert [peer.held(order.out_trade_no) for order in orders] == [FEN] * 3


class TestStoredValueRefunds(RefundContract):
    """Every promise about money that goes back."""

    def test_a_slow_refund_is_accepted_until_it_is_done(self, channel, peer):
        """A refund is one transaction: done when it is answered, and never slow."""
        order = new_order(peer)
        peer.pay(order)
        assert isinstance(channel.refund(_refund(order)), RefundDone)
        assert peer.refunded(order.out_trade_no) == FEN

    def test_a_refund_that_fails_later_is_closed_and_may_be_made_anew(self, channel, peer):
        """It fails at once or never; a failed one stays closed, and the next number is free."""
        order = new_order(peer)
        peer.pay(order)
        wrong = _refund(order, paid=FEN + 1)
        assert channel.refund(wrong).code == "PAID_DIFFERS"
        assert channel.query_refund(wrong).code == "PAID_DIFFERS"
        assert channel.refund(_refund(order)).code == "PAID_DIFFERS"
        assert peer.refunded(order.out_trade_no) == 0
        assert isinstance(channel.refund(_refund(order, index=2)), RefundDone)
        assert peer.refunded(order.out_trade_no) == FEN


def _refund(order, *, index=1, paid=FEN):
    number = refund_number(order.out_trade_no, index)
    return RefundOrder(order.out_trade_no, number, Money(paid), Money(FEN))


@pytest.mark.parametrize(
    ("number", "amount"),
    [
        ("", Money(1)),
        ("x" * 33, Money(1)),
        ("a\0b", Money(1)),
        ("T1", Money(0)),
        ("T1", Money(-1)),
        ("T1", Money(1, "USD")),
        ("T1", Money(10**11 + 1)),
    ],
)
def test_an_order_that_cannot_be_is_not_sent(channel, peer, number, amount):
    order = PayOrder(number, amount, "contract")
    token = peer.token()
    for call in (lambda: channel.pay(order, token), lambda: channel.reverse(order)):
        raised(NotSent, call)


def test_a_face_pays_nothing_here(channel):
    order = PayOrder("T1", Money(1), "contract")
    assert channel.pay(order, Token(TokenKind.FACE, "face")).code == "CARD_UNKNOWN"
