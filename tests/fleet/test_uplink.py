"""A kiosk's own ledger reaches a fleet that runs as a process, whatever happens on the way."""

import pytest

from fleet import tables
from fleet.clock import wall_ms
from kiosk.domain.money import Money
from kiosk.domain.payment import Approved, Method, Payment, Submit
from kiosk.ledger import Ledger
from kiosk.uplink import FleetLine, NotTaken, Unreachable, Uplink
from tests.fleet.server import Server
from tests.fleet.shop import once

pytestmark = once

FEN = 1280


@pytest.fixture(scope="module")
def server(fleet_database, database_url):
    server = Server(database_url)
    yield server
    server.kill()


@pytest.fixture
def ledger(tmp_path):
    ledger = Ledger(tmp_path / "ledger", wall_ms)
    yield ledger
    ledger.close()


@pytest.fixture
def kiosk(server, shop):
    """Who it is, and its line to the fleet."""
    who, key = shop.join()
    line = FleetLine(server.address, str(who), key, wall_ms)
    yield who, line
    line.close()


def report():
    return {"at_ms": wall_ms(), "version": "test"}


def sell(ledger, count, start=0):
    with ledger.together():
        for number in range(start, start + count):
            name = f"{number:024d}"
            new = Payment(name, f"v{number}", "wechatpay", Method.CODE, Money(FEN), wall_ms())
            ledger.open_payment(new, {})
            ledger.record(name, Submit(wall_ms()))
            ledger.record(name, Approved(f"42{name}", FEN))


def send_all(uplink, ledger):
    now = 0.0
    while ledger.unsent("fleet", 1):
        due = uplink.work(now)
        assert due > now
        now = due


def test_everything_arrives_and_is_counted_as_in_the_ledger(shop, ledger, kiosk):
    who, line = kiosk
    sell(ledger, 400)
    send_all(Uplink(ledger, line, report), ledger)
    shop.wait_for(who, paid=400)
    kept = [row["hash"].hex() for row in shop.rows(tables.entry, who)]
    assert kept == [entry.hash for entry in ledger.entries(0, 10_000)]
    assert [row["version"] for row in shop.rows(tables.health, who)] == ["test"]


def test_a_clock_two_days_off_is_set_by_the_fleet(server, shop, ledger):
    who, key = shop.join()
    line = FleetLine(server.address, str(who), key, lambda: wall_ms() + 2 * 86_400_000)
    sell(ledger, 1)
    send_all(Uplink(ledger, line, report), ledger)
    assert len(shop.rows(tables.entry, who)) == len(ledger.entries(0, 100))
    line.close()


def test_while_nobody_answers_nothing_is_acknowledged_and_nothing_lost(server, shop, ledger, kiosk):
    who, line = kiosk
    uplink = Uplink(ledger, line, report)
    sell(ledger, 2)
    server.kill()
    with pytest.raises(Unreachable):
        line.post("/v1/health", b"{}")
    assert uplink.work(0.0) == 5.0
    assert uplink.work(5.0) == 20.0
    assert ledger.unsent("fleet", 1)[0].seq == 1
    server.start()
    send_all(uplink, ledger)
    shop.wait_for(who, paid=2)


def test_what_the_fleet_lost_is_sent_again(fleet_database, shop, ledger, kiosk):
    who, line = kiosk
    uplink = Uplink(ledger, line, report)
    sell(ledger, 3)
    send_all(uplink, ledger)
    with fleet_database.write() as connection:
        for table in (tables.entry, tables.chain, tables.arrival):
            connection.execute(table.delete().where(table.c.merchant_id == who.merchant_id))
    sell(ledger, 1, start=3)
    now = 0.0
    for _ in range(4):
        now = uplink.work(now)
    kept = sorted((row["seq"], row["hash"].hex()) for row in shop.rows(tables.entry, who))
    assert kept == [(entry.seq, entry.hash) for entry in ledger.entries(0, 10_000)]
    shop.wait_for(who, paid=4)


def test_a_stranger_is_told_no(server, shop):
    _, key = shop.join()
    line = FleetLine(server.address, f"{shop.merchant_id}/9999", key, wall_ms)
    with pytest.raises(NotTaken) as caught:
        line.post("/v1/health", b"{}")
    assert caught.value.code == "TERMINAL_UNKNOWN"
    line.close()
