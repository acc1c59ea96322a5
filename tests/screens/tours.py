"""Visits that are made to be looked at: each yields the name of what is to be seen now.

    yield "tender.rest"      the screen TENDER is there, in the state that this picture calls rest

Whoever plays the tour waits until that screen is drawn and has settled, then photographs it.
"""

from __future__ import annotations

from collections.abc import Iterator

from kiosk.demo.settings import STAFF_PIN
from kiosk.demo.shopper import BANANAS, CARROTS, MOVES
from tests.flows.shopper import APPLES, EGGS, JUICE, SUGAR, Staff

DISH = "00101"


def buys(shopper: Staff) -> Iterator[str]:
    """From attract to the slip, by a payment code; help and a wrong code on the way."""
    yield "attract"
    shopper.touches("start")
    yield "basket.empty"
    shopper.scans(SUGAR, EGGS, JUICE, APPLES)
    yield "basket"
    shopper.shop.scan("6909999999996")
    shopper.finger.wait_until(lambda seen: seen.hint == "hint.unknown_barcode", "the remark")
    yield "basket.remark"
    shopper.touches("help")
    _can_touch(shopper, "sheet.accept")
    yield "basket.help"
    shopper.touches("sheet.close")
    shopper.touches("leave")
    _can_touch(shopper, "sheet.accept")
    yield "basket.leaving"
    shopper.touches("sheet.close")
    shopper.touches("pay")
    _can_touch(shopper, "tender.qr")
    yield "tender"
    shopper.touches("tender.code")
    yield "code"
    shopper.shop.scan(shopper.shop.payment_code())
    yield "done"


def picks(shopper: Staff) -> Iterator[str]:
    """Goods without a bar code: found by letters, weighed."""
    shopper.touches("start")
    shopper.sees("BASKET")
    shopper.touches("browse")
    _can_touch(shopper, BANANAS)
    yield "pick"
    for letter in "XJ":
        shopper.touches(f"key.{letter}")
    shopper.finger.wait_until(lambda seen: CARROTS not in seen.widgets, "fewer cards")
    yield "pick.searched"
    shopper.touches("key.Z")
    shopper.finger.wait_until(lambda seen: BANANAS not in seen.widgets, "no card")
    yield "pick.nothing"
    shopper.touches("pick.wipe")
    _can_touch(shopper, BANANAS)
    shopper.touches(BANANAS)
    _can_touch(shopper, "weighing.cancel")
    yield "pick.weighing"
    shopper.shop.scale("load 860")
    shopper.sees("BASKET")
    shopper.shop.scale("empty")
    yield "basket.weighed"


def pays_in_parts(shopper: Staff) -> Iterator[str]:
    """A part by code, the rest from the screen, by a phone."""
    shopper.goes_to_pay()
    shopper.touches("split")
    shopper.sees("PART")
    shopper.touches("part.half")
    yield "part"
    shopper.touches("part.done")
    yield "tender.part"
    shopper.shows_a_code()
    _can_touch(shopper, "tender.qr")
    yield "tender.rest"
    shopper.asks_for_a_qr()
    yield "qr"
    shopper.phone.pays()
    yield "done.parts"


def meets_trouble(shopper: Staff) -> Iterator[str]:
    """What goes wrong, and what is said of it."""
    shop = shopper.shop
    _script(shopper, "decline NOTENOUGH")
    shopper.goes_to_pay()
    shopper.shows_a_code()
    yield "trouble.declined"
    shopper.touches("back")
    shopper.sees("TENDER")
    _script(shopper, "userpaying phone")
    shopper.shows_a_code()
    shopper.is_told("say.confirm_on_phone")
    yield "waiting.phone"
    shopper.touches("other_way")
    yield "trouble.reversed"
    shopper.touches("back")
    shopper.sees("TENDER")
    _script(shopper, "drop-answer")
    _script(shopper, "delay 4", "orderquery", 2)
    shopper.shows_a_code()
    shopper.is_told("say.checking")
    yield "waiting.checking"
    shopper.sees("DONE", "TROUBLE", timeout=40)
    shop.sandbox("DELETE", "/sandbox/scripts")
    shopper.comes_to_an_idle_kiosk()
    shop.printer("paper out")
    shopper.goes_to_pay()
    shopper.shows_a_code()
    yield "done.no_slip"
    shop.printer("paper in")
    shopper.comes_to_an_idle_kiosk()
    shop.kill("core")
    yield "out_of_order.core"
    shop.start("core")
    shopper.sees("ATTRACT", timeout=40)


