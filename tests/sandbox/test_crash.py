from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import stat
import subprocess
import sys
import threading

import pytest
from wallet_client import Client, face

from kiosk.sandbox.scripts import MAGIC, SCRIPTS
from kiosk.sandbox.testing import SandboxProcess


def test_orders_codes_and_scripts_survive_a_kill(fresh):
    kiosk = Client(fresh)
    paid, waiting, code = kiosk.number(), kiosk.number(), fresh.code()
    fresh.enrol("oAlice", face(1), balance=5000)
    rawdata = kiosk.rawdata(face(1))
    authinfo = kiosk.authinfo(rawdata)["authinfo"]
    kiosk.pay(fresh.code(openid="oLi", balance=5000), paid)
    kiosk.pay(fresh.code(), waiting, 100_001)
    fresh.script("drop-answer")
    fresh.advance(5)
    before = fresh.audit()

    fresh.kill()
    fresh.restart()

    assert fresh.audit() == before
    assert Client(fresh).key == kiosk.key
    assert kiosk.state(paid) == "SUCCESS"
    with pytest.raises(ConnectionError):
        kiosk.pay(fresh.code(openid="oLi"), paid)  # the script has waited for this
    assert kiosk.pay(fresh.code(openid="oLi"), paid)["err_code"] == "ORDERPAID"
    assert kiosk.state(waiting) == "USERPAYING"
    assert kiosk.face_code(authinfo, kiosk.number())["openid"] == "oAlice"
    assert kiosk.pay(code, kiosk.number())["result_code"] == "SUCCESS"
    assert kiosk.authinfo(rawdata)["return_code"] == "ERROR"


def test_a_folder_of_an_older_sandbox_is_opened(fresh):
    kiosk = Client(fresh)
    number = kiosk.number()
    kiosk.pay(fresh.code(), number)
    fresh.kill()
    with contextlib.closing(sqlite3.connect(fresh.folder / "sandbox.db")) as memory:
        memory.execute("DROP INDEX orders_to_tell")
        memory.execute("ALTER TABLE call DROP COLUMN out_refund_no")
        for column in ("trade_type", "expires_at", "code_url", "notify_url", "asked", "wire"):
            memory.execute(f"ALTER TABLE orders DROP COLUMN {column}")
        memory.execute("DROP TABLE refund")
    fresh.restart()
    assert kiosk.refund(number, "R1", 1280)["result_code"] == "SUCCESS"
    assert fresh.audit()["clean"]


@pytest.mark.parametrize("words", ["drop-answer", "delay 5"])
def test_what_was_paid_before_a_kill_is_paid_after_it(fresh, words):
    kiosk = Client(fresh)
    number = kiosk.number()
    fresh.script(words)
    fields = kiosk.pay_fields(fresh.code(), number)
    with pytest.raises((OSError, AssertionError)):
        kiosk.post("/pay/micropay", fields, seconds=0.3)
    fresh.kill()
    fresh.restart()
    assert kiosk.state(number) == "SUCCESS"
    assert fresh.audit()["books_balance"]


def test_a_kill_amid_many_payments_keeps_every_answered_one(fresh):
    kiosk = Client(fresh)
    codes = [fresh.code(openid=f"o{at}", balance=1280) for at in range(30)]
    answered = []

    def till(share):
        for code in share:
            number = kiosk.number()
            try:
                if kiosk.pay(code, number)["result_code"] == "SUCCESS":
                    answered.append(number)
            except OSError:
                return
            if len(answered) == 10:
                fresh.kill()

    tills = [threading.Thread(target=till, args=(codes[at::3],)) for at in range(3)]
    for thread in tills:
        thread.start()
    for thread in tills:
        thread.join()
    fresh.restart()
    audit = fresh.audit()
    assert 10 <= len(answered) < 30
    assert {kiosk.state(number) for number in answered} == {"SUCCESS"}
    assert audit["books_balance"]
    assert audit["money_held"] >= 1280 * len(answered)


def test_sigterm_ends_it_cleanly_even_with_a_call_waiting(fresh):
    kiosk = Client(fresh)
    fresh.script("delay 30")
    fields = kiosk.pay_fields(fresh.code(), kiosk.number())
    with pytest.raises(TimeoutError):
        kiosk.post("/pay/micropay", fields, seconds=0.1)
    assert fresh.stop() == 0
    assert "Traceback" not in fresh.log()


def test_a_second_sandbox_on_the_same_folder_does_not_start(fresh):
    second = SandboxProcess(fresh.folder)
    ready = (fresh.folder / "ready").read_text()
    with pytest.raises(RuntimeError, match="another sandbox"):
        second.start()
    assert fresh.control("GET", "health")["ok"]
    assert ready.strip() == fresh.address


def test_the_keys_are_made_once_and_are_nobody_elses(fresh):
    for name in ("merchant.json", "wallet.key", "sandbox.db"):
        assert stat.S_IMODE((fresh.folder / name).stat().st_mode) == 0o600
    merchant = json.loads((fresh.folder / "merchant.json").read_text())
    assert len(merchant["key"]) == 32
    assert set(merchant) == {"appid", "mch_id", "sub_mch_id", "key", "store_id"}
    assert merchant["key"] not in fresh.log()


def test_its_help_names_every_script_and_magic_amount():
    explained = subprocess.run(
        [sys.executable, "-m", "kiosk.sandbox", "--help"],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONUTF8": "1"},
    ).stdout
    amounts = [f"{fen // 100}.{fen % 100:02d} yuan" for fen in MAGIC]
    for word in (*SCRIPTS, *amounts, "/sandbox/audit", "--speed"):
        assert word in explained
