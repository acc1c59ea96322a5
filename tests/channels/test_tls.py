"""Over TLS: the channel must show a certificate that we trust, and sees ours where it asks."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from kiosk.channels.channel import ChannelError, NotSent
from kiosk.channels.wechatpay import WechatPay
from kiosk.domain.payment import Reversed

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Pair:
    """A self-signed certificate, which is its own authority, and its key, as PEM files."""

    certificate: Path
    key: Path


def pair_in(folder: Path, name: str, host: str) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    address = x509.IPAddress(ipaddress.ip_address(host))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pair = Pair(folder / f"{name}.pem", folder / f"{name}.key")
    pair.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pair.key.write_bytes(private)
    return pair


@pytest.fixture(scope="module")
def pairs(tmp_path_factory) -> dict[str, Pair]:
    folder = tmp_path_factory.mktemp("certificates")
    hosts = {"server": "127.0.0.1", "elsewhere": "192.0.2.1", "merchant": "127.0.0.1"}
    return {name: pair_in(folder, name, host) for name, host in hosts.items()}


@pytest.fixture
def serve(raw_peer, pairs):
    """The raw peer behind TLS; returns what certificate each caller showed."""

    def start(name: str) -> list[dict[str, object] | None]:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(pairs[name].certificate, pairs[name].key)
        context.load_verify_locations(pairs["merchant"].certificate)
        context.verify_mode = ssl.CERT_OPTIONAL
        shown: list[dict[str, object] | None] = []

        def play(line):
            with context.wrap_socket(line.socket, server_side=True) as secured:
                line.socket = secured
                shown.append(secured.getpeercert() or None)
                line.read()
                line.answer({"result_code": "SUCCESS", "recall": "N"})

        raw_peer.will(play)
        return shown

    return start


def secured(options, raw_peer, **changes):
    url = raw_peer.url.replace("http:", "https:")
    return options(pay_url=url, face_url=url, read_timeout=2, connect_timeout=2, **changes)


def test_a_server_we_trust_is_spoken_to_and_sees_the_merchants_certificate(
    raw_peer, options, order, pairs, serve
):
    shown = serve("server")
    ours = secured(
        options,
        raw_peer,
        sandbox=False,
        ca_path=pairs["server"].certificate,
        certificate_path=pairs["merchant"].certificate,
        private_key_path=pairs["merchant"].key,
    )
    with WechatPay(ours) as channel:
        assert channel.reverse(order) == Reversed()
    assert shown[0] is not None
    assert (("commonName", "merchant"),) in shown[0]["subject"]


@pytest.mark.parametrize(
    ("server", "trusted"), [("server", None), ("server", "merchant"), ("elsewhere", "elsewhere")]
)
def test_a_server_we_do_not_trust_is_told_nothing(raw_peer, options, pairs, serve, server, trusted):
    serve(server)
    ca_path = pairs[trusted].certificate if trusted else None
    with WechatPay(secured(options, raw_peer, ca_path=ca_path)) as channel, pytest.raises(NotSent):
        channel.check()
    assert raw_peer.asked[0].fields == {}


def test_a_key_that_does_not_fit_its_certificate_is_said_at_the_start(options, raw_peer, pairs):
    wrong = secured(
        options,
        raw_peer,
        certificate_path=pairs["merchant"].certificate,
        private_key_path=pairs["server"].key,
    )
    with pytest.raises(ChannelError) as error:
        WechatPay(wrong)
    assert "private_key_path" in error.value.mend
