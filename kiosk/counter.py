"""The visit that stands at the kiosk now, and how it reaches the screen.

One place holds it, so that whatever changes a visit also shows it and keeps its basket.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from kiosk.after_payment import ASKED, QR, SHOWN, AfterPayment
from kiosk.domain.approval import held
from kiosk.domain.banner import Banner
from kiosk.domain.basket import Basket
from kiosk.domain.catalogue import Product
from kiosk.domain.payment import Method, Payment, State
from kiosk.domain.receipt import pick_up_number
from kiosk.messages import Hinting, Message, Screen, Showing, Text
from kiosk.messages.access import Aids
from kiosk.messages.goods import BaggingShown
from kiosk.showing import attract, goods, of_visit, out_of_order
from kiosk.snapshot import Snapshot
from kiosk.till import Till
from kiosk.told import Told, abandoned, of_payment
from kiosk.visit import Visit

NOTICE_VERSION = "2026-11"
GRACE = 5.0  # seconds that a screen has left, at least, when it comes back from under another


class Counter:
    """At most one visit; used by the checkout's thread only."""

    def __init__(
        self,
        till: Till,
        snapshot: Snapshot,
        show: Callable[[Message], object],
        banners: Sequence[Banner] = (),
    ) -> None:
        self._till = till
        self._after = AfterPayment(till, banners)
        self._snapshot = snapshot
        self.show = show
        self.visit: Visit | None = None
        self.language = till.config.shop.language
        self.aids = Aids()
        self.headphones = False
        """Whether any are plugged in: what is spoken is heard by the shopper alone."""
        self.may_pick: Callable[[], bool] = lambda: False
        """Whether there are goods without a bar code; the picker's to say."""
        self.bags: Callable[[Visit], tuple[Product, ...]] = lambda _visit: ()
        """The bags that a visit is offered."""
        self.bagging: Callable[[Visit], BaggingShown | None] = lambda _visit: None
        """What a visit is told of the bagging area."""
        self._called: float | None = None  # since when, on the steady clock
        self.may_order = False
        """Whether there is a menu."""
        self._blocked: tuple[Text, Text] | None = None
        self._over: Callable[[], Showing] | None = None

    def refresh(self) -> None:
        """Show the whole screen: a ui came up, or a tender came or went."""
        called, asking = self._called is not None, self._till.asking
        asking.note(self._till.clock.wall_ms(), called=called, held=self._held())
        if self._over is not None:
            self.show(self._over())
            return
        self.show(
            replace(
                self._showing(),
                attendant_called=called,
                attendant_coming=asking.coming,
                may_order=self.may_order,
                aids=self.aids,
                headphones=self.headphones,
            )
        )

    def coming(self) -> None:
        """Somebody of the staff is on the way: tell whoever waits."""
        if self._over is None:
            self.hint("hint.attendant_coming", sound="tick")
        self.refresh()

    def aid(self, aids: Aids) -> None:
        """Show everything so, to the end of the visit."""
        self.aids = aids
        self.refresh()

    def plug(self, *, headphones: bool) -> None:
        """Headphones begin spoken guidance, and end it when they are pulled out."""
        self.headphones = headphones
        self.aid(replace(self.aids, speech=headphones))

    @property
    def unhurried(self) -> float:
        """How many times as long as usual the screens wait: who listens takes longer."""
        return self._till.config.access.patience if self.aids.speech else 1.0

    def call(self) -> None:
        """Staff are called, until they come or the visit ends."""
        if self._called is None:
            self._called = self._till.clock.now()
        self.refresh()

    def called_for(self) -> float | None:
        """Seconds since a shopper asked for help; None: nobody waits for it."""
        return None if self._called is None else self._till.clock.now() - self._called

    def seen_to(self) -> None:
        """What staff were called for is no more."""
        self._called = None

    def cover(self, showing: Callable[[], Showing]) -> None:
        """Show something else from now on: staff have come; the visit underneath is kept."""
        self._over = showing
        self._called = None
        self.refresh()

    def uncover(self) -> None:
        """Show the visit again, with time to see it: it stood still."""
        self._over = None
        visit, now = self.visit, self._till.clock.now()
        if visit is not None:
            ends_at = None if visit.ends_at is None else max(visit.ends_at, now + GRACE)
            self.visit = replace(visit, touched_at=now, ends_at=ends_at)
        self.refresh()

    def watch(self) -> None:
        """While nobody is there: go out of order, or come back, when the reason comes or goes."""
        if self.visit is None and self._till.blocked() != self._blocked:
            self.refresh()

    def forget_wishes(self) -> None:
        """Whoever chose a language or aids went away before he began."""
        language, aids = self._till.config.shop.language, Aids(speech=self.headphones)
        if (self.language, self.aids) != (language, aids):
            self.language, self.aids = language, aids
            self.refresh()

    def set(self, visit: Visit) -> None:
        """The visit has changed: show it, and keep its basket until it is paid."""
        self.visit = visit
        self.refresh()
        if visit.payment is not None and visit.payment.took_money:
            self._snapshot.forget()
        else:
            self._snapshot.keep(visit, self._till.clock.wall_ms())

    def tell(self, visit: Visit, told: Told) -> None:
        """Say what happened, on the screen that it belongs on, for as long as it may take."""
        now, times = self._till.clock.now(), self._till.config.visit
        longer = self.unhurried
        match told.screen:
            case Screen.WAITING:
                visit = replace(visit, ends_at=self._until(visit, now))
            case Screen.DONE:
                banner, slip = self._after.next_banner(), self._after.first
                visit = replace(
                    visit, ends_at=now + times.done * longer, slip=slip, qr="", banner=banner
                )
            case _:
                visit = replace(visit, ends_at=now + times.trouble * longer)
        self.set(
            replace(visit, screen=told.screen, said=told.said, detail=told.detail, asked_at=None)
        )

    def tell_payment(self, visit: Visit, payment: Payment) -> None:
        """What the shopper is told of his payment; when it is paid, his slip is printed."""
        told = of_payment(payment)
        if payment.state is State.PAID:
            told = replace(told, detail=served(visit, payment) or told.detail)
        if payment.state is State.PAID and (change := self._till.cash.change(payment)):
            told = replace(told, said=Text("say.paid_change", {"amount": change.yuan}))
        self.tell(replace(visit, payment=payment), told)
        if payment.state is State.PAID:
            self.show(Hinting(None, "paid"))
            if self.visit is not None:
                self._after.begin(self.visit)

    def choose_receipt(self, visit: Visit, kind: str) -> None:
        """What the shopper takes for a receipt; with time to take it, or to scan it."""
        chosen = self._after.choose(visit, kind)
        times = self._till.config.visit
        seconds = times.trouble if chosen.slip == SHOWN else times.done
        if chosen is not visit:
            self.set(replace(chosen, ends_at=self._till.clock.now() + seconds))

    def receipt_by_default(self, visit: Visit) -> bool:
        """Nobody chose: show the code, where that is the default; whether there is one to show."""
        if visit.slip != ASKED or self._till.config.receipt.default != QR:
            return False
        self.choose_receipt(visit, QR)
        return True

    def not_given_out(self, out_trade_no: str) -> None:
        """Something of a paid payment did not come out: tell whoever paid, while he is there."""
        visit, number = self.visit, {"number": pick_up_number(out_trade_no)}
        if visit is None:
            self.show(Hinting(Text("hint.goods_failed", number), "error"))
        elif visit.payment is not None and visit.payment.out_trade_no == out_trade_no:
            ends_at = self._till.clock.now() + self._till.config.visit.trouble * self.unhurried
            failed = Text("todo.goods_failed", number)
            self.set(replace(visit, detail=failed, ends_at=ends_at))
            self.show(Hinting(None, "error"))

    def hint(self, key: str, sound: str = "error") -> None:
        """A short remark over the screen."""
        self.show(Hinting(Text(key), sound))

    def end(self) -> None:
        """The visit is over; a payment that was not sent is cancelled with it, parts go back."""
        visit = self.visit
        if visit is not None and visit.payment is not None and not visit.payment.final:
            self._till.stop_looking(visit.payment, "left")
        if visit is not None:
            self._after.end(visit)
        self.visit = None
        self._called = None
        self.language = self._till.config.shop.language
        self.aids = Aids(speech=self.headphones)
        self._snapshot.forget()
        self.refresh()
        self._till.sweep()

    def leave(self, visit: Visit) -> None:
        """The visit ends; where a part was paid, the screen says that it goes back."""
        self.end()
        if back := visit.given_back:
            # With the number of the last of them, by which the staff find what became of it.
            empty = visit.with_basket(Basket())
            over = replace(empty, parts=(), part=None, payment=visit.parts[-1])
            cash = any(each.method is Method.CASH for each in visit.parts)
            self.tell(replace(over, over=True), abandoned(back, cash=cash))
            if cash:
                self.call()

    def _showing(self) -> Showing:
        till, shop = self._till, self._till.config.shop
        self._blocked = till.blocked() if self.visit is None else None
        if self._blocked is not None:
            return out_of_order(shop, *self._blocked, test=till.test)
        if self.visit is None:
            return replace(attract(shop, test=till.test), language=self.language)
        showing = of_visit(self.visit, shop, till.clock.now(), test=till.test)
        return replace(
            showing,
            tenders=till.tenders(),
            scale=till.weighs(),
            may_pick=self.may_pick(),
            bags=tuple(goods(bag) for bag in self.bags(self.visit)),
            bagging=self.bagging(self.visit),
            notice_version=NOTICE_VERSION,
            asks_member=till.members.any and self.visit.may_be_a_member,
            receipts=self._after.offered(self.visit),
        )

    def _held(self) -> int:
        """How many questions the shopper waits for; none while the staff are here."""
        visit = self.visit
        if visit is None or self._over is not None or visit.payment is not None or visit.parts:
            return 0
        return len(held(visit.basket, visit.clearance))

    def _until(self, visit: Visit, now: float) -> float | None:
        """One wait has one end, however often its sentence changes."""
        if visit.screen is Screen.WAITING and visit.ends_at is not None:
            return visit.ends_at
        return None if visit.payment is None else now + self._till.patience(visit.payment)


def served(visit: Visit, payment: Payment) -> Text | None:
    """Where he gets what is prepared for him; None where nothing is."""
    if not visit.waits_for_a_kitchen:
        return None
    if visit.serving.table:
        return Text("todo.to_table", {"number": visit.serving.table})
    return Text("todo.pick_up", {"number": pick_up_number(payment.out_trade_no)})
