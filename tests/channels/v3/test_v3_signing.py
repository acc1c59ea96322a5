"""The signatures and seals of the third version against worked vectors."""

from __future__ import annotations

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from hypothesis import given
from hypothesis import strategies as st

from kiosk.channels.wechatpay.v3 import signing
from tests.channels.v3.wallet import KEY, PAID, answering, authorization, seal, vectors

VECTORS = vectors()
PRIVATE = load_pem_private_key(VECTORS["rsa_private_key_pkcs8"].encode(), None)
PUBLIC_KEY = load_pem_public_key(VECTORS["rsa_public_key"].encode())


@pytest.mark.parametrize("name", ["v3_post", "v3_get"])
def test_a_request_is_signed_as_in_the_vector(name):
    vector = VECTORS[name]
    message = signing.request_message(
        vector["method"],
        vector["url"],
        vector["timestamp"],
        vector["nonce"],
        vector["body"].encode(),
    )
    assert str(len(message)) == vector["len"]
    assert hashlib.sha256(message).hexdigest() == vector["sha256"]
    assert signing.sign(PRIVATE, message) == vector["signature"]


def test_an_answer_is_verified_as_in_the_vector():
    vector = VECTORS["v3_response"]
    body = vector["body"].encode()
    message = signing.answer_message(vector["timestamp"], vector["nonce"], body)
    assert hashlib.sha256(message).hexdigest() == vector["sha256"]
    assert signing.holds(PUBLIC_KEY, message, vector["signature"])
    for other in (message + b" ", message[:-1], message.replace(b"USER", b"user")):
        assert not signing.holds(PUBLIC_KEY, other, vector["signature"])


@pytest.mark.parametrize("broken", ["", "no base64!", "签名", "QUJD", "\ud800"])
def test_what_is_no_signature_does_not_hold(broken):
    assert not signing.holds(PUBLIC_KEY, b"message", broken)


def test_a_probe_never_holds():
    message = b"message"
    genuine = signing.sign(PRIVATE, message)
    assert signing.holds(PUBLIC_KEY, message, genuine)
    assert not signing.holds(PUBLIC_KEY, message, signing.PROBE + genuine)
    assert not signing.holds(PUBLIC_KEY, message, signing.PROBE + genuine[len(signing.PROBE) :])


def test_a_sealed_resource_is_opened_as_in_the_vector():
    vector = VECTORS["gcm"]
    resource = {name: vector[name] for name in ("nonce", "associated_data", "ciphertext")}
    resource["algorithm"] = "AEAD_AES_256_GCM"
    assert signing.opened(vector["key"], resource).decode() == vector["plaintext"]


@pytest.mark.parametrize(
    "changes",
    [
        {"algorithm": "AEAD_SM4_GCM"},
        {"algorithm": None},
        {"nonce": "short"},
        {"nonce": "fdasflkja485"},
        {"nonce": "\ud800dasflkja48"},
        {"associated_data": "other"},
        {"associated_data": 7},
        {"ciphertext": ""},
        {"ciphertext": "!!"},
        {"ciphertext": base64.b64encode(b"x" * 15).decode()},
        {"ciphertext": ["a"]},
    ],
)
def test_what_was_sealed_otherwise_is_not_opened(changes):
    resource = {**seal(b"{}", "transaction"), **changes}
    with pytest.raises(ValueError, match=r"seal|without its"):
        signing.opened(KEY, resource)


def test_another_merchants_seal_is_not_opened():
    with pytest.raises(ValueError, match="APIv3 key"):
        signing.opened(KEY, seal(b"{}", "transaction", key="k" * 32))


@given(st.binary(max_size=200), st.text(st.characters(codec="utf-8"), max_size=20))
def test_what_is_sealed_comes_out_whole(plain, associated):
    assert signing.opened(KEY, seal(plain, associated)) == plain


@pytest.mark.parametrize("resource", [None, [], "text", 7, {}])
def test_what_is_no_resource_is_not_opened(resource):
    with pytest.raises(ValueError, match="without its"):
        signing.opened(KEY, resource)


def test_a_call_carries_what_the_channel_checks(raw_peer, native, wallet, qr_order, pem_files):
    raw_peer.will(answering(wallet, PAID))
    native.query(qr_order)
    heard = raw_peer.asked[0].fields["heard"]
    said = authorization(heard.headers["authorization"])
    assert said["mchid"] == "1230000109"
    assert said["serial_no"] == "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"
    assert len(said["nonce_str"]) == 32
    message = f"GET\n{heard.target}\n{said['timestamp']}\n{said['nonce_str']}\n\n".encode()
    merchant = load_pem_public_key((pem_files / "merchant.pub").read_bytes())
    assert signing.holds(merchant, message, said["signature"])
    assert heard.target == (
        "/v3/pay/transactions/out-trade-no/S1D01T20261121000004?mchid=1230000109"
    )
    assert heard.headers["accept"] == "application/json"
    assert heard.headers["user-agent"] == "facepay-kiosk"
    assert heard.headers["wechatpay-serial"].startswith("PUB_KEY_ID_")
    assert "content-type" not in heard.headers
