from __future__ import annotations

import json

import pytest
from v3_client import V3Client
from wallet_client import Client, face, to_xml

from kiosk.sandbox.barcode import code128_svg, code128_widths
from kiosk.sandbox.testing import Refusal


def test_a_careful_visit_leaves_a_clean_audit(fresh):
    kiosk = Client(fresh)
    number = kiosk.number()
    fresh.script("drop-answer")
    with pytest.raises(OSError, match=r"\w+"):
        kiosk.pay(fresh.code(openid="oLi", name="Li", balance=5000), number)
    assert fresh.audit()["unresolved_orders"] == [number]
    assert kiosk.state(number) == "SUCCESS"
    audit = fresh.audit()
    assert audit["clean"]
    assert audit["unresolved_orders"] == []
    assert (audit["money_held"], audit["balances"], audit["funded"]) == (1280, 3720, 5000)
    assert [(call["api"], call["answer"]) for call in audit["calls"]] == [
        ("micropay", "SUCCESS"),
        ("orderquery", "SUCCESS"),
    ]
    assert audit["calls"][0]["faults"] == "drop-answer"
    assert audit["calls"][0]["code"].startswith("…")
    assert len(audit["calls"][0]["code"]) == 5


def test_the_audit_names_a_code_sent_twice(fresh):
    kiosk = Client(fresh)
    code = fresh.code()
    first, second = kiosk.number(), kiosk.number()
    kiosk.pay(code, first)
    kiosk.pay(code, second)
    (finding,) = fresh.audit()["codes_sent_twice"]
    assert finding == {"code_tail": code[-4:], "orders": f"{first} {second}", "times": 2}


def test_the_audit_names_a_reverse_before_fifteen_seconds(fresh):
    kiosk = Client(fresh)
    number = kiosk.number()
    kiosk.pay(fresh.code(), number)
    fresh.advance(14)
    kiosk.reverse(number)
    fresh.advance(1)
    kiosk.reverse(number)
    (finding,) = fresh.audit()["reverses_too_early"]
    assert finding["out_trade_no"] == number
    assert 14 <= finding["after_seconds"] < 15


def test_the_audit_names_a_pay_after_a_reverse(fresh):
    kiosk = Client(fresh)
    number = kiosk.number()
    kiosk.reverse(number)
    kiosk.pay(fresh.code(), number)
    assert [call["out_trade_no"] for call in fresh.audit()["pays_after_reverse"]] == [number]
    assert not fresh.audit()["clean"]


@pytest.mark.parametrize(
    "words", ["wrong-signature", "http-500", "systemerror-paid", "userpaying phone", "payerror"]
)
def test_an_order_whose_end_the_kiosk_was_not_told_is_unresolved(fresh, words):
    kiosk = Client(fresh)
    number = kiosk.number()
    fresh.script(words)
    fields = kiosk.pay_fields(fresh.code(), number)
    fresh.http("POST", "/pay/micropay", to_xml(fields))
    assert fresh.audit()["unresolved_orders"] == [number]
    fresh.advance(15)
    assert kiosk.reverse(number)["recall"] == "N"
    assert fresh.audit()["unresolved_orders"] == []
    assert fresh.audit()["open_orders"] == []


def test_an_answer_that_came_too_late_did_not_resolve_its_order(fresh):
    kiosk = Client(fresh)
    number = kiosk.number()
    fresh.script("delay 0.2")
    with pytest.raises(TimeoutError):
        kiosk.post("/pay/micropay", kiosk.pay_fields(fresh.code(), number), seconds=0.05)
    fresh.script("delay 0.3", api="orderquery")
    kiosk.state(kiosk.number())  # long enough for the late answer to find nobody
    assert fresh.audit()["unresolved_orders"] == [number]


def test_the_clock_only_moves_forward_and_keeps_its_advance(fresh):
    fresh.advance(86_400)
    now = fresh.control("GET", "health")["now"]
    fresh.kill()
    fresh.restart()
    assert fresh.control("GET", "health")["now"] >= now
    for wrong in ({"advance": -1}, {"speed": 0}, {"advance": "soon"}, {"speed": None}):
        with pytest.raises(Refusal):
            fresh.control("POST", "clock", **wrong)


def test_everything_but_the_keys_is_forgotten(sandbox):
    kiosk, number = Client(sandbox), "FORGOTTEN1"
    sandbox.enrol("oLi", face(7))
    kiosk.pay(sandbox.code(), number)
    kiosk.refund(number, "R1", 1280)
    sandbox.script("drop-answer")
    sandbox.advance(86_400)
    sandbox.control("POST", "clock", speed=10)
    assert sandbox.control("DELETE", "state")["speed"] == 1
    audit = sandbox.audit()
    assert audit["calls"] == []
    assert (audit["funded"], audit["money_held"], audit["refunds_done"]) == (0, 0, 0)
    assert sandbox.control("GET", "faces") == {"faces": []}
    assert sandbox.control("GET", "scripts") == {"scripts": []}
    assert kiosk.state(number) == "ORDERNOTEXIST"
    assert kiosk.pay(sandbox.code(), number)["result_code"] == "SUCCESS"


