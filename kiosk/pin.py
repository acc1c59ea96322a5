"""The staff's PIN: kept as a salted scrypt hash (RFC 7914), compared in constant time, few tries.

    scrypt$14$8$1$c2FsdC4uLg$a2V5Li4u     log2 N $ r $ p $ salt $ key, base64 without its "="

The PIN itself is nowhere: not in the settings, the ledger or a log.
"""

from __future__ import annotations

import base64
import getpass
import hashlib
import hmac
import re
import secrets
import sys
from dataclasses import dataclass, field

from kiosk.errors import KioskError

TRIES = 5
LOCK = 300.0  # seconds after the last of them
DIGITS = re.compile(r"[0-9]{6,12}")  # six digits at five tries in five minutes last two years
_COST = (14, 8, 1)  # 16 MiB and some 50 ms: what OWASP asks for at least, and bearable on a kiosk
_MEMORY = 64 << 20  # bytes that a hash in the settings may ask for


@dataclass(frozen=True, slots=True)
class PinHash:
    """What the settings hold of a PIN."""

    cost: tuple[int, int, int]
    salt: bytes = field(repr=False)
    key: bytes = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> PinHash:
        """Read what `hash_pin` wrote; raises ValueError for anything else."""
        try:
            name, log_n, r, p, salt, key = text.split("$")
            read = cls((int(log_n), int(r), int(p)), _decode(salt), _decode(key))
        except ValueError as error:
            raise ValueError("is not what kiosk staff-pin prints") from error
        bearable = 1 <= read.cost[0] <= 20 and 0 < (128 << read.cost[0]) * read.cost[1] < _MEMORY
        if name != "scrypt" or not bearable or len(read.key) != 32 or not 1 <= read.cost[2] <= 4:
            raise ValueError("is not what kiosk staff-pin prints")
        return read

    def matches(self, pin: str) -> bool:
        """Whether it is this PIN; takes some 50 ms, for a wrong one too."""
        return bool(DIGITS.fullmatch(pin)) and hmac.compare_digest(
            _derive(pin, self.salt, self.cost), self.key
        )


def hash_pin(pin: str, salt: bytes) -> str:
    """The setting `staff.pin_hash` for a PIN of 6 to 12 digits; raises ValueError for another."""
    if not DIGITS.fullmatch(pin):
        raise ValueError("a PIN has 6 to 12 digits")
    key = _derive(pin, salt, _COST)
    return "$".join(("scrypt", *map(str, _COST), _encode(salt), _encode(key)))


@dataclass(slots=True)
class Tries:
    """Counts wrong PINs in a row; times are seconds of the steady clock.

    In memory only: a restart starts anew, and that takes longer than a shopper stands unwatched.
    """

    wrong: int = 0
    until: float = 0.0

    def locked_for(self, now: float) -> float:
        """Seconds in which no PIN is taken."""
        return max(0.0, self.until - now)

    def count(self, now: float) -> None:
        """A PIN is going to be checked, and wrong until it is found right."""
        self.wrong += 1
        if self.wrong >= TRIES:
            self.wrong, self.until = 0, now + LOCK

    def forget(self) -> None:
        """It was right."""
        self.wrong, self.until = 0, 0.0


def run() -> int:
    """`kiosk staff-pin`: ask for a PIN twice, print its setting. Raises KioskError."""
    if sys.stdin.isatty():
        pin, again = getpass.getpass("PIN: "), getpass.getpass("again: ")
    else:
        pin = again = sys.stdin.readline().strip()
    if pin != again:
        raise KioskError("the two PINs differ", "Start again")
    try:
        line = hash_pin(pin, secrets.token_bytes(16))
    except ValueError as error:
        raise KioskError(str(error), "Choose another") from error
    sys.stdout.write(f'[staff]\npin_hash = "{line}"\n')
    return 0


def _derive(pin: str, salt: bytes, cost: tuple[int, int, int]) -> bytes:
    log_n, r, p = cost
    return hashlib.scrypt(
        pin.encode(), salt=salt, n=1 << log_n, r=r, p=p, dklen=32, maxmem=_MEMORY + (1 << 20)
    )


def _encode(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii").rstrip("=")


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
