"""Reads the weights out of a PyTorch file of before 2020, without PyTorch and without trusting it.

    pickle magic number │ pickle protocol │ pickle machine │ pickle state dict │ pickle storage keys
    then for each key   int64 count │ count numbers, little-endian

A pickle can name any function to be called. This reader knows four names and answers each with code
of its own; any other name is an error before anything runs.
"""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.generic]
MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001


class TorchFileError(Exception):
    """The bytes are not a file of that kind, or name something that weights have no need of."""


def read_torch_file(content: bytes) -> dict[str, Array]:
    """The tensors by name; raises TorchFileError."""
    stream = io.BytesIO(content)
    try:
        if _Plain(stream).load() != MAGIC or _Plain(stream).load() != PROTOCOL:
            raise TorchFileError("not a PyTorch file of the old form")
        _Plain(stream).load()
        reader = _Tensors(stream)
        tensors = reader.load()
        keys = _Plain(stream).load()
        for key in keys:
            reader.storages[key].fill(stream)
        return {str(name): tensor.read() for name, tensor in tensors.items()}
    except TorchFileError:
        raise
    except Exception as error:  # a broken pickle can raise almost anything
        raise TorchFileError(f"the file is broken: {error!r}") from error


class _Storage:
    """A run of numbers that tensors look into."""

    def __init__(self, kind: np.dtype[np.generic], count: int) -> None:
        self._kind = kind
        self._count = count
        self.numbers: Array = np.empty(0, kind)

    def fill(self, stream: io.BytesIO) -> None:
        count = int.from_bytes(stream.read(8), "little")
        content = stream.read(self._count * self._kind.itemsize)
        if count != self._count or len(content) != self._count * self._kind.itemsize:
            raise TorchFileError("a run of numbers is cut short")
        self.numbers = np.frombuffer(content, self._kind)


@dataclass(frozen=True, slots=True)
class _Tensor:
    """A view into a storage; only whole, ordered ones occur in a state dict."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]

    def read(self) -> Array:
        count = int(np.prod(self.shape, dtype=np.int64))
        numbers = self.storage.numbers[self.offset : self.offset + count]
        return numbers.reshape(self.shape)


class _Plain(pickle.Unpickler):
    """Numbers, words, lists; no name at all."""

    def find_class(self, module: str, name: str) -> Callable[..., object]:
        raise TorchFileError(f"the file asks for {module}.{name}")


class _Tensors(_Plain):
    """The state dict: names of tensors, and which storage each looks into."""

    def __init__(self, stream: io.BytesIO) -> None:
        super().__init__(stream)
        self.storages: dict[str, _Storage] = {}

    def find_class(self, module: str, name: str) -> Callable[..., object]:
        try:
            return _KNOWN[f"{module}.{name}"]
        except KeyError:
            return super().find_class(module, name)

    def persistent_load(self, pid: Sequence[object]) -> _Storage:
        word, kind, key, _place, count, view = pid
        if word != "storage" or view is not None:
            raise TorchFileError(f"unknown storage {pid!r}")
        assert isinstance(count, int)
        if str(key) not in self.storages:
            self.storages[str(key)] = _Storage(np.dtype(_KINDS[kind]), count)
        return self.storages[str(key)]


def _tensor(
    storage: _Storage, offset: int, size: Sequence[int], stride: Sequence[int], *_rest: object
) -> _Tensor:
    shape = tuple(int(n) for n in size)
    step = 1
    for length, found in zip(reversed(shape), reversed(tuple(stride)), strict=True):
        if found != step:
            raise TorchFileError(f"a tensor of shape {shape} is not in order")
        step *= length
    return _Tensor(storage, int(offset), shape)


def _floats() -> None:
    """Only a name for 32-bit floats."""


def _longs() -> None:
    """Only a name for 64-bit integers."""


_KINDS: Mapping[object, str] = {_floats: "<f4", _longs: "<i8"}
_KNOWN: Mapping[str, Callable[..., object]] = {
    "collections.OrderedDict": OrderedDict,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch.FloatStorage": _floats,
    "torch.LongStorage": _longs,
}
