"""The face service's process: what an app may call when, and what a shopper makes of it."""

from __future__ import annotations

import contextlib
import json
import socket
import time

import pytest
from face_app import App, serving
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

NOT_INITIALISED, INITIALISING = 271378620, 271378621
DONE = {"return_code": "SUCCESS", "return_msg": "OK", "err_code": 0}
FAST = 20  # the sandbox's rules, and with them 500 ms and 20 s, run this much faster


@pytest.fixture(scope="module")
def address(shared, tmp_path_factory):
    with serving(shared, tmp_path_factory.mktemp("faces") / "ready") as one:
        yield one


@pytest.fixture
def idle(sandbox, address):
    """An app at a service that is not initialised, for a wallet that knows no face."""
    sandbox.control("POST", "clock", speed=FAST)
    sandbox.control("DELETE", "faces")
    one = App(address, sandbox)
    one.call("releaseWxpayface")
    yield one
    one.close()


@pytest.fixture
def app(idle):
    idle.starts()
    return idle


@pytest.fixture
def authinfo(app, kiosk):
    rawdata = app.call("getWxpayfaceRawdata")["rawdata"]
    return kiosk.authinfo(rawdata)["authinfo"]


def calls(sandbox, api):
    return [each for each in sandbox.audit()["calls"] if each["api"] == api]


def test_nothing_goes_before_it_is_initialised_and_that_takes_a_while(sandbox, idle):
    assert idle.call("getWxpayfaceRawdata")["err_code"] == NOT_INITIALISED
    sandbox.control("POST", "clock", speed=1)
    idle.send("initWxpayface", "getWxpayfaceRawdata")
    told = idle.hear()
    assert (told["cmd"], told["err_code"]) == ("getWxpayfaceRawdata", INITIALISING)
    started = idle.hear()
    assert (started["cmd"], started["return_code"]) == ("initWxpayface", "SUCCESS")
    assert idle.call("initWxpayface") == DONE
    assert len(idle.call("getWxpayfaceRawdata")["rawdata"]) <= 2048


def test_who_initialises_again_too_early_is_told_to_wait_and_the_first_hears_nothing(sandbox, idle):
    sandbox.control("POST", "clock", speed=1)
    idle.send("initWxpayface", "initWxpayface")
    assert idle.hear()["err_code"] == INITIALISING
    assert idle.hears_nothing(0.6)
    while (told := idle.call("getWxpayfaceRawdata"))["err_code"] == INITIALISING:
        time.sleep(0.05)
    assert told["return_code"] == "SUCCESS"


def test_after_the_release_it_is_not_initialised(app):
    assert app.call("releaseWxpayface")["return_code"] == "SUCCESS"
    assert app.call("startCodeScanner", face_authtype="SCAN_CODE")["err_code"] == NOT_INITIALISED


def test_a_face_pays_as_a_code_and_one_authinfo_serves_many(app, authinfo, kiosk):
    for _ in range(2):
        number = kiosk.number()
        found = app.looks(authinfo, number)
        assert (found["return_code"], found["telephone_used"]) == ("SUCCESS", "0")
        paid = kiosk.pay(found["face_code"], number)
        assert (paid["result_code"], paid["openid"]) == ("SUCCESS", found["openid"])


def test_the_older_kind_of_code_is_for_facepay(app, authinfo, kiosk):
    number = kiosk.number()
    code = app.looks(authinfo, number, face_code_type="0")["face_code"]
    assert kiosk.facepay(code, number)["result_code"] == "SUCCESS"


@pytest.mark.parametrize("word", ["USER_CANCEL", "SCAN_PAYMENT", "FACEPAY_NOT_AUTH"])
def test_what_the_shopper_does_is_the_return_code(sandbox, app, authinfo, kiosk, word):
    sandbox.script(f"decline {word}", api="facecode")
    found = app.looks(authinfo, kiosk.number())
    assert (found["return_code"], found["err_code"]) == (word, 0)
    assert "face_code" not in found


@pytest.mark.parametrize("words", ["", "decline FACE_LIMIT_EXCEEDED"])
def test_more_than_the_limit_is_said_so(sandbox, app, authinfo, kiosk, words):
    if words:
        sandbox.script(words, api="facecode")
    found = app.looks(authinfo, kiosk.number(), 1280 if words else 100_001)
    assert (found["return_code"], found["return_msg"]) == ("ERROR", "刷脸支付超出限额")


def test_a_stranger_is_looked_for_until_the_time_is_over(sandbox, app, authinfo, kiosk):
    sandbox.control("DELETE", "faces")
    before = len(calls(sandbox, "facecode"))
    found = app.looks(authinfo, kiosk.number())
    assert (found["return_code"], found["return_msg"]) == ("ERROR", "识别超时")
    assert len(calls(sandbox, "facecode")) - before > 1


def test_a_wallet_that_never_answers_uses_the_time_up(sandbox, app, authinfo, kiosk):
    sandbox.script("hang", api="facecode")
    assert app.looks(authinfo, kiosk.number())["return_msg"] == "识别超时"


def test_the_time_is_the_wallets(sandbox, app, authinfo, kiosk):
    sandbox.control("POST", "clock", speed=2)
    sandbox.control("DELETE", "faces")
    number = kiosk.number()
    app.send("getWxpayfaceCode", **app.wanted(authinfo, number))
    while not any(each["out_trade_no"] == number for each in calls(sandbox, "facecode")):
        time.sleep(0.02)
    sandbox.advance(20)
    assert app.hear()["return_msg"] == "识别超时"


