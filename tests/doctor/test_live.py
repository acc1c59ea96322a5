"""One fen paid and given back by the shipped command, at the sandbox over TCP."""

from __future__ import annotations

from contextlib import closing

import pytest
from patient import held_by_a_running_kiosk

from kiosk.doctor.live import NO_SLIP
from kiosk.domain.payment import State
from kiosk.domain.refund import RefundState
from kiosk.ledger import Ledger


@pytest.fixture
def books(shop):
    """The ledger as the command has left it."""

    def opened():
        return closing(Ledger(shop.ledger, lambda: 0))

    return opened


@pytest.fixture
def code(shop):
    """What the phone of a sandbox customer shows."""
    return shop.sandbox.code()


def test_a_fen_is_paid_and_given_back_and_both_are_in_the_ledger(shop, books, code):
    done = shop.run("doctor", "--live", typed=f"{code}\n")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "CNY 0.01 paid" in done.stdout
    assert "CNY 0.01 given back" in done.stdout
    assert code not in done.stdout + done.stderr
    with books() as ledger:
        (payment,) = ledger.recent(0, 9)
        (refund,) = ledger.refunds_of(payment.out_trade_no)
        assert (payment.state, payment.amount.fen) == (State.PAID, 1)
        assert (refund.state, refund.amount.fen) == (RefundState.DONE, 1)
        assert ledger.undelivered() == [], "the next start must not print a slip for it"
        assert ledger.delivery(payment.out_trade_no).result == NO_SLIP


def test_without_a_code_nothing_is_tried(shop):
    done = shop.run("doctor", "--live", typed="\n")
    assert done.returncode == 0, done.stderr
    assert "nothing was tried" in done.stdout


def test_what_is_no_payment_code_is_not_sent(shop, books):
    done = shop.run("doctor", "--live", typed="6901000000042\n")
    assert done.returncode == 1
    assert "no payment code" in done.stderr
    with books() as ledger:
        assert ledger.recent(0, 9) == []


def test_beside_a_running_kiosk_nothing_is_tried(shop, code):
    with held_by_a_running_kiosk(shop):
        done = shop.run("doctor", "--live", typed=f"{code}\n")
    assert done.returncode == 1
    assert "the kiosk is running" in done.stderr
    assert "systemctl stop" in done.stderr


def test_a_channel_that_refuses_us_is_told_before_a_code_is_asked_for(shop, code):
    text = shop.config.read_text("utf-8")
    address = shop.sandbox.address
    shop.config.write_text(text.replace(address, "http://127.0.0.1:9"), "utf-8")
    done = shop.run("doctor", "--live", typed=f"{code}\n")
    assert done.returncode == 1
    assert "No payment is tried" in done.stdout


def test_what_the_channel_refuses_is_told_with_its_code(shop):
    done = shop.run("doctor", "--live", typed="134500000000000001\n")
    assert done.returncode == 1
    assert "AUTH_CODE_ERROR" in done.stdout
