"""What a basket owes beside its slip, and the ticket that a kitchen reads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.printers.profile import profile_for
from hardware.printers.render import main
from kiosk.domain.basket import Basket, LimitReached, line_from_json, line_to_json
from kiosk.domain.catalogue import Gtin, Product, SoldBy
from kiosk.domain.money import Money
from kiosk.domain.order import totals, totals_from_json, totals_to_json
from kiosk.domain.owed import basket_to_keep, owed, owed_keys
from kiosk.domain.payment import Method, Payment, State
from kiosk.domain.receipt import Receipt, Shop, pick_up_number, slip
from kiosk.domain.slip import Align, Columns, Cut, Feed, Ruler, TextLine
from kiosk.domain.ticket import Ticket, ticket
from kiosk.paper import job

ROOT = Path(__file__).resolve().parents[2]
NUMBER = "000126030112345648151623"


def product(plu, name, **more):
    return Product(name, "", Money(200), plu=plu, **more)


NOODLES = product(1, "牛肉面", station="kitchen")
DUMPLINGS = product(2, "三鲜水饺", station="kitchen")
TEA = product(3, "柠檬茶", station="bar")
WATER = product(4, "矿泉水", slot=3)
SUGAR = Product("白砂糖", "White sugar", Money(690), Gtin.parse("6901000000042"))
FISH = product(5, "鲈鱼", sold_by=SoldBy.WEIGHT, station="kitchen")
PRICED = totals(
    Basket().add(NOODLES, 2).add(TEA).add(WATER, 2).add(SUGAR).add(DUMPLINGS)
    .add_weighed(FISH, 623)
)  # fmt: skip


def test_a_station_is_owed_one_ticket_and_every_piece_a_drop():
    assert owed(PRICED) == [
        {"kind": "kitchen", "station": "kitchen"},
        {"kind": "kitchen", "station": "bar"},
        {"kind": "drop", "slot": 3, "line": "00004"},
        {"kind": "drop", "slot": 3, "line": "00004"},
    ]


def test_every_item_has_a_key_that_counts_within_its_kind():
    keys = [key for key, _ in owed_keys("7", basket_to_keep(PRICED))]
    assert keys == ["7/kitchen-1", "7/kitchen-2", "7/drop-1", "7/drop-2"]


def test_goods_of_the_shelf_owe_nothing_and_their_lines_say_no_more_than_before():
    priced = totals(Basket().add(SUGAR, 3))
    assert basket_to_keep(priced) == totals_to_json(priced)
    assert list(owed_keys("7", basket_to_keep(priced))) == []
    assert not {"station", "slot"} & set(line_to_json(priced.lines[0].line))


def test_a_kept_basket_is_read_again_with_stations_and_slots():
    assert totals_from_json(basket_to_keep(PRICED)) == PRICED


def test_a_line_that_was_written_before_there_were_stations_is_read():
    line = PRICED.lines[0].line
    body = {key: value for key, value in line_to_json(line).items() if key != "station"}
    assert line_from_json(body).product == replace(NOODLES, station="")


@pytest.mark.parametrize(
    "more", [{"station": "Küche"}, {"slot": 0}, {"slot": 1000}, {"slot": 1, "sold_by": "WEIGHT"}]
)
def test_a_product_with_a_place_that_cannot_be_is_refused(more):
    if "sold_by" in more:
        more = {**more, "sold_by": SoldBy.WEIGHT}
    with pytest.raises(ValueError, match=r"station|drop"):
        product(9, "x", **more)


def test_no_more_drops_than_the_limit_get_into_a_basket():
    full = Basket().add(WATER, 49).add(product(6, "可乐", slot=4))
    with pytest.raises(LimitReached) as raised:
        full.add(WATER)
    assert (raised.value.limit, raised.value.most) == ("drops", 50)
    assert len(owed(totals(full.add(NOODLES, 50)))) == 51


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "kitchen", "bar"]),
            st.none() | st.integers(1, 9),
            st.integers(1, 9),
        ),
        max_size=5,
    )
)
def test_pieces_drop_one_by_one_and_no_station_is_told_twice(lines):
    basket = Basket()
    for plu, (station, slot, quantity) in enumerate(lines, 1):
        basket = basket.add(product(plu, "x", station=station, slot=slot), quantity)
    priced = totals(basket)
    items = owed(priced)
    assert totals_from_json(basket_to_keep(priced)) == priced
    drops = [item["slot"] for item in items if item["kind"] == "drop"]
    stations = [item["station"] for item in items if item["kind"] == "kitchen"]
    assert len(drops) == sum(quantity for _, slot, quantity in lines if slot)
    assert sorted(stations) == sorted({station for station, _, _ in lines} - {""})


# --- the ticket ---------------------------------------------------------------------------------

KITCHEN = Ticket("kitchen", NUMBER, 1772340896000, PRICED)


def test_a_ticket_has_the_lines_of_its_station_quantity_first_and_no_price():
    assert ticket(KITCHEN) == (
        TextLine("kitchen", Align.CENTRE, bold=True),
        TextLine("取餐号 1623", Align.CENTRE, bold=True, large=True),
        Ruler(),
        TextLine("2 × 牛肉面", bold=True, large=True),
        TextLine("1 × 三鲜水饺", bold=True, large=True),
        TextLine("0.623 kg × 鲈鱼", bold=True, large=True),
        Ruler(),
        TextLine("2026-03-01 12:54:56"),
        TextLine(NUMBER),
        Feed(3),
        Cut(),
    )


@pytest.mark.parametrize(
    ("flag", "word"), [("test", "测试 TEST · 请勿制作"), ("copy", "副本 COPY · 可能已出过单")]
)
def test_a_test_and_a_copy_say_so_first_and_last(flag, word):
    marked = ticket(replace(KITCHEN, **{flag: True}))
    assert marked[0] == marked[-3] == TextLine(word, Align.CENTRE, bold=True)


def test_a_ticket_as_bytes():
    """Golden bytes: Epson's application programming guide, by command."""
    tea = replace(KITCHEN, station="bar", language="en")
    assert job(ticket(tea), profile_for(58)) == bytes.fromhex(
        "1B40 1C26"
        "1B6101 1B4501"  # ESC a: centre; ESC E: bold
        "626172 0A"
        "1D2111 1C210C"  # GS !, FS !: double both ways
        "4F726465722031363233 0A 1B4A08"  # ESC J: room below a line of double height
        "1B6100 1B4500 1D2100 1C2100"
        "2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D 0A"
        "1B4501 1D2111 1C210C"
        "3120A1C120C4FBC3CAB2E8 0A 1B4A08"  # 1 × 柠檬茶: it has no English name
        "1B4500 1D2100 1C2100"
        "2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D2D 0A"
        "323032362D30332D30312031323A35343A3536 0A"
        "303030313236303330313132333435363438313531363233 0A"
        "1B6403 1D564200"
    )