def test_of_two_calls_of_one_kind_the_last_is_answered(sandbox, app, authinfo, kiosk):
    first, second = kiosk.number(), kiosk.number()
    sandbox.script("delay 5", api="facecode", out_trade_no=first)
    app.send("getWxpayfaceCode", **app.wanted(authinfo, first))
    app.send("getWxpayfaceRawdata")
    assert app.hear()["cmd"] == "getWxpayfaceRawdata"
    code = app.looks(authinfo, second)["face_code"]
    assert kiosk.pay(code, second)["result_code"] == "SUCCESS"
    assert app.hears_nothing(0.2)


def test_who_wants_to_tell_the_result_must(sandbox, app, authinfo, kiosk):
    waiting = {"ignore_update_pay_result": "0"}
    assert app.looks(authinfo, kiosk.number(), **waiting)["return_code"] == "SUCCESS"
    assert app.looks(authinfo, kiosk.number())["return_code"] == "ERROR"
    result = {**app.shop, "authinfo": authinfo, "payresult": "SUCCESS"}
    assert app.call("updateWxpayfacePayResult", **result)["return_code"] == "SUCCESS"
    assert app.looks(authinfo, kiosk.number())["return_code"] == "SUCCESS"
    assert calls(sandbox, "payresult")[-1]["answer"] == "TOLD SUCCESS"
    wrong = result | {"payresult": "MAYBE"}
    assert app.call("updateWxpayfacePayResult", **wrong)["return_code"] == "PARAM_ERROR"


def test_a_face_is_named_without_a_payment(app, authinfo):
    asked = {**app.shop, "face_authtype": "FACEID-ONCE", "authinfo": authinfo}
    found = app.call("getWxpayfaceUserInfo", **asked)
    assert (found["return_code"], found["nickname"]) == ("SUCCESS", "Shopper")
    assert "face_code" not in found


def test_the_code_scanner_reads_the_shoppers_phone_until_it_is_stopped(app, kiosk):
    scanned = app.call("startCodeScanner", face_authtype="SCAN_CODE")["code_msg"]
    assert kiosk.pay(scanned, kiosk.number())["result_code"] == "SUCCESS"
    app.send("startCodeScanner", "stopCodeScanner", face_authtype="SCAN_CODE")
    assert app.hear() == {"cmd": "stopCodeScanner", **DONE}
    assert app.hears_nothing(0.2)


def test_a_report_reaches_the_audit(sandbox, app, kiosk):
    first, second = kiosk.number(), kiosk.number()
    code = sandbox.code()
    kiosk.pay(code, first)
    kiosk.pay(sandbox.code(), second)
    assert {first, second} <= set(sandbox.audit()["unreported_orders"])
    assert app.call("reportPaycode", auth_code=code)["return_code"] == "SUCCESS"
    named = {"mch_id": app.shop["mch_id"], "out_trade_no": second}
    assert app.call("reportOrder", **named)["return_code"] == "SUCCESS"
    assert not {first, second} & set(sandbox.audit()["unreported_orders"])
    assert app.call("reportOrder", **(named | {"mch_id": "1"}))["return_code"] == "PARAM_ERROR"


def test_a_delayed_kind_of_payment_is_not_allowed_here(app, authinfo, kiosk):
    found = app.looks(authinfo, kiosk.number(), face_authtype="FACEPAY_DELAY")
    assert (found["return_code"], found["return_msg"]) == ("ERROR", "暂不支持此认证模式")


def test_a_wallet_that_does_not_answer_is_a_system_error(sandbox, app, authinfo, kiosk):
    sandbox.script("drop-answer", api="facecode")
    assert app.looks(authinfo, kiosk.number())["return_code"] == "SYSTEMERROR"


@pytest.mark.parametrize(
    "call",
    [
        {"cmd": "payWithoutAsking"},
        {"cmd": ["initWxpayface"]},
        {"version": None},
        {"now": "soon"},
        {"cmd": "getWxpayfaceCode"},
        {"cmd": "reportPaycode", "auth_code": 134567890123456789},
        {"cmd": "startCodeScanner", "face_authtype": "FACEPAY"},
    ],
)
def test_a_call_that_cannot_be_is_a_parameter_error(app, call):
    asked = {"cmd": "initWxpayface", "version": "1", "now": 1} | call
    app.send_raw(json.dumps(asked).encode() + b"\n")
    assert app.hear()["return_code"] == "PARAM_ERROR"


WORDS = st.text(st.characters(codec=None), max_size=8)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), WORDS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=6,
)
CALLS = st.fixed_dictionaries({"cmd": JSON}, optional={"version": JSON, "now": JSON})
TEXT = st.one_of(
    st.binary(max_size=60), st.one_of(CALLS, JSON).map(lambda x: json.dumps(x).encode())
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXT.map(lambda text: text.replace(b"\n", b"").replace(b"\r", b"")))
def test_whatever_a_line_says_it_is_answered_and_the_service_stays(idle, text):
    idle.send_raw(text + b"\n")
    assert idle.hear()["return_code"] == "PARAM_ERROR"


def test_a_line_without_end_ends_only_its_app(app, address):
    with socket.create_connection(address.split(":"), 10) as line:
        line.sendall(b"x" * 70_000)
        line.settimeout(5)
        with contextlib.suppress(ConnectionResetError):
            assert line.recv(1) == b""
    assert app.call("getWxpayfaceRawdata")["return_code"] == "SUCCESS"


def test_it_listens_at_a_path_too(sandbox, tmp_path):
    path = tmp_path / "face.sock"
    with (
        serving(sandbox, tmp_path / "ready", "--listen", str(path)) as address,
        socket.socket(socket.AF_UNIX) as line,
    ):
        assert address == str(path)
        line.connect(address)
        line.sendall(b'{"cmd": "getWxpayfaceRawdata", "version": "1", "now": 1}\n')
        assert json.loads(line.recv(4096))["err_code"] == NOT_INITIALISED
