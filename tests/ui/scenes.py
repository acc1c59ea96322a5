"""A scripted core and the scenes it shows: every screen in the states a shopper may meet."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from kiosk.messages import (
    BannerShown,
    Command,
    Guiding,
    Hinting,
    LineShown,
    Message,
    PaidPart,
    Screen,
    Showing,
    Text,
)
from kiosk.messages.goods import BaggingShown, GoodsFound, GoodsShown, LiveWeight
from kiosk.messages.menu import (
    CategoryShown,
    DishShown,
    MenuShown,
    OptionGroupShown,
    OptionShown,
    SoldOut,
)
from kiosk.messages.shift import DrawerShown, ParkedRow, ReportRow, ReportShown, VisitShown
from kiosk.messages.staff import (
    CashShown,
    CashStep,
    DishRow,
    GoodsRow,
    HeldRow,
    OrderRow,
    PartShown,
    PaymentRow,
    PaymentShown,
    RefundRow,
    StaffPage,
    StaffShowing,
)

GROCERY = Path(__file__).resolve().parents[2] / "kiosk" / "shops" / "grocery"
SHOP = {"zh": "街角便利店", "en": "Corner Shop"}


@dataclass
class ScriptedLink:
    """The core's end, in memory: what was sent is kept, what is put is drained."""

    connected: bool = True
    sent: list[Command] = field(default_factory=list)
    coming: deque[Message] = field(default_factory=deque)

    def send(self, command: Command, /) -> None:
        self.sent.append(command)

    def drain(self) -> Sequence[Message]:
        messages = list(self.coming)
        self.coming.clear()
        return messages


@dataclass
class Frame:
    sequence: int
    width: int
    height: int
    pixels: bytes


class ScriptedPreview:
    """Frames with a bright left half, so that a test sees whether they are mirrored."""

    def __init__(self) -> None:
        self.on = False
        self.sequence = 0

    def latest(self) -> Frame | None:
        if not self.on:
            return None
        self.sequence += 1
        rows, columns = np.mgrid[0:480, 0:640]
        picture = np.zeros((480, 640, 3), np.uint8)
        picture[..., 0] = np.where(columns < 320, 230, 40)
        picture[..., 1] = (rows / 480 * 160).astype(np.uint8) + 40
        picture[..., 2] = np.where(columns < 320, 180, 90)
        return Frame(self.sequence, 640, 480, picture.tobytes())


def lines(count: int) -> tuple[LineShown, ...]:
    goods = [
        ("纯牛奶 250 毫升", "Whole milk 250 ml", 350),
        ("全麦吐司面包", "Whole wheat toast", 1280),
        (
            "特级初榨橄榄油礼盒装 750 毫升 两瓶",
            "Extra virgin olive oil gift box, 2 × 750 ml",
            16800,
        ),
        ("矿泉水", "Mineral water", 200),
        ("红富士苹果", "Fuji apples", 1196),
        ("巧克力", "Chocolate", 990),
        ("抽纸", "Tissues", 1590),
    ]
    shown = []
    for number in range(count):
        zh, en, price = goods[number % len(goods)]
        weighed = number % len(goods) == 4
        quantity = 1 if weighed else 1 + number % 3
        discounted = number % len(goods) == 1
        shown.append(
            LineShown(
                line_id=number + 1,
                names={"zh": zh, "en": en},
                quantity=quantity,
                quantity_text="1.234 kg" if weighed else str(quantity),
                unit_fen=price,
                total_fen=price * quantity,
                counted=not weighed,
                discount=Text("line.discount", {"zh": "面包周特价", "en": "Bread week"})
                if discounted
                else None,
                discount_fen=200 if discounted else 0,
            )
        )
    return tuple(shown)


def basket(count: int, **changes: object) -> Showing:
    shown = lines(count)
    return replace(
        Showing(
            Screen.BASKET,
            visit_id="v1",
            test=True,
            shop=SHOP,
            lines=shown,
            count=sum(line.quantity for line in shown),
            total_fen=sum(line.total_fen for line in shown),
            saved_fen=200 if count > 1 else 0,
        ),
        **changes,  # type: ignore[arg-type]
    )


def offers() -> Showing:
    """Two campaigns on one line, and a gift."""
    plain = basket(3)
    first, second, third = plain.lines
    names = {"zh": "饮料第二件半价、满100减10", "en": "Second drink at half price, 10 off from 100"}
    earned = replace(second, discount=Text("line.discount", names), discount_fen=1545)
    cup = LineShown(
        line_id=-1000,
        names={"zh": "马克杯", "en": "Mug"},
        quantity=1,
        quantity_text="1",
        unit_fen=0,
        total_fen=0,
        counted=False,
        discount=Text("line.discount", {"zh": "周末满68赠杯", "en": "Weekend: a mug from 68"}),
        gift=True,
    )
    return replace(plain, lines=(first, earned, third, cup), count=plain.count + 1)


def holding(screen: Screen, **changes: object) -> Showing:
    """Wine that staff must see, and a gift box that he wants to take out again."""
    milk, bread, box, *_ = lines(4)
    age, removal = Text("line.held_age", {"years": "18"}), Text("line.held_removal")
    wine = replace(bread, names={"zh": "干红葡萄酒", "en": "Dry red wine"}, held=age)
    held = (milk, wine, replace(box, held=removal))
    return replace(basket(3), screen=screen, lines=held, **changes)  # type: ignore[arg-type]


