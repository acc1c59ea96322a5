"""Against the publishers' own packages: KIOSK_MODELS_MIRROR names a folder that holds them."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.archives import Mirror, read_member
from models.fetch import make
from models.load import load
from models.manifest import read_manifest
from models.weights import sha256_of, weights_folder
from vision.bench import astronaut
from vision.detect import YuNet

MIRROR = os.environ.get("KIOSK_MODELS_MIRROR")
pytestmark = pytest.mark.skipif(
    MIRROR is None, reason="KIOSK_MODELS_MIRROR does not name a folder of the published packages"
)


@pytest.mark.parametrize("name", [m.name for m in read_manifest() if not m.optional])
def test_the_published_file_becomes_the_one_the_manifest_pins(name):
    model = read_manifest().find(name)
    assert sha256_of(make(model, Mirror(Path(MIRROR)))) == model.sha256


def test_the_unfolded_detector_finds_what_opencv_finds_with_the_published_file(tmp_path):
    model = read_manifest().find("yunet")
    original = tmp_path / "original.onnx"
    source = model.source
    original.write_bytes(read_member(Mirror(Path(MIRROR)).archive(source), source))
    picture = cv2.resize(astronaut(), (320, 320))
    _, expected = cv2.FaceDetectorYN.create(str(original), "", (320, 320), 0.7, 0.3).detect(picture)
    net = load("yunet", read_manifest(), weights_folder(os.environ))
    (face,) = YuNet(net, 0.7, 0.3).detect(picture)
    box = face.box
    ours = [box.x, box.y, box.width, box.height, *face.points.ravel(), face.score]
    assert expected.shape == (1, 15)
    assert np.abs(expected[0] - ours).max() < 1e-3, "pixels; numbers up to 320 in 32-bit floats"
    assert abs(expected[0, 14] - face.score) < 1e-5
