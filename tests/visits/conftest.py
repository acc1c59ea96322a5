"""The core without window, wire and threads: its own jobs over wallets in memory, time by hand."""

from __future__ import annotations

import heapq
import itertools
import random
import threading
from collections import ChainMap
from collections.abc import Mapping
from types import MappingProxyType

import pytest

from hardware.devices import Condition, Health
from kiosk.attendant import Attendant
from kiosk.cashier import Cashier
from kiosk.channels.cash import CASH, Cash
from kiosk.channels.channel import Presented, QueryPolicy, RefundOrder, Refused
from kiosk.channels.codes import SpentCodes
from kiosk.checkout import Checkout
from kiosk.config import Config, Paths
from kiosk.core import Core, Queue
from kiosk.counter import Counter
from kiosk.domain.campaign import Campaign
from kiosk.domain.catalogue import Gtin, PriceBook, Product
from kiosk.domain.money import Money
from kiosk.domain.payment import Approved, Declined, Reversed, Waiting
from kiosk.domain.refund import RefundDone
from kiosk.face_rest import FaceRest
from kiosk.goods import Shelf
from kiosk.jobs import Hears, Jobs
from kiosk.kitchen import kitchen_of
from kiosk.ledger import Ledger
from kiosk.members import MemberFile
from kiosk.messages import Hinting, Showing
from kiosk.offers import offers_of
from kiosk.refunds import Refunds
from kiosk.settle import Settle
from kiosk.snapshot import Snapshot
from kiosk.standstill import Suspension, VisitLock
from kiosk.tender import Tender
from kiosk.till import Till, order_of
from kiosk.trace import Trace
from tests.prove.wallet import Wallet

MARCH = 1_772_340_896_000
MILK = Product("牛奶", "Milk", Money(690), Gtin.parse("6901000000042"), tax_bp=900)
QR_LIFE = 120.0


class Time:
    """The steady and the wall clock, and the timer that follows them."""

    def __init__(self):
        self.seconds = 1000.0
        self._heap, self._numbers = [], itertools.count()

    def now(self):
        return self.seconds

    def wall_ms(self):
        return MARCH + round(self.seconds * 1000)

    def put(self, name, work, due=0.0):
        heapq.heappush(self._heap, (due, next(self._numbers), name, work))

    def run_due(self):
        while self._heap and self._heap[0][0] <= self.seconds:
            _, _, name, work = heapq.heappop(self._heap)
            again = work(self.seconds)
            if again is not None:
                self.put(name, work, again)


class Paying(Wallet):
    """The wallet of the proof, which gives money back as well."""

    def __init__(self):
        super().__init__()
        self.back = {}

    def refund(self, order: RefundOrder):
        self.back[order.out_refund_no] = order.amount.fen
        return RefundDone("5000", order.amount.fen)

    def query_refund(self, order: RefundOrder):
        from kiosk.channels.channel import NotFound

        fen = self.back.get(order.out_refund_no)
        return NotFound() if fen is None else RefundDone("5000", fen)

    def settled(self, out_trade_no="", transaction_id=""):
        raise AssertionError("the ledger knows every payment of these tests")


class Scanned:
    """A wallet that makes orders for phones to scan."""

    name, sandbox = "wechatpay_native", True
    policy = QueryPolicy(2, 2.5, QR_LIFE + 5, 0)

    def __init__(self):
        self.orders = {}
        self.answer = None  # an error to raise, or another answer than the order
        self.answer_is_lost = False

    def present(self, order):
        if self.answer is not None:
            raise self.answer
        self.orders[order.out_trade_no] = ["NOTPAY", order.amount.fen]
        return Presented(f"weixin://wxpay/bizpayurl?pr={order.out_trade_no}", QR_LIFE)

    def query(self, order):
        from kiosk.channels.channel import NotFound

        match self.orders.get(order.out_trade_no):
            case ["NOTPAY", _]:
                return Waiting("NOTPAY")
            case ["SUCCESS", fen]:
                return Approved(f"T{order.out_trade_no}", fen)
            case ["CLOSED", _]:
                return Declined("CLOSED")
            case _:
                return NotFound()

    def reverse(self, order):
        known = self.orders.get(order.out_trade_no)
        if known is not None and known[0] == "SUCCESS":
            raise Refused("ORDERPAID", "paid")
        if known is not None:
            known[0] = "CLOSED"
        return Reversed()

    def check(self):
        pass

    def scan(self, number):
        if self.orders[number][0] == "NOTPAY":
            self.orders[number][0] = "SUCCESS"


class Slips:
    def __init__(self):
        self.printed, self.drawer, self.coupons, self.seen, self.refused = [], [], [], [], []

    def slip(self, payment, now_ms, language, *, test, banner=None):
        self.printed.append(payment.out_trade_no)
        self.coupons.append(banner.coupon if banner else "")

    def show(self, payment, now_ms, language, *, test):
        self.seen.append(payment.out_trade_no)
        return f"https://example.cn/{payment.out_trade_no}"

    def not_wanted(self, payment):
        self.refused.append(payment.out_trade_no)

    def goods(self, payment, *, test):
        pass

    def recover(self, *, test):
        return frozenset()

    def open_drawer(self, number, why):
        self.drawer.append((number, why))


class Devices:
    """What works, by name."""

    def __init__(self):
        self.working = {"scanner"}

    def health(self):
        return {name: Health(Condition.GOOD) for name in self.working}

    def works(self, name):
        return name in self.working

    def device(self, name):
        return None  # none that could be tried


