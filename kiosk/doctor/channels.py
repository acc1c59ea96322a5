"""Who takes the money: its key, whether it answers, and whether its clock and ours agree."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx

from kiosk import wallets
from kiosk.channels.channel import ChannelError
from kiosk.channels.wechatpay.options import PAY_URL
from kiosk.config import Config
from kiosk.doctor.finding import Check, Finding, bad, failed, good, unknown
from kiosk.errors import ConfigError
from kiosk.settings import Driver

_WITH_KEY = ("wechatpay", "wechatpay-native")  # drivers whose key is a credential
_SECONDS = 40.0  # a channel's own deadlines: ten to connect, thirty for its answer
_CLOSE = 60.0  # seconds between two clocks that nobody need care about
_SKEW = 300.0  # seconds from which channels refuse what we sign


def checks(config: Config) -> list[Check]:
    """One for each channel; none at all is a fault, since the core does not start then."""
    if not config.channels:
        return [Check("channel", _none)]
    return [_check(config, name, driver) for name, driver in config.channels.items()]


def _none() -> list[Finding]:
    return [bad("channel", "the settings name none", "Add a table [channels.wechatpay].")]


def _check(config: Config, name: str, driver: Driver) -> Check:
    return Check(f"channel {name}", lambda: asked(config, name, driver), _SECONDS)


def asked(config: Config, name: str, driver: Driver) -> Iterator[Finding]:
    """Ask one channel for something that moves no money."""
    what = f"channel {name}"
    hidden = _handed_over(driver, name)
    if hidden:
        file = Path("/etc/kiosk/credentials") / hidden
        yield unknown(
            what,
            f"not asked: its key {hidden} is handed to the core's unit only",
            "Run this with it: systemd-run --pipe --wait"
            f" -p LoadCredentialEncrypted={hidden}:{file} kiosk doctor",
        )
        return
    try:
        channel = wallets.channels(replace(config, channels={name: driver}))[name]
        channel.check()
    except (ConfigError, ChannelError) as error:
        yield _refused(what, error)
    else:
        money = "answers; SANDBOX, no money moves" if channel.sandbox else "answers"
        yield _with_clock(what, money, skew(_address(driver)))


def skew(url: str) -> float | None:
    """Seconds by which our clock is ahead of the server's Date (to the second); None: not told."""
    if not url:
        return None
    try:
        answer = httpx.head(url, timeout=5.0, trust_env=False)
        here = time.time()
        return here - parsedate_to_datetime(answer.headers["Date"]).timestamp()
    except (httpx.HTTPError, httpx.InvalidURL, KeyError, ValueError, OSError):
        return None


def _with_clock(what: str, says: str, ahead: float | None) -> Finding:
    if ahead is None:
        return good(what, f"{says}; it does not tell its time")
    # Its Date has whole seconds, so one of them is nobody's fault.
    if abs(ahead) <= 2:
        return good(what, f"{says}; its clock agrees with ours")
    way = f"this machine's clock is {abs(ahead):.0f} s {'ahead' if ahead > 0 else 'behind'}"
    mend = "Switch the time server on: timedatectl set-ntp true."
    if abs(ahead) > _SKEW:
        return bad(what, f"{says}, but {way}", mend)
    return good(what, f"{says}; {way}", mend if abs(ahead) > _CLOSE else "")


def _refused(what: str, error: ConfigError | ChannelError) -> Finding:
    if isinstance(error, ChannelError) and error.cause == "clock":
        says = "refuses this machine's clock, which is more than five minutes off"
        return bad(what, says, "Set the clock: timedatectl set-ntp true.")
    found = failed(what, error)
    if found.mend:
        return found
    return replace(found, mend="Check the network; if it stays, call the channel's support.")


def _address(driver: Driver) -> str:
    """Where the channel's server is; "" for a driver that has other options."""
    usual = PAY_URL if driver.driver in _WITH_KEY else ""
    return str(driver.options.get("pay_url", usual))


def _handed_over(driver: Driver, name: str) -> str:
    """The name of a credential that only a unit of the service manager sees; "" elsewhere."""
    if driver.driver not in _WITH_KEY or "CREDENTIALS_DIRECTORY" in os.environ:
        return ""
    credential = str(driver.options.get("key_credential", f"{name}.key"))
    return "" if "/" in credential else credential
