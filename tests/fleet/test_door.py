"""The machine interface as a process of its own, called over TCP by who signs and who does not."""

import base64
import json
import subprocess

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fleet import tables
from fleet.clock import wall_ms
from fleet.door import SMALL
from fleet.register import LOST
from tests.fleet.server import Server
from tests.fleet.till import Till


@pytest.fixture(scope="module")
def server(fleet_database, database_url):
    server = Server(database_url)
    yield server
    server.kill()


@pytest.fixture
def till():
    till = Till()
    for number in range(3):
        till.sell(f"{number:024d}")
    return till


def test_lines_are_stored_and_added_up(server, shop, till):
    who, key = shop.join()
    answer = server.post("/v1/entries", till.lines(), key, str(who))
    assert answer.json() == {"high_water": 9, "gaps": [], "forked": False, "new": 9, "poison": 0}
    shop.wait_for(who, paid=3)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"body": b"{}"}, "DIGEST"),
        ({"path": "/v1/health"}, "SIGNATURE"),
        ({"off": 2 * 86_400}, "CLOCK"),
        ({"off": -2 * 86_400}, "CLOCK"),
        ({"headers": {"signature": "kiosk=:AAAA:"}}, "SIGNATURE"),
        ({"headers": {"signature-input": "kiosk=()"}}, "SIGNATURE_MISSING"),
    ],
)
def test_a_request_that_proves_nothing_stores_nothing(server, shop, till, change, code):
    who, key = shop.join()
    answer = server.post("/v1/entries", till.lines(), key, str(who), **change)
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert abs(answer.json()["now_ms"] - wall_ms()) < 60_000
    assert shop.rows(tables.entry, who) == []


def test_another_key_and_a_lost_terminals_open_nothing(server, shop, till):
    who, key = shop.join()
    other = Ed25519PrivateKey.generate()
    assert server.post("/v1/entries", till.lines(), other, str(who)).status_code == 401
    shop.register.revoke(who, LOST, "staff", wall_ms())
    answer = server.post("/v1/entries", till.lines(), key, str(who))
    assert answer.status_code == 401
    assert shop.rows(tables.entry, who) == []


def test_a_key_that_was_good_a_moment_ago_opens_nothing_when_it_is_revoked(server, shop, till):
    who, key = shop.join()
    first, rest = till.lines().split(b"\n", 1)
    assert server.post("/v1/entries", first, key, str(who)).status_code == 200
    shop.register.revoke(who, LOST, "staff", wall_ms())
    answer = server.post("/v1/entries", rest, key, str(who))
    assert (answer.status_code, answer.json()["code"]) == (401, "TERMINAL_UNKNOWN")
    assert len(shop.rows(tables.entry, who)) == 1


def test_what_is_no_batch_is_refused_and_too_much_is_not_read(server, shop):
    who, key = shop.join()
    assert server.post("/v1/entries", b"nonsense", key, str(who)).json()["code"] == "MALFORMED"
    assert server.post("/v1/entries", b"", key, str(who)).json()["code"] == "MALFORMED"
    large = server.post("/v1/health", b" " * (SMALL + 1), key, str(who))
    assert (large.status_code, large.json()["code"]) == (413, "TOO_LARGE")


def test_health_is_kept_as_the_kiosk_told_it(server, shop):
    who, key = shop.join()
    report = {"at_ms": wall_ms(), "version": "0.1.0", "devices": {"printer": "good"}}
    answer = server.post("/v1/health", json.dumps(report).encode(), key, str(who))
    assert answer.status_code == 204
    (row,) = shop.rows(tables.health, who)
    assert row["version"] == "0.1.0"
    assert json.loads(row["report"]) == report
    assert server.post("/v1/health", b"[]", key, str(who)).json()["code"] == "MALFORMED"


def test_a_device_joins_by_the_code_on_its_screen_and_may_then_upload(server, shop, till):
    plan, key = shop.plan(), Ed25519PrivateKey.generate()
    device = {
        "public_key": base64.b64encode(key.public_key().public_bytes_raw()).decode(),
        "serial": plan.serial,
        "terminal_id": plan.who.terminal_id,
    }
    body, keyid = json.dumps(device).encode(), f"joining/{plan.serial}"
    code = server.post("/v1/joining", body, key, keyid).json()["code"]
    path = f"/v1/joining/{code}"
    assert server.post(path, body, key, keyid).json()["terminal_id"] == ""
    stranger = Ed25519PrivateKey.generate()
    assert server.post(path, body, stranger, keyid).status_code == 401
    shop.register.approve(code, plan.who, "staff", wall_ms())
    joined = server.post(path, body, key, keyid).json()
    assert joined == {"merchant_id": shop.merchant_id, "terminal_id": plan.who.terminal_id}
    assert server.post("/v1/entries", till.lines(), key, str(plan.who)).json()["new"] == 9


def test_nothing_acknowledged_is_lost_when_the_process_is_killed(server, shop):
    who, key = shop.join()
    till = Till()
    acknowledged = 0
    for round_ in range(4):
        for number in range(20):
            till.sell(f"{round_:04d}{number:020d}")
        body = till.lines(acknowledged + 1)
        if round_ % 2:
            # The kill falls somewhere into the batch: before, during or after its commit.
            killer = subprocess.Popen(
                ["sh", "-c", f"sleep 0.0{round_}; kill -9 {server.process.pid}"]
            )
            try:
                answer = server.post("/v1/entries", body, key, str(who))
                acknowledged = answer.json()["high_water"]
            except httpx.TransportError:
                pass
            killer.wait()
            server.process.wait()
            server.start()
        else:
            acknowledged = server.post("/v1/entries", body, key, str(who)).json()["high_water"]
        kept = [row["hash"].hex() for row in shop.rows(tables.entry, who)]
        assert kept[:acknowledged] == [entry.hash for entry in till.entries[:acknowledged]]
    server.post("/v1/entries", till.lines(acknowledged + 1) or till.lines(1), key, str(who))
    kept = [row["hash"].hex() for row in shop.rows(tables.entry, who)]
    assert kept == [entry.hash for entry in till.entries]
    shop.wait_for(who, paid=80)


def test_a_report_that_somebody_copied_is_taken_once(server, shop):
    who, key = shop.join()
    body = json.dumps({"at_ms": 1, "version": ""}).encode()
    answers = [
        server.post("/v1/health", body, key, str(who), nonce="n" * 22).status_code for _ in range(2)
    ]
    assert answers == [204, 401]
