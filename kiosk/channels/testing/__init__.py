"""The contract suites of a payment channel: a class each, run on every implementation.

    class TestMyChannel(ChannelContract):
        pass                                   # and two fixtures, `channel` and `peer`

`peer` stands for the far side, over its own door: it says what the next call meets and how much
money it holds. The channel itself talks to it as it would to the genuine one. Nothing here needs a
test runner, so that a third party can drive the suites with any.
"""

from kiosk.channels.testing.payments import ChannelContract
from kiosk.channels.testing.peer import FarSide, Meets, Peer, QrPeer, RefundPeer
from kiosk.channels.testing.qr import QrContract
from kiosk.channels.testing.refunds import RefundContract

__all__ = [
    "ChannelContract",
    "FarSide",
    "Meets",
    "Peer",
    "QrContract",
    "QrPeer",
    "RefundContract",
    "RefundPeer",
]
