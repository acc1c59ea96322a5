"""When face payment rests: too many attempts that looked like an attack, or were left unproven.

    attack    attack detection or the challenge called it an attack presentation
    unproven  it was asked to move, and did not, gave up, or the camera was lost meanwhile; whoever
              moved and is then not known to the wallet, or cannot be asked after, is no such try

Each is an entry in the ledger, a kind and a time and no picture, so that a restart forgets nothing
and whoever reads the ledger elsewhere sees them. A new draw for each attempt is worth nothing to
somebody who may try only so often.
"""

from __future__ import annotations

import logging

from kiosk.clock import Clock
from kiosk.config import Faces
from kiosk.ledger import Ledger, LedgerError

ATTACK, UNPROVEN = "attack", "unproven"

log = logging.getLogger(__name__)


class FaceRest:
    """Counts; used by the checkout's thread only."""

    def __init__(self, settings: Faces, ledger: Ledger, clock: Clock, terminal_id: str) -> None:
        """Begins with what the ledger holds of the last `settings.lockout_seconds`."""
        self._settings = settings
        self._ledger = ledger
        self._clock = clock
        self._terminal_id = terminal_id
        now, wall_ms = clock.now(), clock.wall_ms()
        since_ms = wall_ms - round(settings.lockout_seconds * 1000)
        self._at = {
            kind: [now - max(0, wall_ms - at_ms) / 1000 for at_ms in ledger.times(kind, since_ms)]
            for kind in (ATTACK, UNPROVEN)
        }

    def count(self, kind: str) -> None:
        """One more, ATTACK or UNPROVEN; it counts also where the disk does not take it."""
        self._at[kind] = [*self._lately(kind), self._clock.now()]
        log.warning("face attempt %s, face pay rests: %s", kind, self.rests())
        try:
            self._ledger.append(kind, self._terminal_id, {"tender": "face"})
        except LedgerError:
            log.exception("%s not written", kind)

    def rests(self) -> bool:
        """Whether no face is looked at now."""
        attacks, unproven = len(self._lately(ATTACK)), len(self._lately(UNPROVEN))
        return (
            attacks >= self._settings.attacks_allowed
            or attacks + unproven >= self._settings.tries_allowed
        )

    def _lately(self, kind: str) -> list[float]:
        since = self._clock.now() - self._settings.lockout_seconds
        return [at for at in self._at[kind] if at > since]
