"""The sandbox's parts, each made once and handed to whoever needs it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kiosk.sandbox.audit import Audit
from kiosk.sandbox.bills import Bills
from kiosk.sandbox.books import Books
from kiosk.sandbox.clock import Clock
from kiosk.sandbox.faces import Faces
from kiosk.sandbox.merchant import Merchant, merchant_in, wallet_keys_in
from kiosk.sandbox.movements import Movements
from kiosk.sandbox.offers import Offers
from kiosk.sandbox.orders import Orders
from kiosk.sandbox.refunds import Refunds
from kiosk.sandbox.scripts import Scripts
from kiosk.sandbox.store import Store
from kiosk.sandbox.wallet import Wallet


@dataclass(frozen=True, slots=True)
class Parts:
    """What every wire of the sandbox works on."""

    store: Store
    clock: Clock
    chance: random.Random
    merchant: Merchant
    wallet: Wallet
    books: Books
    offers: Offers
    faces: Faces
    bills: Bills
    scripts: Scripts
    audit: Audit


def parts_in(
    folder: Path,
    speed: float,
    wall: Callable[[], float] = time.time,
    chance: random.Random | None = None,
) -> Parts:
    """Open or make the parts in `folder`; raises BlockingIOError when another sandbox has it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    chance = chance or random.SystemRandom()
    store = Store(folder)
    merchant, keys = merchant_in(folder, chance), wallet_keys_in(folder)
    kept = store.one("SELECT value FROM setting WHERE name = 'advanced'")
    clock = Clock(wall, speed, float(kept["value"]) if kept else 0.0)
    wallet = Wallet(store, clock, chance, keys.marks)
    orders = Orders(store, clock, chance, wallet)
    refunds = Refunds(store, clock, chance, wallet, orders)
    books = Books(orders, refunds)
    return Parts(
        store=store,
        clock=clock,
        chance=chance,
        merchant=merchant,
        wallet=wallet,
        books=books,
        offers=Offers(store, clock, chance, orders),
        faces=Faces(store, clock, chance, wallet, merchant, keys),
        bills=Bills(clock, merchant, Movements(orders, refunds)),
        scripts=Scripts(store),
        audit=Audit(store, clock, wallet, books),
    )
