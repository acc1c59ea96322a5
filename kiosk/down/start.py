"""The service provider's end of a core, from its settings: what came from him, and both ways.

A kiosk sells without it where it cannot be made.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Any

from kiosk.config import Config
from kiosk.down.book import shelf_in_force
from kiosk.down.desk import Desk
from kiosk.down.documents import Documents
from kiosk.down.down import Down
from kiosk.down.duties import Duties, Means
from kiosk.down.orders import Orders
from kiosk.down.papers import Papers, Restock
from kiosk.down.restart import Restart
from kiosk.errors import KioskError
from kiosk.goods import Shelf
from kiosk.standstill import Suspension, VisitLock
from kiosk.uplink.joining import JoiningThread, must_join, until_joined
from kiosk.uplink.start import health, open_line, start_uplink

log = logging.getLogger(__name__)


class Provider:
    """What he has set here; `leaving` is set when the core is to end, to be started anew."""

    def __init__(self, settings: Path, config: Config) -> None:
        """`settings` is the machine's own file, `config` what this core runs with."""
        self._settings, self._config = settings, config
        self._documents = Documents(config.paths.state)
        self.suspension = Suspension(config.paths.state / "suspended")
        self.leaving = threading.Event()
        self._joining = JoiningThread(config, self.leaving) if must_join(config) else None

    @property
    def joins(self) -> bool:
        """Whether it is no terminal yet, and cannot sell before it is."""
        return self._joining is not None

    @property
    def running(self) -> Config:
        """The settings that the core can run with now."""
        return self._config if self._joining is None else until_joined(self._config)

    def joining_code(self) -> str:
        """What is to be typed in beside the planned terminal; "": it has joined, or no code yet."""
        return "" if self._joining is None else self._joining.code

    def shelf(self) -> Shelf:
        """What is for sale now. Raises ConfigError for the machine's own price book."""
        return shelf_in_force(self._config, self._documents)

    def open(self, means: Means, restock: Restock) -> Down | JoiningThread | None:
        """Have the timer send up; answers the way down, not started yet."""
        config = self._config
        if self._joining is not None:
            return self._joining

        def report() -> dict[str, Any]:
            said = {
                "documents": self._documents.summary(),
                "suspended": self.suspension.here,
                "closed": means.closing.why,
                "asking": means.asking.summary(),
            }
            return {**health(config.channels, means.jobs, means.peripherals), **said}

        uplink = start_uplink(config, means.timer, means.ledger, report)
        if uplink is not None:
            means.asking.on_news = uplink.hurry  # nobody waits a minute to be seen
        line = open_line(config) if uplink is not None else None
        if uplink is None or line is None:
            return None
        try:
            orders = Orders(config.paths.state)
        except KioskError as error:
            log.error("no way down cause=%s", error)  # noqa: TRY400 - its sentence says it all
            return None
        stopped = threading.Event()
        lock = VisitLock(config.paths.run / "visit.lock")
        return Down(
            Desk(line, self._documents, orders),
            orders,
            Papers(self._settings, config, self._documents, restock),
            Duties(means, self.suspension, uplink, orders, stopped),
            Restart(config.fleet.reboot, lock, orders, self.leaving),
            stopped,
        )
