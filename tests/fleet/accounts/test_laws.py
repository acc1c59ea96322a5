"""Whatever tills and staff ask, repeat, mix up or lose: every answer is the one it must be."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import uuid4

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from fleet.accounts import Accounts, CardNumbers, Counter, Journal, LedgerAccount, StoredValue
from fleet.accounts import audit as audited
from kiosk.channels.channel import (
    NotFound,
    OutcomeUnknown,
    PayOrder,
    RefundOrder,
    Refused,
    Token,
    TokenKind,
)
from kiosk.domain.money import Money
from kiosk.domain.payment import Approved, Declined, Reversed
from kiosk.domain.refund import RefundClosed, RefundDone
from tests.fleet.accounts.peer import KEY, NOON, card_number

OWNERS = st.integers(0, 1)
NUMBERS = st.sampled_from(["T1", "T2", "T3", "T4"])
FEN = st.sampled_from([1, 2, 3, 5, 8])
BREAKS = st.sampled_from(["", "", "", "", "before", "after"])


@dataclass
class Owner:
    """What an account must be."""

    account_id: str
    card: str
    dead: list[str] = field(default_factory=list)
    balance: int = 0
    frozen: bool = False


@dataclass
class Sale:
    """What must be known of an out_trade_no."""

    fen: int
    said: str  # PAID, or the code of a refusal
    owner: int = 0
    back: int = 0


class Laws(RuleBasedStateMachine):
    """Two shoppers, four numbers of each kind, and a database that breaks off now and then."""

    def __init__(self, database) -> None:
        super().__init__()
        self.database = database
        journal = Journal(database, uuid4().hex, wall_ms=lambda: NOON)
        numbers = CardNumbers(KEY)
        self.journal, self.counter = journal, Counter(journal)
        self.accounts, self.channel = Accounts(journal, numbers), StoredValue(journal, numbers)
        self.cards = 0
        self.owners = [self._owner(), self._owner()]
        self.moved: dict[tuple[str, str], tuple[int, int]] = {}
        self.sales: dict[str, Sale] = {}
        self.refunds: dict[str, tuple[str, int, str]] = {}

    # --- what happens ---------------------------------------------------------------------------

    @rule(number=NUMBERS, owner=OWNERS, fen=FEN, out=st.booleans(), breaks=BREAKS)
    def moves_over_the_counter(self, number, owner, fen, out, breaks):
        call = self.counter.pay_out if out else self.counter.top_up
        who = self.owners[owner]
        key, known = (call.__name__, number), self.moved.get((call.__name__, number))
        code = ""
        if known is not None:
            code = "" if known == (owner, fen) else "NUMBER_TAKEN"
        elif out:
            code = "BALANCE_NOT_ENOUGH" if fen > who.balance else ""
        elif who.frozen:
            code = "CARD_FROZEN"
        said = self._ask(breaks, lambda: call(who.account_id, number, Money(fen), by="staff 1"))
        if code:
            assert said == code
        elif known is None and self._carried_out(said, breaks):
            self.moved[key] = (owner, fen)
            who.balance += -fen if out else fen

    @rule(number=NUMBERS, owner=OWNERS, fen=FEN, dead=st.booleans(), breaks=BREAKS)
    def pays(self, number, owner, fen, dead, breaks):
        who, sale = self.owners[owner], self.sales.get(number)
        card = who.dead[-1] if dead and who.dead else who.card
        order = PayOrder(number, Money(fen), "law")
        said = self._ask(breaks, lambda: self.channel.pay(order, Token(TokenKind.CODE, card)))
        if sale is None:
            code = "CARD_REPLACED" if card != who.card else "CARD_FROZEN" if who.frozen else ""
            code = code or ("BALANCE_NOT_ENOUGH" if fen > who.balance else "PAID")
            if not self._carried_out(said, breaks):
                return
            sale = self.sales[number] = Sale(fen, code, owner)
            if code == "PAID":
                who.balance -= fen
        if breaks or sale.fen != fen:
            assert said is OutcomeUnknown
        else:
            self._is_what_is_known(said, sale)

    @rule(number=NUMBERS, fen=FEN)
    def asks(self, number, fen):
        sale = self.sales.get(number)
        said = self._ask("", lambda: self.channel.query(PayOrder(number, Money(fen), "law")))
        if sale is None:
            assert said == NotFound()
        elif sale.fen != fen:
            assert said == "NUMBER_TAKEN"
        else:
            self._is_what_is_known(said, sale)

    @rule(number=NUMBERS, fen=FEN, right=st.booleans(), breaks=BREAKS)
    def undoes(self, number, fen, right, breaks):
        sale = self.sales.get(number)
        fen = sale.fen if sale and right else fen
        said = self._ask(breaks, lambda: self.channel.reverse(PayOrder(number, Money(fen), "law")))
        if sale is not None and sale.fen != fen:
            assert said == "NUMBER_TAKEN"
        elif sale is not None and sale.said == "PAID" and sale.back:
            assert said == "REFUNDED"
        elif self._carried_out(said, breaks):
            assert breaks or said == Reversed()
            if sale is None:
                self.sales[number] = Sale(fen, "REVERSED")
            elif sale.said == "PAID":
                sale.said = "REVERSED"
                self.owners[sale.owner].balance += sale.fen

    @rule(number=NUMBERS, index=st.integers(1, 2), fen=FEN, paid=FEN, right=st.booleans())
    def gives_back(self, number, index, fen, paid, right):
        self._refund(number, index, fen, (paid, right), "")

    @rule(number=NUMBERS, index=st.integers(1, 2), fen=FEN, breaks=BREAKS)
    def gives_back_and_breaks(self, number, index, fen, breaks):
        self._refund(number, index, fen, (1, True), breaks)

    @rule(owner=OWNERS, frozen=st.booleans())
    def freezes(self, owner, frozen):
        who = self.owners[owner]
        (self.accounts.freeze if frozen else self.accounts.unfreeze)(who.account_id, by="staff 1")
        who.frozen = frozen

    @rule(owner=OWNERS)
    def replaces_a_card(self, owner):
        who, new = self.owners[owner], self._new_card()
        (old,) = [c for c in self.accounts.cards(who.account_id) if c.state == "ACTIVE"]
        self.accounts.replace_card(old.card_id, new, by="staff 1")
        who.dead.append(who.card)
        who.card = new

    # --- what holds -----------------------------------------------------------------------------

    @invariant()
    def balances_are_what_they_must_be(self):
        for who in self.owners:
            assert self.accounts.account(who.account_id).balance == Money(who.balance)
            assert who.balance >= 0

    def teardown(self):
        found = audited(self.journal)
        assert found.faults == ()
        put = {kind: self._over_the_counter(kind) for kind in ("top_up", "pay_out")}
        sold = sum(sale.fen for sale in self.sales.values() if sale.said == "PAID")
        back = sum(sale.back for sale in self.sales.values())
        assert found.totals == {
            LedgerAccount.STORED_VALUE: found.balance_fen,
            LedgerAccount.TOP_UP_CLEARING: put["pay_out"] - put["top_up"],
            LedgerAccount.SALES: sold,
            LedgerAccount.SALES_REFUNDED: -back,
        }
        assert found.balance_fen == put["top_up"] - put["pay_out"] - sold + back

    # --- how it is asked ------------------------------------------------------------------------

    def _refund(self, number, index, fen, paid_as, breaks):
        sale, key = self.sales.get(number), f"{number}R{index}"
        paid, right = paid_as
        paid = sale.fen if sale and right else paid
        known = self.refunds.get(key)
        order = RefundOrder(number, key, Money(paid), Money(fen))
        said = self._ask(breaks, lambda: self.channel.refund(order))
        if known is None:
            code = self._refund_code(sale, paid, fen)
            if not self._carried_out(said, breaks):
                return
            self.refunds[key] = known = (number, fen, code)
            if sale is not None and not code:
                sale.back += fen
                self.owners[sale.owner].balance += fen
        code = known[2] if known[1] == fen else "NUMBER_TAKEN"
        told = self.channel.query_refund(order)
        for each in [told] if breaks else [said, told]:
            if code:
                assert isinstance(each, RefundClosed)
                assert each.code == code
            else:
                assert isinstance(each, RefundDone)
                assert each.fen == fen

    def _refund_code(self, sale, paid, fen):
        if sale is None:
            return "PAYMENT_UNKNOWN"
        if sale.said != "PAID":
            return "NOT_PAID"
        if paid != sale.fen:
            return "PAID_DIFFERS"
        return "REFUND_TOO_MUCH" if sale.back + fen > sale.fen else ""

    def _ask(self, breaks, call):
        """What was answered; the code of a refusal, or OutcomeUnknown itself."""
        self.database.breaks = breaks
        try:
            return call()
        except Refused as error:
            return error.code
        except OutcomeUnknown:
            return OutcomeUnknown

    def _carried_out(self, said, breaks):
        """Whether a call that nothing refuses was committed."""
        assert (said is OutcomeUnknown) == bool(breaks)
        return breaks != "before"

    def _is_what_is_known(self, said, sale):
        if sale.said == "PAID":
            assert isinstance(said, Approved)
            assert said.fen == sale.fen
        else:
            assert isinstance(said, Declined)
            assert said.code == sale.said

    def _over_the_counter(self, kind):
        return sum(fen for (made, _), (_, fen) in self.moved.items() if made == kind)

    def _owner(self):
        card = self._new_card()
        return Owner(self.accounts.open(card, by="staff 1").account_id, card)

    def _new_card(self):
        self.cards += 1
        return card_number(self.cards)


def test_every_answer_is_the_one_it_must_be(database):
    run_state_machine_as_test(
        lambda: Laws(database),
        settings=settings(
            max_examples=10,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
