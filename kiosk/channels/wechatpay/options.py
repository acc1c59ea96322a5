"""Everything that a merchant configures for WeChat Pay, checked when it is read."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from urllib.parse import urlsplit

from kiosk.channels.wechatpay.signing import SignType

PAY_URL = "https://api.mch.weixin.qq.com"
BACKUP_URL = "https://api2.mch.weixin.qq.com"
FACE_URL = "https://payapp.weixin.qq.com"

# Lengths of the fields in the channel's documents, in characters.
_LENGTHS: Mapping[str, int] = {
    "appid": 32,
    "mch_id": 32,
    "sub_appid": 32,
    "sub_mch_id": 32,
    "store_id": 32,
    "store_name": 128,
    "device_id": 32,
}


class FaceCodeType(Enum):
    """What the face SDK hands over, and so where it is paid with."""

    FACE_PAY = "0"  # bound to number and amount, for /pay/facepay, which is no longer maintained
    PAYMENT_CODE = "1"  # has the form of a payment code and goes to /pay/micropay


@dataclass(frozen=True, slots=True)
class WechatPayOptions:
    """One merchant's account at one terminal; times in seconds.

    `key` is the APIv2 key (32 characters) of `mch_id`. A service provider puts its own numbers into
    `appid` and `mch_id` and the shop's into `sub_mch_id`. The client certificate (PEM) is needed
    for undoing and refunding at the channel itself; the sandbox asks for none. `ca_path` replaces
    the public authorities, for a sandbox or a proxy with a certificate of its own. `backup_url`
    serves queries, reversals and refunds only: a pay call is never sent to a second host.
    `face_code_type` must be that of the call to the face SDK.
    """

    appid: str
    mch_id: str
    key: str = field(repr=False)
    device_id: str
    store_id: str
    store_name: str
    sub_appid: str = ""
    sub_mch_id: str = ""
    client_ip: str = "127.0.0.1"
    name: str = "wechatpay"
    sandbox: bool = False
    sign_type: SignType = SignType.HMAC_SHA256
    face_code_type: FaceCodeType = FaceCodeType.PAYMENT_CODE
    pay_url: str = PAY_URL
    face_url: str = FACE_URL
    backup_url: str = ""
    connect_timeout: float = 10.0
    read_timeout: float = 10.0
    answer_within: float = 30.0
    query_after: float = 5.0
    query_every: float = 5.0
    give_up_after: float = 45.0
    reverse_not_before: float = 16.0  # the channel's 15 s, which count from its own clock
    certificate_path: Path | None = None
    private_key_path: Path | None = None
    ca_path: Path | None = None

    def __post_init__(self) -> None:
        """Raises ValueError with the name of the wrong option, never with the key's value."""
        self._take_enum("sign_type", SignType)
        self._take_enum("face_code_type", FaceCodeType)
        _expect(
            self.face_code_type is not FaceCodeType.FACE_PAY
            or self.sign_type is SignType.HMAC_SHA256,
            "sign_type",
            "must be HMAC-SHA256 for face_code_type 0",
        )
        for name in ("appid", "mch_id", "device_id", "store_id", "store_name", "name"):
            _expect(bool(getattr(self, name)), name, "must not be empty")
        for name, length in _LENGTHS.items():
            _expect(len(getattr(self, name)) <= length, name, f"has more than {length} characters")
        _expect(len(self.key) == 32 and self.key.isascii(), "key", "must have 32 ASCII characters")
        _expect(_is_address(self.client_ip), "client_ip", "must be an IPv4 or IPv6 address")
        for name in ("pay_url", "face_url", "backup_url"):
            self._check_url(name)
        for name in ("connect_timeout", "read_timeout", "answer_within", "query_every"):
            _expect(getattr(self, name) > 0, name, "must be more than 0 seconds")
        for name in ("query_after", "give_up_after", "reverse_not_before"):
            _expect(getattr(self, name) >= 0, name, "must not be negative")
        _expect(
            self.certificate_path is not None or self.private_key_path is None,
            "certificate_path",
            "is missing for private_key_path",
        )

    def _take_enum(self, name: str, kind: type[Enum]) -> None:
        """A settings file says MD5, HMAC-SHA256, 0 or 1 as text."""
        values = [member.value for member in kind]
        said = getattr(self, name)
        value = said.value if isinstance(said, Enum) else str(said)
        _expect(value in values, name, f"must be one of {', '.join(values)}")
        object.__setattr__(self, name, kind(value))

    def _check_url(self, name: str) -> None:
        url = getattr(self, name)
        if not url and name == "backup_url":
            return
        parts = urlsplit(url)
        _expect(parts.scheme in ("https", "http") and bool(parts.hostname), name, "is not a URL")
        _expect(parts.scheme == "https" or self.sandbox, name, "must be https outside the sandbox")


def _expect(fulfilled: bool, name: str, complaint: str) -> None:  # noqa: FBT001 - an assertion
    if not fulfilled:
        raise ValueError(f"{name} {complaint}")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
