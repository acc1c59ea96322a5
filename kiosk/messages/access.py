"""The words of those who see, reach, hear or move otherwise: aids of a visit, and four keys.

ui ──► core    `SetAids`
core ──► ui    `Aids`, inside `Showing`; `NavKey` for a key of a navigator that the core reads
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Aids:
    """How the screen is to be for whoever stands there; it belongs to the visit, as a language.

    `large` text, `contrast`, `low` (all that is touched within low reach), `calm` (nothing moves),
    `speech` (spoken guidance), `curtain` (a dark screen: nobody else reads along).
    """

    large: bool = False
    contrast: bool = False
    low: bool = False
    calm: bool = False
    speech: bool = False
    curtain: bool = False


class Key(Enum):
    """The keys of a navigator."""

    PREVIOUS = "PREVIOUS"
    NEXT = "NEXT"
    SELECT = "SELECT"
    HELP = "HELP"
    """Says again what is on the screen; begins spoken guidance where it is off."""


@dataclass(frozen=True, slots=True)
class SetAids:
    """The shopper wants the screen so, for this visit."""

    aids: Aids


@dataclass(frozen=True, slots=True)
class NavKey:
    """A key of the navigator was pressed."""

    key: Key


AccessCommand = SetAids
