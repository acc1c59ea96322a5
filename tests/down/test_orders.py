"""Orders on the disk: each is obeyed once, and its answer is told until it arrived."""

from __future__ import annotations

import pytest

from kiosk.down.orders import REMEMBERED, Order, Orders
from kiosk.errors import KioskError

SUSPEND = Order("0000000000000001", "suspend")


def test_an_order_outlives_the_process_and_is_held_until_it_is_answered(tmp_path):
    Orders(tmp_path).take([SUSPEND])
    again = Orders(tmp_path)
    assert (again.holding(), again.waiting(), again.answers()) == (
        [SUSPEND.command_id],
        [SUSPEND],
        [],
    )
    again.answer(SUSPEND, "no\0thing", done=False)
    told = {"command_id": SUSPEND.command_id, "done": False, "said": "nothing"}
    for orders in (again, Orders(tmp_path)):
        assert (orders.holding(), orders.answers()) == ([], [told])


def test_an_order_that_comes_again_is_not_obeyed_again_but_answered_as_before(tmp_path):
    orders = Orders(tmp_path)
    orders.take([SUSPEND])
    orders.answer(SUSPEND, "so", done=True)
    orders.acknowledge([SUSPEND.command_id])
    assert orders.answers() == []
    orders = Orders(tmp_path)
    orders.take([SUSPEND])
    assert orders.waiting() == []
    assert [one["said"] for one in orders.answers()] == ["so"]


def test_what_was_noted_before_it_was_begun_is_there_after_a_crash(tmp_path):
    orders = Orders(tmp_path)
    orders.take([SUSPEND])
    orders.begin(SUSPEND, {"refunds": ["a"]})
    (order,) = Orders(tmp_path).waiting()
    assert order.begun == {"refunds": ["a"]}


def test_the_file_does_not_grow_for_ever_and_what_is_not_told_is_never_forgotten(tmp_path):
    orders = Orders(tmp_path)
    orders.take([SUSPEND])
    others = [Order(f"{number:016x}", "send_now") for number in range(2, REMEMBERED + 12)]
    orders.take(others)
    for one in others:
        orders.answer(one, "", done=True)
    orders.acknowledge([one.command_id for one in others])
    assert orders.waiting() == [SUSPEND]
    size = (tmp_path / "down" / "orders.json").stat().st_size
    orders.take([others[-1]])
    assert len(orders.answers()) == 1, "a late one is known"
    assert size < REMEMBERED * 200


def test_a_damaged_file_is_not_taken_for_an_empty_one(tmp_path):
    Orders(tmp_path).take([SUSPEND])
    (tmp_path / "down" / "orders.json").write_text('[{"command_id": "0', "utf-8")
    with pytest.raises(KioskError, match="cannot be read"):
        Orders(tmp_path)
