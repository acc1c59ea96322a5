"""The sandbox put together: a folder in, an ASGI application out.

/face/get_wxpayface_authinfo   /pay/micropay   /pay/orderquery   /secapi/pay/reverse    XML
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
from kiosk.sandbox.calls import Calls
from kiosk.sandbox.clock import Clock
from kiosk.sandbox.control import Control
from kiosk.sandbox.delivery import Door, Line
from kiosk.sandbox.dialects import Dialect, PlainJson, SignedXml
from kiosk.sandbox.faces import Faces
from kiosk.sandbox.merchant import merchant_in, wallet_keys_in
from kiosk.sandbox.orders import Orders
from kiosk.sandbox.phone import phone_routes
from kiosk.sandbox.scripts import Api, Scripts
from kiosk.sandbox.store import Store
from kiosk.sandbox.wallet import Wallet


@dataclass(frozen=True, slots=True)
class Sandbox:
    """An open sandbox; `close` gives its folder free."""

    app: Starlette
    store: Store

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
    faces = Faces(store, clock, chance, wallet, merchant, keys)
    audit = Audit(store, clock, wallet, orders)
    scripts = Scripts(store)
    line = Line(store, scripts, audit, Calls(merchant, clock, chance, orders, faces))
    control = Control(store, clock, wallet, faces, orders, scripts, audit)
    xml = SignedXml(merchant)
    routes: list[BaseRoute] = [
        _door(
            "/face/get_wxpayface_authinfo", line, Api.AUTHINFO, SignedXml(merchant, "PARAM_ERROR")
        ),
        _door("/face/getwxpayfacecode", line, Api.FACECODE, PlainJson()),
        _door("/pay/micropay", line, Api.MICROPAY, xml),
        _door("/pay/orderquery", line, Api.ORDERQUERY, xml),
        _door("/secapi/pay/reverse", line, Api.REVERSE, xml),
        *control.routes(),
        *phone_routes(control),
    ]
    return Sandbox(Starlette(routes=routes), store)


def _door(path: str, line: Line, api: Api, dialect: Dialect) -> Route:
    return Route(path, Door(line, api, dialect))
