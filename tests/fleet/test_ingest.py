"""Every line is kept once, whatever comes twice, late, in pieces, from two disks, or spoiled."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet import tables
from fleet.line import MAX_LINES, read_lines
from fleet.who import Who
from tests.fleet.shop import Shop
from tests.fleet.till import Till, spoiled


def till_of(payments: int) -> Till:
    till = Till()
    for number in range(payments):
        till.sell(f"{number:024d}")
    return till


def stored(shop, who):
    return [(row["branch"], row["seq"], row["hash"].hex()) for row in shop.rows(tables.entry, who)]


def test_a_batch_is_here_for_good_and_the_same_again_changes_nothing(shop):
    who, _ = shop.join()
    till = till_of(3)
    first = shop.take(who, till.lines())
    assert (first.high_water, first.gaps, first.forked, first.new) == (9, (), False, 9)
    again = shop.take(who, till.lines())
    assert (again.high_water, again.new) == (9, 0)
    assert stored(shop, who) == [(0, entry.seq, entry.hash) for entry in till.entries]


def test_batches_that_overtake_each_other_leave_a_gap_until_it_is_filled(shop):
    who, _ = shop.join()
    till = till_of(4)
    assert shop.take(who, till.lines(1, 3)).high_water == 3
    late = shop.take(who, till.lines(8, 12))
    assert (late.high_water, late.gaps) == (3, ((4, 7),))
    middle = shop.take(who, till.lines(6, 6))
    assert middle.gaps == ((4, 5),)
    shop.take(who, till.lines(7, 7))
    assert shop.take(who, till.lines(4, 5)).gaps == ()
    assert shop.take(who, till.lines(12, 12)).high_water == 12


def test_a_line_that_was_changed_is_kept_apart_and_holds_up_nothing(shop):
    who, _ = shop.join()
    till = till_of(2)
    lines = till.lines().split(b"\n")
    lines[2] = spoiled(lines[2], at_ms=1)
    lines[4] = b'{"seq": 5, "nonsense'
    receipt = shop.take(who, b"\n".join(lines))
    assert (receipt.high_water, receipt.new, receipt.poison) == (6, 6, 2)
    kept = shop.rows(tables.quarantine, who)
    assert [(row["seq"], row["raw"]) for row in kept] == [(3, lines[2]), (5, lines[4])]
    assert "changed" in kept[0]["cause"]
    assert shop.take(who, b"\n".join(lines)).new == 0


def test_the_honest_line_is_taken_even_where_its_poison_stands(shop):
    who, _ = shop.join()
    till = till_of(1)
    lines = till.lines().split(b"\n")
    shop.take(who, b"\n".join([lines[0], spoiled(lines[1], at_ms=1)]))
    shop.take(who, till.lines())
    assert {entry.hash for entry in till.entries} <= {row[2] for row in stored(shop, who)}


def test_an_old_disk_begins_a_branch_and_both_are_kept(shop):
    who, _ = shop.join()
    till = till_of(2)
    old = till.copy()
    till.sell("1" * 24)
    shop.take(who, till.lines())
    old.sell("2" * 24)
    old.sell("3" * 24)
    receipt = shop.take(who, old.lines(1))
    assert (receipt.forked, receipt.high_water, receipt.new) == (True, 12, 6)
    chains = shop.rows(tables.chain, who)
    assert [(row["branch"], row["parent"], row["first"], row["top"]) for row in chains] == [
        (0, -1, 1, 9),
        (1, 0, 7, 12),
    ]
    assert shop.take(who, till.lines(7)).new == 0
    old.sell("4" * 24)
    shop.take(who, old.lines(13))
    assert len(shop.rows(tables.chain, who)) == 2


def test_a_terminal_that_nobody_registered_is_unknown(shop):
    with pytest.raises(KeyError):
        shop.take(Who(shop.merchant_id, "9999"), till_of(1).lines())


def test_terminals_do_not_see_each_other(shop):
    one, _ = shop.join("0001")
    two, _ = shop.join("0002")
    shop.take(one, till_of(1).lines())
    assert shop.take(two, till_of(2).lines()).new == 6
    assert len(stored(shop, one)) == 3


@pytest.mark.parametrize(
    "body",
    [b"{}", b"[1]", b"\xff", b'{"seq":0}', b"\n".join([b"{}"] * (MAX_LINES + 1))],
)
def test_a_batch_without_a_place_is_refused(body):
    with pytest.raises(ValueError, match="batch"):
        list(read_lines(body))


@given(st.binary(max_size=200))
def test_no_bytes_behind_a_good_line_break_a_batch(noise):
    till = till_of(1)
    lines = list(read_lines(till.lines(1, 1) + b"\n" + noise))
    assert lines[0].hash.hex() == till.entries[0].hash
    assert all(1 <= line.seq <= MAX_LINES for line in lines)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_whatever_order_and_however_often_all_of_both_disks_is_here_once(fleet_database, data):
    shop = Shop(fleet_database)  # of each example's own
    who, _ = shop.join()
    till = till_of(3)
    other = till.copy()
    till.sell("1" * 24)
    other.sell("2" * 24)
    sent = [
        disk.lines(first, first + length)
        for disk in (till, other)
        for first, length in data.draw(
            st.lists(st.tuples(st.integers(1, 12), st.integers(0, 5)), max_size=6)
        )
    ]
    sent += [till.lines(1, 6), till.lines(7, 12), other.lines(5, 12), other.lines(1, 4)]
    for batch in data.draw(st.permutations(sent)):
        shop.take(who, batch)
    wanted = {entry.hash for disk in (till, other) for entry in disk.entries}
    found = [row[2] for row in stored(shop, who)]
    assert set(found) == wanted
    assert len(found) == len(wanted)
    shop.books.work_all()
    assert shop.counts(who)["paid"] == 5
