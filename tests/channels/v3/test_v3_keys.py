"""WeChat Pay's keys: fetched, several in force, changed, and asked for no more than needed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from kiosk.channels.channel import ChannelError, NotSent, OutcomeUnknown
from kiosk.channels.wechatpay.v3 import WechatNative
from kiosk.channels.wechatpay.v3.keyring import Keyring
from kiosk.channels.wechatpay.v3.keys import Certificate, merchant_key, read_certificates
from kiosk.domain.payment import Approved
from tests.channels.v3.test_v3_line import MISHAPS
from tests.channels.v3.wallet import HOUR, KEY, PAID, hear, refusal, say, seal, send, serial

CERTIFICATES = "/v3/certificates"
FETCHED = {"public_key_id": "", "public_key_path": None}
"""Options of a merchant without the public key."""


def bank(wallet, listed: list[dict[str, object]], signs=None):
    """A script that lists certificates by one key, and answers a query by the same or another."""

    def play(line):
        if hear(line).target == CERTIFICATES:
            say(line, wallet, {"data": listed})
        else:
            say(line, signs or wallet, PAID)

    return play


def fetches(raw_peer) -> int:
    return [line.path for line in raw_peer.asked].count(CERTIFICATES)


@pytest.fixture
def certified(native_options):
    with WechatNative(native_options(**FETCHED)) as channel:
        yield channel


def test_certificates_are_fetched_before_the_first_call_and_not_again(
    raw_peer, certified, wallets, qr_order
):
    raw_peer.will(bank(wallets[1], [wallets[1].certificate(-HOUR, HOUR)]))
    for _ in range(3):
        assert certified.query(qr_order) == Approved("4200000001", 1280)
    assert raw_peer.asked[0].path == CERTIFICATES
    assert fetches(raw_peer) == 1
    heard = raw_peer.asked[1].fields["heard"]
    assert "wechatpay-serial" not in heard.headers


def test_without_a_certificate_no_order_is_made(raw_peer, certified, qr_order):
    raw_peer.will(hear)
    with pytest.raises(NotSent):
        certified.present(qr_order)
    assert [line.path for line in raw_peer.asked] == [CERTIFICATES]


@pytest.mark.parametrize(
    "mishap", ["half a header", "half a body", "no answer", "HTTP 502", "a redirect", "not HTTP"]
)
def test_whatever_happens_to_the_fetch_the_order_has_not_left(
    raw_peer, certified, qr_order, mishap
):
    raw_peer.will(MISHAPS[mishap])
    with pytest.raises(NotSent):
        certified.present(qr_order)
    assert len(raw_peer.asked) == 1


def test_the_fetch_may_go_to_the_spare_host(raw_peer, native_options, wallets, qr_order):
    raw_peer.will(bank(wallets[1], [wallets[1].certificate(-HOUR, HOUR)]))
    gone = native_options(pay_url="http://nowhere.invalid", backup_url=raw_peer.url, **FETCHED)
    with WechatNative(gone) as channel:
        assert channel.query(qr_order) == Approved("4200000001", 1280)


def test_a_merchant_who_has_no_certificates_is_told_what_he_needs(raw_peer, certified, wallet):
    raw_peer.will(lambda line: (hear(line), say(line, wallet, refusal("RESOURCE_NOT_EXISTS"), 404)))
    with pytest.raises(NotSent) as error:
        certified.check()
    assert "public_key_id" in error.value.mend


def test_a_clock_that_is_off_is_the_cause_also_where_certificates_are_refused(
    raw_peer, native_options, qr_order
):
    headers = {"Date": "Sat, 21 Nov 2026 12:00:00 GMT"}
    raw_peer.will(lambda line: (hear(line), send(line, b"{}", 401, headers)))
    with (
        WechatNative(native_options(**FETCHED), wall=lambda: 1795262400.0 - 400) as channel,
        pytest.raises(NotSent) as error,
    ):
        channel.check()
    assert error.value.cause == "clock"


@pytest.mark.parametrize("fault", ["another's signature", "another's seal", "another's number"])
def test_certificates_must_prove_themselves(raw_peer, certified, wallets, qr_order, fault):
    one, other = wallets[1], wallets[2]
    listed = [one.certificate(-HOUR, HOUR)]
    signer = one
    if fault == "another's signature":
        signer = other
    elif fault == "another's seal":
        listed[0]["encrypt_certificate"] = seal(b"pem", "certificate", key="k" * 32)
    else:
        listed = [one.certificate(-HOUR, HOUR, renamed=serial(9))]
    raw_peer.will(bank(signer, listed))
    with pytest.raises(NotSent):
        certified.query(qr_order)
    assert fetches(raw_peer) == 1 == len(raw_peer.asked)


def test_of_several_certificates_in_force_the_named_one_counts(
    raw_peer, certified, wallets, qr_order
):
    listed = [each.certificate(-HOUR, HOUR) for each in wallets[1:]]
    raw_peer.will(bank(wallets[1], listed, signs=wallets[2]))
    assert certified.query(qr_order) == Approved("4200000001", 1280)


@pytest.mark.parametrize(("begins", "ends"), [(-2 * HOUR, -HOUR), (HOUR, 2 * HOUR)])
def test_a_certificate_that_is_not_in_force_proves_nothing(
    raw_peer, certified, wallets, qr_order, begins, ends
):
    listed = [wallets[1].certificate(-HOUR, HOUR), wallets[2].certificate(begins, ends)]
    raw_peer.will(bank(wallets[1], listed, signs=wallets[2]))
    with pytest.raises(OutcomeUnknown, match="not known"):
        certified.query(qr_order)


def test_a_new_certificate_is_fetched_when_an_answer_names_it(
    raw_peer, native_options, wallets, qr_order
):
    seconds = [0.0]
    old, new = wallets[1:]
    with WechatNative(native_options(**FETCHED), steady=lambda: seconds[0]) as channel:
        raw_peer.will(bank(old, [old.certificate(-HOUR, HOUR)]))
        channel.query(qr_order)
        changed = [each.certificate(-HOUR, HOUR) for each in (old, new)]
        raw_peer.will(bank(old, changed, signs=new))
        with pytest.raises(OutcomeUnknown):
            channel.query(qr_order)  # a minute has not passed: anybody can write a name
        assert fetches(raw_peer) == 1
        seconds[0] = 61.0
        assert channel.query(qr_order) == Approved("4200000001", 1280)
        assert fetches(raw_peer) == 2


def test_while_a_merchant_changes_to_the_public_key_both_are_believed(
    raw_peer, native, wallets, qr_order
):
    public, certificate = wallets[:2]
    raw_peer.will(bank(certificate, [certificate.certificate(-HOUR, HOUR)], signs=public))
    assert native.query(qr_order) == Approved("4200000001", 1280)
    assert fetches(raw_peer) == 0
    raw_peer.will(bank(certificate, [certificate.certificate(-HOUR, HOUR)]))
    assert native.query(qr_order) == Approved("4200000001", 1280)
    assert fetches(raw_peer) == 1


# --- the ring itself


class Fetch:
    """Answers in turn: certificates, or an error to raise."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.asked = 0

    def __call__(self) -> object:
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, ChannelError):
            raise answer
        return answer


