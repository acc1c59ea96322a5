"""The console as an ASGI app: cookie, gate, sign-in, files, style sheet, and NiceGUI's pages."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from nicegui import ui
from starlette.middleware.sessions import SessionMiddleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from fleet.console.exports import export_routes
from fleet.console.gate import COOKIE, Gate
from fleet.console.pages import register_pages
from fleet.console.services import Services
from fleet.console.signin import signin_routes

ASSETS = Path(__file__).parent / "assets"
RECONNECT = 5.0  # seconds that a page may be cut off and go on


def application(services: Services) -> FastAPI:
    """The app; NiceGUI keeps its pages in the process, so there is one a process."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.router.routes += [
        *signin_routes(services),
        *export_routes(services),
        Mount("/assets", StaticFiles(directory=ASSETS)),
    ]
    register_pages(services)
    ui.run_with(
        app,
        title="Fleet",
        favicon=ASSETS / "seal.svg",
        reconnect_timeout=RECONNECT,
        tailwind=False,
        show_welcome_message=False,
    )
    app.add_middleware(Gate, services=services)
    app.add_middleware(
        SessionMiddleware,
        secret_key=services.key.cookies,
        session_cookie=COOKIE,
        max_age=None,
        same_site="lax",
        https_only=services.secure,
    )
    return app
