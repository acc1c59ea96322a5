"""The core process: money, devices, network. It knows no Kivy and no model."""

from __future__ import annotations

import pwd
import secrets
import uuid
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.errors import ConfigError
from kiosk.messages import Role
from kiosk.messages.brand import Branded
from kiosk.trace import Trace
from kiosk.wire import Server

if TYPE_CHECKING:
    from collections.abc import Callable

    from hardware.devices import NavigatorKey, Scale
    from kiosk.asking import Asking
    from kiosk.bagging_area import BaggingArea
    from kiosk.cashier import Cashier
    from kiosk.channels.channel import Account, NoticeChannel
    from kiosk.checkout import Checkout
    from kiosk.core import Core, Queue
    from kiosk.counter import Counter
    from kiosk.faces.local import LocalFaces
    from kiosk.faces.service import FaceListener
    from kiosk.jobs import Jobs
    from kiosk.messages import Message
    from kiosk.notices import NoticeDoor
    from kiosk.parking import Parking
    from kiosk.peripherals import Peripherals
    from kiosk.reporting import Reports
    from kiosk.searching import Searching
    from kiosk.timer import Timer
    from kiosk.weighing import ScaleWork


WORKERS = 4


def core(config: Config, settings: Path) -> Core:
    """The core process; `settings` is the machine's own file, which `config` was read from.

    Raises ConfigError or LedgerError; nothing is opened but the ledger.
    """
    from kiosk.attendant import Attendant
    from kiosk.cashier import Cashier
    from kiosk.channels.cash import CASH, Cash
    from kiosk.channels.codes import SpentCodes
    from kiosk.checkout import Checkout
    from kiosk.core import Core, Queue
    from kiosk.counter import Counter
    from kiosk.deliver import Deliveries
    from kiosk.down.book import banners_in_force
    from kiosk.down.duties import Means
    from kiosk.down.start import Provider
    from kiosk.face_rest import FaceRest
    from kiosk.housing import Housing
    from kiosk.jobs import Hears, Jobs
    from kiosk.kitchen import kitchen_of
    from kiosk.ledger import Ledger
    from kiosk.members import members_of
    from kiosk.offers import offers_of
    from kiosk.peripherals import Listeners, Peripherals
    from kiosk.refunds import Refunds
    from kiosk.settle import Settle
    from kiosk.snapshot import Snapshot
    from kiosk.standstill import Closing, VisitLock
    from kiosk.tender import Tender
    from kiosk.till import Till, order_of
    from kiosk.timer import Timer
    from kiosk.wallets import channels, refund_channels

    clock, calls, trace = Clock(), Queue(), Trace(config.trace)
    snapshot = Snapshot(
        config.paths.run / "visit.json",
        lambda kept: checkout.recall(kept),  # noqa: PLW0108 - made below
    )
    ledger = Ledger(config.paths.state / "ledger", clock.wall_ms)
    provider = Provider(settings, config)
    config, wallets = provider.running, {} if provider.joins else channels(config)
    timer = Timer(clock.now, workers(config))
    asked = {**wallets, CASH: Cash()}  # by whom a payment is settled, or a refund made
    jobs = Jobs(
        timer,
        Settle(
            ledger,
            wallets,
            lambda one: order_of(one, ledger.basket_of(one.out_trade_no) or {}, config),
        ),
        ledger,
        wallets,
        Hears(
            payment=lambda payment: calls.put(lambda: process.payment_changed(payment)),
            shown=lambda payment, shown: calls.put(lambda: tender.shown(payment, shown)),
            unsent=lambda payment, error: calls.put(lambda: tender.unsent(payment, error)),
        ),
    )
    cashier = Cashier(
        timer,
        Refunds(ledger, refund_channels(asked), config.staff.refund_limit_fen),
        ledger,
        lambda refund: calls.put(lambda: attendant.refund_changed(refund)),
    )
    peripherals = Peripherals(
        config.devices,
        config.stations,
        timer,
        config.paths.state / "statistics.json",
        Listeners(
            scan=lambda scan: calls.put(lambda: checkout.scanned(scan.text, gs1=scan.gs1)),
            contact=lambda name, on: calls.put(lambda: housing.contact(name, on, clock.now())),
            health=lambda: calls.put(lambda: counter.refresh()),  # noqa: PLW0108 - made below
            key=lambda key: calls.put(lambda: navigate(key, checkout, counter)),
        ),
    )
    deliveries = Deliveries(
        config,
        ledger,
        timer,
        peripherals,
        lambda key, result: calls.put(lambda: checkout.delivered(key, result)),
        trace,
    )
    server = Server(
        config.paths.socket,
        lambda role, message: process.received(role, message),  # noqa: PLW0108 - made below
        lambda role, here: process.changed(role, here),  # noqa: PLW0108 - made below
        _users(config),
    )
    faces, reports = face_service(
        config,
        lambda message: server.send(Role.FACES, message),
        lambda event: calls.put(lambda: tender.face(event)),
        timer,
    )
    shelf = provider.shelf()
    kitchen = kitchen_of(
        config,
        shelf.menu,
        ledger,
        clock.wall_ms,
        lambda shown: server.send(Role.ORDERS, shown),
    )
    till = Till(
        config=config,
        clock=clock,
        ledger=ledger,
        channels=wallets,
        jobs=jobs,
        deliveries=deliveries,
        peripherals=peripherals,
        faces=faces,
        random=secrets.randbelow,
        trace=trace,
        lock=VisitLock(config.paths.run / "visit.lock"),
        suspension=provider.suspension,
        joining_code=provider.joining_code,
        give_back=cashier.look,
        face_rest=FaceRest(config.faces, ledger, clock, config.terminal_id),
        kitchen=kitchen,
        weighing=scale_work(peripherals, timer, calls),
        bagging=bagging_area(config, peripherals, timer),
        offers=offers_of(config.paths.state, secrets.randbelow),
        members=members_of(config.content.members),
        searching=searching(timer, calls),
        asking=asking_of(calls, lambda: counter),
        closing=Closing(config.paths.state / "closed"),
    )
    housing = Housing(
        peripherals.lights,
        lambda message: server.send(Role.UI, message),
        lambda press: checkout.command(press),  # noqa: PLW0108 - made below
        config.visit.sleep,
        lambda on: counter.plug(headphones=on),
    )
    counter = Counter(till, snapshot, housing.show, banners_in_force(config))
    tender = Tender(counter, till, SpentCodes(secrets.token_bytes(32)))
    attendant = Attendant(
        counter, till, cashier, timer.put, calls.put,
        parking_of(config, lambda: checkout),
    )  # fmt: skip
    checkout = Checkout(counter, tender, attendant, till, shelf, lambda: uuid.uuid4().hex[:12])

    process = Core(
        calls=calls,
        clock=clock,
        server=server,
        timer=timer,
        ledger=ledger,
        jobs=jobs,
        cashier=cashier,
        deliveries=deliveries,
        peripherals=peripherals,
        snapshot=snapshot,
        counter=counter,
        tender=tender,
        checkout=checkout,
        housing=housing,
        faces=faces,
        reports=reports,
        board=None if kitchen is None else kitchen.board,
        doors=notice_doors(wallets, jobs, cashier),
        down=provider.open(
            Means(
                config.terminal_id,
                ledger,
                timer,
                jobs,
                cashier,
                peripherals,
                calls.put,
                kitchen,
                till.asking,
                till.closing,
            ),
            lambda shelf, stocked: calls.put(lambda: checkout.restock(shelf, stocked)),
        ),
        leaving=provider.leaving,
        language=config.shop.language,
        test=till.test,
        look=look_of(config),
    )
    return process


