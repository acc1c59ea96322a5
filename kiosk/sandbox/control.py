"""What a tester, the demo and the phone may do, from this machine only: scripts, codes, faces,
orders, audit and clock, as JSON under /sandbox/. Money is in fen.

Every wrong request is answered 400 with one sentence that says what is wrong.
"""

from __future__ import annotations

import base64
import ipaddress
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from kiosk.sandbox.clock import readable
from kiosk.sandbox.delivery import TooLarge, body_of
from kiosk.sandbox.order import Order
from kiosk.sandbox.parts import Parts
from kiosk.sandbox.scripts import Script
from kiosk.sandbox.wallet import CODE_LIFE

Handler = Callable[[Request], Awaitable[Response]]


def guarded(handler: Handler) -> Handler:
    """`handler` for callers on this machine, with wrong input as 400."""

    async def answer(request: Request) -> Response:
        host = request.client.host if request.client else ""
        if not host or not ipaddress.ip_address(host).is_loopback:
            return JSONResponse({"error": "only from this machine"}, 403)
        try:
            return await handler(request)
        except TooLarge:
            return JSONResponse({"error": "the body is too large"}, 413)
        except (ValueError, TypeError, OverflowError, RecursionError) as error:
            return JSONResponse({"error": str(error)}, 400)

    return answer


async def object_of(request: Request) -> dict[str, Any]:
    """The JSON object in a request; an empty body is an empty object."""
    body = await body_of(request)
    parsed = json.loads(body) if body.strip() else {}
    if not isinstance(parsed, dict):
        raise TypeError("the body is one JSON object")
    return parsed


