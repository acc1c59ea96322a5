"""One terminal: how it is and why, its commands and their answers, what the register says of it."""

from __future__ import annotations

from functools import partial

from nicegui import ui
from starlette.concurrency import run_in_threadpool

from fleet.console.acts import PLAIN, ActError, Acts
from fleet.console.markup import Column, Markup, facts, join, table, tag
from fleet.console.pages.caller import Caller, show
from fleet.console.pages.commands import command_table
from fleet.console.pages.filters import link
from fleet.console.pages.rows import staff_wanted
from fleet.console.questions import terminals as asked
from fleet.console.questions.setup import Setup, setup
from fleet.console.questions.terminals import Happened, Seen
from fleet.console.roles import Act
from fleet.console.words import badge, condition_badge, moment, since, time_tag
from fleet.down.desired import State
from fleet.who import Who

EVERY, FRESH = 2.0, 1.5  # seconds
RISKY = ("suspend", "reboot")  # what stops the shop from selling is asked for twice


async def terminal(caller: Caller) -> None:
    """The page."""
    say, path = caller.say, caller.request.path_params
    who = Who(path["merchant_id"], path["terminal_id"])
    seen = await caller.ask(asked.terminal, who, caller.now_ms)
    life = await caller.ask(asked.life, who)
    acts = Acts(caller.view, caller.services.events, caller.address)
    commands = caller.user.may(Act.COMMAND)
    title = show("", "title")
    with ui.element("div").classes("columns-2"):
        with ui.element("div"):
            state, parts = show("", "panel"), show("", "panel")
        with ui.element("div"):
            if commands:
                with ui.element("section").classes("panel"):
                    show(tag("h2", say("command.title")))
                    _buttons(caller, acts, seen)
            given = show("", "panel")
            setups = show("", "panel")
    show(join([tag("h2", say("terminal.life")), _life(caller, life)]), "panel")

    async def renew() -> None:
        now_ms = caller.now_ms
        found = await caller.watch(
            ("terminal", who), FRESH, lambda view: asked.terminal(view, who, now_ms)
        )
        title.set_content(str(_title(caller, found)))
        state.set_content(str(_state(caller, found, now_ms)))
        parts.set_content(str(_parts(caller, found)))
        known = await run_in_threadpool(acts.recent, who)
        given.set_content(str(command_table(say, known)))
        setups.set_content(str(_setup(caller, await caller.ask(setup, who))))

    await renew()
    caller.every(EVERY, renew)


def _title(caller: Caller, seen: Seen) -> Markup:
    say, who = caller.say, seen.who
    links = [tag("a", say("terminals.title"), href="/terminals")]
    if caller.user.may(Act.MONEY):
        query = {"merchant": who.merchant_id, "terminal": who.terminal_id}
        links += [
            tag("a", say("payments.title"), href=link("/payments", **query)),
            tag("a", say("transactions.title"), href=link("/transactions", **query)),
        ]
    heading = tag("h1", say("terminal.title"), " ", tag("span", who.terminal_id, class_="code"))
    return join([tag("p", *links, class_="crumbs"), heading, condition_badge(say, seen.condition)])


def _state(caller: Caller, seen: Seen, now_ms: int) -> Markup:
    say = caller.say
    heard = f"{since(say, seen.heard_ms, now_ms)} ({moment(seen.heard_ms)})"
    pairs = [
        (say("merchant"), seen.who.merchant_id),
        (say("store"), f"{seen.store_name} ({seen.store_id})"),
        (say("terminal.serial"), tag("span", seen.serial, class_="code")),
        (say("terminals.version"), seen.version or "–"),
        (say("terminals.heard"), heard if seen.heard_ms else say("time.never")),
        (say("terminal.joined"), moment(seen.joined_ms)),
        (say("terminal.ledger"), _ledger(caller, seen)),
        (say("terminal.asking"), staff_wanted(say, seen, now_ms) or "–"),
    ]
    zone = tag("p", say("time.zone"), class_="soft")
    return join([tag("h2", say("terminal.state")), facts(pairs), zone])


