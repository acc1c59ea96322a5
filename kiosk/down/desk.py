"""What this kiosk asks the fleet on the way down, and what it understands of the answers."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import msgspec

from kiosk.down.documents import Documents
from kiosk.down.orders import Order, Orders
from kiosk.uplink import FleetLine, Unreachable


@dataclass(frozen=True, slots=True)
class Newer:
    """A document that this kiosk has not taken note of; version 0: none is desired any more."""

    version: int
    sha256: str


@dataclass(frozen=True, slots=True)
class _Command:
    command_id: str
    what: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Wanted:
    commands: list[_Command]
    documents: dict[str, Newer]


@dataclass(frozen=True, slots=True)
class _Text:
    version: int
    sha256: str
    text: str


class Desk:
    """Over one line, which only its thread uses. Everything raises FleetError and OSError."""

    def __init__(self, line: FleetLine, documents: Documents, orders: Orders) -> None:
        self._line, self._documents, self._orders = line, documents, orders

    def ask(self, wait: float) -> dict[str, Newer]:
        """Tell what is new here, and wait at most so many seconds for what is wanted.

        Orders are on the disk then, documents are to be fetched.
        """
        states, answers = self._documents.news(), self._orders.answers()
        body = {
            "wait": wait,
            "seen": self._documents.seen(),
            "states": states,
            "holding": self._orders.holding(),
            "answers": answers,
        }
        told = self._line.post("/v1/down", json.dumps(body).encode())
        try:
            wanted = msgspec.convert(told, _Wanted)
        except msgspec.ValidationError as error:
            raise Unreachable(f"the fleet's answer cannot be understood: {error}") from error
        self._documents.acknowledge(states)
        self._orders.acknowledge([one["command_id"] for one in answers])
        self._orders.take(Order(one.command_id, one.what, one.arguments) for one in wanted.commands)
        return wanted.documents

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
