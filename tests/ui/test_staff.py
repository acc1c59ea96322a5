"""The staff's screen under a finger, with a scripted core at the other end."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from kiosk.messages import CallAttendant, StillThere
from kiosk.messages.shift import (
    CloseDay,
    CloseTill,
    CountCash,
    DropParked,
    MoveCash,
    OpenDrawer,
    OpenTill,
    ParkVisit,
    PrintReport,
    ResumeParked,
    ShowLastDay,
    TryPart,
    VoidVisit,
)
from kiosk.messages.staff import (
    AskAgain,
    AskRefund,
    CloseDrop,
    CloseStaff,
    EnterPin,
    FindPayment,
    OpenStaff,
    PartShown,
    PrintCopy,
    PrintTicket,
    ShowPayments,
    StaffPage,
    TurnTo,
)

scenes = sys.modules["scenes"]
pytestmark = pytest.mark.display


@pytest.fixture
def sent(panel):
    """What the finger sends from here on, but for signs of life."""
    panel.link.connected = True
    panel.scene("attract")
    panel.link.sent.clear()
    return lambda: [each for each in panel.link.sent if not isinstance(each, StillThere)]


def fits(panel, name):
    """Everything is readable and can be hit; keep a picture."""
    from kivy.uix.label import Label

    panel.finish()
    for label in panel.widgets():
        if isinstance(label, Label) and label.text:
            assert label.texture_size[0] <= label.width + 1, label.text
            assert label.texture_size[1] <= label.height + 1, label.text
    for target, (x, y, width, height, _) in panel.boxes():
        assert min(width, height) >= 96, target
        assert x >= 0, target
        assert y >= 0, target
        assert x + width <= 1080, target
        assert y + height <= 1920, target
    panel.keep(name)


def types(panel, digits):
    for digit in digits:
        panel.tap(f"pad.{digit}")


def pad(panel):
    return panel.app.stage.view._pad


@pytest.mark.parametrize(
    ("scene", "name", "command"),
    [
        ("attract", "staff", OpenStaff()),
        ("out-printer", "staff", OpenStaff()),
        ("staff-home", "staff.close", CloseStaff()),
        ("staff-few", "staff.home", TurnTo(StaffPage.HOME)),
        ("staff-few", "payment.1", FindPayment("000126030112345548151624")),
        ("staff-paid", "staff.list", ShowPayments()),
        ("staff-paid", "staff.copy", PrintCopy(scenes.NUMBER)),
        ("staff-unknown", "staff.again", AskAgain(scenes.NUMBER)),
        ("staff-goods", "goods.0.ticket", PrintTicket(scenes.NUMBER, f"{scenes.NUMBER}/kitchen-2")),
        (
            "staff-goods",
            "goods.1.handed",
            CloseDrop(scenes.NUMBER, f"{scenes.NUMBER}/drop-1", handed=True),
        ),
        (
            "staff-goods",
            "goods.1.not_handed",
            CloseDrop(scenes.NUMBER, f"{scenes.NUMBER}/drop-1", handed=False),
        ),
        ("staff-pin", "pad.back", CloseStaff()),
    ],
)
def test_a_touch_sends_its_command_once(panel, sent, scene, name, command):
    panel.scene(scene)
    panel.tap(name)
    panel.tap(name)
    assert sent() == [command]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_help_calls_the_staff_or_lets_them_in(panel, sent, language):
    panel.scene("basket-few", language)
    panel.tap("help")
    panel.settle()
    fits(panel, f"help.{language}")
    assert sent() == []
    panel.tap("sheet.accept")
    assert sent() == [CallAttendant()]
    panel.settle()
    panel.tap("help")
    panel.settle()
    panel.tap("sheet.extra")
    assert sent() == [CallAttendant(), OpenStaff()]
    assert panel.app.stage.modal is None


def test_there_is_no_way_to_the_staff_from_a_visit_but_through_help(panel, sent):
    panel.scene("tender")
    assert "staff" not in dict(panel.boxes())
    panel.scene("staff-few")
    assert not {"staff", "help"} & set(dict(panel.boxes()))


def test_a_pin_is_shown_as_dots_and_forgotten_when_it_is_sent(panel, sent):
    panel.scene("staff-pin")
    assert not dict(panel.boxes())["pad.done"][4]
    types(panel, "1234567")
    panel.tap("pad.erase")
    assert pad(panel).shown == "●" * 6
    panel.tap("pad.done")
    assert sent() == [EnterPin("123456")]
    assert pad(panel).typed == pad(panel).shown == ""
    assert "123456" not in repr(sent())


def test_a_locked_pad_takes_nothing(panel, sent):
    panel.scene("staff-pin-locked")
    enabled = {name for name, box in panel.boxes() if box[4]}
    assert enabled == {"language.zh", "language.en", "pad.back"}


def test_a_pin_that_was_begun_is_gone_when_the_screen_was_left(panel, sent):
    panel.scene("staff-pin")
    types(panel, "1234")
    panel.scene("attract")
    panel.scene("staff-pin")
    assert pad(panel).typed == ""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_number_is_typed_over_the_list(panel, sent, language):
    panel.scene("staff-few", language)
    panel.tap("staff.type")
    panel.settle()
    types(panel, "48151")
    panel.scene("staff-many", language)  # the list goes on below
    fits(panel, f"staff-number.{language}")
    panel.tap("pad.done")
    assert sent() == [FindPayment("48151")]
    panel.tap("pad.back")
    panel.settle()
    assert "payment.0" in dict(panel.boxes())


def test_a_whole_number_fits_on_the_pad(panel, sent):
    panel.scene("staff-few")
    panel.tap("staff.type")
    panel.settle()
    pad(panel).typed = "4" * 31
    types(panel, "22")
    assert pad(panel).typed == "4" * 31 + "2"
    fits(panel, "staff-number-whole.zh")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_money_goes_back_only_after_a_second_question_that_names_the_amount(panel, sent, language):
    panel.scene("staff-paid", language)
    panel.tap("staff.refund_all")
    panel.settle()
    fits(panel, f"staff-refund.{language}")
    shown = [widget.text for widget in panel.widgets() if getattr(widget, "text", "")]
    assert any("48.26" in text for text in shown)
    assert sent() == []
    panel.tap("sheet.close")
    panel.settle()
    assert sent() == []
    panel.tap("staff.refund_all")
    panel.settle()
    panel.tap("sheet.accept")
    assert sent() == [AskRefund(scenes.NUMBER, 4826, 4826)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_part_is_typed_fen_by_fen(panel, sent, language):
    panel.scene("staff-paid", language)
    panel.tap("staff.refund_part")
    panel.settle()
    types(panel, ["3", "5", "00"])
    assert pad(panel).shown == "¥ 35.00"
    fits(panel, f"staff-amount.{language}")
    panel.tap("pad.done")
    panel.settle()
    panel.tap("sheet.accept")
    assert sent() == [AskRefund(scenes.NUMBER, 3500, 4826)]
    panel.settle()
    assert "staff.refund_all" in dict(panel.boxes())


def test_no_part_is_nothing(panel, sent):
    panel.scene("staff-paid")
    panel.tap("staff.refund_part")
    panel.settle()
    types(panel, ["0", "00"])
    assert not dict(panel.boxes())["pad.done"][4]


def test_a_question_about_money_goes_when_another_payment_comes(panel, sent):
    panel.scene("staff-paid")
    panel.tap("staff.refund_all")
    panel.settle()
    panel.scene("staff-elsewhere")
    assert panel.app.stage.modal is not None  # the same payment, told anew
    other = replace(scenes.payment("PAID", 100), out_trade_no="000126030112345648151999")
    showing = scenes.SCENES["staff-paid"]
    panel.show(replace(showing, staff=replace(showing.staff, payment=other)))
    assert panel.app.stage.modal is None


def test_what_cannot_be_done_cannot_be_touched(panel, sent):
    panel.scene("staff-unknown")
    enabled = {name for name, box in panel.boxes() if box[4]}
    assert enabled == {"language.zh", "language.en", "staff.again", "staff.list"}


def test_what_is_done_cannot_be_done_again(panel, sent):
    panel.scene("staff-goods-and-refunds")
    assert not [name for name in dict(panel.boxes()) if name.startswith("goods.")]


def test_a_payment_that_lacks_something_says_so_in_the_list(panel, sent):
    showing = scenes.SCENES["staff-few"]
    rows = tuple(replace(row, lacking=row.state == "PAID") for row in showing.staff.payments)
    panel.show(replace(showing, staff=replace(showing.staff, payments=rows)))
    view = panel.app.stage.view._list
    keys = [line.ids.state.key for line in view._payments._rows[: len(rows)]]
    assert keys.count("staff.goods.lacking") == sum(row.lacking for row in rows) > 0
    assert view.ids.tab_payments.count == 3 + sum(row.lacking for row in rows)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_part_is_listed_with_cause_and_mend_what_is_bad_first(panel, sent, language):
    showing = scenes.SCENES["staff-few"]
    broken = scenes.parts("printer", "camera", "wechatpay")
    shown = replace(showing, language=language, staff=replace(showing.staff, parts=broken))
    panel.show(shown)
    panel.tap("tab.parts")
    panel.settle()
    fits(panel, f"staff-parts.{language}")
    lines = panel.app.stage.view._list._machine
    assert lines.children[-1].top == lines.top
    assert lines.children[0].y >= lines.y
    texts = " ".join(widget.text for widget in panel.widgets() if getattr(widget, "text", ""))
    assert "Could not open port" in texts
    assert "Check the cable" in texts
    panel.tap("tab.payments")
    panel.settle()
    assert "payment.0" in dict(panel.boxes())


def test_a_part_we_have_no_word_for_is_called_by_its_name(panel, sent):
    showing = scenes.SCENES["staff-few"]
    part = replace(scenes.parts()[0], name="acme-pay")
    panel.show(replace(showing, staff=replace(showing.staff, parts=(part,))))
    panel.tap("tab.parts")
    panel.settle()
    assert "acme-pay" in [getattr(widget, "text", "") for widget in panel.widgets()]
    panel.tap("tab.payments")


def test_more_payments_are_on_the_next_page(panel, sent):
    panel.scene("staff-many")
    panel.tap("page.down")
    panel.tap("payment.0")
    number = sent()[0].number
    assert (
        number == scenes.payments(40)[len(panel.app.stage.view._list._payments._rows)].out_trade_no
    )


def test_a_touch_tells_the_core_that_somebody_is_there(panel, sent):
    panel.scene("staff-pin")
    panel.link.sent.clear()
    panel.clock.ahead += 10
    panel.tap("pad.1")
    panel.tap("pad.2")
    assert panel.link.sent == [StillThere()]


# --- the shift ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scene", "name", "command"),
    [
        ("staff-home", "staff.park", ParkVisit("v1")),
        ("staff-home", "staff.payments", TurnTo(StaffPage.PAYMENTS)),
        ("staff-home", "staff.parts", TurnTo(StaffPage.PAYMENTS)),
        ("staff-home", "staff.parked", TurnTo(StaffPage.PARKED)),
        ("staff-home", "staff.report", TurnTo(StaffPage.REPORT)),
        ("staff-home", "staff.drawer", TurnTo(StaffPage.DRAWER)),
        ("staff-home-closed", "staff.till", OpenTill()),
        ("staff-parked", "staff.home", TurnTo(StaffPage.HOME)),
        ("staff-x", "report.print", PrintReport()),
        ("staff-z", "report.last", ShowLastDay()),
        ("staff-drawer", "staff.home", TurnTo(StaffPage.HOME)),
    ],
)
def test_a_touch_on_a_page_of_the_shift_sends_its_command(panel, sent, scene, name, command):
    panel.scene(scene)
    panel.tap(name)
    assert sent() == [command]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("scene", "name", "command"),
    [
        ("staff-home", "staff.void", VoidVisit("v1")),
        ("staff-home-part", "staff.void", VoidVisit("v1")),
        ("staff-x", "report.close", CloseDay(127)),
        ("staff-parked", "parked.1", ResumeParked("P00010042")),
    ],
)
def test_what_cannot_be_undone_is_asked_twice(panel, sent, scene, name, command, language):
    panel.scene(scene, language)
    panel.tap(name)
    panel.settle()
    fits(panel, f"ask-{scene}-{name}.{language}")
    assert sent() == []
    panel.tap("sheet.accept")
    assert sent() == [command]


def test_a_parked_basket_is_cleared_by_the_second_button_of_its_question(panel, sent):
    panel.scene("staff-parked")
    panel.tap("parked.0")
    panel.settle()
    panel.tap("sheet.extra")
    assert sent() == [DropParked("P00010041")]


def test_whoever_is_no_manager_cannot_touch_the_reports_and_the_drawer(panel, sent):
    showing = scenes.SCENES["staff-home"]
    panel.show(replace(showing, staff=replace(showing.staff, manager=False)))
    boxes = dict(panel.boxes())
    assert not boxes["staff.report"][4]
    assert not boxes["staff.drawer"][4]
    assert boxes["staff.payments"][4]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_till_is_closed_for_a_reason_and_not_by_one_touch(panel, sent, language):
    panel.scene("staff-home", language)
    panel.tap("staff.till")
    panel.settle()
    fits(panel, f"staff-why.{language}")
    assert sent() == []
    panel.tap("staff.back")
    panel.settle()
    panel.tap("staff.till")
    panel.settle()
    panel.tap("why.cleaning")
    assert sent() == [CloseTill("cleaning")]
    assert "staff.till" in dict(panel.boxes())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_cash_is_counted_kind_by_kind(panel, sent, language):
    panel.scene("staff-drawer", language)
    panel.tap("drawer.count")
    panel.settle()
    types(panel, "12")
    panel.tap("count.next")
    panel.tap("kind.10")
    types(panel, "55")
    panel.tap("pad.erase")
    types(panel, "0")
    fits(panel, f"staff-count.{language}")
    assert panel.app.stage.view._count.total == 12 * 10_000 + 50 * 10
    panel.tap("count.done")
    panel.settle()
    fits(panel, f"staff-count-ask.{language}")
    panel.tap("sheet.accept")
    assert sent() == [CountCash({"10000": 12, "10": 50})]
    panel.settle()
    assert "drawer.count" in dict(panel.boxes())


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("deed", "why"), [("float", "float"), ("in", "pay_in"), ("out", "pay_out")]
)
def test_an_amount_for_the_drawer_is_typed_and_asked_for_again(panel, sent, deed, why, language):
    panel.scene("staff-drawer", language)
    panel.tap(f"drawer.{deed}")
    panel.settle()
    types(panel, ["2", "00", "00"])
    fits(panel, f"staff-drawer-{deed}.{language}")
    panel.tap("pad.done")
    panel.settle()
    assert sent() == []
    panel.tap("sheet.accept")
    assert sent() == [MoveCash(why, 20000)]
    panel.settle()
    assert "drawer.count" in dict(panel.boxes())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_drawer_is_opened_for_a_reason(panel, sent, language):
    panel.scene("staff-drawer", language)
    panel.tap("drawer.open")
    panel.settle()
    fits(panel, f"staff-drawer-why.{language}")
    panel.tap("open.change")
    assert sent() == [OpenDrawer("change")]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_device_is_tried_and_says_what_came_of_it(panel, sent, language):
    showing = scenes.SCENES["staff-few"]
    tried = (
        ("printer", "staff.trial.printed", {}, "well"),
        ("scanner", "staff.trial.scan", {}, ""),
        ("drawer", "staff.line", {"cause": "no answer on /dev/usb/lp0.", "mend": "Plug it in."},
         "badly"),
        ("scale", "", {}, ""),
    )  # fmt: skip
    parts = tuple(
        PartShown(name, "good", may_try=True, tried=key, args=args, went=went)
        for name, key, args, went in tried
    )
    shown = replace(showing.staff, parts=(*parts, PartShown("camera", "good")))
    panel.show(replace(showing, language=language, staff=shown))
    panel.tap("tab.parts")
    panel.settle()
    fits(panel, f"staff-trials.{language}")
    panel.tap("part.3.try")
    assert sent() == [TryPart("scale")]
    assert "part.4.try" not in dict(panel.boxes())
    panel.tap("tab.payments")
