"""A captured template, sealed so that only the wallet can open it: the `rawdata` of our pipeline.

    base64( 0x01 ‖ ephemeral X25519 public key 32 ‖ nonce 12 ‖ AES-256-GCM ciphertext and tag )
    key        HKDF-SHA256(shared secret, salt = ephemeral public ‖ wallet public, info = LABEL)
    plaintext  dimension u16 big-endian ‖ dimension × float32 little-endian ‖ attempt, UTF-8

The core carries it and cannot read it; the faces process needs the wallet's public key only. 128
dimensions make 790 characters, under WeChat's limit of 2,048 for rawdata.
"""

from __future__ import annotations

import base64
import os
import struct

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

LABEL = b"kiosk face probe 1"
_VERSION = b"\x01"


def seal(template: npt.NDArray[np.float32], attempt: str, wallet_key: bytes) -> str:
    """The rawdata for one attempt; `wallet_key` is the wallet's 32 raw bytes."""
    ephemeral = X25519PrivateKey.generate()
    public = ephemeral.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(wallet_key))
    key = HKDF(SHA256(), 32, salt=public + wallet_key, info=LABEL).derive(shared)
    nonce = os.urandom(12)
    plain = struct.pack(">H", template.size) + template.astype("<f4").tobytes() + attempt.encode()
    sealed = AESGCM(key).encrypt(nonce, plain, LABEL)
    return base64.b64encode(_VERSION + public + nonce + sealed).decode("ascii")


def read_wallet_key(text: str) -> bytes:
    """The wallet's public key from its base64 form; raises ValueError unless it has 32 bytes."""
    key = base64.b64decode(text.strip(), validate=True)
    if len(key) != 32:
        raise ValueError(f"a wallet key has 32 bytes, not {len(key)}")
    return key
