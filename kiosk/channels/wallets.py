"""A wallet's own client from its table in a settings file, wherever its key is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kiosk.channels.wechatpay import WechatPay, WechatPayOptions
from kiosk.channels.wechatpay.v3 import WechatNative, WechatNativeOptions

WALLETS = ("wechatpay", "wechatpay-native")
"""The drivers whose key is a credential."""

WalletOptions = WechatPayOptions | WechatNativeOptions
Wallet = WechatPay | WechatNative


@dataclass(frozen=True, slots=True)
class Place:
    """Where payments are taken, as the wallet is told where the table does not say otherwise."""

    device_id: str
    store_id: str
    store_name: str


def wallet_options(
    driver: str, place: Place, key: str, options: Mapping[str, Any]
) -> WalletOptions:
    """The options of one of `WALLETS`. Raises TypeError or ValueError for one that cannot be."""
    given = {"key": key, "device_id": place.device_id, **options}
    if driver == "wechatpay":
        store = {"store_id": place.store_id, "store_name": place.store_name}
        return WechatPayOptions(**{**store, **given})
    return WechatNativeOptions(**given)


def wallet_of(options: WalletOptions) -> Wallet:
    """The client. Raises ChannelError for a key or certificate that cannot be read."""
    if isinstance(options, WechatPayOptions):
        return WechatPay(options)
    return WechatNative(options)
