"""A provider's process on each database, and one sandbox as the wallet behind it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kiosk.sandbox.testing import SandboxProcess, running
from tests.fleet.gateway.provider import Provider


@pytest.fixture(scope="session")
def wallet(tmp_path_factory) -> Iterator[SandboxProcess]:
    with running(tmp_path_factory.mktemp("wallet")) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def provider_process(tmp_path_factory, fleet_database, database_url, wallet) -> Iterator[Provider]:
    provider = Provider(tmp_path_factory.mktemp("fleet"), fleet_database, database_url, wallet)
    yield provider
    provider.close()


@pytest.fixture
def provider(provider_process) -> Provider:
    provider_process.wallet.control("DELETE", "scripts")
    return provider_process
