"""Who is a member of the shop: found by a digest, so that no file, ledger or log has a number.

    {"salt": "…hex…", "prefixes": ["99"], "members": {"…digest…": "gold", …}}

`kiosk members < numbers.csv > members.json` makes the file of lines `number,tier`. A digest is
scrypt (RFC 7914) of the number with the file's own salt. That is no secret where numbers are few:
whoever steals the file can try all phone numbers, at the cost of some years of one processor.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from kiosk.content import ContentError, read_text
from kiosk.domain.order import Member
from kiosk.errors import ConfigError, KioskError

MOST_BYTES = 64 << 20
TRIES = 5  # numbers in one visit: a shopper mistypes, who looks for members does not stop at five
_NUMBER = re.compile(r"[0-9A-Za-z]{4,32}")
_PREFIX = re.compile(r"[0-9A-Za-z]{2,15}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_TIER = re.compile(r"[a-z][a-z0-9-]{0,19}")
_SALT = re.compile(r"(?:[0-9a-f]{2}){16,64}")
_PHONE = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})")
_COST = 1 << 12  # some 10 ms


class Members(Protocol):
    """Where a member is found; `prefixes` are how the shop's member cards begin."""

    prefixes: Sequence[str]
    any: bool
    """Whether there can be a member at all: else nobody is asked."""

    def find(self, number: str) -> Member | None:
        """The member with this card or phone number, or None; takes some 10 ms."""
        ...


class MemberFile:
    """The members of a file, or nobody."""

    def __init__(
        self,
        salt: bytes = b"",
        prefixes: Sequence[str] = (),
        tiers: Mapping[str, str] | None = None,
    ) -> None:
        self.prefixes = prefixes
        self.any = bool(tiers)
        self._salt = salt
        self._tiers = tiers or {}

    def find(self, number: str) -> Member | None:
        """By the digest of the number."""
        whole = plain(number)
        if whole is None or not self.any:
            return None
        tier = self._tiers.get(digest(whole, self._salt))
        return None if tier is None else Member(tier)


def members_of(path: Path | None) -> Members:
    """The members of the file that the settings name; nobody without one. Raises ConfigError."""
    try:
        return MemberFile() if path is None else load_members(path)
    except ContentError as error:
        raise ConfigError(str(error), "Mend the file of members") from error


def load_members(path: Path) -> MemberFile:
    """Read the file at `path`. Raises ContentError; its words hold no number."""
    text = read_text(path, MOST_BYTES)
    try:
        body = json.loads(text)
    except json.JSONDecodeError as error:
        raise ContentError(f"{path}, line {error.lineno}: {error.msg}") from error
    except RecursionError as error:
        raise ContentError(f"{path}: too deep") from error
    if type(body) is not dict or set(body) - {"prefixes"} != {"salt", "members"}:
        raise ContentError(f"{path}: the keys are salt, prefixes and members")
    salt, prefixes, members = body["salt"], body.get("prefixes", []), body["members"]
    if type(salt) is not str or not _SALT.fullmatch(salt):
        raise ContentError(f"{path}, key salt: not 16 bytes or more in hexadecimal")
    if type(prefixes) is not list or not all(_fits(_PREFIX, each) for each in prefixes):
        raise ContentError(f"{path}, key prefixes: a list of 2 to 15 letters and digits each")
    if type(members) is not dict:
        raise ContentError(f"{path}, key members: not digests with their tiers")
    for nth, (key, tier) in enumerate(members.items(), 1):
        if not _DIGEST.fullmatch(key) or not _fits(_TIER, tier):
            raise ContentError(f"{path}, member {nth}: not a digest and a tier like gold")
    return MemberFile(bytes.fromhex(salt), prefixes, members)


def plain(number: str) -> str | None:
    """The number without spaces, hyphens and the country's +86; None for what can be none."""
    bare = re.sub(r"[ \-]", "", number)
    phone = _PHONE.fullmatch(bare)
    if phone is not None:
        return phone[1]
    return bare if _NUMBER.fullmatch(bare) else None


def digest(number: str, salt: bytes) -> str:
    """What stands for a number in the file, in hexadecimal."""
    return hashlib.scrypt(number.encode(), salt=salt, n=_COST, r=8, p=1, dklen=32).hex()


def member_file(lines: Iterable[str], salt: bytes) -> str:
    """The file of lines `number,tier`. Raises KioskError that names a line, and no number."""
    members: dict[str, str] = {}
    for nth, line in enumerate(lines, 1):
        number, _, tier = (part.strip() for part in line.partition(","))
        whole = plain(number)
        if not line.strip():
            continue
        if whole is None or not _TIER.fullmatch(tier):
            raise KioskError(
                f"line {nth} is no number and tier",
                "Write a number, a comma and a tier such as gold",
            )
        members[digest(whole, salt)] = tier
    return json.dumps({"salt": salt.hex(), "prefixes": [], "members": members}, indent=1) + "\n"


def run() -> int:
    """`kiosk members`: numbers and tiers in, the file of members out. Raises KioskError."""
    sys.stdout.write(member_file(sys.stdin, secrets.token_bytes(16)))
    return 0


def _fits(form: re.Pattern[str], value: object) -> bool:
    return type(value) is str and form.fullmatch(value) is not None
