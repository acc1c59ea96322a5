"""What is played: every path with what goes wrong on it, dealt out to lanes of like length.

A lane is one shop in which its cells are played in turn (crash.py), so all its paths want the same
shop: with a camera (face), with a kitchen and a dispenser (goods), or plain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.prove import baskets, paths
from tests.prove.faults import (
    SAMPLE,
    Fault,
    back_faults,
    basket_faults,
    code_faults,
    face_faults,
    goods_faults,
)

PATHS: Mapping[str, type[paths.Way]] = {
    "code": paths.Way,
    "face": paths.ByFace,
    "refund": paths.GivesBack,
    "part": paths.PartBack,
    "second": paths.SecondPart,
    "tills": paths.TwoTills,
    "late": paths.PaidLate,
    "copy": paths.CopyOfSlip,
    "qr": baskets.ByQr,
    "qr-left": baskets.LeavesQr,
    "qr-alone": baskets.LeavesQrAlone,
    "parts": baskets.InParts,
    "parts-qr": baskets.InPartsByQr,
    "rest": baskets.Rest,
    "rest-qr": baskets.RestByQr,
    "left": baskets.LeavesParts,
    "goods": baskets.Goods,
}


def _with(faults: Mapping[str, Sequence[Fault]]) -> list[tuple[str, Fault]]:
    return [(path, fault) for path, each in faults.items() for fault in each]


_CODE = _with({"code": code_faults()})
_BACK = _with(back_faults())
_BASKETS = _with(basket_faults())
LANES: Mapping[str, Sequence[tuple[str, Fault]]] = {
    "back-0": _BACK[0::3],
    "back-1": _BACK[1::3],
    "back-2": _BACK[2::3],
    "baskets-0": _BASKETS[0::2],
    "baskets-1": _BASKETS[1::2],
    "code-0": _CODE[0::2],
    "code-1": _CODE[1::2],
    "goods": _with({"goods": goods_faults()}),
    "face": _with({"face": face_faults()}),
    "sample": [("code", fault) for fault in SAMPLE],
}
"""What is played in one shop, by turns: a path and what goes wrong on it; the longest first."""
