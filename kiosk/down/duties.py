"""What this kiosk does when the service provider orders it, by itself and by its own rules.

A refund is the ledger's own, within the limit of the staff; a test prints paper and never drops
goods; a suspension ends no visit. Nothing here is done twice because somebody was killed.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from hardware.devices import CashDrawer
from hardware.errors import DeviceError
from kiosk import __version__
from kiosk.asking import Asking
from kiosk.cashier import Cashier
from kiosk.channels.channel import ChannelError
from kiosk.clock import Clock
from kiosk.deliver.outlets import in_lane
from kiosk.device_test import DidNotWork, healthy, kick, print_slip
from kiosk.domain.refund import Refund, RefundState
from kiosk.down.orders import Order, Orders
from kiosk.jobs import Jobs
from kiosk.kitchen import Kitchen
from kiosk.ledger import Ledger, LedgerError
from kiosk.peripherals import Peripherals
from kiosk.refunds import RefundRefused
from kiosk.standstill import Closing, Suspension
from kiosk.timer import Timer
from kiosk.uplink import Uplink
from kiosk.uplink.start import UPLINK
from kiosk.uplink.uplink import READER

PATIENCE = 30.0  # seconds that a device, a channel or the fleet may take
REFUND_PATIENCE = 5.0  # a refund that takes longer is answered as it stands, and goes on
LOOK_EVERY = 0.1

_REFUSED = {
    "refund.not_paid": "nothing was paid",
    "refund.part": "the basket is just being paid",
    "refund.open": "another refund of it is not at its end",
    "refund.too_much": "that is more than is left of it",
    "refund.over_limit": "that is more than the limit of the staff here",
}

log = logging.getLogger(__name__)


class Refused(Exception):
    """It is not done; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Means:
    """The parts of the core that orders need."""

    terminal_id: str
    ledger: Ledger
    timer: Timer
    jobs: Jobs
    cashier: Cashier
    peripherals: Peripherals
    loop: Callable[[Callable[[], None]], object] = lambda work: work()
    """Has the checkout's thread do something."""
    kitchen: Kitchen | None = None
    asking: Asking = field(default_factory=Asking)
    closing: Closing = field(default_factory=Closing)


