"""The shopper's phone, as a page: a payment code that renews itself, a field in place of a camera
that scans a code_url, and orders to confirm.

The bars are Code 128, set C: two digits a symbol, as the wallet draws its codes.
"""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from kiosk.sandbox.barcode import code128_svg
from kiosk.sandbox.control import Control, guarded, object_of

_OPENID = "oPhoneOfTheSandbox0000000000"


def phone_routes(control: Control) -> list[BaseRoute]:
    """The page, and the code it asks for."""

    async def page(_: Request) -> Response:
        return HTMLResponse(Path(__file__).with_name("phone.html").read_text("utf-8"))

    async def code(_: Request) -> Response:
        minted = control.mint(_OPENID, "Phone", None)
        return JSONResponse({**minted, "bars": code128_svg(minted["code"])}, 201)

    async def scan(request: Request) -> Response:
        wanted = await object_of(request)
        return JSONResponse(control.scan(str(wanted.get("code_url", "")), _OPENID))

    return [
        Route("/phone", guarded(page), methods=["GET"]),
        Route("/phone/code", guarded(code), methods=["POST"]),
        Route("/phone/scan", guarded(scan), methods=["POST"]),
    ]
