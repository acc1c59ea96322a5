"""The shopper's phone: it reads the code on the kiosk's screen, and its holder says yes.

    panel ─► picture ─► code_url ─► scanned, the wallet asks ─► confirmed, the order is paid

What the code says is read from the panel's pixels, never asked of the kiosk or of the sandbox.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import cv2
import httpx

from kiosk.demo.display import picture
from kiosk.demo.stage import Stage
from kiosk.errors import KioskError

AGAIN = 0.1  # seconds between two looks at the panel
HOLDER = "o-phone"


class Phone:
    """One phone with money in its wallet, before one kiosk."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def reads(self, timeout: float = 10.0) -> str:
        """What the code on the panel says; raises KioskError where none can be read in time."""
        detector, end = cv2.QRCodeDetector(), time.monotonic() + timeout
        while time.monotonic() < end:
            code_url, _, _ = detector.detectAndDecode(picture(self._stage.play.display))
            if code_url:
                return code_url
            time.sleep(AGAIN)
        raise KioskError(f"waited {timeout:g} s for a code that a phone can read")

    def scans(self, code_url: str) -> str:
        """Scan it: the order waits for its holder now; its out_trade_no. Raises KioskError."""
        return str(self._asks("scan", {"code_url": code_url, "openid": HOLDER})["out_trade_no"])

    def confirms(self, out_trade_no: str) -> None:
        """Pay what was scanned. Raises KioskError."""
        self._asks(f"orders/{out_trade_no}/confirm", {})

    def pays(self) -> str:
        """Read, scan and confirm what is on the panel now; the out_trade_no of it."""
        number = self.scans(self.reads())
        self.confirms(number)
        return number

    def _asks(self, what: str, body: Mapping[str, str]) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = self._stage.sandbox("POST", f"/sandbox/{what}", body)
        except httpx.HTTPStatusError as error:
            raise KioskError(f"the wallet refuses: {error.response.text}") from error
        return answer
