"""The contract suites on a kiosk's channel: through the fleet's process to wallet and journal."""

from __future__ import annotations

import httpx
import pytest

from fleet.accounts import Journal
from kiosk.channels.channel import NotFound, OutcomeUnknown, PayOrder, RefundOrder
from kiosk.channels.gateway import GatewayChannel, GatewayFaceChannel, GatewayQrChannel
from kiosk.channels.testing import ChannelContract, Meets, QrContract, RefundContract
from kiosk.channels.testing.peer import FEN, approved, new_order, raised
from kiosk.domain.money import Money
from kiosk.domain.refund import RefundDone, refund_number
from tests.channels.sandbox_peer import Sandbox, options_of
from tests.channels.v3 import native_peer
from tests.channels.v3.native_peer import NativePeer
from tests.fleet.accounts.peer import StoredValuePeer
from tests.fleet.gateway.provider import new_number
from tests.fleet.gateway.relay import Relay
from tests.fleet.shop import once


class CodePeer(Sandbox):
    """The wallet over its control door; paying and undoing go through the gateway."""

    def __init__(self, provider, channel, door) -> None:
        wallet = provider.wallet
        options = options_of(wallet.folder, wallet.address)
        super().__init__(wallet.address, options, b"", door)
        self._provider, self._channel = provider, channel

    def new_trade_no(self) -> str:
        return new_number()

    def pay(self, order: PayOrder):
        return approved(self._channel.pay(order, self.token()))

    def undo(self, order: PayOrder) -> None:
        self.pay(order)
        self.wait_until_reversible()
        self._channel.reverse(order)

    def unreachable(self):
        return self._provider.nowhere("wechatpay")


class ScreenPeer(NativePeer):
    """The same for codes on the screen."""

    def __init__(self, provider, channel) -> None:
        super().__init__(provider.wallet, native_peer.options_of(provider.wallet))
        self._provider, direct = provider, self.channel
        direct.close()
        self.channel = channel

    def new_trade_no(self) -> str:
        return new_number()

    def unreachable(self):
        return self._provider.nowhere("native")


LOST = {
    Meets.LOST_ANSWER: ("pay", "lose answer"),
    Meets.LOST_REQUEST: ("pay", "lose request"),
    Meets.FORGED_ANSWER: ("pay", "forge"),
    Meets.LOST_REVERSAL: ("reverse", "lose answer"),
    Meets.REVERSE_AGAIN: ("reverse", "lose request"),
    Meets.LOST_REFUND: ("refund", "lose answer"),
    Meets.LOST_REFUND_REQUEST: ("refund", "lose request"),
}


class CardPeer:
    """Shoppers with cards; what can be lost is lost between kiosk and fleet."""

    def __init__(self, provider, relay) -> None:
        self._provider, self._relay = provider, relay
        self._terminal = provider.join()
        self.channel = provider.kiosk("card", self._terminal, relay.url)
        self._poor = False

    def meet(self, what: Meets) -> None:
        if what is Meets.DECLINE:
            self._poor = True
        else:
            call, fault = LOST[what]
            self._relay.faults[call] = fault

    def new_trade_no(self) -> str:
        return new_number()

    def token(self):
        fen, self._poor = 0 if self._poor else 10_000_000, False
        return self._provider.card(fen)

    def pay(self, order: PayOrder):
        return approved(self.channel.pay(order, self.token()))

    def undo(self, order: PayOrder) -> None:
        self.pay(order)
        self.channel.reverse(order)

    def unreachable(self):
        return self._provider.nowhere("card")

    def wait(self) -> None:
        """Nothing waits here."""

    wait_until_reversible = wait_between_refunds = wait_for_refunds = wait

    def _journal(self):
        journal = Journal(self._provider.database, self._provider.merchant.merchant_id)
        return StoredValuePeer(journal, self._provider.database)

    def held(self, out_trade_no: str) -> int:
        return self._journal().held(out_trade_no)

    def refunded(self, out_trade_no: str) -> int:
        return self._journal().refunded(out_trade_no)


