"""Loads a network whose bytes have been checked, on the runtime that was measured fastest.

    onnxruntime   bare convolutions (YuNet: a third of the time)
    opencv        the engine of OpenCV 5's dnn module: PReLU and batch normalisation (SFace, the
                  attack detectors: about half the time)

Both libraries are imported only when a network needs them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from models.errors import ModelUnusable
from models.manifest import Manifest, Model
from models.runtimes import chosen
from models.weights import read_weights

Floats = npt.NDArray[np.float32]


class Net(Protocol):
    """A loaded network. Not safe for two threads at once."""

    def run(self, inputs: Floats) -> list[Floats]:
        """`inputs` is N x 3 x height x width, 0 to 255; answers in the manifest's output order."""
        ...


def load(
    name: str, manifest: Manifest, folder: Path, runtime: str | None = None, threads: int = 1
) -> Net:
    """The network `name`; without `runtime` on the one kept in `folder`, or the manifest's first.

    `threads` is for onnxruntime. OpenCV has one setting for the whole process, `cv2.setNumThreads`,
    which belongs to the process's owner and is left alone here.
    Raises ModelMissing, ModelAltered (the file is never parsed then) or ModelUnusable.
    """
    model = manifest.find(name)
    wanted = runtime or chosen(name, folder) or model.runtimes[0]
    if wanted not in model.runtimes:
        raise ModelUnusable(
            f"{name} is not known to run on {wanted!r}", f"Choose from: {', '.join(model.runtimes)}"
        )
    return _RUNTIMES[wanted](model, read_weights(model, folder), threads)


class OnnxRuntimeNet:
    """A network on onnxruntime's CPU provider."""

    def __init__(self, model: Model, weights: bytes, threads: int) -> None:
        ort = _import("onnxruntime", model)
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # A kiosk's two cores belong to the screen too: waiting threads sleep, memory goes back.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        try:
            self._session: Any = ort.InferenceSession(
                weights, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # its error classes share no base of their own
            raise _refused(model, "onnxruntime", error) from error
        self._input = model.input.name
        self._outputs = list(model.outputs)

    def run(self, inputs: Floats) -> list[Floats]:
        return list(self._session.run(self._outputs, {self._input: inputs}))


class OpenCvNet:
    """A network on the graph engine of OpenCV's dnn module."""

    def __init__(self, model: Model, weights: bytes, threads: int) -> None:
        cv2: Any = _import("cv2", model)
        try:
            content = np.frombuffer(weights, np.uint8)
            self._net = cv2.dnn.readNetFromONNX(content, engine=cv2.dnn.ENGINE_NEW)
        except (cv2.error, AttributeError) as error:
            raise _refused(model, "OpenCV", error) from error
        self._outputs = list(model.outputs)

    def run(self, inputs: Floats) -> list[Floats]:
        self._net.setInput(inputs)
        return list(self._net.forward(self._outputs))


def _import(library: str, model: Model) -> ModuleType:
    try:
        return import_module(library)
    except ImportError as error:
        raise ModelUnusable(
            f"{model.name} needs {library}, which cannot be imported: {error}",
            "Install the extra `vision`",
        ) from error


def _refused(model: Model, library: str, error: Exception) -> ModelUnusable:
    return ModelUnusable(
        f"{library} refuses {model.file}: {error}", "Install the version that the lock names"
    )


_RUNTIMES: Mapping[str, Callable[[Model, bytes, int], Net]] = {
    "onnxruntime": OnnxRuntimeNet,
    "opencv": OpenCvNet,
}
