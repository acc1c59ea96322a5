"""The keys of the third-version wire, made on the first run in a folder and only read afterwards.

v3.json        api_v3_key, serial_no of the merchant's certificate, platform_serial,
               public_key_id; for the kiosk                                  mode 0600
merchant.key   the merchant signs with it; for the kiosk                     mode 0600
merchant.pem   its certificate; only the serial goes over the wire
platform.key   the wallet signs with it; never leaves                        mode 0600
platform.pem   its certificate, also sent encrypted by /v3/certificates
platform.pub   the bare public key, for merchants in public-key mode

Who removes platform.key and platform.pem while the sandbox is stopped has its certificate changed:
it makes a new pair at the next start, as the wallet does every few years.
"""

from __future__ import annotations

import json
import random
import string
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from kiosk.sandbox.merchant import write_whole

_LIFE = timedelta(days=5 * 365)


class Mode(Enum):
    """What a merchant checks the wallet's signatures with."""

    CERTIFICATE = "certificate"
    PUBLIC_KEY = "public-key"


@dataclass(frozen=True, slots=True)
class Keys:
    """Both sides' keys, as far as the wallet knows them."""

    mode: Mode
    api_v3_key: bytes
    merchant: x509.Certificate
    platform: x509.Certificate
    private: rsa.RSAPrivateKey
    public_key_id: str

    @property
    def merchant_serial(self) -> str:
        """What a request must name."""
        return serial_of(self.merchant)

    @property
    def serial(self) -> str:
        """What an answer names: the platform certificate's number, or the public key's."""
        return serial_of(self.platform) if self.mode is Mode.CERTIFICATE else self.public_key_id

    @property
    def merchant_public(self) -> rsa.RSAPublicKey:
        """What a request's signature is checked with."""
        public = self.merchant.public_key()
        assert isinstance(public, rsa.RSAPublicKey)
        return public


def serial_of(certificate: x509.Certificate) -> str:
    """A certificate's number as the wire writes it: 40 upper-case hex digits."""
    return f"{certificate.serial_number:040X}"


def keys_in(folder: Path, mch_id: str, mode: Mode, chance: random.Random) -> Keys:
    """The keys of `folder`; what is missing of them is made."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    merchant, platform = (_certificate(folder, *who) for who in (("merchant", mch_id), _WALLET))
    private = load_pem_private_key((folder / "platform.key").read_bytes(), None)
    assert isinstance(private, rsa.RSAPrivateKey)
    path = folder / "v3.json"
    letters = string.ascii_letters + string.digits
    kept = json.loads(path.read_text("utf-8")) if path.exists() else {}
    known = {
        "api_v3_key": "".join(chance.choices(letters, k=32)),
        "public_key_id": f"PUB_KEY_ID_{chance.randrange(10**24):024d}",
        **kept,
        "serial_no": serial_of(merchant),
        "platform_serial": serial_of(platform),
    }
    if known != kept:
        write_whole(path, json.dumps(known, indent=2) + "\n", 0o600)
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    write_whole(folder / "platform.pub", public.decode(), 0o644)
    api_v3_key = known["api_v3_key"].encode()
    return Keys(mode, api_v3_key, merchant, platform, private, known["public_key_id"])


_WALLET = ("platform", "sandbox wallet")


def _certificate(folder: Path, name: str, owner: str) -> x509.Certificate:
    """The certificate called `name`; made with its key where there is none."""
    path = folder / f"{name}.pem"
    if not path.exists():
        key = rsa.generate_private_key(65537, 2048)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, owner)])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number() | 1 << 158)  # always forty digits
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + _LIFE)
            .sign(key, hashes.SHA256())
        )
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_whole(folder / f"{name}.key", secret.decode(), 0o600)
        write_whole(path, made.public_bytes(Encoding.PEM).decode(), 0o644)
    return x509.load_pem_x509_certificate(path.read_bytes())
