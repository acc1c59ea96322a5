"""A noodle shop whose core runs without window and wire, and its menu."""

from __future__ import annotations

from kiosk.config import Restaurant
from kiosk.config import Shop as ShopSettings
from kiosk.domain.catalogue import PriceBook, Product
from kiosk.domain.menu import Category, Dish, Menu, Option, OptionGroup
from kiosk.domain.money import Money
from kiosk.goods import Shelf
from kiosk.messages import ChooseTender, Pay, Start
from kiosk.messages.menu import EAT_IN, AddDish, ChooseService, MenuShown, SetTable, SoldOut
from tests.visits.conftest import Shop

BEEF = Product("牛肉面", "Beef noodles", Money(2600), plu=101, tax_bp=600, station="kitchen")
TEA = Product("柠檬茶", "Lemon tea", Money(1200), plu=401, tax_bp=600, station="bar")
BUNS = Product("小笼", "Dumplings", Money(1600), plu=301, tax_bp=600, station="kitchen")
MENU = Menu(
    [
        Category("noodles", "面", "Noodles", (Dish(BEEF, ("size", "extras")),)),
        Category("more", "小吃饮品", "More", (Dish(BUNS, left=3), Dish(TEA))),
    ],
    [
        OptionGroup(
            "size", "份量", "Size",
            (Option("small", "小份", "Small"), Option("large", "大份", "Large", Money(600))),
            least=1, preset=("small",),
        ),
        OptionGroup(
            "extras", "加料", "Extras",
            (Option("egg", "卤蛋", "Egg", Money(300)),
             Option("greens", "时蔬", "Greens", Money(300)),
             Option("coriander", "香菜", "Coriander")),
            most=2,
        ),
    ],
)  # fmt: skip


class Diner(Shop):
    """The shop, and what somebody does in it."""

    menu = MENU
    asks = Restaurant(tables=20)

    @property
    def settings(self):
        return {"shop": ShopSettings(kind="restaurant"), "restaurant": self.asks}

    def shelf(self):
        return Shelf(PriceBook(d.product for d in self.menu), (), self.campaigns, self.menu)

    def sits(self, table="12"):
        self.does(Start(), ChooseService(EAT_IN), SetTable(table))

    def orders(self, code="00101", *options, quantity=1):
        self.does(AddDish(code, options or (("small",) if code == "00101" else ()), quantity))

    def pays(self):
        self.does(Pay(), ChooseTender("code"))
        self.scans_code()
        self.passes()

    @property
    def sold_out(self):
        return [each.codes for each in self.shown if isinstance(each, SoldOut)]

    @property
    def menus(self):
        return [each for each in self.shown if isinstance(each, MenuShown)]
