"""The uplink of a core, from its settings; a kiosk sells without it where it cannot be made."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from kiosk import __version__
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.errors import ConfigError
from kiosk.jobs import Jobs
from kiosk.ledger import Ledger
from kiosk.peripherals import Peripherals
from kiosk.timer import Timer
from kiosk.uplink.join import fleet_line, key_path, read_key
from kiosk.uplink.line import FleetLine
from kiosk.uplink.uplink import Uplink

UPLINK = "uplink"  # its name in the timer

log = logging.getLogger(__name__)


def start_uplink(
    config: Config, timer: Timer, ledger: Ledger, report: Callable[[], dict[str, Any]]
) -> Uplink | None:
    """Have the timer send up; without a merchant in the settings nothing is sent."""
    if not config.fleet.merchant_id:
        return None
    line = open_line(config)
    if line is None:
        return None
    uplink = Uplink(ledger, line, report)
    timer.put(UPLINK, uplink.work)
    return uplink


def open_line(config: Config) -> FleetLine | None:
    """A line to the fleet for one thread; None where there is no key for it."""
    keyid = f"{config.fleet.merchant_id}/{config.terminal_id}"
    try:
        return fleet_line(config, keyid, read_key(key_path(config)))
    except (ConfigError, OSError) as error:
        log.warning("no line to the fleet cause=%s", error)
        return None


def health(channels: Iterable[str], jobs: Jobs, peripherals: Peripherals) -> dict[str, Any]:
    """What the fleet is told of this kiosk: every channel and device, "" or what is wrong.

    Beside it what the devices have done, in counts.
    """
    troubles = {name: jobs.trouble(name) for name in channels}
    return {
        "at_ms": Clock().wall_ms(),
        "version": __version__,
        "channels": {name: one.cause if one else "" for name, one in troubles.items()},
        "devices": {name: one.cause for name, one in peripherals.health().items()},
        "statistics": peripherals.statistics(),
    }
