"""The contract's values as JSON, both ways: each dataclass is a table that says what it `is`.

    Approved("42…", 1280)  ◄─►  {"is": "Approved", "transaction_id": "42…", "fen": 1280}

Reading is strict: the very fields, each of its own type, nothing beside them. An answer that cannot
be read is no answer, and a request that cannot be read was never made.
"""

from __future__ import annotations

import dataclasses
import json
import math
import types
import typing
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache
from typing import Any, NoReturn

from kiosk.channels.gateway.calls import CALLS, Failure

KIND = "is"
_MOST = 2**53  # what any JSON reader keeps exactly


def write_request(values: Sequence[object]) -> bytes:
    """What is asked, in the order of the call."""
    return _dump([_written(value) for value in values])


def read_request(call: str, body: bytes) -> list[Any]:
    """What a call is asked with. Raises ValueError, which never repeats what came."""
    document = _load(body)
    asks = CALLS[call].asks
    if type(document) is not list or len(document) != len(asks):
        raise ValueError(f"{call} is asked with {len(asks)} values")
    return [_read(kind, value, kind.__name__) for kind, value in zip(asks, document, strict=True)]


def write_answer(value: object) -> bytes:
    """One answer of the contract, or a Failure."""
    return _dump(_written(value))


def read_answer(call: str, body: bytes) -> Any:
    """The answer of a call, or a Failure. Raises ValueError, which never repeats what came."""
    return _read(CALLS[call].answers | Failure, _load(body), call)


def _dump(document: object) -> bytes:
    return json.dumps(document, separators=(",", ":"), allow_nan=False).encode()


def _load(body: bytes) -> Any:
    try:
        return json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError):
        # `from None`: the library's error holds the text, and with it the payment code
        raise ValueError("not JSON") from None


def _no_number(_text: str) -> NoReturn:
    raise ValueError("not a number")


def _written(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = (one.name for one in dataclasses.fields(value))
        fields = {name: _written(getattr(value, name)) for name in names}
        return {KIND: type(value).__name__, **fields}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (tuple, list)):
        return [_written(one) for one in value]
    return value


def _read(hint: Any, document: Any, where: str) -> Any:
    """The document as `hint` says; `where` names the place for who must mend it."""
    if isinstance(hint, types.UnionType):
        named = document.get(KIND) if type(document) is dict else None
        kinds = {kind.__name__: kind for kind in typing.get_args(hint)}
        if type(named) is not str or named not in kinds:
            raise ValueError(f"{where} is none of {', '.join(sorted(kinds))}")
        return _read(kinds[named], document, where)
    if typing.get_origin(hint) is not None:  # tuple[X, ...] or Sequence[X]
        if type(document) is not list:
            raise ValueError(f"{where} is no list")
        inner = typing.get_args(hint)[0]
        return tuple(_read(inner, one, where) for one in document)
    if dataclasses.is_dataclass(hint):
        return _read_table(hint, document, where)
    if issubclass(hint, Enum):
        return _read_enum(hint, document, where)
    return _read_plain(hint, document, where)


def _read_table(kind: Any, document: Any, where: str) -> Any:
    hints = _hints(kind)
    if type(document) is not dict or document.keys() != {KIND, *hints}:
        raise ValueError(f"{where} is not a {kind.__name__} with its fields")
    if document[KIND] != kind.__name__:
        raise ValueError(f"{where} is no {kind.__name__}")
    return kind(
        **{name: _read(hint, document[name], f"{where}.{name}") for name, hint in hints.items()}
    )


def _read_enum(kind: type[Enum], document: Any, where: str) -> Enum:
    if type(document) is not str or document not in {member.value for member in kind}:
        raise ValueError(f"{where} is no {kind.__name__}")
    return kind(document)


def _read_plain(kind: type, document: Any, where: str) -> Any:
    if kind is float and type(document) is int:
        document = float(document) if abs(document) < _MOST else math.inf
    fits = type(document) is kind
    if fits and kind in (int, float):
        fits = -_MOST < document < _MOST
    if not fits:
        raise ValueError(f"{where} is no {kind.__name__}")
    return document


@lru_cache(64)
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)