def at(screen: Screen, **changes: object) -> Showing:
    given: dict[str, object] = {"due_fen": 19860, "total_fen": 19860, **changes}
    return replace(basket(3), screen=screen, **given)  # type: ignore[arg-type]


TENDER = {"zh": "微信支付（付款码）", "en": "WeChat Pay by code"}
NUMBER = "000126030112345648151623"


def payments(count: int) -> tuple[PaymentRow, ...]:
    waits, ends = ("UNKNOWN", "REVERSING", "PENDING"), ("PAID", "DECLINED", "PAID_LATE", "REVERSED")
    return tuple(
        PaymentRow(
            out_trade_no=f"0001260301{123456 - at:06d}{48151623 + at}",
            at=f"12:{59 - at:02d}",
            state=waits[at] if at < 3 else ends[at % 4],
            method="CODE",
            fen=690 + at * 1234,
            minutes=(3, 75, 1440)[at] if at < 3 else None,
        )
        for at in range(count)
    )


def parts(*bad: str) -> tuple[PartShown, ...]:
    names = ("printer", "camera", "scanner", "drawer", "wechatpay", "ledger")
    broken = PartShown(
        "",
        "bad",
        "Could not open port /dev/serial/by-id/usb-1a86_USB_Serial-if00-port0: it is not there",
        "Check the cable and the switch, then look at kiosk doctor.",
    )
    return (
        *(replace(broken, name=name) for name in names if name in bad),
        *(PartShown(name, "good") for name in names if name not in bad),
    )


def waiting_for_cash() -> tuple[PaymentRow, ...]:
    """One to be taken, one to be paid out, on top of the others."""
    first, second, *others = payments(8)
    due = replace(first, state="CASH_DUE", method="CASH", minutes=0)
    return (due, replace(second, state="CASH_BACK", method="CASH", minutes=0), *others)


def staff(page: StaffPage, said: str, count: int = 0, **changes: object) -> Showing:
    shown = replace(StaffShowing(page), **changes)  # type: ignore[arg-type]
    if page is not StaffPage.PIN:
        shown = replace(shown, payments=payments(count), parts=shown.parts or parts())
    args = {"minutes": "5"}
    return Showing(Screen.STAFF, test=True, shop=SHOP, said=Text(said, args), staff=shown)


def payment(state: str, fen: int, *refunds: tuple[str, int], **changes: object) -> PaymentShown:
    lines = tuple(
        RefundRow(f"{NUMBER}R{at}", state, fen) for at, (state, fen) in enumerate(refunds, 1)
    )
    back = sum(line.fen for line in lines if line.state != "CLOSED")
    shown = PaymentShown(
        out_trade_no=NUMBER,
        transaction_id="4200002311202603015678901234" if fen else "",
        at="2026-03-01 12:34:56",
        state=state,
        tender=TENDER,
        asked_fen=fen or 690,
        paid_fen=fen,
        refunded_fen=back,
        left_fen=fen - back,
        refunds=lines,
        may=("refund", "copy") if fen else ("again",),
    )
    return replace(shown, **changes)  # type: ignore[arg-type]


def report(*, closed: bool) -> ReportShown:
    """A day of a busy till, with a line of every kind."""
    rows = (
        ("sales",), ("sale", "", 412, 2143250), ("saved", "", 61, 18240),
        ("gross", "9%", None, 912040), ("tax", "9%", None, 75306),
        ("gross", "13%", None, 1231210), ("tax", "13%", None, 141643),
        ("taken",), ("paid", "微信支付（付款码）|WeChat Pay by code", 318, 1612000),
        ("paid", "微信支付（刷脸）|WeChat Pay by face", 88, 481250),
        ("paid", "现金|Cash", 14, 50000), ("late", "", 1, 690), ("beside", "", 1, 690),
        ("taken_sum", "", 422, 2144630), ("back",), ("back_by", "微信支付|WeChat Pay", 3, 12300),
        ("back_sum", "", 3, 12300), ("net", "", None, 2132330), ("beside_sales",),
        ("reversed", "", 4, 23400), ("declined", "", 12, 61200), ("lost", "", 1, 100),
        ("abandoned", "", 2, 5200), ("open", "", 1, 4826), ("refunds_open", "", 1, 690),
        ("parts", "", 1, 500), ("cash",), ("cash_count", "", 1, 0), ("cash_float", "", 1, 50000),
        ("cash_over", "", 1, 100), ("cash_pay_in", "", 1, 20000), ("cash_pay_out", "", 2, -80000),
        ("cash_refund", "", 1, -690), ("cash_sale", "", 14, 50000), ("cash_short", "", 1, -250),
        ("cash_expected", "", None, 39160), ("drawer", "", 3, None), ("grand",),
        ("grand_taken", "", 60412, 312144630), ("grand_back", "", 312, 1412300),
    )  # fmt: skip
    strong = ("sale", "taken_sum", "back_sum", "net", "cash_expected")
    made = []
    for key, *rest in rows:
        of, count, fen = rest or ("", None, None)
        zh, _, en = of.partition("|")
        made.append(ReportRow(key, {"zh": zh, "en": en or zh}, count, fen, not rest, key in strong))
    return ReportShown(closed, 127, "2026-03-01 07:58", "2026-03-01 21:34", tuple(made))


