"""In-store labels of weighed goods: numbers that carry a weight or a price.

A template is a picture of the label, one character a digit, as the shop's scales print it:

    21PPPPPWWWWWC         a fixed flag, 5 digits PLU, 5 digits grams, check digit
    22PPPPPAAAAAC         the same with an amount in fen
    23PPPPPAAAAXC         X: a digit that is not looked at (price check digit of European scales)
    20PPPPPAAAAAWWWWWC    the 18 digits of Chinese scales: item, fen, grams

What prefixes 20 to 29 mean is each store's convention (GS1 General Specifications, restricted
circulation numbers), so templates come from the config and nothing is assumed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from kiosk.domain.catalogue import WrongCheckDigit, check_digit
from kiosk.domain.money import Money

_FORM = re.compile(r"2[0-9](P{4,6})(A{3,6}X?W{4,6}|A{3,6}X?|X?A{3,6}|W{4,6})[CX]")


@dataclass(frozen=True, slots=True)
class Label:
    """What a label says; at least one of `grams` and `price` is there."""

    plu: int
    grams: int | None = None
    price: Money | None = None


@dataclass(frozen=True, slots=True)
class LabelTemplate:
    """One kind of label; see the top of the file for the picture."""

    picture: str

    def __post_init__(self) -> None:
        if len(self.picture) not in (13, 18) or not _FORM.fullmatch(self.picture):
            raise ValueError(
                f"{self.picture!r} is not a label template: 13 or 18 characters, a flag of two "
                "digits from 20 to 29, then P (item), A (fen), W (grams), X (ignored), C (check)"
            )
        if len(self.picture) == 18 and self.picture[:2] > "24":
            # Alipay's payment codes are 16 to 24 digits and begin with 25 to 30.
            raise ValueError(f"{self.picture!r}: labels of 18 digits begin with 20 to 24")

    def read(self, text: str) -> Label | None:
        """The label, or None when `text` is not of this kind. Raises WrongCheckDigit."""
        if not (text.isascii() and text.isdigit() and len(text) == len(self.picture)):
            return None
        if not text.startswith(self.picture[:2]):
            return None
        if self.picture.endswith("C") and check_digit(text[:-1]) != int(text[-1]):
            raise WrongCheckDigit(f"{text} should end in {check_digit(text[:-1])}")
        fen = self._field("A", text)
        return Label(
            plu=self._field("P", text) or 0,
            grams=self._field("W", text),
            price=None if fen is None else Money(fen),
        )

    def _field(self, letter: str, text: str) -> int | None:
        digits = "".join(
            digit for mark, digit in zip(self.picture, text, strict=True) if mark == letter
        )
        return int(digits) if digits else None


def read_label(templates: Iterable[LabelTemplate], text: str) -> Label | None:
    """What the first template that fits makes of `text`; None when none does.

    Raises WrongCheckDigit when it fits and is misread.
    """
    for template in templates:
        label = template.read(text)
        if label is not None:
            return label
    return None
