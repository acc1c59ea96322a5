"""What was found, and how it is asked: all checks at once, each with a deadline, none fatal.

A check that fails, hangs or has a defect of its own becomes a finding like any other; whoever
stands before the kiosk gets sentences, never a trace of the program.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from hardware.devices import Condition
from hardware.errors import DeviceError
from kiosk.channels.channel import ChannelError
from kiosk.errors import KioskError
from kiosk.ledger import LedgerError
from models.errors import ModelError

_WITH_A_MEND = (KioskError, DeviceError, ChannelError, LedgerError, ModelError)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing and its state; `says` is one clause in English, `mend` what the attendant does."""

    what: str
    state: Condition
    says: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """How to look at one thing; `ask` may raise, wait and answer several findings."""

    what: str
    ask: Callable[[], Iterable[Finding]]
    seconds: float = 15.0


def good(what: str, says: str, mend: str = "") -> Finding:
    """It works; a mend says what will be needed soon."""
    return Finding(what, Condition.GOOD, says, mend)


def bad(what: str, says: str, mend: str) -> Finding:
    """It does not work, or would not when it is needed."""
    return Finding(what, Condition.BAD, says, mend)


def unknown(what: str, says: str, mend: str = "") -> Finding:
    """Nothing here tells; neither good nor bad."""
    return Finding(what, Condition.UNKNOWN, says, mend)


def failed(what: str, error: Exception) -> Finding:
    """An error as a finding, in its own words where it has some for the attendant."""
    if isinstance(error, _WITH_A_MEND):
        return bad(what, error.cause, error.mend)
    if isinstance(error, PermissionError):
        says = f"this user may not look at {error.filename}"
        return bad(what, says, "Run this as root, or as the user of the kiosk's core.")
    said = f"{type(error).__name__}: {error}".splitlines()[0]
    return bad(what, f"could not be looked at ({said})", "Tell the service provider.")


def examine(checks: Sequence[Check]) -> list[Finding]:
    """Ask all at the same time; the findings in the order of the checks.

    A check that is late is left behind on its thread, which ends with the process.
    """
    began = time.monotonic()
    running = [_Running(check) for check in checks]
    found: list[Finding] = []
    for one in running:
        found += one.result(began + one.check.seconds)
    return found


class _Running:
    """One check on a thread of its own."""

    def __init__(self, check: Check) -> None:
        self.check = check
        self._found: list[Finding] = []
        self._ended = False
        self._thread = threading.Thread(target=self._ask, name=check.what, daemon=True)
        self._thread.start()

    def result(self, deadline: float) -> list[Finding]:
        self._thread.join(max(0.0, deadline - time.monotonic()))
        if self._ended:
            return self._found
        says = f"gave no answer within {self.check.seconds:g} s"
        mend = "Try again in a minute; if it happens again, tell the service provider."
        return [*self._found, bad(self.check.what, says, mend)]

    def _ask(self) -> None:
        try:
            for finding in self.check.ask():
                self._found.append(finding)
        except Exception as error:  # noqa: BLE001  a defect in a check is a finding, too
            self._found.append(failed(self.check.what, error))
        self._ended = True
