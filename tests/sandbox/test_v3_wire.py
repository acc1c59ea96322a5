"""Signatures, seals, certificates and bills of the third-version wire."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import random
import stat
import time
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from starlette.requests import Request
from v3_client import (
    SCHEME,
    V3Client,
    answer_message,
    holds,
    request_message,
    unsealed,
)
from wallet_client import Client

from kiosk.sandbox.testing import running
from kiosk.sandbox.v3.keys import Keys, Mode
from kiosk.sandbox.v3.wire import Denied, Gate, Signer

PUBLIC = """-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAtEO+5xd8caWsLYC0cMqH
cP7nBhsMNxUd/6q4G5fw6hOTP0Yc0kBshVJWBJISY8FatLspw8fp5YJly9Xd2LiR
YjD45k1eOHiU91AN+8EYn8UA6J3DqXhDrtZTw/3pxriAaINs0zN8lG0/3FU7ShQt
qzcTdkubMVSUXfGsdddrEpupIDCoxqg46yMoo2PBqtvg+ullLdfcsgpKYcR2UyyQ
RccJE4lqm7PfQGTBhai5jGYUo7OCq7Inbm4SQWrjO86wn6tlRsOAelGRJ38bbKAG
/x//nfOpuSzLsFZ0puQp3f1ntbpTwcHI2bip0FWxDZ0WJE1eA1/7Xyxf6IMBl43x
ZQIDAQAB
-----END PUBLIC KEY-----
"""
SECONDS, NONCE, MCHID = "1795248000", "593BEC0C930BF1AFEB40B4A08C8FB242", "1230000109"
POST_BODY = (
    '{"appid":"wx2421b1c4370ec43b","mchid":"1230000109","description":"kiosk order",'
    '"out_trade_no":"S1D01T20261121000003","payer":{"auth_code":"130000000000000001"},'
    '"amount":{"total":1},"scene_info":{"store_info":{"id":"S1"}}}'
)
POST_SIGNATURE = (
    "U7OtCQ5hkXb6wY5gQ9okP/qJCDiUc4RR3jrS4Sh4m2riR/ipyI6zP0sJJPKW2/e/BE693GtOr1N6uMgFMfFtvECu"
    "elWP+p2jnfkz+g++ZDp81/CaYMqYSYcEFqSQx9IqdOmhD7aeqMTI66WhcdqqfNBNaT5KMRvMTc6suYvMdXikFWbU"
    "53oxsVSUDT0IqA8L/NHdcbvh7Sg/85l0O7mqI6p6EKgZlFL9rYQR01zAutr9UwWlZxxA3ggU48kHV0p/t1c2BB7z"
    "Y87XoJBbWtKcD0rmKv7iibjCRYiu2ut7AsfKQtE7ouONdoh+QdG7Nw4XUzi4Yecwep9NuTKT6qY9Vw=="
)
GET_TARGET = "/v3/pay/transactions/out-trade-no/S1D01T20261121000003?mchid=1230000109"
GET_SIGNATURE = (
    "aEgH0lV0q77+a1rZx97GFJbIZiEEAP5YcyfSxgFqFtras97joNF/QlWN2lZ2+a6hMIb5YLznEDMO1uY8PffBog7D"
    "snBbAPTIQZp0AThf9sqqW1QADnz9TqyJ6QgUZ/fNHYTESlubhbAX7j4OTKyO0krTnZnUbRtWBnddYJiHNNyvO9Sv"
    "ehRmQq9HhIr3+Y2ze9Z4x18g8v2hA27HGbEgeUK+sIjgpfXCa1bLFCb9NO/ObW/Uf0DwoCdMHVaCUIKDenj9x2K/"
    "op5W7uqUe5jzJ3xZs88rr3+3Yrc62LYLTy1QJEoXOr+kIHJpOfBOZjhn/4k9TsLe+JFMj4Y98Y3LvQ=="
)
VECTORS = [
    ("POST", "/v3/pay/transactions/codepay", POST_BODY, POST_SIGNATURE),
    ("GET", GET_TARGET, "", GET_SIGNATURE),
]
ANSWER = (
    "VLQTv/EoguOJgh3FKCH/uN/hav7zoPTDAuitzjDsb2nH4RaWgebPQGmYJAfgmWPpoPB7ilhVMX4x4rD2sTO8dUM4hGhE"
    "t6BvFVEQ8DxQ4GzIYdPqbCTxmm3mh6m9UxzUoKRy8CZ0BkvUUwS0p6+oa44Ys1VYMwF2ug6Zl0cfLL08iQ1HQhNupdJd"
    "DHbPpOE2WR52fb4ly/Ism5iWhOhBX5s/KschQ4lBNcYzS0z+ramj3EUzTeMmkL8ZT0WM4Ck+V0l8Ar9yPXwqnmHISJ4D"
    "kJwVmb9PB2S6SWzW8FmOBhxTQgZXZFuPL5Yhu7azNpad+gKdHpusYyqToQXd1ACNyA=="
)
API_V3_KEY = "0123456789abcdef0123456789ABCDEF"
SEALED = {
    "nonce": "fdasflkja484",
    "associated_data": "transaction",
    "ciphertext": "bz1kVndYkCFlgKSV7lZeuBxDb6Dr2XsMVxgLZBGofcEd7SUTxiqXuIREnPOlPKeXi1gFBXy+Wq6"
    "OOtsKZ+h6shg49SUZTkrivQzx6/mUdpF0HZTD3WOgsomKTYrTfDvlznlMCA==",
}
OPENED = b'{"mchid":"1230000109","out_trade_no":"S1D01T20261121000004","trade_state":"SUCCESS"}'


@pytest.fixture(scope="module")
def known():
    """A wallet's keys with the published key as the merchant's."""
    name = x509.Name([])
    issuer = rsa.generate_private_key(65537, 2048)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(load_pem_public_key(PUBLIC.encode()))
        .serial_number(7)
        .not_valid_before(datetime(2026, 1, 1))  # noqa: DTZ001
        .not_valid_after(datetime(2036, 1, 1))  # noqa: DTZ001
        .sign(issuer, SHA256())
    )
    return Keys(Mode.CERTIFICATE, API_V3_KEY.encode(), certificate, certificate, issuer, "P")


def asked(method, target, signature, **own):
    said = {"mchid": MCHID, "nonce_str": NONCE, "timestamp": SECONDS, "serial_no": f"{7:040X}"}
    said |= {"signature": signature} | own
    header = f"{SCHEME} " + ",".join(f'{name}="{value}"' for name, value in said.items())
    path, _, query = target.partition("?")
    return Request(
        {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(b"authorization", header.encode())],
        }
    )


@pytest.mark.parametrize(("method", "target", "body", "signature"), VECTORS)
def test_the_published_requests_pass_and_no_other(known, method, target, body, signature):
    public = load_pem_public_key(PUBLIC.encode())
    message = request_message(method, target, SECONDS, NONCE, body)
    assert holds(public, message, signature)

    def gate(wall=1795248000.0):
        return Gate(known, MCHID, lambda: wall)

    gate().check(asked(method, target, signature), body.encode())
    gate(1795248299.0).check(asked(method, target, signature), body.encode())
    for wrong in (
        asked(method, f"{target}/", signature),
        asked("PUT", target, signature),
        asked(method, target, signature, nonce_str=NONCE[::-1]),
        asked(method, target, signature, timestamp="1795248001"),
        asked(method, target, signature, serial_no=f"{8:040X}"),
        asked(method, target, signature, mchid="1230000108"),
        asked(method, target, "!" + signature[1:]),
        asked(method, target, signature, extra="1"),
    ):
        with pytest.raises(Denied) as denied:
            gate().check(wrong, body.encode())
        assert denied.value.code == "SIGN_ERROR"
    with pytest.raises(Denied):
        gate().check(asked(method, target, signature), body.encode() + b" ")
    with pytest.raises(Denied):
        gate(1795248301.0).check(asked(method, target, signature), body.encode())


def test_a_nonce_is_good_once(known):
    method, target, body, signature = VECTORS[0]
    gate = Gate(known, MCHID, lambda: 1795248000.0)
    gate.check(asked(method, target, signature), body.encode())
    with pytest.raises(Denied, match="nonce_str"):
        gate.check(asked(method, target, signature), body.encode())


def test_the_published_answer_and_seal_are_read_by_these_tests_and_made_by_the_sandbox(known):
    public = load_pem_public_key(PUBLIC.encode())
    body = b'{"trade_state":"USERPAYING"}'
    message = answer_message("1795248001", "EG4QxSbXG6WVd9xZ8QhQQd5KkCzZpT3N", body)
    assert len(message) == 73
    assert holds(public, message, ANSWER)
    assert unsealed(API_V3_KEY, SEALED) == OPENED

    signer = Signer(known, lambda: 1795248001.0, random.Random(1))
    headers = signer.headers(body)
    message = answer_message("1795248001", headers["Wechatpay-Nonce"], body)
    assert holds(known.private.public_key(), message, headers["Wechatpay-Signature"])
    sealed = signer.seal(OPENED, "transaction")
    assert unsealed(API_V3_KEY, sealed) == OPENED
    assert len(sealed["ciphertext"]) == len(SEALED["ciphertext"])


@pytest.fixture
def v3(sandbox):
    return V3Client(sandbox)


TARGET = "/v3/certificates"


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer 1",
        f"{SCHEME} mchid=1",
        f'{SCHEME} mchid="1",nonce_str="n",signature="s",timestamp="1"',
        f'{SCHEME} mchid="1",mchid="1",nonce_str="n",signature="s",timestamp="1",serial_no="1"',
        f'{SCHEME} mchid="1",nonce_str="n",signature="s",timestamp="x",serial_no="1"',
    ],
)
def test_a_request_without_a_whole_authorization_is_401_and_signed(v3, authorization):
    answer = v3.send("GET", TARGET, headers={"Authorization": authorization})
    assert answer.said == (401, "SIGN_ERROR")
    assert v3.is_signed(answer)
    assert answer.headers["Request-ID"].endswith("-268443699")


@pytest.mark.parametrize(
    "own",
    [
        {"timestamp": -302},
        {"timestamp": 400},
        {"mchid": "1000000000"},
        {"serial_no": "0" * 40},
        {"signature": base64.b64encode(bytes(256)).decode()},
    ],
)
def test_a_signature_that_does_not_hold_is_401(v3, own):
    if "timestamp" in own:
        own = {"timestamp": str(int(time.time()) + own["timestamp"])}
    headers = v3.headers("GET", TARGET, "", **own)
    assert v3.send("GET", TARGET, headers=headers).said == (401, "SIGN_ERROR")


def test_a_repeated_request_is_401(v3):
    headers = v3.headers("GET", TARGET, "")
    assert v3.send("GET", TARGET, headers=headers).status == 200
    assert v3.send("GET", TARGET, headers=headers).said == (401, "SIGN_ERROR")


def test_the_query_and_the_body_are_signed_over(v3):
    path = "/v3/pay/transactions/native"
    body = json.dumps(v3.native_document(v3.number()))
    headers = v3.headers("POST", path, body)
    assert v3.send("POST", path, body + " ", headers).said == (401, "SIGN_ERROR")
    target = f"/v3/pay/transactions/out-trade-no/A1?mchid={v3.merchant['mch_id']}"
    headers = v3.headers("GET", target, "")
    assert v3.send("GET", f"{target}&a=1", headers=headers).said == (401, "SIGN_ERROR")


@pytest.mark.parametrize("missing", ["Accept", "User-Agent", "Content-Type"])
def test_the_usual_headers_are_asked_for(v3, missing):
    path, body = "/v3/pay/transactions/native", json.dumps(v3.native_document(v3.number()))
    headers = v3.headers("POST", path, body)
    del headers[missing]
    assert v3.send("POST", path, body, headers).said == (400, "PARAM_ERROR")


@pytest.mark.parametrize("body", ["{", "[1]", "1", '"x"', "[" * 50_000])
def test_what_is_no_json_object_is_refused(v3, body):
    path = "/v3/pay/transactions/native"
    answer = v3.send("POST", path, body, v3.headers("POST", path, body))
    assert answer.said == (400, "PARAM_ERROR")


def test_a_wrong_method_is_405(v3):
    assert v3.call("GET", "/v3/pay/transactions/native").said == (405, "PARAM_ERROR")
    assert v3.call("POST", TARGET, {}).status == 405


def test_the_certificate_comes_sealed_and_is_the_one_that_signs(v3):
    (listed,) = v3.call("GET", TARGET).json["data"]
    pem = unsealed(v3.key, listed["encrypt_certificate"])
    certificate = x509.load_pem_x509_certificate(pem)
    assert listed["serial_no"] == f"{certificate.serial_number:040X}"
    assert listed["serial_no"] in v3.serials
    assert certificate.public_key() == v3.public
    assert listed["effective_time"] < listed["expire_time"]
    assert datetime.fromisoformat(listed["expire_time"]) == certificate.not_valid_after_utc


def test_in_public_key_mode_there_is_no_certificate_and_the_key_is_named(tmp_path):
    with running(tmp_path / "state", "--v3-key", "public-key") as sandbox:
        v3 = V3Client(sandbox)
        assert v3.call("GET", TARGET).said == (400, "PARAM_ERROR")
        v3.more = {"Wechatpay-Serial": v3.public_key_id}
        answer = v3.call("GET", TARGET)
        assert answer.said == (404, "RESOURCE_NOT_EXISTS")
        assert answer.headers["Wechatpay-Serial"] == v3.public_key_id
        assert v3.public_key_id.startswith("PUB_KEY_ID_")
        assert v3.native(v3.number()).status == 200


def test_the_keys_are_made_once_and_the_secret_ones_are_nobody_elses(fresh):
    folder = fresh.folder / "v3"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert set(before) == {"v3.json", "platform.pub"} | {
        f"{name}.{kind}" for name in ("merchant", "platform") for kind in ("key", "pem")
    }
    fresh.kill()
    fresh.restart()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    for name in ("v3.json", "merchant.key", "platform.key"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    assert len(V3Client(fresh).key) == 32


@pytest.fixture
def billed(fresh):
    """A day that is over and had one sale; its client and the day."""
    number = V3Client(fresh).sell()
    now = datetime.fromisoformat(fresh.control("GET", "health")["now"])
    assert V3Client(fresh).state(number) == "SUCCESS"
    nine = (now + timedelta(days=1)).replace(hour=9, minute=0, second=1, microsecond=0)
    fresh.advance((nine - now).total_seconds())
    return V3Client(fresh), now.date()


def fetched(v3, target):
    """The link's answer, and the answer to the link."""
    told = v3.call("GET", target).json
    link = told["download_url"].removeprefix(v3.sandbox.address)
    return told, v3.call("GET", link, signed=False), link


