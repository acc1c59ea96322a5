"""Two sandboxes, as WeChat Pay answers merchants with certificates and with its public key."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.sandbox.testing import SandboxProcess, running
from kiosk.sandbox.v3.keys import Mode, keys_in
from tests.channels.v3.native_peer import NativePeer, options_of, public_key


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
