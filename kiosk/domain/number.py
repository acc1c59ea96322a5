"""The number of a payment attempt: `out_trade_no`, given once, never again.

    0001 260301123456 48151623        24 digits
    │    │            └ 8 random digits: unique even on a restored disk and with a wrong clock
    │    └ China time, yyMMddHHmmss: staff find the visit by it
    └ last four digits of the terminal_id

Digits only and an even count of them: CODE128 set C puts two into one symbol, so that the number
fits on 58 mm paper. Every wallet takes it (WeChat: at most 32 of [A-Za-z0-9_-|*]).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

from kiosk.domain.receipt import CHINA


def new_trade_no(terminal_id: str, now_ms: int, random: Callable[[int], int]) -> str:
    """A new number; `random(n)` gives an integer from 0 to n - 1 that nobody can foresee."""
    at = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(CHINA)
    return f"{_terminal_digits(terminal_id)}{at:%y%m%d%H%M%S}{random(10**8):08d}"


def _terminal_digits(terminal_id: str) -> str:
    digits = "".join(x for x in terminal_id if x.isascii() and x.isdigit())
    if not digits:
        digits = str(int.from_bytes(hashlib.sha256(terminal_id.encode()).digest()[:4]))
    return digits[-4:].zfill(4)
