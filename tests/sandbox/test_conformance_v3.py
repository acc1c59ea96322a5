"""The third-version wire in the hands of an SDK that other merchants use: `wechatpayv3`.

It signs, verifies, unseals and builds requests without a line of this project. It has no setting
for the wallet's address, so the attribute it reads the address from is set.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
from datetime import date, datetime, timedelta
from hashlib import sha1

import pytest
from receiver import receiving
from wechatpayv3 import WeChatPay, WeChatPayType

from kiosk.sandbox.testing import running

TOTAL = {"total": 1280, "currency": "CNY"}
BACK = {"refund": 500, **TOTAL}


def client(sandbox, **own):
    merchant = sandbox.merchant()
    keys = sandbox.folder / "v3"
    known = json.loads((keys / "v3.json").read_text("utf-8"))
    settings = {
        "wechatpay_type": WeChatPayType.NATIVE,
        "mchid": merchant["mch_id"],
        "appid": merchant["appid"],
        "private_key": (keys / "merchant.key").read_text("ascii"),
        "cert_serial_no": known["serial_no"],
        "apiv3_key": known["api_v3_key"],
        "notify_url": "http://127.0.0.1:9/notify",
        "timeout": 5,
    }
    made = WeChatPay(**(settings | own))
    made._core._gate_way = sandbox.address
    return made


@pytest.fixture
def certificates(sandbox, tmp_path):
    """A client's folder of platform certificates: one, with which nothing is signed any more."""
    folder = tmp_path / "certificates"
    folder.mkdir()
    shutil.copy(sandbox.folder / "v3" / "merchant.pem", folder / "OLDER.pem")
    return folder


@pytest.fixture
def sdk(sandbox, certificates):
    return client(sandbox, cert_dir=str(certificates))


def number():
    return f"S1D01T{os.urandom(10).hex()}"


def said(answer, status=200):
    got, body = answer
    assert got == status, body
    return json.loads(body) if body else None


def offer(sdk, **own):
    """An order on a kiosk's screen: its number and what the screen shows."""
    name = number()
    answer = sdk.pay(description="自助收银-苹果", out_trade_no=name, amount=TOTAL, **own)
    return name, said(answer)["code_url"]


def sell(sandbox, sdk, **own):
    name, code_url = offer(sdk, **own)
    sandbox.control("POST", "scan", code_url=code_url, openid="oPhone")
    sandbox.decide(name, "confirm")
    return name


def test_a_client_fetches_the_certificate_that_it_does_not_know_yet(sandbox, sdk, certificates):
    serial = json.loads((sandbox.folder / "v3" / "v3.json").read_text("utf-8"))["platform_serial"]
    offer(sdk)
    assert {path.stem for path in certificates.iterdir()} == {"OLDER", serial}
    fetched = (certificates / f"{serial}.pem").read_bytes()
    assert fetched == (sandbox.folder / "v3" / "platform.pem").read_bytes()


def test_a_client_follows_when_the_wallet_changes_its_certificate(fresh, tmp_path):
    sdk = client(fresh, cert_dir=str(_only_platform(fresh, tmp_path)))
    name, _ = offer(sdk)
    keys = fresh.folder / "v3"
    before = json.loads((keys / "v3.json").read_text("utf-8"))
    fresh.stop()
    for part in ("platform.key", "platform.pem"):
        (keys / part).unlink()
    fresh.restart()
    after = json.loads((keys / "v3.json").read_text("utf-8"))
    assert said(sdk.query(out_trade_no=name))["trade_state"] == "NOTPAY"
    assert (tmp_path / "known" / f"{after.pop('platform_serial')}.pem").exists()
    del before["platform_serial"]
    assert after == before


def test_an_order_is_paid_and_found_by_both_its_numbers(sandbox, sdk):
    name, code_url = offer(sdk, attach="till 1", scene_info={"payer_client_ip": "192.0.2.10"})
    assert said(sdk.query(out_trade_no=name))["trade_state"] == "NOTPAY"
    sandbox.control("POST", "scan", code_url=code_url, openid="oPhone")
    sandbox.decide(name, "confirm")
    paid = said(sdk.query(out_trade_no=name))
    assert (paid["trade_state"], paid["trade_type"], paid["attach"]) == (
        "SUCCESS",
        "NATIVE",
        "till 1",
    )
    assert (paid["amount"]["total"], paid["payer"]["openid"]) == (1280, "oPhone")
    assert said(sdk.query(transaction_id=paid["transaction_id"])) == paid


