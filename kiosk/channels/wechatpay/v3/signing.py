r"""The signatures and seals of the third-version interface.

    request         METHOD\n path?query\n seconds\n nonce\n body\n     by the merchant's key
    answer, notify  seconds\n nonce\n body\n                           by WeChat Pay's key

Both are RSASSA-PKCS1-v1_5 with SHA-256, in base64 (WECHATPAY2-SHA256-RSA2048). What is secret in a
body is sealed with AES-256-GCM under the APIv3 key. Bytes are signed as they travel: whoever writes
a body again from what he has read signs something else.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

SCHEME = "WECHATPAY2-SHA256-RSA2048"
PROBE = "WECHATPAY/SIGNTEST/"
"""How a signature begins that only tests whether it is checked at all."""

_ALGORITHM = "AEAD_AES_256_GCM"


def request_message(method: str, target: str, seconds: str, nonce: str, body: bytes) -> bytes:
    """What a request's signature is over; `target` is path and query exactly as they are sent."""
    return f"{method}\n{target}\n{seconds}\n{nonce}\n".encode() + body + b"\n"


def answer_message(seconds: str, nonce: str, body: bytes) -> bytes:
    """What the signature of an answer or a notify is over."""
    return f"{seconds}\n{nonce}\n".encode() + body + b"\n"


def sign(key: RSAPrivateKey, message: bytes) -> str:
    """The signature in base64."""
    return base64.b64encode(key.sign(message, PKCS1v15(), SHA256())).decode()


def holds(key: RSAPublicKey, message: bytes, signature: str) -> bool:
    """Whether `signature` is that of `message`."""
    try:
        key.verify(base64.b64decode(signature, validate=True), message, PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def authorization(words: Mapping[str, str]) -> str:
    """The value of the header of this name, from mchid, nonce_str, signature, …"""
    return f"{SCHEME} " + ",".join(f'{name}="{value}"' for name, value in words.items())


def opened(key: str, resource: Any) -> bytes:
    """What a sealed resource holds; raises ValueError for one that is not sealed for us."""
    words = [_word(resource, name) for name in ("algorithm", "nonce", "ciphertext")]
    algorithm, nonce, ciphertext = words
    associated = resource.get("associated_data") or ""
    if algorithm != _ALGORITHM or not isinstance(associated, str):
        raise ValueError("sealed in a way that is not known")
    try:
        sealed = base64.b64decode(ciphertext, validate=True)
        return AESGCM(key.encode()).decrypt(nonce.encode(), sealed, associated.encode())
    except InvalidTag as error:
        raise ValueError("not sealed with our APIv3 key") from error
    except ValueError as error:  # base64, a nonce of another length, a half of a surrogate pair
        raise ValueError("not a sealed resource") from error


def _word(resource: Any, name: str) -> str:
    value = resource.get(name) if isinstance(resource, dict) else None
    if not isinstance(value, str):
        raise ValueError(f"a resource without its {name}")  # noqa: TRY004 - it comes from outside
    return value
