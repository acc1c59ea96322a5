"""The core of every scale on a serial line: asks or listens, judges what comes, waits for rest.

    link ──bytes──► dialect ──Reading──► judged (unit, zero, age) ──► loads ──► read_weight wakes

All of the left side runs on the loop's thread; ``read_weight`` waits on a condition. A scale that
says nothing, or nothing that can be read, for ``stale_s`` is out of order until it does again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from hardware.devices import Condition, Health, Report, ScaleStatus, Weighing
from hardware.errors import (
    Busy,
    DeviceError,
    NotSupported,
    Offline,
    Overweight,
    SameWeight,
    TimedOut,
    UnderZero,
)
from hardware.link import Backoff, Link
from hardware.loop import DeviceLoop, Timer
from hardware.scales.dialect import GRAMS, Dialect, Reading
from hardware.scales.loads import Loads
from hardware.transport import check_serial_options, open_serial

GAP_S = 0.3  # a frame that pauses for so long is over; older bytes tell nothing of the pan now
WRITE_S = 0.05
GOOD = Health(Condition.GOOD)
NOT_YET = Health(Condition.UNKNOWN, "it has not answered yet")
WRONG_FRAMES = "Check the driver, the baud rate, the parity and the cable."


@dataclass(frozen=True, slots=True)
class Line:
    """The serial line."""

    path: str
    baud: int = 9600
    parity: str = "N"
    flow: str = "none"

    def __post_init__(self) -> None:
        check_serial_options(self.baud, self.parity, self.flow)
        if not self.path:
            raise ValueError("path must name a serial device")


@dataclass(frozen=True, slots=True)
class Rules:
    """How readings are judged. ``reads``: how many stable ones in a row must be equal.

    ``unit`` is what the scale must weigh in; ``empty_g`` and less is an empty pan; ``change_g``
    makes another load of one that was read; ``poll_s`` between requests; ``stale_s`` old is gone.
    """

    unit: str = "kg"
    poll_s: float = 0.25
    stale_s: float = 1.5
    reads: int = 2
    empty_g: float = 2
    change_g: float = 20

    def __post_init__(self) -> None:
        if self.unit not in GRAMS:
            raise ValueError(f"unit must be one of {sorted(GRAMS)}, not {self.unit!r}")
        if not 0.01 <= self.poll_s <= 5:
            raise ValueError(f"poll_s must be 0.01 to 5 seconds, not {self.poll_s!r}")
        if not self.poll_s < self.stale_s <= 30:
            raise ValueError(f"stale_s must be above poll_s and at most 30, not {self.stale_s!r}")
        if not 1 <= self.reads <= 10:
            raise ValueError(f"reads must be 1 to 10, not {self.reads!r}")
        if not 0 <= self.empty_g < self.change_g:
            raise ValueError(f"empty_g must be 0 or more and below change_g, not {self.empty_g!r}")


class SerialScale:
    """One scale in one dialect; the drivers only differ in what they hand to it."""

    def __init__(
        self,
        dialect: Dialect,
        line: Line,
        rules: Rules,
        name: str,
        loop: DeviceLoop | None,
        backoff: Backoff | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._dialect, self._rules, self._name, self._clock = dialect, rules, name, clock
        self._own_loop = loop is None
        self._loop = loop or DeviceLoop()
        self._link = Link(
            name,
            self._loop,
            lambda: open_serial(
                name, line.path, baud=line.baud, parity=line.parity, flow=line.flow
            ),
            self._received,
            on_up=self._up,
            on_down=self._down,
            backoff=backoff or Backoff(),
        )
        self._report: Report | None = None
        self._told = NOT_YET
        self._poll_timer: Timer | None = None
        self._open = False
        self._changed = threading.Condition()
        self._reader = threading.Lock()
        self._price: int | None = None
        self._cleared = False
        self._loads = Loads(Decimal(str(rules.change_g)))
        self._last = Weighing(ScaleStatus.NOT_READY)
        self._run = 0  # equal stable readings in a row
        self._seen = 0  # readings in all
        self._heard_at = self._byte_at = self._wrong_at = float("-inf")
        self._up_at = clock()
        self._tare = Decimal(0)
        self._wrong_unit = ""

    @property
    def name(self) -> str:
        return self._name

    def open(self, report: Report | None = None) -> None:
        self._report = report
        self._loop.start()
        try:
            self._link.open()
        except DeviceError:
            self.close()
            raise
        if not self._open:
            self._open, self._up_at = True, self._clock()
            self._loop.call_soon(self._poll)

    def close(self) -> None:
        self._open, self._report = False, None
        timer, self._poll_timer = self._poll_timer, None
        if timer is not None:
            timer.cancel()
        self._link.close()
        self.clear_input()
        if self._own_loop:
            self._loop.stop()

    def check_health(self) -> Health:
        """What was last seen: the scale is asked all the time."""
        if not self._link.up:
            return _health(self._link.last_error or Offline(self._name, "the scale is not open"))
        if self._wrong_unit:
            cause = f"it weighs in {self._wrong_unit} and not in {self._rules.unit}"
            return Health(Condition.BAD, cause, f"Set the scale to {self._rules.unit}.")
        now = self._clock()
        if now - self._heard_at <= self._rules.stale_s:
            return GOOD
        if now - self._up_at <= self._rules.stale_s:
            return NOT_YET
        if now - self._wrong_at <= self._rules.stale_s:
            return Health(Condition.BAD, "what it sends cannot be read", WRONG_FRAMES)
        return Health(Condition.BAD, "it does not answer", Offline.default_mend)

    def live_weight(self) -> Weighing:
        with self._changed:
            fresh = self._link.up and self._clock() - self._last.at <= self._rules.stale_s
            if fresh and not self._wrong_unit:
                return self._last
            return Weighing(ScaleStatus.NOT_READY, load=self._loads.load, at=self._last.at)

    def read_weight(self, timeout_s: float = 5.0, unit_price: int = 0) -> Weighing:
        if not self._reader.acquire(blocking=False):
            raise Busy(self._name, "a load is being weighed already")
        deadline = self._clock() + timeout_s
        try:
            with self._changed:
                self._cleared, self._price, since = False, unit_price, self._seen
                while True:
                    if not self._link.up:
                        raise self._offline()
                    if self._cleared:
                        raise TimedOut(self._name, "the weighing was given up")
                    if self._seen > since and self._readable():
                        load = self._loads.take(self._last.grams)
                        return replace(self._last, load=load)
                    left = deadline - self._clock()
                    if left <= 0:
                        raise self._refusal()
                    self._changed.wait(min(left, 0.5))
        finally:
            self._price = None
            self._reader.release()

    def clear_input(self) -> None:
        with self._changed:
            self._cleared = True
            self._changed.notify_all()

    def release_load(self, load: int) -> None:
        with self._changed:
            self._loads.release(load)

    def zero_scale(self) -> None:
        """Never in software: the weight that is sold by must be the one the scale shows."""
        self._send("zero command", self._dialect.commands.zero)

    def tare_weight(self, grams: Decimal | None = None) -> None:
        """Never in software, as `zero_scale`. Raises ValueError for a tare below zero."""
        commands = self._dialect.commands
        if grams is None:
            self._send("tare command", commands.tare)
            self._tare = self.live_weight().grams + self._tare
            return
        if grams < 0:
            raise ValueError(f"a tare of {grams} g")
        if grams == 0 and commands.clear_tare:
            self._send("command that ends a tare", commands.clear_tare)
        elif commands.preset_tare is None:
            raise NotSupported(self._name, "its protocol takes no tare by weight")
        elif request := commands.preset_tare(grams):
            self._send("tare command", request)
        self._tare = grams

    # --- waiting --------------------------------------------------------------------------------

    def _readable(self) -> bool:
        return self._run >= self._rules.reads and not self._loads.already_read

    def _refusal(self) -> DeviceError:
        now = self.live_weight()
        match now.status:
            case ScaleStatus.OVERWEIGHT:
                return Overweight(self._name, "more lies on it than it may weigh")
            case ScaleStatus.UNDER_ZERO:
                return UnderZero(self._name, "it stands below zero")
            case ScaleStatus.ZERO:
                return TimedOut(self._name, "nothing was put on it", "Put the goods on the scale.")
            case ScaleStatus.NOT_READY:
                return self._offline()
            case ScaleStatus.STABLE if self._loads.already_read:
                return SameWeight(self._name, "the load that was read last still lies on it")
            case _:
                mend = "Take your hand off, let it come to rest, then try again."
                return TimedOut(self._name, "the weight does not settle", mend)

    def _offline(self) -> DeviceError:
        health = self.check_health()
        cause = health.cause or "it is not ready to weigh"
        return Offline(self._name, cause, health.mend)

    def _send(self, what: str, request: bytes) -> None:
        if not request:
            raise NotSupported(self._name, f"its protocol has no {what}")
        if not self._link.up:
            raise self._offline()
        self._link.write(request, time.monotonic() + 1.0)

    # --- on the loop's thread -------------------------------------------------------------------

    def _poll(self) -> None:
        if not self._open:
            return
        self._poll_timer = self._loop.call_later(self._rules.poll_s, self._poll)
        if self._link.up:
            now = self._clock()
            if now - self._byte_at > GAP_S:
                self._dialect.reset()
            self._write(self._dialect.request(self._price))
            self._tell()

    def _write(self, data: bytes) -> None:
        if data and self._link.up:
            try:
                self._link.write(data, time.monotonic() + WRITE_S)
            except DeviceError:
                return  # the line has ended: the link tells it and takes it up again

    def _received(self, data: bytes) -> None:
        now = self._clock()
        if now - self._byte_at > GAP_S:
            self._dialect.reset()
        self._byte_at = now
        heard = self._dialect.feed(data)
        self._write(heard.answer)
        if heard.readings:  # what came at once is a backlog: only the newest tells of now
            self._heard_at = now
            self._judge(heard.readings[-1], now)
        elif not heard.answer:
            self._wrong_at = now
        self._tell()

    def _judge(self, reading: Reading, now: float) -> None:
        rules = self._rules
        with self._changed:
            known = reading.unit in ("", rules.unit)
            self._wrong_unit = "" if known else reading.unit
            grams = reading.amount * GRAMS[rules.unit]
            status = reading.status if known else ScaleStatus.NOT_READY
            if status is ScaleStatus.STABLE and grams <= Decimal(str(rules.empty_g)):
                status = ScaleStatus.ZERO
            if status not in (ScaleStatus.STABLE, ScaleStatus.UNSTABLE):
                grams = Decimal(0)
            before = self._last
            same = (before.status, before.grams) == (status, grams)
            self._run = self._run + 1 if same else 1
            if status is not ScaleStatus.STABLE:
                self._run = 0
            if self._run >= rules.reads or status is not ScaleStatus.STABLE:
                self._loads.see(status, grams)
            self._last = Weighing(status, grams, self._tare, self._loads.load, now)
            self._seen += 1
            self._changed.notify_all()

    def _up(self) -> None:
        self._up_at = self._clock()
        self._dialect.restart()
        self._tell()

    def _down(self, error: DeviceError) -> None:
        with self._changed:
            self._last = Weighing(ScaleStatus.NOT_READY, load=self._loads.load)
            self._run = 0
            self._heard_at = self._wrong_at = float("-inf")
            self._changed.notify_all()
        self._tell()

    def _tell(self) -> None:
        health = self.check_health()
        if health.condition is Condition.UNKNOWN or health == self._told:
            return
        self._told = health
        if self._report is not None:
            self._report(health)


def _health(error: DeviceError) -> Health:
    return Health(Condition.BAD, error.cause, error.mend)
