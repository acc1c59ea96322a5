"""The duty of a machine that pays by face: each payment made there in another way is reported.

    PAID by code or QR ─► the face service hears its number ─► taken: done
                                                            ─► not taken: 5, 30, 120 s later again

The wallet counts a machine's payments by these reports and moves no money by them. So they are
made as well as can be: no payment waits for one or is changed by one, after the last try it is
given up, and a crash in between loses it.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Collection

from kiosk.domain.payment import Method, Payment, State
from kiosk.faces.service import FaceService
from kiosk.timer import Work

AGAIN_AFTER = (5.0, 30.0, 120.0)  # seconds between the tries
REMEMBERED = 1000  # payments; the same step may be heard of several times, soon after each other

log = logging.getLogger(__name__)

Put = Callable[[str, Work], None]


class Reports:
    """Reports each payment once; `hear` is called by one thread, the work is the timer's."""

    def __init__(self, put: Put, faces: FaceService, channels: Collection[str]) -> None:
        """`channels` are the names of those that belong to the face service's wallet."""
        self._put = put
        self._faces = faces
        self._channels = channels
        self._heard: deque[str] = deque(maxlen=REMEMBERED)

    def hear(self, payment: Payment) -> None:
        """A step of a payment; returns at once."""
        number = payment.out_trade_no
        owed = payment.state is State.PAID and payment.method in (Method.CODE, Method.QR)
        if owed and payment.channel in self._channels and number not in self._heard:
            self._heard.append(number)
            self._put(f"report {number}", self._tell(number))

    def _tell(self, number: str) -> Work:
        waits = iter(AGAIN_AFTER)

        def work(now: float) -> float | None:
            if self._faces.report_order(number):
                log.info("payment reported out_trade_no=%s", number)
                return None
            wait = next(waits, None)
            if wait is None:
                log.warning("payment not reported out_trade_no=%s", number)
                return None
            return now + wait

        return work
