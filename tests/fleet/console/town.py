"""Two merchants, their stores and terminals, a day's business, and people who may look at it."""

from __future__ import annotations

import json
import secrets
from uuid import uuid4

import pyotp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fleet.books import Books
from fleet.clock import wall_ms
from fleet.console.keys import ConsoleKey
from fleet.console.roles import Role, User
from fleet.console.users import Users
from fleet.console.view import View
from fleet.database import Database
from fleet.health import Healths
from fleet.ingest import Ingest
from fleet.line import read_lines
from fleet.register import Asked, Plan, Register, Store
from fleet.who import Who
from tests.fleet.console.counter import Counter

PHRASE = "correct horse battery staple"
BATCH = 900  # lines
KEY = ConsoleKey(b"k" * 32)


class Town:
    """`fruit` has two stores with two terminals and one, `books` one store and one terminal."""

    def __init__(self, database: Database, now_ms: int | None = None) -> None:
        self.database = database
        self.now_ms = now_ms or wall_ms()
        self.register = Register(database, secrets.randbelow)
        self.users = Users(database, KEY)
        self.ingest, self.adds_up, self.healths = (
            Ingest(database),
            Books(database),
            Healths(database),
        )
        mark = uuid4().hex[:6]
        self.fruit, self.books = f"fruit-{mark}", f"books-{mark}"
        self.district = f"mall-{mark}"
        self.register.put_district(self.district, "mall", "万象城")
        self.register.put_merchant(self.fruit, "鲜果超市", self.now_ms)
        self.register.put_merchant(self.books, "晨光书店", self.now_ms)
        place = "示例路 1 号"
        self.register.put_store(Store(self.fruit, "S1", "鲜果超市一号店", place))
        self.register.put_store(
            Store(self.fruit, "S2", "鲜果超市二号店", place, district_id=self.district)
        )
        self.register.put_store(Store(self.books, "S1", "晨光书店总店", place))
        self.counters = {
            who: self.join(who, store)
            for who, store in (
                (Who(self.fruit, "1001"), "S1"),
                (Who(self.fruit, "1002"), "S1"),
                (Who(self.fruit, "2001"), "S2"),
                (Who(self.books, "1001"), "S1"),
            )
        }

    def join(self, who: Who, store: str) -> Counter:
        plan = Plan(who, store, uuid4().hex[:12].upper())
        self.register.plan(plan, "office", self.now_ms)
        public = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
        code = self.register.ask(
            Asked(public, plan.serial, "09", who.terminal_id, "0.1.0"), self.now_ms
        )
        self.register.approve(code, who, "office", self.now_ms)
        return Counter(who.terminal_id)

    def send(self, who: Who) -> None:
        """What the till has written arrives and is added up."""
        lines = self.counters[who].unsent().split(b"\n")
        for at in range(0, len(lines), BATCH):
            batch = b"\n".join(lines[at : at + BATCH])
            self.ingest.take(who, list(read_lines(batch)), self.now_ms)
        self.adds_up.work_all()

    def report(
        self, who: Who, at_ms: int | None = None, more: dict | None = None, **troubles: str
    ) -> None:
        """A health report; `troubles` by the name of the device."""
        devices = dict.fromkeys(("scanner", "printer", "camera"), "") | troubles
        report = {
            "at_ms": at_ms or self.now_ms,
            "version": "0.1.0",
            "channels": {"wechatpay": "", "alipay": ""},
            "devices": devices,
            **(more or {}),
        }
        self.healths.take(who, json.dumps(report).encode(), at_ms or self.now_ms)

    def user(self, role: Role, **where) -> User:
        """Somebody new who may sign in."""
        user = User(f"{role.value}-{uuid4().hex[:6]}", role, **where)
        self.users.add(user, PHRASE, self.now_ms)
        return user

    def view(self, role: Role, **where) -> View:
        return View(self.database, User(role.value, role, **where))

    def factor(self, user: User) -> pyotp.TOTP:
        """His authenticator."""
        return pyotp.parse_uri(self.users.enrolment(user.name))
