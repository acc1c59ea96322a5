"""The signature of the WeChat Pay v2 interface, in both of its kinds.

    sort by name (bytes) ─► name=value joined by & ─► &key=<APIv2 key> ─► MD5 or HMAC ─► upper hex

`sign` itself and empty values are left out; values go in raw, not URL-encoded. With HMAC-SHA256
the key signs a message that still ends with it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from enum import Enum


class SignType(Enum):
    """The two algorithms; an answer is signed with the one of its request."""

    MD5 = "MD5"
    HMAC_SHA256 = "HMAC-SHA256"


def text_to_sign(fields: Mapping[str, str], key: str) -> str:
    """The text that is hashed; it contains the key, so it never goes into a log."""
    kept = sorted(
        (name.encode(), name, value) for name, value in fields.items() if value and name != "sign"
    )
    return "&".join([*(f"{name}={value}" for _, name, value in kept), f"key={key}"])


def sign(fields: Mapping[str, str], key: str, sign_type: SignType) -> str:
    """The value of `sign` for these fields: 32 (MD5) or 64 (HMAC-SHA256) upper-case hex digits."""
    text = text_to_sign(fields, key).encode()
    match sign_type:
        case SignType.MD5:
            # The channel's choice of 2014; what protects the call today is TLS.
            return hashlib.md5(text, usedforsecurity=False).hexdigest().upper()
        case SignType.HMAC_SHA256:
            return hmac.new(key.encode(), text, hashlib.sha256).hexdigest().upper()


def verify(fields: Mapping[str, str], key: str, sign_type: SignType) -> bool:
    """Whether `fields["sign"]` is there and right, over every other field, known or not."""
    given = fields.get("sign", "")
    return hmac.compare_digest(given.encode(), sign(fields, key, sign_type).encode())
