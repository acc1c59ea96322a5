"""What this kiosk asks the fleet on the way down, and what it understands of the answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from kiosk.down.orders import Order
from kiosk.uplink import FleetLine, Unreachable


@dataclass(frozen=True, slots=True)
class Newer:
    """A document that this kiosk has not taken note of; version 0: none is desired any more."""

    version: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of this kiosk now."""

    commands: list[Order] = field(default_factory=list)
    documents: dict[str, Newer] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Says:
    """What this kiosk has to say when it asks."""

    seen: Mapping[str, int]
    states: Sequence[Mapping[str, Any]]
    holding: Sequence[str]
    answers: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class _Text:
    version: int
    sha256: str
    text: str


class Desk:
    """Over one line, which only its thread uses. Everything raises FleetError."""

    def __init__(self, line: FleetLine) -> None:
        self._line = line

    def ask(self, says: Says, wait: float) -> Wanted:
        """What is wanted, at once or within `wait` seconds; then the fleet has what was said."""
        body = {
            "wait": wait,
            "seen": dict(says.seen),
            "states": list(says.states),
            "holding": list(says.holding),
            "answers": list(says.answers),
        }
        told = self._line.post("/v1/down", json.dumps(body).encode())
        try:
            wanted = msgspec.convert(told, Wanted)
        except msgspec.ValidationError as error:
            raise Unreachable(f"the fleet's answer cannot be understood: {error}") from error
        # Only what it may say: nothing that came over the wire is begun or answered.
        orders = [Order(one.command_id, one.what, one.arguments) for one in wanted.commands]
        return Wanted(orders, wanted.documents)

    def fetch(self, kind: str, newer: Newer) -> str:
        """The text of a document, whole."""
        if newer.version == 0:
            return ""
        body = json.dumps({"version": newer.version}).encode()
        told = self._line.post(f"/v1/down/{kind}", body)
        try:
            found = msgspec.convert(told, _Text)
        except msgspec.ValidationError as error:
            raise Unreachable(f"the fleet's {kind} cannot be understood: {error}") from error
        if hashlib.sha256(found.text.encode()).hexdigest() != newer.sha256:
            raise Unreachable(f"the fleet's {kind} is not the one that it named")
        return found.text

    def close(self) -> None:
        """Let go of the line."""
        self._line.close()