class Shop:
    """A core on this ledger; `restart` makes another one of it, as after a crash."""

    goods: tuple[Product, ...] = (MILK,)
    campaigns: tuple[Campaign, ...] = ()
    members = MemberFile()
    settings: Mapping[str, object] = MappingProxyType({})  # more of the config

    def __init__(self, place):
        self.place = place
        (place / "run").mkdir(parents=True)
        self.paying, self.scanned, self.time = Paying(), Scanned(), Time()
        self.slips, self.devices = Slips(), Devices()
        self.codes, self.chance = itertools.count(), random.Random(1)
        self.ledger = None
        self.restart()

    def restart(self):
        if self.ledger is not None:
            self.ledger.close()
        time, calls = self.time, []
        time._heap.clear()
        self.calls, self.shown = calls, []
        self.ledger = ledger = Ledger(self.place / "ledger", time.wall_ms)
        wallets = {"wechatpay": self.paying, "wechatpay_native": self.scanned}
        paths = Paths(self.place, self.place / "run", self.place)
        config, shelf = Config("0001", paths=paths, **self.settings), self.shelf()
        self.boards = []
        kitchen = kitchen_of(config, shelf.menu, ledger, time.wall_ms, self.boards.append)

        def order(payment):
            return order_of(payment, ledger.basket_of(payment.out_trade_no), config)

        asked = ChainMap(wallets, {CASH: Cash()})
        settle = Settle(ledger, asked, order)
        hears = Hears(
            payment=lambda payment: calls.append(lambda: self.checkout.payment_changed(payment)),
            shown=lambda payment, shown: calls.append(lambda: self.tender.shown(payment, shown)),
            unsent=lambda payment, error: calls.append(lambda: self.tender.unsent(payment, error)),
        )
        jobs = Jobs(time, settle, ledger, wallets, hears)
        refunds = Refunds(ledger, {"wechatpay": self.paying, CASH: Cash()}, 50_000)
        cashier = Cashier(
            time, refunds, ledger,
            lambda refund: calls.append(lambda: self.attendant.refund_changed(refund)),
        )  # fmt: skip
        self.till = till = Till(
            config=config, clock=time, ledger=ledger, channels=wallets, jobs=jobs,
            deliveries=self.slips, peripherals=self.devices, faces=None,
            random=self.chance.randrange, trace=Trace(None), give_back=cashier.look,
            face_rest=FaceRest(config.faces, ledger, time, config.terminal_id),
            lock=VisitLock(config.paths.run / "visit.lock"),
            suspension=Suspension(config.paths.state / "suspended"),
            joining_code=str,
            offers=offers_of(config.paths.state, self.chance.randrange), members=self.members,
            kitchen=kitchen,
        )  # fmt: skip
        snapshot = Snapshot(
            config.paths.run / "visit.json",
            lambda kept: self.checkout.recall(kept),  # noqa: PLW0108 - made below
        )
        self.counter = Counter(till, snapshot, self.shown.append)
        self.tender = Tender(self.counter, till, SpentCodes(b"key"))
        self.attendant = Attendant(self.counter, till, cashier, time.put, calls.append)
        self.checkout = Checkout(
            self.counter, self.tender, self.attendant, till, self.shelf(),
            lambda: f"v{time.seconds:g}",
        )  # fmt: skip
        self.core = Core(
            calls=Queue(), clock=time, server=None, timer=time, ledger=ledger, jobs=jobs,
            cashier=cashier, deliveries=self.slips, peripherals=None, snapshot=snapshot,
            counter=self.counter, tender=self.tender, checkout=self.checkout, faces=None,
            housing=None, reports=None, board=None, doors=(), down=None, leaving=threading.Event(),
            language="zh", test=True,
        )  # fmt: skip
        self.core._recover()
        jobs.resume()
        cashier.resume()
        self.counter.refresh()

    def shelf(self):
        return Shelf(PriceBook(self.goods), (), self.campaigns)

    def does(self, *commands):
        for command in commands:
            self.checkout.command(command)

    def scans_milk(self, pieces=1):
        for _ in range(pieces):
            self.checkout.scanned("6901000000042")

    def scans_code(self):
        self.checkout.scanned(f"13{next(self.codes):016d}")

    def passes(self, seconds=0.0):
        """Time passes; what is due is done, and its news arrive."""
        end = self.time.seconds + seconds
        while True:
            self.time.run_due()
            while self.calls:
                self.calls.pop(0)()
            self.checkout.tick()
            if self.time.seconds >= end and not self.calls:
                return
            step = min(0.5, end - self.time.seconds)
            self.time.seconds += step
            self.paying.passes(self.paying.now + step)

    @property
    def screen(self) -> Showing:
        return next(each for each in reversed(self.shown) if isinstance(each, Showing))

    @property
    def hints(self):
        return [each.said.key for each in self.shown if isinstance(each, Hinting) and each.said]

    @property
    def payments(self):
        return sorted(self.ledger.recent(0, 99), key=lambda each: each.created_ms)

    def held(self):
        """Fen that the wallets hold for this shop, less what went back."""
        paid = sum(self.paying.held(each.out_trade_no) for each in self.payments)
        scanned = sum(fen for state, fen in self.scanned.orders.values() if state == "SUCCESS")
        return paid + scanned - sum(self.paying.back.values())


@pytest.fixture
def shop(tmp_path):
    opened = Shop(tmp_path)
    yield opened
    opened.ledger.close()
