"""The gateway is killed while kiosks pay through it: what they conclude is what is held.

    customers ─► kiosk's channel ─► fleet process, killed at any moment ─► sandbox, or stored value

Whoever got no answer asks, and undoes what nobody can find, as a kiosk does. At the end each number
is held by the wallet or the journal exactly if its customer was told that it is paid.
"""

from __future__ import annotations

import random
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from fleet.accounts import Journal, audit
from fleet.database import Database
from fleet.migrations.migrate import migrate
from kiosk.sandbox.testing import running
from tests.fleet.accounts.peer import StoredValuePeer
from tests.fleet.gateway.customer import Customer, held_by_wallet
from tests.fleet.gateway.provider import Provider
from tests.prove.fleet import throw_away

ROUNDS = 12
PAYMENTS = 5  # of each of two tills, in a round
APART = 0.04  # seconds between two customers
LATEST = 0.6  # seconds into a round, when the process dies
WALLET_WAITS = 16  # seconds that the wallet wants before it undoes


@dataclass(slots=True)
class Passed:
    """What was tried, and what must not be."""

    database: str
    kills: int = 0
    payments: int = 0
    paid: int = 0
    contradicted: list[str] = field(default_factory=list)
    unsound: list[str] = field(default_factory=list)


def gateway(number: int, rounds: int = ROUNDS) -> Passed:
    """One run; even numbers on SQLite, odd ones on PostgreSQL where it is installed."""
    with (
        throw_away(number) as url,
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder) / "wallet") as wallet,
    ):
        database = Database(url)
        migrate(database)
        provider = Provider(Path(folder), database, url, wallet)
        found = Passed(url.partition(":")[0])
        try:
            _judge(provider, _besieged(provider, found, random.Random(number), rounds), found)
        finally:
            provider.close()
            database.close()
    return found


def _besieged(
    provider: Provider, found: Passed, chance: random.Random, rounds: int
) -> dict[str, list[Customer]]:
    tills = {name: provider.kiosk(name, provider.join()) for name in ("wechatpay", "card")}
    card = provider.card()
    everyone: dict[str, list[Customer]] = {name: [] for name in tills}
    for _ in range(rounds):
        provider.wallet.script("delay 0.1", api="micropay", count=PAYMENTS)
        for _ in range(PAYMENTS):
            code = provider.code()
            everyone["wechatpay"].append(Customer(tills["wechatpay"], provider.order(), code))
            everyone["card"].append(Customer(tills["card"], provider.order(), card))
        round_ = [one for each in everyone.values() for one in each[-PAYMENTS:]]
        timers = [threading.Timer(APART * place, one.pay) for place, one in enumerate(round_)]
        for timer in timers:
            timer.start()
        time.sleep(chance.uniform(0, LATEST))
        provider.server.kill()
        found.kills += 1
        for timer in timers:
            timer.join()
        provider.server.start()
    provider.wallet.control("DELETE", "scripts")
    provider.wallet.advance(WALLET_WAITS)
    for each in everyone.values():
        for one in each:
            one.settle()
    return everyone


def _judge(provider: Provider, everyone: dict[str, list[Customer]], found: Passed) -> None:
    journal = Journal(provider.database, provider.merchant.merchant_id)
    cards = StoredValuePeer(journal, provider.database)
    for name, customers in everyone.items():
        for one in customers:
            number = one.order.out_trade_no
            held = held_by_wallet(provider, number) if name == "wechatpay" else cards.held(number)
            found.payments += 1
            found.paid += bool(one.paid)
            if bool(held) != one.paid:
                found.contradicted.append(f"{name} {number}: told {one.paid}, held {held}")
    found.unsound += [str(fault) for fault in audit(journal).faults]
