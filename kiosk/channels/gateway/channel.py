"""The kiosk's end: a class for each way of paying, so that no channel seems to do what it cannot.

    GatewayAccount ─┬─ GatewayChannel ─── GatewayFaceChannel     takes = "code", "face"
                    └─ GatewayQrChannel                          takes = "qr"

All give money back. Until the service provider was reached once, an unclear payment is settled by
a careful policy of the kiosk's own.
"""

from __future__ import annotations

from typing import Any

from kiosk.channels.channel import (
    Authinfo,
    ChannelError,
    NotFound,
    OutcomeUnknown,
    PayAnswer,
    PayOrder,
    PresentAnswer,
    QueryAnswer,
    QueryPolicy,
    RefundAnswer,
    RefundOrder,
    Settled,
    Token,
)
from kiosk.channels.gateway.calls import Failure, Numbers, Rawdata, Takes, Terms
from kiosk.channels.gateway.codec import read_answer, write_request
from kiosk.channels.gateway.line import GatewayLine
from kiosk.channels.gateway.options import GatewayOptions
from kiosk.domain.payment import Reversed
from kiosk.domain.signed import Signer

UNTIL_TOLD = QueryPolicy(query_after=5, query_every=5, give_up_after=45, reverse_not_before=16)


class GatewayAccount:
    """What every channel through the service provider has. Safe for threads."""

    def __init__(self, options: GatewayOptions, signer: Signer) -> None:
        """Opens nothing; raises OSError for a certificate that cannot be read."""
        self._options = options
        self._line = GatewayLine(options, signer)
        self._policy = UNTIL_TOLD

    def close(self) -> None:
        """Give the sockets back; no call may follow."""
        self._line.close()

    @property
    def name(self) -> str:
        return self._options.name

    @property
    def policy(self) -> QueryPolicy:
        return self._policy

    @property
    def sandbox(self) -> bool:
        return self._options.sandbox

    def query(self, order: PayOrder) -> QueryAnswer:
        answer: QueryAnswer = self._ask("query", order)
        return answer

    def reverse(self, order: PayOrder) -> Reversed:
        answer: Reversed = self._ask("reverse", order)
        return answer

    def refund(self, order: RefundOrder) -> RefundAnswer:
        answer: RefundAnswer = self._ask("refund", order)
        return answer

    def query_refund(self, order: RefundOrder) -> RefundAnswer | NotFound:
        answer: RefundAnswer | NotFound = self._ask("query_refund", order)
        return answer

    def settled(self, out_trade_no: str = "", transaction_id: str = "") -> Settled | NotFound:
        answer: Settled | NotFound = self._ask("settled", Numbers(out_trade_no, transaction_id))
        return answer

    def check(self) -> None:
        """Reach the wallet through the service provider, and learn how it is settled.

        Raises ChannelError as well where the two ends are not set up for the same.
        """
        terms: Terms = self._ask("check")
        here = (self._options.takes, self._options.sandbox)
        if (terms.takes, terms.sandbox) != here:
            raise ChannelError(
                f"the service provider's channel {self.name} takes {terms.takes.value}"
                f" with sandbox {str(terms.sandbox).lower()}",
                f"Mend takes and sandbox of channels.{self.name} in the config.",
            )
        self._policy = terms.policy

    def _ask(self, call: str, *values: object) -> Any:
        content = self._line.ask(f"/v1/gateway/{self.name}/{call}", write_request(values))
        try:
            answer = read_answer(call, content)
        except ValueError as error:
            raise OutcomeUnknown(f"the service provider's answer cannot be read: {error}") from None
        if isinstance(answer, Failure):
            raise answer.error()
        return answer


class GatewayChannel(GatewayAccount):
    """Takes money with a code or a card."""

    @property
    def card_prefixes(self) -> tuple[str, ...]:
        """How the numbers of the cards begin that this channel is paid with."""
        return self._options.card_prefixes

    def pay(self, order: PayOrder, token: Token) -> PayAnswer:
        """Ask for the money, once."""
        answer: PayAnswer = self._ask("pay", order, token)
        return answer


class GatewayFaceChannel(GatewayChannel):
    """And with a face."""

    def authinfo(self, rawdata: str) -> Authinfo:
        answer: Authinfo = self._ask("authinfo", Rawdata(rawdata))
        return answer


class GatewayQrChannel(GatewayAccount):
    """Takes money from the phone that scans the screen."""

    def present(self, order: PayOrder) -> PresentAnswer:
        """Have the order made, once."""
        answer: PresentAnswer = self._ask("present", order)
        return answer


def gateway_channel(options: GatewayOptions, signer: Signer) -> GatewayAccount:
    """The channel that takes what the options say. Raises OSError as its class does."""
    match options.takes:
        case Takes.CODE:
            return GatewayChannel(options, signer)
        case Takes.FACE:
            return GatewayFaceChannel(options, signer)
        case Takes.QR:
            return GatewayQrChannel(options, signer)
