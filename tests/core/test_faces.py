"""The core's side of the face service: what is sealed, which attempt counts, what ends it."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.channels.channel import Authinfo, PayOrder, TokenKind
from kiosk.domain.money import Money
from kiosk.faces.local import LocalFaces
from kiosk.faces.probe import read_wallet_key, seal
from kiosk.faces.service import Ended, EndReason, Guided, RawdataReady, Recognised
from kiosk.messages import CameraState, Captured, CaptureEnded, Guiding, StartCapture, StopCapture
from kiosk.sandbox.testing import running

MERCHANT = {"appid": "wx1", "mch_id": "1", "store_id": "S1", "face_code_type": "1"}
ORDER = PayOrder("000126010100000000000001", Money(690), "test")


@pytest.fixture(scope="module")
def wallet(tmp_path_factory):
    with running(tmp_path_factory.mktemp("wallet")) as one:
        yield one


class Faces:
    """A LocalFaces whose process is this test."""

    def __init__(self, url="http://127.0.0.1:9", here=True, merchant=MERCHANT):
        self.sent, self.heard = [], []
        self.service = LocalFaces(self._send, self.heard.append, url, merchant, timeout=0.5)
        self.here = here

    def _send(self, message):
        self.sent.append(message)
        return self.here


def test_a_probe_is_sealed_anew_each_time_and_fits_the_channels_limit():
    key = X25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    template = np.ones(128, np.float32) / np.sqrt(128)
    one, two = seal(template, "a", public), seal(template, "a", public)
    assert one != two
    assert len(one) <= 2048
    assert template.tobytes() not in base64.b64decode(one)


@pytest.mark.parametrize("text", ["", "AAAA", "not base64!", base64.b64encode(bytes(31)).decode()])
def test_a_wallet_key_of_another_form_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        read_wallet_key(text)


def test_what_belongs_to_another_attempt_is_dropped():
    faces = Faces()
    faces.service.start("2")
    for late in (Guiding("1", "hold"), Captured("1", "raw"), CaptureEnded("1", "attack")):
        faces.service.receive(late)
    assert faces.heard == []
    faces.service.receive(Guiding("2", "hold", 0.5))
    faces.service.receive(Captured("2", "raw"))
    assert faces.heard == [Guided("2", "hold", 0.5), RawdataReady("2", "raw")]


@pytest.mark.parametrize(
    ("reason", "ends"),
    [
        ("attack", EndReason.ATTACK),
        ("time-out", EndReason.TIMED_OUT),
        ("camera", EndReason.CAMERA),
        ("model", EndReason.MODEL),
    ],
)
def test_an_end_is_told_once(reason, ends):
    faces = Faces()
    faces.service.start("1")
    for _ in range(2):
        faces.service.receive(CaptureEnded("1", reason))
    assert [one.reason for one in faces.heard] == [ends]


def test_a_process_that_is_not_there_or_goes_away_ends_the_attempt():
    absent = Faces(here=False)
    absent.service.start("1")
    assert absent.heard[0].reason is EndReason.CAMERA
    gone = Faces()
    gone.service.receive(CameraState(usable=True))
    assert gone.service.usable() == (True, "")
    gone.service.start("1")
    gone.service.lost()
    assert gone.heard[0].reason is EndReason.CAMERA
    assert gone.service.usable()[0] is False


def test_a_stopped_attempt_says_nothing_more():
    faces = Faces()
    faces.service.start("1")
    faces.service.stop("1")
    faces.service.receive(Captured("1", "raw"))
    assert faces.heard == []
    assert faces.sent == [StartCapture("1"), StopCapture("1")]


def test_a_wallet_that_is_not_reached_ends_the_attempt_without_a_token():
    faces = Faces()
    faces.service.start("1")
    faces.service.authorise("1", Authinfo("x", 60), ORDER)
    assert [type(one) for one in faces.heard] == [Ended]
    assert faces.heard[0].reason is EndReason.UNREACHABLE


def test_a_recognised_face_comes_back_as_a_token_and_a_strange_one_as_not_recognised(wallet):
    from kiosk.channels.wechatpay.channel import WechatPay
    from kiosk.channels.wechatpay.options import WechatPayOptions

    template = np.zeros(128, np.float32)
    template[0] = 1.0
    stranger = np.zeros(128, np.float32)
    stranger[1] = 1.0
    known = wallet.merchant()
    wallet.enrol("anyone", [float(number) for number in template])
    public = read_wallet_key((wallet.folder / "wallet.pub").read_text("ascii"))
    channel = WechatPay(
        WechatPayOptions(
            appid=known["appid"],
            mch_id=known["mch_id"],
            key=known["key"],
            device_id="0001",
            store_id=known["store_id"],
            store_name="S",
            sandbox=True,
            pay_url=wallet.address,
            face_url=wallet.address,
        )
    )
    named = {name: known[name] for name in ("appid", "mch_id", "store_id")}
    merchant = {**named, "face_code_type": "1"}
    for face, expected in ((template, Recognised), (stranger, Ended)):
        heard = []
        service = LocalFaces(lambda _message: True, heard.append, wallet.address, merchant)
        service.start("1")
        authinfo = channel.authinfo(seal(face, "1", public))
        service.authorise("1", authinfo, ORDER)
        assert [type(one) for one in heard] == [expected]
    assert heard[0].reason is EndReason.NOT_RECOGNISED


def test_the_wallet_takes_a_report_of_its_own_merchant_and_silence_is_no_report(wallet):
    def told(url, mch_id):
        faces = Faces(url, merchant=MERCHANT | {"mch_id": mch_id})
        return faces.service.report_order(ORDER.out_trade_no)

    known = wallet.merchant()["mch_id"]
    assert told(wallet.address, known)
    assert not told(wallet.address, "1600000001")
    wallet.script("drop-request", api="report")
    assert not told(wallet.address, known)
    assert not told("http://127.0.0.1:9", known)
    calls = [each for each in wallet.audit()["calls"] if each["api"] == "report"]
    assert [each["answer"] for each in calls] == ["SUCCESS", "PARAM_ERROR", "LOST"]
    assert {each["out_trade_no"] for each in calls} == {ORDER.out_trade_no}


def test_a_token_is_never_in_its_text():
    from kiosk.channels.channel import Token

    assert "1234" not in repr(Token(TokenKind.CODE, "1234"))
