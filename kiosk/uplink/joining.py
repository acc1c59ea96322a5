"""A kiosk that can take no money before it has joined shows its code on its own screen.

no merchant yet, channels through the fleet ─► out of order, with the code ─► joined ─► restart
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import replace

from kiosk.config import Config
from kiosk.errors import KioskError
from kiosk.uplink.join import ASK_EVERY, Joining, shown

THROUGH = "gateway"  # the driver of channels that need a service provider
AGAIN = 15.0  # seconds after a failure

log = logging.getLogger(__name__)


def must_join(config: Config) -> bool:
    """Whether it is to become a terminal before it can sell."""
    fleet = config.fleet
    asks = bool(fleet.url and fleet.serial and not fleet.merchant_id)
    return asks and any(one.driver == THROUGH for one in config.channels.values())


def until_joined(config: Config) -> Config:
    """The settings without what needs a merchant."""
    return replace(config, channels={}, faces=replace(config.faces, wallet_url=""))


class JoiningThread:
    """Asks for code after code until somebody has typed one in; then the core is to end."""

    def __init__(self, config: Config, leaving: threading.Event) -> None:
        self._config, self._leaving = config, leaving
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="joining", daemon=True)
        self.code = ""
        """What the screen shows now, as people read it; "" while there is none."""

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def stop(self) -> None:
        """Ask no more."""
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._join()
            except (KioskError, OSError) as error:
                log.warning("cannot join yet again_in=%.0f cause=%s", AGAIN, error)
            if self._leaving.is_set():
                return
            self.code = ""
            self._stopped.wait(AGAIN)

    def _join(self) -> None:
        joining = Joining(self._config)
        try:
            code, seconds = joining.ask()
            self.code, end = shown(code), time.monotonic() + seconds
            while not self._stopped.wait(ASK_EVERY) and time.monotonic() < end:
                if merchant_id := joining.joined(code):
                    log.info("joined merchant_id=%s", merchant_id)
                    self._leaving.set()
                    return
        finally:
            joining.close()
