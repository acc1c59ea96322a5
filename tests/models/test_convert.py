from __future__ import annotations

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.convert import ConversionError, convert, dequantise, unfold


def session(model):
    return ort.InferenceSession(model, providers=["CPUExecutionProvider"])


def test_an_unfolded_network_computes_what_its_formula_says(quantised):
    source, constants = quantised
    x = np.random.default_rng(1).normal(size=(1, 3, 5, 9)).astype(np.float32)
    (out,) = session(convert(source, "unfold-free-size")).run(None, {"input": x})
    block = np.array([0, 0, 1])  # three weights in blocks of two
    zeros = constants["w_zeros"].astype(np.float32)[:, block]
    weights = (constants["w_q"].astype(np.float32) - zeros) * constants["w_scales"][:, block]
    assert np.allclose(out, np.einsum("oi,nihw->nohw", weights, x), atol=1e-5)


def test_the_source_as_published_is_refused_by_the_runtime(quantised):
    # If this ever passes, the conversion has become needless.
    with pytest.raises(Exception, match=r"forgotten|block_size"):
        session(quantised[0]).run(None, {"input": np.zeros((1, 3, 64, 64), np.float32)})


def test_only_the_picture_is_left_as_input_and_its_size_is_free(quantised):
    graph = onnx.load_model_from_string(convert(quantised[0], "unfold-free-size")).graph
    assert [i.name for i in graph.input] == ["input"]
    sizes = [d.dim_param or d.dim_value for d in graph.input[0].type.tensor_type.shape.dim]
    assert sizes == [1, 3, "height", "width"]
    assert [t.name for t in graph.initializer] == ["w"]
    assert [n.op_type for n in graph.node] == ["Conv"]


def test_the_same_source_gives_the_same_bytes(quantised):
    assert convert(quantised[0], "unfold-free-size") == convert(quantised[0], "unfold-free-size")


def test_a_network_that_runs_already_is_not_touched(published):
    assert convert(published, "as-it-is") == published


def test_an_unknown_recipe_lists_the_known_ones(published):
    with pytest.raises(ConversionError, match=r"as-it-is.*unfold-free-batch"):
        convert(published, "guess")


def test_a_size_of_an_input_that_does_not_exist_is_an_error(published):
    with pytest.raises(ConversionError, match=r"'data'.*only input"):
        unfold(published, {"data": {0: "batch"}})


def test_scales_that_do_not_fit_the_weights_are_an_error():
    scales = np.ones((1, 3), np.float32)
    with pytest.raises(ConversionError, match="need 2 scales"):
        dequantise(np.zeros((1, 4), np.int8), scales, np.zeros((1, 3), np.int8), axis=1, block=2)


@given(
    length=st.integers(1, 20),
    block=st.integers(1, 8),
    axis=st.integers(0, 1),
    seed=st.integers(0, 2**16),
)
def test_every_weight_has_the_scale_and_zero_point_of_its_block(length, block, axis, seed):
    rng = np.random.default_rng(seed)
    shape, blocks = [3, 3], [3, 3]
    shape[axis], blocks[axis] = length, -(-length // block)
    weights = rng.integers(-128, 128, shape, np.int8)
    scales = rng.uniform(0.001, 1, blocks).astype(np.float32)
    zeros = rng.integers(-128, 128, blocks, np.int8)
    result = dequantise(weights, scales, zeros, axis, block)
    for place in np.ndindex(*shape):
        of = list(place)
        of[axis] //= block
        expected = np.float32(int(weights[place]) - int(zeros[tuple(of)])) * scales[tuple(of)]
        assert result[place] == expected
