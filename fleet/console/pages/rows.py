"""Lines of lists that more than one page shows."""

from __future__ import annotations

from fleet.console.markup import Markup, tag
from fleet.console.questions.payments import Booked
from fleet.console.questions.terminals import Condition, Seen
from fleet.console.texts import Texts
from fleet.console.words import money, since, tender, time_tag


def payment_link(booked: Booked, text: str) -> Markup:
    """To the page of the payment."""
    number = booked.payment.out_trade_no
    return tag("a", text, href=f"/payments/{booked.who}/{number}", class_="code")


def payment_row(say: Texts, booked: Booked, state: Markup) -> tuple[object, ...]:
    """When, how much, how, its state, its number."""
    payment = booked.payment
    return (
        time_tag(payment.created_ms),
        money(payment.amount.fen, payment.amount.currency),
        tender(say, payment.channel, payment.method),
        state,
        payment_link(booked, payment.out_trade_no),
    )


def staff_wanted(say: Texts, seen: Seen, now_ms: int) -> str:
    """What a shopper there waits for, and whether its staff have closed it; "": nothing."""
    found = []
    if seen.called_ms:
        found.append(say("terminals.asks_help", time=since(say, seen.called_ms, now_ms)))
    if seen.held:
        found.append(say("terminals.held", count=seen.held))
    if seen.closed:
        found.append(say("terminals.closed"))
    return " · ".join(found)


def terminal_reason(say: Texts, seen: Seen, now_ms: int) -> str:
    """Why a terminal is not well, in one line; "–" where it is."""
    reasons = [f"{name}: {cause}" for name, cause in sorted(seen.troubles.items())]
    if seen.forks:
        reasons.append(say("terminals.forks", count=seen.forks))
    if seen.gaps:
        reasons.append(say("terminals.gaps", count=seen.gaps))
    if seen.aside:
        reasons.append(say("terminals.aside", count=seen.aside))
    waits = staff_wanted(say, seen, now_ms)
    if waits:
        reasons.insert(0, waits)
    if seen.condition is Condition.SILENT:
        reasons.insert(0, say("terminals.silent", time=since(say, seen.heard_ms, now_ms)))
    return " · ".join(reasons) or "–"
