"""What the shop has to say to somebody who has paid: a picture, a sentence, perhaps a coupon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Banner:
    """Shown from `first` to `last`, both included; `coupon` is what a scanner reads."""

    zh: str
    en: str = ""
    picture: str = ""
    first: date | None = None
    last: date | None = None
    coupon: str = ""

    def runs(self, day: date) -> bool:
        """Whether it is shown that day."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

    @property
    def names(self) -> dict[str, str]:
        """Its sentence by language."""
        return {"zh": self.zh, "en": self.en or self.zh}


def banner_of(banners: Sequence[Banner], day: date, turn: int) -> Banner | None:
    """Whose turn it is, one visit after the other; None where none runs."""
    running = [each for each in banners if each.runs(day)]
    return running[turn % len(running)] if running else None