def ring(fetch: Callable[[], object], now: list[float], wall: float = 0.0) -> Keyring:
    return Keyring({}, fetch, lambda: wall, lambda: now[0])


def known(wallet, ends: float = 1e9) -> Certificate:
    return Certificate(wallet.name, wallet.private.public_key(), 0.0, ends)


def test_certificates_are_renewed_after_twelve_hours(wallets):
    now = [0.0]
    fetch = Fetch([known(wallets[1])], [known(wallets[2])])
    keys = ring(fetch, now)
    for now[0] in (0.0, 100.0, 12 * HOUR):
        keys.prepare()
    assert fetch.asked == 1
    now[0] = 12 * HOUR + 1
    keys.prepare()
    assert fetch.asked == 2
    assert keys.find(wallets[1].name) is None
    assert keys.find(wallets[2].name) is not None


def test_what_cannot_be_renewed_is_good_until_it_ends_and_tried_once_a_minute(wallets):
    now = [0.0]
    fetch = Fetch([known(wallets[1])], NotSent("no network"))
    keys = ring(fetch, now)
    keys.prepare()
    for now[0] in (13 * HOUR, 13 * HOUR + 30, 13 * HOUR + 61):
        keys.prepare()
        assert keys.find(wallets[1].name) is not None
    assert fetch.asked == 3


def test_where_there_is_no_key_the_error_of_the_fetch_is_told():
    keys = ring(Fetch(NotSent("no network", "Check the cable.")), [0.0])
    with pytest.raises(NotSent, match="no network"):
        keys.prepare()
    assert keys.find("ABC") is None


def test_a_name_that_nobody_knows_is_looked_up_once_a_minute(wallets):
    now = [0.0]
    fetch = Fetch([known(wallets[1])])
    keys = ring(fetch, now)
    keys.prepare()
    for now[0] in (61.0, 90.0, 121.0, 123.0):
        assert keys.find("ABC") is None
    assert fetch.asked == 3  # at the start, and after 61 and 123 seconds


def test_many_threads_fetch_once(wallets):
    started = threading.Event()

    def fetch() -> object:
        started.wait(1)
        time.sleep(0.02)
        fetched.append(1)
        return [known(wallets[1])]

    fetched: list[int] = []
    keys = ring(fetch, [0.0])
    threads = [threading.Thread(target=keys.prepare) for _ in range(8)]
    for thread in threads:
        thread.start()
    started.set()
    for thread in threads:
        thread.join()
    assert len(fetched) == 1


# --- our own key


def test_the_number_of_our_certificate_may_be_read_from_it(native_options, wallets, pem_files):
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    from kiosk.channels.wechatpay.v3 import signing

    ours = wallets[1]
    form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (pem_files / "ours.key").write_bytes(ours.private.private_bytes(*form))
    sealed = ours.certificate(-HOUR, HOUR)["encrypt_certificate"]
    (pem_files / "ours.pem").write_bytes(signing.opened(KEY, sealed))
    files = {
        "private_key_path": pem_files / "ours.key",
        "certificate_path": pem_files / "ours.pem",
        "serial_no": "",
    }
    assert merchant_key(native_options(**files)).serial_no == ours.name
    for wrong in (
        {"serial_no": serial(9)},
        {"private_key_path": pem_files / "merchant.key"},
    ):
        with pytest.raises(ChannelError):
            merchant_key(native_options(**{**files, **wrong}))


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"data": {}},
        {"data": [7]},
        {"data": [{}]},
        {"data": [{"serial_no": 1}]},
        {"data": [{"serial_no": "A", "encrypt_certificate": {}}]},
        {"data": [{"serial_no": "A", "encrypt_certificate": seal(b"no pem", "certificate")}]},
        {"data": [{}] * 21},
    ],
)
def test_what_is_no_list_of_certificates_is_refused(document):
    with pytest.raises(ValueError, match=r"."):
        read_certificates(document, KEY)
