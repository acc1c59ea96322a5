from __future__ import annotations

import http.client
import json
import ssl
import stat
from urllib.parse import urlsplit

import pytest
from wallet_client import Client, from_xml, to_xml

from kiosk.sandbox.testing import running


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    with running(folder / "state", tls=folder / "certificates") as sandbox:
        yield sandbox


def call(sandbox, context, path, fields, host="127.0.0.1"):
    line = http.client.HTTPSConnection(
        host, urlsplit(sandbox.address).port, timeout=5, context=context
    )
    try:
        line.request("POST", path, to_xml(fields))
        return from_xml(line.getresponse().read())
    finally:
        line.close()


def test_a_whole_sale_and_its_refund_over_https(sandbox, kiosk):
    assert sandbox.address.startswith("https://127.0.0.1:")
    number = kiosk.number()
    assert kiosk.pay(sandbox.code(), number)["result_code"] == "SUCCESS"
    assert kiosk.refund(number, f"{number}R1", 1280)["result_code"] == "SUCCESS"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_its_certificate_names_this_machine(sandbox, kiosk, host):
    fields = kiosk.fields(out_trade_no="NOBODY")
    answer = call(sandbox, sandbox.trust(), "/pay/orderquery", fields, host)
    assert answer["err_code"] == "ORDERNOTEXIST"


def test_without_a_client_certificate_only_secapi_is_refused(sandbox, kiosk):
    number, bare = kiosk.number(), sandbox.trust(certified=False)
    kiosk.pay(sandbox.code(), number)
    sandbox.advance(15)
    refund = {"out_refund_no": "R1", "refund_fee": "1280", "total_fee": "1280"}
    for path, more in (("/secapi/pay/reverse", {}), ("/secapi/pay/refund", refund)):
        refused = call(sandbox, bare, path, kiosk.fields(out_trade_no=number, **more))
        assert (refused["result_code"], refused["err_code"]) == ("FAIL", "CERT_ERROR")
        assert refused["sign"]
    found = call(sandbox, bare, "/pay/orderquery", kiosk.fields(out_trade_no=number))
    assert found["trade_state"] == "SUCCESS"


def test_a_certificate_of_another_authority_does_not_get_in(sandbox, kiosk, tmp_path):
    with running(tmp_path / "other", tls=tmp_path / "tls") as other:
        stranger = sandbox.trust(certified=False)
        stranger.load_cert_chain(other.tls / "client.pem", other.tls / "client.key")
        with pytest.raises((ssl.SSLError, ConnectionError)):
            call(sandbox, stranger, "/pay/orderquery", kiosk.fields(out_trade_no="A1"))
        with pytest.raises(ssl.SSLCertVerificationError):
            call(sandbox, other.trust(), "/pay/orderquery", kiosk.fields(out_trade_no="A1"))


def test_a_cut_line_is_cut_over_https_too(sandbox, kiosk):
    number = kiosk.number()
    sandbox.script("drop-answer")
    with pytest.raises(OSError, match=r"\w+"):
        kiosk.pay(sandbox.code(), number)
    assert kiosk.state(number) == "SUCCESS"


def test_the_certificates_are_made_once_and_the_keys_are_nobody_elses(tmp_path):
    tls = tmp_path / "tls"
    names = [f"{name}.{kind}" for name in ("ca", "server", "client") for kind in ("pem", "key")]
    with running(tmp_path / "state", tls=tls) as sandbox:
        before = {name: (tls / name).read_bytes() for name in names}
        sandbox.stop()
        sandbox.restart()
        assert Client(sandbox).state("NOBODY") == "ORDERNOTEXIST"
        assert json.loads(sandbox.http("GET", "/sandbox/health")[1])["ok"]
    assert {name: (tls / name).read_bytes() for name in names} == before
    assert {path.name for path in tls.iterdir()} == set(names)
    for name in names:
        secret = name.endswith(".key")
        assert stat.S_IMODE((tls / name).stat().st_mode) == (0o600 if secret else 0o644)
