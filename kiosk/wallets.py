"""Builds the channels that a Config names: who is asked for money, and who gives it back.

A channel's classes are imported when it is built, so a kiosk loads none that it does not use.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from kiosk import registry
from kiosk.config import Config
from kiosk.errors import ConfigError
from kiosk.settings import Driver, read_credential

if TYPE_CHECKING:
    from kiosk.channels.channel import Account, BillChannel, RefundChannel


def channels(config: Config) -> Mapping[str, Account]:
    """The channels by name, in the order of the config."""
    if not config.channels:
        raise ConfigError("no channel is configured", "Add a table [channels.wechatpay]")
    return {name: _channel(config, name, driver) for name, driver in config.channels.items()}


def refund_channels(wallets: Mapping[str, Account]) -> Mapping[str, RefundChannel]:
    """Those of them that give money back after the sale."""
    able = {name: one for name, one in wallets.items() if hasattr(one, "query_refund")}
    return cast("Mapping[str, RefundChannel]", able)


def bill_channel(config: Config, name: str) -> BillChannel:
    """The channel called `name`, one of those whose bills can be read."""
    return cast("BillChannel", _channel(config, name, config.channels[name]))


def _channel(config: Config, name: str, driver: Driver) -> Account:
    from kiosk.channels.channel import ChannelError
    from kiosk.channels.wallets import WALLETS, Place, wallet_of, wallet_options

    if driver.driver not in (*WALLETS, "gateway"):
        channel: Account = registry.build("channel", driver, name=name)
        return channel
    options = {"name": name, **driver.options}
    try:
        if driver.driver == "gateway":
            return _gateway(config, options)
        key = read_credential(str(options.pop("key_credential", f"{name}.key")))
        place = Place(config.terminal_id, config.shop.store_id, config.shop.name)
        return wallet_of(wallet_options(driver.driver, place, key, options))
    except (TypeError, ValueError, OSError) as error:
        raise ConfigError(f"channels.{name}: {error}", "Mend the settings file") from error
    except ChannelError as error:
        raise ConfigError(f"channels.{name}: {error.cause}", error.mend) from error


def _gateway(config: Config, options: Mapping[str, Any]) -> Account:
    from kiosk.channels.gateway import GatewayOptions, gateway_channel
    from kiosk.uplink.join import terminal_signer

    given = {"url": config.fleet.url, "trust": config.fleet.trust, **options}
    return gateway_channel(GatewayOptions(**given), terminal_signer(config))