def test_a_holder_keeps_his_name_and_money_over_several_codes(sandbox):
    sandbox.code(openid="oLi", name="Li", balance=700)
    sandbox.code(openid="oLi")
    sandbox.enrol("oLi", face(7))
    faces = sandbox.control("GET", "faces")["faces"]
    assert faces == [{"openid": "oLi", "name": "Li", "dim": 128, "balance": 700}]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "codes", b"[1]"),
        ("POST", "codes", b"{"),
        ("POST", "codes", b'{"balance": 1.5}'),
        ("POST", "codes", b'{"balance": true}'),
        ("POST", "codes", b'{"balance": -1}'),
        ("POST", "codes", b'{"openid": 5}'),
        ("POST", "faces", b'{"template": "x"}'),
        ("POST", "faces", b'{"template": [1, 2]}'),
        ("POST", "faces", json.dumps({"template": [0] * 128}).encode()),
        ("POST", "faces", b'{"template": [' + b"NaN," * 127 + b"NaN]}"),
        ("POST", "faces", b'{"template": [' + b"1e308," * 127 + b"1e308]}"),
        ("POST", "clock", b'{"advance": NaN}'),
        ("POST", "scripts", b"[" * 60_000),
        ("POST", "scripts", b'{"script": "drop-answer", "out_trade_no": ["A1"]}'),
        ("POST", "scripts", b'{"script": "drop-answer", "count": 1e400}'),
        ("POST", "scripts", b'{"script": "drop-answer", "out_trade_no": "\\ud800"}'),
        ("POST", "codes", b'{"openid": "\\ud800"}'),
    ],
)
def test_a_wrong_control_request_is_400_with_a_reason(sandbox, method, path, body):
    status, answer = sandbox.http(method, f"/sandbox/{path}", body)
    assert status == 400
    assert json.loads(answer)["error"]


def test_an_order_that_is_not_there_or_does_not_wait(sandbox, kiosk):
    number = kiosk.number()
    for method, path in (("GET", f"orders/{number}"), ("POST", f"orders/{number}/confirm")):
        with pytest.raises(Refusal, match="no such order"):
            sandbox.control(method, path)
    kiosk.pay(sandbox.code(), number)
    with pytest.raises(Refusal, match="does not wait"):
        sandbox.decide(number, "confirm")
    assert number in [order["out_trade_no"] for order in sandbox.control("GET", "orders")["orders"]]


def test_the_phone_page_is_whole_and_its_code_pays(sandbox, kiosk):
    status, page = sandbox.http("GET", "/phone")
    assert status == 200
    text = page.decode()
    assert "付款" in text
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in text
    status, minted = sandbox.http("POST", "/phone/code")
    assert status == 201
    phone = json.loads(minted)
    assert phone["bars"] == code128_svg(phone["code"])
    assert kiosk.pay(phone["code"], kiosk.number())["openid"] == phone["openid"]


def test_the_phone_scans_a_code_on_the_screen_and_pays(sandbox):
    v3 = V3Client(sandbox)
    number = v3.number()
    code_url = v3.native(number).json["code_url"]
    assert "/phone/scan" in sandbox.http("GET", "/phone")[1].decode()
    status, shown = sandbox.http("POST", "/phone/scan", json.dumps({"code_url": code_url}).encode())
    assert (status, json.loads(shown)["state"]) == (200, "USERPAYING")
    sandbox.decide(number, "confirm")
    assert v3.state(number) == "SUCCESS"
    status, said = sandbox.http("POST", "/phone/scan", b'{"code_url": "weixin://wxpay/x"}')
    assert (status, "no order" in json.loads(said)["error"]) == (400, True)


def test_bars_are_read_back_to_their_digits():
    digits = "134005060708091199"
    widths = code128_widths(digits)
    assert sum(widths) == 11 * (1 + 9 + 1) + 13
    patterns = {tuple(code128_widths(f"{value:02d}")[6:12]): value for value in range(100)}
    symbols = [tuple(widths[at : at + 6]) for at in range(0, len(widths) - 7, 6)]
    assert symbols[0] == (2, 1, 1, 2, 3, 2)  # start C
    assert "".join(f"{patterns[symbol]:02d}" for symbol in symbols[1:10]) == digits
    assert widths[-7:] == [2, 3, 3, 1, 1, 1, 2]
    assert code128_widths("12")[12:18] == code128_widths("14")[6:12]  # (105 + 12) mod 103


@pytest.mark.parametrize("digits", ["123", "12a4", "１２"])
def test_bars_are_for_pairs_of_digits_only(digits):
    with pytest.raises(ValueError, match="even"):
        code128_widths(digits)
