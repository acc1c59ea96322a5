"""One visit through the real window, photographed: what `make run` plays where there is no display.

    attract ─► goods, scanned and weighed ─► pay ─► face ─► notice ─► paid ─► slip ─► attract
    attract ─► eat-in, table, dishes ──────► …                          and kitchen tickets

Writes a PNG of every screen, `receipt.bin`, `receipt.png` and `visit.json` with the time of each
step. Where there are a display and a terminal, the kiosk is shown on the one and the other is its
scanner.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from kiosk.demo.diner import play_meal
from kiosk.demo.display import VirtualDisplay, photograph, portrait_on
from kiosk.demo.finger import Finger
from kiosk.demo.phone import Phone
from kiosk.demo.settings import STAFF_PIN, STATIONS, Mode, Play
from kiosk.demo.shopper import APPLES, GOODS, play_visit, wait_for_tender
from kiosk.demo.stage import Stage
from kiosk.errors import KioskError

SETTLES = {
    "attract": 0.4,
    "pick": 0.6,
    "basket": 0.4,
    "service": 0.6,
    "table": 0.6,
    "menu": 0.6,
    "dish": 0.5,
    "drinks": 0.6,
    "tender": 0.4,
    "face": 0.3,
    "asked": 0.3,
    "done": 0.5,
}
"""Seconds until a step looks as it will stay: it fades in, the total counts up, a picture comes."""


@dataclass(slots=True)
class Album:
    """The pictures of a visit and when each step of it was seen, in ms since the first touch."""

    folder: Path
    display: str
    began: float = 0.0
    steps: dict[str, float] = field(default_factory=dict)

    def see(self, name: str) -> None:
        """A step was reached: photograph it, unless the next one follows at once."""
        if name == "token":
            self.mark(name)
            return
        time.sleep(SETTLES.get(name, 0.0))
        self.take(name)

    def take(self, name: str) -> None:
        """Photograph the screen under this name."""
        self.mark(name)
        photograph(self.display, self.folder / f"{len(self.steps):02d}-{name}.png")

    def mark(self, name: str) -> None:
        """Note the time only."""
        self.steps[name] = round((time.monotonic() - self.began) * 1000, 1)


def run(out: Path, *, play: bool, mode: Mode = "checkout") -> int:
    """The demonstration; 0 when the visit came to its end."""
    display = os.environ.get("DISPLAY", "")
    if display and not play and sys.stdin.isatty():
        return _show(out, display, mode)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    panel = Play("")
    with VirtualDisplay(panel.width, panel.height) as screen:
        started = time.monotonic()
        with Stage(out / "shop", _play(screen.name, panel.width, panel.height, mode)) as stage:
            album = Album(out, screen.name)
            _visit(stage, album, Finger(screen.name, stage.places.screen))
            _keep_paper(stage, out)
            summary = _summary(stage, album, started)
    (out / "visit.json").write_text(json.dumps(summary, indent=2) + "\n", "utf-8")
    _tell(out, summary)
    return 0


def _play(display: str, width: int, height: int, mode: Mode) -> Play:
    """A shop with all that a shopper or a diner meets."""
    play = Play(display, width, height, challenge=True, scene="person", mode=mode)
    if mode == "restaurant":
        return replace(play, stations=STATIONS)
    return replace(play, scale=True)


def _visit(stage: Stage, album: Album, finger: Finger) -> None:
    finger.wait_for("ATTRACT", timeout=30)
    wait_for_tender(stage)
    album.began = time.monotonic()
    if stage.play.mode == "restaurant":
        play_meal(finger, album.see)
    else:
        play_visit(stage, finger, album.see)


def _keep_paper(stage: Stage, out: Path) -> None:
    """What every printer printed last: the receipt, and the tickets by their stations."""
    from hardware.printers.render import main as render

    for name in ("printer", *stage.play.stations):
        slips = sorted(stage.paper(name).glob("slip-*.bin"))
        if not slips:
            raise KioskError(f"{name} printed nothing", f"See {stage.folder / 'logs'}")
        kept = out / ("receipt.bin" if name == "printer" else f"{name}.bin")
        kept.write_bytes(slips[-1].read_bytes())
        if render([str(kept), str(kept.with_suffix(".png"))]):
            raise KioskError(f"{kept} was not drawn", "Install a Chinese font")


def _summary(stage: Stage, album: Album, started: float) -> dict[str, object]:
    marks = [json.loads(line) for line in stage.places.steps.read_text("utf-8").splitlines()]
    at = {mark["step"]: mark["at_ms"] for mark in marks}
    seen = Finger("", stage.places.screen).look()
    audit = stage.sandbox("GET", "/sandbox/audit")
    return {
        "steps_ms": album.steps,
        "last_good_frame_to_slip_ms": round(at["slip complete"] - at["last good frame"], 1),
        "consent_to_paid_ms": round(album.steps["done"] - album.steps["notice"], 1),
        "longest_ui_block_ms": seen.longest_block_ms if seen else None,
        "start_to_attract_ms": round(at["attract drawn"] - started * 1000, 1),
        "sandbox": {name: audit[name] for name in audit if name != "calls"},
    }


def _tell(out: Path, summary: dict[str, object]) -> None:
    print(f"visit played: pictures, receipt and times are in {out}/")
    for name in ("start_to_attract_ms", "consent_to_paid_ms", "last_good_frame_to_slip_ms"):
        print(f"  {name:<28}{summary[name]}")


def _show(out: Path, display: str, mode: Mode) -> int:
    """On a visible screen: a person plays the shopper, and types what he scans."""
    width, height = portrait_on(display)
    with Stage(out / "shop", _play(display, width, height, mode)) as stage:
        if mode == "restaurant":
            print("The restaurant is on your screen. Order by touch, and type here:")
        else:
            print("The kiosk is on your screen. Type a barcode and Enter to scan it:")
            print(f"  goods {', '.join(GOODS)}; weighed {APPLES}")
            print("  scale load 1234: goods of 1,234 g lie on the scale; scale empty: they do not")
        print(f"  the staff's PIN, behind the lock on the first screen: {STAFF_PIN}")
        print("  code: pays with a fresh payment code; an empty line ends")
        print("  qr: a phone reads the code on the screen, and pays")
        print(f"  the shopper's phone: {stage.sandbox_url}/phone")
        for line in sys.stdin:
            text = line.strip()
            if not text:
                break
            _do(stage, text)
            if not stage.alive("ui"):
                break
    return 0


def _do(stage: Stage, text: str) -> None:
    """What a person typed in the scanner's place."""
    match text:
        case "code":
            stage.scan(stage.payment_code())
        case "qr":
            try:
                Phone(stage).pays()
            except KioskError as error:
                print(f"  {error}")
        case _ if text.startswith("scale "):
            stage.scale(text.removeprefix("scale "))
        case _:
            stage.scan(text)