def test_a_bill_is_linked_hashed_and_downloaded_once(fresh, billed):
    v3, day = billed
    told, answer, link = fetched(v3, f"/v3/bill/tradebill?bill_date={day}")
    assert told["hash_type"] == "SHA1"
    assert hashlib.sha1(answer.body).hexdigest() == told["hash_value"]
    assert "Wechatpay-Signature" not in answer.headers
    kiosk = Client(fresh)
    assert answer.body == kiosk.file("/pay/downloadbill", bill_date=f"{day:%Y%m%d}")
    assert "NATIVE" in answer.body.decode()
    assert v3.call("GET", link).said == (404, "RESOURCE_NOT_EXISTS")

    zipped, packed, _ = fetched(v3, f"/v3/bill/tradebill?bill_date={day}&tar_type=GZIP")
    assert gzip.decompress(packed.body) == answer.body
    assert zipped["hash_value"] == told["hash_value"]


def test_a_link_lives_five_minutes_and_is_signed_for(fresh, billed):
    v3, day = billed
    told = v3.call("GET", f"/v3/bill/tradebill?bill_date={day}").json
    link = told["download_url"].removeprefix(fresh.address)
    assert v3.send("GET", link, headers={"User-Agent": "t"}).said == (401, "SIGN_ERROR")
    fresh.advance(301)
    assert v3.call("GET", link).said == (404, "RESOURCE_NOT_EXISTS")


