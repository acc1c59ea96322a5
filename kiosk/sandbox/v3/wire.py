r"""Signing and sealing on the third-version wire.

    request    METHOD\n path?query\n seconds\n nonce\n body\n      by the merchant's private key
    answer     seconds\n nonce\n body\n                            by the wallet's private key

Signatures are RSASSA-PKCS1-v1_5 with SHA-256, in base64; the request's stands in `Authorization`,
the answer's and the notify's in the `Wechatpay-…` headers. What is secret in a body is sealed with
AES-256-GCM under the merchant's APIv3 key.
"""

from __future__ import annotations

import base64
import binascii
import random
import re
from collections.abc import Callable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from starlette.requests import Request

from kiosk.sandbox.v3.keys import Keys, Mode
from kiosk.sandbox.wire import Malformed

SCHEME = "WECHATPAY2-SHA256-RSA2048"
SKEW = 300
"""Seconds a request's timestamp may be off."""

SIGNTEST = "WECHATPAY/SIGNTEST/"
"""How a signature begins that only tests whether the receiver checks it."""

_PART = re.compile(r'(mchid|nonce_str|signature|timestamp|serial_no)="([^"]*)"')


class Denied(Malformed):
    """A request that does not get as far as its call."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Gate:
    """Lets in who signed as the merchant, within five minutes, with a nonce not used before."""

    def __init__(self, keys: Keys, mch_id: str, wall: Callable[[], float]) -> None:
        self._keys = keys
        self._mch_id = mch_id
        self._wall = wall
        self._nonces: dict[str, float] = {}

    def check(self, request: Request, body: bytes) -> None:
        """Raise Denied for a request that is not the merchant's, or not fresh."""
        said = _authorization(request.headers.get("authorization", ""))
        if said["mchid"] != self._mch_id or said["serial_no"] != self._keys.merchant_serial:
            raise Denied("SIGN_ERROR", "商户号或商户API证书序列号有误")
        now = self._wall()
        if abs(int(said["timestamp"]) - now) > SKEW:
            raise Denied(
                "SIGN_ERROR", "Http头Authorization的timestamp与发起请求的时间不得超过5分钟"
            )
        lines = [request.method, _target(request), said["timestamp"], said["nonce_str"]]
        message = "".join(f"{line}\n" for line in lines).encode() + body + b"\n"
        try:
            signature = base64.b64decode(said["signature"], validate=True)
            self._keys.merchant_public.verify(signature, message, PKCS1v15(), SHA256())
        except (InvalidSignature, binascii.Error, ValueError) as error:
            raise Denied("SIGN_ERROR", "签名错误，请检查后再试") from error
        self._use(said["nonce_str"], now)

    def check_headers(self, request: Request) -> None:
        """Raise Denied where a header that every request must have is missing."""
        accept = request.headers.get("accept", "")
        if not any(kind in accept for kind in ("application/json", "*/*")):
            raise Denied("PARAM_ERROR", "Http头Accept须为application/json")
        if not request.headers.get("user-agent"):
            raise Denied("PARAM_ERROR", "Http头缺少User-Agent")
        content = request.headers.get("content-type", "")
        if request.method == "POST" and not content.startswith("application/json"):
            raise Denied("PARAM_ERROR", "Http头Content-Type须为application/json")
        named = request.headers.get("wechatpay-serial")
        if self._keys.mode is Mode.PUBLIC_KEY and named != self._keys.public_key_id:
            raise Denied("PARAM_ERROR", "Http头Wechatpay-Serial须为微信支付公钥ID")

    def _use(self, nonce: str, now: float) -> None:
        self._nonces = {used: at for used, at in self._nonces.items() if now - at <= 2 * SKEW}
        if nonce in self._nonces:
            raise Denied("SIGN_ERROR", "Http头Authorization的nonce_str已被使用")
        self._nonces[nonce] = now


def _target(request: Request) -> str:
    """Path and query exactly as they were sent."""
    path = request.scope.get("raw_path") or request.url.path.encode()
    query = request.scope["query_string"]
    return (path + (b"?" + query if query else b"")).decode("latin-1")


def _authorization(header: str) -> dict[str, str]:
    scheme, _, rest = header.partition(" ")
    parts = [_PART.fullmatch(part.strip()) for part in rest.split(",")]
    said = {part[1]: part[2] for part in parts if part}
    if scheme != SCHEME or None in parts or len(said) != len(parts) or len(said) != 5:
        raise Denied("SIGN_ERROR", "Http头Authorization值格式错误，请参考签名规则")
    if not re.fullmatch(r"[0-9]{10}", said["timestamp"]):
        raise Denied("SIGN_ERROR", "Http头Authorization的timestamp格式错误")
    if not re.fullmatch(r"[\x21-\x7e]{1,32}", said["nonce_str"]):
        raise Denied("SIGN_ERROR", "Http头Authorization的nonce_str格式错误")
    return said


class Signer:
    """The wallet's side: signs what it sends, and seals what only the merchant may read."""

    def __init__(self, keys: Keys, wall: Callable[[], float], chance: random.Random) -> None:
        self._keys = keys
        self._wall = wall
        self._chance = chance

    def headers(self, body: bytes, numeric: str = "0", signature: str = "") -> dict[str, str]:
        """The headers of an answer or notify; `signature` stands in place of the true one."""
        seconds, nonce = str(int(self._wall())), self._chance.randbytes(16).hex()
        return {
            "Request-ID": f"08{self._chance.randbytes(12).hex().upper()}-{numeric}",
            "Wechatpay-Timestamp": seconds,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Signature": signature or self._sign(f"{seconds}\n{nonce}\n", body),
            "Wechatpay-Signature-Type": SCHEME,
            "Wechatpay-Serial": self._keys.serial,
        }

    def wrong(self, prefix: str = "") -> str:
        """A signature of the right length that holds for nothing."""
        signature = self._sign("nothing", self._chance.randbytes(16))
        return prefix + signature[len(prefix) :]

    def seal(self, plain: bytes, associated: str) -> dict[str, str]:
        """`plain` as the resource of a notify, or as a certificate."""
        nonce = self._chance.randbytes(6).hex()
        sealed = AESGCM(self._keys.api_v3_key).encrypt(nonce.encode(), plain, associated.encode())
        return {
            "algorithm": "AEAD_AES_256_GCM",
            "nonce": nonce,
            "associated_data": associated,
            "ciphertext": base64.b64encode(sealed).decode(),
        }

    def _sign(self, head: str, body: bytes) -> str:
        message = head.encode() + body + b"\n"
        return base64.b64encode(self._keys.private.sign(message, PKCS1v15(), SHA256())).decode()
