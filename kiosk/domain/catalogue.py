"""What the shop sells: trade item numbers, products, the price book.

    GTIN-8   EAN-8          all are kept as 14 digits with leading zeros, so that the UPC-A
    GTIN-12  UPC-A          012345678905 and the EAN-13 0012345678905 are one product
    GTIN-13  EAN-13
    GTIN-14  ITF-14 (cases)

A number that is well formed but not in the book is unknown (None); a number whose check digit is
wrong was misread (`WrongCheckDigit`): the shopper is told different things.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from kiosk.domain.money import Money

MOST_SLOT = 999
MOST_PLU_DIGITS = 6
_STATION = re.compile(r"[a-z][a-z0-9-]{0,19}")


class NotAGtin(ValueError):
    """The text does not have the form of a trade item number."""


class WrongCheckDigit(ValueError):
    """The form is right and the check digit is not: misread or mistyped, never "unknown"."""


def check_digit(digits: str) -> int:
    """The GS1 check digit for `digits` (without it): weights 3, 1, 3 … from the right, modulo 10.

    Source: GS1 General Specifications, "check digit calculation for all fixed-length numbers".
    """
    total = sum(int(digit) * (3 if at % 2 == 0 else 1) for at, digit in enumerate(digits[::-1]))
    return -total % 10


@dataclass(frozen=True, slots=True, order=True)
class Gtin:
    """A trade item number as 14 digits; made by `parse` only, so its check digit is right."""

    digits: str

    @classmethod
    def parse(cls, text: str) -> Gtin:
        """Read 8, 12, 13 or 14 digits. Raises NotAGtin or WrongCheckDigit."""
        if not (text.isascii() and text.isdigit() and len(text) in (8, 12, 13, 14)):
            raise NotAGtin(f"{text[:20]!r} is not a number of 8, 12, 13 or 14 digits")
        if check_digit(text[:-1]) != int(text[-1]):
            raise WrongCheckDigit(f"{text} should end in {check_digit(text[:-1])}")
        return cls(text.zfill(14))

    def __str__(self) -> str:
        """The shortest form that is printed under a bar code: 8, 13 or 14 digits."""
        if self.digits.startswith("000000"):
            return self.digits[6:]
        return self.digits.removeprefix("0")


class SoldBy(Enum):
    """Whether the price is for one piece or for one kilogram."""

    PIECE = "PIECE"
    WEIGHT = "WEIGHT"


@dataclass(frozen=True, slots=True)
class Product:
    """One thing on the shelf, known by its GTIN or by the shop's own number (PLU).

    `price` is for a piece or a kilogram and includes tax; `tax_bp` is the rate in basis points
    (13 % = 1300). `station` names the printer that tells somebody to prepare it ("": nobody is
    told), `slot` the place of the dispenser that drops it, piece by piece. `member_price` is what a
    member of the shop pays; without `offers` it takes part in no campaign; `age` is how old its
    buyer must be, in years (0: anybody). `picture` is the path of
    a picture for the screen ("": there is none), `grams` what a piece weighs with its packing (0:
    nobody said); with others of them it is the same product.
    """

    name_zh: str
    name_en: str
    price: Money
    gtin: Gtin | None = None
    plu: int | None = None
    sold_by: SoldBy = SoldBy.PIECE
    tax_bp: int = 0
    station: str = ""
    slot: int | None = None
    member_price: Money | None = None
    offers: bool = True
    age: int = 0
    picture: str = field(default="", compare=False)
    grams: int = field(default=0, compare=False)

    def __post_init__(self) -> None:
        if (self.gtin is None) == (self.plu is None):
            raise ValueError(f"{self.name_en or self.name_zh}: a GTIN or a PLU, exactly one")
        if self.price.fen < 0 or not 0 <= self.tax_bp <= 10_000:
            raise ValueError(f"{self.code}: the price or the tax rate is out of range")
        if self.station and not is_station(self.station):
            raise ValueError(f"{self.code}: {self.station!r} cannot be the name of a station")
        if self.slot is not None and not self._drops(self.slot):
            raise ValueError(f"{self.code}: pieces drop, from a slot from 1 to {MOST_SLOT}")
        if self.member_price is not None and not 0 < self.member_price.fen <= self.price.fen:
            raise ValueError(f"{self.code}: the member price is over the price, or nothing")

    @property
    def counted(self) -> bool:
        """Whether it is sold by the piece."""
        return self.sold_by is SoldBy.PIECE

    @property
    def code(self) -> str:
        """The number that stands for it on slips and in the channel's list of goods."""
        return str(self.gtin) if self.gtin is not None else f"{self.plu:05d}"

    @property
    def loose(self) -> bool:
        """Whether it has no bar code of its own, so that somebody has to look for it."""
        return self.gtin is None or self.sold_by is SoldBy.WEIGHT

    @property
    def names(self) -> Mapping[str, str]:
        """The name by language."""
        return {"zh": self.name_zh, "en": self.name_en}

    def name(self, language: str) -> str:
        """The name in `language` ("zh" or "en"); the Chinese one where there is no other."""
        return (self.name_en if language == "en" else self.name_zh) or self.name_zh

    def _drops(self, slot: int) -> bool:
        return self.sold_by is SoldBy.PIECE and 1 <= slot <= MOST_SLOT


def is_station(text: str) -> bool:
    """Whether a station may be called so: a small letter, then letters, digits and hyphens."""
    return _STATION.fullmatch(text) is not None


class PriceBook:
    """All products of a shop, found by number; never changes (a new book replaces it whole)."""

    def __init__(self, products: Iterable[Product]) -> None:
        """Raises ValueError where two products have one number."""
        self._by_gtin: dict[Gtin, Product] = {}
        self._by_plu: dict[int, Product] = {}
        for product in products:
            if self._known(product):
                raise ValueError(f"{product.code} is in the price book twice")
            if product.gtin is not None:
                self._by_gtin[product.gtin] = product
            elif product.plu is not None:
                self._by_plu[product.plu] = product

    def find(self, gtin: Gtin) -> Product | None:
        """The product, or None when the shop does not sell it."""
        return self._by_gtin.get(gtin)

    def find_plu(self, plu: int) -> Product | None:
        """The product with the shop's own number, or None."""
        return self._by_plu.get(plu)

    def find_code(self, code: str) -> Product | None:
        """The product whose `code` this is, or None."""
        if len(code) <= MOST_PLU_DIGITS:
            return self.find_plu(int(code))
        return self.find(Gtin.parse(code))

    def __len__(self) -> int:
        return len(self._by_gtin) + len(self._by_plu)

    def __iter__(self) -> Iterator[Product]:
        yield from self._by_gtin.values()
        yield from self._by_plu.values()

    def _known(self, product: Product) -> bool:
        return product.gtin in self._by_gtin or product.plu in self._by_plu