def test_an_order_is_closed_as_often_as_one_likes_and_then_stays_unpaid(sandbox, sdk):
    name, code_url = offer(sdk)
    assert [sdk.close(name)[0] for _ in range(2)] == [204, 204]
    assert said(sdk.query(out_trade_no=name))["trade_state"] == "CLOSED"
    status, _ = sandbox.http("POST", "/sandbox/scan", json.dumps({"code_url": code_url}).encode())
    assert status == 400


def test_a_refund_is_asked_for_and_found(sandbox, sdk):
    name = sell(sandbox, sdk)
    asked = said(
        sdk.refund(out_refund_no=f"{name}R1", out_trade_no=name, amount=BACK, reason="returned")
    )
    assert (asked["status"], asked["amount"]["refund"]) == ("SUCCESS", 500)
    found = said(sdk.query_refund(f"{name}R1"))
    assert (found["refund_id"], found["out_trade_no"]) == (asked["refund_id"], name)
    assert said(sdk.query(out_trade_no=name))["trade_state"] == "REFUND"


@pytest.mark.parametrize(
    ("ask", "status", "code"),
    [
        (lambda sdk, name: sdk.query(out_trade_no=f"{name}x"), 404, "ORDER_NOT_EXIST"),
        (lambda sdk, name: sdk.close(name), 400, "ORDERPAID"),
        (lambda sdk, name: sdk.query_refund("nothing"), 404, "RESOURCE_NOT_EXISTS"),
        (
            lambda sdk, name: sdk.refund(f"{name}R1", {**BACK, "refund": 1281}, out_trade_no=name),
            400,
            "INVALID_REQUEST",
        ),
        (lambda sdk, name: sdk.trade_bill("2020-01-01"), 400, "NO_STATEMENT_EXIST"),
    ],
    ids=["no order", "paid", "no refund", "too much", "no bill"],
)
def test_a_refusal_has_a_status_and_a_code(sandbox, sdk, ask, status, code):
    name = sell(sandbox, sdk)
    assert said(ask(sdk, name), status)["code"] == code


def test_an_answer_with_a_wrong_signature_is_not_believed(sandbox, sdk):
    name = sell(sandbox, sdk)
    sandbox.script("wrong-signature", api="orderquery")
    with pytest.raises(Exception, match="failed to verify the signature"):
        sdk.query(out_trade_no=name)
    assert said(sdk.query(out_trade_no=name))["trade_state"] == "SUCCESS"


def test_who_signs_with_another_key_is_turned_away(sandbox, certificates):
    stranger = (sandbox.folder / "v3" / "platform.key").read_text("ascii")
    sdk = client(sandbox, cert_dir=str(certificates), private_key=stranger)
    status, body = sdk.query(out_trade_no=number())
    assert (status, json.loads(body)["code"]) == (401, "SIGN_ERROR")


def test_what_the_wallet_tells_is_verified_and_unsealed(sandbox, sdk):
    with receiving() as merchant:
        name = sell(sandbox, sdk, notify_url=merchant.url)
        paid = said(sdk.query(out_trade_no=name))
        ((headers, body),) = merchant.wait(1)
        sdk.refund(f"{name}R1", BACK, out_trade_no=name, notify_url=merchant.url)
        _, (more, refund) = merchant.wait(2)
    told = sdk.callback(headers, body)
    assert told["event_type"] == "TRANSACTION.SUCCESS"
    assert told["resource"] == paid
    told = sdk.callback(more, refund)
    assert told["event_type"] == "REFUND.SUCCESS"
    assert told["resource"]["refund_status"] == "SUCCESS"
    assert told["resource"]["out_refund_no"] == f"{name}R1"


@pytest.mark.parametrize("words", ["signtest", "wrong-signature"])
def test_what_somebody_else_tells_is_not_believed(sandbox, sdk, words):
    with receiving(401, 204) as merchant:
        sandbox.script(words, api="notify")
        sell(sandbox, sdk, notify_url=merchant.url)
        ((headers, body),) = merchant.wait(1)[:1]
    assert sdk.callback(headers, body) is None


