"""`kiosk run`: the processes without a service manager; one that ends is started again.

Without a camera in the settings there is no faces process, and the other ways to pay go on.
"""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

from kiosk.bootstrap import stop_on_signals
from kiosk.config import load

NAMES = ("core", "faces", "ui")
PAUSE = 1.0  # seconds before a process that ended is started again

log = logging.getLogger(__name__)


def run(config: Path) -> int:
    """Until SIGTERM or SIGINT. Raises ConfigError before anything is started."""
    settings = load(config)
    settings.paths.run.mkdir(parents=True, exist_ok=True)
    stopped = stop_on_signals()
    wanted = [name for name in NAMES if name != "faces" or settings.faces.camera is not None]
    parts = {name: _start(name, config) for name in wanted}
    while not stopped.wait(PAUSE):
        for name, part in parts.items():
            if part.poll() is not None:
                log.warning("%s ended with %s", name, part.returncode)
                parts[name] = _start(name, config)
    for part in parts.values():
        part.terminate()
    for part in parts.values():
        part.wait()
    return 0


def _start(name: str, config: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "kiosk", name, "--config", str(config)])
