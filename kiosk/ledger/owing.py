"""What a payment that is PAID is owed, from the priced basket that was written with it.

the whole, or its last part     the slip (key: the number), and each thing that the basket owes:
                                number/kitchen-1, number/drop-1, number/drop-2 …
a part that leaves some due     number/part: goods or money, until the basket is paid or given up

{"lines": […], "total_fen": 1280,          a basket that is paid in parts names those before
 "paid": [{"out_trade_no": "…", "fen": 500}],
 "owed": [{"kind": "drop", "slot": 3}, …]}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kiosk.domain.owed import owed_keys

PART = "part"
SLIP = "slip"


def part_key(out_trade_no: str) -> str:
    """The key of what is owed for a part."""
    return f"{out_trade_no}/{PART}"


def goods_of(out_trade_no: str, basket: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Key, kind and body of everything that is owed for the whole basket, the slip first."""
    yield out_trade_no, SLIP, {}
    for key, item in owed_keys(out_trade_no, basket):
        yield key, item["kind"], item
