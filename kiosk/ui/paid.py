"""What of a basket is paid already, where it is paid in parts: a line for each part.

A place has room for so many lines; where there are more parts, the oldest are one line together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from kivy.properties import DictProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.messages import PaidPart

_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "face": "parts.face",
        "code": "parts.code",
        "qr": "parts.qr",
        "card": "parts.card",
        "cash": "parts.cash",
    }
)


@dataclass(frozen=True, slots=True)
class PaidLine:
    """One line: an icon, a sentence with what it names, an amount in fen."""

    icon: str
    key: str
    fen: int
    args: Mapping[str, Any] = field(default_factory=dict)


def paid_lines(parts: Sequence[PaidPart], most: int) -> tuple[PaidLine, ...]:
    """The parts in their order, in `most` lines (one at least) that add up to all of them."""
    early = max(len(parts) - most + 1, 0) if len(parts) > most else 0
    lines = [
        PaidLine(
            part.tender if part.tender in _NAMES else "check",
            _NAMES.get(part.tender, "parts.other"),
            part.fen,
        )
        for part in parts[early:]
    ]
    if early:
        fen = sum(part.fen for part in parts[:early])
        lines.insert(0, PaidLine("check", "parts.earlier", fen, {"count": early}))
    return tuple(lines)


class PaidRow(BoxLayout):
    """One of the lines."""

    icon = StringProperty("")
    key = StringProperty("")
    args = DictProperty({})
    fen = NumericProperty(0)


class PaidParts(BoxLayout):
    """All of them, as high as they are; nothing where nothing is paid in parts."""

    most = NumericProperty(3)
    _parts: tuple[PaidPart, ...] = ()

    def show(self, parts: tuple[PaidPart, ...]) -> None:
        """Take over what the core says."""
        if parts == self._parts:
            return
        self._parts = parts
        self.clear_widgets()
        for line in paid_lines(parts, int(self.most)):
            self.add_widget(
                PaidRow(icon=line.icon, key=line.key, args=dict(line.args), fen=line.fen)
            )
