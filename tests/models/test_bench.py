from __future__ import annotations

import os

import pytest

from models.__main__ import main
from models.bench import RuntimeTime, fastest, keep, measure, table
from models.errors import ModelUnusable
from models.load import OnnxRuntimeNet, OpenCvNet, load
from models.manifest import read_manifest
from models.runtimes import FILE, chosen
from models.weights import weights_folder


@pytest.fixture
def folder(tmp_path):
    """A weights folder of its own, with the detector."""
    file = read_manifest().find("yunet").file
    (tmp_path / file).symlink_to(weights_folder(os.environ).resolve() / file)
    return tmp_path


def test_the_runtime_with_the_least_work_wins_however_long_it_waited():
    times = [RuntimeTime("a", "opencv", 9.0, 1.0), RuntimeTime("a", "onnxruntime", 2.0, 2.0)]
    assert fastest(times) == {"a": "opencv"}


def test_each_network_that_is_here_is_measured_on_each_runtime(folder):
    times = measure(read_manifest(), folder, rounds=2)
    assert {(one.model, one.runtime) for one in times} == {
        ("yunet", "onnxruntime"),
        ("yunet", "opencv"),
    }
    assert all(one.worked > 0 for one in times)


def test_the_table_says_where_this_machine_differs_from_the_manifest():
    times = [RuntimeTime("yunet", "onnxruntime", 2, 2), RuntimeTime("yunet", "opencv", 1, 1)]
    head, one, other = table(times, read_manifest())
    assert "fastest" not in head + one
    assert other.endswith("fastest, against the manifest")


def test_a_kept_choice_is_what_loads_from_then_on(folder):
    manifest = read_manifest()
    assert isinstance(load("yunet", manifest, folder), OnnxRuntimeNet)
    keep({"yunet": "opencv"}, folder)
    assert isinstance(load("yunet", manifest, folder), OpenCvNet)
    assert isinstance(load("yunet", manifest, folder, "onnxruntime"), OnnxRuntimeNet)


@pytest.mark.parametrize("text", ["", "[]", '{"yunet": 3}', '"opencv"', "{"])
def test_a_choice_that_is_no_table_is_named(folder, text):
    (folder / FILE).write_text(text)
    with pytest.raises(ModelUnusable, match=FILE):
        chosen("yunet", folder)


def test_a_choice_cannot_name_what_the_manifest_does_not_know(folder):
    keep({"yunet": "abacus"}, folder)
    with pytest.raises(ModelUnusable, match="'abacus'"):
        load("yunet", read_manifest(), folder)


def test_the_command_prints_the_table_and_keeps_the_choice(folder, capsys):
    assert main(["bench", "--weights", str(folder), "--keep"]) == 0
    assert "fastest" in capsys.readouterr().out
    assert chosen("yunet", folder) in {"onnxruntime", "opencv"}
