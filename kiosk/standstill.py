"""The lock between a visit and whoever stops the machine: `visit.lock` in the run directory.

    core         holds it, shared, from the first touch until no outcome of the visit is open
    kiosk idle   waits for it alone, and holds it while an update or a reboot is under way

The kernel takes it back when its holder dies, so nobody is locked out by a crash. While somebody
else holds it alone no visit begins; one that is under way keeps him waiting. A suspension keeps
visits from beginning as well, for as long as the service provider wants it, and so does a closing
by the staff, for a reason of theirs.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from kiosk.disk import write_whole
from kiosk.errors import KioskError

LOOK_EVERY = 0.2  # seconds
WHYS = ("break", "cleaning", "paper", "cash", "broken", "other")
"""Why staff close a till, in the order of their screen; what cannot be read counts as the last."""


class VisitLock:
    """One holder's end of the lock; not safe for threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: int | None = None

    def take(self) -> bool:
        """Hold it, for a visit; False while the machine is being stopped."""
        return self._held is not None or self._hold(fcntl.LOCK_SH)

    def take_alone(self) -> bool:
        """Hold it against every visit; False while there is one."""
        return self._hold(fcntl.LOCK_EX)

    def free(self) -> bool:
        """Whether a visit could begin now."""
        if self._held is not None:
            return True
        taken = self.take()
        self.release()
        return taken

    def release(self) -> None:
        """Let it go; does nothing where it is not held."""
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def _hold(self, how: int) -> bool:
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            fcntl.flock(handle, how | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        except BaseException:
            os.close(handle)
            raise
        self._held = handle
        return True


class Suspension:
    """Whether the service provider lets no visit begin: a file, so that it outlives restarts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.here = path.exists()

    def begin(self) -> None:
        """From now on no visit begins; one that is under way ends as it would."""
        write_whole(self._path, "")
        self.here = True

    def end(self) -> None:
        """Visits begin again."""
        self._path.unlink(missing_ok=True)
        self.here = False


class Closing:
    """Whether the staff have closed the till, and why: a word of `WHYS`, in a file.

    Without a path it does not outlive the process.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self.why = "" if path is None or not path.exists() else _why(path)

    def begin(self, why: str) -> None:
        """From now on no visit begins; one that is under way ends as it would. Raises OSError."""
        if self._path is not None:
            write_whole(self._path, why)
        self.why = why

    def end(self) -> None:
        """Visits begin again."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        self.why = ""


def _why(path: Path) -> str:
    try:
        kept = path.read_text("utf-8").strip()
    except (OSError, ValueError):
        kept = ""
    return kept if kept in WHYS else WHYS[-1]


def run_idle(run: Path, wait: float, command: Sequence[str]) -> int:
    """`kiosk idle`: wait for the kiosk to be idle, and run `command` while no visit can begin.

    Answers the command's exit code; without a command 0. Raises KioskError when it was not idle
    within `wait` seconds, or when there is no kiosk here.
    """
    if not run.is_dir():
        raise KioskError(f"{run} is not there", "Start kiosk core, or check --config")
    lock, end = VisitLock(run / "visit.lock"), time.monotonic() + wait
    while not lock.take_alone():
        if time.monotonic() >= end:
            raise KioskError("a visit is under way", "Ask again later, or with a longer --wait")
        time.sleep(LOOK_EVERY)
    try:
        if not command:
            sys.stdout.write("idle\n")
            return 0
        return subprocess.run(list(command), check=False).returncode
    except OSError as error:
        raise KioskError(f"{command[0]} cannot be run: {error.strerror}") from error
    finally:
        lock.release()