def at_work(screen: str, **changes: object) -> VisitShown:
    """What goes on underneath."""
    return replace(VisitShown("v1", screen, 3, 4826, 0, ("void", "park")), **changes)  # type: ignore[arg-type]


PARKED = tuple(
    ParkedRow(f"P0001{40 + at:04d}", "12:34", 3 * at, 2450 * at, 7 * at**4) for at in range(1, 5)
)


def cash(step: CashStep, fen: int, **changes: object) -> Showing:
    """Cash that staff take or pay out."""
    shown = CashShown(step, NUMBER, fen, **changes)  # type: ignore[arg-type]
    found = payment("PAYING", 0)
    return staff(StaffPage.CASH, "staff.money.checking", 3, payment=found, cash=shown)


BANNER = BannerShown(
    {
        "zh": "下次满六十八元减十元，全场通用，十二月三十一日前有效，每单限用一张。",
        "en": "¥10 off your next shop from ¥68, on everything, until 31 December, one a visit.",
    },
    picture=str(GROCERY / "pictures" / "banner-coupon.png"),
    coupon="FRUIT10-2026",
)
CODE_URL = "weixin://wxpay/bizpayurl?pr=p4lpSuKzz"
ALL = ("face", "code", "qr")
EVERY = (*ALL, "card", "cash")


def in_parts(screen: Screen, *fen: int, due: int, **changes: object) -> Showing:
    """A basket of which these parts are paid, one after the other by each tender."""
    paid = tuple(PaidPart(ALL[at % 3], each) for at, each in enumerate(fen))
    given: dict[str, object] = {"asked_fen": due, "tenders": ALL, "may_split": True, **changes}
    return replace(
        at(screen),
        paid=paid,
        due_fen=due,
        total_fen=sum(fen) + due,
        **given,  # type: ignore[arg-type]
    )


def goods_row(key: str, kind: str, state: str, may: str = "") -> GoodsRow:
    """A ticket of a station, or a drop of something with a long name."""
    drop = {
        "zh": "特级初榨橄榄油礼盒装 750 毫升 两瓶 · 12",
        "en": "Extra virgin olive oil, 2 × 750 ml · 12",
    }
    names = drop if kind == "drop" else {"zh": "kitchen", "en": "kitchen"}
    return GoodsRow(f"{NUMBER}/{key}", kind, names, state, may)


LOOSE = (
    ("红富士苹果", "Fuji apples", 1196, "apple"),
    ("香蕉", "Bananas", 798, "banana"),
    ("西红柿", "Tomatoes", 856, "tomato"),
    ("后腿瘦肉", "Lean pork leg", 3160, ""),
    (
        "特级初榨橄榄油礼盒装 750 毫升 两瓶",
        "Extra virgin olive oil gift box, 2 × 750 ml",
        16800,
        "",
    ),
    ("肉包子", "Pork bun", 250, "bun"),
    ("梨", "Pears", 999, "pear"),
)


def goods(count: int) -> tuple[GoodsShown, ...]:
    """Goods without a bar code: by weight, but for every sixth."""
    shown = []
    for at in range(count):
        zh, en, fen, name = LOOSE[at % len(LOOSE)]
        picture = str(GROCERY / "pictures" / f"{name}.png") if name else ""
        names = {"zh": zh, "en": en}
        shown.append(GoodsShown(f"{at + 101:05d}", names, fen, at % len(LOOSE) != 5, picture))
    return tuple(shown)


def weighing(at: int = 0) -> Showing:
    """The goods of this place are being weighed."""
    return basket(2, screen=Screen.PICK, may_pick=True, scale=True, weighing=goods(7)[at])


def pick(**changes: object) -> Showing:
    return basket(2, screen=Screen.PICK, may_pick=True, scale=True, **changes)


LONG_NAMES = {
    "zh": "特级初榨橄榄油礼盒装 750 毫升 两瓶",
    "en": "Extra virgin olive oil gift box, 2 × 750 ml",
}
BAG = GoodsShown("6989000000019", {"zh": "环保购物袋", "en": "Reusable bag"}, 100, weighed=False)


DISHES = (
    ("宫保鸡丁", "Kung Pao chicken", 3800, ("size", "spice", "extras")),
    ("番茄炒蛋", "Tomato and egg", 2200, ()),
    ("清蒸鲈鱼", "Steamed sea bass", 6850, ("spice",)),
    (
        "糖醋里脊配时令蔬菜与手工米线双人分享套餐",
        "Sweet and sour pork with greens, for two",
        12800,
        ("size",),
    ),
    ("麻婆豆腐", "Mapo tofu", 2600, ("spice", "extras")),
    ("梅菜扣肉", "Braised pork belly", 4200, ("extras",)),
    ("酸辣汤", "Hot and sour soup", 1800, ("size",)),
    ("葱油拌面", "Scallion noodles", 1600, ("extras", "needs", "many")),
    ("𰻝𰻝面🌶", "Biang biang noodles 🌶", 2800, ("needs",)),
)
HEADINGS = (
    ("招牌菜", "Signature dishes"), ("热菜", "Hot dishes"), ("凉菜", "Cold dishes"),
    ("汤羹", "Soups"), ("面食点心", "Noodles and dim sum"), ("饮料", "Drinks"),
)  # fmt: skip
SAYS = {
    "zh": "鸡腿肉、花生、干辣椒。含花生和大豆。",
    "en": "Chicken leg, peanuts, dried chilli. Contains peanuts and soya.",
}


