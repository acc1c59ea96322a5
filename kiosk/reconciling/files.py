"""The channel's files of a day, read whole or not at all, and the day and channel they are of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import BinaryIO

from kiosk.config import Config
from kiosk.domain.bill import BillLine
from kiosk.domain.fund_flow import FlowLine
from kiosk.domain.reconcile import number_of
from kiosk.errors import KioskError

_READABLE = ("wechatpay", "wechatpay-native")  # drivers whose bills have WeChat Pay's form


def channel_of(config: Config, name: str) -> str:
    """The channel called `name`, or the first of the only merchant whose files can be read.

    Raises KioskError.
    """
    if name:
        if name not in config.channels:
            known = ", ".join(config.channels) or "none"
            raise KioskError(f"there is no channel {name}", f"Known: {known}")
        driver = config.channels[name].driver
        if driver not in _READABLE:
            known = ", ".join(_READABLE)
            raise KioskError(
                f"bills of the channel driver {driver} cannot be read", f"Known: {known}"
            )
        return name
    readable = [name for name, each in config.channels.items() if each.driver in _READABLE]
    if not readable or merchant_of(config, readable[0]) != set(readable):
        names = ", ".join(readable) or "there is none"
        raise KioskError(f"it is not clear whose bill this is: {names}", "Name it with --channel")
    return readable[0]


def merchant_of(config: Config, channel: str) -> frozenset[str]:
    """The channels of the same merchant: his bill has the payments of all of them."""

    def numbers(name: str) -> tuple[object, object]:
        options = config.channels[name].options
        return options.get("mch_id"), options.get("sub_mch_id") or ""

    ours = numbers(channel)
    return frozenset(
        name
        for name, each in config.channels.items()
        if each.driver in _READABLE and numbers(name) == ours
    )


def day_of(text: str) -> date:
    """A day as it is typed. Raises KioskError."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise KioskError(f"{text!r} is no day", "Give it as 2026-03-01") from error


def read_trades(source: BinaryIO, channel: str) -> list[BillLine]:
    """The lines of a trade bill, sorted by number. Raises ValueError where it is not whole."""
    from kiosk.channels.wechatpay.bill import read_bill

    return sorted(read_bill(source, channel), key=number_of)


def read_flows(source: BinaryIO) -> list[FlowLine]:
    """The lines of a fund-flow bill in their order. Raises ValueError where it is not whole."""
    from kiosk.channels.wechatpay.fund_flow import read_fund_flow

    return list(read_fund_flow(source))


@contextmanager
def _opened(path: Path, option: str) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise KioskError(f"{path} cannot be read: {error.strerror}", f"Check {option}") from error
    except ValueError as error:
        mend = "Fetch it from the channel again; a bill that is not whole is not compared"
        raise KioskError(f"{path}: {error}", mend) from error


def trades_in(path: Path, channel: str) -> list[BillLine]:
    """The lines of the trade bill in a file. Raises KioskError."""
    with _opened(path, "--bill") as file:
        return read_trades(file, channel)


def flows_in(path: Path) -> list[FlowLine]:
    """The lines of the fund-flow bill in a file. Raises KioskError."""
    with _opened(path, "--fund-flow") as file:
        return read_flows(file)