def navigate(key: NavigatorKey, checkout: Checkout, counter: Counter) -> None:
    """A key of the navigator, or its jack."""
    from hardware.devices import NavigatorKey
    from kiosk.messages.access import Key

    if key in (NavigatorKey.PLUGGED, NavigatorKey.UNPLUGGED):
        counter.plug(headphones=key is NavigatorKey.PLUGGED)
    else:
        checkout.key(Key[key.name])


def look_of(config: Config) -> Branded:
    """What the screen is to wear, with what came from afar."""
    brand = config.brand
    return Branded(config.shop.languages, brand.colours, brand.texts, brand.slide_seconds)


def face_service(
    config: Config, send: Callable[[Message], bool], listener: FaceListener, timer: Timer
) -> tuple[LocalFaces, Reports] | tuple[None, None]:
    """Who looks for faces, and what the wallet's service is told; neither where none is asked."""
    from kiosk.faces.local import LocalFaces
    from kiosk.reporting import Reports

    if not config.faces.wallet_url:
        return None, None
    faces = LocalFaces(send, listener, config.faces.wallet_url, _merchant(config))
    return faces, Reports(timer.put, faces, _reported(config))


def asking_of(calls: Queue, counter: Callable[[], Counter]) -> Asking:
    """Who hears that a shopper waits for staff; `counter` tells him that they are on the way."""
    from kiosk.asking import Asking

    return Asking(lambda: calls.put(lambda: counter().coming()))


