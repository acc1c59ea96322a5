"""The three kiosks: each a core with its own ledger, scanner and printer, all at one sandbox.

    M1 ─┬─ S1 ─┬─ 0001
        │      └─ 0002
    M2 ─── S1 ─── 0001      another merchant's: his rows are nobody else's

They have no window: what shoppers touch goes over the wire that a window would use.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fleet.register import Plan
from fleet.who import Who
from kiosk.demo.settings import Play
from kiosk.demo.stage import Stage
from kiosk.errors import KioskError

JOIN = 30.0  # seconds
THROUGH = {
    "wechatpay": {"driver": "gateway", "takes": "face", "sandbox": True},
    "wechatpay_native": {"driver": "gateway", "takes": "qr", "sandbox": True},
}
"""No key of a wallet is on a kiosk."""
_CODE = re.compile(r"^\s*([0-9A-Z]{4}) ([0-9A-Z]{4})\s*$")


@dataclass(frozen=True, slots=True)
class Sample:
    """One kiosk as it stands in the register, and where it finds the fleet."""

    plan: Plan
    fleet_url: str
    direct: bool = False
    """With keys of its own, straight to the wallet."""


class SampleKiosk(Stage):
    """A kiosk that sells; the first one brings the sandbox, the others use it."""

    def __init__(self, folder: Path, sample: Sample, beside: Stage | None = None) -> None:
        """Its core begins with `join`, not before."""
        who = sample.plan.who
        fleet = {
            "url": sample.fleet_url,
            "merchant_id": who.merchant_id,
            "serial": sample.plan.serial,
        }
        visit = {"done": 1.0, "trouble": 3.0, "idle": 20.0}
        settings: dict[str, Mapping[str, Any]] = {"fleet": fleet, "visit": visit}
        channels: Mapping[str, Mapping[str, Any]] = {} if sample.direct else THROUGH
        play = Play(
            "", enrolled=False, terminal_id=who.terminal_id, channels=channels, settings=settings
        )
        super().__init__(folder, play, ())
        self.who = who
        self._beside = beside
        if beside is not None:
            self.wallet, self.sandbox_url = beside.wallet, beside.sandbox_url

    def _open_wallet(self) -> None:
        if self._beside is None:
            super()._open_wallet()

    def join(self, approve: Callable[[str, Who], None]) -> None:
        """Become a terminal, as whoever sets one up does it: its code is typed in elsewhere."""
        command = ["kiosk", "join", "--config", str(self.places.config)]
        with (self.folder / "logs" / "join.log").open("ab") as log:
            joining = subprocess.Popen(
                [sys.executable, "-m", *command], stdout=subprocess.PIPE, stderr=log, text=True
            )
        with joining:
            assert joining.stdout is not None
            code = _code(joining.stdout)
            approve(code, self.who)
            joining.stdout.read()
            if joining.wait(JOIN):
                raise KioskError(f"{self.who} did not join", f"See {self.folder}/logs/join.log")
        self.start("core")

    def took(self) -> list[float]:
        """Of each payment that was paid: milliseconds from its token to the end of its slip."""
        marks = [json.loads(line) for line in self.places.steps.read_text("utf-8").splitlines()]
        tokens = {one["out_trade_no"]: one["at_ms"] for one in marks if one["step"] == "token"}
        slips = [one for one in marks if one["step"] == "slip complete"]
        return [one["at_ms"] - tokens[one["out_trade_no"]] for one in slips]

    def counts(self) -> str:
        """What this device says it sold, read from its own ledger."""
        command = [sys.executable, "-m", "kiosk", "counts", "--config", str(self.places.config)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode:
            raise KioskError(f"{self.who} cannot be counted: {run.stderr.strip()}")
        return run.stdout


def _code(lines: Iterable[str]) -> str:
    for line in lines:
        if found := _CODE.match(line):
            return found[1] + found[2]
    raise KioskError("kiosk join showed no code")
