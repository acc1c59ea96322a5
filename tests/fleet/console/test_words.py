"""Amounts, times, files and texts, as tables."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.console import texts
from fleet.console.csv import BOM, cell, payments_csv
from fleet.console.markup import tag
from fleet.console.pages.asking import fen_of
from fleet.console.questions.payments import OUTCOMES, Outcome, PaymentFilter
from fleet.console.questions.terminals import Condition
from fleet.console.roles import Role
from fleet.console.texts import LANGUAGES, Texts, preferred
from fleet.console.words import day_text, last_days, midnight_ms, moment, money, since
from fleet.tables import payment_unknown
from kiosk.domain.payment import Event, Method, State
from kiosk.domain.refund import RefundEvent, RefundState
from tests.fleet.till import NOON


@pytest.mark.parametrize(
    ("fen", "currency", "text"),
    [
        (0, "CNY", "¥0.00"),
        (5, "CNY", "¥0.05"),
        (1280, "CNY", "¥12.80"),
        (123_456_789, "CNY", "¥1,234,567.89"),
        (-50, "CNY", "−¥0.50"),
        (300, "HKD", "HKD 3.00"),
    ],
)
def test_an_amount_has_its_sign_and_two_decimals(fen, currency, text):
    assert money(fen, currency) == text


@given(st.integers(0, 10**11))
def test_what_is_typed_as_it_is_shown_is_the_same_amount(fen):
    shown = money(fen).replace(",", "")
    assert fen_of(shown) == (fen if fen < 10**11 else None)


@pytest.mark.parametrize(
    ("typed", "fen"),
    [("12", 1200), ("12.8", 1280), (" 12.80 ", 1280), ("¥1,200.05", 120_005), ("0.01", 1)],
)
def test_an_amount_is_read_as_people_type_it(typed, fen):
    assert fen_of(typed) == fen


@pytest.mark.parametrize("typed", ["", "-1", "1.234", "1e3", "12.", "abc", "1 2", "٣"])
def test_what_is_no_amount_is_none(typed):
    assert fen_of(typed) is None


def test_times_are_the_shops():
    assert moment(NOON) == "2026-09-24 12:00:00"
    assert moment(0) == "–"
    assert day_text(20260924) == "2026-09-24"
    assert midnight_ms("2026-09-24") == NOON - 12 * 3_600_000
    assert midnight_ms("2026-13-01") is None
    assert last_days(20260301, 3) == [20260227, 20260228, 20260301]
    say = Texts("en")
    assert [since(say, NOON - ago, NOON) for ago in (5_000, 90_000, 7_200_000, 200_000_000)] == [
        "5 s ago",
        "1 min ago",
        "2 h ago",
        "2 d ago",
    ]


# ---- files


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+86", "'+86"),
        ("-2+3", "'-2+3"),
        ("\t=1", "'\t=1"),
        ("＝1", "'＝1"),
        ("12.80", "12.80"),
        ("1001", "1001"),
        ("4200100120261127071545001401", "4200100120261127071545001401\t"),
        ("苹果", "苹果"),
    ],
)
def test_no_text_in_a_file_is_a_formula_and_no_number_is_rounded(text, safe):
    assert cell(text) == safe


def test_a_file_opens_in_a_spreadsheet(town):
    who = next(iter(town.counters))
    counter = town.counters[who]
    for at in range(3):
        counter.sale(town.now_ms - at * 1000)
    evil = counter.begin(town.now_ms, channel='=cmd|"/c calc"!A1')
    town.send(who)
    view = town.view(Role.MERCHANT, merchant_id=who.merchant_id)
    text = "".join(payments_csv(view, PaymentFilter(), Texts("zh")))
    assert text.startswith(BOM)
    rows = list(csv.DictReader(io.StringIO(text.removeprefix(BOM))))
    assert len(rows) == 4
    assert rows[0]["渠道"] == f"'{evil.channel}"
    assert rows[0]["商户单号"].strip() == evil.out_trade_no
    assert {row["状态"] for row in rows} == {"已支付", "结果未知"}


# ---- texts


def test_both_catalogues_say_the_same_things_with_the_same_words_in_them():
    zh, en = (Texts(each) for each in LANGUAGES)
    assert zh.names() == en.names()
    for key in zh.names():
        fields = [set(re.findall(r"{(\w+)}", each.known(key, ""))) for each in (zh, en)]
        assert fields[0] == fields[1], key


def test_every_text_that_is_asked_for_is_there():
    known = Texts("en").names()
    source = "\n".join(
        path.read_text("utf-8") for path in Path(texts.__file__).parents[1].rglob("*.py")
    )
    asked = set(re.findall(r'say\(\s*"([a-z_.]+)"', source))
    asked |= set(re.findall(r'(?:ActError|NoSlip)\("([a-z_.]+)"\)', source))
    assert len(asked) > 100
    assert asked - known == set()


def test_no_text_is_there_for_nothing():
    source = "\n".join(
        path.read_text("utf-8") for path in Path(texts.__file__).parents[1].rglob("*.py")
    )
    # Tables whose keys are made from what others write.
    made = ("outcome", "state", "condition", "channel", "method", "refund_state", "delivery")
    made += ("result", "story", "life", "role", "command", "csv", "terminals", "time", "setup")
    tables = {key.partition(".")[0] for key in Texts("en").names() if "." in key}
    assert set(made) <= tables
    loose = {
        key
        for key in Texts("en").names()
        if key.partition(".")[0] not in made and f'"{key}"' not in source
    }
    assert loose - {"overview.title", "payments.title", "transactions.title"} == set()


def test_every_state_and_event_has_its_words_in_both_languages():
    keys = {f"state.{each.value}" for each in State}
    keys |= {f"outcome.{each.value}" for each in Outcome}
    keys |= {f"condition.{each.value}" for each in Condition}
    keys |= {f"refund_state.{each.value}" for each in RefundState}
    keys |= {f"method.{each.value}" for each in Method}
    keys |= {f"role.{each.value}" for each in Role}
    keys |= {f"story.payment.{each.__name__}" for each in Event.__args__}
    keys |= {f"story.refund.{each.__name__}" for each in RefundEvent.__args__}
    for language in LANGUAGES:
        assert keys - Texts(language).names() == set()
    assert set(OUTCOMES) == set(State)
    unknown = {state.value for state, each in OUTCOMES.items() if each is Outcome.UNKNOWN}
    assert set(re.findall("[A-Z]{3,}", str(payment_unknown))) == unknown


def test_the_four_words_of_a_payment_are_those_of_the_trade():
    words = [Texts("zh")(f"outcome.{each.value}") for each in Outcome]
    assert words == ["已支付", "支付失败", "未支付", "结果未知"]


@pytest.mark.parametrize(
    ("header", "language"),
    [("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("en-GB,en", "en"), ("fr,en;q=0.5", "en"), ("", "zh")],
)
def test_the_browsers_language_is_taken_where_it_is_ours(header, language):
    assert preferred(header) == language


def test_no_text_becomes_markup():
    evil = '<script>alert("1")</script>'
    made = tag("td", evil, title=f'" onclick="{evil}')
    assert "<script>" not in made
    assert made.count('"') == 2


def test_the_catalogues_are_toml_that_a_translator_can_edit():
    for language in LANGUAGES:
        path = Path(texts.__file__).parent / f"{language}.toml"
        assert tomllib.loads(path.read_text("utf-8"))
