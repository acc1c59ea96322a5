"""`kiosk doctor --live`: one fen paid and given back, with real money where there is real money.

    clock, certificates ─► a payment of 0.01 ─► its outcome ─► its refund ─► its outcome

It is a payment like any other: in the ledger before it is sent, settled by the same rules, seen
by reconciliation and fleet. So a test that is cut off is finished by the next start of the kiosk.
The kiosk must not run meanwhile, since a ledger has one writer.
"""

from __future__ import annotations

import getpass
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

import segno

from kiosk import wallets
from kiosk.channels.channel import Account, ChannelError, Token, TokenKind
from kiosk.channels.codes import PaymentCode, classify
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.doctor import certificates, channels, ledger, table
from kiosk.doctor.finding import Finding, bad, examine, failed, good, unknown
from kiosk.domain.basket import Basket
from kiosk.domain.catalogue import Product
from kiosk.domain.money import Money
from kiosk.domain.number import new_trade_no
from kiosk.domain.order import totals, totals_to_json
from kiosk.domain.payment import Method, Payment, State, Submit
from kiosk.domain.refund import Refund, RefundState
from kiosk.down.afar import settings_in_force
from kiosk.errors import KioskError
from kiosk.ledger import Ledger, LedgerError
from kiosk.refunds import RefundRefused, Refunds
from kiosk.settle import Settle
from kiosk.till import order_of

FEN = 1
GIVEN_BACK_WITHIN = 60.0  # seconds; what takes longer goes on by itself
PRODUCT = Product("设备测试", "Device test", Money(FEN), plu=99_999)
REASON = "device test"
NO_SLIP = "not asked for"  # how the delivery of its slip ends

PAYMENT, REFUND = "live payment", "live refund"

Say = Callable[[str], object]
Ask = Callable[[str], str]


def run(path: Path, ask: Ask, say: Say = sys.stdout.write) -> int:
    """Print the findings as they come; 0 when nothing is BAD.

    `ask` puts a question and answers with a payment code. Raises KioskError.
    """
    config = settings_in_force(path)
    if ledger.in_use(config.paths.state / "ledger"):
        raise KioskError("the kiosk is running", "Stop it first: systemctl stop kiosk.target")
    first = [*channels.checks(config), *certificates.checks(config)]
    findings = examine(first)
    say(table.as_text(findings, 100))
    if any(one.state is one.state.BAD for one in findings):
        say("No payment is tried before that is mended.\n")
        return 1
    findings = list(paid_and_given_back(config, ask, say))
    say(table.as_text(findings, 100))
    return int(any(one.state is one.state.BAD for one in findings))


def ask_on_the_terminal(question: str) -> str:
    """A payment code as a scanner types it, or by hand; it is not shown."""
    return getpass.getpass(question) if sys.stdin.isatty() else sys.stdin.readline()


def paid_and_given_back(config: Config, ask: Ask, say: Say) -> Iterator[Finding]:
    """The payment, then its refund."""
    clock = Clock()
    try:
        till = wallets.channels(config)
        with closing(Ledger(config.paths.state / "ledger", clock.wall_ms)) as books:
            settle = Settle(
                books,
                till,
                lambda one: order_of(one, books.basket_of(one.out_trade_no) or {}, config),
            )
            live = _Live(config, books, settle, clock, say)
            payment = live.pay(till, ask)
            if payment is None:
                yield unknown(PAYMENT, "no code was given, so nothing was tried")
                return
            yield _told(payment)
            if payment.took_money:
                able = wallets.refund_channels(till)
                refunds = Refunds(books, able, max(config.staff.refund_limit_fen, FEN))
                yield live.give_back(refunds, payment)
    except (LedgerError, ChannelError) as error:
        yield failed(PAYMENT, error)


