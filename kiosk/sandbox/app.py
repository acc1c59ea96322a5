"""The sandbox put together: a folder in, an ASGI application out.

/face/get_wxpayface_authinfo   /pay/micropay   /pay/orderquery   /secapi/pay/reverse    XML
/secapi/pay/refund   /pay/refundquery   /pay/downloadbill   /pay/downloadfundflow       XML
/face/getwxpayfacecode                                        JSON, the face service's own
/sandbox/…   /phone                                           this machine only
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from kiosk.sandbox.audit import Audit
from kiosk.sandbox.bill_calls import BillCalls
from kiosk.sandbox.bills import Bills
from kiosk.sandbox.books import Books
from kiosk.sandbox.calls import Calls
from kiosk.sandbox.clock import Clock
from kiosk.sandbox.control import Control
from kiosk.sandbox.delivery import Door, Line
from kiosk.sandbox.dialects import JsonCall, XmlCall
from kiosk.sandbox.face_calls import FaceCalls
from kiosk.sandbox.faces import Faces
from kiosk.sandbox.merchant import Merchant, merchant_in, wallet_keys_in
from kiosk.sandbox.movements import Movements
from kiosk.sandbox.orders import Orders
from kiosk.sandbox.pay_calls import PayCalls
from kiosk.sandbox.phone import phone_routes
from kiosk.sandbox.refund_calls import RefundCalls
from kiosk.sandbox.refunds import Refunds
from kiosk.sandbox.reply import Answers
from kiosk.sandbox.scripts import Api, Scripts
from kiosk.sandbox.store import Store
from kiosk.sandbox.wallet import Wallet
from kiosk.sandbox.wire import SignType


@dataclass(frozen=True, slots=True)
class Sandbox:
    """An open sandbox; `close` gives its folder free."""

    app: Starlette
    store: Store
    merchant: Merchant

    def close(self) -> None:
        """Close the memory."""
        self.store.close()


def open_sandbox(
    folder: Path,
    *,
    speed: float = 1.0,
    wall: Callable[[], float] = time.time,
    chance: random.Random | None = None,
) -> Sandbox:
    """Open or make the sandbox in `folder`; raises BlockingIOError when another one has it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    chance = chance or random.SystemRandom()
    store = Store(folder)
    merchant, keys = merchant_in(folder, chance), wallet_keys_in(folder)
    kept = store.one("SELECT value FROM setting WHERE name = 'advanced'")
    clock = Clock(wall, speed, float(kept["value"]) if kept else 0.0)
    wallet = Wallet(store, clock, chance, keys.marks)
    orders = Orders(store, clock, chance, wallet)
    books = Books(orders, Refunds(store, clock, chance, wallet, orders))
    faces = Faces(store, clock, chance, wallet, merchant, keys)
    audit = Audit(store, clock, wallet, books)
    scripts = Scripts(store)
    line = Line(store, scripts, audit)
    control = Control(store, clock, wallet, faces, books, scripts, audit)
    answers = Answers(merchant, lambda: chance.randbytes(16).hex())
    pay = PayCalls(merchant, answers, orders, wallet)
    face = FaceCalls(merchant, answers, clock, faces)
    refund = RefundCalls(merchant, answers, orders, books.refunds)
    bill = BillCalls(merchant, Bills(clock, merchant, Movements(orders, books.refunds)))
    refusals = {
        **dict.fromkeys(Api, answers.refused),
        **dict.fromkeys(face.acts(), face.refused),
        Api.BILL: bill.refused,
    }
    acts = {**pay.acts(), **face.acts(), **refund.acts(), **bill.acts()}
    calls = Calls(books, acts, refusals)
    xml = (
        ("/pay/micropay", Api.MICROPAY),
        ("/pay/orderquery", Api.ORDERQUERY),
        ("/pay/facepayquery", Api.ORDERQUERY),
        ("/pay/closeorder", Api.CLOSE),
        ("/tools/authcodetoopenid", Api.OPENID),
        ("/secapi/pay/reverse", Api.REVERSE),
        ("/secapi/pay/facepayreverse", Api.REVERSE),
        ("/secapi/pay/refund", Api.REFUND),
        ("/pay/refundquery", Api.REFUNDQUERY),
        ("/pay/downloadbill", Api.BILL),
    )
    hmac = SignType.HMAC_SHA256
    flow = XmlCall(Api.FUNDFLOW, merchant, calls, certified=True, only=hmac)
    facepay = XmlCall(Api.FACEPAY, merchant, calls, only=hmac)
    authinfo = XmlCall(Api.AUTHINFO, merchant, calls, "PARAM_ERROR")
    routes: list[BaseRoute] = [
        Route("/face/get_wxpayface_authinfo", Door(line, authinfo)),
        Route("/face/getwxpayfacecode", Door(line, JsonCall(Api.FACECODE, calls))),
        Route("/face/reportpaycode", Door(line, JsonCall(Api.REPORT, calls))),
        Route("/face/reportorder", Door(line, JsonCall(Api.REPORT, calls))),
        *(
            Route(
                path,
                Door(line, XmlCall(api, merchant, calls, certified=path.startswith("/secapi/"))),
            )
            for path, api in xml
        ),
        Route("/pay/downloadfundflow", Door(line, flow)),
        Route("/pay/facepay", Door(line, facepay)),
        *control.routes(),
        *phone_routes(control),
    ]
    return Sandbox(Starlette(routes=routes), store, merchant)
