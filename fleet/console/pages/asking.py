"""A payment's buttons: ask its channel, ask its terminal, ask for a refund; and the answers."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from nicegui import ui
from starlette.concurrency import run_in_threadpool

from fleet.console.acts import REASON, ActError, Acts
from fleet.console.markup import Markup, join, tag
from fleet.console.pages.caller import Caller, show
from fleet.console.questions import payments as asked
from fleet.console.questions.payments import Booked, Outcome
from fleet.console.roles import Act
from fleet.console.texts import Texts
from fleet.console.words import badge, moment, money, outcome_badge
from fleet.gateway.desk import DeskAnswer
from fleet.who import Who

_AMOUNT = re.compile(r"[¥￥]?\s*([0-9]{1,9})(?:\.([0-9]{1,2}))?")

Renew = Callable[[], Awaitable[None]]


def fen_of(text: str) -> int | None:
    """What somebody typed as an amount: 12, 12.8 or 12.80; None where it is none."""
    found = _AMOUNT.fullmatch(text.strip().replace(",", ""))
    if found is None:
        return None
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def ask_buttons(caller: Caller, acts: Acts, booked: Booked) -> Renew:
    """Put them on the page, as far as his role goes; answers what renews the answers."""
    if not caller.user.may(Act.QUERY):

        async def nothing() -> None:
            """There is nothing to renew."""

        return nothing
    asking = _Asking(caller, acts, booked)
    asking.build()
    return asking.renew


class _Asking:
    def __init__(self, caller: Caller, acts: Acts, booked: Booked) -> None:
        self._caller, self._acts, self._booked = caller, acts, booked
        self._asks: list[str] = []
        self._answers: ui.html | None = None
        self._refund: ui.button | None = None

    @property
    def _key(self) -> tuple[Who, str]:
        return self._booked.who, self._booked.payment.out_trade_no

    def build(self) -> None:
        say = self._caller.say
        with ui.element("section").classes("panel"):
            show(tag("h2", say("asking.title")))
            with ui.element("div").classes("buttons"):
                ui.button(say("asking.channel"), on_click=self._ask_channel).props(
                    "no-caps outline"
                )
                ui.button(say("asking.terminal"), on_click=self._ask_terminal).props(
                    "no-caps outline"
                )
                if self._caller.user.may(Act.REFUND):
                    self._refund = ui.button(say("refund.ask"), on_click=self._ask_refund)
                    self._refund.props("no-caps unelevated")
            show(tag("p", say("asking.note"), class_="soft"))
            self._answers = show("").props("aria-live=polite")

    async def renew(self) -> None:
        """Show the answers that have come, and whether there is anything left to give back."""
        answers = [
            (ask, await run_in_threadpool(self._acts.channel_answer, self._booked.who, ask))
            for ask in self._asks
        ]
        assert self._answers is not None
        lines = [_answer(self._caller.say, answer) for _, answer in answers]
        self._answers.set_content(str(tag("ul", *lines, class_="answers") if lines else ""))
        if self._refund is not None:
            booked = await self._caller.ask(asked.payment, *self._key)
            left = await run_in_threadpool(self._acts.refundable_fen, booked)
            self._refund.set_enabled(left > 0)

    async def _ask_channel(self) -> None:
        if await self._caller.still(acts=True):
            ask = self._acts.ask_channel
            self._asks.insert(0, await run_in_threadpool(ask, *self._key, self._caller.now_ms))
            await self.renew()

    async def _ask_terminal(self) -> None:
        if await self._caller.still(acts=True):
            ask = self._acts.ask_terminal
            try:
                await run_in_threadpool(ask, *self._key, self._caller.now_ms)
            except ActError as error:
                ui.notify(self._caller.say(error.why), type="negative")
            else:
                ui.notify(self._caller.say("command.given"))

    async def _ask_refund(self) -> None:
        caller, say = self._caller, self._caller.say
        booked = await caller.ask(asked.payment, *self._key)
        left = await run_in_threadpool(self._acts.refundable_fen, booked)
        currency = booked.payment.amount.currency
        with ui.dialog() as dialog, ui.card().classes("ask"):
            show(tag("h2", say("refund.ask")))
            show(tag("p", say("refund.left", sum=money(left, currency))))
            amount = ui.input(say("refund.amount"), value=f"{left // 100}.{left % 100:02d}")
            amount.props("outlined inputmode=decimal autofocus")
            reason = ui.input(say("refund.reason")).props(f"outlined maxlength={REASON}")
            show(tag("p", say("refund.effect", terminal=booked.who.terminal_id), class_="soft"))
            trouble = show("", "trouble").props("role=alert")

            async def confirm() -> None:
                fen = fen_of(str(amount.value))
                if fen is None or not 0 < fen <= left:
                    trouble.set_content(str(tag("p", say("refund.too_much"))))
                    return
                if await self._request(fen, str(reason.value or "")):
                    dialog.close()

            with ui.element("div").classes("buttons"):
                ui.button(say("refund.confirm"), on_click=confirm).props("no-caps unelevated")
                ui.button(say("cancel"), on_click=dialog.close).props("no-caps flat")
        dialog.open()

    async def _request(self, fen: int, reason: str) -> bool:
        caller = self._caller
        if not await caller.still(acts=True):
            return False
        try:
            refund = self._acts.refund
            await run_in_threadpool(refund, *self._key, fen, reason, caller.now_ms)
        except ActError as error:
            ui.notify(caller.say(error.why), type="negative")
            return False
        ui.notify(caller.say("command.given"))
        return True


def _answer(say: Texts, answer: DeskAnswer | None) -> Markup:
    if answer is None:
        return tag("li", badge("…", "wait", say("asking.waiting")))
    words = [answer.said, answer.transaction_id]
    if answer.fen:
        words.insert(0, money(answer.fen))
    told = " · ".join(each for each in words if each)
    at = tag("span", f" {told} · {moment(answer.at_ms)}")
    return tag(
        "li", join([say("asking.answer"), " ", outcome_badge(say, Outcome(answer.state)), at])
    )
