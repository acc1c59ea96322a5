"""Kitchen tickets and drops: each once, around two entries; and what staff do about the rest."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass, field

import pytest

from hardware.devices import DropOutcome, DropResult, PrintOutcome, PrintResult
from hardware.errors import Offline
from hardware.printers.profile import profile_for
from kiosk.config import Config
from kiosk.deliver import Deliveries, taken
from kiosk.domain.basket import Basket
from kiosk.domain.catalogue import Product
from kiosk.domain.money import Money
from kiosk.domain.order import totals
from kiosk.domain.owed import basket_to_keep
from kiosk.domain.payment import Approved, Method, Payment, Submit
from kiosk.ledger import DeliveryState
from kiosk.messages import Screen
from kiosk.messages.staff import CloseDrop, EnterPin, FindPayment, OpenStaff, PrintTicket
from kiosk.staff.goods import goods
from kiosk.trace import Trace
from kiosk.visit import Visit

NUMBER = "000126030112345648151623"
NOODLES = Product("牛肉面", "Beef noodles", Money(2800), plu=1, station="kitchen")
WATER = Product("矿泉水", "Water", Money(200), plu=2, slot=3)
LUNCH = Basket().add(NOODLES, 2).add(WATER, 2)
KITCHEN, FIRST, SECOND = (f"{NUMBER}/{each}" for each in ("kitchen-1", "drop-1", "drop-2"))


class Printer:
    profile = profile_for(80)

    def __init__(self):
        self.jobs, self.says, self.free = [], PrintResult(PrintOutcome.DONE), threading.Event()
        self.free.set()

    def print(self, data, key):
        self.free.wait(5)
        if isinstance(self.says, Exception):
            raise self.says
        self.jobs.append((key, data.decode("gb18030", "replace")))
        return self.says


@dataclass
class Dispenser:
    """Drops; `says` is the result of the next drops, the last one for good."""

    says: list = field(default_factory=lambda: [DropResult(DropOutcome.DROPPED)])
    slots: list = field(default_factory=list)

    def dispense_item(self, slot):
        self.slots.append(slot)
        said = self.says.pop(0) if len(self.says) > 1 else self.says[0]
        if isinstance(said, Exception):
            raise said
        return said


@pytest.fixture
def lunch(ledger):
    """A payment for noodles and two bottles, PAID."""
    priced = totals(LUNCH)
    payment = Payment(NUMBER, "v", "wechatpay", Method.CODE, priced.total, ledger.clock_ms())
    ledger.open_payment(payment, basket_to_keep(priced))
    ledger.record(NUMBER, Submit(1))
    return ledger.record(NUMBER, Approved("T1", priced.total.fen))


@dataclass
class Canteen:
    """A kitchen printer, a dispenser, and what was told of them."""

    deliveries: Deliveries
    outlets: object
    ledger: object
    lunch: Payment
    told: list
    until: object

    @property
    def kitchen(self):
        return self.outlets.printers["kitchen"]

    @property
    def dispenser(self):
        return self.outlets.dispenser

    def hears(self, count):
        self.until(lambda: len(self.told) == count)

    def gives_out(self, count=3):
        self.deliveries.goods(self.lunch, test=False)
        self.hears(count)

    def results(self, *keys):
        return [self.ledger.delivery(key).result for key in keys]

    def owed(self):
        return [x.key for x in self.ledger.undelivered() if x.state is DeliveryState.OWED]


@pytest.fixture
def canteen(ledger, timer, outlets, lunch, until):
    told = []
    outlets.printers["kitchen"], outlets.dispenser = Printer(), Dispenser()
    deliveries = Deliveries(
        Config("0001"), ledger, timer, outlets, lambda *said: told.append(said), Trace(None)
    )
    return Canteen(deliveries, outlets, ledger, lunch, told, until)


# --- by itself ----------------------------------------------------------------------------------


def test_everything_is_given_out_once_with_a_result_of_its_own(canteen):
    assert set(canteen.owed()) == {NUMBER, FIRST, SECOND, KITCHEN}
    canteen.deliveries.goods(canteen.lunch, test=False)
    canteen.gives_out()
    assert set(canteen.told) == {(FIRST, "taken"), (SECOND, "taken"), (KITCHEN, "taken")}
    ((key, text),) = canteen.kitchen.jobs
    assert key == KITCHEN
    assert "2 × 牛肉面" in text
    assert "矿泉水" not in text
    assert canteen.dispenser.slots == [3, 3]
    assert canteen.results(KITCHEN, FIRST, SECOND) == ["done", "dropped", "dropped"]
    assert canteen.owed() == [NUMBER]
    assert canteen.ledger.payment(NUMBER) == canteen.lunch


def test_a_slow_kitchen_printer_holds_up_neither_slip_nor_drop(canteen):
    canteen.kitchen.free.clear()
    canteen.gives_out(2)
    canteen.deliveries.slip(canteen.lunch, 0, "zh", test=False)
    canteen.hears(3)
    assert canteen.told[-1] == (NUMBER, "taken")
    canteen.kitchen.free.set()
    canteen.hears(4)


@pytest.mark.parametrize(
    ("trouble", "kept"),
    [
        (DropResult(DropOutcome.FAILED, "jammed"), "failed: jammed"),
        (DropResult(DropOutcome.UNKNOWN, "dark"), "unknown: dark"),
        (Offline("dispenser", "gone"), "failed: gone"),
    ],
)
def test_a_drop_that_failed_keeps_its_cause_and_the_next_one_is_tried(canteen, trouble, kept):
    canteen.dispenser.says = [trouble, DropResult(DropOutcome.DROPPED)]
    canteen.gives_out()
    assert (FIRST, "failed") in canteen.told
    assert canteen.results(FIRST, SECOND) == [kept, "dropped"]
    assert canteen.outlets.looked == ["dispenser"] * 2
    assert canteen.ledger.payment(NUMBER) == canteen.lunch


def test_without_a_printer_or_a_dispenser_it_fails_and_says_what_is_missing(canteen):
    del canteen.outlets.printers["kitchen"]
    canteen.outlets.dispenser = None
    canteen.gives_out()
    assert {said for _, said in canteen.told} == {"failed"}
    assert canteen.results(KITCHEN, FIRST) == [
        "failed: there is no printer for kitchen",
        "failed: there is no dispenser",
    ]


def test_a_station_may_be_the_receipt_printer_itself(canteen, ledger, printer):
    priced = totals(Basket().add(Product("豆浆", "Soy milk", Money(300), plu=9, station="printer")))
    payment = Payment("7", "v7", "wechatpay", Method.CODE, priced.total, ledger.clock_ms())
    ledger.open_payment(payment, basket_to_keep(priced))
    ledger.record("7", Submit(1))
    canteen.deliveries.goods(ledger.record("7", Approved("T7", 300)), test=True)
    canteen.hears(1)
    ((_, data),) = printer.jobs
    assert "测试 TEST".encode("gb18030") in data


# --- after a crash ------------------------------------------------------------------------------


def test_after_a_crash_what_was_begun_is_unknown_and_the_rest_is_given_out(canteen):
    canteen.ledger.start_delivery(KITCHEN, "kitchen", {})
    canteen.ledger.start_delivery(FIRST, "drop", {})
    assert canteen.deliveries.recover() == {NUMBER}
    canteen.hears(1)
    assert canteen.told == [(SECOND, "taken")]
    assert (canteen.kitchen.jobs, canteen.dispenser.slots) == ([], [3])
    assert canteen.results(KITCHEN, FIRST) == ["unknown", "unknown"]


def test_ten_minutes_later_nobody_cooks_and_nothing_falls(canteen, clock):
    clock.ahead = 601.0
    assert canteen.deliveries.recover() == {NUMBER}
    canteen.hears(3)
    assert (canteen.kitchen.jobs, canteen.dispenser.slots) == ([], [])
    assert set(canteen.results(KITCHEN, FIRST, SECOND)) == {"late"}


def test_a_device_that_is_being_opened_is_waited_for(canteen):
    canteen.outlets.opening = {"dispenser"}
    canteen.gives_out(1)
    assert canteen.told == [(KITCHEN, "taken")]
    assert canteen.dispenser.slots == []
    canteen.outlets.opening = set()
    canteen.hears(3)


STEPS = 18  # before and after each start, act and end of three deliveries


class Crash(BaseException):
    """The process is gone."""


class Steps:
    """Counts every step, and crashes at one of them."""

    def __init__(self, at):
        self._at, self._count = at, itertools.count()

    def around(self, call):
        def stepped(*arguments):
            self._step()
            answer = call(*arguments)
            self._step()
            return answer

        return stepped

    def _step(self):
        if next(self._count) == self._at:
            raise Crash


class Inline:
    """A timer that does everything at once."""

    def put(self, _name, work, due=0.0):
        while work(due) is not None:
            pass


class CrashingLedger:
    def __init__(self, ledger, steps):
        self._ledger = ledger
        self.start_delivery = steps.around(ledger.start_delivery)
        self.end_delivery = steps.around(ledger.end_delivery)

    def __getattr__(self, name):
        return getattr(self._ledger, name)


@pytest.mark.parametrize("at", range(STEPS + 1))
def test_a_crash_at_any_step_repeats_nothing_and_leaves_nothing_open(ledger, outlets, lunch, at):
    kitchen, dispenser, steps = Printer(), Dispenser(), Steps(at)
    outlets.printers["kitchen"], outlets.dispenser = kitchen, dispenser
    plain = kitchen.print, dispenser.dispense_item
    kitchen.print, dispenser.dispense_item = map(steps.around, plain)

    def deliveries(book):
        return Deliveries(Config("0001"), book, Inline(), outlets, lambda *_: None, Trace(None))

    crashed = False
    try:
        deliveries(CrashingLedger(ledger, steps)).goods(lunch, test=False)
    except Crash:
        crashed = True
    assert crashed == (at < STEPS)
    kitchen.print, dispenser.dispense_item = plain
    deliveries(ledger).recover()
    found = [ledger.delivery(key) for key in (KITCHEN, FIRST, SECOND)]
    assert {each.state for each in found} == {DeliveryState.ENDED}
    assert len(kitchen.jobs) <= 1
    assert len(dispenser.slots) <= 2
    given = sum(taken(each.result) for each in found)
    unknown = sum(each.result == "unknown" for each in found)
    assert given + unknown == 3
    assert unknown <= 1
    assert given <= len(kitchen.jobs) + len(dispenser.slots) <= given + unknown
    assert ledger.payment(NUMBER) == lunch


# --- the staff ----------------------------------------------------------------------------------


def test_a_ticket_is_printed_again_as_a_copy_with_a_key_of_its_own(canteen):
    canteen.kitchen.says = Offline("kitchen", "it is off")
    canteen.gives_out()
    (row,) = goods(canteen.ledger, NUMBER)
    assert (row.key, row.state, row.may) == (KITCHEN, "failed", "ticket")
    canteen.kitchen.says = PrintResult(PrintOutcome.DONE)
    for key in (FIRST, KITCHEN):  # a drop is no ticket
        canteen.deliveries.ticket_again(canteen.lunch, key, test=False)
    canteen.hears(4)
    assert canteen.told[-1] == (f"{KITCHEN}/copy-1", "taken")
    ((_, text),) = canteen.kitchen.jobs
    assert "副本 COPY" in text
    (row,) = goods(canteen.ledger, NUMBER)
    assert (row.state, row.may) == ("copied", "")


@pytest.mark.parametrize(("handed", "state"), [(True, "handed"), (False, "not_handed")])
def test_a_drop_is_closed_by_hand_and_the_payment_stays(canteen, handed, state):
    dark = DropResult(DropOutcome.UNKNOWN, "dark")
    canteen.dispenser.says = [dark, DropResult(DropOutcome.DROPPED)]
    canteen.gives_out()
    (row,) = goods(canteen.ledger, NUMBER)
    assert (row.key, row.state, row.may) == (FIRST, "unknown", "close")
    assert row.names == {"zh": "矿泉水 · 3", "en": "Water · 3"}
    canteen.deliveries.close_drop(FIRST, handed=handed)
    (row,) = goods(canteen.ledger, NUMBER)
    assert (row.state, row.may) == (state, "")
    assert canteen.results(FIRST) == ["unknown: dark"]
    assert canteen.ledger.payment(NUMBER) == canteen.lunch
    assert canteen.ledger.verify().faults == ()


def test_what_is_under_way_is_shown_and_may_not_be_touched(ledger, lunch):
    ledger.start_delivery(FIRST, "drop", {})
    assert [(row.state, row.may) for row in goods(ledger, NUMBER)] == [("waiting", "")] * 3


def test_goods_of_the_shelf_lack_nothing(ledger, paid):
    paid("1")
    assert goods(ledger, "1") == ()


# --- in the core --------------------------------------------------------------------------------


def test_what_did_not_come_out_is_on_top_of_the_list_until_staff_have_seen_to_it(
    kiosk, ledger, clock, lunch, paid
):
    clock.ahead = 60
    paid("1" * 24)
    ledger.end_delivery(KITCHEN, "failed: off")
    ledger.end_delivery(FIRST, "late")
    ledger.end_delivery(SECOND, "dropped")
    kiosk.does(OpenStaff(), EnterPin("246810"))
    kiosk.works()
    kiosk.checkout.delivered(FIRST, "failed")
    rows = kiosk.screen.staff.payments
    assert [(row.out_trade_no, row.lacking) for row in rows] == [
        (NUMBER, True), ("1" * 24, False),
    ]  # fmt: skip
    kiosk.does(FindPayment(NUMBER))
    kiosk.works()
    assert kiosk.screen.staff.payment.goods[0].state == "failed"
    kiosk.does(PrintTicket(NUMBER, FIRST), CloseDrop(NUMBER, KITCHEN, handed=True))
    assert (kiosk.slips.tickets, kiosk.slips.closed) == ([], [])
    kiosk.does(PrintTicket(NUMBER, KITCHEN), CloseDrop(NUMBER, FIRST, handed=False))
    assert (kiosk.slips.tickets, kiosk.slips.closed) == ([KITCHEN], [(FIRST, False)])
    kiosk.does(PrintTicket("1" * 24, KITCHEN))
    assert kiosk.slips.tickets == [KITCHEN]


def test_a_paid_payment_gives_its_goods_out_whoever_stands_there(kiosk, lunch):
    kiosk.checkout.payment_changed(lunch)
    assert kiosk.slips.given_out == [NUMBER]


def test_whoever_paid_is_told_his_number_and_that_something_did_not_come_out(kiosk, lunch):
    visit = Visit("v", "zh", 0.0, basket=LUNCH, payment=lunch)
    kiosk.counter.tell_payment(visit, lunch)
    assert kiosk.screen.screen is Screen.DONE
    assert (kiosk.screen.detail.key, kiosk.screen.detail.args) == (
        "todo.pick_up", {"number": "1623"},
    )  # fmt: skip
    before = kiosk.screen.seconds_left
    kiosk.checkout.delivered(FIRST, "taken")
    assert kiosk.screen.detail.key == "todo.pick_up"
    kiosk.checkout.delivered(SECOND, "failed")
    assert kiosk.screen.detail.key == "todo.goods_failed"
    assert kiosk.screen.seconds_left > before
    kiosk.counter.end()
    kiosk.checkout.delivered(SECOND, "failed")
    assert kiosk.hinted == "hint.goods_failed"


def test_a_stranger_is_not_told_what_another_lacks(kiosk, lunch):
    kiosk.counter.set(Visit("other", "zh", 0.0))
    kiosk.checkout.delivered(FIRST, "failed")
    assert (kiosk.screen.screen, kiosk.hinted) == (Screen.BASKET, "")
