"""What happened, on this machine's disk: the only truth, from which every queue is a question."""

from kiosk.ledger.errors import (
    LedgerBusy,
    LedgerDamaged,
    LedgerError,
    LedgerFull,
    LedgerReadOnly,
)
from kiosk.ledger.ledger import Ledger
from kiosk.ledger.rows import Delivery, DeliveryState, RefundDue
from kiosk.ledger.shelf import ChainReport

__all__ = [
    "ChainReport",
    "Delivery",
    "DeliveryState",
    "Ledger",
    "LedgerBusy",
    "LedgerDamaged",
    "LedgerError",
    "LedgerFull",
    "LedgerReadOnly",
    "RefundDue",
]
