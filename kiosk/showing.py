"""From a visit to what the screen needs: `Showing`, whole."""

from __future__ import annotations

from kiosk.config import Shop
from kiosk.domain.approval import Clearance, Reason
from kiosk.domain.basket import Line
from kiosk.domain.catalogue import Product, SoldBy
from kiosk.domain.choice import names_of
from kiosk.domain.order import PricedLine
from kiosk.domain.payment import State
from kiosk.messages import BannerShown, LineShown, PaidPart, Screen, Showing, Text
from kiosk.messages.goods import GoodsShown
from kiosk.visit import Visit

_BACK = frozenset(
    {
        Screen.PICK, Screen.HELD, Screen.SERVICE, Screen.TABLE, Screen.PART, Screen.NOTICE,
        Screen.FACE, Screen.CODE, Screen.CARD,
    }
)  # fmt: skip


def attract(shop: Shop, *, test: bool) -> Showing:
    """Nobody is there."""
    return Showing(Screen.ATTRACT, language=shop.language, test=test, shop=names(shop))


def out_of_order(shop: Shop, said: Text, staff: Text | None, *, test: bool) -> Showing:
    """Nothing can be sold; what is wrong for the shopper and for staff."""
    return Showing(
        Screen.OUT_OF_ORDER,
        language=shop.language,
        test=test,
        shop=names(shop),
        said=said,
        detail=staff,
    )


def of_visit(
    visit: Visit,
    shop: Shop,
    now: float,
    *,
    test: bool,
) -> Showing:
    """The screen of this visit; `seconds_left` counts from `now`."""
    priced = visit.priced
    return Showing(
        screen=visit.screen,
        visit_id=visit.visit_id,
        language=visit.language,
        test=test,
        lines=tuple(
            _line(line, visit.clearance, dishes=bool(visit.serving)) for line in priced.lines
        ),
        count=priced.count,
        total_fen=priced.total.fen,
        saved_fen=priced.saved.fen,
        due_fen=visit.due.fen,
        asked_fen=visit.asked.fen,
        paid=_paid(visit),
        may_split=visit.may_split,
        qr=visit.qr,
        said=visit.said,
        detail=visit.detail,
        may_go_back=may_go_back(visit),
        seconds_left=None if visit.ends_at is None else max(0.0, visit.ends_at - now),
        still_there=visit.asked_at is not None,
        reference=visit.payment.out_trade_no if visit.payment else "",
        slip=visit.slip,
        member=Text("say.member") if visit.terms.member is not None else None,
        shop=names(shop),
        weighing=None if visit.weighing is None else goods(visit.weighing),
        service=visit.serving.service,
        table=visit.serving.table,
        banner=_banner(visit),
    )


def goods(product: Product) -> GoodsShown:
    """Goods to choose or to weigh, as the screen names them."""
    weighed = product.sold_by is SoldBy.WEIGHT
    names = dict(product.names)
    return GoodsShown(product.code, names, product.price.fen, weighed, product.picture)


def may_go_back(visit: Visit) -> bool:
    """Whether "back" or "another way" is offered: never while an outcome is unknown."""
    payment = visit.payment
    match visit.screen:
        case Screen.WAITING | Screen.QR:
            return payment is not None and payment.state is State.PENDING
        case Screen.CASH:
            return payment is not None and payment.state is State.PAYING
        case Screen.TROUBLE:
            return not visit.unfinished and not (payment and payment.took_money) and not visit.over
        case Screen.BASKET:
            return bool(visit.serving)  # the menu is behind it
        case Screen.TENDER:
            return visit.part is not None or not visit.parts
        case _:
            return visit.screen in _BACK


def _banner(visit: Visit) -> BannerShown | None:
    """What the shop offers, on the screen of whoever has paid."""
    banner = visit.banner
    if banner is None or visit.screen is not Screen.DONE:
        return None
    return BannerShown(banner.names, banner.picture, banner.coupon)


def _paid(visit: Visit) -> tuple[PaidPart, ...]:
    """The parts of a basket that is paid in parts, the last one too when it is there."""
    last = visit.payment if visit.payment and visit.payment.took_money else None
    parts = (*visit.parts, last) if visit.parts and last else visit.parts
    return tuple(PaidPart(each.method.value.lower(), each.amount.fen) for each in parts)


def _line(priced: PricedLine, clearance: Clearance, *, dishes: bool) -> LineShown:
    line = priced.line
    why = priced.discounts
    earned = {
        "zh": "、".join(each.name_zh for each in why),
        "en": ", ".join(each.name_en or each.name_zh for each in why),
    }
    return LineShown(
        line_id=line.line_id,
        names=dict(line.product.names),
        quantity=line.quantity,
        quantity_text=line.quantity_text,
        unit_fen=line.unit.fen,
        total_fen=priced.net.fen,
        counted=line.counted and not priced.gift,
        discount=Text("line.discount", earned) if why else None,
        discount_fen=priced.discount.fen,
        gift=priced.gift,
        held=None if priced.gift else _held(line, clearance),
        dish=line.product.code if dishes and not priced.gift else "",
        options=names_of(line.options) if line.options else None,
    )


def _held(line: Line, clearance: Clearance) -> Text | None:
    match clearance.asks_for(line):
        case Reason.AGE:
            return Text("line.held_age", {"years": str(line.product.age)})
        case Reason.REMOVAL:
            return Text("line.held_removal")
        case Reason.WEIGHT:
            return Text("line.held_weight")
        case None:
            return None


def names(shop: Shop) -> dict[str, str]:
    """The shop's name by language, and how to reach staff."""
    return {"zh": shop.name, "en": shop.name_en, "attendant": shop.attendant}
