"""The operator's film on its way to the first screen: a process of its own unpacks it.

    ui ──starts, stops──► python -m kiosk.film VIDEO PLACE ──memory──► ui draws the newest picture

The screen's loop never waits for a picture, and a file that brings the decoder down brings no
screen down. While nobody sees it the process stands still (SIGSTOP) and takes no time.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2

from kiosk.preview import PreviewFrame, PreviewReader, PreviewWriter

HIGHEST = 1080  # pixels of the longer side; more is not seen and costs time
AGAIN_AFTER = 30.0  # seconds after which one that ended is started again
_TOO_FAST = 60.0  # frames a second that no film has; a file that says so says nothing

log = logging.getLogger(__name__)


class Film:
    """The screen's end: plays, pauses, has the newest picture."""

    def __init__(self, video: Path, place: Path) -> None:
        self._video, self._place = video, place
        self._reader = PreviewReader(place)
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0

    def play(self) -> None:
        """Begin, or go on where it stood."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
        elif not self._started or time.monotonic() - self._started > AGAIN_AFTER:
            self._started = time.monotonic()
            command = [sys.executable, "-m", "kiosk.film", str(self._video), str(self._place)]
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL)

    def pause(self) -> None:
        """Stand still."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGSTOP)

    def close(self) -> None:
        """End it; what it wrote is gone with it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._place.unlink(missing_ok=True)

    def latest(self) -> PreviewFrame | None:
        """The newest whole picture; None before the first, and after one that ended by itself."""
        process = self._process
        if process is None or process.poll() is not None:
            return None
        return self._reader.latest()


def show(video: Path, place: Path) -> int:
    """Unpack the film at its own pace until the process that wanted it is gone."""
    parent = os.getppid()
    capture = cv2.VideoCapture(str(video))
    read, picture = capture.read()
    if not read:
        log.warning("film unreadable path=%s", video)
        return 1
    rate = capture.get(cv2.CAP_PROP_FPS)
    pause = 1 / rate if 1 <= rate <= _TOO_FAST else 1 / 25
    share = min(1.0, HIGHEST / max(picture.shape[:2]))
    width, height = (int(side * share) for side in picture.shape[1::-1])
    writer = PreviewWriter(place, width, height)
    due = time.monotonic()
    while os.getppid() == parent:
        small = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
        writer.write(cv2.cvtColor(small, cv2.COLOR_BGR2RGB).data)
        due = max(due + pause, time.monotonic() - pause)  # nothing is caught up after a pause
        time.sleep(max(due - time.monotonic(), 0.0))
        read, picture = capture.read()
        if not read:
            capture.set(cv2.CAP_PROP_POS_FRAMES, 0)
            read, picture = capture.read()
        if not read:
            break
    writer.close()
    return 0


if __name__ == "__main__":
    cv2.setNumThreads(1)
    raise SystemExit(show(Path(sys.argv[1]), Path(sys.argv[2])))
