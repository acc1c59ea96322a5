"""A channel through the service provider, who holds the wallet's keys.

    kiosk ── POST /v1/gateway/{channel}/{call}, signed by the terminal ──► fleet ──► wallet

The contract is that of every channel; what is asked and answered travels as `codec` writes it. A
kiosk that is stolen can pay and query for its own store, and nothing else.
"""

from kiosk.channels.gateway.channel import (
    GatewayChannel,
    GatewayFaceChannel,
    GatewayQrChannel,
    gateway_channel,
)
from kiosk.channels.gateway.options import GatewayOptions

__all__ = [
    "GatewayChannel",
    "GatewayFaceChannel",
    "GatewayOptions",
    "GatewayQrChannel",
    "gateway_channel",
]
