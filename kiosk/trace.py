"""When each step of a visit happened: one JSON line a step, never a person or a secret.

All three processes write on the same clock (CLOCK_MONOTONIC counts for the whole machine). A short
line appended to a file is whole or not there, so they may share it.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path


class Trace:
    """Appends steps to `path`; does nothing without one."""

    def __init__(self, path: Path | None) -> None:
        self._descriptor = (
            None if path is None else os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        )

    def mark(self, step: str, **ids: str) -> None:
        """Write that `step` happened now; `ids` are numbers a reader may want to join on."""
        if self._descriptor is not None:
            line = {"step": step, "at_ms": round(time.monotonic() * 1000, 1), **ids}
            os.write(self._descriptor, json.dumps(line).encode() + b"\n")
