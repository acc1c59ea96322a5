"""What the core relies on when a channel gives money back."""

from __future__ import annotations

from functools import partial

from kiosk.channels.channel import (
    KnownRefund,
    NotFound,
    NotSent,
    OutcomeUnknown,
    RefundAnswer,
    RefundChannel,
    RefundOrder,
    Refused,
    Settled,
)
from kiosk.channels.testing.peer import (
    FEN,
    Meets,
    RefundPeer,
    new_order,
    raised,
    together,
)
from kiosk.domain.money import Money
from kiosk.domain.refund import RefundAccepted, RefundClosed, RefundDone, refund_number

PART = 500


class RefundContract:
    """The same out_refund_no never gives back twice, and no payment gives back more than it was."""

    def test_a_refund_gives_the_whole_payment_back(
        self, channel: RefundChannel, peer: RefundPeer
    ) -> None:
        order = _paid(peer)
        said = _taken(channel.refund(order))
        done = _done(channel, peer, order)
        assert done == RefundDone(said.refund_id, FEN)
        assert peer.refunded(order.out_trade_no) == FEN

    def test_a_payment_is_refunded_in_parts_and_all_of_them_are_listed(
        self, channel: RefundChannel, peer: RefundPeer
    ) -> None:
        first = _paid(peer, PART)
        second = _order(first.out_trade_no, 2, FEN - PART)
        for order in (first, second):
            _taken(channel.refund(order))
            _done(channel, peer, order)
            peer.wait_between_refunds()
        settled = _settled(channel, first.out_trade_no)
        assert settled.paid == Money(FEN)
        assert [_shown(refund) for refund in settled.refunds] == [
            (first.out_refund_no, PART),
            (second.out_refund_no, FEN - PART),
        ]
        assert peer.refunded(first.out_trade_no) == FEN

    def test_the_same_refund_again_is_the_same_refund(
        self, channel: RefundChannel, peer: RefundPeer
    ) -> None:
        order = _paid(peer, PART)
        numbers = {_taken(channel.refund(order)).refund_id for _ in range(3)}
        assert len(numbers) == 1
        _done(channel, peer, order)
        assert _taken(channel.refund(order)).refund_id in numbers
        assert peer.refunded(order.out_trade_no) == PART

    def test_two_tills_that_refund_one_payment_collide(
        self, channel: RefundChannel, peer: RefundPeer
    ) -> None:
        first = _paid(peer, PART)
        second = _order(first.out_trade_no, 1, PART + 1)
        said: dict[str, RefundAnswer] = {}

        def ask(till: str, order: RefundOrder) -> None:
            said[till] = channel.refund(order)

        together([partial(ask, "first", first), partial(ask, "second", second)])
        closed = [till for till, answer in said.items() if isinstance(answer, RefundClosed)]
        assert len(closed) == 1, said
        order, loser = (second, first) if closed == ["first"] else (first, second)
        _done(channel, peer, order)
        assert isinstance(channel.query_refund(loser), RefundClosed)
        assert peer.refunded(first.out_trade_no) == order.amount.fen

    def test_more_than_is_left_is_refused(self, channel: RefundChannel, peer: RefundPeer) -> None:
        first = _paid(peer, PART)
        _taken(channel.refund(first))
        _done(channel, peer, first)
        peer.wait_between_refunds()
        said = channel.refund(_order(first.out_trade_no, 2, FEN - PART + 1))
        assert isinstance(said, RefundClosed), said
        assert peer.refunded(first.out_trade_no) == PART

    def test_a_lost_answer_is_asked_for_again_with_the_same_number(
        self, channel: RefundChannel, peer: RefundPeer
    ) -> None:
        order = _paid(peer)
        peer.meet(Meets.LOST_REFUND)
        raised(OutcomeUnknown, partial(channel.refund, order))
        said = _taken(channel.refund(order))
        assert _done(channel, peer, order) == RefundDone(said.refund_id, FEN)
        assert peer.refunded(order.out_trade_no) == FEN

    def test_a_lost_request_is_not_found_and_asked_for_again(
        self, channel: RefundChannel, peer: RefundPeer
    ) -> None:
        order = _paid(peer)
        peer.meet(Meets.LOST_REFUND_REQUEST)
        raised(OutcomeUnknown, partial(channel.refund, order))
        assert channel.query_refund(order) == NotFound()
        assert peer.refunded(order.out_trade_no) == 0
        _taken(channel.refund(order))
        _done(channel, peer, order)
        assert peer.refunded(order.out_trade_no) == FEN

    def test_a_slow_refund_is_accepted_until_it_is_done(
        self, channel: RefundChannel, peer: RefundPeer
    ) -> None:
        order = _paid(peer)
        peer.meet(Meets.SLOW_REFUND)
        said = _taken(channel.refund(order))
        assert channel.query_refund(order) == RefundAccepted(said.refund_id)
        listed = _settled(channel, order.out_trade_no).refunds
        assert [refund.answer for refund in listed] == [RefundAccepted(said.refund_id)]
        assert peer.refunded(order.out_trade_no) == 0
        peer.wait_for_refunds()
        assert channel.query_refund(order) == RefundDone(said.refund_id, FEN)
        assert peer.refunded(order.out_trade_no) == FEN

    def test_a_refund_that_fails_later_is_closed_and_may_be_made_anew(
        self, channel: RefundChannel, peer: RefundPeer
    ) -> None:
        order = _paid(peer)
        peer.meet(Meets.FAILING_REFUND)
        _taken(channel.refund(order))
        peer.wait_for_refunds()
        assert isinstance(channel.query_refund(order), RefundClosed)
        assert peer.refunded(order.out_trade_no) == 0
        peer.wait_between_refunds()
        anew = _order(order.out_trade_no, 2, FEN)
        _taken(channel.refund(anew))
        _done(channel, peer, anew)
        assert peer.refunded(order.out_trade_no) == FEN

    def test_a_payment_is_settled_by_either_number(
        self, channel: RefundChannel, peer: RefundPeer
    ) -> None:
        order = new_order(peer)
        paid = peer.pay(order)
        settled = channel.settled(out_trade_no=order.out_trade_no)
        assert settled == Settled(order.out_trade_no, paid.transaction_id, Money(FEN))
        assert channel.settled(transaction_id=paid.transaction_id) == settled
        assert channel.settled(out_trade_no=peer.new_trade_no()) == NotFound()

    def test_a_payment_that_was_undone_has_nothing_to_give_back(
        self, channel: RefundChannel, peer: RefundPeer
    ) -> None:
        order = new_order(peer)
        peer.undo(order)
        raised(Refused, partial(channel.settled, order.out_trade_no))
        said = channel.refund(_order(order.out_trade_no, 1, FEN))
        assert isinstance(said, RefundClosed), said

    def test_where_nobody_listens_no_refund_was_sent(
        self, channel: RefundChannel, peer: RefundPeer
    ) -> None:
        order = _paid(peer)
        away = peer.unreachable()
        raised(NotSent, partial(away.refund, order))
        raised(NotSent, partial(away.settled, order.out_trade_no))
        assert channel.query_refund(order) == NotFound()


