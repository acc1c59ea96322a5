"""Who uses the console, and what each may do.

                 sees money   asks   refunds   commands   exports
    provider         x          x       x          x         x       all merchants
    merchant         x          x       x          x         x       his own
    store            x          x                            x       what its terminals sold
    operator                                       x                 terminals he looks after

A field operator mends machines of merchants who compete with each other; what they turn over is not
his to know, so no payment, sum or slip is there for him.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Role(Enum):
    """Whose side a user is on."""

    PROVIDER = "provider"
    OPERATOR = "operator"
    MERCHANT = "merchant"
    STORE = "store"


class Act(Enum):
    """What a role allows beside looking at terminals."""

    MONEY = "money"
    QUERY = "query"
    REFUND = "refund"
    COMMAND = "command"
    EXPORT = "export"


MAY: Mapping[Role, frozenset[Act]] = {
    Role.PROVIDER: frozenset(Act),
    Role.MERCHANT: frozenset(Act),
    Role.STORE: frozenset({Act.MONEY, Act.QUERY, Act.EXPORT}),
    Role.OPERATOR: frozenset({Act.COMMAND}),
}


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may sign in; `merchants` and `districts` are an operator's."""

    name: str
    role: Role
    merchant_id: str = ""
    store_id: str = ""
    merchants: frozenset[str] = frozenset()
    districts: frozenset[str] = frozenset()

    def may(self, act: Act) -> bool:
        """Whether his role allows it."""
        return act in MAY[self.role]
