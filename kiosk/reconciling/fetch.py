"""`kiosk bill --day YYYY-MM-DD [--kind trade|fund-flow] --out FILE`: a channel's file of a day.

What comes is read once, so that a bill that is not whole is never kept. It is written with mode
0600, whole or not at all, and never over another file.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from enum import Enum
from io import BytesIO
from pathlib import Path

from kiosk.channels.channel import BillChannel, ChannelError
from kiosk.config import Config
from kiosk.errors import KioskError
from kiosk.reconciling.files import channel_of, day_of, read_flows, read_trades
from kiosk.wallets import bill_channel

Say = Callable[[str], object]


class Kind(Enum):
    """Which of the channel's books; the value is the word on the command line."""

    TRADE = "trade"
    FUND_FLOW = "fund-flow"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which file, of which day in Beijing, into which new file, of which channel.

    Without a name it is the only channel whose bills can be read.
    """

    day: str
    kind: Kind
    out: Path
    channel: str = ""


def command(config: Config, wanted: Wanted, say: Say = sys.stdout.write) -> int:
    """Fetch, look through and write it; say what to run next. Raises KioskError."""
    name = channel_of(config, wanted.channel)
    day = day_of(wanted.day)
    if wanted.out.exists():
        raise _taken(wanted.out)
    content = _fetched(bill_channel(config, name), day, wanted.kind)
    count = _rows(content, name, wanted.kind)
    try:
        _write(wanted.out, content)
    except FileExistsError as error:
        raise _taken(wanted.out) from error
    except OSError as error:
        cause = f"{wanted.out} cannot be written: {error.strerror}"
        raise KioskError(cause, "Check --out") from error
    say(f"{day} {name}: {count} rows in {wanted.out}\nnext: {_next(wanted)}\n")
    return 0


def _taken(out: Path) -> KioskError:
    return KioskError(f"{out} is there already", "Name another file with --out, or remove it")


def _fetched(channel: BillChannel, day: date, kind: Kind) -> bytes:
    try:
        match kind:
            case Kind.TRADE:
                return channel.download_bill(day)
            case Kind.FUND_FLOW:
                return channel.download_fund_flow(day)
    except ChannelError as error:
        raise KioskError(error.cause, error.mend) from error


def _rows(content: bytes, channel: str, kind: Kind) -> int:
    try:
        if kind is Kind.TRADE:
            return len(read_trades(BytesIO(content), channel))
        return len(read_flows(BytesIO(content)))
    except ValueError as error:
        raise KioskError(f"what came is no whole bill: {error}", "Fetch it again") from error


def _write(out: Path, content: bytes) -> None:
    """A link takes the name, since it is refused where the name is taken meanwhile."""
    beside = out.with_name(f".{out.name}.{os.getpid()}.part")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(beside, out)
    finally:
        with suppress(FileNotFoundError):
            beside.unlink()


def _next(wanted: Wanted) -> str:
    words = ["kiosk", "reconcile", "--day", wanted.day, "--bill"]
    words += (
        [str(wanted.out)] if wanted.kind is Kind.TRADE else ["BILL", "--fund-flow", str(wanted.out)]
    )
    words += ["--channel", wanted.channel] if wanted.channel else []
    return shlex.join(words)
