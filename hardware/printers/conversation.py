"""Questions and answers between a driver and its printer, over a line that may vanish.

The loop's thread sorts what arrives; the thread of a job writes and waits here with deadlines.
One job or question at a time: the driver holds its lock.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable

from hardware.devices import PrinterStatus
from hardware.errors import DeviceError
from hardware.link import Backoff, Connect, Link
from hardware.loop import DeviceLoop
from hardware.printers.answers import Answer, AnswerSorter, Realtime
from hardware.printers.status import with_realtime

EVERY_REQUEST = (1, 2, 3, 4)
MOST_ANSWERS = 256  # waiting; of a printer that babbles the oldest are lost
LINE_CHECK_S = 0.2  # how soon a job notices that its line was closed here


class Conversation:
    """The line to one printer. ``line_changed`` is called with None when it is up again."""

    def __init__(self, name: str, loop: DeviceLoop, connect: Connect, backoff: Backoff) -> None:
        self.link = Link(
            name,
            loop,
            connect,
            self._received,
            on_up=self._came_back,
            on_down=self._went_away,
            backoff=backoff,
        )
        self._answers: deque[Answer] = deque(maxlen=MOST_ANSWERS)
        self._arrived = threading.Condition()
        self._sorter = AnswerSorter()
        self.line_changed: Callable[[DeviceError | None], None] = _nobody
        self.pin3_high: bool | None = None  # drawer connector, from the last DLE EOT 1

    def send(self, data: bytes, deadline: float, losses: int) -> int:
        """Bytes taken until ``deadline`` (monotonic seconds) by the line that has had ``losses``.

        Raises Offline.
        """
        return self.link.write(data, deadline, losses)

    def forget(self) -> None:
        """Drop answers that came too late: they would be taken for those of the next question."""
        with self._arrived:
            self._answers.clear()

    def next_answer(self, deadline: float, losses: int) -> Answer | None:
        """The next answer, or None when time is up or the line was lost since ``losses``."""
        with self._arrived:
            while not self._answers:
                left = deadline - time.monotonic()
                if left <= 0 or self.link.losses != losses:
                    return None
                self._arrived.wait(min(left, LINE_CHECK_S))
            return self._answers.popleft()

    def ask(self, each_s: float, requests: Iterable[int] = EVERY_REQUEST) -> PrinterStatus:
        """DLE EOT, one request at a time; stops at the first not answered within ``each_s``.

        Answers do not say which request they are for, so two are never under way. Any other answer
        that arrives meanwhile, such as the acknowledgement of a job, is kept in its order.
        """
        status = PrinterStatus()
        kept: deque[Answer] = deque(maxlen=MOST_ANSWERS)
        losses = self.link.losses
        for request in requests:
            deadline = time.monotonic() + each_s
            self.link.write(bytes((0x10, 0x04, request)), deadline, losses)
            byte = self._realtime(deadline, losses, kept)
            if byte is None:
                break
            if request == 1:
                self.pin3_high = bool(byte & 0x04)
            status = with_realtime(status, request, byte)
        with self._arrived:
            self._answers.extendleft(reversed(kept))
        return status

    def _realtime(self, deadline: float, losses: int, kept: deque[Answer]) -> int | None:
        while (answer := self.next_answer(deadline, losses)) is not None:
            if isinstance(answer, Realtime):
                return answer.byte
            kept.append(answer)
        return None

    def _received(self, data: bytes) -> None:
        with self._arrived:
            self._answers.extend(self._sorter.feed(data))
            self._arrived.notify_all()

    def _went_away(self, error: DeviceError) -> None:
        with self._arrived:
            self._sorter.reset()
            self._answers.clear()
            self._arrived.notify_all()
        self.line_changed(error)

    def _came_back(self) -> None:
        self.line_changed(None)


def _nobody(error: DeviceError | None) -> None:
    """Nobody listens yet."""
