"""The contract suite of a payment channel: one class, run on every implementation.

    class TestMyChannel(ChannelContract):
        pass                                   # and two fixtures, `channel` and `peer`

`peer` stands for the far side, over its own door: it says what the next call meets and how much
money it holds. The channel itself talks to it as it would to the genuine one. Nothing here needs a
test runner, so that a third party can drive the suite with any.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import Protocol, TypeVar

from kiosk.channels.channel import (
    Channel,
    NotFound,
    NotSent,
    OutcomeUnknown,
    PayOrder,
    Token,
)
from kiosk.domain.money import Money
from kiosk.domain.payment import Approved, Declined, PayError, Reversed, Waiting

E = TypeVar("E", bound=Exception)

FEN = 1280
THREADS = 4


class Meets(Enum):
    """What the next call of the kind meets at the far side."""

    DECLINE = "pay: refused, nothing is charged"
    WAIT = "pay: waits for the shopper's phone"
    LOST_ANSWER = "pay: carried out, and the answer is lost"
    LOST_REQUEST = "pay: lost on the way, never carried out"
    FORGED_ANSWER = "pay: carried out, and the answer is not the channel's"
    LOST_REVERSAL = "reverse: carried out, and the answer is lost"
    REVERSE_AGAIN = "reverse: the channel asks for it once more"


class Peer(Protocol):
    """The far side of the channel under test; amounts in fen."""

    def meet(self, what: Meets) -> None:
        """The next call of the kind meets this; without it every payment is approved."""

    def token(self) -> Token:
        """A fresh token of a shopper who has enough money."""

    def new_trade_no(self) -> str:
        """A number that was never used."""

    def confirm(self, out_trade_no: str) -> None:
        """The shopper says yes on the phone."""

    def wait_until_reversible(self) -> None:
        """Let the time pass before which the channel refuses a reversal."""

    def held(self, out_trade_no: str) -> int:
        """The money that the far side holds for the number; 0 if it does not know it."""

    def unreachable(self) -> Channel:
        """The same channel, configured for an address where nobody listens."""


class ChannelContract:
    """What the core relies on, whatever the channel."""

    def test_an_approved_payment_holds_its_amount_once(self, channel: Channel, peer: Peer) -> None:
        order = _order(peer)
        said = _approved(channel.pay(order, peer.token()))
        assert said.fen == FEN
        assert said.transaction_id
        assert peer.held(order.out_trade_no) == FEN

    def test_a_query_says_what_the_payment_said(self, channel: Channel, peer: Peer) -> None:
        order = _order(peer)
        said = channel.pay(order, peer.token())
        assert [channel.query(order) for _ in range(3)] == [said] * 3
        assert peer.held(order.out_trade_no) == FEN

    def test_a_declined_payment_holds_nothing(self, channel: Channel, peer: Peer) -> None:
        peer.meet(Meets.DECLINE)
        order = _order(peer)
        said = channel.pay(order, peer.token())
        assert isinstance(said, Declined), said
        assert said.code
        assert peer.held(order.out_trade_no) == 0

    def test_a_waiting_payment_is_approved_once_the_shopper_confirms(
        self, channel: Channel, peer: Peer
    ) -> None:
        peer.meet(Meets.WAIT)
        order = _order(peer)
        assert isinstance(channel.pay(order, peer.token()), Waiting)
        assert isinstance(channel.query(order), Waiting)
        assert peer.held(order.out_trade_no) == 0
        peer.confirm(order.out_trade_no)
        assert _approved(channel.query(order)).fen == FEN
        assert peer.held(order.out_trade_no) == FEN

    def test_a_lost_answer_is_queried_not_paid_again(self, channel: Channel, peer: Peer) -> None:
        peer.meet(Meets.LOST_ANSWER)
        order = _order(peer)
        _raised(OutcomeUnknown, lambda: channel.pay(order, peer.token()))
        assert _approved(channel.query(order)).fen == FEN
        assert peer.held(order.out_trade_no) == FEN

    def test_a_forged_answer_proves_nothing(self, channel: Channel, peer: Peer) -> None:
        peer.meet(Meets.FORGED_ANSWER)
        order = _order(peer)
        _raised(OutcomeUnknown, lambda: channel.pay(order, peer.token()))
        assert _approved(channel.query(order)).fen == FEN

    def test_a_lost_request_is_not_found_and_can_be_undone(
        self, channel: Channel, peer: Peer
    ) -> None:
        peer.meet(Meets.LOST_REQUEST)
        order = _order(peer)
        _raised(OutcomeUnknown, lambda: channel.pay(order, peer.token()))
        assert channel.query(order) == NotFound()
        assert channel.reverse(order) == Reversed()
        assert peer.held(order.out_trade_no) == 0

    def test_where_nobody_listens_nothing_was_sent(self, channel: Channel, peer: Peer) -> None:
        order = _order(peer)
        away = peer.unreachable()
        _raised(NotSent, lambda: away.pay(order, peer.token()))
        _raised(NotSent, away.check)
        assert channel.query(order) == NotFound()

    def test_a_paid_order_is_undone_and_its_money_goes_back(
        self, channel: Channel, peer: Peer
    ) -> None:
        order = _order(peer)
        _approved(channel.pay(order, peer.token()))
        peer.wait_until_reversible()
        assert channel.reverse(order) == Reversed()
        assert peer.held(order.out_trade_no) == 0
        assert isinstance(channel.query(order), Declined)

    def test_a_waiting_order_is_undone_and_cannot_be_paid_any_more(
        self, channel: Channel, peer: Peer
    ) -> None:
        peer.meet(Meets.WAIT)
        order = _order(peer)
        assert isinstance(channel.pay(order, peer.token()), Waiting)
        peer.wait_until_reversible()
        assert channel.reverse(order) == Reversed()
        peer.confirm(order.out_trade_no)
        assert peer.held(order.out_trade_no) == 0

    def test_a_reversal_is_repeated_until_it_is_done(self, channel: Channel, peer: Peer) -> None:
        for obstacle in (Meets.LOST_REVERSAL, Meets.REVERSE_AGAIN):
            order = _order(peer)
            _approved(channel.pay(order, peer.token()))
            peer.wait_until_reversible()
            peer.meet(obstacle)
            _raised(OutcomeUnknown, partial(channel.reverse, order))
            assert [channel.reverse(order) for _ in range(3)] == [Reversed()] * 3
            assert peer.held(order.out_trade_no) == 0

    def test_a_token_pays_for_one_order_only(self, channel: Channel, peer: Peer) -> None:
        token = peer.token()
        first, second = _order(peer), _order(peer)
        _approved(channel.pay(first, token))
        said = channel.pay(second, token)
        assert isinstance(said, Declined), said
        assert peer.held(first.out_trade_no) == FEN
        assert peer.held(second.out_trade_no) == 0

    def test_queries_from_many_threads_agree(self, channel: Channel, peer: Peer) -> None:
        orders = [_order(peer) for _ in range(THREADS)]
        paid = [channel.pay(order, peer.token()) for order in orders]
        found: dict[str, list[object]] = {order.out_trade_no: [] for order in orders}

        def ask(order: PayOrder) -> None:
            for _ in range(3):
                found[order.out_trade_no].append(channel.query(order))

        _together([partial(ask, order) for order in orders])
        for order, said in zip(orders, paid, strict=True):
            assert found[order.out_trade_no] == [said] * 3

    def test_payments_from_many_threads_are_kept_apart(self, channel: Channel, peer: Peer) -> None:
        orders = [PayOrder(peer.new_trade_no(), Money(100 + n), "contract") for n in range(THREADS)]
        tokens = [peer.token() for _ in orders]
        _together(
            [
                partial(channel.pay, order, token)
                for order, token in zip(orders, tokens, strict=True)
            ]
        )
        assert [peer.held(order.out_trade_no) for order in orders] == [100, 101, 102, 103]

    def test_the_check_passes_and_is_not_an_order(self, channel: Channel, peer: Peer) -> None:
        channel.check()

    def test_the_channel_says_who_it_is_and_how_it_is_settled(
        self, channel: Channel, peer: Peer
    ) -> None:
        policy = channel.policy
        assert channel.name
        assert policy.query_every > 0
        assert policy.query_after <= policy.give_up_after <= policy.undo_window
        assert policy.reverse_pauses


def _order(peer: Peer) -> PayOrder:
    return PayOrder(peer.new_trade_no(), Money(FEN), "contract")


def _approved(said: Approved | Declined | Waiting | PayError | NotFound) -> Approved:
    assert isinstance(said, Approved), said
    return said


def _raised(kind: type[E], call: Callable[[], object]) -> E:
    """The error that `call` raised, which must be of this kind."""
    try:
        answer = call()
    except kind as error:
        return error
    raise AssertionError(f"expected {kind.__name__}, was answered {answer!r}")


def _together(calls: list[Callable[[], object]]) -> None:
    """Run all calls at once, each in a thread of its own; raises what any of them raised."""
    start = threading.Barrier(len(calls))
    failures: list[Exception] = []

    def run(call: Callable[[], object]) -> None:
        start.wait()
        try:
            call()
        except Exception as error:  # noqa: BLE001 - raised below, in the caller's thread
            failures.append(error)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
