"""What can be done from the console: ask about a payment, ask for a refund, command a terminal.

Nothing is done here. A question goes to the channel through the desk or to the terminal as a
command, a refund to the terminal alone, whose ledger and channel then count it; the answers come
when they come. Every act is checked against the user's role and rows, and written down.
"""

from __future__ import annotations

from dataclasses import dataclass

from fleet.console import events
from fleet.console.events import Done, Events
from fleet.console.questions.payments import Booked, payment, refundable_fen, refunds
from fleet.console.roles import Act
from fleet.console.view import NotThere, View
from fleet.console.words import money
from fleet.down.commands import Command, Commands
from fleet.gateway.desk import Desk, DeskAnswer
from fleet.who import Who

REASON = 80  # characters
RECENT = 50
Arguments = dict[str, str | int]

PLAIN = ("suspend", "resume", "help_coming", "send_now", "reboot")


class ActError(Exception):
    """It cannot be done; `why` is the key of the sentence."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Acts:
    """Acts of one user."""

    view: View
    events: Events
    address: str

    def command(self, who: Who, what: str, device: str, now_ms: int) -> str:
        """Give a terminal a command: one of PLAIN, or test_device. Raises NotThere, ActError."""
        self._check(Act.COMMAND)
        self.view.terminal(who)
        arguments: Arguments = {"device": device} if what == "test_device" else {}
        self._note(events.COMMANDED, who, what, device, now_ms)
        return self._give(who, what, arguments, now_ms)

    def ask_channel(self, who: Who, out_trade_no: str, now_ms: int) -> str:
        """Ask the payment's channel itself; the id by which `channel_answer` finds the answer."""
        self._check(Act.QUERY)
        booked = payment(self.view, who, out_trade_no)
        channel = booked.payment.channel
        self._note(events.QUERIED, who, out_trade_no, channel, now_ms)
        desk = Desk(self.view.database)
        return desk.ask(who, channel, out_trade_no, self.view.user.name, now_ms)

    def channel_answer(self, who: Who, ask_id: str) -> DeskAnswer | None:
        """What the channel said; None: not yet."""
        self.view.terminal(who)
        return Desk(self.view.database).answer(who.merchant_id, ask_id)

    def ask_terminal(self, who: Who, out_trade_no: str, now_ms: int) -> str:
        """Have the terminal look at the payment now."""
        self._check(Act.QUERY)
        payment(self.view, who, out_trade_no)
        self._note(events.QUERIED, who, out_trade_no, "terminal", now_ms)
        return self._give(who, "query", {"out_trade_no": out_trade_no}, now_ms)

    def refund(self, who: Who, out_trade_no: str, fen: int, reason: str, now_ms: int) -> str:
        """Ask the terminal for a refund of what is left, or less. Raises NotThere, ActError."""
        self._check(Act.REFUND)
        booked = payment(self.view, who, out_trade_no)
        if not 0 < fen <= self.refundable_fen(booked):
            raise ActError("refund.too_much")
        words = reason.strip()[:REASON]
        arguments: Arguments = {"out_trade_no": out_trade_no, "fen": fen, "reason": words}
        detail = f"{money(fen, booked.payment.amount.currency)} {words}"
        self._note(events.REFUND, who, out_trade_no, detail, now_ms)
        return self._give(who, "refund", arguments, now_ms)

    def refundable_fen(self, booked: Booked) -> int:
        """What is left to give back, less what was asked for here and is not answered yet."""
        number = booked.payment.out_trade_no
        left = refundable_fen(booked, refunds(self.view, booked.who, number))
        waiting = sum(
            int(str(each.arguments["fen"]))
            for each in self.about(booked.who, number)
            if each.what == "refund" and each.answered_ms is None
        )
        return max(0, left - waiting)

    def recent(self, who: Who) -> list[Command]:
        """The terminal's commands, newest first, without payments he may not see.

        Raises NotThere.
        """
        self.view.terminal(who)
        known = Commands(self.view.database).of(who, RECENT)
        money = self.view.user.may(Act.MONEY)
        return [each for each in known if money or "out_trade_no" not in each.arguments]

    def about(self, who: Who, out_trade_no: str) -> list[Command]:
        """Those of them that are about a payment."""
        known = self.recent(who)
        return [each for each in known if each.arguments.get("out_trade_no") == out_trade_no]

    # --- inside ---------------------------------------------------------------------------------

    def _give(self, who: Who, what: str, arguments: Arguments, now_ms: int) -> str:
        try:
            commands = Commands(self.view.database)
            return commands.give(who, what, arguments, self.view.user.name, now_ms)
        except ValueError as error:
            raise ActError("command.refused") from error

    def _check(self, act: Act) -> None:
        if not self.view.user.may(act):
            raise NotThere

    def _note(self, what: str, who: Who, about: str, detail: str, now_ms: int) -> None:
        matter = f"{who.terminal_id} {about}"
        done = Done(self.view.user.name, self.address, what, who.merchant_id, matter, detail)
        self.events.note(done, now_ms)
