"""Goods by weight at a real core process: its commands and events, and a scale on a line."""

from __future__ import annotations

import time

import pytest

from hardware.scales.peer import ScalePeer
from kiosk.demo.settings import Play
from kiosk.demo.stage import Stage
from kiosk.messages import (
    Hinting,
    Leave,
    Pay,
    Role,
    Screen,
    Showing,
    Start,
)
from kiosk.messages.goods import (
    FindGoods,
    GoodsFound,
    GoodsShown,
    LiveWeight,
    PickGoods,
    StopWeighing,
)
from kiosk.wire import Client

APPLES, GRAPES = "00101", "00102"
CATALOGUE = """gtin,plu,name_zh,name_en,price,sold_by,tax
,101,苹果,Apples,11.96,weight,9
,102,葡萄,Grapes,19.90,weight,9
6901000000042,,白砂糖,Sugar,6.90,piece,13
"""


class Till:
    """The ui's end of a core process, and its scale."""

    def __init__(self, folder, run, peer):
        self.folder, self.peer = folder, peer
        self.client = Client(run / "core.sock", Role.UI, retry_after=0.02)
        self.heard = []
        self.client.start()

    def says(self, *commands):
        for command in commands:
            assert self.until(lambda: self.client.connected)
            self.client.send(command)

    def until(self, true, seconds=8.0):
        end = time.monotonic() + seconds
        while not true():
            if time.monotonic() > end:
                return False
            self.heard += self.client.wait(0.02)
        return True

    def hears(self, kind):
        return [each for each in self.heard if isinstance(each, kind)]

    @property
    def screen(self):
        shown = self.hears(Showing)
        return shown[-1] if shown else Showing(Screen.OUT_OF_ORDER)

    def hinted(self, key):
        return self.until(lambda: key in [x.said.key for x in self.hears(Hinting) if x.said])

    def weighs(self, code):
        self.heard = [self.screen]
        self.says(PickGoods(code))

    def lines(self, *texts):
        return self.until(lambda: tuple(x.quantity_text for x in self.screen.lines) == texts)


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    (folder / "goods.csv").write_text(CATALOGUE, "utf-8")
    link = folder / "scale"
    peer = ScalePeer(link, "mettler-8217", settle_s=0.05)
    peer.start()
    scale = {"driver": "mettler-8217", "path": str(link), "poll_s": 0.03, "stale_s": 0.5}
    settings = {"content": {"catalogue": str(folder / "goods.csv")}, "devices.scale": scale}
    play = Play("", enrolled=False, settings=settings)
    with Stage(folder / "stage", play, kiosk=("core",)) as stage:
        till = Till(folder / "stage", stage.run, peer)
        yield till
        till.client.stop()
    peer.stop()


@pytest.fixture
def till(shop):
    shop.peer.order("plug")
    shop.peer.order("empty")
    shop.peer.order("still")
    shop.says(Leave())
    assert shop.until(lambda: shop.screen.screen is Screen.ATTRACT)
    shop.says(Start())
    assert shop.until(lambda: shop.screen.screen is Screen.BASKET and shop.screen.scale)
    shop.heard = [shop.screen]
    return shop


def test_chosen_goods_are_weighed_and_become_a_line_at_the_exact_price(till):
    till.says(FindGoods(""))
    assert till.until(lambda: till.hears(GoodsFound))
    apples, grapes = till.hears(GoodsFound)[0].goods
    assert apples == GoodsShown(APPLES, {"zh": "苹果", "en": "Apples"}, 1196)
    assert grapes.code == GRAPES
    till.weighs(APPLES)
    assert till.until(lambda: till.screen.weighing == apples)
    assert till.until(lambda: LiveWeight(APPLES, "zero") in till.heard)
    till.peer.order("load 1234")
    assert till.lines("1.234 kg")
    (line,) = till.screen.lines
    assert (line.total_fen, line.counted) == (1476, False)  # 11.96 × 1.234 = 14.75864
    assert till.screen.weighing is None


def test_a_load_that_was_sold_is_not_sold_again_until_it_has_gone(till):
    till.peer.order("load 500")
    till.weighs(APPLES)
    assert till.lines("0.500 kg")
    till.weighs(GRAPES)
    told = lambda: [each for each in till.hears(LiveWeight) if each.again]  # noqa: E731
    assert till.until(lambda: bool(told()))
    assert till.screen.lines[0].quantity_text == "0.500 kg"
    assert len(till.screen.lines) == 1
    till.peer.order("empty")
    assert till.until(lambda: LiveWeight(GRAPES, "zero") in till.heard)
    till.peer.order("load 500")
    assert till.lines("0.500 kg", "0.500 kg")


def test_who_changes_his_mind_weighs_the_same_load_as_something_else(till):
    till.peer.order("shake")
    till.peer.order("load 700")
    till.weighs(APPLES)
    assert till.until(lambda: any(x.status == "unstable" for x in till.hears(LiveWeight)))
    till.says(StopWeighing())
    assert till.until(lambda: till.screen.weighing is None)
    till.peer.order("still")
    till.weighs(GRAPES)
    assert till.lines("0.700 kg")
    assert till.screen.lines[0].names["en"] == "Grapes"


def test_an_unplugged_scale_takes_only_goods_by_weight_off(till):
    till.weighs(APPLES)
    assert till.until(lambda: till.screen.weighing is not None)
    till.peer.order("unplug")
    assert till.hinted("hint.scale_missing")
    assert till.until(lambda: not till.screen.scale and till.screen.weighing is None)
    assert till.screen.screen is Screen.BASKET
    till.weighs(APPLES)
    assert till.hinted("hint.scale_missing")
    till.says(FindGoods(""))
    assert till.until(lambda: GoodsFound("", ()) in till.heard)
    till.peer.order("plug")
    assert till.until(lambda: till.screen.scale)
    till.peer.order("load 250")
    till.weighs(APPLES)
    assert till.lines("0.250 kg")


def test_goods_that_are_not_in_the_book_are_not_sold(till):
    for code in ("6901000000059", "99999", "", "apples", "²"):
        till.weighs(code)
        assert till.hinted("hint.unsold")


def test_paying_ends_a_weighing(till):
    till.peer.order("load 300")
    till.weighs(APPLES)
    assert till.lines("0.300 kg")
    till.weighs(GRAPES)
    assert till.until(lambda: till.screen.weighing is not None)
    till.says(Pay())
    assert till.until(lambda: till.screen.screen is Screen.TENDER)
    assert till.screen.weighing is None
    till.peer.order("empty")
    till.peer.order("load 400")
    till.heard = [till.screen]
    till.until(lambda: False, 0.3)
    assert till.hears(LiveWeight) == []
    assert len(till.screen.lines) == 1
