"""Every detector, attack detection and embedder keeps its contract."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
from scrfd import scrfd_of

from models.errors import ModelMissing, ModelUnusable
from models.load import load
from models.manifest import Job, read_manifest
from models.weights import is_intact, read_weights
from vision.bench import astronaut
from vision.embed import similarity_of
from vision.insightface import InsightFaceDetector, InsightFaceEmbedder
from vision.pad import PadEnsemble, PadNet
from vision.testing import DetectorContract, EmbedderContract, PadContract

WITH_INSIGHTFACE = pytest.mark.skipif(
    importlib.util.find_spec("insightface") is None,
    reason="insightface is not installed (extra `insightface`), so its driver was not tested",
)
PAD_SETS = read_manifest().pad_sets


@pytest.fixture(scope="session")
def pack(weights, tmp_path_factory):
    """A folder as an InsightFace pack, of the networks at hand."""
    folder, manifest = tmp_path_factory.mktemp("pack"), read_manifest()
    detector = read_weights(manifest.find("yunet"), weights)
    (folder / "detector.onnx").write_bytes(scrfd_of(detector))
    (folder / "embedder.onnx").write_bytes(read_weights(manifest.find("sface"), weights))
    return folder


class _AstronautDetector(DetectorContract):
    def person(self):
        return astronaut()


class TestYuNet(_AstronautDetector):
    @pytest.fixture(autouse=True)
    def _stage(self, stages):
        self.stage = stages.detector

    def detector(self):
        return self.stage


@WITH_INSIGHTFACE
class TestInsightFaceDetector(_AstronautDetector):
    @pytest.fixture(autouse=True)
    def _stage(self, pack):
        self.stage = InsightFaceDetector(pack / "detector.onnx")

    def detector(self):
        return self.stage

    def test_it_finds_what_the_network_finds_without_it(self, stages):
        (one,), (other,) = (d.detect(astronaut()) for d in (stages.detector, self.stage))
        assert np.abs(one.points - other.points).max() < 3

    def test_a_model_for_something_else_is_refused(self, pack):
        with pytest.raises(ModelUnusable, match="no model for detection"):
            InsightFaceDetector(pack / "embedder.onnx")


class _AstronautEmbedder(EmbedderContract):
    @pytest.fixture(autouse=True)
    def _face(self, stages):
        self.face = stages.detector.detect(astronaut())[0]

    def person(self):
        return astronaut(), self.face


class TestSFace(_AstronautEmbedder):
    @pytest.fixture(autouse=True)
    def _stage(self, stages):
        self.stage = stages.embedder

    def embedder(self):
        return self.stage


@WITH_INSIGHTFACE
class TestInsightFaceEmbedder(_AstronautEmbedder):
    @pytest.fixture(autouse=True)
    def _stage(self, pack, stages):
        self.stage, self.ours = InsightFaceEmbedder(pack / "embedder.onnx"), stages.embedder

    def embedder(self):
        return self.stage

    def test_it_gives_the_template_that_the_network_gives_without_it(self):
        one, other = (each.embed(*self.person()) for each in (self.stage, self.ours))
        assert similarity_of(one, other) > 0.9999

    def test_a_file_cut_short_is_refused(self, pack, tmp_path):
        short = tmp_path / "short.onnx"
        short.write_bytes((pack / "embedder.onnx").read_bytes()[:1000])
        with pytest.raises(ModelUnusable, match="refuses"):
            InsightFaceEmbedder(short)


def test_a_pack_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ModelMissing, match="gone"):
        InsightFaceDetector(tmp_path / "gone.onnx")


@pytest.mark.skipif(
    importlib.util.find_spec("insightface") is not None, reason="insightface is installed here"
)
def test_without_the_package_the_error_names_the_extra(tmp_path):
    (tmp_path / "any.onnx").write_bytes(b"")
    with pytest.raises(ModelUnusable, match="extra `insightface`"):
        InsightFaceEmbedder(tmp_path / "any.onnx")


@pytest.mark.parametrize("names", PAD_SETS, ids=" + ".join, scope="class")
class TestPadEnsemble(PadContract):
    @pytest.fixture(autouse=True)
    def _stage(self, names, weights):
        manifest = read_manifest()
        models = [manifest.find(name) for name in names]
        if not all(is_intact(model, weights) for model in models):
            pytest.skip(f"{' and '.join(names)} are not in the weights folder")
        nets = [PadNet.of(load(model.name, manifest, weights), model) for model in models]
        self.stage = PadEnsemble(nets)

    def judge(self):
        return self.stage


def test_every_network_of_the_manifest_has_a_contract_above():
    manifest = read_manifest()
    judges = {name for names in PAD_SETS for name in names}
    assert {model.name for model in manifest.of(Job.PAD)} == judges
    assert [model.name for model in manifest.of(Job.DETECT)] == ["yunet"]
    assert [model.name for model in manifest.of(Job.EMBED)] == ["sface"]
