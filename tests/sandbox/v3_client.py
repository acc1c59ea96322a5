"""A kiosk's side of the third-version wire for these tests, with a signing of its own."""

from __future__ import annotations

import base64
import http.client
import json
import os
import time
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

SCHEME = "WECHATPAY2-SHA256-RSA2048"


def request_message(method, target, seconds, nonce, body):
    return f"{method}\n{target}\n{seconds}\n{nonce}\n{body}\n".encode()


def answer_message(seconds, nonce, body):
    return f"{seconds}\n{nonce}\n".encode() + body + b"\n"


def holds(public, message, signature):
    try:
        public.verify(base64.b64decode(signature), message, PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def unsealed(key, resource):
    assert resource.get("algorithm", "AEAD_AES_256_GCM") == "AEAD_AES_256_GCM"
    sealed = base64.b64decode(resource["ciphertext"])
    associated = resource.get("associated_data", "").encode()
    return AESGCM(key.encode()).decrypt(resource["nonce"].encode(), sealed, associated)


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def said(self):
        """Status and code of a refusal."""
        return self.status, self.json["code"]


class V3Client:
    """Calls a sandbox as a kiosk with the merchant's private key would."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.merchant = sandbox.merchant()
        keys = sandbox.folder / "v3"
        known = json.loads((keys / "v3.json").read_text())
        self.key = known["api_v3_key"]
        self.serial = known["serial_no"]
        self.serials = {known["platform_serial"], known["public_key_id"]}
        self.public_key_id = known["public_key_id"]
        self.private = load_pem_private_key((keys / "merchant.key").read_bytes(), None)
        self.public = load_pem_public_key((keys / "platform.pub").read_bytes())
        self.more = {}

    def authorization(self, method, target, body, **own):
        said = {"mchid": self.merchant["mch_id"], "nonce_str": os.urandom(16).hex()}
        said |= {"timestamp": str(int(time.time())), "serial_no": self.serial} | own
        message = request_message(method, target, said["timestamp"], said["nonce_str"], body)
        signature = base64.b64encode(self.private.sign(message, PKCS1v15(), SHA256())).decode()
        said = {"signature": signature} | said
        return f"{SCHEME} " + ",".join(f'{name}="{value}"' for name, value in said.items())

    def send(self, method, target, body="", headers=None, seconds=5):
        """One request with exactly these headers."""
        where = urlsplit(self.sandbox.address)
        line = http.client.HTTPConnection(where.hostname, where.port, timeout=seconds)
        try:
            line.putrequest(method, target)
            for name, value in (headers or {}).items():
                line.putheader(name, value)
            data = body.encode()
            if data:
                line.putheader("Content-Length", str(len(data)))
            line.endheaders(data)
            answer = line.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            line.close()

    def headers(self, method, target, body, **own):
        headers = {"Accept": "application/json", "User-Agent": "kiosk-tests"}
        if body:
            headers["Content-Type"] = "application/json"
        headers["Authorization"] = self.authorization(method, target, body, **own)
        return headers | self.more

    def call(self, method, target, document=None, *, signed=True):
        """A signed request, and its answer, whose signature holds unless told."""
        body = "" if document is None else json.dumps(document, ensure_ascii=False)
        answer = self.send(method, target, body, self.headers(method, target, body))
        if signed:
            assert self.is_signed(answer)
        return answer

    def is_signed(self, answer):
        said = {
            name: answer.headers[f"Wechatpay-{name}"] for name in ("Timestamp", "Nonce", "Serial")
        }
        assert said["Serial"] in self.serials
        assert abs(int(said["Timestamp"]) - time.time()) < 300
        assert answer.headers["Wechatpay-Signature-Type"] == SCHEME
        message = answer_message(said["Timestamp"], said["Nonce"], answer.body)
        return holds(self.public, message, answer.headers["Wechatpay-Signature"])

    def number(self):
        return f"S1D01T{os.urandom(10).hex()}"

    def native_document(self, number, fen=1280, **own):
        document = {
            "appid": self.merchant["appid"],
            "mchid": self.merchant["mch_id"],
            "description": "自助收银-苹果",
            "out_trade_no": number,
            "notify_url": "http://127.0.0.1:9/notify",
            "amount": {"total": fen, "currency": "CNY"},
        }
        return {name: value for name, value in (document | own).items() if value is not None}

    def native(self, number, fen=1280, **own):
        document = self.native_document(number, fen, **own)
        return self.call("POST", "/v3/pay/transactions/native", document)

    def query(self, number):
        mchid = self.merchant["mch_id"]
        return self.call("GET", f"/v3/pay/transactions/out-trade-no/{number}?mchid={mchid}")

    def state(self, number):
        answer = self.query(number)
        return answer.json.get("trade_state") or answer.json["code"]

    def close(self, number):
        document = {"mchid": self.merchant["mch_id"]}
        return self.call("POST", f"/v3/pay/transactions/out-trade-no/{number}/close", document)

    def scan(self, code_url, openid="oPhone"):
        return self.sandbox.control("POST", "scan", code_url=code_url, openid=openid)

    def sell(self, fen=1280, **own):
        """A paid Native order's number."""
        number = self.number()
        self.scan(self.native(number, fen, **own).json["code_url"])
        self.sandbox.decide(number, "confirm")
        return number

    def refund_document(self, number, refund_number, fen, total=1280, **own):
        amount = {"refund": fen, "total": total, "currency": "CNY"}
        document = {"out_trade_no": number, "out_refund_no": refund_number, "amount": amount}
        return {name: value for name, value in (document | own).items() if value is not None}

    def refund(self, number, refund_number, fen, total=1280, **own):
        document = self.refund_document(number, refund_number, fen, total, **own)
        return self.call("POST", "/v3/refund/domestic/refunds", document)

    def refunded(self, refund_number):
        return self.call("GET", f"/v3/refund/domestic/refunds/{refund_number}")
