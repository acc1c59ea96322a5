"""The orders over the counter: paid, ready, collected, and there again after a crash."""

from __future__ import annotations

import pytest

from kiosk.domain.serving import TAKE_AWAY
from kiosk.messages import ChooseTender, Leave, Pay, Start
from kiosk.messages.menu import ChooseService
from tests.visits.restaurant import Diner

MINUTE = 60.0


@pytest.fixture
def diner(tmp_path):
    opened = Diner(tmp_path)
    yield opened
    opened.ledger.close()


def buys(diner, table=""):
    """An order is paid; answers the number on the board."""
    if table:
        diner.sits(table)
    else:
        diner.does(Start(), ChooseService(TAKE_AWAY))
    diner.orders("00401")
    diner.pays()
    diner.does(Leave())
    diner.passes(1)
    return table or diner.payments[-1].out_trade_no[-4:]


def on(diner):
    """What the board was told last."""
    shown = diner.boards[-1]
    return shown.preparing, shown.ready


def marks(diner, number, state):
    known = diner.till.kitchen.board.mark(number, state)
    diner.passes()
    return known


def test_an_order_is_prepared_ready_and_collected(diner):
    one, two = buys(diner, "7"), buys(diner)
    assert on(diner) == ((one, two), ())
    assert marks(diner, two, "ready")
    assert on(diner) == ((one,), (two,))
    assert marks(diner, one, "ready")
    assert on(diner) == ((), (one, two))
    assert marks(diner, two, "collected")
    assert on(diner) == ((), (one,))
    assert marks(diner, one, "preparing")
    assert on(diner) == ((one,), ())


def test_the_board_says_whose_it_is(diner):
    diner.passes()
    shown = diner.boards[-1]
    assert (shown.language, shown.shop["en"]) == ("zh", "Sample Grocery")
    told = len(diner.boards)
    diner.passes(5)
    assert len(diner.boards) == told  # nothing has changed
    diner.till.kitchen.board.greet()
    assert len(diner.boards) == told + 1


def test_a_number_that_there_is_not_is_said_so(diner):
    number = buys(diner)
    assert not marks(diner, "0000x", "ready")
    assert not marks(diner, number, "eaten")
    assert not marks(diner, "", "ready")
    assert on(diner) == ((number,), ())


def test_what_is_ready_leaves_after_its_minutes_and_what_nobody_made_ready_after_more(diner):
    one, two = buys(diner), buys(diner, "3")
    marks(diner, one, "ready")
    diner.passes(9 * MINUTE)
    assert on(diner) == ((two,), (one,))
    diner.passes(2 * MINUTE)
    assert on(diner) == ((two,), ())
    diner.passes(50 * MINUTE)
    assert on(diner) == ((), ())


def test_of_two_orders_at_one_table_the_older_one_is_meant(diner):
    buys(diner, "7")
    buys(diner, "7")
    assert on(diner) == (("7", "7"), ())
    marks(diner, "7", "ready")
    assert [row.state for row in diner.till.kitchen.board.rows()] == ["ready", "preparing"]
    marks(diner, "7", "ready")
    assert on(diner) == ((), ("7", "7"))
    marks(diner, "7", "collected")
    assert on(diner) == ((), ("7",))


def test_the_whole_number_of_a_slip_means_one_order(diner):
    buys(diner, "7")
    buys(diner, "7")
    newer = diner.payments[-1].out_trade_no
    assert marks(diner, newer, "ready")
    assert marks(diner, newer, "ready")  # scanned twice
    assert [row.state for row in diner.till.kitchen.board.rows()] == ["preparing", "ready"]


def test_the_board_is_there_again_after_a_crash(diner):
    one, two, three = buys(diner, "1"), buys(diner, "2"), buys(diner)
    marks(diner, two, "ready")
    marks(diner, one, "collected")
    diner.restart()
    diner.passes()
    assert on(diner) == ((three,), (two,))
    (diner.place / "orders.json").write_text("{", "utf-8")
    diner.restart()
    diner.passes()
    assert on(diner) == ((one, two, three), ())


def test_staff_see_age_and_service_of_an_order(diner):
    buys(diner, "7")
    diner.passes(5 * MINUTE)
    (row,) = diner.till.kitchen.board.rows()
    assert (row.number, row.state, row.minutes, row.service) == ("7", "preparing", 5, "eat-in")


def test_what_is_not_paid_is_not_prepared(diner):
    diner.sits()
    diner.orders("00401")
    diner.does(Pay(), ChooseTender("qr"))
    diner.passes(200)
    assert on(diner) == ((), ())


def test_a_mark_that_the_disk_does_not_keep_is_none(diner):
    number = buys(diner)
    (diner.place / "orders.json.part").mkdir()
    with pytest.raises(OSError, match="directory"):
        diner.till.kitchen.board.mark(number, "ready")
    diner.passes()
    assert on(diner) == ((number,), ())