def _paid(peer: RefundPeer, part: int = FEN) -> RefundOrder:
    """The first refund, of `part`, of a payment that was just made."""
    order = new_order(peer)
    peer.pay(order)
    return _order(order.out_trade_no, 1, part)


def _order(out_trade_no: str, index: int, fen: int) -> RefundOrder:
    number = refund_number(out_trade_no, index)
    return RefundOrder(out_trade_no, number, Money(FEN), Money(fen), "contract")


def _taken(said: RefundAnswer) -> RefundAccepted | RefundDone:
    assert isinstance(said, RefundAccepted | RefundDone), said
    return said


def _done(channel: RefundChannel, peer: RefundPeer, order: RefundOrder) -> RefundDone:
    """What the channel says of a refund once it has had its time."""
    said = channel.query_refund(order)
    if isinstance(said, RefundAccepted):
        peer.wait_for_refunds()
        said = channel.query_refund(order)
    assert isinstance(said, RefundDone), said
    assert said.fen == order.amount.fen
    return said


def _settled(channel: RefundChannel, out_trade_no: str) -> Settled:
    said = channel.settled(out_trade_no=out_trade_no)
    assert isinstance(said, Settled), said
    return said


def _shown(refund: KnownRefund) -> tuple[str, int]:
    assert isinstance(refund.answer, RefundDone), refund
    return refund.out_refund_no, refund.amount.fen
