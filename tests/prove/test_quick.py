"""A little of each part of the proof, and that each part finds what it is there to find."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.demo.hand import Hand
from kiosk.domain.payment import Declined
from kiosk.refunds import Refunds
from kiosk.settle import Settle
from tests.channels.conftest import Line
from tests.prove import network, power, visits, zoo
from tests.prove.crash import Cell, Lane, cells_of
from tests.prove.disk import Disk, Op
from tests.prove.faults import SAMPLE
from tests.prove.fleet import fleet
from tests.prove.fuzz import Parser, fuzz
from tests.prove.gateway import gateway
from tests.prove.parsers import parsers
from tests.prove.shop import Shop
from tests.prove.table import ORACLE, markdown, rows_of

ROOT = Path(__file__).parents[2]


def judged(folder):
    """What the oracle says of a shop, alone in a process that cannot import the project."""
    command = [sys.executable, "-E", "-s", "-S", str(ORACLE), str(folder)]
    said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert said.stdout, said.stderr
    return said.returncode, json.loads(said.stdout)


# --- kill -9 ------------------------------------------------------------------------------------

LOST = SAMPLE[1]
NONE = SAMPLE[0]
EDGES = (
    Cell("code", LOST.name, "after commit 1", "payment_opened+Submit"),
    Cell("code", LOST.name, "call 1 arrived", "", "after commit 1"),
    Cell("code", LOST.name, "before commit 3", "Approved"),
    Cell("code", LOST.name, "after commit 3", "Approved", "before commit 1"),
)
BACK = (
    Cell("part", NONE.name, "before commit 1", "refund_opened"),
    Cell("part", NONE.name, "after commit 2", "SendRefund", "after commit 1"),
)
COPY = Cell("copy", NONE.name, "slip 1")
BASKETS = (
    Cell("qr", NONE.name, "after commit 2", "Waiting"),
    Cell("parts", NONE.name, "after commit 2", "Approved"),
    Cell("left", NONE.name, "after commit 1", "abandoned+refund_due"),
    Cell("goods", NONE.name, "drop 1"),
)


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """A shop after eleven kills and three more inside the recovery, and what its cells were."""
    folder = tmp_path_factory.mktemp("shop")
    with contextlib.chdir(ROOT), Shop(folder, canteen=True) as shop:
        hand = Hand(shop)
        lane = Lane(shop, hand)
        whole = lane.edges_of("code", LOST)
        cells = [lane.play(cell, LOST) for cell in EDGES]
        cells += [lane.play(cell, NONE) for cell in (*BACK, COPY, *BASKETS)]
        hand.close()
    return folder, whole, cells


@pytest.mark.timeout(240)
def test_a_core_killed_at_any_edge_loses_and_doubles_nothing(shown):
    folder, _, cells = shown
    assert [(each.killed, each.settled) for each in cells] == [
        (1, True),
        (2, True),
        (1, True),
        (2, True),
        (1, True),
        (2, True),
        (1, True),
        *[(1, True)] * len(BASKETS),
    ]
    code, said = judged(folder)
    assert (code, any(said["findings"].values())) == (0, False), said
    counts = said["counts"]
    assert (counts["payments"], counts["refunds"], counts["copies"]) == (13, 3, 1)
    assert (counts["tickets"], counts["drops"]) == (1, 2)
    assert counts["fen_given_back"] == 700
    assert said["faults_struck"]["micropay drop-answer"] >= 4


def test_a_visit_shows_all_the_edges_it_has(shown):
    _, whole, _ = shown
    commits = ["payment_opened+Submit", "Unclear", "Approved", "delivery_started", "delivery_ended"]
    assert whole.entries == "+".join(commits).split("+")
    cells = list(cells_of(whole, 0))
    edges = [(each.edge, each.says) for each in cells]
    for number, word in enumerate(commits, 1):
        assert (f"before commit {number}", word) in edges
        assert (f"after commit {number}", word) in edges
    assert {("before call 1", ""), ("call 1 arrived", ""), ("slip 1", "")} <= set(edges)
    assert len(set(cells)) == len(cells)


def _sql(path, *statements):
    with contextlib.closing(sqlite3.connect(path)) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()


def _ledger(shop):
    return next((shop / "state" / "ledger").glob("ledger-*.db"))


def _wallet(shop):
    return shop / "sandbox" / "sandbox.db"


def _second_slip(shop):
    slip = next(one for one in shop.glob("slips-*/slip-*.bin") if b"kiosk:" in one.read_bytes())
    shutil.copy(slip, slip.with_name("slip-9999.bin"))


def _spoil_entry(old, new, kind):
    """Change what the entries of a kind say, whatever becomes of the chain."""
    words = f"UPDATE entry SET body = replace(body, {old}, {new}) WHERE kind = '{kind}'"
    return lambda shop: _sql(_ledger(shop), "DROP TRIGGER no_update", words)


def _slip_of_nobody(shop):
    next(shop.glob("slips-*")).joinpath("slip-9999.bin").write_bytes(b"kiosk:NOBODYS\x1dVB\0")


def _second_ticket(shop):
    ticket = next(shop.glob("kitchen-*/slip-*.bin"))
    shutil.copy(ticket, ticket.with_name("slip-9999.bin"))


def _falls_again(shop):
    with (shop / "fallen").open("a", encoding="ascii") as fallen:
        fallen.write("3\n")


def _never_falls(shop):
    fallen = shop / "fallen"
    fallen.write_text(fallen.read_text("ascii").replace("\n5\n", "\n"), "ascii")


def _second_copy(shop):
    """More whole copies of one slip than anybody can have asked for in these cells."""
    slip = next(one for one in shop.glob("slips-*/slip-*.bin") if b"kiosk:" in one.read_bytes())
    for number in range(9990, 9999):
        slip.with_name(f"slip-{number}.bin").write_bytes(b"COPY\n" + slip.read_bytes())


def _visit_left(shop):
    """Every visit with a payment was left with some of it unpaid."""
    visits = "SELECT DISTINCT visit_id FROM payment"
    _sql(
        _ledger(shop),
        "INSERT INTO entry SELECT 9000 + row_number() OVER (), 0, 'abandoned', visit_id, '{}', '',"
        f" visit_id FROM ({visits})",
    )


TAMPERING = {
    "lost_payments": lambda shop: _sql(
        _wallet(shop),
        "UPDATE orders SET out_trade_no = 'NOBODYS' WHERE out_trade_no ="
        " (SELECT max(out_trade_no) FROM orders WHERE state = 'SUCCESS')",
    ),
    "goods_without_money": lambda shop: _sql(
        _wallet(shop), "UPDATE orders SET state = 'REVOKED' WHERE state = 'SUCCESS'"
    ),
    "codes_sent_twice": lambda shop: _sql(
        _wallet(shop),
        "INSERT INTO call (at, api, out_trade_no, code_mark, faults) SELECT at, api, 'AGAIN',"
        " code_mark, '' FROM call WHERE api = 'micropay' LIMIT 1",
    ),
    "broken_chains": lambda shop: _sql(
        _ledger(shop),
        "DROP TRIGGER no_update",
        "UPDATE entry SET at_ms = at_ms + 1 WHERE seq = 3",
    ),
    "fold_differs": lambda shop: _sql(
        _ledger(shop), "UPDATE payment SET state = 'DECLINED' WHERE state = 'PAID'"
    ),
    "without_final_state": lambda shop: _sql(
        _ledger(shop),
        "DROP TRIGGER no_delete",
        "DELETE FROM entry WHERE kind = 'payment' AND body LIKE '%Approved%'",
    ),
    "slips_twice_without_copy": _second_slip,
    "begun_without_result": lambda shop: _sql(
        _ledger(shop), "UPDATE delivery SET state = 'STARTED'"
    ),
    "double_charges": _spoil_entry(
        "substr(body, instr(body, '\"visit_id\"'), 25)",
        '\'"visit_id":"000000000000"\'',
        "payment_opened",
    ),
    "parts_of_nobody": _spoil_entry(
        "'\"total_fen\":690'",
        '\'"total_fen":690,"paid":[{"out_trade_no":"NOBODYS","fen":90}]\'',
        "payment_opened",
    ),
    "abandoned_parts_kept": _visit_left,
    "lost_refunds": lambda shop: _sql(
        _wallet(shop), "UPDATE refund SET state = 'PROCESSING' WHERE state = 'SUCCESS'"
    ),
    "refunded_more_than_asked": lambda shop: _sql(_wallet(shop), "UPDATE refund SET fen = 201"),
    "refunded_more_than_taken": lambda shop: _sql(_wallet(shop), "UPDATE refund SET fen = 691"),
    "refunds_without_final_state": lambda shop: _sql(
        _ledger(shop),
        "DROP TRIGGER no_delete",
        "DELETE FROM entry WHERE kind = 'refund' AND body LIKE '%RefundDone%'",
    ),
    "paid_late_and_kept": _spoil_entry("'\"Approved\"'", "'\"FoundPaid\"'", "payment"),
    "copies_nobody_asked_for": _second_copy,
    "slips_of_nobody": _slip_of_nobody,
    "tickets_twice_without_copy": _second_ticket,
    "drops_twice": _falls_again,
    "drops_that_never_fell": _never_falls,
    "given_out_unpaid": _spoil_entry("'\"Approved\"'", "'\"Declined\"'", "payment"),
    "begun_twice": lambda shop: _sql(
        _ledger(shop),
        "INSERT INTO entry SELECT 9000, at_ms, kind, key, body, prev, hash || 'x' FROM entry"
        " WHERE kind = 'delivery_started' LIMIT 1",
    ),
}


def test_every_finding_is_tried(shown):
    _, said = judged(shown[0])
    assert set(said["findings"]) == set(TAMPERING)


@pytest.mark.parametrize("finding", TAMPERING)
def test_the_oracle_sees_what_is_wrong(shown, tmp_path, finding):
    shop = tmp_path / "shop"
    shutil.copytree(shown[0], shop, ignore=shutil.ignore_patterns("logs", "*.sock"))
    TAMPERING[finding](shop)
    code, said = judged(shop)
    assert code == 1
    assert said["findings"][finding], said


# --- the power is cut ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run():
    """What the disk of a ledger was told in six payments, a restart and a new month."""
    return power.record(6)


def test_a_power_cut_at_any_operation_loses_nothing_that_was_acknowledged(run):
    chosen = {*range(0, len(run), 24), *_ends_of_journals(run)}
    tally = power.examine(run, chosen)
    assert tally.images > 300
    assert (tally.lost, tally.unreadable, tally.faults) == ([], [], [])


def _ends_of_journals(ops):
    """Just before a transaction with a rollback journal is over, and just after."""
    removed = [
        at for at, op in enumerate(ops) if (op.what, op.file[-11:]) == ("remove", ".db-journal")
    ]
    return {*removed, *(at + 1 for at in removed)}


def test_a_disk_that_lies_about_its_syncs_is_found_out(run):
    tally = power.examine(run, range(0, len(run), 60), honest=False)
    assert tally.lost


def test_what_is_under_way_may_be_there_in_part_and_what_is_synced_is_there_whole():
    disk = Disk()
    for op in (
        Op("name", "a"),
        Op("write", "a", 0, b"1111"),
        Op("sync", "a"),
        Op("write", "a", 0, b"2222"),
        Op("write", "a", 4, b"3333"),
    ):
        disk.play(op)
    images = {each["a"] for each in disk.images(power.random.Random(1))}
    assert {b"1111", b"2222", b"22223333", b"11113333", b"2211", b"1122"} <= images
    assert all(each[:2] in (b"11", b"22") for each in images)


# --- bad lines ----------------------------------------------------------------------------------


def _answers(line: Line) -> None:
    line.read()
    line.answer({"result_code": "SUCCESS", "transaction_id": "42", "total_fee": "1280"})


def test_a_line_that_answers_is_not_taken_for_a_bad_one():
    wanted = network.OutcomeUnknown
    row = next(
        network._calls("good", _answers, lambda peer: {"pay_url": peer.url}, wanted, network.SECOND)
    )
    assert row.call == "pay"
    assert row.ended.startswith("Approved")
    assert row.fault


def test_nothing_is_sent_to_a_server_that_is_not_the_wallet():
    hosts = {"server": "127.0.0.1", "elsewhere": "192.0.2.1", "merchant": "127.0.0.1"}
    with power.tempfile.TemporaryDirectory() as name:
        pairs = {each: network.pair_in(Path(name), each, host) for each, host in hosts.items()}
        rows = list(network._never_sent(pairs, network.SECOND))
        third = network.third_version(Path(name))
        third = replace(third, calls={"present": third.calls["present"]})
        rows += network._never_sent(pairs, third)
    assert len(rows) == 21 + 7
    assert [row for row in rows if row.fault] == []


# --- random visits ------------------------------------------------------------------------------


def test_the_laws_of_money_hold_in_random_visits():
    count = visits.Count()
    visits.play(120, 1, count)
    assert count.runs >= 120
    assert min(count.payments, count.cuts, count.paid) > 0
    assert min(count.qr, count.parts, count.left, count.given_back) > 0


class Hasty(Settle):
    """A settling that takes "not found" for an end, as so many do."""

    def _ask(self, payment, channel, watch, now):
        super()._ask(payment, channel, watch, now)
        if self._payment(payment.out_trade_no).state.name == "UNKNOWN":
            self._take(payment.out_trade_no, watch, Declined("NOT_FOUND"))


def test_the_laws_find_a_settling_that_takes_no_answer_for_an_end():
    with pytest.raises(AssertionError, match="DECLINED"):
        visits.play(200, 1, visits.Count(), Hasty, shorten=False)


class Miserly(Refunds):
    """A cashier who gives nothing back by himself."""

    def due(self):
        return []


def test_the_laws_find_money_of_a_visit_that_was_left_and_is_kept():
    with pytest.raises(AssertionError, match=r"\('n\d+', \d+\)"):
        visits.play(300, 1, visits.Count(), Settle, Miserly, shorten=False)


# --- ledgers of earlier versions ----------------------------------------------------------------


def test_no_row_of_an_old_ledger_is_lost():
    (first,) = zoo.grown()
    assert (first.rows, first.open_payments) == (61, 4)
    assert (first.lost, first.faults) == ([], [])


# --- every parser on bytes that nobody meant ----------------------------------------------------


def test_no_parser_crashes_hangs_or_floods_the_memory(tmp_path):
    """The first inputs of each; the seed is another one than the proof's."""
    for each in parsers(tmp_path):
        tally = fuzz(each, 60, seed=2)
        assert (tally.inputs, tally.told) == (60, []), each.name
        assert tally.refused or not each.errors, f"{each.name} was never given anything wrong"


