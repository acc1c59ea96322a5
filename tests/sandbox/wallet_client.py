"""A small client of the sandbox for its tests: its own signing, its own sealing, raw sockets."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import math
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

ROOT = Path(__file__).resolve().parents[2]
LABEL = b"kiosk face probe 1"


def sign(fields, key, sign_type="MD5"):
    text = "&".join(f"{k}={fields[k]}" for k in sorted(fields) if fields[k] and k != "sign")
    message = f"{text}&key={key}".encode()
    if sign_type == "MD5":
        return hashlib.md5(message).hexdigest().upper()
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest().upper()


def to_xml(fields):
    root = ElementTree.Element("xml")
    for name, value in fields.items():
        ElementTree.SubElement(root, name).text = value
    return ElementTree.tostring(root, encoding="utf-8")


def from_xml(body):
    return {child.tag: child.text or "" for child in ElementTree.fromstring(body)}


def face(seed, dim=128):
    """A template of unit length; another seed is another person."""
    chance = random.Random(seed)
    numbers = [chance.gauss(0, 1) for _ in range(dim)]
    return unit(numbers)


def unit(numbers):
    length = math.sqrt(sum(n * n for n in numbers))
    return [n / length for n in numbers]


def seal(template, wallet_public, attempt="A1"):
    """Rawdata as a face service makes it."""
    ephemeral = X25519PrivateKey.generate()
    public = ephemeral.public_key().public_bytes_raw()
    shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(wallet_public))
    key = HKDF(hashes.SHA256(), 32, public + wallet_public, LABEL).derive(shared)
    plain = struct.pack(f">H{0}f", len(template)) + struct.pack(f"<{len(template)}f", *template)
    nonce = os.urandom(12)
    sealed = AESGCM(key).encrypt(nonce, plain + attempt.encode(), LABEL)
    return base64.b64encode(b"\x01" + public + nonce + sealed).decode()


@dataclass
class Running:
    """A sandbox process and what a kiosk beside it would know."""

    process: subprocess.Popen
    state: Path
    address: str
    numbers: int = 0

    @property
    def merchant(self):
        return json.loads((self.state / "merchant.json").read_text())

    @property
    def wallet_public(self):
        return base64.b64decode((self.state / "wallet.pub").read_text())

    def http(self, method, path, body=None, headers=None, timeout=5):
        where = urlsplit(self.address)
        connection = http.client.HTTPConnection(where.hostname, where.port, timeout=timeout)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def raw(self, data, timeout=5):
        """Every byte that comes back until the sandbox closes."""
        where = urlsplit(self.address)
        with socket.create_connection((where.hostname, where.port), timeout) as line:
            line.sendall(data)
            received = b""
            try:
                while chunk := line.recv(65536):
                    received += chunk
            except ConnectionResetError:
                pass
            return received

    def control(self, method, path, **body):
        status, answer = self.http(method, f"/sandbox/{path}", json.dumps(body) if body else None)
        return status, json.loads(answer)

    def script(self, words, **more):
        status, answer = self.control("POST", "scripts", script=words, **more)
        assert status == 201, answer

    def advance(self, seconds):
        assert self.control("POST", "clock", advance=seconds)[0] == 200

    def audit(self):
        return self.control("GET", "audit")[1]

    def code(self, **holder):
        return self.control("POST", "codes", **holder)[1]["code"]

    def number(self):
        self.numbers += 1
        return f"S1D01T{time.time_ns() % 10**12:012d}{self.numbers:04d}"

    def fields(self, sign_type="MD5", **own):
        known = self.merchant
        fields = {"appid": known["appid"], "mch_id": known["mch_id"], "nonce_str": "n0nce"}
        fields |= {"sign_type": sign_type} | own
        return fields | {"sign": sign(fields, known["key"], sign_type)}

    def post(self, path, fields, timeout=5):
        status, body = self.http(
            "POST", path, to_xml(fields), {"Content-Type": "text/xml"}, timeout=timeout
        )
        assert status == 200, status
        return from_xml(body)

    def verified(self, answer, sign_type="MD5"):
        assert answer["sign"] == sign(answer, self.merchant["key"], sign_type)
        return answer

    def pay_fields(self, code, number, fen=1280, sign_type="MD5", **own):
        order = {
            "body": "自助收银-苹果",
            "out_trade_no": number,
            "total_fee": str(fen),
            "spbill_create_ip": "192.0.2.10",
            "auth_code": code,
            "device_info": "D01",
        }
        return self.fields(sign_type, **(order | own))

    def pay(self, code, number, fen=1280, timeout=5, **own):
        fields = self.pay_fields(code, number, fen, **own)
        return self.verified(self.post("/pay/micropay", fields, timeout))

    def query(self, number, **own):
        return self.verified(self.post("/pay/orderquery", self.fields(out_trade_no=number, **own)))

    def reverse(self, number):
        return self.verified(self.post("/secapi/pay/reverse", self.fields(out_trade_no=number)))

    def authinfo(self, rawdata, **own):
        request = {
            "store_id": "S1",
            "store_name": "示例门店",
            "device_id": "D01",
            "rawdata": rawdata,
            "now": str(int(time.time())),
            "version": "1",
        }
        return self.post("/face/get_wxpayface_authinfo", self.fields(**(request | own)))

    def face_code(self, authinfo, number, fen=1280, **own):
        known = self.merchant
        request = {
            "appid": known["appid"],
            "mch_id": known["mch_id"],
            "store_id": "S1",
            "face_authtype": "FACEPAY",
            "authinfo": authinfo,
            "face_code_type": "1",
            "out_trade_no": number,
            "total_fee": str(fen),
            "ask_face_permit": "0",
        }
        status, body = self.http("POST", "/face/getwxpayfacecode", json.dumps(request | own))
        assert status == 200
        return json.loads(body)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=5)


def start(state, *arguments):
    ready = state.parent / f"{state.name}.ready"
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "kiosk.sandbox", "--state", str(state), "--ready", str(ready)]
    process = subprocess.Popen(
        [*command, *arguments],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=(state.parent / f"{state.name}.log").open("ab"),
    )
    deadline = time.monotonic() + 10
    while not ready.exists():
        assert process.poll() is None, "the sandbox ended at once"
        assert time.monotonic() < deadline, "the sandbox did not come up"
        time.sleep(0.01)
    return Running(process, state, ready.read_text().strip())
