"""Lets each wish of the shopper reach the core once.

A double tap on Pay is one wish. Steps of the visit wait for the core's answer, all of them
together; other commands only for a repeat of themselves. An answer that never comes (the core
refused in silence) must not leave a dead screen, so the wait is over after `PATIENCE`.
"""

from __future__ import annotations

from collections.abc import Callable

from kiosk.messages import (
    Back,
    ChooseTender,
    Command,
    Consent,
    Leave,
    Pay,
    PayPart,
    Split,
    Start,
)
from kiosk.messages.goods import Browse, FindGoods, TakeBags
from kiosk.messages.menu import ChooseService, SetTable, ShowOrder
from kiosk.messages.staff import StaffCommand

PATIENCE = 3.0  # seconds

_STEPS = (
    Start | Pay | ChooseTender | Split | PayPart | Consent | Back | Leave | Browse | TakeBags
    | ChooseService | SetTable | ShowOrder | StaffCommand
)  # fmt: skip


class Sender:
    """Between the widgets and the link; `answered` is called for every message that comes."""

    def __init__(self, send: Callable[[Command], object], clock: Callable[[], float]) -> None:
        self._send = send
        self._clock = clock
        self._sent: dict[str, tuple[Command, float]] = {}

    def send(self, command: Command) -> bool:
        """Send, unless the same is still on its way; answers whether it was sent."""
        group = "step" if isinstance(command, _STEPS) else type(command).__name__
        before = self._sent.get(group)
        now = self._clock()
        if (
            before is not None
            and now - before[1] < PATIENCE
            and (group == "step" or before[0] == command)
        ):
            return False
        self._sent[group] = (command, now)
        self._send(command)
        return True

    def found(self) -> None:
        """The core has told what was looked for; that answers nothing else."""
        self._sent.pop(FindGoods.__name__, None)

    def answered(self) -> None:
        """The core said something: every wish may be uttered again."""
        self._sent.clear()
