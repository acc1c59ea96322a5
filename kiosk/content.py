"""What the operator sells, from a file that a spreadsheet can write: the price book as CSV.

    gtin             8, 12, 13 or 14 digits, or empty      one of the two, never both
    plu              the shop's own number, 1 to 999999
    name_zh          at most 40 characters                 needed
    name_en          at most 60 characters                 may be empty: the Chinese name shows
    price            yuan for a piece or a kilogram, at most two places: 3.5, 12.00
    sold_by          piece or weight
    tax              percent contained in the price, at most two places: 13, 9, 0
    station          who prepares it: the name of a printer    the column or the value
    slot             where the dispenser drops it, 1 to 999    may be missing
    member_price     yuan that a member pays instead of price
    offers           no: it takes part in no campaign
    age              how old its buyer must be, 1 to 99 years: staff look at him before he pays
    grams            what a piece weighs with its packing, 1 to 30000
    picture          a PNG or JPEG, its path from the file's folder

UTF-8, with or without a byte order mark; the first line names the columns, in any order. The first
fault ends the reading, and the error names file, line and column: half a price book is none.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from kiosk.domain.catalogue import (
    MOST_SLOT,
    Gtin,
    PriceBook,
    Product,
    SoldBy,
    is_station,
)
from kiosk.domain.money import Money

COLUMNS = ("gtin", "plu", "name_zh", "name_en", "price", "sold_by", "tax")
MAY_BE_MISSING = ("station", "slot", "member_price", "offers", "age", "grams", "picture")
MOST_BYTES = 32 << 20
MOST_PRODUCTS = 100_000
MOST_FEN = 10_000_000
MOST_GRAMS = 30_000

_AMOUNT = re.compile(r"\d{1,8}(\.\d{1,2})?", re.ASCII)
_SLOT = re.compile(r"[1-9]\d{0,2}", re.ASCII)
PICTURE = re.compile(r"[\w-][\w ./-]{0,99}\.(?:png|jpg|jpeg)", re.IGNORECASE)
_PLU = re.compile(r"\d{1,6}", re.ASCII)


class ContentError(ValueError):
    """The file cannot be used; says where (file, line, column) and why."""


def load_price_book(path: Path) -> PriceBook:
    """Read the file at `path`. Raises ContentError; a missing file is one too."""
    return PriceBook(_products(path, read_text(path, MOST_BYTES)))


def read_text(path: Path, most: int) -> str:
    """The text of a file of at most so many bytes of UTF-8. Raises ContentError."""
    try:
        if path.stat().st_size > most:
            raise ContentError(f"{path}: more than {most} bytes")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ContentError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ContentError(f"{path}, line {line}: not UTF-8; save it as UTF-8") from error


def _products(path: Path, text: str) -> Iterator[Product]:
    reader = csv.DictReader(text.splitlines(keepends=True), strict=True)
    first_seen: dict[str, int] = {}
    try:
        columns = _columns(path, reader.fieldnames or ())
        for row in reader:
            product = _product(path, f"{path}, line {reader.line_num}", columns, row)
            earlier = first_seen.setdefault(product.code, reader.line_num)
            if earlier != reader.line_num:
                column = "gtin" if product.gtin else "plu"
                where = f"{path}, line {reader.line_num}, column {column}"
                raise ContentError(f"{where}: {product.code} is in line {earlier} already")
            if len(first_seen) > MOST_PRODUCTS:
                raise ContentError(f"{path}: more than {MOST_PRODUCTS} products")
            yield product
    except csv.Error as error:
        raise ContentError(f"{path}, line {reader.reader.line_num}: {error}") from error


def _columns(path: Path, found: Iterable[str]) -> list[str]:
    names = list(found)
    missing = [name for name in COLUMNS if name not in names]
    unknown = [name for name in names if name not in (*COLUMNS, *MAY_BE_MISSING)]
    if missing or unknown or len(names) != len(set(names)):
        raise ContentError(
            f"{path}, line 1: the columns are {', '.join(COLUMNS)}"
            f" and, where wanted, {', '.join(MAY_BE_MISSING)}"
            f" (missing: {', '.join(missing) or 'none'}; unknown: {', '.join(unknown) or 'none'})"
        )
    return names


def _product(
    path: Path,
    where: str,
    columns: Sequence[str],
    row: Mapping[str | None, str | list[str] | None],
) -> Product:
    fields = dict.fromkeys(MAY_BE_MISSING, "")
    for name in columns:
        value = row[name]
        if not isinstance(value, str) or None in row:
            raise ContentError(f"{where}: not {len(columns)} columns")
        fields[name] = value.strip()
    gtin, plu = _number(where, fields)
    sold_by = _sold_by(where, fields["sold_by"])
    price = Money(_hundredths(where, "price", fields["price"], MOST_FEN))
    return Product(
        name_zh=_name(where, "name_zh", fields["name_zh"], 1, 40),
        name_en=_name(where, "name_en", fields["name_en"], 0, 60),
        price=price,
        gtin=gtin,
        plu=plu,
        sold_by=sold_by,
        tax_bp=_hundredths(where, "tax", fields["tax"], 10_000),
        station=_station(where, fields["station"]),
        slot=_slot(where, fields["slot"], sold_by),
        member_price=_member_price(where, fields["member_price"], price),
        offers=_offers(where, fields["offers"]),
        age=_age(where, fields["age"]),
        grams=_grams(where, fields["grams"], sold_by),
        picture=_picture(path, where, fields["picture"]),
    )


def _number(where: str, fields: Mapping[str, str]) -> tuple[Gtin | None, int | None]:
    if bool(fields["gtin"]) == bool(fields["plu"]):
        raise ContentError(f"{where}, column gtin: a gtin or a plu, exactly one of them")
    if fields["gtin"]:
        try:
            return Gtin.parse(fields["gtin"]), None
        except ValueError as error:
            raise ContentError(f"{where}, column gtin: {error}") from error
    if not _PLU.fullmatch(fields["plu"]) or int(fields["plu"]) == 0:
        raise ContentError(f"{where}, column plu: {fields['plu']!r} is not 1 to 999999")
    return None, int(fields["plu"])


def _name(where: str, column: str, value: str, least: int, most: int) -> str:
    if not least <= len(value) <= most or not value.isprintable():
        raise ContentError(f"{where}, column {column}: {least} to {most} printable characters")
    return value


def _hundredths(where: str, column: str, value: str, most: int) -> int:
    if not _AMOUNT.fullmatch(value):
        raise ContentError(f"{where}, column {column}: {value!r} is not a number like 3.50")
    whole, _, places = value.partition(".")
    amount = int(whole) * 100 + int(places.ljust(2, "0"))
    if amount > most:
        raise ContentError(f"{where}, column {column}: {value} is more than {most / 100:g}")
    return amount


def _station(where: str, value: str) -> str:
    if value and not is_station(value):
        raise ContentError(f"{where}, column station: {value!r} is not a name like kitchen")
    return value


def _slot(where: str, value: str, sold_by: SoldBy) -> int | None:
    if not value:
        return None
    if not _SLOT.fullmatch(value):
        raise ContentError(f"{where}, column slot: {value!r} is not 1 to {MOST_SLOT}")
    if sold_by is not SoldBy.PIECE:
        raise ContentError(f"{where}, column slot: what is sold by weight does not drop")
    return int(value)


def _member_price(where: str, value: str, price: Money) -> Money | None:
    if not value:
        return None
    member = Money(_hundredths(where, "member_price", value, MOST_FEN))
    if not 0 < member.fen <= price.fen:
        raise ContentError(f"{where}, column member_price: {value} is 0 or over the price")
    return member


def _offers(where: str, value: str) -> bool:
    if value.lower() not in ("", "yes", "no"):
        raise ContentError(f"{where}, column offers: {value!r} is not yes or no")
    return value.lower() != "no"


def _age(where: str, value: str) -> int:
    if value and not re.fullmatch(r"[1-9][0-9]?", value, re.ASCII):
        raise ContentError(f"{where}, column age: {value!r} is not 1 to 99")
    return int(value or 0)


def _grams(where: str, value: str, sold_by: SoldBy) -> int:
    if not value:
        return 0
    if not re.fullmatch(r"[1-9][0-9]{0,4}", value, re.ASCII) or int(value) > MOST_GRAMS:
        raise ContentError(f"{where}, column grams: {value!r} is not 1 to {MOST_GRAMS}")
    if sold_by is SoldBy.WEIGHT:
        raise ContentError(f"{where}, column grams: what is sold by weight has none")
    return int(value)


def _picture(path: Path, where: str, value: str) -> str:
    """Where it is; that it is not there, or cannot be read, is no reason not to sell the goods."""
    if not value:
        return ""
    if not PICTURE.fullmatch(value) or ".." in value:
        raise ContentError(f"{where}, column picture: {value!r} is not a path like pictures/a.png")
    return str(path.resolve().parent / value)


def _sold_by(where: str, value: str) -> SoldBy:
    try:
        return SoldBy[value.upper()]
    except KeyError:
        raise ContentError(f"{where}, column sold_by: {value!r} is not piece or weight") from None