@once
class TestWechatPay(ChannelContract):
    """Codes and faces, over the second-version interface, for a provider's shop."""

    @pytest.fixture
    def channel(self, provider):
        channel = provider.kiosk("wechatpay")
        assert isinstance(channel, GatewayFaceChannel)
        yield channel
        channel.close()

    @pytest.fixture
    def peer(self, provider, channel):
        with httpx.Client(trust_env=False, verify=False) as door:
            yield CodePeer(provider, channel, door)


@once
class TestWechatPayRefunds(RefundContract):
    """Their money back."""

    channel = TestWechatPay.channel
    peer = TestWechatPay.peer


@once
class TestNative(QrContract):
    """A code on the screen, over the third-version interface, for a provider's shop."""

    @pytest.fixture
    def channel(self, provider):
        channel = provider.kiosk("native")
        assert isinstance(channel, GatewayQrChannel)
        assert not hasattr(channel, "pay")
        channel.check()
        yield channel
        channel.close()

    @pytest.fixture
    def peer(self, provider, channel):
        return ScreenPeer(provider, channel)


@once
class TestNativeRefunds(RefundContract):
    """Their money back."""

    channel = TestNative.channel
    peer = TestNative.peer


class TestStoredValue(ChannelContract):
    """A card of the shop's own."""

    @pytest.fixture
    def peer(self, provider):
        relay = Relay(provider.server.address)
        peer = CardPeer(provider, relay)
        yield peer
        peer.channel.close()
        relay.close()

    @pytest.fixture
    def channel(self, peer):
        assert isinstance(peer.channel, GatewayChannel)
        assert not hasattr(peer.channel, "authinfo")
        return peer.channel

    def test_a_waiting_payment_is_approved_once_the_shopper_confirms(self, channel, peer):
        """No phone asks anybody: a card pays or is declined in the call itself."""
        order = new_order(peer)
        said = approved(channel.pay(order, peer.token()))
        assert channel.query(order) == said

    def test_a_waiting_order_is_undone_and_cannot_be_paid_any_more(self, channel, peer):
        """Nothing waits; what comes late instead is the pay call, after its reversal."""
        order = new_order(peer)
        channel.reverse(order)
        raised(OutcomeUnknown, lambda: channel.pay(order, peer.token()))
        assert channel.query(order) == NotFound()
        assert peer.held(order.out_trade_no) == 0

    def test_a_token_pays_for_one_order_only(self, channel, peer):
        """A card is no payment code: it pays for any number of orders, each once."""
        token = peer.token()
        orders = [new_order(peer) for _ in range(3)]
        for order in orders:
            approved(channel.pay(order, token))
        for order in orders:
            raised(OutcomeUnknown, lambda order=order: channel.pay(order, token))
        assert [peer.held(order.out_trade_no) for order in orders] == [FEN] * 3


class TestStoredValueRefunds(RefundContract):
    """Money back onto the card."""

    peer = TestStoredValue.peer
    channel = TestStoredValue.channel

    def test_a_slow_refund_is_accepted_until_it_is_done(self, channel, peer):
        """A refund is one transaction: done when it is answered, and never slow."""
        order = new_order(peer)
        peer.pay(order)
        assert isinstance(channel.refund(_refund(order)), RefundDone)
        assert peer.refunded(order.out_trade_no) == FEN

    def test_a_refund_that_fails_later_is_closed_and_may_be_made_anew(self, channel, peer):
        """It fails at once, before anything is written; its number is free."""
        order = new_order(peer)
        peer.pay(order)
        wrong = _refund(order, paid=FEN + 1)
        assert channel.refund(wrong).code == "PAID_DIFFERS"
        assert channel.query_refund(wrong) == NotFound()
        assert isinstance(channel.refund(_refund(order)), RefundDone)
        assert peer.refunded(order.out_trade_no) == FEN


def _refund(order, *, index=1, paid=FEN):
    number = refund_number(order.out_trade_no, index)
    return RefundOrder(order.out_trade_no, number, Money(paid), Money(FEN))
