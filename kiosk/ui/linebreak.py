"""Where a sentence is broken into lines: the toolkit breaks between any two Chinese characters.

A line never begins with a closing mark nor ends with an opening one (GB/T 15834, 5.1), a Latin
word or a number stays whole, and a short sentence is broken where it breathes, into lines of about
equal length.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

CLOSING = "，。、；：？！）》」』】”’…·%,.;:?!)"
OPENING = "（《「『【“‘("
EVEN = 4
"""Up to so many lines are weighed against each other; a longer text is filled line by line."""
BREATHLESS = 0.12
"""What a break in mid-phrase costs; an empty half of a line costs a quarter."""

_PART = re.compile(
    rf"[{re.escape(OPENING)}]*(?:[!-~\u00a0-\u024f]+|.)[{re.escape(CLOSING)}]*\s*", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Part:
    """What is never broken, with its width in pixels."""

    text: str
    width: float

    @property
    def breathes(self) -> bool:
        """Whether a reader pauses after it."""
        return self.text[-1] in CLOSING or self.text[-1].isspace()


def break_lines(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """The lines of `text` in `width` pixels; `measure` gives the width of a piece of it.

    A piece that is wider than the line stands alone on one.
    """
    lines: list[str] = []
    for paragraph in text.splitlines():
        parts = [Part(part, measure(part)) for part in _PART.findall(paragraph)]
        ends = _fill(parts, width)
        if 1 < len(ends) <= EVEN:
            ends = _weigh(parts, width, len(ends)) or ends
        starts = [0, *ends]
        lines += [
            "".join(part.text for part in parts[start:end]).rstrip()
            for start, end in zip(starts, ends, strict=False)
        ]
    return lines


def _fill(parts: Sequence[Part], width: float) -> list[int]:
    """Where lines end when each takes what it can."""
    ends: list[int] = []
    taken = 0.0
    for at, part in enumerate(parts):
        if taken and taken + part.width > width:
            ends.append(at)
            taken = 0.0
        taken += part.width
    return [*ends, len(parts)] if parts else []


def _weigh(parts: Sequence[Part], width: float, count: int) -> list[int] | None:
    """Where `count` lines end that look best; None when a part is wider than a line.

    Best ways to every place with one line, then with two, and so on.
    """
    sums = [0.0]
    for part in parts:
        sums.append(sums[-1] + part.width)
    best: dict[int, tuple[float, list[int]]] = {0: (0.0, [])}
    for _ in range(count):
        longer: dict[int, tuple[float, list[int]]] = {}
        for start, (cost, ends) in best.items():
            for end in range(start + 1, len(parts) + 1):
                room = width - (sums[end] - sums[start])
                if room < 0:
                    break
                pause = end == len(parts) or parts[end - 1].breathes
                sum_of = cost + (room / width) ** 2 + (0.0 if pause else BREATHLESS)
                if end not in longer or sum_of < longer[end][0]:
                    longer[end] = (sum_of, [*ends, end])
        best = longer
    return best[len(parts)][1] if len(parts) in best else None
