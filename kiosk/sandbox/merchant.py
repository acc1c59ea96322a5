"""Who is who: the merchant account the sandbox knows, and the wallet's own keys.

Made once, on the first run in a folder, and only read afterwards:

    merchant.json   appid, mch_id, sub_mch_id, api key, store_id; for the kiosk   mode 0600
    wallet.key      X25519 private key, base64 of 32 bytes; never leaves          mode 0600
    wallet.pub      X25519 public key, base64 of 32 bytes; for the face service
"""

from __future__ import annotations

import base64
import json
import os
import random
import string
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kiosk.sandbox.fields import Refused
from kiosk.sandbox.wire import Fields, Malformed


@dataclass(frozen=True, slots=True)
class Merchant:
    """The one merchant with an account here; `sub_mch_id` is his shop in service-provider mode."""

    appid: str
    mch_id: str
    sub_mch_id: str
    key: str
    store_id: str

    def check_known(self, fields: Fields) -> None:
        """Raise Malformed where even the key to sign an answer with is unknown."""
        if fields.get("mch_id") != self.mch_id:
            raise Malformed("商户号mch_id不存在或不匹配")

    def check_pair(self, fields: Fields) -> None:
        """Raise Refused unless appid and sub-merchant belong to this merchant."""
        if fields.get("appid") != self.appid:
            raise Refused("APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配")
        if fields.get("sub_mch_id", self.sub_mch_id) not in {"", self.sub_mch_id}:
            raise Refused("PARAM_ERROR", "sub_mch_id与mch_id没有受理关系")


@dataclass(frozen=True, slots=True)
class WalletKeys:
    """The key that opens probes, and two keys derived from it for the wallet's own use."""

    private: X25519PrivateKey
    authinfo: bytes
    marks: bytes

    @classmethod
    def of(cls, private: X25519PrivateKey) -> WalletKeys:
        """Derive the other keys; the same ones after every restart."""
        secret = private.private_bytes_raw()
        return cls(private, _derived(secret, b"authinfo"), _derived(secret, b"marks"))


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, None, b"sandbox wallet " + purpose).derive(secret)


def merchant_in(folder: Path, chance: random.Random) -> Merchant:
    """The merchant of `folder`, made up on the first run."""
    path = folder / "merchant.json"
    if not path.exists():
        letters = string.ascii_letters + string.digits
        made = Merchant(
            appid="wx" + "".join(chance.choices("0123456789abcdef", k=16)),
            mch_id=f"16{chance.randrange(10**8):08d}",
            sub_mch_id=f"19{chance.randrange(10**8):08d}",
            key="".join(chance.choices(letters, k=32)),
            store_id="S1",
        )
        write_whole(path, json.dumps(asdict(made), indent=2) + "\n", 0o600)
    return Merchant(**json.loads(path.read_text("utf-8")))


def wallet_keys_in(folder: Path) -> WalletKeys:
    """The wallet's keys of `folder`, made on the first run; the public one is written beside."""
    path = folder / "wallet.key"
    if not path.exists():
        secret = X25519PrivateKey.generate().private_bytes_raw()
        write_whole(path, base64.b64encode(secret).decode() + "\n", 0o600)
    private = X25519PrivateKey.from_private_bytes(base64.b64decode(path.read_text("ascii")))
    public = base64.b64encode(private.public_key().public_bytes_raw()).decode()
    write_whole(folder / "wallet.pub", public + "\n", 0o644)
    return WalletKeys.of(private)


def write_whole(path: Path, text: str, mode: int) -> None:
    """Write a whole file or nothing: a kill in between leaves the old one."""
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
