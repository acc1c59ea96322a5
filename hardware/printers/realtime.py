"""Real-time requests hidden in data: a serial printer obeys these bytes wherever they stand.

    10 04 01..04        DLE EOT: sends a status byte
    10 05 00..02        DLE ENQ: recovers, may clear the buffer
    10 14 01 00|01 01..08   DLE DC4: opens the drawer

Graphics and raw bar code data must not contain them.
"""

from __future__ import annotations

import re

_REALTIME = re.compile(
    rb"\x10(?:\x04[\x01-\x04]|\x05[\x00-\x02]|\x14(?:\x01[\x00\x01][\x01-\x08]|\x02\x01\x08|\x08))",
    re.DOTALL,
)


def find_realtime(data: bytes | bytearray) -> int | None:
    """Index of the first real-time request in ``data``, or None."""
    hit = _REALTIME.search(data)
    return hit.start() if hit else None


def harmless_dots(data: bytes) -> bytes:
    """Raster data with one dot added wherever it would be a request: 10 becomes 11."""
    dots = bytearray(data)
    while (hit := find_realtime(dots)) is not None:
        dots[hit] |= 1
    return bytes(dots)
