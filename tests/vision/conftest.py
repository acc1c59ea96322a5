from __future__ import annotations

import os
import sys
from pathlib import Path

import cv2
import pytest

from models.load import load
from models.manifest import read_manifest
from models.weights import weights_folder
from vision.bench import astronaut
from vision.pipeline import build_stages

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session", autouse=True)
def _one_thread():
    cv2.setNumThreads(1)


@pytest.fixture(scope="session")
def weights():
    return weights_folder(os.environ)


@pytest.fixture(scope="session")
def stages(weights):
    """The three stages on the real networks; without weights every test that needs them says so."""
    manifest = read_manifest()
    judges = [manifest.find("fr_liveness")]
    return build_stages(manifest, judges, lambda name: load(name, manifest, weights))


@pytest.fixture(scope="session")
def picture():
    return astronaut()


@pytest.fixture(scope="session")
def data():
    """A folder of evaluation sets, which are not part of the project."""
    folder = os.environ.get("KIOSK_DATA")
    if folder is None:
        pytest.skip("KIOSK_DATA does not name a folder with lfw/ and pad/")
    return Path(folder)
