"""Element strings of GS1: what a GS1-128, DataBar, GS1 DataMatrix or GS1 QR says of a trade item.

    01 06901234567892  3103 001234  10 AB1 <GS>  17 261231
    GTIN               1.234 kg     batch        use by

Each application identifier has a fixed length, or goes on to the separator (FNC1, sent as GS, 1D).
The same elements come as a GS1 Digital Link, https://id.gs1.org/01/06901234567892/10/AB1?17=261231.
Source: GS1 General Specifications, sections 3.2 (identifiers), 7.8 (strings), 7.12 (centuries);
GS1 Digital Link URI syntax. An identifier that is not in the table ends the reading; what stands
before it counts.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import parse_qsl, unquote, urlsplit

from kiosk.domain.catalogue import Gtin, WrongCheckDigit, check_digit
from kiosk.domain.money import Money

GS = "\x1d"
CNY = "156"  # ISO 4217
LONGEST = 512  # characters; symbols hold far less

# What may follow an identifier: n digits, x characters; "n6" exactly six, "x20" up to twenty.
_FIXED: Mapping[str, str] = {
    **dict.fromkeys(("01", "02", "03"), "n14"),
    **dict.fromkeys(("11", "12", "13", "15", "16", "17"), "n6"),
    "00": "n18",
    "20": "n2",
    **{f"{kind}{n}": "n6" for kind in (*range(310, 317), *range(320, 338)) for n in range(6)},
    **{f"{kind}{n}": "n6" for kind in (*range(340, 350), *range(350, 358)) for n in range(6)},
    **{f"{kind}{n}": "n6" for kind in range(360, 370) for n in range(6)},
    **dict.fromkeys(map(str, range(410, 418)), "n13"),
}
_OPEN: Mapping[str, str] = {
    "10": "x20",
    "21": "x20",
    "22": "x20",
    "235": "x28",
    "240": "x30",
    "241": "x30",
    "242": "n1-6",
    "243": "x20",
    "250": "x30",
    "251": "x30",
    "254": "x20",
    "253": "x30",
    "255": "n13-25",
    "30": "n1-8",
    "37": "n1-8",
    **{f"390{n}": "n1-15" for n in range(10)},
    **{f"391{n}": "n4-18" for n in range(10)},
    **{f"392{n}": "n1-15" for n in range(10)},
    **{f"393{n}": "n4-18" for n in range(10)},
    **{f"394{n}": "n4-4" for n in range(4)},
    **{f"395{n}": "n6-6" for n in range(6)},
    "400": "x30",
    "401": "x30",
    "402": "n17-17",
    "403": "x30",
    "420": "x20",
    "421": "x12",
    "422": "n3-3",
    "423": "n3-15",
    "424": "n3-3",
    "425": "n3-15",
    "426": "n3-3",
    "427": "x3",
    "7001": "n13-13",
    "7002": "x30",
    "7003": "n10-10",
    "7004": "n1-4",
    "7005": "x12",
    "7006": "n6-6",
    "7007": "n6-12",
    "7008": "x3",
    "7009": "x10",
    "7010": "x2",
    "7020": "x20",
    "7011": "n6-10",
    "7021": "x20",
    "7022": "x20",
    "7023": "x30",
    "7040": "x4",
    "7240": "x20",
    **dict.fromkeys(map(str, range(7030, 7040)), "x30"),
    **dict.fromkeys(map(str, range(710, 717)), "x20"),
    **dict.fromkeys(map(str, range(7230, 7240)), "x30"),
    "8001": "n14-14",
    "8002": "x20",
    "8003": "x30",
    "8004": "x30",
    "8005": "n6-6",
    "8006": "n18-18",
    "8007": "x34",
    "8008": "n8-12",
    "8009": "x50",
    "8010": "x30",
    "8011": "n1-12",
    "8012": "x20",
    "8013": "x25",
    "8017": "n18-18",
    "8018": "n18-18",
    "8019": "n1-10",
    "8020": "x25",
    "8026": "n18-18",
    "8110": "x70",
    "8111": "n4-4",
    "8112": "x70",
    "8200": "x70",
    "90": "x30",
    **dict.fromkeys(map(str, range(91, 100)), "x90"),
}
_PRINTED = re.compile(r"\(([0-9]{2,4})\)([^()]*(?:\((?![0-9]{2,4}\))[^()]*)*)")
_CHARACTERS = re.compile(r"[!\"%-?A-Z_a-z]+")  # the 82 that General Specifications 7.11 allow
_DATES = frozenset(("11", "12", "13", "15", "16", "17"))
_KEYS = frozenset(("00", "01", "02", "03", "8017", "8018"))  # end in a check digit


class NotElements(ValueError):
    """The text is not an element string, or one of its elements is malformed."""


@dataclass(frozen=True, slots=True)
class Element:
    """One application identifier and its value."""

    ai: str
    value: str


@dataclass(frozen=True, slots=True)
class TradeItem:
    """What a code says of the thing it is on. At most one of each; None is not said.

    `price` is for the whole thing, whatever it weighs; one that is no whole number of fen, or in
    another currency, is as `unreadable` as a weight that is no number.
    """

    gtin: Gtin
    count: int | None = None
    grams: int | None = None
    price: Money | None = None
    use_by: str = ""  # YYMMDD
    batch: str = ""
    serial: str = ""
    unreadable: bool = False

    def expired(self, today: date) -> bool:
        """Whether its last day (17) is past."""
        return bool(self.use_by) and last_day(self.use_by, today) < today


def read_trade_item(text: str) -> TradeItem | None:
    """The trade item of an element string or a Digital Link; None when it is about none.

    Raises WrongCheckDigit for a misread number, and NotElements.
    """
    if len(text) > LONGEST:
        raise NotElements(f"{len(text)} characters are no element string")
    link = re.match(r"https?://", text, re.IGNORECASE)
    return _trade_item(read_link(text) if link else read_elements(text))


def read_elements(text: str) -> tuple[Element, ...]:
    """The elements up to the first identifier that is not in the table; at least one.

    Reads what scanners send (separators are GS) and what is printed below a symbol, (01)…(10)….
    Raises WrongCheckDigit and NotElements.
    """
    printed = list(_PRINTED.finditer(text))
    if printed and "".join(one[0] for one in printed) == text:
        found = [_element(one[1], one[2].rstrip(GS)) for one in printed if _form(one[1])]
    else:
        found = list(_in_sequence(text.lstrip(GS)))
    return _consistent(found)


def read_link(url: str) -> tuple[Element, ...]:
    """The elements of a GS1 Digital Link, whatever its host; empty for any other address.

    Raises WrongCheckDigit, and NotElements.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise NotElements("not an address") from error
    steps = [unquote(step) for step in parts.path.split("/")]
    if "01" not in steps[:-1]:
        return ()
    steps = steps[steps.index("01") :]
    pairs = list(zip(steps[::2], steps[1::2], strict=False))
    pairs += [pair for pair in parse_qsl(parts.query) if _form(pair[0])]
    found = []
    for ai, value in pairs:
        if not _form(ai):
            break
        found.append(_element(ai, value.zfill(14) if ai == "01" else value))
    return _consistent(found)


