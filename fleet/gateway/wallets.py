"""The channels of every merchant that the fleet holds the keys of, from its settings file.

    [merchants.M1]
    refunds_at_any_store = true        a shopper may give goods back at another store

    [merchants.M1.channels.wechatpay]  as on a kiosk; and driver = "stored-value", with
    driver = "wechatpay"               card_prefixes, and key_credential for the card numbers

A client is made once for a merchant and channel, and serves all his terminals.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fleet.accounts import CardNumbers, Journal, StoredValue
from fleet.database import Database
from kiosk.channels.channel import Account, ChannelError
from kiosk.channels.codes import card_prefix_trouble
from kiosk.channels.gateway.calls import Takes, Terms
from kiosk.channels.wallets import WALLETS, Place, wallet_of, wallet_options
from kiosk.errors import ConfigError
from kiosk.settings import Driver, read_credential, read_settings

STORED_VALUE = "stored-value"
CHECK_LIFE = 10.0  # seconds; all terminals of a merchant look at the same channel
_NEVER = ChannelError("the channel is being reached for the first time", "Wait a moment.")


@dataclass(frozen=True, slots=True)
class Merchant:
    """A merchant's channels, and what his terminals may."""

    channels: Mapping[str, Driver] = field(default_factory=dict)
    refunds_at_any_store: bool = False


@dataclass(frozen=True, slots=True)
class FleetSettings:
    """Everything that the settings file of the fleet says."""

    merchants: Mapping[str, Merchant] = field(default_factory=dict)


class Served:
    """One channel of one merchant; no call for money is longer than `seconds`. Thread-safe."""

    def __init__(
        self, account: Account, seconds: float, *, card_prefixes: tuple[str, ...] = ()
    ) -> None:
        self.account: Any = account
        self.seconds = seconds
        self.card_prefixes = card_prefixes
        self._lock = threading.Lock()
        self._checked: tuple[float, ChannelError | None] = (-math.inf, _NEVER)

    @property
    def takes(self) -> Takes:
        """What it takes money with."""
        if hasattr(self.account, "present"):
            return Takes.QR
        return Takes.FACE if hasattr(self.account, "authinfo") else Takes.CODE

    def check(self) -> Terms:
        """What it is, where it was reached just now or a moment ago. Raises ChannelError."""
        at, trouble = self._checked
        # Who comes while another looks has the last answer: a slow wallet holds one thread only.
        if time.monotonic() - at >= CHECK_LIFE and self._lock.acquire(blocking=False):
            try:
                trouble = self._trouble()
                self._checked = (time.monotonic(), trouble)
            finally:
                self._lock.release()
        if trouble is not None:
            raise trouble
        return Terms(self.takes, self.account.sandbox, self.account.policy)

    def _trouble(self) -> ChannelError | None:
        try:
            self.account.check()
        except ChannelError as error:
            return error
        return None


class Wallets:
    """The channels that are served, by merchant and name."""

    def __init__(
        self,
        served: Mapping[tuple[str, str], Served],
        refunds_at_any_store: frozenset[str] = frozenset(),
    ) -> None:
        self._served = served
        self._any_store = refunds_at_any_store

    def find(self, merchant_id: str, channel: str) -> Served | None:
        """A merchant's channel; None where he has none of this name."""
        return self._served.get((merchant_id, channel))

    def refunds_at_any_store(self, merchant_id: str) -> bool:
        """Whether a payment may be given back at another store of the merchant."""
        return merchant_id in self._any_store


def load_wallets(path: Path | None, database: Database) -> Wallets:
    """The channels that the settings file names, none without one. Raises ConfigError."""
    if path is None:
        return Wallets({})
    settings, _ = read_settings(path, FleetSettings)
    served = {
        (merchant_id, name): _served(database, merchant_id, name, driver)
        for merchant_id, merchant in settings.merchants.items()
        for name, driver in merchant.channels.items()
    }
    any_store = {
        merchant_id
        for merchant_id, merchant in settings.merchants.items()
        if merchant.refunds_at_any_store
    }
    return Wallets(served, frozenset(any_store))


def _served(database: Database, merchant_id: str, name: str, driver: Driver) -> Served:
    where = f"merchants.{merchant_id}.channels.{name}"
    options = dict(driver.options)
    try:
        if driver.driver == STORED_VALUE:
            return _stored_value(database, merchant_id, options)
        if driver.driver not in WALLETS:
            known = ", ".join((*WALLETS, STORED_VALUE))
            raise ConfigError(f"{where}: there is no driver {driver.driver}", f"Known: {known}")
        key = read_credential(str(options.pop("key_credential", f"{merchant_id}.{name}.key")))
        place = Place(merchant_id[:32], merchant_id[:32], merchant_id)
        account = wallet_options(driver.driver, place, key, {"name": name, **options})
        seconds = account.connect_timeout + account.read_timeout + account.answer_within
        return Served(wallet_of(account), seconds)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{where}: {error}", "Mend the settings file") from error
    except ChannelError as error:
        raise ConfigError(f"{where}: {error.cause}", error.mend) from error


def _stored_value(database: Database, merchant_id: str, options: dict[str, Any]) -> Served:
    key = read_credential(str(options.pop("key_credential", "card-numbers.key")))
    prefixes = options.pop("card_prefixes", None)
    if options:
        raise ValueError(f"{', '.join(sorted(options))} is no option of stored-value")
    if type(prefixes) is not list or not prefixes or any(type(one) is not str for one in prefixes):
        raise ValueError("card_prefixes must be a list of texts")
    for prefix in prefixes:
        if trouble := card_prefix_trouble(prefix):
            raise ValueError(f"card_prefixes: {trouble}")
    account = StoredValue(Journal(database, merchant_id), CardNumbers(key.encode()))
    # Its journal keeps what was undone from ever being paid, so nothing has to be waited for.
    return Served(account, 0.0, card_prefixes=tuple(prefixes))
