"""What can go wrong in the kiosk itself; devices, channels and the ledger have trees of their own.

KioskError ─┬─ ConfigError   the file, the line and the key that is wrong
└─ WireError     a peer process that is not there or does not speak our words
"""

from __future__ import annotations


class KioskError(Exception):
    """Says what is wrong (`cause`) and what to do about it (`mend`), for the attendant."""

    def __init__(self, cause: str, mend: str = "") -> None:
        super().__init__(f"{cause}. {mend}" if mend else cause)
        self.cause = cause
        self.mend = mend


class ConfigError(KioskError):
    """The settings cannot be used; nothing was started with them."""


class WireError(KioskError):
    """The line between two of our processes is down."""
