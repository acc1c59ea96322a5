"""Ends the core, or starts the machine anew, while nobody is served and nobody can be.

Without a command the core ends by itself and its unit starts it again. With one, such as
`systemctl reboot`, the core waits to be stopped; whether the machine went down shows at the next
start, by the time since its boot.
"""

from __future__ import annotations

import logging
import subprocess
import threading
import time
from collections.abc import Sequence

from kiosk.down.orders import Order, Orders
from kiosk.standstill import VisitLock

REBOOT = "reboot"
COMMAND_TIME = 30.0  # seconds that the command may take
GOING_DOWN = 120.0  # seconds in which it must have stopped this process

log = logging.getLogger(__name__)


class Restart:
    """Used by one thread; `leaving` is what ends the core."""

    def __init__(
        self, command: Sequence[str], lock: VisitLock, orders: Orders, leaving: threading.Event
    ) -> None:
        self._command = list(command)
        self._lock, self._orders, self._leaving = lock, orders, leaving

    def resume(self) -> None:
        """After a start: answer the order that was the reason for it."""
        for order in self._orders.waiting():
            if order.what != REBOOT or order.begun is None:
                continue
            anew = _since_boot() < float(order.begun["since_boot"])
            if order.begun["machine"] and not anew:
                self._orders.answer(
                    order, "the kiosk started again, the machine did not", done=False
                )
            else:
                what = "the machine" if order.begun["machine"] else "the kiosk"
                self._orders.answer(order, f"{what} started again", done=True)

    def when_idle(self, *, wanted: bool) -> None:
        """End the core, where it is `wanted` or ordered and nobody is served."""
        ordered = next((one for one in self._orders.waiting() if one.what == REBOOT), None)
        if not (wanted or ordered) or not self._lock.take_alone():
            return
        if ordered is not None:
            note = {"since_boot": _since_boot(), "machine": bool(self._command)}
            ordered = self._orders.begin(ordered, note)
            if self._command:
                self._reboot(ordered)
                return
        log.info("the core ends, to be started anew")
        self._leaving.set()

    def _reboot(self, order: Order) -> None:
        log.warning("reboot command_id=%s", order.command_id)
        try:
            ended = subprocess.run(
                self._command, capture_output=True, text=True, timeout=COMMAND_TIME, check=False
            )
            said = f"{self._command[0]} ended with {ended.returncode}: {ended.stderr.strip()}"
            if ended.returncode == 0:
                if self._leaving.wait(GOING_DOWN):
                    return
                said = "the machine did not go down"
        except (OSError, subprocess.TimeoutExpired) as error:
            said = f"{self._command[0]} cannot be run: {error}"
        self._orders.answer(order, said, done=False)
        self._lock.release()


def _since_boot() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)
