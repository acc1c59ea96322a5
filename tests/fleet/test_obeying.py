"""A kiosk that joined obeys a fleet that runs, once, whichever of the two is killed meanwhile."""

from __future__ import annotations

import time

import pytest

from fleet import tables
from kiosk.messages import Leave, Screen, Start
from tests.fleet.kiosk import LIMIT, joined_kiosk, until
from tests.fleet.server import Server
from tests.fleet.shop import once

pytestmark = once

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
    sold = [kiosk.sells() for _ in range(2)]
    answer = kiosk.answer(kiosk.tell("query", out_trade_no=sold[0]))
    assert (answer.done, answer.said.split()[:2]) == (True, [sold[0], "PAID"])
    given = [kiosk.tell("refund", out_trade_no=each, fen=100, reason="bruised") for each in sold]
    over = kiosk.tell("refund", out_trade_no=sold[0], fen=LIMIT, reason="bruised")
    for victim in ("core", "fleet", "core"):
        time.sleep(0.3)
        if victim == "core":
            kiosk.dies()
            kiosk.stage.start("core")
        else:
            server.kill()
            server.start()
    for number, command_id in zip(sold, given, strict=True):
        answer = kiosk.answer(command_id, 40)
        assert (answer.done, answer.said.split()[0]) == (True, f"{number}R1")
    answer = kiosk.answer(over, 40)
    assert not answer.done
    assert any(why in answer.said for why in ("limit of the staff", "not at its end"))
    until(lambda: kiosk.shop.counts(kiosk.who)["refunds"] == 2, 20)
    opened = [one for one in kiosk.shop.rows(tables.entry, kiosk.who) if "refund_o" in one["kind"]]
    assert [one["key"] for one in opened] == [f"{number}R1" for number in sold]
    assert kiosk.shop.counts(kiosk.who)["refund_fen"] == 200
