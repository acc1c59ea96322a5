"""The operator's banners from a JSON file: a list of objects, one a banner.

    zh, en         its sentence, at most 40 and 80 characters; without en the Chinese one shows
    picture        a PNG or JPEG, about 3 : 1, by its path from the file's folder
    first, last    days, such as "2026-11-01"; without them it is always shown
    coupon         what a scanner reads, at most 40 characters: a QR on the screen and on the slip

Another key is a mistake. The error names file and key.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import msgspec

from kiosk.content import ContentError, read_text
from kiosk.domain.banner import Banner

MOST_BYTES = 1 << 18
MOST_BANNERS = 50

_PICTURE = re.compile(r"[\w-][\w ./-]{0,99}\.(?:png|jpg|jpeg)", re.IGNORECASE)
_COUPON = re.compile(r"[\x21-\x7e]{0,40}")
_KEYS = frozenset(Banner.__slots__)
_Banners = Annotated[list[Banner], msgspec.Meta(max_length=MOST_BANNERS)]


def load_banners(path: Path) -> tuple[Banner, ...]:
    """Those of the file at `path`. Raises ContentError; a missing file is one too."""
    text = read_text(path, MOST_BYTES)
    try:
        found = msgspec.json.decode(text, type=_Banners)
        given = msgspec.json.decode(text, type=list[dict[str, object]])
    except msgspec.MsgspecError as error:
        raise ContentError(f"{path}: {error}") from error
    for at, keys in enumerate(given):
        for unknown in keys.keys() - _KEYS:
            raise ContentError(f"{path}, banner {at + 1}: {unknown} is no key of a banner")
    return tuple(_checked(path, f"{path}, banner {at + 1}", one) for at, one in enumerate(found))


def _checked(path: Path, where: str, banner: Banner) -> Banner:
    if not 1 <= len(banner.zh) <= 40:
        raise ContentError(f"{where}, zh: 1 to 40 characters")
    if len(banner.en) > 80:
        raise ContentError(f"{where}, en: at most 80 characters")
    if not _COUPON.fullmatch(banner.coupon):
        raise ContentError(f"{where}, coupon: at most 40 letters and digits of ASCII")
    if banner.first and banner.last and banner.last < banner.first:
        raise ContentError(f"{where}, last: before first")
    if not banner.picture:
        return banner
    if not _PICTURE.fullmatch(banner.picture) or ".." in banner.picture:
        raise ContentError(f"{where}, picture: not a path like pictures/coupon.png")
    return replace(banner, picture=str(path.resolve().parent / banner.picture))
