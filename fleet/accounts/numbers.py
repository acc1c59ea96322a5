"""Card numbers: 16 to 19 digits, of which the database keeps a keyed digest and the last four.

The last digit is the check digit of ISO/IEC 7812-1 (Luhn). The digest is HMAC-SHA256 over merchant
and number, so a copy of the database names no card, and one number at two merchants looks like two.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass

from fleet.accounts.refusals import refused

# [0-9], never \d: that would let other scripts' digits through.
_NUMBER = re.compile(r"[0-9]{16,19}")
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class NamedCard:
    """What may be kept of a card number."""

    card_id: str
    last4: str


class CardNumbers:
    """Turns what a shopper presents into what the database knows the card by."""

    def __init__(self, key: bytes) -> None:
        """`key`: at least 32 random bytes, the same for ever; without it no card is found."""
        if len(key) < _KEY_BYTES:
            raise ValueError(f"the key of the card numbers has fewer than {_KEY_BYTES} bytes")
        self._key = key

    def read(self, merchant_id: str, number: str) -> NamedCard | None:
        """The card of a number; None where it cannot be one."""
        if not _NUMBER.fullmatch(number) or not has_luhn_digit(number):
            return None
        text = f"{merchant_id}\0{number}".encode()
        return NamedCard(hmac.new(self._key, text, hashlib.sha256).hexdigest(), number[-4:])

    def demand(self, merchant_id: str, number: str) -> NamedCard:
        """The card of a number that staff give; Refused CARD_NUMBER_INVALID where it is none."""
        named = self.read(merchant_id, number)
        if named is None:
            raise refused("CARD_NUMBER_INVALID")
        return named


def has_luhn_digit(digits: str) -> bool:
    """Whether the last of the ASCII digits is the Luhn digit of the others."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 * (doubled > 9)
    return total % 10 == 0
