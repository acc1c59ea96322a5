"""A day of Beijing time, as limits count it."""

from __future__ import annotations

DAY_MS = 86_400_000
_CHINA_MS = 8 * 3_600_000


def day_begin(at_ms: int) -> int:
    """When the day of a moment began, both in milliseconds since 1970."""
    return (at_ms + _CHINA_MS) // DAY_MS * DAY_MS - _CHINA_MS
