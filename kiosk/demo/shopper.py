"""One visit as a shopper makes it: three goods, a weighed one, paid by face.

Where there is a scale, bananas are chosen on the screen and weighed as well.

    attract ─► basket ─► tender ─► notice ─► face ─► (waiting) ─► done ─► attract

The demonstration photographs it, the bench measures it; both play this one.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from kiosk.demo.finger import Finger, Seen
from kiosk.demo.stage import Stage
from kiosk.errors import KioskError

GOODS = ("6901000000042", "6923000000037", "6912000000048")
BANANAS, CARROTS = "goods.00102", "goods.00106"
MOVES = ("guidance.turn_left", "guidance.turn_right", "guidance.come_closer")
APPLES = "2100101012341"  # in-store label: PLU 00101, 1.234 kg, check digit


def wait_for_tender(stage: Stage, seconds: float = 30.0) -> None:
    """Until the camera and the models are ready, so that the face is offered."""
    log = stage.folder / "logs" / "faces.log"
    end = time.monotonic() + seconds
    while not (log.is_file() and "camera ready" in log.read_text("utf-8", "replace")):
        if time.monotonic() > end:
            raise KioskError(f"waited {seconds:g} s for the camera", f"See {log}")
        time.sleep(0.05)


def play_visit(
    stage: Stage, finger: Finger, reached: Callable[[str], object], between_scans: float = 0.0
) -> list[float]:
    """Play it from ATTRACT to ATTRACT; `reached` is told the name of each step.

    `between_scans` is how many seconds the hand takes to the next thing. The answer: for each scan
    the milliseconds from the scanner's trigger to the drawn line.
    Raises KioskError for a step that does not come.
    """
    finger.wait_for("ATTRACT", timeout=30)
    reached("attract")
    finger.touch("start")
    finger.wait_for("BASKET")
    reached("empty-basket")
    drawn = []
    for code in (*GOODS, APPLES):
        drawn.append(_scan(stage, finger, code))
        time.sleep(between_scans)
    if stage.play.scale:
        choose_and_weigh(stage, finger, reached)
    reached("basket")
    pay_by_face(finger, reached)
    return drawn


def pay_by_face(finger: Finger, reached: Callable[[str], object]) -> None:
    """From the basket to ATTRACT."""
    finger.touch("pay")
    finger.wait_for("TENDER")
    reached("tender")
    finger.touch("tender.face")
    finger.wait_for("NOTICE")
    reached("notice")
    finger.touch("accept")
    finger.wait_for("FACE")
    reached("face")
    if _asked_or_done(finger).screen == "FACE":
        reached("asked")
    finger.wait_for("WAITING", "DONE", timeout=30)
    reached("token")
    finger.wait_for("DONE", timeout=30)
    reached("done")
    finger.wait_for("ATTRACT", timeout=30)
    reached("attract-again")


def choose_and_weigh(stage: Stage, finger: Finger, reached: Callable[[str], object]) -> None:
    """From the basket to the goods without a bar code, some letters, a card, the scale."""
    finger.touch("browse")
    finger.wait_for("PICK")
    finger.wait_until(lambda seen: seen.can_touch(BANANAS), "cards")
    reached("pick")
    for letter in "XJ":
        finger.touch(f"key.{letter}")
    finger.wait_until(lambda seen: CARROTS not in seen.widgets, "fewer cards")
    finger.touch(BANANAS)
    finger.wait_until(lambda seen: seen.can_touch("weighing.cancel"), "the scale's turn")
    stage.scale("load 860")
    finger.wait_until(lambda seen: seen.screen == "BASKET", "a weighed line")
    stage.scale("empty")


def _asked_or_done(finger: Finger) -> Seen:
    """Until the shopper is asked to move, or his face was enough."""
    return finger.wait_until(
        lambda seen: seen.screen in ("WAITING", "DONE") or seen.instruction in MOVES,
        "a move or WAITING or DONE",
        30,
    )


def _scan(stage: Stage, finger: Finger, code: str) -> float:
    before = finger.wait_for("BASKET").changes

    def changed(seen: Seen) -> bool:
        return seen.changes > before

    at = time.monotonic()
    stage.scan(code)
    seen = finger.wait_until(changed, f"a line for {code}")
    return (seen.drawn_at - at) * 1000
