"""The sandbox's own certificates, made on the first run in a folder and only read afterwards.

    ca.pem       the authority a client trusts        ca.key       its key, only the sandbox's
    server.pem   for 127.0.0.1 and localhost          server.key
    client.pem   the merchant's, for /secapi/         client.key   for the kiosk

All are elliptic-curve keys (P-256); key files have mode 0600.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kiosk.sandbox.merchant import write_whole

_YEARS = timedelta(days=3653)


@dataclass(frozen=True, slots=True)
class Tls:
    """The files a server and its clients need."""

    folder: Path

    @property
    def authority(self) -> Path:
        """What both sides check the other's certificate with."""
        return self.folder / "ca.pem"

    def pair(self, name: str) -> tuple[Path, Path]:
        """Certificate and key of "server" or "client"."""
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"


def certificates_in(folder: Path, mch_id: str) -> Tls:
    """The certificates of `folder`; what is missing of them is made."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    tls = Tls(folder)
    certificate, key = tls.pair("ca")
    if not certificate.exists():
        _issue(tls, "ca", _name("sandbox authority"), None)
    issuer = x509.load_pem_x509_certificate(certificate.read_bytes())
    signer = load_pem_private_key(key.read_bytes(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    for name, owner in (("server", "localhost"), ("client", mch_id)):
        if not tls.pair(name)[0].exists():
            _issue(tls, name, _name(owner), (issuer, signer))
    return tls


def _issue(
    tls: Tls,
    name: str,
    subject: x509.Name,
    by: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None,
) -> None:
    """Make a key and its certificate, signed by `by`, or by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if by is None else by[0].subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _YEARS)
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    signer = key if by is None else by[1]
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
    )
    for extension in _purpose(name):
        builder = builder.add_extension(extension, critical=isinstance(extension, x509.KeyUsage))
    certificate = builder.sign(signer, hashes.SHA256())
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path, key_path = tls.pair(name)
    write_whole(key_path, secret.decode(), 0o600)
    write_whole(path, certificate.public_bytes(Encoding.PEM).decode(), 0o644)


def _purpose(name: str) -> list[x509.ExtensionType]:
    """What a certificate may be used for, and where."""
    match name:
        case "ca":
            return [
                x509.KeyUsage(
                    digital_signature=False,
                    content_commitment=False,
                    key_encipherment=False,
                    data_encipherment=False,
                    key_agreement=False,
                    key_cert_sign=True,
                    crl_sign=True,
                    encipher_only=False,
                    decipher_only=False,
                )
            ]
        case "server":
            here: list[x509.GeneralName] = [
                x509.DNSName("localhost"),
                x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
            ]
            return [
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]),
                x509.SubjectAlternativeName(here),
            ]
        case _:
            return [x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])]


def _name(words: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, words)])
