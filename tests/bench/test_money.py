"""The figures of money, on tiny sizes: that they measure what they say."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import closing

import pytest

from kiosk.bench import books, payments, restart
from kiosk.bench.payments import Commit, commits_of, own_ms, words
from kiosk.bench.relay import Call, Relay
from kiosk.ledger import Ledger


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    return payments.observe(tmp_path_factory.mktemp("lane"), codes=2, faces=0)


def test_each_commit_of_a_payment_is_named_by_what_it_held(seen):
    for number in seen.codes:
        held = words(number, commits_of(number, seen.commits))
        assert held.startswith("payment_opened")
        assert held.index("Submit") < held.index("Approved") < held.index("delivery_started")
        # Before the money is asked for and before the slip is begun something must be on the disk.
        assert held.count("|") >= 2


def test_the_time_that_is_ours_is_neither_the_networks_nor_the_printers(seen):
    (call, *_) = [each for each in seen.calls if each.line.startswith("POST /pay/micropay")]
    assert call.ended_ms > call.began_ms > 0
    for number in seen.codes:
        assert 0 < own_ms(number, seen.steps, seen.calls) < 5000


def test_the_money_alone_is_timed_without_the_network(seen):
    assert 0 < seen.account.measured < 5000


def test_the_core_had_a_processor_for_each_payment(seen):
    assert len(seen.busy) == len(seen.codes)
    assert all(0 < ms < 5000 for ms in seen.busy)


def test_a_refund_is_timed_from_the_scan_to_the_channels_answer(seen):
    assert len(seen.refunds) == 2
    # The number of a slip takes the scanner's line 29 ms at 9600 baud.
    assert all(0.02 < seconds < 30 for seconds in seen.refunds)


def test_the_figures_of_a_payment_have_their_budgets(seen):
    found = {one.name: (one.limit, one.unit) for one in payments.figures(seen)}
    assert found == {
        "our time per payment: sign, verify, ledger": (5.0, "ms"),
        "the same in the running core, with its threads and screens": (None, "ms"),
        "durable commits of a code payment": (4, "commits"),
        "refund, from slip scan to channel answer": (0.5, "s"),
    }


def test_the_sum_of_a_payment_leaves_out_what_was_outside():
    def step(name, at_ms, **ids):
        return {"step": name, "at_ms": at_ms, **ids}

    steps = [
        step("scanned", 10.0),
        step("scanned", 100.0),
        *(
            step(name, at_ms, out_trade_no="A")
            for name, at_ms in [
                ("token", 102.0), ("paid", 150.0), ("slip made", 152.0), ("slip begun", 153.0),
                ("slip complete", 190.0), ("slip written", 191.0),
            ]
        ),
        step("token", 103.0, out_trade_no="B"),
    ]  # fmt: skip
    calls = [
        Call(socket.socket(), "POST /pay/micropay HTTP/1.1", 104.0, 148.0),
        Call(socket.socket(), "POST /pay/orderquery HTTP/1.1", 105.0, 110.0),  # a look beside it
        Call(socket.socket(), "POST /pay/micropay HTTP/1.1", 500.0, 600.0),  # another payment's
    ]
    for call in calls:
        call.wallet.close()
    assert own_ms("A", steps, calls) == 91.0 - 44.0 - 2.0 - 37.0


def test_an_entry_that_rides_along_is_no_commit_of_its_payment():
    commits = [
        Commit(1.0, 0.1, (("A", "payment_opened"), ("A", "Submit"))),
        Commit(2.0, 0.1, (("A", "delivery_ended"), ("B", "payment_opened"))),
    ]
    assert words("A", commits_of("A", commits)) == "payment_opened + Submit"
    assert words("B", commits_of("B", commits)) == "payment_opened"


def test_the_relay_passes_everything_on_and_knows_how_long_it_was_away():
    with socket.create_server(("127.0.0.1", 0)) as wallet:
        relay = Relay(wallet.getsockname)
        relay.start()

        def answer():
            connection, _ = wallet.accept()
            with connection:
                assert connection.recv(1000) == b"POST /x HTTP/1.1\r\n\r\n"
                time.sleep(0.05)
                connection.sendall(b"yes")

        thread = threading.Thread(target=answer)
        thread.start()
        host, _, port = relay.url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port))) as core:
            core.sendall(b"POST /x HTTP/1.1\r\n\r\n")
            assert core.recv(1000) == b"yes"
            assert core.recv(1000) == b""
        thread.join()
        relay.stop()
    (call,) = relay.calls
    assert call.line == "POST /x HTTP/1.1"
    assert 50 <= call.ended_ms - call.began_ms < 5000


def test_a_start_is_measured_on_a_ledger_that_holds(tmp_path):
    found = restart.observe(tmp_path, 60, 5, starts=1)
    assert found.entries >= 60
    assert len(found.full) == len(found.empty) == 1
    for taken in (*found.full, *found.empty):
        assert 0 < taken.start < 30
        assert 0 < taken.payment < 30
    assert [(one.limit, one.unit) for one in restart.figures(found)] == [(1.0, "s"), (2.0, "×")]
    with closing(Ledger(tmp_path / "ledger-full", lambda: time.time_ns() // 1_000_000)) as ledger:
        assert ledger.verify().holds
        assert len(ledger.unsettled()) == 5


def test_the_memory_of_several_days_is_told_beside_that_of_one(tmp_path):
    one, several = books.observe(tmp_path, 20)
    day, memory = books.figures(one, several)
    assert (day.limit, day.unit) == (5.0, "s")
    assert memory.measured == pytest.approx(several["peak_mb"] / one["peak_mb"])
    assert list(tmp_path.iterdir()) == []
