"""Who stands before the face service's camera: one person, a little different at every look.

What leaves is sealed for the wallet in the layout of `kiosk/sandbox/probe.py`.
"""

from __future__ import annotations

import base64
import math
import random
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

DIMENSION = 128
NOBODY = 16
"""Numbers of a template that no camera makes: it matches nobody."""

NOISE = 0.03
"""How far each number strays between two looks; the cosine stays above 0.9."""

_LABEL = b"kiosk face probe 1"


@dataclass(frozen=True, slots=True)
class Shopper:
    """A holder by his openid, and the same face for the same openid."""

    openid: str
    chance: random.Random

    @property
    def template(self) -> list[float]:
        """His face as it is enrolled."""
        own = random.Random(self.openid)  # noqa: S311  a face, not a secret
        return _unit([own.gauss(0, 1) for _ in range(DIMENSION)])

    def seen(self, wallet_key: bytes) -> str:
        """A probe of him, sealed."""
        face = [value + self.chance.gauss(0, NOISE) for value in self.template]
        return self._sealed(_unit(face), wallet_key)

    def nobody(self, wallet_key: bytes) -> str:
        """Rawdata of the device alone: there is no face in it, so it is never judged."""
        return self._sealed(_unit([self.chance.gauss(0, 1) for _ in range(NOBODY)]), wallet_key)

    def _sealed(self, template: Sequence[float], wallet_key: bytes) -> str:
        ephemeral, nonce = X25519PrivateKey.generate(), self.chance.randbytes(12)
        public = ephemeral.public_key().public_bytes_raw()
        shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(wallet_key))
        key = HKDF(hashes.SHA256(), 32, public + wallet_key, _LABEL).derive(shared)
        plain = struct.pack(f">H{len(template) * 4}s", len(template), _packed(template))
        sealed = AESGCM(key).encrypt(nonce, plain, _LABEL)
        return base64.b64encode(b"\x01" + public + nonce + sealed).decode()


def _packed(template: Sequence[float]) -> bytes:
    return struct.pack(f"<{len(template)}f", *template)


def _unit(values: Sequence[float]) -> list[float]:
    length = math.sqrt(math.fsum(value * value for value in values))
    return [value / length for value in values]
