"""The keys of both sides: ours to sign with, and WeChat Pay's to check what it says.

    public_key_id  ─► the WeChat Pay public key, from a file; never ends
    40 hex digits  ─► a platform certificate, from GET /v3/certificates; several may be in force

An answer names the key it is signed with. While a merchant changes from certificates to the public
key both names occur; when a certificate is about to end, its successor's does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from kiosk.channels.channel import ChannelError
from kiosk.channels.wechatpay.v3 import signing
from kiosk.channels.wechatpay.v3.documents import Document
from kiosk.channels.wechatpay.v3.options import WechatNativeOptions

PUBLIC_KEY = "PUB_KEY_ID_"
"""How the name of a WeChat Pay public key begins; a certificate's is 40 hexadecimal digits."""

_MOST_CERTIFICATES = 20


@dataclass(frozen=True, slots=True)
class MerchantKey:
    """What our requests are signed with, and the number of the certificate that proves it."""

    serial_no: str
    private: RSAPrivateKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A platform certificate; it is in force between two moments in Unix seconds."""

    serial_no: str
    key: RSAPublicKey = field(repr=False)
    begins: float
    ends: float

    def in_force(self, now: float) -> bool:
        """Whether it may be believed at `now`."""
        return self.begins <= now <= self.ends


def merchant_key(options: WechatNativeOptions) -> MerchantKey:
    """Ours; raises ChannelError where it cannot be read, or does not fit its certificate."""
    private = _loaded(options.private_key_path, "private_key_path")
    if not isinstance(private, RSAPrivateKey):
        raise _unusable("private_key_path", "it is no RSA key")
    if options.certificate_path is None:
        return MerchantKey(options.serial_no.upper(), private)
    certificate = _loaded(options.certificate_path, "certificate_path")
    assert isinstance(certificate, x509.Certificate)
    if certificate.public_key() != private.public_key():
        raise _unusable("private_key_path", "it does not fit the certificate")
    serial_no = _serial(certificate)
    if options.serial_no and options.serial_no.upper() != serial_no:
        raise _unusable("certificate_path", "its number is not serial_no")
    return MerchantKey(serial_no, private)


def public_keys(options: WechatNativeOptions) -> Mapping[str, RSAPublicKey]:
    """WeChat Pay's public key by its name, where the merchant has one. Raises ChannelError."""
    if options.public_key_path is None:
        return {}
    key = _loaded(options.public_key_path, "public_key_path")
    if not isinstance(key, RSAPublicKey):
        raise _unusable("public_key_path", "it is no RSA public key")
    return {options.public_key_id: key}


def read_certificates(document: Document, key: str) -> tuple[Certificate, ...]:
    """What GET /v3/certificates lists, opened with the APIv3 key.

    Certificates of another kind of key are left out. Raises ValueError for a list that is not
    sealed for us or names a certificate by another's number.
    """
    listed = document.get("data")
    if not isinstance(listed, list) or len(listed) > _MOST_CERTIFICATES:
        raise ValueError("not a list of certificates")
    found = [_certificate(item, key) for item in listed]
    return tuple(each for each in found if each is not None)


def _certificate(item: Any, key: str) -> Certificate | None:
    if not isinstance(item, dict) or not isinstance(item.get("serial_no"), str):
        raise ValueError("a certificate without a number")  # noqa: TRY004 - it comes from outside
    pem = signing.opened(key, item.get("encrypt_certificate"))
    try:
        certificate = x509.load_pem_x509_certificate(pem)
        public = certificate.public_key()
    except UnsupportedAlgorithm:
        return None
    except x509.InvalidVersion as error:
        raise ValueError("a certificate of no known version") from error
    if _serial(certificate) != item["serial_no"].upper().rjust(40, "0"):
        raise ValueError("a certificate under another's number")
    if not isinstance(public, RSAPublicKey):
        return None
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return Certificate(_serial(certificate), public, begins.timestamp(), ends.timestamp())


def _serial(certificate: x509.Certificate) -> str:
    return f"{certificate.serial_number:040X}"


def _loaded(path: Path, option: str) -> Any:
    """The key or certificate in a PEM file."""
    loaders: Mapping[str, Callable[[bytes], Any]] = {
        "private_key_path": lambda pem: load_pem_private_key(pem, None),
        "public_key_path": load_pem_public_key,
        "certificate_path": x509.load_pem_x509_certificate,
    }
    try:
        return loaders[option](path.read_bytes())
    except OSError as error:
        raise _unusable(option, error.strerror or type(error).__name__) from error
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion):
        # `from None`: nothing of a private key's file may stand in a trace
        raise _unusable(option, "it is not the PEM file that is wanted") from None


def _unusable(option: str, why: str) -> ChannelError:
    return ChannelError(f"a key of WeChat Pay cannot be used: {why}", f"Check {option}.")
