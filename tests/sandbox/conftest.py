from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kiosk.sandbox.testing import running

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One sandbox for a whole file, for tests that look only at their own orders."""
    with running(tmp_path_factory.mktemp("sandbox") / "state") as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared):
    """The file's sandbox without scripts left by another test."""
    shared.control("DELETE", "scripts")
    return shared


@pytest.fixture
def fresh(tmp_path):
    """A sandbox of its own, for tests of the whole audit and of crashes."""
    with running(tmp_path / "state") as sandbox:
        yield sandbox


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