def option(code: str, zh: str, en: str, fen: int = 0) -> OptionShown:
    return OptionShown(code, {"zh": zh, "en": en}, fen)


GROUPS = (
    OptionGroupShown(
        "size", {"zh": "份量", "en": "Size"},
        (option("small", "小份", "Small"), option("large", "大份", "Large", 600)),
        least=1, preset=("small",),
    ),
    OptionGroupShown(
        "spice", {"zh": "辣度", "en": "Spiciness"},
        (option("mild", "微辣", "Mild"), option("hot", "中辣", "Hot"),
         option("very-hot", "特辣", "Very hot"), option("none", "不辣", "Not spicy")),
        least=1,
    ),
    OptionGroupShown(
        "extras", {"zh": "加料", "en": "Extras"},
        (option("egg", "煎蛋", "Fried egg", 200), option("peanuts", "加花生", "More peanuts", 150),
         option("rice", "一碗香米饭", "A bowl of jasmine rice", 300),
         option("sauce", "自制秘方香辣牛肉酱一小碟", "A small dish of our chilli beef sauce", 350)),
        most=3,
    ),
    OptionGroupShown(
        "needs", {"zh": "浇头（任选两种）", "en": "Toppings"},
        tuple(option(f"top-{at}", f"浇头{at}", f"Topping {at}") for at in range(1, 6)),
        least=2, most=2,
    ),
    OptionGroupShown(
        "many", {"zh": "配菜", "en": "Side dishes"},
        tuple(option(f"side-{at}", f"配菜{at}号", f"Side {at}", at * 100) for at in range(1, 14)),
        most=5,
    ),
)  # fmt: skip


def menu(count: int, *, version: str = "") -> MenuShown:
    """A menu whose first category has so many dishes, and the others a few; of a version each."""
    drawn = ("apple", "banana", "", "bun", "carrot", "corn", "", "pear", "")

    def dish(heading: int, at: int) -> DishShown:
        zh, en, fen, groups = DISHES[at % len(DISHES)]
        more = f" {at + 1}" if at >= len(DISHES) else ""
        picture = str(GROCERY / "pictures" / f"{drawn[at % 9]}.png") if drawn[at % 9] else ""
        names = {"zh": zh + more, "en": en + more}
        return DishShown(f"d{heading}-{at}", names, fen, picture, groups, SAYS)

    categories = tuple(
        CategoryShown(
            f"c{heading}", {"zh": zh, "en": en},
            tuple(dish(heading, at) for at in range(count if heading == 0 else 3 + heading)),
        )
        for heading, (zh, en) in enumerate(HEADINGS)
    )  # fmt: skip
    return MenuShown(version or str(count), categories, GROUPS)


def order_line(
    line_id: int, dish: DishShown, quantity: int, zh: str = "", en: str = ""
) -> LineShown:
    """A line of the order with what was chosen."""
    return LineShown(
        line_id, dish.names, quantity, str(quantity), dish.fen, dish.fen * quantity, counted=True,
        dish=dish.code, options={"zh": zh, "en": en} if zh else None,
    )  # fmt: skip


def dining(screen: Screen, ordered: int = 3, **changes: object) -> Showing:
    """A visit to a restaurant in which so many lines are ordered."""
    dishes = menu(30).categories[0].dishes
    options = (
        ("大份、微辣、加花生、一碗香米饭", "Large, mild, more peanuts, a bowl of rice"), ("", ""),
        ("中辣", "Hot"),
    )  # fmt: skip
    shown = tuple(
        order_line(at + 1, dishes[at % 4], 1 + at % 3, *options[at % 3]) for at in range(ordered)
    )
    given: dict[str, object] = {
        "visit_id": "r1", "service": "eat-in", "table": "12", "may_order": True, **changes
    }  # fmt: skip
    return replace(
        basket(0),
        screen=screen,
        shop=RESTAURANT,
        lines=shown,
        count=sum(line.quantity for line in shown),
        total_fen=sum(line.total_fen for line in shown),
        **given,  # type: ignore[arg-type]
    )


def dish_rows() -> tuple[DishRow, ...]:
    """Dishes, then options; some of them sold out."""
    shown = menu(9)
    dishes = [
        DishRow(dish.code, dish.names, one.names, sold_out=dish.code in GONE.codes)
        for one in shown.categories
        for dish in one.dishes
    ]
    options = [
        DishRow(each.code, each.names, group.names, each.code in GONE.codes, option=True)
        for group in shown.groups
        for each in group.options
    ]
    return (*dishes, *options)


