"""X and Z at the kiosk: read, closed once, printed; with a crash or another's entry in between."""

from __future__ import annotations

import pytest

from kiosk.day_book import Changed, DayBook
from kiosk.domain.payment import Approved, Submit, Unclear
from kiosk.ledger import Ledger, LedgerFull
from kiosk.messages.shift import CloseDay, PrintReport, ShowLastDay
from kiosk.messages.staff import CloseStaff, EnterPin, OpenStaff, StaffPage, TurnTo

PIN = "246810"
ONE, TWO = "000126030112345648151623", "000126030112345648151624"


@pytest.fixture
def book(ledger, tmp_path):
    return DayBook(ledger, tmp_path / "period.json")


@pytest.fixture
def reporting(inside, paid):
    """Staff before the X of a day with one sale."""
    paid(ONE)
    inside.does(TurnTo(StaffPage.REPORT))
    inside.works()
    return inside


def shown(kiosk):
    return kiosk.screen.staff.report


def zs(ledger):
    return [each for each in ledger.entries(0, 1000) if each.kind == "z"]


# --- the book -----------------------------------------------------------------------------------


def test_an_x_changes_nothing_and_a_z_begins_the_next_period(book, ledger, paid):
    paid(ONE)
    before = len(ledger.entries(0, 1000))
    assert (book.read().of("sale").fen, book.read().number) == (690, 1)
    assert len(ledger.entries(0, 1000)) == before
    report = book.close(1)
    assert (report.closed, report.number, report.of("sale").fen) == (True, 1, 690)
    paid(TWO)
    again = book.read()
    assert (again.number, again.of("sale").fen, again.grand.fen) == (2, 690, 1380)
    assert book.last() == report


def test_a_z_is_made_once_however_often_it_is_asked_for(book, ledger):
    book.close(1)
    for _ in range(3):
        with pytest.raises(Changed):
            book.close(1)
    assert [each.body["number"] for each in zs(ledger)] == [1]


def test_nothing_comes_between_the_sums_and_the_end_of_the_period(book, ledger, paid, monkeypatch):
    """An entry that another thread writes just before the Z is in it, and in no other."""
    paid(ONE)
    real, late = ledger.append_after, [lambda: paid(TWO)]

    def append_after(*given):
        if late:
            late.pop()()
        return real(*given)

    monkeypatch.setattr(ledger, "append_after", append_after)
    assert book.close(1).of("sale").count == 2
    assert book.read().of("sale").count == 0


def test_where_entries_never_stop_a_z_is_not_made(book, ledger, monkeypatch):
    real = ledger.append_after

    def append_after(*given):
        ledger.append("staff", "k", {"did": "something"})
        return real(*given)

    monkeypatch.setattr(ledger, "append_after", append_after)
    with pytest.raises(Changed):
        book.close(1)
    assert zs(ledger) == []


def test_after_a_crash_the_z_is_there_or_it_is_not_and_the_next_number_is_right(
    ledger, tmp_path, paid, clock, monkeypatch
):
    paid(ONE)
    path = tmp_path / "period.json"

    class PowerCut(BaseException):
        pass

    def cut(*given):
        raise PowerCut

    with monkeypatch.context() as patched:
        patched.setattr(ledger, "append_after", cut)
        with pytest.raises(PowerCut):
            DayBook(ledger, path).close(1)
    assert zs(ledger) == []
    with monkeypatch.context() as patched:  # it is written, and where it stands is not kept
        patched.setattr("kiosk.day_book.write_whole", cut)
        with pytest.raises(PowerCut):
            DayBook(ledger, path).close(1)
    again = DayBook(ledger, path)
    assert again.read().number == 2
    assert again.read().of("sale").count == 0
    assert again.last().of("sale").fen == 690


@pytest.mark.parametrize("text", ["{", '{"z": 1}', '{"z": 99999}', '{"z": -4}', '{"z": "x"}', "[]"])
def test_a_wrong_note_of_where_the_period_begins_costs_time_and_no_fen(
    ledger, tmp_path, paid, text
):
    path = tmp_path / "period.json"
    paid(ONE)
    DayBook(ledger, path).close(1)
    paid(TWO)
    path.write_text(text)
    report = DayBook(ledger, path).read()
    assert (report.number, report.of("sale").count, report.grand.count) == (2, 1, 2)