class _Live:
    """One test; every step is on the disk before it is made."""

    def __init__(
        self, config: Config, books: Ledger, settle: Settle, clock: Clock, say: Say
    ) -> None:
        self._config = config
        self._books = books
        self._settle = settle
        self._clock = clock
        self._say = say

    def pay(self, till: Mapping[str, Account], ask: Ask) -> Payment | None:
        """The payment at its end; None when nobody gave a code."""
        name, method = _way(till)
        if method is Method.CODE:
            code = ask(f"The payment code of a phone, for {Money(FEN)} of {name}: ").strip()
            if not code:
                return None
            if not isinstance(classify(code), PaymentCode):
                raise KioskError("that is no payment code", "Open it in the wallet, and scan it")
            payment = self._opened(name, method)
            self._settle.pay(payment.out_trade_no, Token(TokenKind.CODE, code), self._clock.now())
        else:
            payment = self._opened(name, method)
            shown = self._settle.present(payment.out_trade_no, self._clock.now())
            if shown is not None:
                self._say(f"Scan this with a phone, for {Money(FEN)} of {name}:\n")
                self._say(_drawn(shown.code_url))
        return self._settled(payment.out_trade_no)

    def give_back(self, refunds: Refunds, payment: Payment) -> Finding:
        """The refund of all of it, waited for as long as usual ones take."""
        try:
            refund = refunds.request(payment.out_trade_no, FEN, REASON)
        except KeyError:
            mend = "Give it back on the wallet's merchant pages."
            return bad(REFUND, f"{payment.channel} gives nothing back from here", mend)
        except RefundRefused as error:
            return bad(REFUND, f"refused: {error}", "Give it back on the staff's screen.")
        began = self._clock.now()
        due: float | None = began
        while due is not None and self._clock.now() - began < GIVEN_BACK_WITHIN:
            due = refunds.step(refund.out_refund_no, self._clock.now())
            self._wait(due)
        return _refunded(self._books.refund(refund.out_refund_no) or refund)

    def _opened(self, channel: str, method: Method) -> Payment:
        number = new_trade_no(self._config.terminal_id, self._clock.wall_ms(), secrets.randbelow)
        new = Payment(number, number, channel, method, Money(FEN), self._clock.wall_ms())
        with self._books.together():
            self._books.open_payment(new, totals_to_json(totals(Basket().add(PRODUCT))))
            return self._books.record(number, Submit(self._clock.wall_ms()))

    def _settled(self, out_trade_no: str) -> Payment:
        """Queried, and reversed when nobody pays, as any payment."""
        due: float | None = self._clock.now()
        while due is not None:
            due = self._settle.step(out_trade_no, self._clock.now())
            self._wait(due)
        payment = self._books.payment(out_trade_no)
        assert payment is not None, "it was opened above"
        if payment.state is State.PAID:
            # Nobody waits for its slip, and the kiosk shall not print one at its next start.
            self._books.start_delivery(out_trade_no, "slip", {"copy": False})
            self._books.end_delivery(out_trade_no, NO_SLIP)
        return payment

    def _wait(self, due: float | None) -> None:
        if due is not None:
            time.sleep(max(0.0, min(due - self._clock.now(), 1.0)))


def _way(till: Mapping[str, Account]) -> tuple[str, Method]:
    """The first channel and what it takes: a code that a phone shows, or one that it scans."""
    for name, channel in till.items():
        if hasattr(channel, "pay"):
            return name, Method.CODE
        if hasattr(channel, "present"):
            return name, Method.QR
    raise KioskError("no channel here takes a phone's code", "Add a table [channels.wechatpay]")


def _told(payment: Payment) -> Finding:
    number = f"({payment.out_trade_no})"
    match payment.state:
        case State.PAID:
            return good(PAYMENT, f"{payment.amount} paid {number}")
        case State.PAID_LATE:
            return unknown(PAYMENT, f"paid after it was given up {number}; it goes back")
        case State.REVERSED:
            mend = "Try again, and confirm on the phone."
            return bad(PAYMENT, f"nobody paid, so it was undone {number}", mend)
        case _:
            why = payment.code or payment.state.value
            return bad(PAYMENT, f"the channel refused: {why} {number}", "Try another code.")


def _refunded(refund: Refund) -> Finding:
    number = f"({refund.out_refund_no})"
    match refund.state:
        case RefundState.DONE:
            return good(REFUND, f"{refund.amount} given back {number}")
        case RefundState.CLOSED | RefundState.ABNORMAL:
            mend = "Give it back on the wallet's merchant pages."
            return bad(
                REFUND, f"not given back: {refund.code or refund.state.value} {number}", mend
            )
        case _:
            return unknown(REFUND, f"on its way {number}", "The kiosk goes on asking by itself.")


def _drawn(text: str) -> str:
    """The QR in half blocks, for a terminal."""
    rows = [[bool(cell) for cell in row] for row in segno.make_qr(text).matrix_iter(border=2)]
    rows += [[False] * len(rows[0])] * (len(rows) % 2)
    blocks = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}
    pairs = zip(rows[::2], rows[1::2], strict=True)
    lines = ["".join(blocks[pair] for pair in zip(a, b, strict=True)) for a, b in pairs]
    # Dark on light, whatever the terminal's colours are.
    return "".join(f"\x1b[30;47m{line}\x1b[0m\n" for line in lines)