def test_the_fund_flow_is_fetched_the_same_way(billed):
    v3, day = billed
    told, answer, _ = fetched(v3, f"/v3/bill/fundflowbill?bill_date={day}&account_type=BASIC")
    assert hashlib.sha1(answer.body).hexdigest() == told["hash_value"]
    assert answer.body.decode().startswith("\ufeff记账时间")
    other = v3.call("GET", f"/v3/bill/fundflowbill?bill_date={day}&account_type=FEES")
    assert other.said == (400, "NO_STATEMENT_EXIST")


def test_a_bill_that_is_not_there_yet_or_never_was(fresh, billed):
    v3, day = billed
    today = day + timedelta(days=1)
    creating = v3.call("GET", f"/v3/bill/tradebill?bill_date={today}")
    assert creating.said == (400, "STATEMENT_CREATING")
    empty = v3.call("GET", f"/v3/bill/tradebill?bill_date={day - timedelta(days=1)}")
    assert empty.said == (400, "NO_STATEMENT_EXIST")
    for wrong in (f"{day:%Y%m%d}", "2026-02-31", f"{day}&tar_type=ZIP", f"{day}&x=1", ""):
        refused = v3.call("GET", f"/v3/bill/tradebill?bill_date={wrong}")
        assert refused.said == (400, "PARAM_ERROR")
