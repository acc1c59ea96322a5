"""What goes into the basket and out of it, on the screens where goods are chosen.

    BASKET ◄─► PICK      a scan, a choice or a weighing puts a line in; a touch changes it
       ▼ ▲
      HELD ─► TENDER     staff are needed before it can be paid

Used by the checkout's thread only. A remark says why something was not done; nothing is lost by it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from kiosk.bagger import Bagger
from kiosk.bags import Bags
from kiosk.channels.codes import Goods, Member, Scan
from kiosk.counter import Counter
from kiosk.domain.approval import Free, Removal, held, kept, lowered
from kiosk.domain.basket import Basket, LimitReached
from kiosk.domain.promotion import FIRST_GIFT
from kiosk.domain.receipt import CHINA
from kiosk.goods import Shelf
from kiosk.members import TRIES
from kiosk.messages import (
    Command,
    Hinting,
    Pay,
    RemoveLine,
    Screen,
    SetMember,
    SetQuantity,
    Text,
)
from kiosk.messages.goods import Browse, FindGoods, PickGoods, SayBagged, StopWeighing, TakeBags
from kiosk.picker import Picker
from kiosk.tender import Tender
from kiosk.till import Till
from kiosk.visit import CHOOSING, Visit
from kiosk.weigher import Weigher

log = logging.getLogger(__name__)


class Shopping:
    """The basket of the visit at the counter, from this shelf."""

    def __init__(self, counter: Counter, tender: Tender, till: Till, shelf: Shelf) -> None:
        self._counter = counter
        self._tender = tender
        self._till = till
        self._weigher = Weigher(counter, till)
        self._picker = Picker(counter, till, self._weigher, shelf)
        self._bagger = Bagger(counter, till)
        self._bags = Bags(till.config.content.bags, shelf)
        counter.bags = self._bags.asked
        self._shelf = shelf

    def stock(self, shelf: Shelf) -> None:
        """Sell from this shelf from now on; between two visits only."""
        self._shelf = shelf
        self._picker.stock(shelf)
        self._bags.stock(shelf)

    def command(self, visit: Visit, command: Command) -> None:
        """The shopper touched something where goods are chosen."""
        match command:
            case Browse():
                self._picker.browse(visit)
            case FindGoods(text=text):
                self._picker.find(text)
            case PickGoods(code=code):
                self._picker.pick(visit, code)
            case StopWeighing():
                self._weigher.stop()
            case SayBagged(how=how):
                self._bagger.say(visit, how)
            case _ if visit.screen is Screen.BASKET or isinstance(command, RemoveLine):
                self._in_basket(visit, command)
            case _:
                log.debug("late touch %s", type(command).__name__)

    def scanned(self, visit: Visit, scan: Scan) -> None:
        """Something was scanned where goods are chosen."""
        if isinstance(scan, Member) and self._till.members.any:
            self._know(visit, scan.code)
        else:
            self._put(visit, scan)

    def begin(self, visit: Visit) -> Visit:
        """The first screen of a visit."""
        return visit

    def back(self, visit: Visit) -> bool:
        """From the choice of goods, or from waiting for staff, to the basket; never out of it."""
        self._weigher.stop()
        self._counter.set(replace(visit, screen=Screen.BASKET, weighing=None))
        return True

    def tick(self) -> None:
        """Time has passed."""
        self._weigher.tick()
        self._bagger.tick()
        visit = self._counter.visit
        if visit is not None and visit.screen in CHOOSING:
            self._hear_staff(visit)

    def _in_basket(self, visit: Visit, command: Command) -> None:
        match command:
            case SetQuantity(line_id=line_id, quantity=0) | RemoveLine(line_id=line_id):
                if line_id <= FIRST_GIFT:
                    self._refuse_gift(visit, line_id)
                else:
                    self._lower(visit, Removal(line_id, 0))
            case SetQuantity(line_id=line_id, quantity=quantity):
                self._set_quantity(visit, line_id, quantity)
            case SetMember(number=number):
                self._know(visit, number)
            case Pay():
                self._weigher.stop()
                self._pay(replace(visit, weighing=None))
            case TakeBags(counts=counts):
                self._weigher.stop()
                self._take_bags(replace(visit, weighing=None), counts)
            case _:
                log.debug("late touch %s", type(command).__name__)

    def _put(self, visit: Visit, scan: Scan) -> None:
        if isinstance(scan, Goods) and (product := self._shelf.to_weigh(scan.digits)):
            self._weigher.begin(visit, product)
            return
        today = datetime.fromtimestamp(self._till.clock.wall_ms() / 1000, CHINA).date()
        changed = self._shelf.put(visit.basket, scan, today)
        if isinstance(changed, Text):
            self._counter.show(Hinting(changed, "error"))
        else:
            self._counter.set(replace(visit.with_basket(changed), screen=Screen.BASKET))
            self._counter.show(Hinting(None, "tick"))

    def _change(self, visit: Visit, change: Callable[[Basket], Basket]) -> None:
        try:
            self._counter.set(visit.with_basket(change(visit.basket)))
        except LimitReached:
            self._counter.hint("hint.limit_reached")
        except ValueError:
            log.debug("a change that the basket does not allow")

    def _set_quantity(self, visit: Visit, line_id: int, quantity: int) -> None:
        line = visit.basket.line(line_id)
        if line is not None and quantity < line.quantity:
            self._lower(visit, Removal(line_id, quantity))
            return
        cleared = replace(visit, clearance=kept(visit.clearance, line_id))
        self._change(cleared, lambda basket: basket.set_quantity(line_id, quantity))

    def _lower(self, visit: Visit, wish: Removal) -> None:
        """He wants less of a line, or none of it: granted, or asked of the staff."""
        times = self._till.config.visit
        free = Free(times.removal_limit_fen, times.removals_allowed)
        try:
            change = lowered(visit.basket, visit.clearance, wish, free)
        except ValueError:
            log.debug("a change that the basket does not allow")
            return
        changed = visit if change.basket == visit.basket else visit.with_basket(change.basket)
        self._counter.set(replace(changed, clearance=change.clearance))
        if len(change.clearance.asked) > len(visit.clearance.asked):
            self._counter.hint("hint.removal_asked", sound="tick")
            self._counter.call()

    def _take_bags(self, visit: Visit, counts: Mapping[str, int]) -> None:
        """He said how many bags he wants, and goes on to pay."""
        asked = replace(visit, bags_asked=True)
        try:
            basket = self._bags.put(visit.basket, counts)
        except LimitReached:
            self._counter.set(asked)
            self._counter.hint("hint.limit_reached")
            return
        self._pay(asked if basket == visit.basket else asked.with_basket(basket))

    def _pay(self, visit: Visit) -> None:
        """On to the tender, or to the staff's word first."""
        visit = self._bagger.settle(visit)
        if visit.basket.lines and held(visit.basket, visit.clearance):
            self._counter.set(replace(visit, screen=Screen.HELD))
            self._counter.call()
        else:
            self._tender.begin(visit)

    def _hear_staff(self, visit: Visit) -> None:
        """Staff have gone, or he took out himself what they would have had to see."""
        gone = visit.clearance
        cleared = replace(visit, clearance=replace(gone, refused=False, rescan=False))
        if gone.refused or gone.rescan:
            self._counter.set(replace(cleared, screen=Screen.BASKET))
            self._counter.hint("hint.refused" if gone.refused else "hint.rescan")
        elif visit.screen is Screen.HELD and not held(visit.basket, visit.clearance):
            if visit.basket.lines:
                self._tender.begin(visit)
            else:
                self._counter.set(replace(visit, screen=Screen.BASKET))

    def _know(self, visit: Visit, number: str) -> None:
        """He says that he is a member, by his card or his phone number; it is kept nowhere."""
        if not self._till.members.any or visit.member_tries >= TRIES:
            self._counter.hint("hint.member_ask_staff")
            return
        tried = replace(visit, member_tries=visit.member_tries + 1)
        member = self._till.members.find(number)
        if member is None:
            self._counter.set(tried)
            self._counter.hint("hint.member_unknown")
        else:
            self._counter.set(tried.with_terms(replace(visit.terms, member=member)))
            self._counter.hint("hint.member_known", sound="tick")

    def _refuse_gift(self, visit: Visit, line_id: int) -> None:
        """He does not want what would come for nothing."""
        line = next((x for x in visit.priced.lines if x.line.line_id == line_id), None)
        if line is not None:
            refused = visit.terms.unwanted | {line.discounts[0].campaign}
            self._counter.set(visit.with_terms(replace(visit.terms, unwanted=refused)))
