"""A payment and what went back of it, as this till's ledger and the channels know it together.

    the ledger   its own payments and refunds, to the last step, without the network
    a channel    payments of any till, and every refund that reached it (`settled`)

Where both know a refund, the ledger says how it stands; a number that the ledger gave up because
another till had it is that till's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from kiosk.channels.channel import (
    ChannelError,
    KnownRefund,
    NotFound,
    OutcomeUnknown,
    RefundChannel,
    Settled,
)
from kiosk.domain.payment import Payment
from kiosk.domain.refund import Refund, RefundState, advance_refund
from kiosk.ledger import Ledger

# What any wallet's numbers are made of; anything else is a slip of the hand, and asked of nobody.
_NUMBER = re.compile(r"[A-Za-z0-9_\-|*]{1,32}")


@dataclass(frozen=True, slots=True)
class FoundPayment:
    """What staff see of a payment before they give money back; amounts in fen.

    `refunded_fen` has gone back or is on its way. Of another till's payment `payment` is None, and
    `at_ms` is 0: channels do not say when it was made.
    """

    out_trade_no: str
    transaction_id: str
    paid_fen: int
    refunded_fen: int
    refunds: tuple[Refund, ...]
    payment: Payment | None
    at_ms: int
    channel: str = ""

    @property
    def left_fen(self) -> int:
        """What can still be given back."""
        return max(0, self.paid_fen - self.refunded_fen)


class Lookup:
    """Finds payments in the ledger and at the channels."""

    def __init__(self, ledger: Ledger, channels: Mapping[str, RefundChannel]) -> None:
        self._ledger = ledger
        self._channels = channels

    def own(self, out_trade_no: str) -> FoundPayment | None:
        """A payment of this till, as the ledger knows it."""
        payment = self._ledger.payment(out_trade_no)
        if payment is None:
            return None
        refunds = tuple(sorted(self._ledger.refunds_of(out_trade_no), key=_order))
        return FoundPayment(
            out_trade_no=out_trade_no,
            transaction_id=payment.transaction_id,
            paid_fen=self._ledger.taken(out_trade_no) or 0,
            refunded_fen=_going_back(refunds),
            refunds=refunds,
            payment=payment,
            at_ms=payment.created_ms,
            channel=payment.channel,
        )

    def elsewhere(self, number: str) -> FoundPayment | None:
        """What the channels know of the payment, joined with the ledger's refunds of it.

        None when all of them surely do not know it. Raises the first ChannelError when none knows
        it and one could not say, or says that it was not paid (Refused).
        """
        if not _NUMBER.fullmatch(number):
            return None
        trouble: ChannelError | None = None
        for channel in self._channels.values():
            try:
                said = channel.settled(out_trade_no=number)
                if isinstance(said, NotFound) and number.isalnum():
                    said = channel.settled(transaction_id=number)
                if isinstance(said, Settled):
                    return self.joined(_found(channel.name, said))
            except ChannelError as error:
                trouble = trouble or error
        if trouble is not None:
            raise trouble
        return None

    def joined(self, asked: FoundPayment) -> FoundPayment:
        """What a channel said, with what the ledger knows now."""
        payment = self._ledger.payment(asked.out_trade_no)
        known = {each.out_refund_no: each for each in asked.refunds}
        for refund in self._ledger.refunds_of(asked.out_trade_no):
            if refund.state is not RefundState.CLOSED or refund.out_refund_no not in known:
                known[refund.out_refund_no] = refund
        refunds = tuple(sorted(known.values(), key=_order))
        return replace(
            asked,
            refunded_fen=_going_back(refunds),
            refunds=refunds,
            payment=payment,
            at_ms=payment.created_ms if payment else 0,
        )


def refund_index(refund: Refund) -> int:
    """The index in its number; 0 for a number that somebody made by other rules."""
    index = refund.out_refund_no.removeprefix(f"{refund.out_trade_no}R")
    return int(index) if index.isascii() and index.isdigit() else 0


def _order(refund: Refund) -> tuple[int, str]:
    return refund_index(refund), refund.out_refund_no


def _going_back(refunds: Iterable[Refund]) -> int:
    """The fen of the refunds that are done or may still be."""
    return sum(each.amount.fen for each in refunds if each.state is not RefundState.CLOSED)


def _found(channel: str, settled: Settled) -> FoundPayment:
    """What a channel says. Raises OutcomeUnknown for a list that makes no sense."""
    try:
        refunds = tuple(_refund(channel, settled, each) for each in settled.refunds)
    except ValueError as error:
        raise OutcomeUnknown(f"{channel}: {error}") from error
    return FoundPayment(
        out_trade_no=settled.out_trade_no,
        transaction_id=settled.transaction_id,
        paid_fen=settled.paid.fen,
        refunded_fen=_going_back(refunds),
        refunds=refunds,
        payment=None,
        at_ms=0,
        channel=channel,
    )


def _refund(channel: str, settled: Settled, known: KnownRefund) -> Refund:
    asked = Refund(
        out_refund_no=known.out_refund_no,
        out_trade_no=settled.out_trade_no,
        channel=channel,
        paid=settled.paid,
        amount=known.amount,
        reason="",
        created_ms=0,
        state=RefundState.SENT,
    )
    return advance_refund(asked, known.answer)
