"""Devices tried from the staff's screen while the kiosk sells: what came of it, with the mend.

    printers    a test slip             drawer     opened, what its switch says
    lights      each in turn            scanner    the next code is shown, and goes nowhere else
    scale       what lies on it now     others     how they are

Nothing drops, and the kiosk goes on: what the device does for shoppers waits on the same lane.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from hardware.devices import ScaleStatus
from hardware.errors import DeviceError
from kiosk.channels.codes import PaymentCode, classify, ending
from kiosk.device_kinds import device_kind
from kiosk.device_test import DidNotWork, healthy, kick, print_slip
from kiosk.domain.receipt import china_time
from kiosk.housing import AMBER, FACE, GREEN, RED
from kiosk.messages import Text
from kiosk.messages.staff import PartShown
from kiosk.staff.notes import Notes
from kiosk.till import Till
from kiosk.timer import Work

LIT = 0.6  # seconds of each light
LIVE = frozenset({"scale"})
WAITING, WELL, BADLY = "", "well", "badly"


class Trials:
    """One trial at a time; used by the checkout's thread only, which `back` returns to."""

    def __init__(
        self,
        till: Till,
        notes: Notes,
        run: Callable[[str, Work], None],
        back: Callable[[Callable[[], object]], None],
        refresh: Callable[[], None],
    ) -> None:
        """`run` does named work on another thread."""
        self._till, self._notes, self._run, self._back = till, notes, run, back
        self._refresh = refresh
        self._name, self._said, self._went = "", Text(""), WAITING
        self._turn = 0

    def clear(self) -> None:
        """Nobody looks any more."""
        self._turn += 1
        self._name, self._said, self._went = "", Text(""), WAITING

    def act(self, name: str) -> None:
        """Try the device of this name."""
        if self._till.peripherals.device(name) is None:
            return
        self.clear()
        self._name = name
        self._notes.write("device tried", device=name)
        match device_kind(name):
            case "scanner":
                self._said = Text("staff.trial.scan")
            case "scale":
                self._said = Text("staff.trial.running")
            case _:
                self._said = Text("staff.trial.running")
                self._begin(name)
        self._refresh()

    @property
    def wants_scan(self) -> bool:
        """Whether the next code belongs to the trial."""
        return device_kind(self._name) == "scanner" and self._went == WAITING

    def scanned(self, text: str) -> None:
        """The code that was waited for; of a payment code only the end is shown."""
        secret = isinstance(classify(text), PaymentCode)
        shown = f"…{ending(text)}" if secret else text[:40]
        self._end(Text("staff.trial.scanned", {"code": shown}), WELL)

    def parts(self, parts: Iterable[PartShown]) -> tuple[PartShown, ...]:
        """The list with what can be tried, and what came of the trial."""
        return tuple(map(self._shown, parts))

    # --- inside ---------------------------------------------------------------------------------

    def _shown(self, part: PartShown) -> PartShown:
        if self._till.peripherals.device(part.name) is None:
            return part
        part = replace(part, may_try=device_kind(part.name) != "dispenser")
        if part.name != self._name:
            return part
        said, went = (self._weighed(), WELL) if part.name in LIVE else (self._said, self._went)
        return replace(part, tried=said.key, args=said.args, went=went)

    def _begin(self, name: str) -> None:
        turn = self._turn

        def test(_now: float) -> None:
            try:
                said, went = self._tried(name), WELL
            except DidNotWork as error:
                said, went = Text("staff.line", {"cause": str(error), "mend": ""}), BADLY
            except DeviceError as error:
                said = Text("staff.line", {"cause": f"{error.cause}.", "mend": error.mend})
                went = BADLY
            self._back(lambda: self._end(said, went) if turn == self._turn else None)

        self._run(name, test)  # the lane of the device

    def _end(self, said: Text, went: str) -> None:
        self._said, self._went = said, went
        self._refresh()

    def _tried(self, name: str) -> Text:
        """Try it, on another thread. Raises DidNotWork and DeviceError."""
        peripherals, printer = self._till.peripherals, self._till.peripherals.printer(name)
        device: Any = peripherals.device(name)
        if printer is not None:
            head = f"{self._till.config.terminal_id}  {china_time(self._till.clock.wall_ms())}"
            print_slip(printer, head, f"{self._till.config.terminal_id}-test")
            return Text("staff.trial.printed")
        match device_kind(name):
            case "drawer":
                return Text(f"staff.trial.drawer_{kick(device).value}")
            case "lights":
                for light in (GREEN, AMBER, RED, FACE):
                    device.switch_on(light)
                    time.sleep(LIT)
                    device.switch_off(light)
                return Text("staff.trial.lit")
            case _:
                healthy(device.check_health())
                return Text("staff.trial.well")

    def _weighed(self) -> Text:
        work = self._till.weighing
        if work is None:
            return Text("staff.trial.running")
        live, _ = work.live()
        if live.status in (ScaleStatus.STABLE, ScaleStatus.UNSTABLE, ScaleStatus.ZERO):
            key = f"staff.trial.{live.status.value}"
            return Text(key, {"weight": f"{live.grams / 1000:.3f} kg"})
        return Text(f"staff.trial.{live.status.value.replace('-', '_')}")
