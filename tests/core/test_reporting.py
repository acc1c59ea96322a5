"""Which payments are reported to the face service, how often, and when it is given up."""

from __future__ import annotations

from itertools import pairwise

import pytest

from kiosk.domain.money import Money
from kiosk.domain.payment import Method, Payment, State
from kiosk.reporting import AGAIN_AFTER, Reports

NUMBER = "000126010100000000000001"


def payment(method=Method.CODE, state=State.PAID, channel="wechatpay"):
    return Payment(NUMBER, "v1", channel, method, Money(690), 0, state)


class Timer:
    """Runs work at once, as long as it wants to run again; `ran` are its times."""

    def __init__(self):
        self.ran = {}

    def put(self, name, work):
        now = 0.0
        while now is not None:
            self.ran.setdefault(name, []).append(now)
            now = work(now)


class Faces:
    """A face service that takes a report at its n-th try."""

    def __init__(self, deaf=0):
        self.deaf, self.told = deaf, []

    def report_order(self, out_trade_no):
        self.told.append(out_trade_no)
        return len(self.told) > self.deaf


@pytest.mark.parametrize(
    ("heard", "reported"),
    [
        (payment(Method.CODE), True),
        (payment(Method.QR), True),
        (payment(Method.FACE), False),
        (payment(Method.CASH), False),
        (payment(channel="other"), False),
        *((payment(state=state), False) for state in State if state is not State.PAID),
    ],
)
def test_only_what_was_paid_and_not_by_face_is_reported_and_once(heard, reported):
    faces = Faces()
    reports = Reports(Timer().put, faces, {"wechatpay"})
    for _ in range(3):
        reports.hear(heard)
    assert faces.told == [NUMBER] * reported


def test_a_report_that_is_not_taken_is_made_again_and_given_up_at_last():
    timer, faces = Timer(), Faces(deaf=100)
    Reports(timer.put, faces, {"wechatpay"}).hear(payment())
    (times,) = timer.ran.values()
    assert tuple(later - earlier for earlier, later in pairwise(times)) == AGAIN_AFTER
    timer, faces = Timer(), Faces(deaf=2)
    Reports(timer.put, faces, {"wechatpay"}).hear(payment())
    assert len(faces.told) == 3
