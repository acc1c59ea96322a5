"""A till that writes a genuine chain of entries, without a ledger behind it."""

from __future__ import annotations

import json

from kiosk.domain.entry import Entry, entry_to_json, follow
from kiosk.domain.money import Money
from kiosk.domain.payment import (
    Approved,
    Event,
    Method,
    Payment,
    Submit,
    event_to_json,
    payment_to_json,
)
from kiosk.domain.refund import (
    Refund,
    RefundDone,
    RefundEvent,
    SendRefund,
    refund_event_to_json,
    refund_to_json,
)

NOON = 1_790_222_400_000  # 2026-09-24 12:00 in China
TODAY = 20260924
FEN = 1280


class Till:
    """`entries` is what it has written; `copy` is its disk, to be put back later."""

    def __init__(self, entries: list[Entry] | None = None) -> None:
        self.entries = list(entries or [])

    def copy(self) -> Till:
        return Till(self.entries)

    def write(self, kind: str, key: str, body: dict, at_ms: int = NOON) -> Entry:
        last = self.entries[-1] if self.entries else None
        self.entries.append(follow(last, at_ms, kind, key, body))
        return self.entries[-1]

    def open(self, number: str, fen: int = FEN, channel: str = "wechatpay") -> None:
        payment = Payment(number, f"v{number}", channel, Method.FACE, Money(fen), NOON)
        self.write("payment_opened", number, {"payment": payment_to_json(payment), "basket": {}})
        self.event(number, Submit(NOON))

    def event(self, number: str, event: Event, at_ms: int = NOON) -> None:
        self.write("payment", number, event_to_json(event), at_ms)

    def sell(self, number: str, fen: int = FEN) -> None:
        self.open(number, fen)
        self.event(number, Approved(f"42{number}", fen))

    def give_back(self, number: str, fen: int = FEN) -> None:
        name = f"{number}R1"
        refund = Refund(name, number, "wechatpay", Money(FEN), Money(fen), "", NOON)
        self.write("refund_opened", name, {"refund": refund_to_json(refund)})
        for event in (SendRefund(NOON), RefundDone(f"50{number}", fen)):
            self.refund_event(name, event)

    def refund_event(self, name: str, event: RefundEvent) -> None:
        self.write("refund", name, refund_event_to_json(event))

    def lines(self, first: int = 1, last: int | None = None) -> bytes:
        chosen = self.entries[first - 1 : last]
        return "\n".join(entry_to_json(entry) for entry in chosen).encode()


def spoiled(line: bytes, **fields: object) -> bytes:
    """The line with other values and the old hash."""
    return json.dumps({**json.loads(line), **fields}).encode()
