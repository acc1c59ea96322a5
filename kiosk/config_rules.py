"""What must hold of the settings beyond their types: ranges, names, things that go together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kiosk.branding import brand_mistakes
from kiosk.device_kinds import DEVICE_KINDS, device_kind
from kiosk.domain.catalogue import is_station
from kiosk.domain.label import LabelTemplate
from kiosk.domain.serving import EAT_IN, TAKE_AWAY
from kiosk.pin import PinHash
from kiosk.settings import Source
from kiosk.ui.catalogues import LANGUAGE

if TYPE_CHECKING:
    from kiosk.config import Access, Config, Restaurant, Shop, Staff

MOST_KINDS_OF_BAGS = 3
MOST_PEOPLE = 20  # each of their hashes is tried: 50 ms
MOST_TABLES = 9_999
SCALES = (0.75, 1.25)  # of the screen


def check(config: Config, source: Source) -> None:
    """Raises ConfigError that names file, line and key."""
    _check_access(config.access, source)
    if not re.fullmatch(r"[0-9]{4,8}", config.terminal_id):
        raise source.mistake(("terminal_id",), "must be 4 to 8 digits")
    _check_languages(config.shop, source)
    if not SCALES[0] <= config.ui.scale <= SCALES[1]:
        raise source.mistake(("ui", "scale"), f"must be from {SCALES[0]} to {SCALES[1]}")
    for key, what in brand_mistakes(config.brand, dark=config.ui.dark):
        raise source.mistake(("brand", *key), what)
    _check_restaurant(config.restaurant, source)
    for name in config.stations:
        if not is_station(name) or device_kind(name) in DEVICE_KINDS:
            mend = f"A name like kitchen; {', '.join(DEVICE_KINDS)} are devices"
            raise source.mistake(("stations", name), "cannot be the name of a station", mend)
    if len(config.content.bags) > MOST_KINDS_OF_BAGS:
        raise source.mistake(("content", "bags"), f"at most {MOST_KINDS_OF_BAGS} kinds of bags")
    try:
        [LabelTemplate(picture) for picture in config.content.weighed_labels]
    except ValueError as error:
        raise source.mistake(("content", "weighed_labels"), str(error)) from error
    url = config.receipt.url
    if url and not (url.startswith(("https://", "http://")) and "{number}" in url):
        raise source.mistake(("receipt", "url"), "must be an address with {number} in it")
    _check_staff(config.staff, source)


def _check_staff(staff: Staff, source: Source) -> None:
    for name in ("refund_limit_fen", "manager_limit_fen"):
        if getattr(staff, name) < 0:
            raise source.mistake(("staff", name), "must not be below 0")
    if len(staff.people) > MOST_PEOPLE:
        raise source.mistake(("staff", "people"), f"more than {MOST_PEOPLE} take too long to try")
    hashes: dict[tuple[str, ...], str] = {("pin_hash",): staff.pin_hash}
    for name, one in staff.people.items():
        hashes |= {("people", name, key): getattr(one, key) for key in ("pin_hash", "card_hash")}
        if not (one.pin_hash or one.card_hash):
            raise source.mistake(("staff", "people", name), "has neither a PIN nor a card")
    for at, text in hashes.items():
        try:
            if text:
                PinHash.parse(text)
        except ValueError as error:
            raise source.mistake(("staff", *at), str(error)) from error


def _check_languages(shop: Shop, source: Source) -> None:
    for language in shop.languages:
        if not LANGUAGE.fullmatch(language):
            raise source.mistake(("shop", "languages"), f'"{language}" is no language: zh, pt_BR')
    if shop.language not in shop.languages:
        known = " or ".join(f'"{language}"' for language in shop.languages)
        raise source.mistake(("shop", "language"), f"must be {known}")


def _check_restaurant(restaurant: Restaurant, source: Source) -> None:
    services = restaurant.services
    if not services or len(set(services)) < len(services) or {*services} - {EAT_IN, TAKE_AWAY}:
        raise source.mistake(
            ("restaurant", "services"), f'"{EAT_IN}", "{TAKE_AWAY}", or both, each once'
        )
    if not 0 <= restaurant.tables <= MOST_TABLES:
        raise source.mistake(("restaurant", "tables"), f"must be 0 to {MOST_TABLES}")
    for key in ("preparing_minutes", "ready_minutes"):
        if getattr(restaurant, key) <= 0:
            raise source.mistake(("restaurant", key), "must be more than 0")


def _check_access(access: Access, source: Source) -> None:
    for name, least, most in (("rate", 80, 450), ("volume", 0, 200), ("patience", 1, 20)):
        if not least <= getattr(access, name) <= most:
            raise source.mistake(("access", name), f"must be {least} to {most}")