@pytest.mark.parametrize(
    ("link", "first"),
    [
        (lambda sdk, day: sdk.trade_bill(day), "交易时间,"),
        (lambda sdk, day: sdk.fundflow_bill(day), "记账时间,"),
    ],
    ids=["trade", "fund flow"],
)
def test_a_bill_is_fetched_by_its_link_once_and_has_the_hash_that_was_told(
    fresh, tmp_path, link, first
):
    sdk = client(fresh, cert_dir=str(_only_platform(fresh, tmp_path)))
    name = sell(fresh, sdk)
    day = date.fromisoformat(fresh.control("GET", "health")["now"][:10])
    fresh.advance(_until_ten(fresh, day))
    told = said(link(sdk, day.isoformat()))
    assert told["hash_type"] == "SHA1"
    status, packed = sdk.download_bill(told["download_url"])
    content = gzip.decompress(packed)
    assert (status, sha1(content).hexdigest()) == (200, told["hash_value"])
    assert content.decode("utf-8-sig").startswith(first)
    assert name in content.decode("utf-8-sig")
    assert said(sdk.download_bill(told["download_url"]), 404)["code"] == "RESOURCE_NOT_EXISTS"


def _only_platform(sandbox, tmp_path):
    folder = tmp_path / "known"
    folder.mkdir()
    shutil.copy(sandbox.folder / "v3" / "platform.pem", folder)
    return folder


def _until_ten(sandbox, day):
    now = datetime.fromisoformat(sandbox.control("GET", "health")["now"])
    ready = datetime(day.year, day.month, day.day, 10, tzinfo=now.tzinfo) + timedelta(days=1)
    return (ready - now).total_seconds()


def test_a_service_provider_sells_closes_and_refunds_for_a_shop(sandbox, certificates):
    sdk = client(sandbox, cert_dir=str(certificates), partner_mode=True)
    shop = sandbox.merchant()["sub_mch_id"]
    name = sell(sandbox, sdk, sub_mchid=shop)
    paid = said(sdk.query(out_trade_no=name, sub_mchid=shop))
    assert (paid["trade_state"], paid["sub_mchid"]) == ("SUCCESS", shop)
    sdk.refund(f"{name}R1", BACK, out_trade_no=name, sub_mchid=shop)
    assert said(sdk.query_refund(f"{name}R1", sub_mchid=shop))["status"] == "SUCCESS"
    other, _ = offer(sdk, sub_mchid=shop)
    assert sdk.close(other, sub_mchid=shop)[0] == 204


def test_a_merchant_with_a_public_key_needs_no_certificate(tmp_path, keys):
    shutil.copytree(keys, tmp_path / "state" / "v3")
    with running(tmp_path / "state", "--v3-key", "public-key") as sandbox:
        known = json.loads((sandbox.folder / "v3" / "v3.json").read_text("utf-8"))
        public = (sandbox.folder / "v3" / "platform.pub").read_text("ascii")
        sdk = client(sandbox, public_key=public, public_key_id=known["public_key_id"])
        name, _ = offer(sdk)
        assert said(sdk.query(out_trade_no=name))["trade_state"] == "NOTPAY"
        assert said(sdk._core.request("/v3/certificates"), 404)["code"] == "RESOURCE_NOT_EXISTS"


def test_a_link_to_a_bill_lives_only_as_long_as_the_sandbox_was_told(tmp_path, keys):
    shutil.copytree(keys, tmp_path / "state" / "v3")
    with running(tmp_path / "state", "--link-life", "30") as sandbox:
        sdk = client(sandbox, cert_dir=str(_only_platform(sandbox, tmp_path)))
        sell(sandbox, sdk)
        day = date.fromisoformat(sandbox.control("GET", "health")["now"][:10])
        sandbox.advance(_until_ten(sandbox, day))
        link, late = (said(sdk.trade_bill(day.isoformat()))["download_url"] for _ in range(2))
        sandbox.advance(29)
        assert sdk.download_bill(link)[0] == 200
        sandbox.advance(2)
        assert said(sdk.download_bill(late), 404)["code"] == "RESOURCE_NOT_EXISTS"