def last_day(yymmdd: str, today: date) -> date:
    """The day that six digits mean; day 00 is the month's last.

    The century is the one that puts the year within 49 years before and 50 after this one.
    """
    year, month, day = int(yymmdd[:2]), int(yymmdd[2:4]), int(yymmdd[4:])
    gap = year - today.year % 100
    century = today.year - today.year % 100 + (-100 if gap >= 51 else 100 if gap <= -50 else 0)
    longest = monthrange(century + year, month)[1]
    return date(century + year, month, min(day or longest, longest))


def _in_sequence(text: str) -> Iterator[Element]:
    at = 0
    while at < len(text):
        ai = next((text[at : at + n] for n in (2, 3, 4) if _form(text[at : at + n])), None)
        if ai is None:
            return
        at += len(ai)
        end = at + int(_FIXED[ai][1:]) if ai in _FIXED else text.find(GS, at)
        end = len(text) if end < 0 else end
        yield _element(ai, text[at:end])
        at = end + text.startswith(
            GS, end
        )  # after a fixed length none is needed and one is allowed


def _form(ai: str) -> str | None:
    return _FIXED.get(ai) or _OPEN.get(ai)


def _element(ai: str, value: str) -> Element:
    """Raises NotElements for a value that the identifier does not allow, and WrongCheckDigit."""
    form = _form(ai) or ""
    digits, _, most = form[1:].rpartition("-")
    least = int(digits) if digits else int(most) if ai in _FIXED else 1
    known = value.isascii() and value.isdigit() if form[0] == "n" else _CHARACTERS.fullmatch(value)
    if not known or not least <= len(value) <= int(most):
        raise NotElements(f"({ai}) cannot be {value[:20]!r}")
    if ai in _DATES and not _is_date(value):
        raise NotElements(f"({ai}) is no day: {value}")
    if ai in _KEYS and check_digit(value[:-1]) != int(value[-1]):
        raise WrongCheckDigit(f"({ai}) {value} should end in {check_digit(value[:-1])}")
    return Element(ai, value)


def _is_date(yymmdd: str) -> bool:
    month, day = int(yymmdd[2:4]), int(yymmdd[4:])
    return 1 <= month <= 12 and day <= monthrange(2000 + int(yymmdd[:2]), month)[1]


def _consistent(found: Sequence[Element]) -> tuple[Element, ...]:
    """Once each. Raises NotElements where an identifier comes with two values."""
    values: dict[str, str] = {}
    for one in found:
        if values.setdefault(one.ai, one.value) != one.value:
            raise NotElements(f"({one.ai}) is there twice")
    return tuple(Element(ai, value) for ai, value in values.items())


def _trade_item(elements: Sequence[Element]) -> TradeItem | None:
    said = {one.ai: one.value for one in elements}
    gtin, count = said.get("01"), said.get("30")
    if gtin is None:  # a case that tells what is in it, and how often
        gtin, count = said.get("02"), said.get("37")
        if count is None:
            return None
    weights = [_grams(ai, value) for ai, value in said.items() if ai.startswith("310")]
    prices = [_price(ai, value) for ai, value in said.items() if ai[:3] in ("392", "393")]
    return (
        None
        if gtin is None
        else TradeItem(
            Gtin.parse(gtin),
            count=None if count is None else int(count),
            grams=weights[0] if weights else None,
            price=prices[0] if prices else None,
            use_by=said.get("17", ""),
            batch=said.get("10", ""),
            serial=said.get("21", ""),
            unreadable=None in prices or len(prices) > 1 or len(weights) > 1,
        )
    )


def _grams(ai: str, value: str) -> int:
    """Kilograms with as many places as the identifier's last digit; half a gram is one."""
    scale: int = 10 ** int(ai[3])
    return (int(value) * 2000 + scale) // (scale * 2)


def _price(ai: str, value: str) -> Money | None:
    if ai.startswith("393"):
        currency, value = value[:3], value[3:]
        if currency != CNY:
            return None
    fen, rest = divmod(int(value) * 100, 10 ** int(ai[3]))
    return None if rest else Money(fen)
