"""A detector as InsightFace has them, made of YuNet: nine outputs, two anchors a cell."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

STRIDES = (8, 16, 32)


def scrfd_of(yunet):
    """The bytes of the graph: input (RGB - 127.5) / 128, outputs scores, distances and points."""
    model = onnx.load_model_from_string(yunet)
    graph = model.graph
    nodes = []
    numbers = iter(range(10**6))

    def constant(values, kind=np.float32):
        name = f"made_{next(numbers)}"
        graph.initializer.append(numpy_helper.from_array(np.asarray(values, kind), name))
        return name

    def node(kind, *inputs, to=None, **attributes):
        name = to or f"made_{next(numbers)}"
        nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def columns(name, first, last):
        return node("Slice", name, *(constant([n], np.int64) for n in (first, last, 2)))

    def twice(name, width, second, to):
        """Anchor for anchor: the cell's own, and one that is never sure of anything."""
        pair = node("Concat", name, second, axis=2)
        return node("Reshape", pair, constant([-1, width], np.int64), to=to)

    for stride in STRIDES:
        chance = node("Mul", f"cls_{stride}", f"obj_{stride}")
        score = node("Sqrt", chance)
        twice(score, 1, node("Mul", score, constant(0.0)), f"s{stride}")
        place = columns(f"bbox_{stride}", 0, 2)
        half = node("Mul", node("Exp", columns(f"bbox_{stride}", 2, 4)), constant(0.5))
        box = node("Concat", node("Sub", half, place), node("Add", half, place), axis=2)
        twice(box, 4, box, f"b{stride}")
        points = f"kps_{stride}"
        twice(points, 10, points, f"k{stride}")
    (entry,) = graph.input
    old, entry.name = entry.name, "rgb"
    back = node("Add", node("Mul", "rgb", constant(128.0)), constant(127.5))
    node("Gather", back, constant([2, 1, 0], np.int64), to=old, axis=1)
    whole = [*nodes[-3:], *graph.node, *nodes[:-3]]
    del graph.node[:], graph.output[:]
    graph.node.extend(whole)
    graph.output.extend(
        helper.make_tensor_value_info(f"{letter}{stride}", TensorProto.FLOAT, ["anchors", width])
        for letter, width in (("s", 1), ("b", 4), ("k", 10))
        for stride in STRIDES
    )
    return model.SerializeToString()
