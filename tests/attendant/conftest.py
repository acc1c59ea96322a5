"""A real ledger and timer for the staff's screen; the printer keeps what it printed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import pytest

from hardware.devices import Condition, Health, PrintOutcome, PrintResult
from hardware.printers.profile import profile_for
from kiosk.attendant import Attendant
from kiosk.channels.channel import QueryPolicy
from kiosk.channels.codes import SpentCodes
from kiosk.checkout import Checkout
from kiosk.config import Config, Paths, Staff
from kiosk.counter import Counter
from kiosk.domain.basket import Basket
from kiosk.domain.catalogue import Gtin, PriceBook, Product
from kiosk.domain.money import Money
from kiosk.domain.order import totals, totals_to_json
from kiosk.domain.payment import Approved, Method, Payment, Submit
from kiosk.domain.refund import Refund
from kiosk.face_rest import FaceRest
from kiosk.goods import Shelf
from kiosk.ledger import Ledger
from kiosk.messages import Hinting, Showing
from kiosk.messages.staff import EnterPin, OpenStaff
from kiosk.parking import Parking, Prices
from kiosk.pin import hash_pin
from kiosk.refunds import FoundPayment
from kiosk.snapshot import Snapshot
from kiosk.standstill import Closing, Suspension, VisitLock
from kiosk.tender import Tender
from kiosk.till import Till
from kiosk.timer import Timer
from kiosk.trace import Trace

MARCH = 1_772_340_896_000  # 2026-03-01 12:54:56 in China


class Clock:
    """Stands still unless told; milliseconds and seconds go together."""

    def __init__(self):
        self.ahead = 0.0

    def wall_ms(self):
        return MARCH + round(self.ahead * 1000)

    def now(self):
        return MARCH / 1000 + self.ahead


class Printer:
    """Prints at once, unless it is told how it goes."""

    profile = profile_for(80)

    def __init__(self):
        self.jobs = []
        self.result = PrintResult(PrintOutcome.DONE)

    def print(self, data, number):
        self.jobs.append((number, data))
        return self.result


class Outlets:
    """A receipt printer and whatever else a test plugs in."""

    def __init__(self, receipts, **stations):
        self.printers = {"printer": receipts, **stations}
        self.dispenser, self.drawer, self.looked, self.opening = None, None, [], set()

    def printer(self, station="printer"):
        return self.printers.get(station)

    def opened(self, name):
        return name not in self.opening

    def look(self, name):
        self.looked.append(name)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(tmp_path, clock) -> Iterator[Ledger]:
    opened = Ledger(tmp_path / "ledger", clock.wall_ms)
    yield opened
    opened.close()


@pytest.fixture
def timer() -> Iterator[Timer]:
    running = Timer(time.monotonic)
    running.start()
    yield running
    running.stop()
    for thread in threading.enumerate():
        if thread.name.startswith(("jobs", "timer")):
            thread.join(5)


@pytest.fixture
def sell(ledger):
    """Open a payment of one thing, and take it through `events`."""

    def sold(number, *events, fen=690, visit=None):
        milk = Product("牛奶", "Milk", Money(fen), Gtin.parse("6901000000042"), tax_bp=900)
        priced = totals(Basket().add(milk))
        payment = Payment(
            number, visit or f"v{number}", "wechatpay", Method.CODE, Money(fen), ledger.clock_ms()
        )
        ledger.open_payment(payment, totals_to_json(priced))
        for event in events:
            payment = ledger.record(number, event)
        return payment

    return sold


@pytest.fixture
def paid(sell):
    def sold(number, fen=690):
        return sell(number, Submit(1), Approved(f"T{number}", fen), fen=fen)

    return sold


@pytest.fixture
def until():
    """Wait until something has happened on another thread."""

    def wait(happened, seconds=5.0):
        end = time.monotonic() + seconds
        while not happened():
            assert time.monotonic() < end, "it did not happen in time"
            time.sleep(0.005)

    return wait


@pytest.fixture
def printer() -> Printer:
    return Printer()


@pytest.fixture
def outlets(printer) -> Outlets:
    return Outlets(printer)


# --- a core without a network, a window or threads ----------------------------------------------

PIN = "246810"
PIN_HASH = hash_pin(PIN, b"0123456789abcdef")
MILK = Product("牛奶", "Milk", Money(690), Gtin.parse("6901000000042"), tax_bp=900)


class Wallet:
    name, sandbox = "wechatpay", True
    policy = QueryPolicy(5, 5, 45, 15)

    def pay(self, order, token):
        raise AssertionError("the jobs of this kiosk call nobody")


class Faces:
    """A camera that works, and what it was told."""

    def __init__(self):
        self.looking, self.state = None, (True, "")

    def usable(self):
        return self.state

    def mend(self):
        return "Plug it in"

    def prepare(self):
        pass

    def start(self, attempt):
        self.looking = attempt

    def stop(self, attempt):
        self.looking = None


@dataclass
class Jobs:
    """What was asked for; `troubles` are the channels that are down."""

    troubles: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)
    paid: list = field(default_factory=list)

    def trouble(self, name):
        return self.troubles.get(name)

    def pay(self, payment, token):
        self.paid.append(payment)

    def ask_again(self, payment):
        self.asked.append(payment.out_trade_no)


@dataclass
class Devices:
    found: dict = field(default_factory=lambda: {"scanner": Health(Condition.GOOD)})
    plugged: dict = field(default_factory=dict)

    def health(self):
        return self.found

    def works(self, name):
        return name in self.found and self.found[name].condition is not Condition.BAD

    def device(self, name):
        return self.plugged.get(name)

    def printer(self, name="printer"):
        return self.plugged.get(name) if name == "printer" else None


@dataclass
class Slips:
    printed: list = field(default_factory=list)
    given_out: list = field(default_factory=list)
    tickets: list = field(default_factory=list)
    closed: list = field(default_factory=list)
    papers: list = field(default_factory=list)

    drawers: list = field(default_factory=list)

    def open_drawer(self, number, why):
        self.drawers.append((number, why))

    def paper(self, key, elements):
        self.papers.append((key, elements))

    def slip(self, payment, now_ms, language, *, test, banner=None):
        self.printed.append((payment.out_trade_no, "slip", language))

    def copy(self, payment, now_ms, language, *, test):
        self.printed.append((payment.out_trade_no, "copy", language))

    def goods(self, payment, *, test):
        self.given_out.append(payment.out_trade_no)

    def ticket_again(self, payment, key, *, test):
        self.tickets.append(key)

    def close_drop(self, key, *, handed):
        self.closed.append((key, handed))


class Cashbox:
    """Finds what the ledger knows and what a test puts into `elsewhere`; notes what is asked."""

    def __init__(self, ledger):
        self.ledger = ledger
        self.elsewhere = {}
        self.found, self.requests, self.again_asked, self.limits = [], [], [], []
        self.raises = None

    def find(self, number):
        self.found.append(number)
        if self.raises:
            raise self.raises
        payment = self.ledger.payment(number)
        if payment is None:
            return self.elsewhere.get(number)
        refunds = tuple(self.ledger.refunds_of(number))
        back = sum(each.amount.fen for each in refunds)
        return FoundPayment(
            number, payment.transaction_id, payment.taken_fen, back, refunds, payment,
            payment.created_ms, "wechatpay",
        )  # fmt: skip

    def request(self, out_trade_no, fen, reason, *, limit_fen=0):
        self.requests.append((out_trade_no, fen))
        self.limits.append(limit_fen)
        if self.raises:
            raise self.raises
        paid = self.ledger.payment(out_trade_no).amount
        index = len(self.ledger.refunds_of(out_trade_no)) + 1
        refund = Refund(
            f"{out_trade_no}R{index}", out_trade_no, "wechatpay", paid, Money(fen), reason, 0
        )
        return self.ledger.open_refund(refund)

    def again(self, refund):
        self.again_asked.append(refund.out_refund_no)


class Kiosk:
    """The checkout's thread by hand: work runs when the test says so, answers come after it."""

    def __init__(self, tmp_path, clock, ledger, **staff):
        self.clock, self.ledger = clock, ledger
        self.work, self.answers, self.shown, self.visits = [], [], [], count(1)
        (tmp_path / "run").mkdir(exist_ok=True)
        self.jobs, self.faces, self.devices, self.slips = Jobs(), Faces(), Devices(), Slips()
        self.cashbox = Cashbox(ledger)
        config = Config(
            "0001",
            paths=Paths(tmp_path, tmp_path / "run", tmp_path),
            staff=Staff(**{"pin_hash": PIN_HASH, **staff}),
        )
        till = Till(
            config=config, clock=clock, ledger=ledger, channels={"wechatpay": Wallet()},
            jobs=self.jobs, deliveries=self.slips, peripherals=self.devices, faces=self.faces,
            random=lambda n: n - 1, trace=Trace(None), give_back=lambda: None,
            face_rest=FaceRest(config.faces, ledger, clock, config.terminal_id),
            lock=VisitLock(config.paths.run / "visit.lock"),
            suspension=Suspension(config.paths.state / "suspended"),
            joining_code=str, closing=Closing(config.paths.state / "closed"),
        )  # fmt: skip
        self.counter = Counter(till, Snapshot(config.paths.run / "visit.json"), self.shown.append)
        tender = Tender(self.counter, till, SpentCodes(b"key"))
        self.till = till
        prices = Prices(
            lambda kept: self.checkout.recall(kept),  # noqa: PLW0108 - made below
            lambda: self.checkout.terms(),  # noqa: PLW0108 - made below
            lambda code: self.checkout.find(code),  # noqa: PLW0108 - made below
        )
        self.parking = Parking(config.paths.state / "parked.json", config.terminal_id, prices)
        self.attendant = Attendant(
            self.counter, till, self.cashbox,
            lambda name, work: self.work.append((name, work)), self.answers.append, self.parking,
        )  # fmt: skip
        self.checkout = Checkout(
            self.counter, tender, self.attendant, till, Shelf(PriceBook([MILK]), ()),
            lambda: f"v{next(self.visits)}",
        )  # fmt: skip
        self.counter.refresh()

    def does(self, *commands):
        for command in commands:
            self.checkout.command(command)

    def works(self):
        """Do all the work of other threads, and make their calls."""
        while self.work or self.answers:
            while self.work:
                self.work.pop(0)[1](0.0)
            while self.answers:
                self.answers.pop(0)()

    def passes(self, seconds):
        self.clock.ahead += seconds
        self.checkout.tick()

    @property
    def screen(self) -> Showing:
        return next(each for each in reversed(self.shown) if isinstance(each, Showing))

    @property
    def hinted(self) -> str:
        hints = [each.said.key for each in self.shown if isinstance(each, Hinting) and each.said]
        return hints[-1] if hints else ""


@pytest.fixture
def kiosk_with(tmp_path, clock, ledger):
    return lambda **staff: Kiosk(tmp_path, clock, ledger, **staff)


@pytest.fixture
def kiosk(kiosk_with):
    return kiosk_with()


@pytest.fixture
def inside(kiosk):
    """A kiosk with the staff before it."""
    kiosk.does(OpenStaff(), EnterPin(PIN))
    kiosk.works()
    return kiosk
