"""Turns a published network into one that runs here, without changing what it computes.

The block-quantised files of 2023 fail as shipped: one lists its weights as inputs, the other uses a
per-tensor operator with a block size. Their weights are unfolded once to 32-bit floats:

    weight[i] = (quantised[i] - zero_point[i // block]) * scale[i // block]      along one axis

The result is the same bytes on every machine (only one subtraction and one multiplication of floats
a weight, tensors and nodes in the order of the source), so the manifest can pin its SHA-256.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper

from models.minifasnet import minifasnet
from models.torch_file import TorchFileError, read_torch_file

FreeAxes = Mapping[str, Mapping[int, str]]
"""Graph input -> axis number -> name of the size that becomes free."""

_Arrays = dict[str, npt.NDArray[np.generic]]


class ConversionError(Exception):
    """The file is not a network of the kind its recipe expects."""


def convert(source: bytes, recipe: str) -> bytes:
    """The runnable form of `source`; `recipe` is a word of the manifest.

    Raises ConversionError for an unknown recipe or a graph that does not fit it.
    """
    try:
        run = _RECIPES[recipe]
    except KeyError:
        known = ", ".join(sorted(_RECIPES))
        raise ConversionError(f"unknown recipe {recipe!r}; known: {known}") from None
    return run(source)


def unfold(source: bytes, free_axes: FreeAxes) -> bytes:
    """Unfolds quantised weights, drops inputs that are weights, and frees the named sizes."""
    model = onnx.load_model_from_string(source)
    constants: _Arrays = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    kept = [node for node in model.graph.node if not _fold(node, constants)]
    del model.graph.node[:]
    model.graph.node.extend(kept)
    _keep_used_constants(model.graph, constants)
    _keep_real_inputs(model.graph)
    del model.graph.value_info[:]
    _free(model.graph, free_axes)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))


def dequantise(
    quantised: npt.NDArray[np.generic],
    scale: npt.NDArray[np.float32],
    zero_point: npt.NDArray[np.generic],
    axis: int,
    block: int,
) -> npt.NDArray[np.float32]:
    """What DequantizeLinear of ONNX operator set 21 does with a block size.

    One scale and one zero point belong to each run of `block` numbers along `axis`.
    """
    length = quantised.shape[axis]
    blocks = -(-length // block)
    if scale.shape[axis] != blocks or zero_point.shape != scale.shape:
        raise ConversionError(
            f"{length} weights in blocks of {block} need {blocks} scales along axis {axis}, "
            f"found scales {scale.shape} and zero points {zero_point.shape}"
        )

    def spread(values: npt.NDArray[np.generic]) -> npt.NDArray[np.float32]:
        wide = np.repeat(values.astype(np.float32), block, axis=axis)
        return np.take(wide, np.arange(length), axis=axis)

    return (quantised.astype(np.float32) - spread(zero_point)) * spread(scale)


def _fold(node: onnx.NodeProto, constants: _Arrays) -> bool:
    """Computes `node` now if it only unfolds weights; its output becomes a constant."""
    if node.op_type not in ("DequantizeLinear", "Reshape"):
        return False
    if not all(name in constants for name in node.input):
        return False
    values = [constants[name] for name in node.input]
    if node.op_type == "Reshape":
        constants[node.output[0]] = values[0].reshape([int(n) for n in values[1]])
        return True
    numbers = {a.name: a.i for a in node.attribute}
    constants[node.output[0]] = dequantise(
        values[0],
        values[1].astype(np.float32),
        values[2],
        axis=int(numbers.get("axis", 1)),
        block=int(numbers.get("block_size", 0)) or values[0].shape[int(numbers.get("axis", 1))],
    )
    return True


def _keep_used_constants(graph: onnx.GraphProto, constants: _Arrays) -> None:
    used = dict.fromkeys(name for node in graph.node for name in node.input)
    del graph.initializer[:]
    graph.initializer.extend(
        numpy_helper.from_array(np.ascontiguousarray(constants[name]), name)
        for name in used
        if name in constants
    )


def _keep_real_inputs(graph: onnx.GraphProto) -> None:
    constants = {t.name for t in graph.initializer}
    used = {name for node in graph.node for name in node.input}
    real = [i for i in graph.input if i.name in used and i.name not in constants]
    if not real:
        raise ConversionError("the graph has no input left")
    del graph.input[:]
    graph.input.extend(real)


def _free(graph: onnx.GraphProto, free_axes: FreeAxes) -> None:
    inputs = {i.name: i for i in graph.input}
    for name, axes in free_axes.items():
        if name not in inputs:
            raise ConversionError(f"the graph has no input {name!r}, only {', '.join(inputs)}")
        for axis, word in axes.items():
            inputs[name].type.tensor_type.shape.dim[axis].dim_param = word
    for output in graph.output:
        for size in output.type.tensor_type.shape.dim:
            # The sizes of the outputs follow from the inputs; a wrong promise is worse than none.
            size.Clear()


def _as_it_is(source: bytes) -> bytes:
    onnx.checker.check_model(onnx.load_model_from_string(source))
    return source


def _minifasnet(source: bytes) -> bytes:
    try:
        return minifasnet(read_torch_file(source))
    except TorchFileError as error:
        raise ConversionError(str(error)) from error
    except KeyError as error:
        raise ConversionError(f"the weights lack {error}") from error


_RECIPES: Mapping[str, Callable[[bytes], bytes]] = {
    "as-it-is": _as_it_is,
    "minifasnet": _minifasnet,
    "unfold-free-size": lambda source: unfold(source, {"input": {2: "height", 3: "width"}}),
    "unfold-free-batch": lambda source: unfold(source, {"data": {0: "batch"}}),
}
