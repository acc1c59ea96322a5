"""From what the kiosk knows to the staff's screen: rows, one payment whole, the state of all parts.

Everything is in words of the catalogue ("staff.money.…", "refund.…") but for the causes and mends
of devices and channels, which come from their drivers.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from hardware.devices import Condition
from kiosk.domain.payment import Payment, State
from kiosk.domain.receipt import china_time, tender_text
from kiosk.found_payment import FoundPayment
from kiosk.messages.staff import GoodsRow, PartShown, PaymentRow, PaymentShown, RefundRow
from kiosk.till import Till, room_trouble

_MONEY = {
    State.NEW: "none",
    State.AUTHENTICATING: "none",
    State.STORED: "stored",
    State.PAYING: "checking",
    State.PENDING: "waiting",
    State.UNKNOWN: "checking",
    State.REVERSING: "undoing",
    State.PAID: "taken",
    State.PAID_LATE: "late",
    State.DECLINED: "none",
    State.CANCELLED: "none",
    State.REVERSED: "undone",
    State.LOST: "lost",
}


def rows(
    unsettled: Iterable[Payment], today: Iterable[Payment], lacking: Container[str], now_ms: int
) -> tuple[PaymentRow, ...]:
    """What is open first, oldest first, then today's, newest first; nothing that was never sent.

    Of today's, those that lack something are on top.
    """
    waiting = [each for each in unsettled if each.submitted_ms is not None]
    done = [each for each in today if each.final and each.submitted_ms is not None]
    done.sort(key=lambda each: (each.out_trade_no in lacking, each.created_ms), reverse=True)
    return tuple(_row(each, lacking, now_ms) for each in (*waiting, *done))


def shown(found: FoundPayment, goods: tuple[GoodsRow, ...]) -> PaymentShown:
    """One payment with its refunds, and what may be done with it now."""
    payment = found.payment
    return PaymentShown(
        out_trade_no=found.out_trade_no,
        transaction_id=found.transaction_id,
        at=china_time(found.at_ms) if found.at_ms else "",
        state=payment.state.value if payment else "",
        tender=_tender(payment) if payment else {},
        asked_fen=payment.amount.fen if payment else found.paid_fen,
        paid_fen=found.paid_fen,
        refunded_fen=found.refunded_fen,
        left_fen=found.left_fen,
        refunds=tuple(
            RefundRow(each.out_refund_no, each.state.value, each.amount.fen)
            for each in found.refunds
        ),
        goods=goods,
        may=tuple(_may(found)),
    )


def money_key(found: FoundPayment) -> str:
    """The sentence that says where the money of a payment is."""
    if found.paid_fen and not found.left_fen:
        return "staff.money.given_back"
    if found.payment is None:
        return "staff.money.elsewhere"
    return f"staff.money.{_MONEY[found.payment.state]}"


def state_key(found: FoundPayment) -> str:
    """How the newest thing that was done with a payment stands."""
    if found.refunds:
        return f"refund.{found.refunds[-1].state.value.lower()}"
    state = found.payment.state.value.lower() if found.payment else "elsewhere"
    return f"staff.state.{state}"


def parts(till: Till) -> tuple[PartShown, ...]:
    """Every part of this kiosk, what is bad first, with cause and mend."""
    found = [*_devices(till), *_camera(till), *_channels(till), _ledger(till)]
    return tuple(sorted(found, key=lambda part: ("bad", "unknown", "good").index(part.condition)))


def _row(payment: Payment, lacking: Container[str], now_ms: int) -> PaymentRow:
    minutes = max(0, now_ms - payment.created_ms) // 60_000
    return PaymentRow(
        out_trade_no=payment.out_trade_no,
        at=china_time(payment.created_ms)[11:16],
        state=payment.state.value,
        method=payment.method.value,
        fen=payment.amount.fen,
        minutes=None if payment.final else minutes,
        lacking=payment.out_trade_no in lacking,
    )


def _tender(payment: Payment) -> dict[str, str]:
    return {one: tender_text(payment.channel, payment.method, one) for one in ("zh", "en")}


def _may(found: FoundPayment) -> Iterator[str]:
    payment = found.payment
    open_refund = any(not each.final for each in found.refunds)
    if found.left_fen > 0 and not open_refund:
        yield "refund"
    if payment is None or not payment.final or open_refund:
        yield "again"
    if payment is not None and payment.state is State.PAID:
        yield "copy"


def _devices(till: Till) -> Iterator[PartShown]:
    for name, health in till.peripherals.health().items():
        good = health.condition is Condition.GOOD
        cause, mend = ("", "") if good else (health.cause, health.mend)
        yield PartShown(name, health.condition.value, cause, mend)


def _camera(till: Till) -> Iterator[PartShown]:
    if till.faces is None:
        return
    usable, cause = till.faces.usable()
    if not usable:
        yield PartShown("camera", "bad", cause, till.faces.mend())
    elif till.face_rest.rests():
        cause = "attempts that may be attacks came one after the other, so face pay rests"
        yield PartShown("camera", "unknown", cause, "It comes back by itself")
    else:
        yield PartShown("camera", "good")


def _channels(till: Till) -> Iterator[PartShown]:
    for name in till.channels:
        trouble = till.jobs.trouble(name)
        if trouble is None:
            yield PartShown(name, "good")
        else:
            yield PartShown(name, "bad", trouble.cause, trouble.mend)


def _ledger(till: Till) -> PartShown:
    trouble = room_trouble(till.config.paths.state)
    return PartShown("ledger", "bad", *trouble) if trouble else PartShown("ledger", "good")
