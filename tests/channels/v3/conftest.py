"""Two sandboxes, as WeChat Pay answers merchants with certificates and with its public key."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from kiosk.channels.channel import PayOrder
from kiosk.channels.wechatpay.v3 import WechatNative, WechatNativeOptions
from kiosk.domain.money import Money
from kiosk.sandbox.testing import SandboxProcess, running
from kiosk.sandbox.v3.keys import Mode, keys_in
from tests.channels.v3.native_peer import NativePeer, options_of, public_key
from tests.channels.v3.wallet import (
    APPID,
    KEY,
    MCH_ID,
    NUMBER,
    PUBLIC,
    Wallet,
    serial,
)


@pytest.fixture(scope="session")
def wallet_keys(tmp_path_factory) -> Path:
    """A folder of the sandbox's keys: making them anew for each process takes too long."""
    folder = tmp_path_factory.mktemp("keys")
    keys_in(folder, "1600000000", Mode.CERTIFICATE, random.Random(1))
    return folder


@pytest.fixture(scope="session")
def certified(tmp_path_factory, wallet_keys) -> Iterator[SandboxProcess]:
    state = tmp_path_factory.mktemp("certified") / "state"
    shutil.copytree(wallet_keys, state / "v3")
    with running(state) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def keyed(tmp_path_factory, wallet_keys) -> Iterator[SandboxProcess]:
    state = tmp_path_factory.mktemp("keyed") / "state"
    shutil.copytree(wallet_keys, state / "v3")
    with running(state, "--v3-key", "public-key") as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def direct(certified) -> Iterator[NativePeer]:
    """A merchant of his own, who checks with certificates."""
    peer = NativePeer(certified, options_of(certified))
    yield peer
    peer.close()


@pytest.fixture(scope="session")
def partner(keyed) -> Iterator[NativePeer]:
    """A shop under a service provider, who checks with the public key."""
    shop = {"sub_mch_id": keyed.merchant()["sub_mch_id"]}
    peer = NativePeer(keyed, options_of(keyed, **shop, **public_key(keyed.folder)))
    yield peer
    peer.close()


@pytest.fixture(params=["direct", "partner"])
def peer(request) -> NativePeer:
    peer: NativePeer = request.getfixturevalue(request.param)
    peer.sandbox.control("DELETE", "scripts")
    return peer


@pytest.fixture
def channel(peer):
    return peer.channel


# --- a line of bytes

SHORT = 1024
"""Bits of a key that need be safe from nobody: each channel of a test reads it anew."""


@pytest.fixture(scope="session")
def wallets() -> list[Wallet]:
    """Three of WeChat Pay's keys: the public one, and two that have certificates."""
    return [
        Wallet(name, rsa.generate_private_key(65537, SHORT))
        for name in (PUBLIC, serial(1), serial(2))
    ]


@pytest.fixture(scope="session")
def wallet(wallets) -> Wallet:
    """The one whose public key the merchant has."""
    return wallets[0]


@pytest.fixture(scope="session")
def pem_files(tmp_path_factory, wallet) -> Path:
    folder = tmp_path_factory.mktemp("pem")
    merchant = rsa.generate_private_key(65537, SHORT)
    form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "merchant.key").write_bytes(merchant.private_bytes(*form))
    public = merchant.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / "merchant.pub").write_bytes(public)
    (folder / "wallet.pub").write_bytes(wallet.public_pem)
    return folder


@pytest.fixture
def native_options(raw_peer, pem_files) -> Callable[..., WechatNativeOptions]:
    """Options that point at the raw peer, in public-key mode, with small time-outs."""

    def make(**changes: object) -> WechatNativeOptions:
        usual: dict[str, object] = {
            "appid": APPID,
            "mch_id": MCH_ID,
            "key": KEY,
            "device_id": "D01",
            "notify_url": "https://shop.example/notify",
            "private_key_path": pem_files / "merchant.key",
            "serial_no": "5157F09EFDC096DE15EBE81A47057A7232F1B8E1",
            "public_key_id": PUBLIC,
            "public_key_path": pem_files / "wallet.pub",
            "sandbox": True,
            "pay_url": raw_peer.url,
            "connect_timeout": 0.5,
            "read_timeout": 0.4,
            "answer_within": 0.7,
        }
        return WechatNativeOptions(**{**usual, **changes})

    return make


@pytest.fixture
def native(native_options) -> Iterator[WechatNative]:
    """A channel at the raw peer."""
    with WechatNative(native_options()) as channel:
        yield channel


@pytest.fixture
def qr_order() -> PayOrder:
    return PayOrder(NUMBER, Money(1280), "自助收银-苹果")