def pays_by_face(shopper: Staff) -> Iterator[str]:
    """The notice, nobody before the camera, a move that is asked for, and a face nobody knows."""
    shop = shopper.shop
    shopper.goes_to_pay()
    for tender in ("tender.face", "tender.qr"):
        shopper.finger.wait_until(lambda seen, it=tender: seen.can_touch(it), tender, 40)
    yield "tender.face"
    shopper.touches("tender.face")
    yield "notice"
    shopper.touches("accept")
    yield "face.nobody"
    shop.scene("person")
    shopper.finger.wait_until(lambda seen: seen.instruction in MOVES, "a move", 30)
    yield "face.asked"
    shopper.sees("DONE", timeout=40)
    yield "done.face"
    shopper.comes_to_an_idle_kiosk()
    shop.sandbox("DELETE", "/sandbox/faces")
    shopper.goes_to_pay()
    shopper.chooses_face()
    shopper.sees("TROUBLE", timeout=40)
    yield "trouble.stranger"


def hesitates(shopper: Staff) -> Iterator[str]:
    """Somebody goes away from his basket."""
    shopper.fills_a_basket()
    _can_touch(shopper, "still_there.yes")
    yield "basket.still_there"
    shopper.touches("still_there.leave")
    shopper.sees("ATTRACT")


def eats(diner: Staff) -> Iterator[str]:
    """From the menu to the number that is called out: a dish with options, one without."""
    diner.touches("start")
    yield "service"
    diner.touches("service.eat-in")
    yield "table"
    diner.touches("pad.7")
    diner.touches("table.done")
    _can_touch(diner, f"dish.{DISH}")
    yield "menu"
    diner.touches(f"dish.{DISH}")
    _can_touch(diner, "dish.add")
    yield "menu.dish"
    diner.touches("dish.add")
    _can_touch(diner, "order")
    yield "menu.ordered"
    diner.touches("order")
    yield "basket.order"
    diner.touches("pay")
    diner.sees("TENDER")
    diner.shows_a_code()
    yield "done.table"


def is_staff(staff: Staff) -> Iterator[str]:
    """In by PIN; payments, one of them, money back; the day, and a cash payment."""
    staff.goes_to_pay()
    staff.shows_a_code()
    staff.sees("DONE")
    staff.sees("ATTRACT")
    staff.touches("staff")
    staff.is_told("staff.pin")
    yield "staff.pin"
    staff.types(STAFF_PIN)
    staff.is_told("staff.scan")
    yield "staff.home"
    staff.opens_the_list()
    yield "staff.payments"
    staff.touches("payment.0")
    staff.is_told("staff.money.taken")
    yield "staff.payment"
    staff.touches("staff.refund_part")
    _can_touch(staff, "pad.1")
    yield "staff.part"
    staff.goes()
    staff.sees("ATTRACT")
    staff.goes_to_pay()
    _can_touch(staff, "tender.cash")
    staff.touches("tender.cash")
    yield "cash"
    staff.is_taken_to_the_cash()
    yield "staff.cash"
    staff.touches("cash.likely.4")
    staff.touches("cash.accept")
    _can_touch(staff, "cash.done")
    yield "staff.change"
    staff.touches("cash.done")
    yield "done.cash"


def _can_touch(shopper: Staff, widget: str) -> None:
    shopper.finger.wait_until(lambda seen: seen.can_touch(widget), widget, 20)


def _script(shopper: Staff, words: str, api: str = "micropay", count: int = 1) -> None:
    body = {"script": words, "api": api, "count": count}
    shopper.shop.sandbox("POST", "/sandbox/scripts", body)
