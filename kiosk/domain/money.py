"""Money is an integer number of fen with a currency, never a float.

Every sum on a slip must add up to the fen, so whatever is split (a discount over lines, a tax
over rates) is split by `share`, fen by fen to the parts that rounding took most from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in the smallest unit of its currency; two currencies never mix."""

    fen: int
    currency: str = "CNY"

    def __add__(self, other: Money) -> Money:
        return Money(self.fen + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.fen - self._same(other), self.currency)

    def __mul__(self, times: int) -> Money:
        return Money(self.fen * times, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.fen, self.currency)

    def __bool__(self) -> bool:
        return self.fen != 0

    def __str__(self) -> str:
        return f"{self.currency} {self.yuan}"

    @property
    def yuan(self) -> str:
        """The amount as a decimal string with two places, as Alipay and slips want it."""
        return yuan_text(self.fen)

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")
        return other.fen


ZERO = Money(0)


@lru_cache(4096)  # a day's amounts are few, and its tables write each of them many times
def yuan_text(fen: int) -> str:
    """An amount as a decimal string with two places."""
    yuan, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{yuan}.{rest:02d}"


def share(amount: Money, weights: Sequence[int]) -> tuple[Money, ...]:
    """Split `amount` by `weights` (not negative, one at least positive), exact to the fen.

    Each part is rounded toward zero; the fen that remain go one by one to the parts that lost most
    by that (of equals to the larger weight, then to the first). So the parts always add up to
    `amount`, and where `amount` is at most the sum of the weights no part is over its weight.
    """
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError("weights must not be negative, and one must be positive")
    sign = -1 if amount.fen < 0 else 1
    divided = [divmod(abs(amount.fen) * weight, total) for weight in weights]
    parts = [whole for whole, _ in divided]
    by_loss = sorted(range(len(weights)), key=lambda at: (-divided[at][1], -weights[at]))
    for at in by_loss[: abs(amount.fen) - sum(parts)]:
        parts[at] += 1
    return tuple(Money(sign * part, amount.currency) for part in parts)
