"""The sandbox put together: a folder in, an ASGI application out.

/face/…  /pay/…  /secapi/…  /tools/…    v2.py: signed XML, and the face service's JSON
/v3/…                                   v3/door.py: JSON signed in its headers
/sandbox/…  /phone                      control.py: this machine only
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from kiosk.sandbox import v2
from kiosk.sandbox.control import Control
from kiosk.sandbox.delivery import Door, Line
from kiosk.sandbox.letters import Letters
from kiosk.sandbox.merchant import Merchant
from kiosk.sandbox.notices import Notices
from kiosk.sandbox.notifier import Notifier
from kiosk.sandbox.order import Wire
from kiosk.sandbox.parts import Parts, parts_in
from kiosk.sandbox.phone import phone_routes
from kiosk.sandbox.v3 import door as v3
from kiosk.sandbox.v3.keys import Mode, keys_in
from kiosk.sandbox.v3.letters import JsonLetters
from kiosk.sandbox.v3.wire import Signer
from kiosk.sandbox.xml_letters import XmlLetters


@dataclass(frozen=True, slots=True)
class Sandbox:
    """An open sandbox; `close` gives its folder free."""

    app: Starlette
    parts: Parts
    notifier: Notifier

    @property
    def merchant(self) -> Merchant:
        """The one merchant with an account here."""
        return self.parts.merchant

    def close(self) -> None:
        """Close the memory."""
        self.parts.store.close()


LINK_LIFE = 300.0
"""Seconds for which the wallet's documents of today let a bill be downloaded; older ones say 30."""


def open_sandbox(
    folder: Path,
    *,
    speed: float = 1.0,
    mode: Mode = Mode.CERTIFICATE,
    link_life: float = LINK_LIFE,
) -> Sandbox:
    """Open or make the sandbox in `folder`; raises BlockingIOError when another one has it."""
    parts = parts_in(folder, speed)
    keys = keys_in(folder / "v3", parts.merchant.mch_id, mode, parts.chance)
    signer = Signer(keys, parts.clock.wall, parts.chance)
    line = Line(parts.store, parts.scripts, parts.audit)
    calls = {**v2.calls_of(parts), **v3.calls_of(parts, keys, signer, link_life)}
    control = Control(parts)
    routes: list[BaseRoute] = [
        *(Route(path, Door(line, call)) for path, call in calls.items()),
        *control.routes(),
        *phone_routes(control),
    ]
    letters: dict[Wire, Letters] = {
        Wire.XML: XmlLetters(parts.merchant, v2.answers_of(parts)),
        Wire.JSON: JsonLetters(parts.merchant, signer),
    }
    notifier = Notifier(parts, Notices(parts), letters)
    return Sandbox(Starlette(routes=routes), parts, notifier)