@pytest.mark.parametrize("paper", [58, 80])
def test_a_ticket_can_be_looked_at(tmp_path, paper):
    """The picture is kept in `build/tickets`: somebody should have seen it."""
    pictures = ROOT / "build" / "tickets"
    pictures.mkdir(parents=True, exist_ok=True)
    printed = tmp_path / "ticket.bin"
    printed.write_bytes(job(ticket(replace(KITCHEN, test=True, copy=True)), profile_for(paper)))
    shown = pictures / f"kitchen-{paper}.png"
    shown.unlink(missing_ok=True)
    assert main([str(printed), str(shown), "--width", str(paper)]) == 0
    assert shown.stat().st_size > 1000


# --- the slip -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "word"), [("zh", "取餐号"), ("en", "Pick up")])
def test_a_slip_says_the_number_to_pick_up_by_where_something_is_prepared(language, word):
    def lines(priced):
        payment = Payment(NUMBER, "v", "wechatpay", Method.CODE, priced.total, 0, State.PAID)
        return slip(Receipt(Shop({"zh": "店"}, {}), "1", 0, priced, payment, language=language))

    assert Columns(word, "1623", bold=True, large=True) in lines(PRICED)
    without = lines(totals(Basket().add(WATER)))
    assert word not in [getattr(each, "left", "") for each in without]


def test_the_number_to_pick_up_by_is_one_that_staff_can_type():
    from kiosk.staff.number import read_number

    assert read_number(pick_up_number(NUMBER)) == "1623"