@dataclass(frozen=True, slots=True)
class Control:
    """The control endpoints over the sandbox's parts."""

    parts: Parts

    def routes(self) -> list[BaseRoute]:
        """Method and path of every endpoint."""
        table: tuple[tuple[str, str, Handler], ...] = (
            ("GET", "health", self._health),
            ("GET", "wallet", self._wallet_key),
            ("DELETE", "state", self._start_over),
            ("GET", "scripts", self._list_scripts),
            ("POST", "scripts", self._add_script),
            ("DELETE", "scripts", self._clear_scripts),
            ("POST", "codes", self._mint),
            ("GET", "faces", self._list_faces),
            ("POST", "faces", self._enrol),
            ("DELETE", "faces", self._forget),
            ("DELETE", "faces/{openid}", self._forget),
            ("GET", "orders", self._list_orders),
            ("GET", "orders/{number}", self._show_order),
            ("POST", "orders/{number}/{decision}", self._decide),
            ("POST", "scan", self._scan),
            ("GET", "audit", self._show_audit),
            ("POST", "clock", self._set_clock),
        )
        return [
            Route(f"/sandbox/{path}", guarded(handler), methods=[method])
            for method, path, handler in table
        ]

    def mint(self, openid: str, name: str, balance: int | None) -> dict[str, Any]:
        """A payment code for a holder, who is made up where he is new."""
        with self.parts.store.transaction():
            openid = openid or self.parts.wallet.new_openid()
            self.parts.wallet.hold(openid, name, balance)
            code = self.parts.wallet.mint(openid)
        return {"code": code, "openid": openid, "expires_in": int(CODE_LIFE)}

    def scan(self, code_url: str, openid: str) -> dict[str, Any]:
        """The order behind a code on a kiosk's screen, which waits for its holder now."""
        with self.parts.store.transaction():
            self.parts.books.sweep()
            openid = openid or self.parts.wallet.new_openid()
            self.parts.wallet.hold(openid, "", None)
            return self._shown(self.parts.offers.scan(code_url.strip(), openid))

    async def _health(self, request: Request) -> Response:
        now = readable(self.parts.clock.now())
        return JSONResponse({"ok": True, "now": now, "speed": self.parts.clock.speed})

    async def _wallet_key(self, request: Request) -> Response:
        key = base64.b64encode(self.parts.faces.public_key).decode()
        return JSONResponse({"public_key": key})

    async def _start_over(self, request: Request) -> Response:
        with self.parts.store.transaction():
            self.parts.store.forget()
        self.parts.clock.start_over()
        return await self._health(request)

    async def _list_scripts(self, request: Request) -> Response:
        return JSONResponse({"scripts": self.parts.scripts.waiting()})

    async def _add_script(self, request: Request) -> Response:
        script = Script.of(await object_of(request))
        with self.parts.store.transaction():
            number = self.parts.scripts.add(script)
        answer = {"id": number, **asdict(script), "api": script.api.value}
        return JSONResponse(answer, 201)

    async def _clear_scripts(self, request: Request) -> Response:
        with self.parts.store.transaction():
            return JSONResponse({"cleared": self.parts.scripts.clear()})

    async def _mint(self, request: Request) -> Response:
        wanted = await object_of(request)
        openid, name = _word(wanted, "openid"), _word(wanted, "name")
        return JSONResponse(self.mint(openid, name, _balance(wanted)), 201)

    async def _list_faces(self, request: Request) -> Response:
        return JSONResponse({"faces": self.parts.faces.enrolled()})

    async def _enrol(self, request: Request) -> Response:
        wanted = await object_of(request)
        template = wanted.get("template")
        if not isinstance(template, list):
            raise TypeError("template is a list of numbers")
        numbers = [float(value) for value in template]
        openid, balance = _word(wanted, "openid"), _balance(wanted)
        with self.parts.store.transaction():
            openid = openid or self.parts.wallet.new_openid()
            self.parts.wallet.hold(openid, _word(wanted, "name"), balance)
            self.parts.faces.enrol(openid, numbers)
        return JSONResponse({"openid": openid}, 201)

    async def _forget(self, request: Request) -> Response:
        with self.parts.store.transaction():
            return JSONResponse(
                {"forgotten": self.parts.faces.forget(request.path_params.get("openid"))}
            )

    async def _list_orders(self, request: Request) -> Response:
        with self.parts.store.transaction():
            self.parts.books.sweep()
        return JSONResponse(
            {"orders": [self._shown(order) for order in self.parts.books.orders.every()]}
        )

    async def _show_order(self, request: Request) -> Response:
        with self.parts.store.transaction():
            self.parts.books.sweep()
        return self._found(self.parts.books.orders.find(request.path_params["number"]))

    async def _decide(self, request: Request) -> Response:
        decision = request.path_params["decision"]
        if decision not in {"confirm", "refuse"}:
            return JSONResponse({"error": "confirm or refuse"}, 404)
        number = request.path_params["number"]
        with self.parts.store.transaction():
            self.parts.books.sweep()
            decided = self.parts.books.orders.decide(number, confirmed=decision == "confirm")
        if decided is None and self.parts.books.orders.find(number) is not None:
            return JSONResponse({"error": "the order does not wait for the phone"}, 409)
        return self._found(decided)

    async def _scan(self, request: Request) -> Response:
        wanted = await object_of(request)
        return JSONResponse(self.scan(_word(wanted, "code_url"), _word(wanted, "openid")))

    async def _show_audit(self, request: Request) -> Response:
        with self.parts.store.transaction():
            self.parts.books.sweep()
        return JSONResponse({**self.parts.audit.findings(), "calls": self.parts.audit.calls()})

    async def _set_clock(self, request: Request) -> Response:
        wanted = await object_of(request)
        advance = float(wanted.get("advance", 0))
        speed = float(wanted.get("speed", self.parts.clock.speed))
        if not 0 <= advance <= 366 * 86400 or not 0.01 <= speed <= 10_000:
            raise ValueError("advance is 0 to 31622400 seconds, speed 0.01 to 10000")
        self.parts.clock.advanced += advance
        self.parts.clock.speed = speed
        with self.parts.store.transaction():
            self.parts.store.run(
                "INSERT OR REPLACE INTO setting VALUES ('advanced', ?)", self.parts.clock.advanced
            )
            self.parts.books.sweep()
        return await self._health(request)

    def _found(self, order: Order | None) -> Response:
        if order is None:
            return JSONResponse({"error": "no such order"}, 404)
        return JSONResponse(self._shown(order))

    def _shown(self, order: Order) -> dict[str, Any]:
        shown = _in_words(asdict(order))
        del shown["code_mark"], shown["asked"]
        refunds = self.parts.books.refunds.of_order(order.out_trade_no)
        shown["refunds"] = [_in_words(asdict(refund)) for refund in refunds]
        return shown


def _word(wanted: dict[str, Any], name: str) -> str:
    value = wanted.get(name, "")
    if not isinstance(value, str) or len(value) > 128:
        raise TypeError(f"{name} is a text of at most 128 characters")
    return value


def _balance(wanted: dict[str, Any]) -> int | None:
    value = wanted.get("balance")
    if value is not None and (type(value) is not int or not 0 <= value <= 10**12):
        raise ValueError("balance is an integer number of fen, 0 or more")
    return value


def _in_words(row: dict[str, Any]) -> dict[str, Any]:
    """A row as JSON: words for enumerations, RFC 3339 for moments."""
    return {
        name: value and readable(value) if name.endswith("_at") else getattr(value, "value", value)
        for name, value in row.items()
    }