class Duties:
    """Obeys orders one after the other, on its caller's thread; may wait for PATIENCE."""

    def __init__(
        self,
        means: Means,
        suspension: Suspension,
        uplink: Uplink,
        orders: Orders,
        stopped: threading.Event,
    ) -> None:
        """After `stopped` nothing is answered that failed: the next start finds out."""
        self._means, self._suspension = means, suspension
        self._uplink, self._orders, self._stopped = uplink, orders, stopped

    def obey(self, order: Order) -> None:
        """Do it and answer it; whatever goes wrong is the answer."""
        try:
            said, done = self._do(order), True
        except (Refused, DidNotWork) as error:
            said, done = str(error), False
        except RefundRefused as error:
            said, done = _REFUSED.get(error.key, error.key), False
        except (ChannelError, DeviceError, LedgerError) as error:
            said, done = f"{error.cause}. {error.mend}".strip(), False
        except Exception as error:
            log.exception("order failed command_id=%s", order.command_id)
            said, done = f"{order.what} cannot be done: {type(error).__name__} {error}", False
        if not done and self._stopped.is_set():
            return
        self._orders.answer(order, said, done=done)

    def _do(self, order: Order) -> str:
        given = order.arguments
        match order.what:
            case "suspend":
                self._suspension.begin()
                return "no visit begins any more; one that is under way ends as it would"
            case "resume":
                self._suspension.end()
                return "visits begin again"
            case "help_coming":
                if not self._means.asking.come():
                    raise Refused("nobody waits for staff here")
                return "the shopper reads that somebody is on the way"
            case "send_now":
                return self._send_now()
            case "test_device":
                return self._test(order, str(given["device"]))
            case "query":
                return self._query(str(given["out_trade_no"]))
            case "refund":
                return self._refund(order)
            case "sold_out" | "there_again":
                return self._sell_out(str(given["code"]), sold_out=order.what == "sold_out")
            case _:
                raise Refused(f"version {__version__} knows no command {order.what!r}")

    # --- the uplink -----------------------------------------------------------------------------

    def _send_now(self) -> str:
        means = self._means

        def send() -> str:
            self._uplink.hurry()
            self._uplink.work(Clock().now())
            if self._uplink.failing:
                raise Refused("the fleet did not take it; it is tried again")
            more = bool(means.ledger.unsent(READER, 1))
            return "health and a batch are sent" + (", and more follows" if more else "")

        return _elsewhere(lambda work: means.timer.put(UPLINK, lambda _now: work()), send)

    # --- devices --------------------------------------------------------------------------------

    def _test(self, order: Order, name: str) -> str:
        peripherals, printer = self._means.peripherals, self._means.peripherals.printer(name)
        device: Any = peripherals.device(name)
        if device is None:
            raise Refused(f"there is no device {name!r}; there are: {', '.join(peripherals.names)}")
        if order.begun is not None:
            raise Refused("the kiosk was started again while it tested; it does not test twice")
        self._orders.begin(order, {})

        def test() -> str:
            if printer is not None:
                when = time.strftime("%Y-%m-%d %H:%M")
                return print_slip(printer, f"{self._means.terminal_id}  {when}", order.command_id)
            if isinstance(device, CashDrawer):
                return f"the drawer was told to open; its switch says: {kick(device).value}"
            return healthy(device.check_health())

        return _elsewhere(lambda work: in_lane(self._means.timer, peripherals, name, work), test)

    # --- the menu -------------------------------------------------------------------------------

    def _sell_out(self, code: str, *, sold_out: bool) -> str:
        kitchen = self._means.kitchen
        if kitchen is None:
            raise Refused("there is no menu here")
        if code.isascii() and code.isdigit():
            code = code.zfill(5)  # a dish by its number

        def mark() -> str:
            if not kitchen.stock.mark(code, sold_out=sold_out):
                raise Refused(f"{code} is no dish and no option of the menu")
            return f"{code} is {'sold out' if sold_out else 'there again'}"

        return _elsewhere(self._means.loop, mark)

    # --- money ----------------------------------------------------------------------------------

    def _query(self, number: str) -> str:
        ledger = self._means.ledger
        payment = ledger.payment(number)
        if payment is None:
            raise Refused(f"{number} is no payment of this till")
        if not payment.final:
            asked = threading.Event()
            self._means.jobs.ask_again(payment, asked.set)
            if not asked.wait(PATIENCE):
                raise Refused(f"{number} could not be asked about within {PATIENCE:.0f} s")
            payment = ledger.payment(number) or payment
        return f"{number} {payment.state.name} {payment.transaction_id or ''}".strip()

    def _refund(self, order: Order) -> str:
        given = order.arguments
        number, fen, reason = str(given["out_trade_no"]), int(given["fen"]), str(given["reason"])
        if order.begun is None:
            before = [each.out_refund_no for each in self._means.ledger.refunds_of(number)]
            order = self._orders.begin(order, {"refunds": before})
        refund = self._begun(order, number, fen, reason)
        if refund is None:
            refund = self._means.cashier.request(number, fen, reason)
        end = time.monotonic() + REFUND_PATIENCE
        while not (refund.final or self._stopped.is_set() or time.monotonic() >= end):
            self._stopped.wait(LOOK_EVERY)
            refund = self._means.ledger.refund(refund.out_refund_no) or refund
        said = f"{refund.out_refund_no} {refund.state.name}"
        if refund.state is RefundState.CLOSED:
            raise Refused(f"{said} {refund.code}")
        return said

    def _begun(self, order: Order, number: str, fen: int, reason: str) -> Refund | None:
        """The refund of this order that is in the ledger already, where the core was killed."""
        before = (order.begun or {}).get("refunds", ())
        return next(
            (
                each
                for each in self._means.ledger.refunds_of(number)
                if each.out_refund_no not in before
                and (each.amount.fen, each.reason) == (fen, reason)
            ),
            None,
        )


def _elsewhere(begin: Callable[[Callable[[], None]], object], act: Callable[[], str]) -> str:
    """What `act` says on the thread that `begin` gives it to, or raises there."""
    answer: Future[str] = Future()

    def work() -> None:
        try:
            answer.set_result(act())
        except Exception as error:  # noqa: BLE001 - raised again where it was asked for
            answer.set_exception(error)

    begin(work)
    try:
        return answer.result(PATIENCE)
    except TimeoutError as error:
        raise Refused(f"nothing came of it within {PATIENCE:.0f} s") from error
