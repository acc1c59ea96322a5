"""How a delivery ended, and the two entries around the call of its device.

done  probable  dropped     the shopper has it           handed over      staff gave it to him
failed                      surely not                   not handed over  staff did not
unknown                     nobody can tell              late             not even tried
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hardware.devices import DropOutcome, PrintOutcome
from hardware.errors import DeviceError
from kiosk.ledger import DeliveryState, Ledger

FAILED, UNKNOWN = PrintOutcome.FAILED.value, PrintOutcome.UNKNOWN.value
LATE = "late"
HANDED, NOT_HANDED = "handed over", "not handed over"
_TAKEN = {PrintOutcome.DONE.value, PrintOutcome.PROBABLE.value, DropOutcome.DROPPED.value, HANDED}


@dataclass(frozen=True, slots=True)
class Ended:
    """One word, and where something went wrong, the cause and the mend for the attendant."""

    word: str
    cause: str = ""
    mend: str = ""

    @property
    def kept(self) -> str:
        """As the ledger keeps it."""
        return f"{self.word}: {self.cause}" if self.cause else self.word


def word_of(result: str) -> str:
    """The word of a result that was kept."""
    return result.partition(": ")[0]


def taken(result: str) -> bool:
    """Whether the shopper has it, as far as the result tells."""
    return word_of(result) in _TAKEN


def carry_out(
    ledger: Ledger, key: str, kind: str, body: Mapping[str, Any], act: Callable[[], Ended]
) -> Ended | None:
    """Write that it begins, do it, write how it ended; None where it was begun before.

    Raises LedgerError: before the act it has not happened, after it it has no result.
    """
    known = ledger.delivery(key)
    if known is not None and known.state is not DeliveryState.OWED:
        return None
    ledger.start_delivery(key, kind, body)
    try:
        ended = act()
    except DeviceError as error:
        ended = Ended(FAILED, error.cause, error.mend)
    ledger.end_delivery(key, ended.kept)
    return ended


def free_key(ledger: Ledger, front: str) -> str:
    """`front`-1, or the first number behind it that no delivery has."""
    index = 1
    while ledger.delivery(f"{front}-{index}") is not None:
        index += 1
    return f"{front}-{index}"
