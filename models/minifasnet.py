"""Draws the graph of a MiniFASNet around its published weights, which come without one.

    input 3 x 80 x 80 -> conv1 (half) -> conv2_dw
      -> conv_23 (half) -> conv_3 (4 blocks) -> conv_34 (half) -> conv_4 (6)
      -> conv_45 (half) -> conv_5 (2)
      -> conv_6_sep -> conv_6_dw (5 x 5 to one cell) -> linear -> bn -> prob -> 3 numbers

A block widens (1 x 1), looks around each channel (3 x 3), narrows (1 x 1) and is added to what came
in; the last of a row may weigh its channels first (squeeze and excitation). How many blocks there
are and how wide is read from the weights. Batch normalisation is folded into the layer before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

Array = npt.NDArray[np.generic]
Floats = npt.NDArray[np.float32]

EPSILON = 1e-5
"""PyTorch's default, which the training used."""
OPERATORS = 17
FORMAT = 8
"""Version of the file's form; older than the runtimes, so that all of them read it."""


def minifasnet(weights: Mapping[str, Array]) -> bytes:
    """The network as ONNX; raises KeyError if a tensor is missing."""
    graph = _Graph({name.removeprefix("module."): value for name, value in weights.items()})
    x = graph.activated("input", "conv1", stride=2, pad=1)
    x = graph.activated(x, "conv2_dw", pad=1, in_groups=True)
    for narrowing, row in (("conv_23", "conv_3"), ("conv_34", "conv_4"), ("conv_45", "conv_5")):
        x = graph.block(x, narrowing, stride=2)
        for index in range(graph.blocks(row)):
            x = graph.residual(x, f"{row}.model.{index}")
    x = graph.activated(x, "conv_6_sep")
    x = graph.convolved(x, "conv_6_dw.conv", "conv_6_dw.bn", in_groups=True)
    x = graph.add("Flatten", [x], axis=1)
    x = graph.linear(x, "linear", "bn")
    graph.linear(x, "prob", None, output="output")
    return graph.file()


class _Graph:
    """Nodes and constants in the order of the network, named by the weights' own names."""

    def __init__(self, weights: Mapping[str, Array]) -> None:
        self._weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def blocks(self, row: str) -> int:
        """How many blocks the row has."""
        names = {n.split(".")[2] for n in self._weights if n.startswith(f"{row}.model.")}
        return len(names)

    def activated(
        self, x: str, name: str, stride: int = 1, pad: int = 0, *, in_groups: bool = False
    ) -> str:
        """Convolution, normalisation, PReLU."""
        x = self.convolved(
            x, f"{name}.conv", f"{name}.bn", stride=stride, pad=pad, in_groups=in_groups
        )
        slope = self._floats(f"{name}.prelu.weight").reshape(-1, 1, 1)
        return self.add("PRelu", [x, self._constant(f"{name}.slope", slope)])

    def convolved(
        self,
        x: str,
        conv: str,
        bn: str,
        stride: int = 1,
        pad: int = 0,
        *,
        in_groups: bool = False,
    ) -> str:
        """Convolution with the normalisation folded in; `in_groups` = each channel by itself."""
        weights = self._floats(f"{conv}.weight")
        scale, shift = self._normalisation(bn)
        return self.add(
            "Conv",
            [
                x,
                self._constant(f"{conv}.weight", weights * scale.reshape(-1, 1, 1, 1)),
                self._constant(f"{conv}.bias", shift),
            ],
            kernel_shape=list(weights.shape[2:]),
            strides=[stride, stride],
            pads=[pad] * 4,
            group=weights.shape[0] if in_groups else 1,
        )

    def block(self, x: str, name: str, stride: int = 1) -> str:
        """Widen, look around, narrow."""
        x = self.activated(x, f"{name}.conv")
        x = self.activated(x, f"{name}.conv_dw", stride=stride, pad=1, in_groups=True)
        return self.convolved(x, f"{name}.project.conv", f"{name}.project.bn")

    def residual(self, x: str, name: str) -> str:
        """A block added to its own input."""
        y = self.block(x, name)
        if f"{name}.se_module.fc1.weight" in self._weights:
            y = self._weighed(y, f"{name}.se_module")
        return self.add("Add", [x, y])

    def linear(self, x: str, name: str, bn: str | None, output: str | None = None) -> str:
        """A matrix without bias, with the normalisation after it folded in."""
        weights = self._floats(f"{name}.weight")
        inputs = [x]
        if bn is None:
            inputs.append(self._constant(f"{name}.weight", weights))
        else:
            scale, shift = self._normalisation(bn)
            inputs.append(self._constant(f"{name}.weight", weights * scale.reshape(-1, 1)))
            inputs.append(self._constant(f"{name}.bias", shift))
        return self.add("Gemm", inputs, output, transB=1)

    def add(self, kind: str, inputs: list[str], output: str | None = None, **options: Any) -> str:
        name = output or f"x{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [name], **options))
        return name

    def file(self) -> bytes:
        sizes = {"input": [1, 3, 80, 80], "output": [1, 3]}
        ends = {n: helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in sizes.items()}
        graph = helper.make_graph(
            self._nodes, "minifasnet", [ends["input"]], [ends["output"]], self._constants
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPERATORS)], ir_version=FORMAT
        )
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString(deterministic=True))

    def _weighed(self, x: str, name: str) -> str:
        """Squeeze and excitation: one weight a channel, from the means of all."""
        y = self.add("GlobalAveragePool", [x])
        y = self.add("Relu", [self.convolved(y, f"{name}.fc1", f"{name}.bn1")])
        y = self.add("Sigmoid", [self.convolved(y, f"{name}.fc2", f"{name}.bn2")])
        return self.add("Mul", [x, y])

    def _normalisation(self, name: str) -> tuple[Floats, Floats]:
        """What batch normalisation multiplies by, and what it adds, once training is over."""
        spread = np.sqrt(self._floats(f"{name}.running_var") + np.float32(EPSILON))
        scale = self._floats(f"{name}.weight") / spread
        shift = self._floats(f"{name}.bias") - self._floats(f"{name}.running_mean") * scale
        return scale, shift

    def _floats(self, name: str) -> Floats:
        return self._weights[name].astype(np.float32)

    def _constant(self, name: str, value: Floats) -> str:
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name
