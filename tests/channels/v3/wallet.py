"""WeChat Pay's end of a line of bytes on the third-version wire, with a signing of its own."""

from __future__ import annotations

import base64
import datetime as dt
import json
import re
import time
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

KEY = "0123456789abcdef0123456789ABCDEF"
APPID, MCH_ID, SHOP = "wx2421b1c4370ec43b", "1230000109", "1900000109"
PUBLIC = "PUB_KEY_ID_0000000000000000000001"
NUMBER = "S1D01T20261121000004"
HOUR = 3600.0

PAID = {
    "appid": APPID,
    "mchid": MCH_ID,
    "out_trade_no": NUMBER,
    "transaction_id": "4200000001",
    "trade_state": "SUCCESS",
    "amount": {"total": 1280, "payer_total": 1280, "currency": "CNY"},
}
CODE_URL = "weixin://wxpay/bizpayurl?pr=p4lpSuKzz"


@dataclass
class Wallet:
    """One of WeChat Pay's keys, by its name; signs what is sent."""

    name: str
    private: rsa.RSAPrivateKey = field(repr=False)

    @property
    def public_pem(self) -> bytes:
        public = self.private.public_key()
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def headers(self, body: bytes, at: float | None = None, **own: str) -> dict[str, str]:
        seconds = str(int(time.time() if at is None else at))
        message = f"{seconds}\nNONCE\n".encode() + body + b"\n"
        signature = base64.b64encode(self.private.sign(message, PKCS1v15(), SHA256())).decode()
        headers = {
            "Wechatpay-Timestamp": seconds,
            "Wechatpay-Nonce": "NONCE",
            "Wechatpay-Signature": signature,
            "Wechatpay-Serial": self.name,
            "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
            "Request-ID": "08ABC-0",
        }
        return {**headers, **{name.replace("_", "-"): said for name, said in own.items()}}

    def certificate(self, begins: float, ends: float, *, renamed: str = "") -> dict[str, object]:
        """It as GET /v3/certificates lists it, in force between two moments from now."""
        now = dt.datetime.now(dt.UTC)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "wallet")])
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.private.public_key())
            .serial_number(int(self.name, 16))
            .not_valid_before(now + dt.timedelta(seconds=begins))
            .not_valid_after(now + dt.timedelta(seconds=ends))
            .sign(self.private, SHA256())
        )
        pem = made.public_bytes(Encoding.PEM)
        sealed = seal(pem, "certificate")
        return {"serial_no": renamed or self.name, "encrypt_certificate": sealed}


def serial(n: int) -> str:
    """A certificate's number of forty digits."""
    return f"{(1 << 158) + n:040X}"


def seal(plain: bytes, associated: str, key: str = KEY) -> dict[str, str]:
    sealed = AESGCM(key.encode()).encrypt(b"fdasflkja484", plain, associated.encode())
    return {
        "algorithm": "AEAD_AES_256_GCM",
        "nonce": "fdasflkja484",
        "associated_data": associated,
        "ciphertext": base64.b64encode(sealed).decode(),
    }


@dataclass
class Heard:
    """What the client sent on one line."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> dict:
        return json.loads(self.body)


def hear(line) -> Heard:
    """Read the whole request; it stands in `line.fields` as well, for tests that look later."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += line._more()
    head, _, body = data.partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    headers = {name.lower(): value for name, value in (each.split(": ", 1) for each in rest)}
    while len(body) < int(headers.get("content-length", "0")):
        body += line._more()
    heard = Heard(*first.split(" ")[:2], headers, body)
    line.path, line.fields = heard.target, {"heard": heard}
    return heard


def say(line, wallet: Wallet, document: object = None, status: int = 200, **own: str) -> None:
    """A whole signed answer; `own` replaces headers, or leaves out those that are ""."""
    body = b"" if document is None else json.dumps(document, ensure_ascii=False).encode()
    send(line, body, status, {k: v for k, v in wallet.headers(body, **own).items() if v})


def send(line, body: bytes, status: int, headers: dict[str, str]) -> None:
    lines = [f"HTTP/1.1 {status} Whatever"]
    if status != 204:
        lines.append(f"Content-Length: {len(body)}")
    lines += [f"{name}: {value}" for name, value in headers.items()]
    line.socket.sendall("\r\n".join([*lines, "", ""]).encode() + body)


def answering(wallet: Wallet, document: object = None, status: int = 200, **own: str):
    """A script: hear, then this."""

    def play(line):
        hear(line)
        say(line, wallet, document, status, **own)

    return play


def hearing(action):
    """A script: hear, so that it may have been carried out, then do that with the line."""

    def play(line):
        hear(line)
        action(line)

    return play


def refusal(code: str, message: str = "不行") -> dict[str, str]:
    return {"code": code, "message": message}


def authorization(header: str) -> dict[str, str]:
    scheme, _, rest = header.partition(" ")
    assert scheme == "WECHATPAY2-SHA256-RSA2048"
    return dict(re.findall(r'(\w+)="([^"]*)"', rest))


def vectors() -> dict:
    return json.loads((Path(__file__).parent / "vectors.json").read_text("utf-8"))
