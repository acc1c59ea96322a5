"""A kiosk that joined obeys a fleet that runs, once, whichever of the two is killed meanwhile."""

from __future__ import annotations

import time

import pytest

from fleet import tables
from kiosk.messages import Leave, Screen, Start
from tests.fleet.kiosk import joined_kiosk
from tests.fleet.server import Server

AT_ONCE = 2.0  # seconds in which a command reaches its kiosk


@pytest.fixture(scope="module")
def server(fleet_database, database_url):
    server = Server(database_url)
    yield server
    server.kill()


@pytest.fixture(scope="module")
def kiosk(server, fleet_database, tmp_path_factory):
    with joined_kiosk(tmp_path_factory.mktemp("kiosk"), fleet_database, server) as kiosk:
        yield kiosk


def test_a_suspended_kiosk_serves_nobody_even_after_a_crash_but_ends_the_visit_it_has(kiosk):
    kiosk.shows(Screen.ATTRACT)
    kiosk.hand.touches(Start())
    kiosk.shows(Screen.BASKET)
    start = time.monotonic()
    answer = kiosk.answer(kiosk.tell("suspend"))
    assert (answer.done, time.monotonic() - start < AT_ONCE) == (True, True)
    kiosk.shows(Screen.BASKET)
    kiosk.hand.touches(Leave())
    kiosk.shows(Screen.OUT_OF_ORDER, "out.suspended")
    kiosk.dies()
    kiosk.stage.start("core")
    kiosk.shows(Screen.OUT_OF_ORDER, "out.suspended")
    kiosk.hand.touches(Start())
    assert kiosk.answer(kiosk.tell("resume")).done
    kiosk.shows(Screen.ATTRACT)


def test_refunds_are_made_once_whoever_is_killed(server, kiosk):
    number = kiosk.sells()
    answer = kiosk.answer(kiosk.tell("query", out_trade_no=number))
    assert (answer.done, answer.said.split()[:2]) == (True, [number, "PAID"])
    given = [
        kiosk.tell("refund", out_trade_no=number, fen=100, reason=f"part {part}")
        for part in range(3)
    ]
    over = kiosk.tell("refund", out_trade_no=number, fen=100, reason="too much")
    for victim in ("core", "fleet", "core"):
        time.sleep(0.4)
        if victim == "core":
            kiosk.dies()
            kiosk.stage.start("core")
        else:
            server.kill()
            server.start()
    answers = [kiosk.answer(each, 40) for each in given]
    assert sorted(one.said.split()[0] for one in answers) == [f"{number}R{n}" for n in (1, 2, 3)]
    assert {one.said.split()[1] for one in answers} == {"DONE"}
    answer = kiosk.answer(over, 40)
    assert (answer.done, "limit of the staff" in answer.said) == (False, True)
    kiosk.answer(kiosk.tell("send_now"))
    with kiosk.database.read() as connection:
        query = tables.entry.select().where(
            tables.entry.c.merchant_id == kiosk.who.merchant_id,
            tables.entry.c.kind == "refund_opened",
        )
        assert len(connection.execute(query).all()) == 3
