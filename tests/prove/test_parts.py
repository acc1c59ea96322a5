"""What the oracle says of a visit that was paid in parts, and of one that was left with a part."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import subprocess
import sys

import pytest

from kiosk.domain.money import Money
from kiosk.domain.payment import Approved, Method, Payment, Submit
from kiosk.domain.refund import Refund, RefundAccepted, RefundDone, SendRefund
from kiosk.ledger import Ledger
from tests.prove.table import ORACLE

TOTAL = 690
NOW_MS = 1_795_000_000_000
WALLET = """
CREATE TABLE orders(out_trade_no TEXT, total_fee INTEGER, state TEXT);
CREATE TABLE refund(out_refund_no TEXT, out_trade_no TEXT, fen INTEGER, state TEXT);
CREATE TABLE call(api TEXT, out_trade_no TEXT, code_mark TEXT, faults TEXT)
"""


class Visit:
    """A basket of TOTAL fen whose parts are paid one after the other, at till and wallet."""

    def __init__(self, shop):
        self.shop = shop
        (shop / "sandbox").mkdir(parents=True)
        self.ledger = Ledger(shop / "state" / "ledger", lambda: NOW_MS)
        self.wallet(*WALLET.split(";"))
        self.paid = []

    def wallet(self, *statements):
        with contextlib.closing(sqlite3.connect(self.shop / "sandbox" / "sandbox.db")) as db:
            for statement in statements:
                db.execute(statement)
            db.commit()

    def pays(self, fen):
        number = f"P{len(self.paid)}"
        payment = Payment(number, "v1", "wechatpay", Method.CODE, Money(fen), NOW_MS)
        basket = {"total_fen": TOTAL} | ({"paid": list(self.paid)} if self.paid else {})
        self.ledger.open_payment(payment, basket)
        self.ledger.record(number, Submit(NOW_MS))
        self.ledger.record(number, Approved(f"T{number}", fen))
        if sum(each["fen"] for each in self.paid) + fen == TOTAL:
            self.ledger.start_delivery(number, "slip", {})
            self.ledger.end_delivery(number, "done")
        self.wallet(f"INSERT INTO orders VALUES('{number}', {fen}, 'SUCCESS')")
        self.paid.append({"out_trade_no": number, "fen": fen})

    def is_left(self):
        self.ledger.abandon("v1", "left")

    def gives_back(self, number, fen):
        name = f"{number}R1"
        refund = Refund(name, number, "wechatpay", Money(fen), Money(fen), "left", NOW_MS)
        self.ledger.open_refund(refund)
        for event in (SendRefund(NOW_MS), RefundAccepted("B"), RefundDone("B", fen)):
            self.ledger.record_refund(name, event)
        self.wallet(f"INSERT INTO refund VALUES('{name}', '{number}', {fen}, 'SUCCESS')")

    def spoils(self, old, new):
        """The ledger itself writes no such thing, so it is changed behind its back."""
        self.ledger.close()
        (path,) = (self.shop / "state" / "ledger").glob("ledger-*.db")
        with contextlib.closing(sqlite3.connect(path)) as db:
            db.execute("DROP TRIGGER no_update")
            db.execute(
                "UPDATE entry SET body = replace(body, ?, ?) WHERE kind = 'payment_opened'",
                (old, new),
            )
            db.commit()

    def judged(self):
        self.ledger.close()
        command = [sys.executable, "-E", "-s", "-S", str(ORACLE), str(self.shop)]
        said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
        found = json.loads(said.stdout)["findings"]
        return {name for name, each in found.items() if each}


@pytest.fixture
def visit(tmp_path):
    return Visit(tmp_path / "shop")


def test_parts_may_add_up_to_the_basket(visit):
    visit.pays(300)
    visit.pays(390)
    assert visit.judged() == set()


def test_a_fen_more_than_the_basket_is_a_double_charge(visit):
    visit.pays(300)
    visit.pays(390)
    visit.spoils('"total_fen":690', '"total_fen":689')
    assert visit.judged() == {"double_charges", "broken_chains"}


def test_a_part_that_nobody_paid_is_found(visit):
    visit.pays(300)
    visit.pays(390)
    visit.spoils('"fen":300,"out_trade_no":"P0"', '"fen":300,"out_trade_no":"P9"')
    assert visit.judged() == {"parts_of_nobody", "broken_chains"}


def test_the_parts_of_a_visit_that_was_left_go_back(visit):
    visit.pays(300)
    visit.pays(200)
    visit.is_left()
    visit.gives_back("P0", 300)
    visit.gives_back("P1", 200)
    assert visit.judged() == set()


def test_a_part_of_a_visit_that_was_left_and_is_kept_is_found(visit):
    visit.pays(300)
    visit.pays(200)
    visit.is_left()
    visit.gives_back("P0", 300)
    assert visit.judged() == {"abandoned_parts_kept"}


def test_money_that_goes_back_though_nobody_wanted_it_is_found(visit):
    visit.pays(690)
    visit.gives_back("P0", 690)
    assert visit.judged() == {"refunded_more_than_asked"}
