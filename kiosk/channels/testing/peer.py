"""The far side of a channel under test: what the next call meets there, and what it holds."""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import Enum
from typing import Protocol, TypeVar

from kiosk.channels.channel import Channel, NotFound, PayOrder, QrChannel, RefundChannel, Token
from kiosk.domain.money import Money
from kiosk.domain.payment import Approved, Declined, PayError, Waiting

E = TypeVar("E", bound=Exception)

FEN = 1280


class Meets(Enum):
    """What the next call of the kind meets at the far side; `pay` is also `present`."""

    DECLINE = "pay: refused, nothing is charged"
    WAIT = "pay: waits for the shopper's phone"
    LOST_ANSWER = "pay: carried out, and the answer is lost"
    LOST_REQUEST = "pay: lost on the way, never carried out"
    FORGED_ANSWER = "pay: carried out, and the answer is not the channel's"
    LOST_REVERSAL = "reverse: carried out, and the answer is lost"
    REVERSE_AGAIN = "reverse: the channel asks for it once more"
    LOST_REFUND = "refund: carried out, and the answer is lost"
    LOST_REFUND_REQUEST = "refund: lost on the way, never carried out"
    SLOW_REFUND = "refund: taken, and done only later"
    FAILING_REFUND = "refund: taken, and closed later without money"


class FarSide(Protocol):
    """What every peer has, whatever the shopper presents; amounts in fen."""

    def meet(self, what: Meets) -> None:
        """The next call of the kind meets this; without it everything goes well."""

    def new_trade_no(self) -> str:
        """A number that was never used."""

    def confirm(self, out_trade_no: str) -> None:
        """The shopper says yes on the phone, if it still asks."""

    def held(self, out_trade_no: str) -> int:
        """The money that the far side holds for the number; 0 if it does not know it."""


class Peer(FarSide, Protocol):
    """The far side of a channel that is paid with a token."""

    def token(self) -> Token:
        """A fresh token of a shopper who has enough money."""

    def wait_until_reversible(self) -> None:
        """Let the time pass before which the channel refuses a reversal."""

    def unreachable(self) -> Channel:
        """The same channel, configured for an address where nobody listens."""


class QrPeer(FarSide, Protocol):
    """The far side of a channel whose code is on the kiosk's screen."""

    def scan(self, code_url: str) -> None:
        """A shopper with enough money holds the phone to the screen, where it will."""

    def wait_until_expired(self) -> None:
        """Let the time pass that an order waits for its shopper."""

    def unreachable(self) -> QrChannel:
        """The same channel, configured for an address where nobody listens."""


class RefundPeer(FarSide, Protocol):
    """The far side of a channel that gives money back."""

    def pay(self, order: PayOrder) -> Approved:
        """Let a shopper pay the order, in whatever way the channel offers."""

    def undo(self, order: PayOrder) -> None:
        """Bring about that the order is known and was undone: no money of it is left."""

    def unreachable(self) -> RefundChannel:
        """The same channel, configured for an address where nobody listens."""

    def refunded(self, out_trade_no: str) -> int:
        """The money of the payment that has gone back to the shopper."""

    def wait_between_refunds(self) -> None:
        """Let the pause pass that the channel wants between two refunds of one payment."""

    def wait_for_refunds(self) -> None:
        """Let the time pass after which a slow refund has come to its end."""


def new_order(peer: FarSide) -> PayOrder:
    """A fresh order of `FEN`."""
    return PayOrder(peer.new_trade_no(), Money(FEN), "contract")


def approved(said: Approved | Declined | Waiting | PayError | NotFound) -> Approved:
    """`said`, which must be Approved."""
    assert isinstance(said, Approved), said
    return said


def raised(kind: type[E], call: Callable[[], object]) -> E:
    """The error that `call` raised, which must be of this kind."""
    try:
        answer = call()
    except kind as error:
        return error
    raise AssertionError(f"expected {kind.__name__}, was answered {answer!r}")


def together(calls: list[Callable[[], object]]) -> None:
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