def parking_of(config: Config, checkout: Callable[[], Checkout]) -> Parking:
    """Where baskets wait; `checkout` is asked for when one is taken back."""
    from kiosk.parking import Parking, Prices

    prices = Prices(
        lambda kept: checkout().recall(kept),
        lambda: checkout().terms(),
        lambda code: checkout().find(code),
    )
    return Parking(config.paths.state / "parked.json", config.terminal_id, prices)


def scale_work(peripherals: Peripherals, timer: Timer, calls: Queue) -> ScaleWork | None:
    """The scale as the checkout asks it, where one is configured."""
    from kiosk.peripherals import SCALE
    from kiosk.weighing import ScaleWork

    if peripherals.scale is None:
        return None
    works = partial(peripherals.works, SCALE)
    return ScaleWork(peripherals.scale, works, timer.put, calls.put)


def searching(timer: Timer, calls: Queue) -> Searching:
    """Makes the indexes of price books on another thread."""
    from kiosk.searching import Searching

    return Searching(timer.put, calls.put)


def bagging_area(config: Config, peripherals: Peripherals, timer: Timer) -> BaggingArea | None:
    """The scale under the bags, where one is configured."""
    from kiosk.bagging_area import BaggingArea, Weights
    from kiosk.device_kinds import BAGGING

    scale = peripherals.device(BAGGING)
    if scale is None:
        return None
    weights = Weights(config.paths.state / "weights.json", timer.put)
    return BaggingArea(cast("Scale", scale), partial(peripherals.works, BAGGING), weights)


def workers(config: Config) -> int:
    """Threads of the timer: slow paper, spirals, scales and fleets leave the payments theirs."""
    others = len({"dispenser", "scale"} & set(config.devices)) + bool(config.fleet.merchant_id)
    return WORKERS + len(config.stations) + others


def notice_doors(
    wallets: Mapping[str, Account], jobs: Jobs, cashier: Cashier
) -> Sequence[NoticeDoor]:
    """A door for each channel that is told to listen. Raises ConfigError."""
    from kiosk.channels.channel import PaymentTold, RefundTold
    from kiosk.notices import NoticeDoor

    def tell(told: PaymentTold | RefundTold) -> None:
        if isinstance(told, PaymentTold):
            jobs.told(told)
        else:
            cashier.told(told.refund.out_refund_no)

    listening = [one for one in wallets.values() if getattr(one, "notify_listen", "")]
    return [NoticeDoor(cast("NoticeChannel", one), tell) for one in listening]


def _merchant(config: Config) -> dict[str, str]:
    """Who is paid, in the words of the face service's calls."""
    options = next(iter(config.channels.values())).options
    named = ("appid", "mch_id", "sub_appid", "sub_mch_id")
    numbers = {name: str(options[name]) for name in named if options.get(name)}
    kind = str(options.get("face_code_type", "1"))
    return {**numbers, "store_id": config.shop.store_id, "face_code_type": kind}


def _reported(config: Config) -> frozenset[str]:
    """The channels whose payments the face service hears of: those of the merchant it knows."""
    numbers = {name: one.options.get("mch_id") for name, one in config.channels.items()}
    known = next(iter(numbers.values()))
    return frozenset(name for name, number in numbers.items() if number == known)


def _users(config: Config) -> dict[Role, int]:
    wanted = {Role.UI: config.users.ui, Role.FACES: config.users.faces}
    if any(wanted.values()) and not all(wanted.values()):
        raise ConfigError("users: one role is bound to a user and the other is not", "Name both")
    wanted[Role.ORDERS] = config.users.orders  # nobody's board where the others are bound
    try:
        return {role: pwd.getpwnam(user).pw_uid for role, user in wanted.items() if user}
    except KeyError as error:
        raise ConfigError(
            f"users: {error.args[0]}", "Create the user (systemd-sysusers)"
        ) from error
