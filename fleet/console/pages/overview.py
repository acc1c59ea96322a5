"""Today at a glance, by itself up to date: payments, sums, refunds, terminals by health."""

from __future__ import annotations

from functools import partial
from typing import Any

from nicegui import ui

from fleet.console.markup import Column, Markup, join, table, tag
from fleet.console.pages.caller import BRAND, Caller, show
from fleet.console.pages.filters import link
from fleet.console.pages.rows import payment_row, terminal_reason
from fleet.console.questions import payments as paid
from fleet.console.questions import sums, terminals
from fleet.console.questions.payments import Outcome, PaymentFilter
from fleet.console.questions.sums import Slot, Sums
from fleet.console.questions.terminals import Condition, TerminalFilter
from fleet.console.roles import Act
from fleet.console.texts import Texts
from fleet.console.view import View
from fleet.console.words import (
    condition_badge,
    day_text,
    last_days,
    midnight_ms,
    moment,
    money,
    outcome_badge,
    since,
)
from fleet.history import china_day

EVERY = 1.0  # seconds
SUMS, CHART, HEALTH = 0.9, 10.0, 4.0  # seconds an answer may be old
DAYS = 14
WORST = 6  # terminals and payments that are named


async def overview(caller: Caller) -> None:
    """The page."""
    say = caller.say
    title = tag("h1", say("overview.title"))
    clock = show(tag("div", title, _clock(say, caller.now_ms), class_="title"))
    money_is_his = caller.user.may(Act.MONEY)
    tiles = show("", "tiles")
    chart = await _chart(caller) if money_is_his else None
    health = show("", "panel")
    open_payments = show("", "panel") if money_is_his else None

    async def renew() -> None:
        now_ms = caller.now_ms
        clock.set_content(str(tag("div", title, _clock(say, now_ms), class_="title")))
        conditions = await caller.watch(
            "conditions", HEALTH, lambda view: terminals.conditions(view, now_ms)
        )
        if money_is_his:
            today = china_day(now_ms)
            found = await caller.watch(
                ("sums", today), SUMS, lambda view: sums.day_sums(view, today)
            )
            tiles.set_content(str(join([*_money_tiles(say, found), _health_tile(say, conditions)])))
        else:
            tiles.set_content(str(_health_tile(say, conditions)))
        health.set_content(str(await _worst(caller)))
        if open_payments is not None:
            open_payments.set_content(str(await _unknown(caller)))

    await renew()
    caller.every(EVERY, renew)
    if chart is not None:
        caller.every(CHART, chart)


def _clock(say: Texts, now_ms: int) -> Markup:
    return tag(
        "p",
        tag("span", "●", class_="live", aria_hidden="true"),
        say("overview.as_of", time=moment(now_ms)),
        " · ",
        say("time.zone"),
        class_="soft",
    )


def _money_tiles(say: Texts, found: list[Sums]) -> list[Markup]:
    first = found[0]
    others = join(
        tag("span", money(each.paid_fen, each.currency), class_="also") for each in found[1:]
    )
    paid_count = sum(each.paid for each in found)
    tiles = [
        _tile(say("overview.paid"), f"{paid_count:,}", say("overview.today"), "paid"),
        _tile(say("overview.taken"), money(first.paid_fen), others or say("overview.today"), "sum"),
        _tile(
            say("overview.refunds"),
            money(first.refund_fen),
            say("overview.refund_count", count=sum(each.refunds for each in found)),
            "refunds",
        ),
    ]
    late = sum(each.late for each in found)
    if late:
        text = say("overview.late_text", sum=money(first.late_fen))
        tiles.append(_tile(say("overview.late"), f"{late:,}", text, "late"))
    return tiles


def _tile(name: str, value: str, below: object, id_: str) -> Markup:
    return tag(
        "section",
        tag("h2", name),
        tag("p", value, class_="figure", id=f"tile-{id_}"),
        tag("p", below, class_="soft"),
        class_="tile",
    )


def _health_tile(say: Texts, conditions: dict[Condition, int]) -> Markup:
    shown = [each for each in Condition if conditions[each]]
    rows = join(
        tag(
            "li",
            tag(
                "a",
                condition_badge(say, each),
                tag("b", f"{conditions[each]:,}"),
                href=link("/terminals", condition=each.value),
            ),
        )
        for each in shown
    )
    return tag(
        "section",
        tag("h2", say("overview.terminals")),
        tag("ul", rows, class_="conditions") if shown else tag("p", say("overview.no_terminals")),
        class_="tile wide",
    )


