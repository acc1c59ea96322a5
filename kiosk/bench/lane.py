"""A shop without a window for measuring: sandbox, devices and core, and a hand on the wire.

    sandbox ◄─relay─ core ◄─socket─ hand, in the place of the screen
                      └── scanner, printer: simulated peers

The core is the shipped one as `watched` runs it. The hand waits for what the screen would show.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from kiosk.bench.relay import Relay
from kiosk.config import load
from kiosk.demo.settings import Play
from kiosk.demo.shopper import GOODS
from kiosk.demo.stage import Stage
from kiosk.errors import KioskError
from kiosk.messages import (
    ChooseTender,
    Command,
    Consent,
    Leave,
    Pay,
    Role,
    Screen,
    Showing,
    Start,
)
from kiosk.wire import Client

_WITHIN = 30.0  # seconds that anything may take


class Lane(Stage):
    """Its `relay` knows how long each call was outside, its `commits` what was flushed when."""

    def __init__(self, folder: Path) -> None:
        self.relay = Relay(self._wallet)
        settings: dict[str, dict[str, object]] = {
            "channels.wechatpay": {"pay_url": self.relay.url},
            "visit": {"done": _WITHIN, "trouble": _WITHIN},  # the hand leaves by itself
        }
        super().__init__(folder, Play("", enrolled=False, settings=settings), kiosk=("core",))

    @property
    def commits(self) -> Path:
        """A JSON line for each durable commit."""
        return self.folder / "commits.jsonl"

    def stop(self) -> None:
        super().stop()
        self.relay.stop()

    def _set_up(self) -> None:
        self.relay.start()
        super()._set_up()

    def _command(self, name: str) -> list[str]:
        command = super()._command(name)
        if name == "core":
            return ["kiosk.bench.watched", str(self.commits), *command[1:]]
        return command

    def _wallet(self) -> tuple[str, int]:
        at = urlsplit(self.sandbox_url)
        return str(at.hostname), at.port or 0


class Hand:
    """The shopper's hand and eyes."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._line = Client(load(stage.places.config).paths.socket, Role.UI, retry_after=0.005)
        self._line.start()
        self._seen: Showing | None = None

    def close(self) -> None:
        """Hang up."""
        self._line.stop()

    def sees(self, happened: Callable[[Showing], bool], what: str) -> Showing:
        """Wait until the screen is so. Raises KioskError."""
        end = time.monotonic() + _WITHIN
        while self._seen is None or not happened(self._seen):
            if time.monotonic() > end:
                raise KioskError(f"waited {_WITHIN:g} s for {what}", f"See {self._stage.folder}")
            for message in self._line.wait(0.05):
                if isinstance(message, Showing):
                    self._seen = message
        return self._seen

    def reaches(self, screen: Screen) -> Showing:
        """Wait for a screen."""
        return self.sees(lambda seen: seen.screen is screen, screen.value)

    def touches(self, command: Command) -> None:
        """Touch the screen."""
        self._line.send(command)

    def goes_to_code(self) -> None:
        """A visit with one thing, until a payment code is awaited."""
        self._chooses("code", Screen.CODE)

    def shows_code(self) -> str:
        """Show one, and take the slip; the number of the payment."""
        self._stage.scan(self._stage.payment_code())
        return self._leaves_with_slip()

    def pays_by_face(self) -> str:
        """A visit with one thing, paid by face; the number of its payment."""
        shown = self._chooses("face", Screen.NOTICE)
        self.touches(Consent(shown.notice_version))
        return self._leaves_with_slip()

    def _chooses(self, tender: str, then: Screen) -> Showing:
        self.reaches(Screen.ATTRACT)
        self.touches(Start())
        self.reaches(Screen.BASKET)
        self._stage.scan(GOODS[0])
        self.sees(lambda seen: seen.count == 1, "the goods")
        self.touches(Pay())
        self.sees(lambda seen: tender in seen.tenders, f"{tender} on offer")
        self.touches(ChooseTender(tender))
        return self.reaches(then)

    def _leaves_with_slip(self) -> str:
        shown = self.sees(lambda seen: seen.slip in ("taken", "failed"), "the slip")
        self.touches(Leave())
        self.reaches(Screen.ATTRACT)
        return shown.reference
