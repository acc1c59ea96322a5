"""A merchant of the test's own with terminals that have joined, on the session's database."""

from __future__ import annotations

import secrets
import time
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select

from fleet import tables
from fleet.books import Books
from fleet.database import Database
from fleet.ingest import Ingest, Receipt
from fleet.line import read_lines
from fleet.register import Asked, Plan, Register, Store
from fleet.who import Who, of
from tests.fleet.till import NOON

# For tests whose matter is not the database, such as what goes on between processes.
once = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Shop:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.merchant_id = uuid4().hex
        self.register = Register(database, secrets.randbelow)
        self.register.put_merchant(self.merchant_id, "鲜果超市", NOON)
        self.register.put_store(Store(self.merchant_id, "S1", "一号店"))
        self.ingest = Ingest(database)
        self.books = Books(database)

    def plan(
        self, terminal_id: str = "0001", serial: str | None = None, store_id: str = "S1"
    ) -> Plan:
        plan = Plan(Who(self.merchant_id, terminal_id), store_id, serial or uuid4().hex)
        self.register.plan(plan, "test", NOON)
        return plan

    def ask(self, plan: Plan, key: Ed25519PrivateKey) -> str:
        public = key.public_key().public_bytes_raw()
        asked = Asked(public, plan.serial, "09", plan.who.terminal_id, "0.1.0")
        return self.register.ask(asked, NOON)

    def join(
        self, terminal_id: str = "0001", store_id: str = "S1"
    ) -> tuple[Who, Ed25519PrivateKey]:
        plan, key = self.plan(terminal_id, store_id=store_id), Ed25519PrivateKey.generate()
        self.register.approve(self.ask(plan, key), plan.who, "test", NOON)
        return plan.who, key

    def take(self, who: Who, body: bytes) -> Receipt:
        return self.ingest.take(who, list(read_lines(body)), NOON)

    def rows(self, table, who: Who) -> list[dict]:
        query = select(table).where(of(table, who)).order_by(*table.primary_key)
        with self.database.read() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def counts(self, who: Who) -> dict[str, int]:
        """The sums of all days of the device."""
        days = tables.device_day
        names = ("paid", "paid_fen", "late", "refunds", "refund_fen")
        sums = [func.coalesce(func.sum(days.c[name]), 0) for name in names]
        with self.database.read() as connection:
            row = connection.execute(select(*sums).where(of(days, who))).one()
        return dict(zip(names, map(int, row), strict=True))

    def wait_for(self, who: Who, paid: int) -> None:
        """Until another process has added up so much, and no more."""
        deadline = time.monotonic() + 15
        while self.counts(who)["paid"] < paid and time.monotonic() < deadline:
            time.sleep(0.05)
        assert self.counts(who)["paid"] == paid
