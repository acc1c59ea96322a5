"""What taking the money costs us and nobody else: sign, send, read, verify, write it down.

    open + submit │ build, sign, connect, send │ network │ read, verify │ record │ slip begun, ended
    └──────────────────── ours ───────────────┘         └───────────────── ours ───────────────────┘

The product's own Settle, channel and Ledger on one thread, against the sandbox behind the relay
that knows how long each call was outside. Threads, screens and paper are in `payments`.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from contextlib import closing

from kiosk.bench.figure import Figure
from kiosk.bench.lane import Lane
from kiosk.channels.channel import Account, PayOrder, Token, TokenKind
from kiosk.config import load
from kiosk.domain.money import Money
from kiosk.domain.payment import Method, Payment, State, Submit
from kiosk.errors import KioskError
from kiosk.ledger import Ledger
from kiosk.settle import Settle
from kiosk.wallets import channels

PAYMENTS = 24
WARM = 6  # payments until everything is imported and the log has its size
BASKET = {"lines": [], "total_fen": 100}


def measure(lane: Lane, payments: int = PAYMENTS) -> Figure:
    """The median of some payments by code. Raises KioskError for one that was not taken."""
    wallets = channels(load(lane.places.config))
    with closing(Ledger(lane.folder / "account", _now_ms)) as ledger:
        settle = Settle(ledger, wallets, _order)
        taken = [_pay(lane, settle, ledger, wallets, at) for at in range(WARM + payments)]
    ours = taken[WARM:]
    return Figure(
        "our time per payment: sign, verify, ledger",
        statistics.median(ours),
        "ms",
        5.0,
        note=f"median of {len(ours)} by code, worst {max(ours):.1f} ms; without the network",
    )


def _pay(
    lane: Lane, settle: Settle, ledger: Ledger, wallets: Mapping[str, Account], at: int
) -> float:
    """Milliseconds of ours that one payment took."""
    number, name = f"B{at:023d}", next(iter(wallets))
    payment = Payment(number, number, name, Method.CODE, Money(100), _now_ms())
    token, before = Token(TokenKind.CODE, lane.payment_code()), len(lane.relay.calls)
    start = time.perf_counter()
    with ledger.together():
        ledger.open_payment(payment, BASKET)
        ledger.record(number, Submit(_now_ms()))
    paid = settle.pay(number, token, time.monotonic())
    ledger.start_delivery(number, "slip", {"copy": False})
    ledger.end_delivery(number, "done")
    whole = (time.perf_counter() - start) * 1000
    if paid.state is not State.PAID:
        raise KioskError(f"a payment of the measurement is {paid.state.name}", f"See {lane.folder}")
    calls = lane.relay.calls[before:]
    return whole - sum(each.ended_ms - each.began_ms for each in calls)


def _order(payment: Payment) -> PayOrder:
    return PayOrder(payment.out_trade_no, payment.amount, "measured")


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
