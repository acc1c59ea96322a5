"""Rawdata and authinfo: what the face service seals for the wallet, and the wallet's receipt.

Rawdata, at most 2048 characters, is base64 (RFC 4648, padded) of

    0x01 │ ephemeral X25519 public key, 32 │ nonce, 12 │ AES-256-GCM ciphertext and tag

    key        HKDF-SHA256(shared secret, salt = ephemeral public ‖ wallet public,
                           info = b"kiosk face probe 1"), 32 bytes
    AAD        b"kiosk face probe 1"
    plaintext  dim, uint16 big-endian │ dim × float32 little-endian │ attempt id, UTF-8, 0..64 bytes

The template has unit length (within 1 %) and 16 to 512 numbers. Only the wallet's private key
opens it. Authinfo is the wallet's own sealed note of what it has seen: device, store, merchant,
expiry and the rawdata itself. So nothing of a passer-by is kept here, and a restart loses nothing.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import struct
from dataclasses import asdict, dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_LABEL = b"kiosk face probe 1"
_HEAD = 1 + 32 + 12
_RECEIPT = b"authinfo 1"


class Unreadable(Exception):
    """Rawdata or authinfo that was not sealed for this wallet, or not in this layout."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A captured face as numbers of unit length, and the attempt it belongs to."""

    template: tuple[float, ...]
    attempt: str


def open_probe(private: X25519PrivateKey, rawdata: str) -> Probe:
    """Open and check rawdata; raises Unreadable."""
    sealed = _unbased(rawdata)
    if len(sealed) <= _HEAD or sealed[0] != 1:
        raise Unreadable
    ephemeral, nonce = sealed[1:33], sealed[33:_HEAD]
    try:
        shared = private.exchange(X25519PublicKey.from_public_bytes(ephemeral))
        salt = ephemeral + private.public_key().public_bytes_raw()
        key = HKDF(hashes.SHA256(), 32, salt, _LABEL).derive(shared)
        plain = AESGCM(key).decrypt(nonce, sealed[_HEAD:], _LABEL)
    except (InvalidTag, ValueError) as error:
        raise Unreadable from error
    return _probe(plain)


def _probe(plain: bytes) -> Probe:
    dim = int.from_bytes(plain[:2], "big")
    attempt = plain[2 + 4 * dim :]
    if not 16 <= dim <= 512 or len(plain) < 2 + 4 * dim or len(attempt) > 64:
        raise Unreadable
    template = struct.unpack_from(f"<{dim}f", plain, 2)
    length = math.sqrt(math.fsum(value * value for value in template))
    if not 0.99 <= length <= 1.01:  # also false for NaN
        raise Unreadable
    try:
        return Probe(template, attempt.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Unreadable from error


def _unbased(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unreadable from error


@dataclass(frozen=True, slots=True)
class Authinfo:
    """What an authinfo was given for; times in virtual Unix seconds."""

    device_id: str
    store_id: str
    sub_mch_id: str
    expires_at: float
    rawdata: str

    def sealed(self, key: bytes, nonce: bytes) -> str:
        """The opaque text that leaves, at most 4096 characters; `nonce` is 12 random bytes."""
        note = json.dumps(asdict(self), separators=(",", ":")).encode()
        return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, note, _RECEIPT)).decode()

    @classmethod
    def opened(cls, key: bytes, text: str) -> Authinfo:
        """The note inside; raises Unreadable for anything the wallet did not seal."""
        sealed = _unbased(text)
        try:
            return cls(**json.loads(AESGCM(key).decrypt(sealed[:12], sealed[12:], _RECEIPT)))
        except (InvalidTag, ValueError) as error:
            raise Unreadable from error
