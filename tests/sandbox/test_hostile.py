from __future__ import annotations

import json
import socket
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wallet_client import Client, to_xml

DOORS = [
    "/face/get_wxpayface_authinfo",
    "/face/getwxpayfacecode",
    "/face/getwxpayfaceuserinfo",
    "/face/updatewxpayfacepayresult",
    "/pay/micropay",
    "/pay/orderquery",
    "/secapi/pay/reverse",
    "/secapi/pay/refund",
    "/pay/refundquery",
    "/pay/downloadbill",
    "/pay/closeorder",
    "/pay/unifiedorder",
    "/tools/authcodetoopenid",
    "/face/reportorder",
    "/v3/pay/transactions/native",
    "/v3/refund/domestic/refunds",
    "/v3/bill/tradebill",
    "/sandbox/scripts",
    "/sandbox/scan",
    "/sandbox/codes",
    "/sandbox/faces",
    "/sandbox/clock",
]
FEW = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
VALUES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=40)
NAMES = st.sampled_from(
    [
        *["out_trade_no", "transaction_id", "total_fee", "auth_code", "body", "nonce_str"],
        *["device_id", "rawdata", "now", "version", "store_id", "store_name", "detail", "sign"],
        *["sub_mch_id", "spbill_create_ip", "authinfo", "face_code_type", "scene_info", "appid"],
    ]
)


@pytest.fixture(autouse=True)
def _alive_and_without_a_trace(sandbox):
    yield
    assert sandbox.control("GET", "health")["ok"]
    assert "Traceback" not in sandbox.log()


@FEW
@given(door=st.sampled_from(DOORS), body=st.binary(max_size=300))
def test_random_bytes_never_crash_it(sandbox, door, body):
    status, answer = sandbox.http("POST", door, body)
    assert status in {200, 201, 400, 401}
    assert b"Traceback" not in answer


SIGNED = [door for door in DOORS if door.startswith(("/pay/", "/secapi/")) and "bill" not in door]


@FEW
@given(
    door=st.sampled_from([DOORS[0], *SIGNED]),
    own=st.dictionaries(NAMES, VALUES, max_size=10),
)
def test_well_signed_nonsense_is_refused_with_a_signed_answer(sandbox, door, own):
    kiosk = Client(sandbox)
    own = {name: value.replace("￾", "").replace("￿", "") for name, value in own.items()}
    own.pop("sign", None)
    answer = kiosk.signed_post(door, kiosk.fields(**own))
    assert answer["return_code"] in {"SUCCESS", "PARAM_ERROR", "ERROR"}
    assert answer.get("err_code") or answer["return_msg"]
    assert "transaction_id" not in answer


@FEW
@given(
    st.dictionaries(
        NAMES, st.none() | st.booleans() | st.floats() | VALUES | st.lists(VALUES), max_size=12
    )
)
def test_random_json_at_the_face_call_is_refused(sandbox, wanted):
    status, answer = sandbox.http("POST", DOORS[1], json.dumps(wanted).encode())
    assert status == 200
    assert json.loads(answer)["return_code"] in {"PARAM_ERROR", "ERROR"}


@FEW
@given(st.binary(max_size=200))
def test_random_bytes_on_the_connection_never_crash_it(sandbox, data):
    Client(sandbox).raw(b"GET / HTTP/1.1\r\nConnection: close\r\n" + data + b"\r\n\r\n", 2)


def test_half_a_surrogate_pair_in_json_is_refused(sandbox):
    names = ["auth_code", "authinfo", "out_trade_no", "appid"]
    body = json.dumps(dict.fromkeys(names, "\ud800")).encode()
    status, answer = sandbox.http("POST", DOORS[1], body)
    assert (status, json.loads(answer)["return_code"]) == (200, "PARAM_ERROR")


def test_a_body_cut_off_in_the_middle_is_no_call(sandbox, kiosk):
    number = kiosk.number()
    body = to_xml(kiosk.pay_fields(sandbox.code(), number))
    head = f"POST /pay/micropay HTTP/1.1\r\nHost: w\r\nContent-Length: {len(body)}\r\n\r\n"
    where = urlsplit(sandbox.address)
    with socket.create_connection((where.hostname, where.port), 2) as line:
        line.sendall(head.encode() + body[:-20])
    assert kiosk.state(number) == "ORDERNOTEXIST"


@pytest.mark.parametrize("number", ["x' OR '1'='1", "..%2f", "%00", "a" * 33, "你"])
def test_a_hostile_number_names_no_order(sandbox, kiosk, number):
    assert kiosk.query(number)["result_code"] == "FAIL"
