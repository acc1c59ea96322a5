"""What the shopper is told of a payment: one table from its state to screen and sentences.

He is never told "failed" while the outcome is unknown, and always what becomes of his money.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.channels.texts import shopper_key
from kiosk.domain.money import Money
from kiosk.domain.payment import Payment, State
from kiosk.faces.service import EndReason
from kiosk.messages import Screen, Text


@dataclass(frozen=True, slots=True)
class Told:
    """A screen with what happened (`said`) and what happens to the money or comes next."""

    screen: Screen
    said: Text
    detail: Text


_BY_STATE = {
    State.PAYING: Told(Screen.WAITING, Text("say.confirming"), Text("todo.wait")),
    State.PENDING: Told(Screen.WAITING, Text("say.confirm_on_phone"), Text("todo.wait")),
    State.UNKNOWN: Told(Screen.WAITING, Text("say.checking"), Text("money.being_checked")),
    State.REVERSING: Told(Screen.WAITING, Text("say.cancelling"), Text("money.returned")),
    State.PAID: Told(Screen.DONE, Text("say.paid"), Text("money.paid")),
    State.CANCELLED: Told(
        Screen.TROUBLE, Text("say.channel_unavailable"), Text("money.none_taken")
    ),
    State.REVERSED: Told(Screen.TROUBLE, Text("say.reversed"), Text("money.returned")),
    State.PAID_LATE: Told(Screen.TROUBLE, Text("say.ask_staff"), Text("money.taken_staff")),
}
QR_OVER = Told(Screen.WAITING, Text("say.checking"), Text("money.being_checked"))
QR_EXPIRED = Told(Screen.TROUBLE, Text("say.qr_expired"), Text("money.none_taken"))
OUT_OF_PATIENCE = Told(Screen.TROUBLE, Text("say.ask_staff"), Text("money.being_checked"))
LAST_PAYMENT = Told(Screen.WAITING, Text("say.last_payment"), Text("money.being_checked"))

_FACE_ENDED = {
    EndReason.ATTACK: "say.face_ended",
    EndReason.UNPROVEN: "say.face_timed_out",
    EndReason.TIMED_OUT: "say.face_timed_out",
    EndReason.CAMERA: "say.face_unavailable",
    EndReason.MODEL: "say.face_unavailable",
    EndReason.STOPPED: "say.face_ended",
    EndReason.NOT_RECOGNISED: "say.not_recognised",
    EndReason.UNREACHABLE: "say.channel_unavailable",
}


def of_payment(payment: Payment) -> Told:
    """The screen for a payment that was submitted."""
    if payment.state is State.DECLINED:
        key = f"say.{shopper_key(payment.code, payment.message)}"
        return Told(Screen.TROUBLE, Text(key), Text("money.none_taken"))
    return _BY_STATE[payment.state]


def abandoned(back: Money, *, cash: bool = False) -> Told:
    """The screen for a visit that was given up after a part of it was paid; `cash`: by hand."""
    todo = "todo.cash_back" if cash else "todo.goes_back"
    money = Text("money.part_back", {"amount": back.yuan, "todo": todo})
    return Told(Screen.TROUBLE, Text("say.abandoned"), money)


def of_face(reason: EndReason) -> Told:
    """The screen for a face attempt without a token; an attack is not explained."""
    return Told(Screen.TROUBLE, Text(_FACE_ENDED[reason]), Text("money.none_taken"))
