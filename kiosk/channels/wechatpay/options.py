"""Everything that a merchant configures for WeChat Pay, checked when it is read."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class WechatPayOptions:
    """One merchant's account at one terminal; times in seconds.

    `key` is the APIv2 key (32 characters) of `mch_id`. A service provider puts its own numbers into
    `appid` and `mch_id` and the shop's into `sub_mch_id`. The client certificate (PEM) is needed
    for undoing a payment at the channel itself; the sandbox asks for none. `ca_path` replaces the
    public authorities, for a sandbox or a proxy with a certificate of its own. `backup_url` serves
    queries and reversals only: a pay call is never sent to a second host.
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
        kinds = [kind.value for kind in SignType]
        # A settings file says MD5 or HMAC-SHA256 as text.
        said = getattr(self.sign_type, "value", self.sign_type)
        _expect(said in kinds, "sign_type", f"must be one of {', '.join(kinds)}")
        object.__setattr__(self, "sign_type", SignType(said))
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
