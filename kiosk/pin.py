"""The staff's PIN or card: a salted scrypt hash (RFC 7914), compared in constant time, few tries.

    scrypt$14$8$1$c2FsdC4uLg$a2V5Li4u     log2 N $ r $ p $ salt $ key, base64 without its "="

PIN and card number themselves are nowhere: not in the settings, the ledger or a log. A card is a
bar code or QR code that the scanner reads, and is none that means goods or a payment.
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

from kiosk.channels.codes import Doubt, Unknown, classify
from kiosk.errors import KioskError

TRIES = 5
LOCK = 300.0  # seconds after the last of them
DIGITS = re.compile(r"[0-9]{6,12}")  # six digits at five tries in five minutes last two years
CARD = re.compile(r"[!-~]{8,64}")
SLIP = re.compile(r"[0-9]{16,}|P[0-9]{8}|kiosk:.*")  # what the codes of our slips say
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
        """Whether it is this PIN, or this card's number; some 50 ms, for a wrong one too."""
        may = DIGITS.fullmatch(pin) or CARD.fullmatch(pin)
        return bool(may) and hmac.compare_digest(_derive(pin, self.salt, self.cost), self.key)


def hash_pin(pin: str, salt: bytes) -> str:
    """The setting `staff.pin_hash` for a PIN of 6 to 12 digits; raises ValueError for another."""
    if not DIGITS.fullmatch(pin):
        raise ValueError("a PIN has 6 to 12 digits")
    return _hashed(pin, salt)


def hash_card(number: str, salt: bytes) -> str:
    """The setting `card_hash` for what the scanner reads of a card; ValueError for no card."""
    if not may_be_card(number):
        raise ValueError("a card has 8 to 64 letters, digits or signs, and means nothing else here")
    return _hashed(number, salt)


def may_be_card(text: str) -> bool:
    """Whether a scan can be a staff card: no goods, no payment code, no address, no slip's."""
    scan = classify(text)
    means_nothing = isinstance(scan, Unknown) and scan.doubt is Doubt.OTHER
    return means_nothing and bool(CARD.fullmatch(text)) and not SLIP.fullmatch(text)


def _hashed(secret: str, salt: bytes) -> str:
    key = _derive(secret, salt, _COST)
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


def run(*, card: bool = False) -> int:
    """`kiosk staff-pin`: ask for a PIN twice, or for a card, print its setting. KioskError."""
    what = "card" if card else "PIN"
    if sys.stdin.isatty():
        ask = "hold the card to the scanner: " if card else "PIN: "
        typed, again = getpass.getpass(ask), getpass.getpass("again: ")
    else:
        typed = again = sys.stdin.readline().strip()
    if typed != again:
        raise KioskError(f"the two {what}s differ", "Start again")
    salt = secrets.token_bytes(16)
    try:
        line = hash_card(typed, salt) if card else hash_pin(typed, salt)
    except ValueError as error:
        raise KioskError(str(error), "Choose another") from error
    table, key = ("[staff.people.NAME]", "card_hash") if card else ("[staff]", "pin_hash")
    sys.stdout.write(f'{table}\n{key} = "{line}"\n')
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
