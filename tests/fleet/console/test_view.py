"""No question answers with a row that is not the asker's, whatever he asks for."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet.console import pages, questions
from fleet.console.csv import payments_csv, transactions_csv
from fleet.console.pages.rows import terminal_reason
from fleet.console.questions import payments as paid
from fleet.console.questions import setup as setups
from fleet.console.questions import sums, terminals
from fleet.console.questions.payments import Outcome, PaymentFilter
from fleet.console.questions.sums import DayFilter
from fleet.console.questions.terminals import Condition, TerminalFilter
from fleet.console.roles import Act, Role
from fleet.console.texts import Texts
from fleet.console.view import NotThere
from fleet.history import china_day
from fleet.who import Who
from tests.fleet.console.town import Town

NUMBERS = {}
ALL = 100_000  # rows


@pytest.fixture(scope="module")
def busy(console_database) -> Town:
    """A town where everybody has sold, refunded, reported and lost something."""
    town = Town(console_database)
    for who, counter in town.counters.items():
        payment = counter.sale(town.now_ms - 60_000)
        counter.back(payment, 100, town.now_ms - 30_000)
        counter.unknown(town.now_ms - 20_000)
        town.send(who)
        town.report(who, printer="the paper is out")
        NUMBERS[who] = payment.out_trade_no
    return town


def mine(town: Town, role: Role) -> tuple[dict, set[Who]]:
    """Where a user of the role is tied to, and which terminals are his."""
    all_ = set(town.counters)
    match role:
        case Role.PROVIDER:
            return {}, all_
        case Role.MERCHANT:
            return {"merchant_id": town.fruit}, {x for x in all_ if x.merchant_id == town.fruit}
        case Role.STORE:
            where = {"merchant_id": town.fruit, "store_id": "S1"}
            return where, {Who(town.fruit, "1001"), Who(town.fruit, "1002")}
        case Role.OPERATOR:
            where = {
                "merchants": frozenset({town.books}),
                "districts": frozenset({town.district}),
            }
            return where, {Who(town.books, "1001"), Who(town.fruit, "2001")}


def names(answer) -> set[tuple]:
    """(merchant, terminal) of every row in an answer, as far as it names them."""
    if isinstance(answer, list | tuple):
        return set().union(*(names(each) for each in answer)) if answer else set()
    if hasattr(answer, "who"):
        return {(answer.who.merchant_id, answer.who.terminal_id)}
    if hasattr(answer, "merchant_id"):
        return {(answer.merchant_id, answer.terminal_id)}
    return set()


ROLES = st.sampled_from(list(Role))
IDS = st.sampled_from(["", "fruit", "books", "nobody"])
STORES = st.sampled_from(["", "S1", "S2"])
TERMINALS = st.sampled_from(["", "1001", "1002", "2001", "9999"])
LOOSE = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@LOOSE
@given(role=ROLES, merchant=IDS, store=STORES, terminal=TERMINALS, data=st.data())
def test_a_list_holds_own_rows_only_whatever_is_asked_for(
    busy, role, merchant, store, terminal, data
):
    where, his = mine(busy, role)
    view = busy.view(role, **where)
    place = {"merchant_id": getattr(busy, merchant, merchant), "store_id": store}
    full = {**place, "terminal_id": terminal}
    outcome = data.draw(st.sampled_from([None, *Outcome]))
    condition = data.draw(st.sampled_from([None, *Condition]))
    money = view.user.may(Act.MONEY)
    answers = {
        "payments": (paid.payments(view, PaymentFilter(outcome=outcome, **full), (), ALL), money),
        "days": (sums.device_days(view, DayFilter(**full), (), ALL), money),
        "terminals": (
            terminals.terminals(
                view, TerminalFilter(condition=condition, **place), busy.now_ms, (), ALL
            ),
            True,
        ),
    }
    wanted = {
        (who.merchant_id, who.terminal_id)
        for who in his
        if place["merchant_id"] in ("", who.merchant_id)
        and store in ("", {"1": "S1", "2": "S2"}[who.terminal_id[0]])
    }
    for what, (answer, may) in answers.items():
        of_terminal = {x for x in wanted if what == "terminals" or terminal in ("", x[1])}
        ours = {x for x in names(answer) if x[0] in (busy.fruit, busy.books)}
        assert ours <= (of_terminal if may else set()), what
        if may and outcome is None and condition is None:
            assert ours == of_terminal, what


@pytest.mark.parametrize("role", Role)
def test_one_thing_of_somebody_else_is_as_unknown_as_nothing(busy, role):
    where, his = mine(busy, role)
    view = busy.view(role, **where)
    money = view.user.may(Act.MONEY)
    for who, number in NUMBERS.items():
        own = who in his
        check(lambda w=who: terminals.terminal(view, w, busy.now_ms), there=own)
        check(lambda w=who: terminals.life(view, w), there=own)
        check(lambda w=who: setups.setup(view, w), there=own)
        check(lambda w=who, n=number: paid.payment(view, w, n), there=own and money)
        assert bool(paid.refunds(view, who, number)) == (own and money)
        assert bool(paid.history(view, who, number)) == (own and money)
    check(lambda: terminals.terminal(view, Who("nobody", "1001"), busy.now_ms), there=False)


def check(question, *, there: bool) -> None:
    if there:
        assert question() is not None
    else:
        with pytest.raises(NotThere):
            question()


@pytest.mark.parametrize("role", Role)
def test_sums_are_those_of_the_own_rows(busy, role):
    where, his = mine(busy, role)
    view = busy.view(role, **where)
    day = china_day(busy.now_ms)
    every = [busy.view(Role.MERCHANT, merchant_id=each) for each in (busy.fruit, busy.books)]
    by_hand = {
        (line.merchant_id, line.terminal_id, line.channel, line.method): line.sums
        for one in every
        for line in sums.device_days(one, DayFilter(first=day, last=day), limit=500)
    }
    own = [
        line
        for key, line in by_hand.items()
        if Who(key[0], key[1]) in his and view.user.may(Act.MONEY)
    ]
    total = sums.day_sums(view, day)[0]
    if role is not Role.PROVIDER:  # who sees all sees other tests' too
        assert total.paid_fen == sum(line.paid_fen for line in own)
        assert total.refund_fen == sum(line.refund_fen for line in own)
        assert sums.days(view, [day])[0].fen == total.paid_fen
        assert sum(terminals.conditions(view, busy.now_ms).values()) == len(his)
        midnight = busy.now_ms - (busy.now_ms + 8 * 3_600_000) % sums.DAY_MS
        assert sum(slot.fen for slot in sums.hours(view, midnight)) <= total.paid_fen
    else:
        assert total.paid_fen >= sum(line.paid_fen for line in own) > 0


@pytest.mark.parametrize("role", Role)
def test_a_file_holds_own_rows_only(busy, role):
    where, his = mine(busy, role)
    view, say = busy.view(role, **where), Texts("en")
    for lines in (
        payments_csv(view, PaymentFilter(), say),
        transactions_csv(view, DayFilter(), say),
    ):
        text = "".join(lines)
        for merchant in (busy.fruit, busy.books):
            own = view.user.may(Act.MONEY) and any(who.merchant_id == merchant for who in his)
            assert (merchant in text) == own


def test_merchants_and_stores_are_named_to_their_own_people_only(busy):
    for role in Role:
        where, his = mine(busy, role)
        view = busy.view(role, **where)
        known = {each for each, _ in terminals.merchants(view)}
        assert known & {busy.fruit, busy.books} == {who.merchant_id for who in his}
        stores = {each for each, _ in terminals.stores(view, busy.fruit)}
        held = {who.terminal_id[0] for who in his if who.merchant_id == busy.fruit}
        assert stores == {f"S{each}" for each in held}


def test_every_question_takes_a_view_and_only_the_view_begins_one():
    """So none can be forgotten above without being listed here."""
    asked = {
        name
        for module in (paid, setups, sums, terminals)
        for name, each in vars(module).items()
        if inspect.isfunction(each) and not name.startswith("_")
        if each.__module__ == module.__name__
        and next(iter(inspect.signature(each).parameters)) == "view"
    }
    assert asked == {
        "conditions",
        "day_sums",
        "days",
        "device_days",
        "history",
        "hours",
        "life",
        "merchants",
        "payment",
        "payments",
        "refunds",
        "setup",
        "stores",
        "terminal",
        "terminals",
    }
    folder = Path(questions.__file__).parent
    calls = {
        path.name: [
            node.lineno
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "select"
            # a count beside the terminal whose row it is, within its own query
            and ast.unparse(node) != "select(func.count())"
        ]
        for path in folder.glob("*.py")
    }
    assert {name: lines for name, lines in calls.items() if lines} == {}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "–"),
        ({"asking": {"called_ms": None, "held": 0, "coming": False}, "closed": ""}, "–"),
        ({"asking": {"called_ms": -180_000, "held": 0}}, "a shopper asked for help 3 min ago"),
        ({"asking": {"held": 2}}, "a shopper waits for approval (2)"),
        ({"closed": "cleaning"}, "closed by its staff"),
        ({"asking": "soon", "closed": None}, "–"),
        ({"asking": {"called_ms": "x", "held": True}}, "–"),
    ],
)
def test_a_terminal_says_what_its_shopper_waits_for(console_database, more, said):
    town = Town(console_database)
    who, now = next(iter(town.counters)), town.now_ms
    asking = more.get("asking")
    if isinstance(asking, dict) and isinstance(asking.get("called_ms"), int):
        more = {"asking": {**asking, "called_ms": now + asking["called_ms"]}}
    town.report(who, more=more)
    seen = terminals.terminal(town.view(Role.PROVIDER), who, now)
    assert terminal_reason(Texts("en"), seen, now) == said


def test_no_page_knows_a_table():
    for path in Path(pages.__file__).parent.glob("*.py"):
        text = path.read_text("utf-8")
        assert "sqlalchemy" not in text, path.name
        assert "fleet.tables" not in text, path.name
        assert "import tables" not in text, path.name