async def _chart(caller: Caller) -> Any:
    """Draw the chart; answers what renews it."""
    say = caller.say
    with ui.element("section").classes("panel"):
        with ui.element("div").classes("panel-head"):
            show(tag("h2", say("overview.chart")))
            options = {"hour": say("overview.by_hour"), "day": say("overview.by_day")}
            toggle = ui.toggle(options, value="hour").props("no-caps unelevated dense")
        plot = ui.echart(_options(say, [])).classes("chart")
        spoken = show("", "unseen")

    async def renew() -> None:
        today = china_day(caller.now_ms)
        if toggle.value == "hour":
            begun = midnight_ms(day_text(today))
            assert begun is not None
            slots = await caller.watch(
                ("hours", begun), CHART, lambda view: sums.hours(view, begun)
            )
            labels = [f"{slot.at:02d}:00" for slot in slots]
        else:
            wanted = last_days(today, DAYS)
            slots = await caller.watch(("days", today), CHART, lambda view: sums.days(view, wanted))
            labels = [day_text(slot.at)[5:] for slot in slots]
        drawn = _options(say, list(zip(labels, slots, strict=True)))
        if drawn != plot.options:
            plot.options.clear()
            plot.options.update(drawn)
            plot.update()
        total = money(sum(slot.fen for slot in slots))
        spoken.set_content(str(tag("p", say("overview.chart_spoken", sum=total))))

    toggle.on_value_change(renew)
    await renew()
    return renew


def _options(say: Texts, slots: list[tuple[str, Slot]]) -> dict[str, Any]:
    grey = {"color": "#5B6573", "fontSize": 12}
    return {
        "animation": False,
        "aria": {"enabled": True},
        "grid": {"left": 8, "right": 12, "top": 32, "bottom": 4, "containLabel": True},
        "tooltip": {"trigger": "axis"},
        "xAxis": {
            "type": "category",
            "data": [label for label, _ in slots],
            "axisTick": {"show": False},
            "axisLine": {"lineStyle": {"color": "#E3E6EB"}},
            "axisLabel": grey,
        },
        "yAxis": {
            "type": "value",
            "name": say("overview.axis"),
            "nameTextStyle": {**grey, "align": "left"},
            "axisLabel": grey,
            "splitLine": {"lineStyle": {"color": "#E3E6EB"}},
        },
        "series": [
            {
                "type": "bar",
                "name": say("overview.axis"),
                "data": [slot.fen / 100 for _, slot in slots],
                "itemStyle": {"color": BRAND, "borderRadius": [3, 3, 0, 0]},
                "barMaxWidth": 28,
            }
        ],
    }


async def _worst(caller: Caller) -> Markup:
    say, now_ms = caller.say, caller.now_ms
    rows = []
    for condition in (Condition.TROUBLE, Condition.SILENT):
        found = await caller.watch(
            ("worst", condition), HEALTH, partial(_of_condition, condition, now_ms)
        )
        rows += [
            (
                condition_badge(say, seen.condition),
                tag(
                    "a",
                    f"{seen.store_name} · {seen.who.terminal_id}",
                    href=f"/terminals/{seen.who}",
                ),
                terminal_reason(say, seen, now_ms),
                since(say, seen.heard_ms, now_ms),
            )
            for seen in found
        ]
    columns = [
        Column(say("terminals.condition")),
        Column(say("terminal.title")),
        Column(say("terminals.reason")),
        Column(say("terminals.heard")),
    ]
    caption = say("overview.attention")
    body = table(caption, columns, rows[:WORST], say("overview.all_well"))
    return join([tag("h2", caption), body])


def _of_condition(condition: Condition, now_ms: int, view: View) -> list[terminals.Seen]:
    return terminals.terminals(view, TerminalFilter(condition=condition), now_ms, limit=WORST)


async def _unknown(caller: Caller) -> Markup:
    say = caller.say
    found = await caller.watch("unknown", HEALTH, _open_payments)
    columns = [
        Column(say("payments.begun")),
        Column(say("payments.amount"), number=True),
        Column(say("payments.tender")),
        Column(say("payments.state")),
        Column(say("payments.number")),
    ]
    rows = [payment_row(say, each, outcome_badge(say, each.outcome)) for each in found]
    caption = say("overview.unknown")
    return join([tag("h2", caption), table(caption, columns, rows, say("overview.none_unknown"))])


def _open_payments(view: View) -> list[paid.Booked]:
    return paid.payments(view, PaymentFilter(outcome=Outcome.UNKNOWN), limit=WORST)
