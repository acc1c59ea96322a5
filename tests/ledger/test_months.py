from __future__ import annotations

import pytest

from kiosk.domain.payment import Approved, Contradiction, State, Submit, Unclear
from kiosk.ledger import DeliveryState

DAY = 86_400_000


def files(tmp_path):
    return sorted(path.name for path in (tmp_path / "ledger").iterdir())


@pytest.fixture
def in_march(ledger, new_payment):
    """One payment finished and delivered, one paid without its slip, one still unknown."""
    for number, events in (
        ("1", (Submit(1), Approved("T1", 100))),
        ("2", (Submit(1), Approved("T2", 100))),
        ("3", (Submit(1), Unclear("time-out"))),
    ):
        ledger.open_payment(new_payment(number), {"of": number})
        for event in events:
            ledger.record(number, event)
    ledger.end_delivery("1", "done")
    ledger.acknowledge("fleet", 5)
    return ledger


def test_a_new_month_carries_over_what_is_unfinished(in_march, clock, open_ledger, tmp_path):
    clock.ms += 31 * DAY
    in_march.append("visit", "april", {})
    assert files(tmp_path)[:2] == ["ledger-2026-03.db", "ledger-2026-04.db"]
    for start in (lambda: in_march, open_ledger):
        ledger = start()
        assert [x.out_trade_no for x in ledger.unsettled()] == ["3"]
        assert [(x.key, x.state) for x in ledger.undelivered()] == [("2", DeliveryState.OWED)]
        assert ledger.payment("1").state is State.PAID
        assert ledger.basket_of("1") == {"of": "1"}
        assert ledger.basket_of("3") == {"of": "3"}
        assert ledger.unsent("fleet", 100)[0].seq == 6
        assert ledger.verify().files == 2
        assert ledger.verify().faults == ()


def test_a_payment_goes_on_over_the_turn_of_the_month(in_march, clock, open_ledger):
    clock.ms += 31 * DAY
    in_march.record("3", Approved("T3", 100))
    again = open_ledger()
    assert again.payment("3").state is State.PAID
    assert again.unsettled() == []


def test_what_a_past_month_knows_still_counts(in_march, clock, new_payment):
    clock.ms += 70 * DAY
    in_march.record("1", Approved("T1", 100))
    with pytest.raises(ValueError, match="not a new payment"):
        in_march.open_payment(new_payment("1", "other"), {})
    for _ in range(2):
        with pytest.raises(Contradiction):
            in_march.record("1", Approved("T9", 100))
        clock.ms += 31 * DAY
    assert [x.kind for x in in_march.unsent("x", 99)].count("contradiction") == 1
    assert [x.transaction_id for x in in_march.refunds_due()] == ["T9"]


def test_a_clock_that_jumps_back_goes_on_in_the_newest_file(in_march, clock, open_ledger, tmp_path):
    clock.ms -= 400 * DAY
    in_march.append("visit", "back", {})
    again = open_ledger()
    again.append("visit", "back again", {})
    assert files(tmp_path) == [
        "ledger-2026-03.db",
        "ledger-2026-03.db-shm",
        "ledger-2026-03.db-wal",
        "ledger.lock",
    ]
    assert again.verify().faults == ()


def test_a_month_turns_at_midnight_in_china(ledger, clock, tmp_path):
    clock.ms = 1_774_972_799_999  # 2026-03-31 23:59:59.999 at UTC+8
    ledger.append("visit", "1", {})
    assert "ledger-2026-04.db" not in files(tmp_path)
    clock.ms += 1
    ledger.append("visit", "2", {})
    assert "ledger-2026-04.db" in files(tmp_path)


@pytest.mark.parametrize("moment", ["written", "moved", "opened"])
def test_a_power_cut_while_the_month_turns_loses_nothing(
    in_march, clock, open_ledger, tmp_path, moment
):
    clock.ms += 31 * DAY
    place = tmp_path / "ledger"
    # What each moment leaves behind, made from the real files of before and after the turn.
    before = {path.name: path.read_bytes() for path in place.iterdir()}
    in_march.append("visit", "april", {})
    april = (place / "ledger-2026-04.db").read_bytes()
    whole_april = april[:18] + b"\x01\x01" + april[20:]
    in_march.close()
    for path in place.iterdir():
        path.unlink()
    for name, data in before.items():
        (place / name).write_bytes(data)
    match moment:
        case "written":
            (place / "ledger-2026-04.new").write_bytes(whole_april[:5000])
        case "moved":
            (place / "ledger-2026-04.db").write_bytes(whole_april)
        case "opened":
            (place / "ledger-2026-04.db").write_bytes(april)
    again = open_ledger()
    again.append("visit", "after", {})
    assert again.verify().faults == ()
    assert [x.out_trade_no for x in again.unsettled()] == ["3"]
    assert [x.seq for x in again.unsent("fleet", 1)] == [6]
    assert not list(place.glob("*.new*"))


def test_what_happened_lately_is_found_over_the_turn_of_the_month(ledger, clock, open_ledger):
    clock.ms = 1_774_972_790_000  # 2026-03-31 23:59:50 at UTC+8
    for kind in ("attack", "consent", "attack"):
        ledger.append(kind, "0001", {})
        clock.ms += 4_000
    ledger.append("attack", "0001", {})  # 00:00:02 in April
    for start in (lambda: ledger, open_ledger):
        found = start()
        assert found.times("attack", clock.ms - 20_000) == [
            1_774_972_802_000,
            1_774_972_798_000,
            1_774_972_790_000,
        ]
        assert found.times("attack", clock.ms - 1_000) == [1_774_972_802_000]
        assert found.times("visit", 0) == []
