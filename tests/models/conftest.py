from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from models.manifest import Input, Job, Manifest, Model, Source, SourceKind


def sha256(content):
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def quantised():
    """A network as published: block-quantised 1 x 1 convolution, a dangling input, fixed sizes."""
    rng = np.random.default_rng(7)
    weights = rng.integers(-128, 128, (6, 3), np.int8)
    scales = rng.uniform(0.01, 0.1, (6, 2)).astype(np.float32)
    zeros = rng.integers(-3, 4, (6, 2), np.int8)
    constants = {
        "w_q": weights,
        "w_scales": scales,
        "w_zeros": zeros,
        "w_shape": np.array([6, 3, 1, 1], np.int64),
    }
    graph = helper.make_graph(
        [
            helper.make_node(
                "DequantizeLinear", ["w_q", "w_scales", "w_zeros"], ["w_f"], axis=1, block_size=2
            ),
            helper.make_node("Reshape", ["w_f", "w_shape"], ["w"]),
            helper.make_node("Conv", ["input", "w"], ["out"]),
        ],
        "published",
        [
            helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, 64, 64]),
            helper.make_tensor_value_info("forgotten", TensorProto.FLOAT, [6]),
        ],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, 6, 64, 64])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    return model.SerializeToString(), constants


@pytest.fixture
def published():
    """A small network that runs as it is: twice its input."""
    graph = helper.make_graph(
        [helper.make_node("Add", ["input", "input"], ["out"])],
        "twice",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, 4, 4])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, 3, 4, 4])],
    )
    opset = [helper.make_opsetid("", 13)]
    return bytes(
        onnx.helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()
    )


@pytest.fixture
def manifest_of():
    """A manifest of one model, made of the given bytes."""

    def make(content, kind=SourceKind.WHEEL, recipe="as-it-is", result=None, optional=False):
        result = content if result is None else result
        member = "twice.pth" if kind is SourceKind.FILE else "pack/models/twice.onnx"
        model = Model(
            name="twice",
            job=Job.PAD,
            title="twice",
            file="twice.onnx",
            size=len(result),
            sha256=sha256(result),
            licence="MIT",
            recipe=recipe,
            runtimes=("onnxruntime",),
            outputs=("out",),
            source=Source(kind, "some-pack", "1.0", member, len(content), sha256(content)),
            input=Input("input", 4, 4, "BGR"),
            thresholds={},
            optional=optional,
        )
        return Manifest({"twice": model}, (("twice",),), "node-pack", "2.0")

    return make


@pytest.fixture
def mirror(tmp_path):
    """`mirror(kind, {member: bytes})` puts a package into a folder and answers the folder."""
    folder = tmp_path / "mirror"
    folder.mkdir()

    def put(kind, members):
        if kind is SourceKind.WHEEL:
            with zipfile.ZipFile(folder / "some_pack-1.0-py3-none-any.whl", "w") as wheel:
                for name, content in members.items():
                    wheel.writestr(name, content)
        elif kind is SourceKind.FILE:
            for name, content in members.items():
                (folder / name).write_bytes(content)
        else:
            with tarfile.open(folder / "some-pack-1.0.tgz", "w:gz") as pack:
                for name, content in members.items():
                    entry = tarfile.TarInfo(name)
                    entry.size = len(content)
                    pack.addfile(entry, io.BytesIO(content))
        return folder

    return put
