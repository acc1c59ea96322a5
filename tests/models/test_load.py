from __future__ import annotations

import os

import numpy as np
import pytest

from models.__main__ import main
from models.errors import ModelAltered, ModelMissing, ModelUnusable
from models.load import load
from models.manifest import read_manifest
from models.weights import weights_folder

NEEDED = [(model.name, model.input) for model in read_manifest() if not model.optional]


@pytest.fixture
def small(published, manifest_of, tmp_path):
    (tmp_path / "twice.onnx").write_bytes(published)
    return manifest_of(published), tmp_path


def test_a_loaded_network_runs(small):
    x = np.arange(48, dtype=np.float32).reshape(1, 3, 4, 4)
    (out,) = load("twice", *small).run(x)
    assert np.array_equal(out, 2 * x)


def test_a_missing_file_says_how_to_get_it(published, manifest_of, tmp_path):
    with pytest.raises(ModelMissing, match=r"twice\.onnx.*python -m models fetch"):
        load("twice", manifest_of(published), tmp_path)


def test_one_changed_bit_is_refused(small):
    manifest, folder = small
    path = folder / "twice.onnx"
    content = bytearray(path.read_bytes())
    content[20] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelAltered, match=manifest.models["twice"].sha256) as refused:
        load("twice", manifest, folder)
    assert "fetch" in refused.value.mend


def test_a_runtime_the_network_is_not_known_on_is_refused(small):
    with pytest.raises(ModelUnusable, match=r"'abacus'.*onnxruntime"):
        load("twice", *small, runtime="abacus")


def test_a_right_file_that_is_no_network_is_unusable(manifest_of, tmp_path):
    (tmp_path / "twice.onnx").write_bytes(b"no network")
    with pytest.raises(ModelUnusable, match=r"onnxruntime refuses twice\.onnx"):
        load("twice", manifest_of(b"no network"), tmp_path)


@pytest.mark.parametrize(("name", "seen"), NEEDED, ids=[name for name, _ in NEEDED])
def test_both_runtimes_give_the_same_answer(name, seen):
    manifest, folder = read_manifest(), weights_folder(os.environ)
    x = np.random.default_rng(3).uniform(0, 255, (1, 3, seen.height or 96, seen.width or 160))
    answers = [
        load(name, manifest, folder, runtime).run(x.astype(np.float32))
        for runtime in manifest.find(name).runtimes
    ]
    assert len(answers) == 2
    for one, other in zip(*answers, strict=True):
        assert np.abs(one - other).max() < 1e-4 * max(1.0, float(np.abs(one).max()))


def test_verify_says_what_is_missing_and_fails(tmp_path, capsys):
    assert main(["verify", "--weights", str(tmp_path)]) == 1
    assert "python -m models fetch" in capsys.readouterr().err


def test_list_shows_what_is_not_here(tmp_path, capsys):
    assert main(["list", "--weights", str(tmp_path)]) == 0
    assert capsys.readouterr().out.count("missing or altered") == len(NEEDED)


def test_verify_does_without_what_is_optional_but_not_with_another_file(small, capsys):
    folder = small[1] / "weights"
    folder.mkdir()
    for model in read_manifest():
        if not model.optional:
            (folder / model.file).symlink_to(weights_folder(os.environ).resolve() / model.file)
    assert main(["verify", "--weights", str(folder)]) == 0
    assert "minifasnet_v2: not here" in capsys.readouterr().out
    (folder / "minifasnet_v2.onnx").write_bytes(b"something else")
    assert main(["verify", "--weights", str(folder)]) == 1


def test_fetch_from_an_empty_mirror_fails_and_says_so(tmp_path, capsys):
    arguments = ["fetch", "--weights", str(tmp_path / "w"), "--from", str(tmp_path)]
    assert main(arguments) == 1
    assert "expected one file" in capsys.readouterr().err


def test_the_weights_folder_follows_the_environment(tmp_path):
    assert weights_folder({"KIOSK_MODELS_DIR": str(tmp_path)}) == tmp_path
    assert weights_folder({}).name == "weights"
