"""What the core relies on when a channel takes money."""

from __future__ import annotations

from functools import partial

from kiosk.channels.channel import (
    Channel,
    NotFound,
    NotSent,
    OutcomeUnknown,
    PayOrder,
)
from kiosk.channels.testing.peer import FEN, Meets, Peer, approved, new_order, raised, together
from kiosk.domain.money import Money
from kiosk.domain.payment import Declined, Reversed, Waiting

THREADS = 4


class ChannelContract:
    """What the core relies on, whatever the channel."""

    def test_an_approved_payment_holds_its_amount_once(self, channel: Channel, peer: Peer) -> None:
        order = new_order(peer)
        said = approved(channel.pay(order, peer.token()))
        assert said.fen == FEN
        assert said.transaction_id
        assert peer.held(order.out_trade_no) == FEN

    def test_a_query_says_what_the_payment_said(self, channel: Channel, peer: Peer) -> None:
        order = new_order(peer)
        said = channel.pay(order, peer.token())
        assert [channel.query(order) for _ in range(3)] == [said] * 3
        assert peer.held(order.out_trade_no) == FEN

    def test_a_declined_payment_holds_nothing(self, channel: Channel, peer: Peer) -> None:
        peer.meet(Meets.DECLINE)
        order = new_order(peer)
        said = channel.pay(order, peer.token())
        assert isinstance(said, Declined), said
        assert said.code
        assert peer.held(order.out_trade_no) == 0

    def test_a_waiting_payment_is_approved_once_the_shopper_confirms(
        self, channel: Channel, peer: Peer
    ) -> None:
        peer.meet(Meets.WAIT)
        order = new_order(peer)
        assert isinstance(channel.pay(order, peer.token()), Waiting)
        assert isinstance(channel.query(order), Waiting)
        assert peer.held(order.out_trade_no) == 0
        peer.confirm(order.out_trade_no)
        assert approved(channel.query(order)).fen == FEN
        assert peer.held(order.out_trade_no) == FEN

    def test_a_lost_answer_is_queried_not_paid_again(self, channel: Channel, peer: Peer) -> None:
        peer.meet(Meets.LOST_ANSWER)
        order = new_order(peer)
        raised(OutcomeUnknown, lambda: channel.pay(order, peer.token()))
        assert approved(channel.query(order)).fen == FEN
        assert peer.held(order.out_trade_no) == FEN

    def test_a_forged_answer_proves_nothing(self, channel: Channel, peer: Peer) -> None:
        peer.meet(Meets.FORGED_ANSWER)
        order = new_order(peer)
        raised(OutcomeUnknown, lambda: channel.pay(order, peer.token()))
        assert approved(channel.query(order)).fen == FEN

    def test_a_lost_request_is_not_found_and_can_be_undone(
        self, channel: Channel, peer: Peer
    ) -> None:
        peer.meet(Meets.LOST_REQUEST)
        order = new_order(peer)
        raised(OutcomeUnknown, lambda: channel.pay(order, peer.token()))
        assert channel.query(order) == NotFound()
        assert channel.reverse(order) == Reversed()
        assert peer.held(order.out_trade_no) == 0

    def test_where_nobody_listens_nothing_was_sent(self, channel: Channel, peer: Peer) -> None:
        order = new_order(peer)
        away = peer.unreachable()
        raised(NotSent, lambda: away.pay(order, peer.token()))
        raised(NotSent, away.check)
        assert channel.query(order) == NotFound()

    def test_a_paid_order_is_undone_and_its_money_goes_back(
        self, channel: Channel, peer: Peer
    ) -> None:
        order = new_order(peer)
        approved(channel.pay(order, peer.token()))
        peer.wait_until_reversible()
        assert channel.reverse(order) == Reversed()
        assert peer.held(order.out_trade_no) == 0
        assert isinstance(channel.query(order), Declined)

    def test_a_waiting_order_is_undone_and_cannot_be_paid_any_more(
        self, channel: Channel, peer: Peer
    ) -> None:
        peer.meet(Meets.WAIT)
        order = new_order(peer)
        assert isinstance(channel.pay(order, peer.token()), Waiting)
        peer.wait_until_reversible()
        assert channel.reverse(order) == Reversed()
        peer.confirm(order.out_trade_no)
        assert peer.held(order.out_trade_no) == 0

    def test_a_reversal_is_repeated_until_it_is_done(self, channel: Channel, peer: Peer) -> None:
        for obstacle in (Meets.LOST_REVERSAL, Meets.REVERSE_AGAIN):
            order = new_order(peer)
            approved(channel.pay(order, peer.token()))
            peer.wait_until_reversible()
            peer.meet(obstacle)
            raised(OutcomeUnknown, partial(channel.reverse, order))
            assert [channel.reverse(order) for _ in range(3)] == [Reversed()] * 3
            assert peer.held(order.out_trade_no) == 0

    def test_a_token_pays_for_one_order_only(self, channel: Channel, peer: Peer) -> None:
        token = peer.token()
        first, second = new_order(peer), new_order(peer)
        approved(channel.pay(first, token))
        said = channel.pay(second, token)
        assert isinstance(said, Declined), said
        assert peer.held(first.out_trade_no) == FEN
        assert peer.held(second.out_trade_no) == 0

    def test_queries_from_many_threads_agree(self, channel: Channel, peer: Peer) -> None:
        orders = [new_order(peer) for _ in range(THREADS)]
        paid = [channel.pay(order, peer.token()) for order in orders]
        found: dict[str, list[object]] = {order.out_trade_no: [] for order in orders}

        def ask(order: PayOrder) -> None:
            for _ in range(3):
                found[order.out_trade_no].append(channel.query(order))

        together([partial(ask, order) for order in orders])
        for order, said in zip(orders, paid, strict=True):
            assert found[order.out_trade_no] == [said] * 3

    def test_payments_from_many_threads_are_kept_apart(self, channel: Channel, peer: Peer) -> None:
        orders = [PayOrder(peer.new_trade_no(), Money(100 + n), "contract") for n in range(THREADS)]
        tokens = [peer.token() for _ in orders]
        together(
            [
                partial(channel.pay, order, token)
                for order, token in zip(orders, tokens, strict=True)
            ]
        )
        assert [peer.held(order.out_trade_no) for order in orders] == [100, 101, 102, 103]

    def test_the_check_passes_and_is_not_anorder(self, channel: Channel, peer: Peer) -> None:
        channel.check()

    def test_the_channel_says_who_it_is_and_how_it_is_settled(
        self, channel: Channel, peer: Peer
    ) -> None:
        policy = channel.policy
        assert channel.name
        assert policy.query_every > 0
        assert policy.query_after <= policy.give_up_after <= policy.undo_window
        assert policy.reverse_pauses