def test_a_period_goes_over_the_end_of_a_month(tmp_path, clock):
    ledger = Ledger(tmp_path / "other", clock.wall_ms)
    book = DayBook(ledger, tmp_path / "other.json")
    ledger.append("cash_moved", "k", {"why": "float", "fen": 500})
    clock.ahead += 31 * 86_400
    ledger.append("cash_moved", "k", {"why": "float", "fen": 700})
    assert book.close(1).cash_fen == 1200
    clock.ahead += 31 * 86_400
    assert book.close(2).cash_fen == 1200
    assert [each.body["number"] for each in zs(ledger)] == [1, 2]
    ledger.close()


def test_a_long_day_is_read_piece_by_piece(book, ledger, monkeypatch):
    monkeypatch.setattr("kiosk.day_book.AT_ONCE", 3)
    for _ in range(10):
        ledger.append("cash_moved", "k", {"why": "float", "fen": 1})
    assert book.read().cash_fen == 10
    ledger.append("cash_moved", "k", {"why": "float", "fen": 1})
    assert book.read().cash_fen == 11


# --- the page -----------------------------------------------------------------------------------


def test_the_page_shows_the_x_of_now(reporting):
    assert reporting.screen.staff.page is StaffPage.REPORT
    report = shown(reporting)
    assert (report.closed, report.number) == (False, 1)
    (sale,) = [each for each in report.rows if each.key == "sale"]
    assert (sale.count, sale.fen) == (1, 690)
    reporting.does(PrintReport())
    key, slip = reporting.slips.papers[0]
    assert key == "report/x0001"
    assert slip[0].text.startswith("测试 TEST")


def test_a_day_is_closed_once_printed_and_printed_again_as_a_copy(reporting):
    reporting.does(CloseDay(1), CloseDay(1))
    reporting.works()
    assert reporting.hinted == "staff.report.closed"
    assert (shown(reporting).closed, shown(reporting).number) == (True, 1)
    reporting.does(CloseDay(1))
    reporting.works()
    assert reporting.hinted == "staff.report.changed"
    assert len(zs(reporting.ledger)) == 1
    assert [key for key, _ in reporting.slips.papers] == ["report/z0001"]
    reporting.does(PrintReport())
    assert "副本" in reporting.slips.papers[1][1][1].text
    reporting.attendant.printed("report/z0001", "taken")
    assert reporting.hinted == "staff.printed"


def test_a_day_that_others_closed_meanwhile_is_not_closed_again(reporting):
    reporting.does(CloseDay(7))
    assert reporting.hinted == "staff.report.changed"
    DayBook(reporting.ledger, reporting.till.config.paths.state / "x.json").close(1)
    reporting.does(CloseDay(1))
    reporting.works()
    assert reporting.hinted == "staff.report.changed"
    assert len(zs(reporting.ledger)) == 1


def test_a_day_end_is_made_and_printed_though_the_staff_have_left(reporting):
    reporting.does(CloseDay(1), CloseStaff())
    reporting.works()
    assert len(zs(reporting.ledger)) == 1
    assert len(reporting.slips.papers) == 1
    reporting.does(OpenStaff(), EnterPin(PIN))
    reporting.works()
    reporting.does(TurnTo(StaffPage.REPORT))
    reporting.works()
    assert shown(reporting).number == 2
    reporting.does(ShowLastDay())
    reporting.works()
    assert (shown(reporting).closed, shown(reporting).number) == (True, 1)


def test_before_the_first_day_end_there_is_none_to_show(reporting):
    reporting.does(ShowLastDay())
    reporting.works()
    assert reporting.hinted == "staff.report.none"
    assert not shown(reporting).closed


def test_a_full_disk_makes_no_day_end_and_says_why(reporting, monkeypatch):
    def full(*given):
        raise LedgerFull("no room")

    monkeypatch.setattr(reporting.ledger, "append_after", full)
    reporting.does(CloseDay(1))
    reporting.works()
    assert reporting.hinted == "staff.line"
    assert not shown(reporting).closed
    assert reporting.slips.papers == []


def test_an_open_payment_is_told_and_counted_on_the_next_day(inside, sell):
    sell(ONE, Submit(1), Unclear("time-out"))
    inside.does(TurnTo(StaffPage.REPORT))
    inside.works()
    assert [each.count for each in shown(inside).rows if each.key == "open"] == [1]
    inside.does(CloseDay(1))
    inside.works()
    inside.ledger.record(ONE, Approved("T", 690))
    inside.does(TurnTo(StaffPage.REPORT))
    inside.works()
    assert [each.fen for each in shown(inside).rows if each.key == "sale"] == [690]