RESTAURANT = {"zh": "街角小馆", "en": "Corner Kitchen"}
GONE = SoldOut(("d0-2", "d0-6", "hot", "egg"))
AFTER: dict[str, tuple[Message, ...]] = {
    "menu": (menu(30), GONE),
    "menu-page-2": (menu(30), GONE),
    "menu-empty": (menu(4, version="2"), SoldOut()),
    "dish-lacking": (menu(30), GONE),
    "dish-chosen": (menu(30), SoldOut()),
    "dish-plain": (menu(30), SoldOut()),
    "dish-long": (menu(30), SoldOut()),
    "dish-long-2": (menu(30), SoldOut()),
    "pick": (GoodsFound("", goods(30)),),
    "pick-few": (GoodsFound("", goods(4)),),
    "pick-typed": (GoodsFound("HFS", goods(1)),),
    "pick-nothing": (GoodsFound("ZZZZ", ()),),
    "weighing-moving": (LiveWeight("00101", "unstable", 1180, 1411),),
    "weighing-stable": (LiveWeight("00101", "stable", 1234, 1476),),
    "weighing-again": (LiveWeight("00101", "stable", 500, 598, again=True),),
    "weighing-over": (LiveWeight("00101", "overweight"),),
    "weighing-under": (LiveWeight("00101", "under-zero"),),
    "weighing-not-ready": (LiveWeight("00101", "not-ready"),),
    "weighing-long": (LiveWeight("00105", "stable", 29_999, 503_983),),
}
"""What the core says after the screen itself."""
TAPPED: dict[str, tuple[str, ...]] = {
    "menu-page-2": ("page.down",),
    "dish-lacking": ("dish.d0-4",),
    "dish-chosen": ("dish.d0-0", "option.size.large", "option.spice.mild", "option.extras.egg",
                    "option.extras.rice", "option.extras.sauce", "dish.more"),
    "table-typed": ("pad.1", "pad.2"),
    "dish-plain": ("dish.d0-1",),
    "dish-long": ("dish.d0-7",),
    "dish-long-2": ("dish.d0-7", "dish.down"),
}  # fmt: skip
"""What is touched before a scene is as it is called."""
TYPED = {"pick-typed": "HFS", "pick-nothing": "ZZZZ"}
REFERENCE = "20261121223000000123456789"
SCENES: dict[str, Showing] = {
    "attract": Showing(Screen.ATTRACT, test=True, shop=SHOP),
    "attract-open": Showing(Screen.ATTRACT, shop=SHOP),
    "basket-empty": basket(0),
    "basket-one": basket(1),
    "basket-few": basket(4, attendant_called=True),
    "basket-offers": offers(),
    "basket-held": holding(Screen.BASKET),
    "held": holding(Screen.HELD, attendant_called=True),
    "basket-many": basket(13),
    "basket-still-there": basket(2, still_there=True, seconds_left=14.0),
    "basket-member-asked": basket(4, may_pick=True, asks_member=True),
    "basket-member-asked-only": basket(0, asks_member=True),
    "basket-member": basket(4, may_pick=True, member=Text("say.member")),
    "basket-bagging-offer": basket(
        0, asks_member=True, bagging=BaggingShown("offer", {}, ("own",))
    ),
    "basket-bagging-put": basket(4, may_pick=True, bagging=BaggingShown("put", LONG_NAMES)),
    "basket-bagging-ask": basket(
        9, may_pick=True, bagging=BaggingShown("ask", LONG_NAMES, ("bag", "hand"))
    ),
    "basket-bagging-extra": basket(4, bagging=BaggingShown("extra", {}, ("own",))),
    "basket-bagging-back": basket(4, bagging=BaggingShown("back", {})),
    "basket-bagging-out": basket(4, bagging=BaggingShown("out", LONG_NAMES)),
    "held-weight": basket(3, screen=Screen.HELD, attendant_called=True),
    "basket-bags": basket(4, bags=(BAG,)),
    "basket-browse": basket(4, may_pick=True, scale=True),
    "basket-browse-many": basket(13, may_pick=True, scale=True),
    "basket-browse-empty": basket(0, may_pick=True, scale=True),
    "pick": pick(),
    "pick-few": pick(),
    "pick-typed": pick(),
    "pick-nothing": pick(),
    "weighing": weighing(),
    "weighing-moving": weighing(),
    "weighing-stable": weighing(),
    "weighing-again": weighing(),
    "weighing-over": weighing(),
    "weighing-under": weighing(),
    "weighing-not-ready": weighing(),
    "weighing-long": weighing(4),
    "service": dining(Screen.SERVICE, 0, service="", table=""),
    "table": dining(Screen.TABLE, 0, table=""),
    "table-typed": dining(Screen.TABLE, 0, table=""),
    "menu": dining(Screen.MENU, saved_fen=500),
    "menu-page-2": dining(Screen.MENU, 0, service="take-away", table=""),
    "menu-empty": dining(Screen.MENU, 0, service="", table=""),
    "dish-lacking": dining(Screen.MENU),
    "dish-chosen": dining(Screen.MENU),
    "dish-plain": dining(Screen.MENU),
    "dish-long": dining(Screen.MENU),
    "dish-long-2": dining(Screen.MENU),
    "order": dining(Screen.BASKET),
    "order-empty": dining(Screen.BASKET, 0),
    "order-many": dining(Screen.BASKET, 13),
    "tender": at(Screen.TENDER, tenders=("face", "code")),
    "tender-code": at(Screen.TENDER, tenders=("code",)),
    "tender-none": at(Screen.TENDER, tenders=()),
    "tender-all": at(Screen.TENDER, tenders=ALL, asked_fen=19860, may_split=True),
    "tender-all-whole": at(Screen.TENDER, tenders=ALL, asked_fen=19860),
    "tender-split": in_parts(Screen.TENDER, due=19860),
    "tender-part": in_parts(Screen.TENDER, due=5000000, asked_fen=2500050),
    "tender-paid": in_parts(Screen.TENDER, 5000, due=14860),
    "tender-paid-part": in_parts(Screen.TENDER, 100000, 1, due=5000000, asked_fen=1666667),
    "tender-paid-many": in_parts(
        Screen.TENDER, 100000, 1, 29999, 4870000, due=5000000, may_split=False
    ),
    "tender-paid-none": in_parts(Screen.TENDER, 5000, due=14860, tenders=()),
    "tender-paid-one": in_parts(Screen.TENDER, 5000, due=14860, tenders=("qr",)),
    "part": in_parts(Screen.PART, due=19860),
    "part-large": in_parts(Screen.PART, 1, due=5000000),
    "part-least": in_parts(Screen.PART, due=2),
    "notice": at(Screen.NOTICE, notice_version="2026-11"),
    "face": at(Screen.FACE, seconds_left=25.0),
    "code": at(Screen.CODE, seconds_left=55.0),
    "qr": at(Screen.QR, qr=CODE_URL, asked_fen=19860, seconds_left=118.0),
    "qr-large": at(Screen.QR, qr=CODE_URL, asked_fen=5000000, seconds_left=118.0),
    "qr-long": at(Screen.QR, qr="https://pay.example/" + "q1W2e3R4" * 61, seconds_left=118.0),
    "qr-held": at(Screen.QR, asked_fen=19860),
    "qr-wrong": at(Screen.QR, qr="javascript:alert(1)", asked_fen=19860, seconds_left=118.0),
    "qr-no-way": at(Screen.QR, qr=CODE_URL, asked_fen=19860, may_go_back=False),
    "waiting": at(Screen.WAITING, said=Text("say.confirming"), may_go_back=False),
    "waiting-phone": at(Screen.WAITING, said=Text("say.confirm_on_phone"), seconds_left=45.0),
    "waiting-checking": at(
        Screen.WAITING, said=Text("say.checking"), may_go_back=False, seconds_left=40.0
    ),
    "waiting-last": Showing(
        Screen.WAITING, said=Text("say.last_payment"), may_go_back=False, shop=SHOP
    ),
    "done-printing": at(
        Screen.DONE, said=Text("say.paid"), slip="printing", reference=REFERENCE, seconds_left=8.0
    ),
    "done-taken": at(
        Screen.DONE, said=Text("say.paid"), detail=Text("todo.take_slip"), slip="taken",
        reference=REFERENCE, seconds_left=8.0,
    ),
    "done-failed": at(
        Screen.DONE, said=Text("say.paid"), detail=Text("todo.slip_failed"), slip="failed",
        reference=REFERENCE, seconds_left=8.0,
    ),
    "done-parts": in_parts(
        Screen.DONE, 100000, 1, 4900000, due=0, said=Text("say.paid"), slip="failed",
        detail=Text("money.paid"), reference=REFERENCE, seconds_left=8.0,
    ),
    "trouble-abandoned": at(
        Screen.TROUBLE, said=Text("say.abandoned"), may_go_back=False, reference=REFERENCE,
        detail=Text("money.part_back", {"amount": "50,000.00", "todo": "todo.goes_back"}),
        seconds_left=30.0,
    ),
    "trouble-declined": at(
        Screen.TROUBLE, said=Text("say.declined.balance"), detail=Text("money.none_taken"),
        seconds_left=30.0,
    ),
    "trouble-staff": at(
        Screen.TROUBLE, said=Text("say.checking"), may_go_back=False, reference=REFERENCE,
        detail=Text("money.being_checked"), seconds_left=30.0,
    ),
    "out-printer": Showing(
        Screen.OUT_OF_ORDER, said=Text("out.printer"), shop=SHOP,
        detail=Text(
            "staff.line",
            {"cause": "No answer on /dev/usb/lp0.", "mend": "Check the cable and the switch."},
        ),
    ),
    "staff-home": staff(
        StaffPage.HOME, "staff.scan", 6, parts=parts("printer"), visit=at_work("BASKET"),
        parked=PARKED, called=2,
    ),
    "staff-home-nobody": staff(StaffPage.HOME, "staff.scan"),
    "staff-home-part": staff(
        StaffPage.HOME, "staff.scan", 6, visit=at_work("TENDER", paid_fen=2000, may=("void",)),
    ),
    "staff-home-waiting": staff(
        StaffPage.HOME, "staff.scan", 6, visit=at_work("WAITING", may=()), busy=True
    ),
    "staff-home-closed": staff(StaffPage.HOME, "staff.scan", closed="cleaning"),
    "staff-parked": staff(StaffPage.PARKED, "staff.park.scan", parked=PARKED),
    "staff-parked-none": staff(StaffPage.PARKED, "staff.park.scan"),
    "staff-drawer": staff(
        StaffPage.DRAWER, "staff.drawer.said", drawer=DrawerShown(
            39160, 39060, -100, opens=True, moves=tuple(
                row for row in report(closed=False).rows
                if row.key.startswith("cash_") and row.key != "cash_expected"
            ),
        ),
    ),
    "staff-drawer-coming": staff(StaffPage.DRAWER, "staff.drawer.said", busy=True),
    "staff-x": staff(StaffPage.REPORT, "staff.report.said", report=report(closed=False)),
    "staff-z": staff(StaffPage.REPORT, "staff.report.said", report=report(closed=True)),
    "staff-report-coming": staff(StaffPage.REPORT, "staff.report.said", busy=True),
    "out-closed": Showing(
        Screen.OUT_OF_ORDER, said=Text("out.closed"), shop=SHOP, detail=Text("staff.why.cleaning")
    ),
    "staff-pin": staff(StaffPage.PIN, "staff.pin"),
    "staff-pin-wrong": staff(StaffPage.PIN, "staff.pin_wrong"),
    "staff-pin-locked": staff(StaffPage.PIN, "staff.locked", busy=True),
    "staff-pin-none": staff(StaffPage.PIN, "staff.no_pin", busy=True),
    "staff-empty": staff(StaffPage.PAYMENTS, "staff.scan"),
    "staff-few": staff(StaffPage.PAYMENTS, "staff.scan", 6, parts=parts("printer")),
    "staff-approvals": staff(
        StaffPage.APPROVALS, "staff.held.text", held=(
            HeldRow("age", "age", {"zh": "干红葡萄酒、打火机", "en": "Wine, lighter"}, 9000, 18),
            HeldRow("removal-3", "removal", {"zh": "特级初榨橄榄油礼盒装 750 毫升 两瓶",
                    "en": "Extra virgin olive oil gift box, 2 × 750 ml"}, 16800),
            HeldRow("weight", "weight", {"zh": "抽纸", "en": "Tissues"}, 1590),
        ),
    ),
    "staff-many": staff(StaffPage.PAYMENTS, "staff.scan", 40),
    "staff-paid": staff(
        StaffPage.PAYMENT, "staff.money.taken", 6, payment=payment("PAID", 4826)
    ),
    "staff-refunds": staff(
        StaffPage.PAYMENT, "staff.money.taken", 6, payment=payment(
            "PAID", 1250000, ("DONE", 30000), ("CLOSED", 100), ("ABNORMAL", 120), ("UNKNOWN", 5),
            may=("again", "copy"),
        ),
    ),
    "staff-goods": staff(
        StaffPage.PAYMENT, "staff.money.taken", 6, payment=payment(
            "PAID", 4826, goods=(
                goods_row("kitchen-1", "kitchen", "copied"),
                goods_row("kitchen-2", "kitchen", "failed", "ticket"),
                *(goods_row(f"drop-{at}", "drop", "unknown", "close") for at in range(1, 4)),
            ),
        ),
    ),
    "staff-goods-and-refunds": staff(
        StaffPage.PAYMENT, "staff.money.taken", 6, payment=payment(
            "PAID", 1250000, ("DONE", 30000), ("CLOSED", 100), ("ABNORMAL", 120),
            goods=tuple(
                goods_row(f"drop-{at}", "drop", state)
                for at, state in enumerate(("handed", "not_handed", "waiting"), 1)
            ),
        ),
    ),
    "staff-goods-list": staff(
        StaffPage.PAYMENTS, "staff.scan", 0, parts=(*parts(), PartShown("kitchen", "good"))
    ),
    "staff-home-restaurant": staff(StaffPage.HOME, "staff.scan", 6, restaurant=True),
    "staff-dishes": staff(StaffPage.DISHES, "staff.scan", restaurant=True, dishes=dish_rows()),
    "staff-orders": staff(
        StaffPage.ORDERS, "staff.scan", restaurant=True, orders=(
            OrderRow("6651", "ready", 14, "take-away"), OrderRow("12", "ready", 9, "eat-in"),
            OrderRow("6700", "preparing", 6, "take-away"), OrderRow("6707", "preparing", 0),
        ),
    ),
    "staff-orders-none": staff(StaffPage.ORDERS, "staff.scan", restaurant=True),
    "done-pick-up": at(
        Screen.DONE, said=Text("say.paid"), detail=Text("todo.pick_up", {"number": "6789"}),
        slip="taken", reference=REFERENCE, seconds_left=8.0,
    ),
    "attract-dining": Showing(Screen.ATTRACT, shop=RESTAURANT, may_order=True),
    "done-table": at(
        Screen.DONE, said=Text("say.paid"), detail=Text("todo.to_table", {"number": "12"}),
        slip="printing", reference=REFERENCE, seconds_left=8.0, shop=RESTAURANT, may_order=True,
    ),
    "done-goods-failed": at(
        Screen.DONE, said=Text("say.paid"), detail=Text("todo.goods_failed", {"number": "6789"}),
        slip="failed", reference=REFERENCE, seconds_left=8.0,
    ),
    "tender-five": at(Screen.TENDER, tenders=EVERY, asked_fen=19860, may_split=True),
    "tender-five-paid": in_parts(Screen.TENDER, 5000, 1, due=19860, tenders=EVERY),
    "tender-no-face": at(Screen.TENDER, tenders=EVERY[1:], asked_fen=19860),
    "tender-cash": at(Screen.TENDER, tenders=("cash",), asked_fen=19860),
    "card": at(Screen.CARD, asked_fen=19860),
    "cash": at(Screen.CASH, asked_fen=19860, attendant_called=True, reference=REFERENCE),
    "cash-restored": at(
        Screen.CASH, asked_fen=5000000, may_go_back=False, attendant_called=True,
        reference=REFERENCE,
    ),
    "done-asked": at(
        Screen.DONE, said=Text("say.paid"), slip="asked", receipts=("paper", "qr", "none"),
        reference=REFERENCE, seconds_left=8.0,
    ),
    "done-asked-no-paper": at(
        Screen.DONE, said=Text("say.paid"), slip="asked", receipts=("qr", "none"),
        reference=REFERENCE, seconds_left=8.0, banner=BANNER,
    ),
    "done-shown": at(
        Screen.DONE, said=Text("say.paid"), slip="shown", reference=REFERENCE, seconds_left=30.0,
        qr="https://receipts.example/" + REFERENCE,
    ),
    "done-shown-text": at(
        Screen.DONE, said=Text("say.paid_change", {"amount": "101.40"}), slip="shown",
        reference=REFERENCE, seconds_left=30.0, qr="鲜果超市\n" * 45, banner=BANNER,
    ),
    "done-shown-none": at(
        Screen.DONE, said=Text("say.paid"), slip="none", reference=REFERENCE, seconds_left=8.0
    ),
    "done-failed-then-code": at(
        Screen.DONE, said=Text("say.paid"), slip="failed", receipts=("qr",), banner=BANNER,
        reference=REFERENCE, seconds_left=8.0,
    ),
    "done-banner": at(
        Screen.DONE, said=Text("say.paid"), slip="taken", reference=REFERENCE, seconds_left=8.0,
        banner=replace(BANNER, coupon=""),
    ),
    "done-banner-parts": in_parts(
        Screen.DONE, 100000, 1, 4900000, due=0, said=Text("say.paid"), slip="asked",
        receipts=("paper", "qr", "none"), banner=BANNER, reference=REFERENCE, seconds_left=8.0,
        detail=Text("todo.pick_up", {"number": "6789"}),
    ),
    "done-banner-words": at(
        Screen.DONE, said=Text("say.paid"), slip="taken", reference=REFERENCE, seconds_left=8.0,
        banner=replace(BANNER, picture="", coupon=""),
    ),
    "done-change": at(
        Screen.DONE, said=Text("say.paid_change", {"amount": "101.40"}), slip="taken",
        reference=REFERENCE, seconds_left=8.0,
    ),
    "trouble-abandoned-cash": at(
        Screen.TROUBLE, said=Text("say.abandoned"), may_go_back=False, reference=REFERENCE,
        detail=Text("money.part_back", {"amount": "20.00", "todo": "todo.cash_back"}),
        seconds_left=30.0,
    ),
    "staff-cash-list": replace(
        staff(StaffPage.PAYMENTS, "staff.scan"),
        staff=StaffShowing(StaffPage.PAYMENTS, payments=waiting_for_cash(), parts=parts()),
    ),
    "staff-cash": cash(CashStep.TAKE, 19860, quick=(19860, 19900, 20000)),
    "staff-cash-asked": cash(CashStep.ASKED, 690, quick=(690, 700, 1000, 2000, 5000, 10_000)),
    "staff-cash-taken": cash(CashStep.TAKEN, 19860, tendered_fen=30000, change_fen=10140),
    "staff-cash-exact": cash(CashStep.TAKEN, 19860, tendered_fen=19860),
    "staff-cash-back": cash(CashStep.PAY_OUT, 1250000, out_refund_no=f"{NUMBER}R1"),
    "staff-unknown": staff(
        StaffPage.PAYMENT, "staff.money.checking", 6, payment=payment("UNKNOWN", 0)
    ),
    "staff-elsewhere": staff(
        StaffPage.PAYMENT, "staff.money.elsewhere", 6,
        payment=payment("", 690, ("PROCESSING", 690), tender={}, at="", may=("again",)),
    ),
    "out-suspended": Showing(
        Screen.OUT_OF_ORDER, said=Text("out.suspended"), shop=SHOP,
        detail=Text(
            "staff.line",
            {
                "cause": "The service provider has suspended this kiosk.",
                "mend": "Ask for it to be resumed.",
            },
        ),
    ),
    "out-core": Showing(Screen.OUT_OF_ORDER, said=Text("out.core"), shop=SHOP),
}  # fmt: skip

GUIDED = Guiding("a1", "come-closer", 0.35)
REMARK = Hinting(Text("hint.unknown_barcode", {"code": "6901234567892"}), "error")