def _ledger(caller: Caller, seen: Seen) -> Markup:
    say = caller.say
    troubles = [
        say(f"terminals.{name}", count=count)
        for name, count in (("forks", seen.forks), ("gaps", seen.gaps), ("aside", seen.aside))
        if count
    ]
    if not troubles:
        return badge("✓", "good", say("terminal.ledger_whole"))
    return join(badge("!", "stop", each) for each in troubles)


def _parts(caller: Caller, seen: Seen) -> Markup:
    say = caller.say
    columns = [Column(say("terminal.part")), Column(say("terminals.condition"))]
    rows = [
        (
            tag("span", name, class_="code"),
            badge("!", "stop", seen.troubles[name])
            if name in seen.troubles
            else badge("✓", "good", say("terminal.part_well")),
        )
        for name in (*seen.devices, *seen.channels)
    ]
    caption = say("terminal.parts")
    return join([tag("h2", caption), table(caption, columns, rows, say("terminal.no_report"))])


def _setup(caller: Caller, found: list[Setup]) -> Markup:
    say = caller.say
    columns = [Column(say(f"setup.{name}")) for name in ("kind", "desired", "applied", "state")]
    rows = [
        (
            say.known(f"setup.{each.kind}", each.kind),
            str(each.desired or say("setup.withdrawn")),
            str(each.applied or "–"),
            _standing(caller, each),
        )
        for each in found
    ]
    caption = say("setup.title")
    return join([tag("h2", caption), table(caption, columns, rows, say("setup.none"))])


def _standing(caller: Caller, found: Setup) -> Markup:
    say = caller.say
    match found.state:
        case None:
            return badge("…", "wait", say("setup.silent"))
        case State.REFUSED:
            return join([badge("✕", "stop", say("setup.REFUSED")), f" {found.said}"])
        case State.WAITING:
            return badge("…", "wait", say("setup.WAITING"))
        case State.APPLIED:
            if found.applied != found.desired:
                return badge("…", "wait", say("setup.older"))
            return badge("✓", "good", say("setup.APPLIED"))


def _life(caller: Caller, life: list[Happened]) -> Markup:
    say = caller.say
    columns = [Column(say("time.title")), Column(say("terminal.what")), Column(say("terminal.by"))]
    rows = [
        (time_tag(each.at_ms), say.known(f"life.{each.what}", each.what), each.by) for each in life
    ]
    return table(say("terminal.life"), columns, rows, say("terminal.no_life"))


def _buttons(caller: Caller, acts: Acts, seen: Seen) -> None:
    say, who = caller.say, seen.who

    async def give(what: str, device: str = "") -> None:
        if not await caller.still(acts=True):
            return
        try:
            await run_in_threadpool(acts.command, who, what, device, caller.now_ms)
        except ActError as error:
            ui.notify(say(error.why), type="negative")
        else:
            ui.notify(say("command.given"))

    async def twice(what: str) -> None:
        with ui.dialog() as dialog, ui.card():
            show(tag("h2", say(f"command.{what}")))
            show(tag("p", say(f"command.{what}_effect", terminal=who.terminal_id)))
            with ui.element("div").classes("buttons"):
                ui.button(say("command.do"), on_click=lambda: dialog.submit(True)).props("no-caps")
                ui.button(say("cancel"), on_click=dialog.close).props("no-caps flat")
        if await dialog:
            await give(what)

    with ui.element("div").classes("buttons"):
        for what in PLAIN:
            does = partial(twice, what) if what in RISKY else partial(give, what)
            ui.button(say(f"command.{what}"), on_click=does).props("no-caps outline")
    if seen.devices:
        with ui.element("div").classes("buttons"):
            chosen = ui.select(
                list(seen.devices), label=say("terminal.device"), value=seen.devices[0]
            )
            chosen.props("outlined dense options-dense").classes("device")
            tests = ui.button(say("command.test_device")).props("no-caps outline")
            tests.on_click(lambda: give("test_device", str(chosen.value)))
