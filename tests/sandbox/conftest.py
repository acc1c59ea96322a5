from __future__ import annotations

import random
import shutil
import sys
from pathlib import Path

import pytest

from kiosk.sandbox.testing import running
from kiosk.sandbox.v3.keys import Mode, keys_in

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def keys(tmp_path_factory):
    """A folder of keys of the third-version wire: making them anew each time takes too long."""
    folder = tmp_path_factory.mktemp("keys")
    keys_in(folder, "1600000000", Mode.CERTIFICATE, random.Random(1))
    return folder


@pytest.fixture(scope="module")
def shared(tmp_path_factory, keys):
    """One sandbox for a whole file, for tests that look only at their own orders."""
    state = tmp_path_factory.mktemp("sandbox") / "state"
    shutil.copytree(keys, state / "v3")
    with running(state) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared):
    """The file's sandbox without scripts left by another test."""
    shared.control("DELETE", "scripts")
    return shared


@pytest.fixture
def fresh(shared):
    """The file's sandbox with nothing in it, for tests of the whole audit and of crashes."""
    shared.start_over()
    return shared


@pytest.fixture
def kiosk(sandbox):
    from wallet_client import Client

    return Client(sandbox)


@pytest.fixture
def attempt(sandbox, kiosk):
    """An order number and the raw answer to its pay call, under a script."""

    from wallet_client import to_xml

    def pay(words="", fen=1280, **more):
        number = kiosk.number()
        if words:
            sandbox.script(words, **more)
        body = to_xml(kiosk.pay_fields(sandbox.code(), number, fen))
        return number, kiosk.raw_post("/pay/micropay", body)

    return pay
