"""One thread of the core that waits at the fleet, and does what comes from there.

    ask (at most 25 s) ─► orders on disk ─► documents on disk ─► obey ─► restart when idle ─► ask …

What is held on the disk is done whether the fleet can be reached or not; what became of it is told
with the next question, until that was answered.
"""

from __future__ import annotations

import logging
import random
import threading

from kiosk.down.desk import Desk
from kiosk.down.duties import Duties
from kiosk.down.orders import Orders
from kiosk.down.papers import Papers
from kiosk.down.restart import REBOOT, Restart
from kiosk.uplink.line import FleetError

WAIT = 25.0  # seconds that a question may stand at the fleet
WAIT_BUSY = 2.0  # while something here waits for a moment without a visit
STEADY = 3.0  # seconds after which a core counts as one that stays up
AGAIN = (1.0, 2.0, 5.0, 15.0, 60.0)  # after a failure; the last one repeats

log = logging.getLogger(__name__)


class Down:
    """The thread; everything it is handed is its own."""

    def __init__(
        self,
        desk: Desk,
        orders: Orders,
        papers: Papers,
        duties: Duties,
        restart: Restart,
        stopped: threading.Event,
    ) -> None:
        self._desk, self._orders = desk, orders
        self._papers, self._duties, self._restart = papers, duties, restart
        self._stopped = stopped
        self._thread = threading.Thread(target=self._run, name="down", daemon=True)

    def start(self) -> None:
        """The core runs: begin."""
        self._thread.start()

    def stop(self) -> None:
        """Begin nothing more. A question that stands at the fleet is left there."""
        self._stopped.set()

    def _run(self) -> None:
        failures, begun = 0, False
        if self._papers.trying:
            self._stopped.wait(STEADY)
        while not self._stopped.is_set():
            try:
                if not begun:
                    self._begin()
                    begun = True
                self._work()
                self._ask()
            except (FleetError, OSError) as error:
                pause = AGAIN[min(failures, len(AGAIN) - 1)]
                failures += 1
                log.warning("way down failed again_in=%.0f cause=%s", pause, error)
                # Not all kiosks at once, when the fleet comes back.
                self._stopped.wait(pause * random.uniform(0.5, 1.0))  # noqa: S311
            except Exception:
                log.exception("way down failed")
                self._stopped.wait(AGAIN[-1])
            else:
                failures = 0

    def _begin(self) -> None:
        """The core is up: what was waiting for that has come about."""
        if self._papers.trying:
            self._papers.proven()
        self._papers.resume()
        self._restart.resume()

    def _ask(self) -> None:
        busy = self._papers.waits or bool(self._orders.waiting())
        for kind, newer in self._desk.ask(WAIT_BUSY if busy else WAIT).items():
            self._papers.take(kind, newer.version, self._desk.fetch(kind, newer))

    def _work(self) -> None:
        for order in self._orders.waiting():
            if self._stopped.is_set():
                return
            if order.what != REBOOT:
                self._duties.obey(order)
        self._papers.look()
        self._restart.when_idle(wanted=self._papers.wants_start)
