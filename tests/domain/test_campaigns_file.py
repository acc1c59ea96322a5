"""The operator's file of campaigns: read whole, or refused with the line and key of the fault."""

from __future__ import annotations

import json
from datetime import date, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.campaigns import load_campaigns
from kiosk.content import ContentError
from kiosk.domain.campaign import (
    AmountOff,
    Campaign,
    GiftFrom,
    GiftStep,
    NthPiece,
    OffStep,
    RandomOff,
    When,
)
from kiosk.domain.money import Money

PIECE = {"id": "a", "kind": "piece", "zh": "半价", "every": 2, "percent": 50}
OFF = {"id": "b", "kind": "off", "zh": "减", "steps": [{"from": "100", "off": "9.5"}]}
GIFT = {"id": "c", "kind": "gift", "zh": "赠", "steps": [{"from": "68.00", "gift": "101"}]}
LUCK = {"id": "d", "kind": "random", "zh": "立减", "least": "0.1", "most": "5", "budget": "200"}


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "campaigns.json"
        path.write_text(text if isinstance(text, str) else json.dumps(text, indent=1), "utf-8")
        return path

    return write


def test_campaigns_are_read(write):
    days = {"first": "2026-11-01", "last": "2026-11-30", "weekdays": [6, 7]}
    hours = {**days, "hours": ["10:00", "14:30"]}
    full = {**PIECE, **hours, "en": "Half", "products": ["6912000000017", "101"], "members": True}
    off_it = {**LUCK, "id": "e", "on": False}
    luck = {**LUCK, "from": "20"}
    assert load_campaigns(write([full, OFF, GIFT, luck, off_it])) == (
        Campaign(
            "a",
            "半价",
            "Half",
            NthPiece(2, percent=50),
            When(date(2026, 11, 1), date(2026, 11, 30), frozenset({6, 7}), time(10), time(14, 30)),
            frozenset({"6912000000017", "00101"}),
            members=True,
        ),
        Campaign("b", "减", "减", AmountOff((OffStep(Money(10_000), Money(950)),))),
        Campaign("c", "赠", "赠", GiftFrom((GiftStep(Money(6800), "00101"),))),
        Campaign("d", "立减", "立减", RandomOff(Money(10), Money(500), Money(20_000), Money(2000))),
    )
    assert load_campaigns(write(" [ ] \n")) == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{}", "line 1: not a list of campaigns"),
        ("", "line 1: not a list of campaigns"),
        ("[\n1]", "line 2: not a campaign"),
        ("[\n{]", "line 2: Expecting property name"),
        (f"[{json.dumps(OFF)}\n {{}}]", "line 2: a comma or ] is missing"),
        ('[\n\n{"id": 1, "id": 2}]', "line 3: a key is there twice"),
        ("[]\n x", "line 2: something after the list"),
        ("[" * 100_000, "line 1"),
    ],
)
def test_a_file_that_is_no_list_of_campaigns_says_where(write, text, says):
    with pytest.raises(ContentError, match=says):
        load_campaigns(write(text))


@pytest.mark.parametrize(
    ("campaign", "change", "says"),
    [
        (PIECE, {"kind": "buy"}, "key kind: is one of piece, off, gift, random"),
        (PIECE, {"id": "A"}, "key id"),
        (PIECE, {"zh": ""}, "key zh: 1 to 40"),
        (PIECE, {"steps": []}, "key steps: campaigns of this kind have every, percent, price"),
        (PIECE, {"every": None}, "key every: is missing"),
        (PIECE, {"every": True}, "key every: a whole number from 2 to 10"),
        (PIECE, {"percent": None}, "a percent or a price"),
        (PIECE, {"percent": 12.5}, "key percent"),
        (PIECE, {"price": 1}, "key price: 1 is not an amount like"),
        (PIECE, {"on": "yes"}, "key on: true or false"),
        (PIECE, {"first": "1.11.2026"}, "key first: '1.11.2026' is not like 2026-11-01"),
        (PIECE, {"first": "2026-11-02", "last": "2026-11-01"}, "the last day is before"),
        (PIECE, {"weekdays": [0]}, "key weekdays"),
        (PIECE, {"hours": ["10:00"]}, "key hours"),
        (PIECE, {"hours": ["10:00", "25:00"]}, "key hours"),
        (PIECE, {"products": ["6912000000018"]}, "key products: 6912000000018 should end in 7"),
        (PIECE, {"products": [101]}, "key products: 101 is not a number in quotes"),
        (OFF, {"steps": [{"from": "1"}]}, "key steps: each has from and off"),
        (OFF, {"steps": [{"from": "10", "off": "10"}]}, "less than its amount"),
        (OFF, {"steps": [{"from": "10", "off": None}]}, "key off: is missing"),
        (OFF, {"most": "0"}, "most is an amount"),
        (GIFT, {"steps": [{"from": "1", "gift": "000"}]}, "key gift"),
        (GIFT, {"most": 11}, "key most: a whole number from 1 to 10"),
        (LUCK, {"budget": "4.99"}, "each at least the one before"),
        (LUCK, {"least": None}, "key least: is missing"),
        (LUCK, {"products": ["101"]}, "whole basket"),
        (LUCK, {"most": "99999999.99"}, "key most: 99999999.99 is more than"),
    ],
)
def test_a_fault_is_told_with_its_line_and_key(write, campaign, change, says):
    path = write([{**LUCK, "id": "z"}, {**campaign, **change}])
    with pytest.raises(ContentError) as caught:
        load_campaigns(path)
    assert str(caught.value).startswith(f"{path}, line ")
    assert says in str(caught.value)


def test_the_line_is_that_of_the_key_in_its_own_campaign(write):
    text = '[\n {"id": "a", "kind": "piece", "zh": "x", "every": 2,\n  "percent": 50},\n'
    text += ' {"id": "b", "kind": "piece", "zh": "x",\n  "every": 2,\n  "percent": 500}\n]'
    with pytest.raises(ContentError, match="line 6, key percent"):
        load_campaigns(write(text))
    with pytest.raises(ContentError, match="line 4, key id: a is there twice"):
        load_campaigns(write(text.replace("500", "50").replace('"b"', '"a"')))


def test_a_missing_or_unreadable_file_is_told(tmp_path):
    with pytest.raises(ContentError, match="No such file"):
        load_campaigns(tmp_path / "none.json")
    (tmp_path / "latin.json").write_bytes(b'[\n"\xe9"]')
    with pytest.raises(ContentError, match="line 2: not UTF-8"):
        load_campaigns(tmp_path / "latin.json")


values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 20) | st.sampled_from(["1.00", "101", "9.99"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["from", "off", "gift"]), inner, max_size=2)
    ),
    max_leaves=6,
)
KNOWN = sorted({key for each in (PIECE, OFF, GIFT, LUCK) for key in each} | {"hours", "first"})


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([PIECE, OFF, GIFT, LUCK]), st.dictionaries(st.sampled_from(KNOWN), values))
def test_whatever_stands_in_it_is_read_or_refused(tmp_path_factory, campaign, change):
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_text(json.dumps([{**campaign, **change}]), "utf-8")
    try:
        said = f"line 1 {len(load_campaigns(path))}"
    except ContentError as error:
        said = str(error)
    assert "line 1" in said
