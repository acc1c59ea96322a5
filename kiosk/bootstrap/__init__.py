"""Builds each process from a Config: the only place that names concrete classes, but for channels.

Every part is handed what it needs; nothing looks anything up by itself. What a process does not
need is not imported, so each has a module of its own: `core`, `faces`, `ui`.
"""

from __future__ import annotations

import signal
import threading


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    return stopped
