from __future__ import annotations

import io
import pickle
from collections import OrderedDict

import numpy as np
import onnxruntime as ort
import pytest

from models.convert import ConversionError, convert
from models.minifasnet import minifasnet
from models.torch_file import MAGIC, PROTOCOL, TorchFileError, read_torch_file

WIDTH, WIDE = 4, 6
"""Channels between blocks and inside them; the published ones are wider."""


class Named:
    """Pickles as the name of something in another module, without that module."""

    def __init__(self, module, name):
        self.module, self.name = module, name


class Storage(Named):
    def __init__(self, key, array):
        super().__init__("torch", "FloatStorage" if array.dtype == np.float32 else "LongStorage")
        self.key, self.array = key, array


class Tensor:
    def __init__(self, storage, stride=None):
        self.storage, self.stride = storage, stride

    def __reduce__(self):
        array = self.storage.array
        stride = self.stride or tuple(s // array.itemsize for s in array.strides)
        rebuild = Named("torch._utils", "_rebuild_tensor_v2")
        return _Call(rebuild), (self.storage, 0, array.shape, stride, False, OrderedDict())


class _Call:
    def __init__(self, named):
        self.named = named

    def __call__(self):
        raise AssertionError


class Writer(pickle._Pickler):
    """Writes names without importing them, and storages by reference, as PyTorch did."""

    def persistent_id(self, thing):
        if isinstance(thing, Storage):
            kind = Named(thing.module, thing.name)
            return ("storage", kind, thing.key, "cpu", thing.array.size, None)
        return None

    def save(self, thing, *arguments, **options):
        if isinstance(thing, _Call):
            thing = thing.named
        if type(thing) is Named:
            self.write(b"c" + f"{thing.module}\n{thing.name}\n".encode())
            return
        super().save(thing, *arguments, **options)


def torch_file(tensors, stride=None):
    out = io.BytesIO()
    for head in (MAGIC, PROTOCOL, {"little_endian": True}):
        pickle.dump(head, out, protocol=2)
    storages = [Storage(str(i), array) for i, array in enumerate(tensors.values())]
    named = [(n, Tensor(s, stride)) for n, s in zip(tensors, storages, strict=True)]
    Writer(out, protocol=2).dump(OrderedDict(named))
    pickle.dump([s.key for s in storages], out, protocol=2)
    for storage in storages:
        out.write(storage.array.size.to_bytes(8, "little") + storage.array.tobytes())
    return out.getvalue()


@pytest.fixture(scope="module")
def weights():
    return random_weights(np.random.default_rng(11))


def random_weights(rng):
    tensors = {}

    def put(name, *shape):
        tensors[f"module.{name}"] = rng.normal(0, 0.4, shape).astype(np.float32)

    def bn(name, width):
        for part in ("weight", "bias", "running_mean"):
            put(f"{name}.{part}", width)
        tensors[f"module.{name}.running_var"] = rng.uniform(0.5, 2, width).astype(np.float32)
        tensors[f"module.{name}.num_batches_tracked"] = np.array(9, np.int64)

    def conv(name, outs, ins, side, activated=True):
        put(f"{name}.conv.weight", outs, ins, side, side)
        bn(f"{name}.bn", outs)
        if activated:
            put(f"{name}.prelu.weight", outs)

    def block(name):
        conv(f"{name}.conv", WIDE, WIDTH, 1)
        conv(f"{name}.conv_dw", WIDE, 1, 3)
        conv(f"{name}.project", WIDTH, WIDE, 1, activated=False)

    conv("conv1", WIDTH, 3, 3)
    conv("conv2_dw", WIDTH, 1, 3)
    for narrowing, row, count in (
        ("conv_23", "conv_3", 2),
        ("conv_34", "conv_4", 1),
        ("conv_45", "conv_5", 1),
    ):
        block(narrowing)
        for index in range(count):
            block(f"{row}.model.{index}")
    put("conv_3.model.1.se_module.fc1.weight", 2, WIDTH, 1, 1)
    bn("conv_3.model.1.se_module.bn1", 2)
    put("conv_3.model.1.se_module.fc2.weight", WIDTH, 2, 1, 1)
    bn("conv_3.model.1.se_module.bn2", WIDTH)
    conv("conv_6_sep", 7, WIDTH, 1)
    conv("conv_6_dw", 7, 1, 5, activated=False)
    put("linear.weight", 5, 7)
    bn("bn", 5)
    put("prob.weight", 3, 5)
    return tensors


def by_hand(tensors, x):
    """The network step by step in numpy, with batch normalisation as it is written."""
    w = {name.removeprefix("module."): value.astype(np.float64) for name, value in tensors.items()}

    def normalised(x, name):
        shape = (-1, 1, 1) if x.ndim == 3 else (-1,)
        mean, var = w[f"{name}.running_mean"], w[f"{name}.running_var"]
        scale = (w[f"{name}.weight"] / np.sqrt(var + 1e-5)).reshape(shape)
        return (x - mean.reshape(shape)) * scale + w[f"{name}.bias"].reshape(shape)

    def convolved(x, kernel, stride, pad):
        x = np.pad(x, ((0, 0), (pad, pad), (pad, pad)))
        side = kernel.shape[2]
        views = np.lib.stride_tricks.sliding_window_view(x, (side, side), axis=(1, 2))
        views = views[:, ::stride, ::stride]
        if kernel.shape[1] == 1 and x.shape[0] > 1:
            return np.einsum("chwij,cij->chw", views, kernel[:, 0])
        return np.einsum("chwij,ocij->ohw", views, kernel)

    def unit(x, name, stride=1, pad=0, activated=True):
        x = normalised(convolved(x, w[f"{name}.conv.weight"], stride, pad), f"{name}.bn")
        slope = w[f"{name}.prelu.weight"].reshape(-1, 1, 1) if activated else 1
        return np.where(x > 0, x, slope * x)

    def block(x, name, stride=1):
        x = unit(unit(x, f"{name}.conv"), f"{name}.conv_dw", stride, 1)
        return unit(x, f"{name}.project", activated=False)

    def weighed(x, name):
        y = x.mean(axis=(1, 2), keepdims=True)
        y = normalised(convolved(y, w[f"{name}.fc1.weight"], 1, 0), f"{name}.bn1")
        y = normalised(convolved(np.maximum(y, 0), w[f"{name}.fc2.weight"], 1, 0), f"{name}.bn2")
        return x / (1 + np.exp(-y))

    x = unit(unit(x, "conv1", 2, 1), "conv2_dw", 1, 1)
    x = block(x, "conv_23", 2)
    x = x + block(x, "conv_3.model.0")
    x = x + weighed(block(x, "conv_3.model.1"), "conv_3.model.1.se_module")
    x = block(x, "conv_34", 2)
    x = x + block(x, "conv_4.model.0")
    x = block(x, "conv_45", 2)
    x = x + block(x, "conv_5.model.0")
    x = unit(unit(x, "conv_6_sep"), "conv_6_dw", activated=False)
    return w["prob.weight"] @ normalised(w["linear.weight"] @ x.ravel(), "bn")


def test_the_drawn_network_computes_what_the_layers_say(weights):
    x = np.random.default_rng(2).uniform(-1, 1, (3, 80, 80))
    session = ort.InferenceSession(minifasnet(weights), providers=["CPUExecutionProvider"])
    (out,) = session.run(None, {"input": x[None].astype(np.float32)})
    expected = by_hand(weights, x)
    assert np.abs(out[0] - expected).max() < 1e-3 * np.abs(expected).max()


def test_the_tensors_of_a_file_are_read_back(weights):
    read = read_torch_file(torch_file(weights))
    assert list(read) == list(weights)
    for name, tensor in weights.items():
        assert np.array_equal(read[name], tensor)
        assert read[name].dtype == tensor.dtype


def test_a_file_becomes_the_same_network_each_time(weights):
    content = torch_file(weights)
    assert convert(content, "minifasnet") == minifasnet(weights)


@pytest.mark.parametrize("name", ["os.system", "builtins.eval", "torch.load"])
def test_a_file_that_names_another_function_runs_nothing(name, tmp_path):
    module, function = name.rsplit(".", 1)
    trace = tmp_path / "trace"
    out = io.BytesIO()
    for head in (MAGIC, PROTOCOL, {}):
        pickle.dump(head, out, protocol=2)
    out.write(f"c{module}\n{function}\n(Vtouch {trace}\ntR.".encode())
    with pytest.raises(TorchFileError, match=f"asks for {name}"):
        read_torch_file(out.getvalue())
    assert not trace.exists()


@pytest.mark.parametrize("spoil", [lambda c: b"", lambda c: c[:200], lambda c: c[:-1]])
def test_a_broken_file_is_an_error(weights, spoil):
    with pytest.raises(ConversionError, match=r"broken|cut short"):
        convert(spoil(torch_file(weights)), "minifasnet")


def test_a_tensor_out_of_order_is_refused():
    with pytest.raises(TorchFileError, match="not in order"):
        read_torch_file(torch_file({"a": np.ones((2, 3), np.float32)}, stride=(1, 2)))


def test_a_missing_layer_is_named(weights):
    less = {name: value for name, value in weights.items() if "prob" not in name}
    with pytest.raises(ConversionError, match=r"lack 'prob\.weight'"):
        convert(torch_file(less), "minifasnet")
