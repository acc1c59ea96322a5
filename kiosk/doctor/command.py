"""`kiosk doctor`: every device, model, channel and directory with its state and the mend.

A mistake in the settings is told alone: everything else would follow from it.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from hardware.devices import Condition
from kiosk.config import Config
from kiosk.doctor import (
    brand,
    certificates,
    channels,
    devices,
    faces,
    ledger,
    machine,
    provider,
    table,
)
from kiosk.doctor.finding import Check, Finding, examine, failed, good
from kiosk.down.afar import settings_in_force
from kiosk.down.book import book_in_force, in_force, shelf
from kiosk.down.documents import Documents
from kiosk.errors import ConfigError
from kiosk.peripherals import DISPENSER, PRINTER


def run(path: Path, *, as_json: bool = False) -> int:
    """Print the findings for the settings at `path`; 0 when nothing is BAD."""
    quiet()
    findings = diagnose(path)
    if as_json:
        sys.stdout.write(table.as_json(findings))
    else:
        sys.stdout.write(table.as_text(findings, shutil.get_terminal_size().columns))
    sys.stdout.flush()
    return int(any(one.state is Condition.BAD for one in findings))


def quiet() -> None:
    """No logs unless they were asked for: what went wrong is told in sentences."""
    if "KIOSK_LOG" not in os.environ:
        logging.disable(logging.CRITICAL)
        os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")


def diagnose(path: Path) -> list[Finding]:
    """Everything about the kiosk of these settings."""
    try:
        config = settings_in_force(path)
    except ConfigError as error:
        return [failed("settings", error)]
    running = ledger.in_use(config.paths.state / "ledger")
    kiosk = "; the kiosk is running" if running else "; the kiosk is not running"
    checks = [
        Check("catalogue", lambda: catalogue(config)),
        *provider.checks(config),
        *ledger.checks(config),
        *machine.checks(config),
        *brand.checks(config),
        *channels.checks(config),
        *certificates.checks(config),
        *devices.checks(config, running=running),
        *faces.checks(config, running=running),
    ]
    return [good("settings", f"{path}{kiosk}"), *examine(checks)]


def catalogue(config: Config) -> Iterator[Finding]:
    """What is for sale."""
    place = book_in_force(config)
    book = shelf(config, in_force(config, Documents(config.paths.state))).book
    if len(book):
        yield good("catalogue", f"{place}: {len(book)} products")
    else:
        yield failed("catalogue", ConfigError(f"{place} lists no product", "Fill the price book"))
    stations = {product.station for product in book if product.station}
    for name in sorted(stations - {*config.stations, *({PRINTER} & set(config.devices))}):
        cause = f"{place} names this station, and there is no printer for it"
        yield failed(name, ConfigError(cause, f"Add a table [stations.{name}]"))
    if any(product.slot for product in book) and DISPENSER not in config.devices:
        cause = f"{place} names slots, and there is no dispenser"
        yield failed(DISPENSER, ConfigError(cause, "Add a table [devices.dispenser]"))
