from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from kiosk.content import ContentError, load_price_book
from kiosk.domain.catalogue import Gtin, SoldBy
from kiosk.domain.money import Money

HEAD = "gtin,plu,name_zh,name_en,price,sold_by,tax\n"
TEA = "6901234567892,,绿茶,Green tea,3.5,piece,13\n"


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "goods.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_a_price_book_is_read(write):
    book = load_price_book(write(HEAD + TEA + ',101,苹果,"Apples, red",11.96,WEIGHT,9\n'))
    tea = book.find(Gtin.parse("6901234567892"))
    assert (tea.names, tea.price, tea.tax_bp) == (
        {"zh": "绿茶", "en": "Green tea"},
        Money(350),
        1300,
    )
    apples = book.find_plu(101)
    assert (apples.name("en"), apples.sold_by, apples.code) == (
        "Apples, red",
        SoldBy.WEIGHT,
        "00101",
    )


def test_a_spreadsheet_writes_a_byte_order_mark_and_that_is_fine(write):
    assert len(load_price_book(write(("\ufeff" + HEAD + TEA).replace("\n", "\r\n")))) == 1


def test_columns_may_stand_in_any_order(write):
    text = "tax,sold_by,price,name_en,name_zh,plu,gtin\n0,piece,1,,糖,,96385074\n"
    sweet = load_price_book(write(text)).find(Gtin.parse("96385074"))
    assert (sweet.name("en"), sweet.price, sweet.tax_bp) == ("糖", Money(100), 0)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (
            "6901234567893,,茶,Tea,1,piece,13\n",
            "line 3, column gtin: 6901234567893 should end in 2",
        ),
        ("123,,茶,Tea,1,piece,13\n", "line 3, column gtin: '123' is not a number"),
        (",,茶,Tea,1,piece,13\n", "line 3, column gtin: a gtin or a plu"),
        ("96385074,5,茶,Tea,1,piece,13\n", "line 3, column gtin: a gtin or a plu"),
        (",0,茶,Tea,1,weight,13\n", "line 3, column plu: '0'"),
        ("96385074,,,Tea,1,piece,13\n", "line 3, column name_zh"),
        (f"96385074,,{'长' * 41},Tea,1,piece,13\n", "line 3, column name_zh"),
        ("96385074,,茶,Te\x07a,1,piece,13\n", "line 3, column name_en"),
        ("96385074,,茶,Tea,1.005,piece,13\n", "line 3, column price: '1.005'"),
        ("96385074,,茶,Tea,-1,piece,13\n", "line 3, column price: '-1'"),
        ("96385074,,茶,Tea,100000.01,piece,13\n", "line 3, column price: 100000.01 is more"),
        ("96385074,,茶,Tea,1,each,13\n", "line 3, column sold_by: 'each'"),
        ("96385074,,茶,Tea,1,piece,101\n", "line 3, column tax: 101 is more than 100"),
        ("96385074,,茶,Tea,1,piece\n", "line 3: not 7 columns"),
        ("96385074,,茶,Tea,1,piece,13,5\n", "line 3: not 7 columns"),
        (TEA, "line 3, column gtin: 6901234567892 is in line 2 already"),
        ('96385074,,"茶,Tea\n', "line 3: unexpected end of data"),
    ],
)
def test_a_fault_names_its_file_line_and_column(write, rows, says):
    path = write(HEAD + TEA + rows)
    with pytest.raises(ContentError) as caught:
        load_price_book(path)
    assert str(caught.value).startswith(f"{path}, {says}")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "missing: gtin"),
        ("gtin,plu\n", "missing: name_zh, name_en, price, sold_by, tax"),
        (HEAD.replace("tax", "tax,colour"), "unknown: colour"),
        (HEAD.replace("tax", "tax,tax"), "line 1"),
        (HEAD.encode() + "茶".encode("gb18030"), "line 2: not UTF-8"),
    ],
)
def test_a_file_that_is_no_price_book_says_why(write, text, says):
    with pytest.raises(ContentError, match=says):
        load_price_book(write(text))


def test_a_station_and_a_slot_are_read_where_there_are_columns_for_them(write):
    head = HEAD.replace("name_zh", "slot,name_zh").replace("tax", "tax,station")
    noodles, water = load_price_book(
        write(head + "96385074,,,面,,28,piece,6,kitchen\n6901234567892,,3,水,,2,piece,13,\n")
    )
    assert (noodles.station, noodles.slot) == ("kitchen", None)
    assert (water.station, water.slot) == ("", 3)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("96385074,,茶,Tea,1,piece,13,Kitchen,\n", "column station: 'Kitchen' is not a name"),
        ("96385074,,茶,Tea,1,piece,13,,0\n", "column slot: '0' is not 1 to 999"),
        ("96385074,,茶,Tea,1,piece,13,,1000\n", "column slot: '1000'"),
        (",5,茶,Tea,1,weight,13,,7\n", "column slot: what is sold by weight does not drop"),
        ("96385074,,茶,Tea,1,piece,13,kitchen\n", "not 9 columns"),
    ],
)
def test_a_station_or_a_slot_that_cannot_be_is_refused(write, row, says):
    with pytest.raises(ContentError, match=says):
        load_price_book(write(HEAD.replace("tax", "tax,station,slot") + row))


def test_a_missing_file_is_a_content_error(tmp_path):
    with pytest.raises(ContentError, match="No such file"):
        load_price_book(tmp_path / "none.csv")


PICTURED = "gtin,plu,name_zh,name_en,price,sold_by,tax,picture\n"


def test_a_picture_lies_beside_the_book_and_need_not_be_there(tmp_path):
    path = tmp_path / "book.csv"
    path.write_text(PICTURED + ",1,梨,,1,weight,0,pictures/梨 1.PNG\n,2,桃,,1,weight,0,\n", "utf-8")
    pear, peach = load_price_book(path)
    assert pear.picture == str(tmp_path / "pictures" / "梨 1.PNG")
    assert peach.picture == ""


@pytest.mark.parametrize(
    "picture",
    ["/etc/a.png", "../a.png", "a/../../b.png", "a.svg", "a", ".png", "a.png\tb", "~/a.png"],
)
def test_a_picture_elsewhere_is_refused_by_line_and_column(tmp_path, picture):
    path = tmp_path / "book.csv"
    path.write_text(f"{PICTURED},1,梨,,1,weight,0,{picture}\n", "utf-8")
    with pytest.raises(ContentError, match="line 2, column picture"):
        load_price_book(path)


def test_the_sample_shop_can_be_sold_from():
    with resources.as_file(resources.files("kiosk") / "shops/grocery/catalogue.csv") as path:
        book = list(load_price_book(path))
    counted = [x for x in book if x.sold_by is SoldBy.PIECE]
    assert (len(counted), len(book)) == (26, 32)
    packed = [x for x in counted if x.gtin]
    assert all("690" <= str(x.gtin)[:3] <= "699" and len(str(x.gtin)) == 13 for x in packed)
    assert [x.loose for x in counted].count(True) == 2
    pictures = [Path(x.picture) for x in book if x.loose]
    assert all(path.stat().st_size < 20_000 for path in pictures)
    assert all(x.name_zh and x.name_en and x.price.fen > 0 for x in book)
