"""One payment: its state in words, its refunds, its whole history, its slip, and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui
from starlette.concurrency import run_in_threadpool

from fleet.console.acts import Acts
from fleet.console.markup import Column, Markup, facts, join, table, tag
from fleet.console.pages.asking import ask_buttons
from fleet.console.pages.caller import Caller, show
from fleet.console.pages.commands import command_table
from fleet.console.questions import payments as asked
from fleet.console.questions.payments import Booked, Noted, Returned
from fleet.console.slip import NoSlip, drawn, receipt
from fleet.console.story import told
from fleet.console.words import (
    badge,
    channel_text,
    method_text,
    moment,
    money,
    outcome_badge,
    refund_badge,
    state_sentence,
    time_tag,
)
from fleet.who import Who

EVERY = 1.5  # seconds


async def payment(caller: Caller) -> None:
    """The page."""
    path = caller.request.path_params
    who, number = Who(path["merchant_id"], path["terminal_id"]), path["number"]
    booked = await caller.ask(asked.payment, who, number)
    acts = Acts(caller.view, caller.services.events, caller.address)
    title = show("", "title")
    with ui.element("div").classes("columns-slip"):
        with ui.element("div"):
            state = show("", "panel")
            answered = ask_buttons(caller, acts, booked)
            requests, refunds, story = show("", "panel"), show("", "panel"), show("", "panel")
        paper = show("", "panel slip")

    async def renew() -> None:
        now = await caller.ask(asked.payment, who, number)
        given_back = await caller.ask(asked.refunds, who, number)
        history = await caller.ask(asked.history, who, number)
        about = await run_in_threadpool(acts.about, who, number)
        title.set_content(str(_title(caller, now)))
        state.set_content(str(_state(caller, now)))
        refunds.set_content(str(_refunds(caller, given_back)))
        story.set_content(str(_story(caller, history)))
        requests.set_content(str(command_table(caller.say, about)) if about else "")
        requests.set_visibility(bool(about))
        paper.set_content(str(await run_in_threadpool(_slip, caller, now, history)))
        await answered()

    await renew()
    caller.every(EVERY, renew)


def _title(caller: Caller, booked: Booked) -> Markup:
    say, paid = caller.say, booked.payment
    crumbs = tag("p", tag("a", say("payments.title"), href="/payments"), class_="crumbs")
    amount = money(paid.amount.fen, paid.amount.currency)
    return join([crumbs, tag("h1", amount), outcome_badge(say, booked.outcome)])


def _state(caller: Caller, booked: Booked) -> Markup:
    say, paid, who = caller.say, booked.payment, booked.who
    currency = paid.amount.currency
    pairs = [
        (say("payments.number"), tag("span", paid.out_trade_no, class_="code")),
        (say("payments.transaction"), tag("span", paid.transaction_id or "–", class_="code")),
        (say("channel.title"), channel_text(say, paid.channel)),
        (say("method.title"), method_text(say, paid.method.value)),
        (say("payments.taken"), money(paid.taken_fen, currency)),
        (say("merchant"), who.merchant_id),
        (say("terminal.title"), tag("a", who.terminal_id, href=f"/terminals/{who}", class_="code")),
        (say("payments.begun"), moment(paid.created_ms)),
        (say("payments.ended"), moment(booked.ended_ms)),
    ]
    if paid.code or paid.message:
        said = " · ".join(each for each in (paid.code, paid.message) if each)
        pairs.append((say("payments.said"), said))
    parts: list[object] = [
        tag("h2", say("payments.state")),
        tag("p", outcome_badge(say, booked.outcome), " ", state_sentence(say, booked)),
        facts(pairs),
    ]
    if booked.trouble:
        parts.append(tag("p", badge("!", "stop", say("payments.trouble")), " ", booked.trouble))
    return join([*parts, tag("p", say("time.zone"), class_="soft")])


def _refunds(caller: Caller, refunds: Sequence[Returned]) -> Markup:
    say = caller.say
    columns = [
        Column(say("payments.begun")),
        Column(say("refund.number")),
        Column(say("payments.amount"), number=True),
        Column(say("payments.state")),
        Column(say("refund.reason")),
    ]
    rows = [
        (
            time_tag(each.created_ms),
            tag("span", each.out_refund_no, class_="code"),
            money(each.amount.fen, each.amount.currency),
            refund_badge(say, each.state),
            " · ".join(x for x in (each.reason, each.code, each.trouble) if x) or "–",
        )
        for each in refunds
    ]
    caption = say("refund.list")
    return join([tag("h2", caption), table(caption, columns, rows, say("refund.none"))])


def _story(caller: Caller, history: Sequence[Noted]) -> Markup:
    say = caller.say
    lines = []
    for sentence in (told(say, noted) for noted in history):
        copy = say("story.branch", branch=sentence.branch) if sentence.branch else None
        lines.append(
            tag(
                "li",
                tag("time", sentence.at),
                tag("p", sentence.text, tag("span", sentence.detail, class_="soft detail")),
                tag("span", f"#{sentence.seq}", class_="soft"),
                badge("!", "wait", copy) if copy else None,
            )
        )
    heading = tag("h2", say("story.title"))
    if not lines:
        return join([heading, tag("p", say("story.none"), class_="empty")])
    return join([heading, tag("ol", *lines, class_="story")])


def _slip(caller: Caller, booked: Booked, history: Sequence[Noted]) -> Markup:
    say = caller.say
    heading = tag("h2", say("slip.title"))
    try:
        printed = receipt(caller.view, booked, history, say.language)
    except NoSlip as error:
        return join([heading, tag("p", say(error.why), class_="empty")])
    note = tag("p", say("slip.drawn"), class_="soft")
    return join([heading, note, drawn(printed)])