def _floods(data):
    return bytes(80_000_000) if b"[" in data else None


def _hangs(data):
    while b"[" in data:
        pass


@pytest.mark.parametrize(
    ("read", "trouble"),
    [
        (lambda data: data[99], "IndexError"),
        (lambda data: data.decode("ascii").count("x"), "UnicodeDecodeError"),
        (_floods, "bytes"),
        (_hangs, "hangs"),
    ],
)
def test_a_parser_that_misbehaves_is_found_out(read, trouble):
    tally = fuzz(Parser("bad", [b"genuine" * 20], read, (KeyError,)), 200, seed=2, hang=0.01)
    assert tally.crashes
    assert trouble in tally.told[0]


# --- the table ----------------------------------------------------------------------------------


def test_a_proof_that_was_not_played_does_not_hold(tmp_path):
    rows = rows_of(tmp_path)
    assert not all(row.holds for row in rows)
    assert "must be" in markdown(rows)


def test_a_siege_of_the_fleet_loses_nothing_and_counts_nothing_twice():
    found = fleet(0, batches=5)
    assert found.kills
    assert found.thefts
    assert (found.lost, found.twice, found.miscounted, found.believed) == ([], [], [], [])


def test_a_gateway_that_is_killed_leaves_no_payment_in_doubt():
    found = gateway(0, rounds=2)
    assert found.payments == 20
    assert (found.contradicted, found.unsound) == ([], [])
