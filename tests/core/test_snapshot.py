"""The basket that a crash does not empty, and that no stranger finds."""

from __future__ import annotations

import pytest

from kiosk.domain.basket import Basket
from kiosk.domain.catalogue import Gtin, Product
from kiosk.domain.money import Money
from kiosk.snapshot import FRESH_MS, Snapshot
from kiosk.visit import Visit

SUGAR = Product("糖", "Sugar", Money(690), Gtin.parse("6901000000042"))
VISIT = Visit("v1", "en", 5.0, basket=Basket().add(SUGAR, 2))


def test_a_fresh_basket_comes_back_with_its_language(tmp_path):
    Snapshot(tmp_path / "visit.json").keep(VISIT, now_ms=1_000)
    back = Snapshot(tmp_path / "visit.json").load(now_ms=2_000, now=9.0)
    assert (back.visit_id, back.language, back.basket) == ("v1", "en", VISIT.basket)
    assert back.touched_at == 9.0


@pytest.mark.parametrize("later", [FRESH_MS, FRESH_MS * 50, -1])
def test_an_old_basket_or_one_from_the_future_is_not_found(tmp_path, later):
    Snapshot(tmp_path / "visit.json").keep(VISIT, now_ms=1_000)
    assert Snapshot(tmp_path / "visit.json").load(1_000 + later, 0.0) is None


def test_a_forgotten_or_empty_basket_is_not_found(tmp_path):
    snapshot = Snapshot(tmp_path / "visit.json")
    snapshot.keep(VISIT, now_ms=1_000)
    snapshot.forget()
    assert snapshot.load(1_001, 0.0) is None
    snapshot.keep(Visit("v2", "zh", 0.0), now_ms=1_000)
    assert snapshot.load(1_001, 0.0) is None


GARBAGE = {
    "nothing": "",
    "a list": "[]",
    "an empty object": "{}",
    "null": "null",
    "no basket": '{"visit_id": 1, "basket": {}}',
    "a zero byte": "\0",
    "too deep": "[" * 100_000,
    "no end of time": '{"at_ms": 1e999, "basket": {"lines": [], "next_id": 1, "total_fen": 0}}',
    "no end of lines": '{"at_ms": 0, "basket": {"lines": [], "next_id": 1e999, "total_fen": 0}}',
}


@pytest.mark.parametrize("text", GARBAGE.values(), ids=GARBAGE)
def test_garbage_is_no_basket(tmp_path, text):
    (tmp_path / "visit.json").write_text(text, "utf-8")
    assert Snapshot(tmp_path / "visit.json").load(0, 0.0) is None
