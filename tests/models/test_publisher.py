"""A file over https from its publisher: a server on this machine with a certificate of ours."""

from __future__ import annotations

import http.server
import ssl
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from models.archives import PackageClients
from models.errors import FetchFailed, NotOffered
from models.fetch import fetch
from models.manifest import SourceKind
from models.publisher import Publisher


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-signed one for 127.0.0.1, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "publisher")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(
        made.public_bytes(Encoding.PEM)
        + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    return path


class Site:
    """Answers by path: bytes, a redirection (text), or nothing for as long as the test lasts."""

    def __init__(self, certificate):
        self.pages, self.asked, self.over = {}, [], threading.Event()
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                site.asked.append(self.path)
                page = site.pages.get(self.path)
                if page is Site.hangs:
                    site.over.wait(20)
                elif isinstance(page, bytes):
                    self.send_response(200)
                    self.end_headers()
                    self.wfile.write(page)
                elif isinstance(page, str):
                    self.send_response(302)
                    self.send_header("Location", page)
                    self.end_headers()
                else:
                    self.send_error(404)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    hangs = object()

    def close(self):
        self.over.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def site(certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    one = Site(certificate)
    yield one
    one.close()


@pytest.fixture
def source(published, manifest_of, site):
    (model,) = manifest_of(published, SourceKind.FILE)
    return replace(model.source, url=f"{site.url}/twice.pth")


def test_the_file_comes_from_its_publisher_and_is_checked(
    published, manifest_of, site, source, tmp_path
):
    manifest = manifest_of(published, SourceKind.FILE)
    (model,) = manifest
    there = replace(manifest, models={model.name: replace(model, source=source)})
    site.pages["/twice.pth"] = published
    fetch(there, tmp_path / "weights", PackageClients(tmp_path, there, npm=None), print)
    assert (tmp_path / "weights" / model.file).read_bytes() == published
    site.pages["/twice.pth"] = published[:-1] + b"!"
    with pytest.raises(FetchFailed, match="expected SHA-256"):
        fetch(there, tmp_path / "others", PackageClients(tmp_path, there, npm=None), print)


def test_a_redirection_within_https_is_followed(published, site, source, tmp_path):
    site.pages["/twice.pth"] = f"{site.url}/elsewhere"
    site.pages["/elsewhere"] = published
    assert Publisher().download(source, tmp_path).read_bytes() == published


def test_a_redirection_out_of_tls_is_not(published, site, source, tmp_path):
    plain = Site(None)
    plain.pages["/twice.pth"] = published
    site.pages["/twice.pth"] = f"{plain.url}/twice.pth"
    with pytest.raises(NotOffered, match="redirected to http"):
        Publisher().download(source, tmp_path)
    assert plain.asked == []
    plain.close()


@pytest.mark.parametrize("url", ["http://127.0.0.1/a", "file:///etc/hostname", "ftp://127.0.0.1/a"])
def test_nothing_but_https_is_asked(source, tmp_path, url):
    with pytest.raises(NotOffered, match="is not https"):
        Publisher().download(replace(source, url=url), tmp_path)


def test_more_than_was_promised_is_not_read(published, site, source, tmp_path):
    site.pages["/twice.pth"] = published + b"x" * 1_000_000
    assert Publisher().download(source, tmp_path).stat().st_size == source.size + 1


def test_a_file_that_is_gone_names_the_way_around(site, source, tmp_path):
    with pytest.raises(NotOffered, match=r"answers 404.*--from FOLDER"):
        Publisher().download(source, tmp_path)


def test_a_stranger_s_certificate_is_refused(published, site, source, tmp_path, monkeypatch):
    site.pages["/twice.pth"] = published
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(NotOffered, match="CERTIFICATE_VERIFY_FAILED"):
        Publisher().download(source, tmp_path)


def test_a_host_that_says_nothing_is_given_up_and_not_asked_again(site, source, tmp_path):
    site.pages["/twice.pth"] = Site.hangs
    publisher = Publisher(silence=0.3)
    for _ in range(2):
        began = time.monotonic()
        with pytest.raises(NotOffered, match="cannot be reached"):
            publisher.download(source, tmp_path)
        assert time.monotonic() - began < 5
    assert len(site.asked) == 1


def test_an_absent_network_leaves_an_optional_network_out_at_once(
    published, manifest_of, source, tmp_path
):
    manifest = manifest_of(published, SourceKind.FILE, optional=True)
    (model,) = manifest
    nowhere = replace(source, url="https://127.0.0.1:9/twice.pth")
    there = replace(manifest, models={model.name: replace(model, source=nowhere)})
    said = []
    fetch(there, tmp_path / "weights", PackageClients(tmp_path, there, npm=None), said.append)
    assert "left out" in said[-1]
    assert "cannot be reached" in said[-1]
