"""How a notice is written, sent and taken: what both wires have in common.

The XML wire's own letters are in `xml_letters.py`, those of the third version in `v3/letters.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from kiosk.sandbox.notices import News, Notice
from kiosk.sandbox.posting import Answer
from kiosk.sandbox.scripts import Faults


@dataclass(frozen=True, slots=True)
class Letter:
    """One notify as it goes out; not `sound` where a merchant who reads it well refuses it."""

    headers: Mapping[str, str]
    body: bytes
    sound: bool


class Letters(Protocol):
    """The words of one wire."""

    def write(self, notice: Notice, news: News, faults: Faults) -> Letter:
        """A notify; its signature is wrong where `signtest` or `wrong-signature` strikes."""

    def taken(self, answer: Answer) -> bool:
        """Whether the merchant has accepted it: nothing more is sent then."""
