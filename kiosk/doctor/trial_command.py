"""`kiosk device test NAME`: does with one device what it is there for, and says what came of it.

The kiosk must not run meanwhile, since a device is held by one program.
"""

from __future__ import annotations

import sys
from pathlib import Path

from hardware.errors import DeviceError
from kiosk.config import Config
from kiosk.device_test import DidNotWork
from kiosk.doctor import ledger
from kiosk.doctor.opening import configured, kind_of, known, opened
from kiosk.doctor.trials import TRIALS, Asked, Ears, Say
from kiosk.down.afar import settings_in_force

RUNS = (
    "The kiosk runs, and a device is held by one program. Stop it first (systemctl stop"
    " kiosk.target), or let the service provider order a test while it runs (test_device)."
)


def run(
    path: Path,
    name: str | None,
    *,
    seconds: float = 20.0,
    slot: int | None = None,
    say: Say | None = None,
) -> int:
    """Try the device of that name, or list those there are; 0 when it worked.

    Raises ConfigError.
    """
    config = settings_in_force(path)
    out = say or _line
    if name is None:
        for each, driver in configured(config).items():
            out(f"{each}: {kind_of(config, each)}, driver {driver.driver}")
        return 0
    known(config, name)
    asked = Asked(name, configured(config)[name], seconds, slot, config.terminal_id)
    try:
        _try(config, asked, out)
    except DidNotWork as error:
        out(f"{name} did not work: {str(error).rstrip('.')}.")
        return 1
    except DeviceError as error:
        out(f"{name} did not work: {error.cause}. {error.mend}".strip())
        if ledger.in_use(config.paths.state / "ledger"):
            out(RUNS)
        return 1
    out(f"{name} worked.")
    return 0


def _try(config: Config, asked: Asked, say: Say) -> None:
    ears = Ears()
    with opened(config, asked.name, ears.hearing) as device:
        TRIALS[kind_of(config, asked.name)](device, asked, ears, say)


def _line(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
