"""How a diner has his order: here or to take away, and at which table.

    eat-in, with tables      the number of the table: it is brought there
    eat-in, take-away        the number to pick up by: it is called out

It is kept with the basket: `{"service": "eat-in", "table": "12", "lines": […], …}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

EAT_IN, TAKE_AWAY = "eat-in", "take-away"


@dataclass(frozen=True, slots=True)
class Serving:
    """`service` is EAT_IN, TAKE_AWAY or "" where nobody is served; `table` the number of one."""

    service: str = ""
    table: str = ""

    def __bool__(self) -> bool:
        return bool(self.service)


NOBODY = Serving()


def serving_to_json(serving: Serving) -> dict[str, str]:
    """What is written beside a basket: nothing where nobody is served."""
    if not serving:
        return {}
    return {"service": serving.service, **({"table": serving.table} if serving.table else {})}


def serving_of(basket: Mapping[str, Any]) -> Serving:
    """How the order of a basket that was kept is served."""
    return Serving(str(basket.get("service") or ""), str(basket.get("table") or ""))
