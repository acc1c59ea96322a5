"""The operator's campaigns from a JSON file: a list of objects, one a campaign.

    every one   id        small letters, digits and hyphens, at most 30; the ledger keeps it
                kind      piece, off, gift or random
                zh, en    its name, at most 40 and 60 characters; without en the Chinese one shows
                on        false switches it off                              true
                first, last          days, such as 2026-11-01                no limit
                weekdays             such as [6, 7]; 1 is Monday             every day
                hours                such as ["10:00", "14:00"]              the whole day
                products             numbers (GTIN or PLU) as texts          all but `offers` no
                members              true: for members only                  false
    piece       every     2: the second piece, 3: the third …
                percent   0 to 99, what is paid of its price; or price
                most      pieces that cost less in a visit                   no limit
    off         steps     [{"from": "100.00", "off": "10.00"}, …]
                repeat    true: for every so much, with one step             false
                most      the most that goes off                             no limit
    gift        steps     [{"from": "68.00", "gift": "6912000000017"}, …]
                repeat    true: as often as the amount holds it              false
                most      pieces of a gift where it repeats, 1 to 10         10
    random      least, most, budget
                from      the amount from which it is drawn                  0

Amounts are yuan, as texts, with at most two places. The first fault ends the reading, and the error
names file, line and key.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, time
from functools import partial
from pathlib import Path
from typing import Any

from kiosk.content import ContentError, read_text
from kiosk.domain.campaign import (
    MOST_GIFTS,
    AmountOff,
    Campaign,
    Effect,
    GiftFrom,
    GiftStep,
    NthPiece,
    OffStep,
    RandomOff,
    When,
)
from kiosk.domain.catalogue import Gtin
from kiosk.domain.money import ZERO, Money
from kiosk.fields import Fields, decoder

KEYS: Mapping[str, tuple[str, ...]] = {
    "piece": ("every", "percent", "price", "most"),
    "off": ("steps", "repeat", "most"),
    "gift": ("steps", "repeat", "most"),
    "random": ("least", "most", "budget", "from"),
}
COMMON = (
    "id", "kind", "zh", "en", "on", "first", "last", "weekdays", "hours", "products", "members",
)  # fmt: skip
MOST_CAMPAIGNS = 100
MOST_STEPS = 20
MOST_LISTED = 10_000
MOST_BYTES = 1 << 20

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,29}")
_PLU = re.compile(r"\d{1,6}", re.ASCII)
_SPACE = re.compile(r"[ \t\r\n]*")


def load_campaigns(path: Path) -> tuple[Campaign, ...]:
    """Those of the file at `path` that are on. Raises ContentError; a missing file is one too."""
    text = read_text(path, MOST_BYTES)
    found: dict[str, bool] = {}
    on = []
    for fields in _objects(path, text):
        try:
            campaign = _campaign(fields)
        except ValueError as error:
            if isinstance(error, ContentError):
                raise
            raise fields.mistake("kind", str(error)) from error
        if campaign.id in found:
            raise fields.mistake("id", f"{campaign.id} is there twice")
        found[campaign.id] = True
        if len(found) > MOST_CAMPAIGNS:
            raise fields.mistake("id", f"more than {MOST_CAMPAIGNS} campaigns")
        if fields.flag("on", default=True):
            on.append(campaign)
    return tuple(on)


def _objects(path: Path, text: str) -> Iterator[Fields]:
    """The objects of the list, each with its place in the text."""
    reading = decoder()
    at = _space(text, 0)
    if not text.startswith("[", at):
        raise ContentError(f"{path}, line 1: not a list of campaigns")
    at = _space(text, at + 1)
    if text.startswith("]", at):
        at += 1
    else:
        while True:
            begin = at
            try:
                body, at = reading.raw_decode(text, at)
            except json.JSONDecodeError as error:
                raise ContentError(f"{path}, line {error.lineno}: {error.msg}") from error
            except (ValueError, RecursionError) as error:
                raise ContentError(f"{path}, line {_line(text, begin)}: {error}") from error
            if type(body) is not dict:
                raise ContentError(f"{path}, line {_line(text, begin)}: not a campaign")
            yield Fields(body, partial(_place, path, text, begin))
            at = _space(text, at)
            if text.startswith("]", at):
                at += 1
                break
            if not text.startswith(",", at):
                raise ContentError(f"{path}, line {_line(text, at)}: a comma or ] is missing")
            at = _space(text, at + 1)
    at = _space(text, at)
    if at != len(text):
        raise ContentError(f"{path}, line {_line(text, at)}: something after the list")


def _place(path: Path, text: str, at: int, key: str) -> str:
    """Where a key of the object that begins at `at` stands."""
    found = re.compile(rf'"{re.escape(key)}"\s*:').search(text, at)
    return f"{path}, line {_line(text, found.start() if found else at)}, key {key}"


def _campaign(fields: Fields) -> Campaign:
    kind = fields.words("kind", 0, 20)
    if kind not in KEYS:
        raise fields.mistake("kind", f"is one of {', '.join(KEYS)}")
    for key in fields.body:
        if key not in (*COMMON, *KEYS[kind]):
            raise fields.mistake(key, f"campaigns of this kind have {', '.join(KEYS[kind])}")
    name = fields.words("id", 0, 30)
    if not _ID.fullmatch(name):
        raise fields.mistake("id", "small letters, digits and hyphens, at most 30")
    zh = fields.words("zh", 1, 40)
    products = fields.listed("products", MOST_LISTED)
    return Campaign(
        id=name,
        name_zh=zh,
        name_en=fields.words("en", 0, 60) or zh,
        effect=_EFFECTS[kind](fields),
        when=_when(fields),
        products=frozenset(_code(fields, "products", each) for each in products),
        members=fields.flag("members", default=False),
    )


def _when(fields: Fields) -> When:
    weekdays = fields.listed("weekdays", 7)
    if any(type(day) is not int or not 1 <= day <= 7 for day in weekdays):
        raise fields.mistake("weekdays", "numbers from 1 (Monday) to 7")
    hours = fields.listed("hours", 2)
    try:
        if len(hours) == 1:
            raise ValueError
        begins, ends = map(_clock, hours) if hours else (None, None)
    except (TypeError, ValueError) as error:
        raise fields.mistake("hours", 'two times like ["10:00", "14:00"]') from error
    return When(
        fields.read("first", _day, "2026-11-01"),
        fields.read("last", _day, "2026-11-01"),
        frozenset(weekdays),
        begins,
        ends,
    )


def _piece(fields: Fields) -> Effect:
    every = fields.number("every", 2, 10)
    if every is None:
        raise fields.mistake("every", "is missing")
    percent, price = fields.number("percent", 0, 99), fields.amount("price")
    return NthPiece(every, percent, price, fields.number("most", 1, 99))


def _off(fields: Fields) -> Effect:
    steps = tuple(OffStep(low, _inside(fields, step, "off")) for low, step in _steps(fields, "off"))
    return AmountOff(steps, fields.flag("repeat", default=False), fields.amount("most"))


def _gift(fields: Fields) -> Effect:
    steps = tuple(
        GiftStep(low, _code(fields, "gift", step["gift"])) for low, step in _steps(fields, "gift")
    )
    most = fields.number("most", 1, MOST_GIFTS)
    return GiftFrom(steps, fields.flag("repeat", default=False), most or MOST_GIFTS)


def _random(fields: Fields) -> Effect:
    least, most, budget = map(fields.needed, ("least", "most", "budget"))
    return RandomOff(least, most, budget, fields.amount("from") or ZERO)


_EFFECTS: Mapping[str, Callable[[Fields], Effect]] = {
    "piece": _piece,
    "off": _off,
    "gift": _gift,
    "random": _random,
}


def _steps(fields: Fields, key: str) -> Iterator[tuple[Money, Mapping[str, Any]]]:
    for step in fields.listed("steps", MOST_STEPS):
        if type(step) is not dict or set(step) != {"from", key}:
            raise fields.mistake("steps", f"each has from and {key}, and nothing else")
        yield _inside(fields, step, "from"), step


def _inside(fields: Fields, step: Mapping[str, Any], key: str) -> Money:
    amount = None if step[key] is None else fields.amount(key, step[key])
    if amount is None:
        raise fields.mistake(key, "is missing")
    return amount


def _code(fields: Fields, key: str, value: object) -> str:
    """The code of a product, as the price book has it."""
    if type(value) is not str:
        raise fields.mistake(key, f'{value!r} is not a number in quotes, like "6912000000017"')
    if _PLU.fullmatch(value) and int(value):
        return f"{int(value):05d}"
    try:
        return str(Gtin.parse(value))
    except ValueError as error:
        raise fields.mistake(key, str(error)) from error


def _day(text: str) -> date:
    if len(text) != len("2026-11-01"):
        raise ValueError(text)
    return date.fromisoformat(text)


def _clock(text: str) -> time:
    if len(text) != len("10:00"):
        raise ValueError(text)
    return time.fromisoformat(text)


def _space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1
