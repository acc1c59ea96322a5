"""A kiosk's side of the wire for these tests, with a signing, XML and sealing of its own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import math
import os
import random
import socket
import struct
import time
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

LABEL = b"kiosk face probe 1"


def sign(fields, key, sign_type="MD5"):
    text = "&".join(f"{k}={fields[k]}" for k in sorted(fields) if fields[k] and k != "sign")
    message = f"{text}&key={key}".encode()
    if sign_type == "MD5":
        return hashlib.md5(message).hexdigest().upper()
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest().upper()


def to_xml(fields):
    root = ET.Element("xml")
    for name, value in fields.items():
        ET.SubElement(root, name).text = value
    return ET.tostring(root, encoding="utf-8")


def from_xml(body):
    return {child.tag: child.text or "" for child in ET.fromstring(body)}


def fields_of(raw):
    """The fields of a raw HTTP answer with status 200."""
    head, _, body = raw.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    return from_xml(body)


def unit(numbers):
    length = math.sqrt(sum(n * n for n in numbers))
    return [n / length for n in numbers]


def face(seed, dim=128):
    """A template of unit length; another seed is another person."""
    chance = random.Random(seed)
    return unit([chance.gauss(0, 1) for _ in range(dim)])


def between(one, other, share):
    """A template `share` of the way from one person to another."""
    return unit([(1 - share) * a + share * b for a, b in zip(one, other, strict=True)])


def sealed(plain, wallet_public, version=b"\x01"):
    ephemeral = X25519PrivateKey.generate()
    public = ephemeral.public_key().public_bytes_raw()
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(wallet_public))
    key = HKDF(hashes.SHA256(), 32, public + wallet_public, LABEL).derive(shared)
    nonce = os.urandom(12)
    return base64.b64encode(version + public + nonce + AESGCM(key).encrypt(nonce, plain, LABEL))


def probe_of(template, attempt="A1"):
    dim = len(template)
    return struct.pack(">H", dim) + struct.pack(f"<{dim}f", *template) + attempt.encode()


class Client:
    """Calls a sandbox as a kiosk with the merchant's key would."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        known = sandbox.merchant()
        self.key = known["key"]
        self.parties = {"appid": known["appid"], "mch_id": known["mch_id"]}
        self.wallet_public = base64.b64decode((sandbox.folder / "wallet.pub").read_text())

    def number(self):
        return f"S1D01T{os.urandom(10).hex()}"

    def fields(self, sign_type="MD5", **own):
        fields = {**self.parties, "nonce_str": os.urandom(8).hex(), "sign_type": sign_type, **own}
        return {**fields, "sign": sign(fields, self.key, sign_type)}

    def post(self, path, fields, seconds=5):
        status, body = self.sandbox.http("POST", path, to_xml(fields), seconds)
        assert status == 200
        return from_xml(body)

    def signed_post(self, path, fields, seconds=5):
        answer = self.post(path, fields, seconds)
        assert answer["sign"] == sign(answer, self.key, fields.get("sign_type", "MD5"))
        return answer

    def pay_fields(self, code, number, fen=1280, **own):
        order = {
            "body": "自助收银-苹果",
            "out_trade_no": number,
            "total_fee": str(fen),
            "spbill_create_ip": "192.0.2.10",
            "auth_code": code,
            "device_info": "D01",
        }
        return self.fields(**(order | own))

    def pay(self, code, number, fen=1280, seconds=5, **own):
        fields = self.pay_fields(code, number, fen, **own)
        return self.signed_post("/pay/micropay", fields, seconds)

    def query(self, number, **own):
        return self.signed_post("/pay/orderquery", self.fields(out_trade_no=number, **own))

    def state(self, number):
        answer = self.query(number)
        return answer.get("trade_state") or answer["err_code"]

    def reverse(self, number, **own):
        return self.signed_post("/secapi/pay/reverse", self.fields(out_trade_no=number, **own))

    def refund(self, number, refund_number, fen, total=1280, **own):
        wanted = {"out_trade_no": number, "out_refund_no": refund_number}
        wanted |= {"refund_fee": str(fen), "total_fee": str(total)}
        return self.signed_post("/secapi/pay/refund", self.fields(**(wanted | own)))

    def refunds(self, **own):
        return self.signed_post("/pay/refundquery", self.fields(**own))

    def file(self, path, **own):
        """The raw answer to a request for a bill."""
        status, body = self.sandbox.http("POST", path, to_xml(self.fields(**own)))
        assert status == 200
        return body

    def rawdata(self, template, attempt="A1"):
        return sealed(probe_of(template, attempt), self.wallet_public).decode()

    def facepay(self, code, number, fen=1280, **own):
        order = {
            "body": "自助收银-苹果",
            "out_trade_no": number,
            "total_fee": str(fen),
            "fee_type": "CNY",
            "spbill_create_ip": "192.0.2.10",
            "face_code": code,
            "device_info": "D01",
            "sign_type": "HMAC-SHA256",
        }
        return self.signed_post("/pay/facepay", self.fields(**(order | own)))

    def openid(self, code):
        return self.signed_post("/tools/authcodetoopenid", self.fields(auth_code=code))

    def close(self, number):
        return self.signed_post("/pay/closeorder", self.fields(out_trade_no=number))

    def report(self, what, **fields):
        """reportPaycode or reportOrder of the face service."""
        return self.face_call(f"report{what}", **fields)

    def authinfo_fields(self, rawdata, **own):
        request = {
            "store_id": "S1",
            "store_name": "示例门店",
            "device_id": "D01",
            "rawdata": rawdata,
            "now": str(int(time.time())),
            "version": "1",
        }
        return self.fields(**(request | own))

    def authinfo(self, rawdata, **own):
        fields = self.authinfo_fields(rawdata, **own)
        return self.signed_post("/face/get_wxpayface_authinfo", fields)

    def face_code(self, authinfo, number, fen=1280, **own):
        request = {
            **self.parties,
            "store_id": "S1",
            "face_authtype": "FACEPAY",
            "authinfo": authinfo,
            "face_code_type": "1",
            "out_trade_no": number,
            "total_fee": str(fen),
            "ask_face_permit": "0",
        }
        return self.face_call("getwxpayfacecode", **(request | own))

    def user_info(self, authinfo, **own):
        wanted = {**self.parties, "store_id": "S1", "face_authtype": "FACEID-ONCE"}
        return self.face_call("getwxpayfaceuserinfo", **wanted, authinfo=authinfo, **own)

    def pay_result(self, authinfo, said, **own):
        wanted = {**self.parties, "store_id": "S1", "authinfo": authinfo, "payresult": said}
        return self.face_call("updatewxpayfacepayresult", **(wanted | own))

    def face_call(self, name, **fields):
        status, answer = self.sandbox.http("POST", f"/face/{name}", json.dumps(fields).encode())
        assert status == 200
        return json.loads(answer)

    def native(self, number, fen=1280, **own):
        order = {
            "body": "自助收银-苹果",
            "out_trade_no": number,
            "total_fee": str(fen),
            "spbill_create_ip": "192.0.2.10",
            "notify_url": "http://127.0.0.1:9/notify",
            "trade_type": "NATIVE",
            "product_id": "P1",
        }
        return self.signed_post("/pay/unifiedorder", self.fields(**(order | own)))

    def look(self, template, number, fen=1280, **own):
        """A whole face attempt, up to the face service's answer."""
        authinfo = self.authinfo(self.rawdata(template))
        return self.face_code(authinfo["authinfo"], number, fen, **own)

    def raw(self, data, seconds=5):
        """Every byte that comes back until the sandbox closes the connection."""
        where = urlsplit(self.sandbox.address)
        received = b""
        with socket.create_connection((where.hostname, where.port), seconds) as line:
            line.sendall(data)
            try:
                while chunk := line.recv(65536):
                    received += chunk
            except ConnectionResetError:
                pass
        return received

    def raw_post(self, path, body, seconds=5):
        head = f"POST {path} HTTP/1.1\r\nHost: w\r\nConnection: close\r\n"
        head += f"Content-Length: {len(body)}\r\n\r\n"
        return self.raw(head.encode() + body, seconds)
