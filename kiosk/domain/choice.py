"""What was chosen with a dish: an option as a line of the basket keeps it.

It stands on its own, names and price included, because the menu may be another one tomorrow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kiosk.domain.money import ZERO, Money


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of one group; `price` is what it adds to each dish of the line."""

    group: str
    code: str
    name_zh: str
    name_en: str = ""
    price: Money = ZERO

    def __post_init__(self) -> None:
        if self.price.fen < 0:
            raise ValueError(f"{self.code}: an option never makes a dish cheaper")

    def name(self, language: str) -> str:
        """The name in `language`; the Chinese one where there is no other."""
        return (self.name_en if language == "en" else self.name_zh) or self.name_zh


def names_of(choices: Iterable[Choice]) -> dict[str, str]:
    """All of them in one text, by language: 大份、少冰 and Large, less ice."""
    all_of_them = tuple(choices)
    return {
        "zh": "、".join(each.name_zh for each in all_of_them),
        "en": ", ".join(each.name("en") for each in all_of_them),
    }


def choice_to_json(choice: Choice) -> dict[str, object]:
    """The choice as the ledger keeps it."""
    return {
        "group": choice.group,
        "code": choice.code,
        "zh": choice.name_zh,
        "en": choice.name_en,
        "fen": choice.price.fen,
    }


def choice_from_json(body: Mapping[str, Any], currency: str) -> Choice:
    """What `choice_to_json` wrote; raises KeyError, TypeError or ValueError for anything else."""
    group, code, zh, en = (str(body[key]) for key in ("group", "code", "zh", "en"))
    return Choice(group, code, zh, en, Money(int(body["fen"]), currency))
