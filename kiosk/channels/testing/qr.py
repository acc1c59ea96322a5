"""What the core relies on when a channel shows its code on the screen and the shopper scans it."""

from __future__ import annotations

from functools import partial

from kiosk.channels.channel import (
    NotFound,
    NotSent,
    OutcomeUnknown,
    PayOrder,
    PresentAnswer,
    Presented,
    QrChannel,
    Refused,
)
from kiosk.channels.testing.peer import FEN, Meets, QrPeer, approved, new_order, raised, together
from kiosk.domain.money import Money
from kiosk.domain.payment import Declined, Reversed, Waiting

THREADS = 4


class QrContract:
    """Money is taken only by who scanned, once, and never after the order was closed."""

    def test_a_code_on_the_screen_waits_and_holds_nothing(
        self, channel: QrChannel, peer: QrPeer
    ) -> None:
        order = new_order(peer)
        shown = _shown(channel.present(order))
        assert 0 < shown.expires_in <= channel.policy.give_up_after
        assert isinstance(channel.query(order), Waiting)
        assert peer.held(order.out_trade_no) == 0

    def test_a_scanned_order_is_approved_once_the_shopper_confirms(
        self, channel: QrChannel, peer: QrPeer
    ) -> None:
        order = new_order(peer)
        peer.scan(_shown(channel.present(order)).code_url)
        assert isinstance(channel.query(order), Waiting)
        assert peer.held(order.out_trade_no) == 0
        peer.confirm(order.out_trade_no)
        said = approved(channel.query(order))
        assert said.fen == FEN
        assert said.transaction_id
        assert [channel.query(order) for _ in range(3)] == [said] * 3
        assert peer.held(order.out_trade_no) == FEN

    def test_a_declined_order_shows_nothing_and_holds_nothing(
        self, channel: QrChannel, peer: QrPeer
    ) -> None:
        peer.meet(Meets.DECLINE)
        order = new_order(peer)
        said = channel.present(order)
        assert isinstance(said, Declined), said
        assert said.code
        assert peer.held(order.out_trade_no) == 0

    def test_a_closed_order_cannot_be_paid_any_more(self, channel: QrChannel, peer: QrPeer) -> None:
        for scans in (False, True):
            order = new_order(peer)
            shown = _shown(channel.present(order))
            if scans:
                peer.scan(shown.code_url)
            assert [channel.reverse(order) for _ in range(3)] == [Reversed()] * 3
            peer.scan(shown.code_url)
            peer.confirm(order.out_trade_no)
            assert isinstance(channel.query(order), Declined)
            assert peer.held(order.out_trade_no) == 0

    def test_who_was_quicker_than_the_closing_has_paid(
        self, channel: QrChannel, peer: QrPeer
    ) -> None:
        order = _paid(channel, peer)
        refusal = raised(Refused, partial(channel.reverse, order))
        assert refusal.code
        assert approved(channel.query(order)).fen == FEN
        assert peer.held(order.out_trade_no) == FEN

    def test_an_order_that_nobody_pays_ends_by_itself(
        self, channel: QrChannel, peer: QrPeer
    ) -> None:
        order = new_order(peer)
        _shown(channel.present(order))
        peer.wait_until_expired()
        assert isinstance(channel.query(order), Declined)
        assert channel.reverse(order) == Reversed()
        assert peer.held(order.out_trade_no) == 0

    def test_an_answer_that_is_lost_or_forged_leaves_an_order_that_is_closed(
        self, channel: QrChannel, peer: QrPeer
    ) -> None:
        for mishap in (Meets.LOST_ANSWER, Meets.FORGED_ANSWER):
            peer.meet(mishap)
            order = new_order(peer)
            raised(OutcomeUnknown, partial(channel.present, order))
            assert isinstance(channel.query(order), Waiting)
            assert channel.reverse(order) == Reversed()
            assert peer.held(order.out_trade_no) == 0

    def test_a_lost_request_is_not_found_and_no_proof_at_once(
        self, channel: QrChannel, peer: QrPeer
    ) -> None:
        peer.meet(Meets.LOST_REQUEST)
        order = new_order(peer)
        raised(OutcomeUnknown, partial(channel.present, order))
        assert channel.query(order) == NotFound()
        raised(OutcomeUnknown, partial(channel.reverse, order))
        assert peer.held(order.out_trade_no) == 0

    def test_a_closing_is_repeated_until_it_is_done(self, channel: QrChannel, peer: QrPeer) -> None:
        order = new_order(peer)
        _shown(channel.present(order))
        peer.meet(Meets.LOST_REVERSAL)
        raised(OutcomeUnknown, partial(channel.reverse, order))
        assert channel.reverse(order) == Reversed()
        assert isinstance(channel.query(order), Declined)

    def test_where_nobody_listens_nothing_was_sent(self, channel: QrChannel, peer: QrPeer) -> None:
        order = new_order(peer)
        away = peer.unreachable()
        raised(NotSent, partial(away.present, order))
        raised(NotSent, away.check)
        assert channel.query(order) == NotFound()

    def test_orders_from_many_threads_are_kept_apart(
        self, channel: QrChannel, peer: QrPeer
    ) -> None:
        orders = [PayOrder(peer.new_trade_no(), Money(100 + n), "contract") for n in range(THREADS)]
        shown: dict[str, PresentAnswer] = {}

        def show(order: PayOrder) -> None:
            shown[order.out_trade_no] = channel.present(order)

        together([partial(show, order) for order in orders])
        codes = {_shown(shown[order.out_trade_no]).code_url for order in orders}
        assert len(codes) == THREADS
        for order in orders:
            peer.scan(_shown(shown[order.out_trade_no]).code_url)
            peer.confirm(order.out_trade_no)
        assert [approved(channel.query(order)).fen for order in orders] == [100, 101, 102, 103]
        assert [peer.held(order.out_trade_no) for order in orders] == [100, 101, 102, 103]

    def test_the_check_passes_and_is_no_order(self, channel: QrChannel, peer: QrPeer) -> None:
        channel.check()

    def test_the_channel_says_who_it_is_and_how_it_is_settled(
        self, channel: QrChannel, peer: QrPeer
    ) -> None:
        policy = channel.policy
        assert channel.name
        assert policy.query_every > 0
        assert policy.query_after <= policy.give_up_after <= policy.undo_window
        assert policy.reverse_pauses


def _shown(said: PresentAnswer) -> Presented:
    assert isinstance(said, Presented), said
    assert said.code_url
    return said


def _paid(channel: QrChannel, peer: QrPeer) -> PayOrder:
    """An order that a shopper has scanned and paid."""
    order = new_order(peer)
    peer.scan(_shown(channel.present(order)).code_url)
    peer.confirm(order.out_trade_no)
    return order
