"""One request over a connection of its own, and the truth about how far a failed one came.

    refused, no route, unknown host, TLS not agreed  ─► NotSent: no byte of the request has left
    anything later, an answer that is cut or too long ─► OutcomeUnknown

Nothing is sent a second time from here. Each call has a connection of its own: an idle one that
died unnoticed would turn a payment into an unknown outcome, to save a tenth of a second.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Protocol

import httpx

from kiosk.channels.channel import ChannelError, NotSent, OutcomeUnknown

_NEVER_LEFT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
)
_CHECK_NETWORK = "Check the kiosk's network: cable, router, name server."


class LineOptions(Protocol):
    """What a line is told; times in seconds."""

    @property
    def connect_timeout(self) -> float:
        """To connect."""

    @property
    def read_timeout(self) -> float:
        """Between two pieces of an answer."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back whole; `headers` have lower-case names."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)

    @property
    def server_time(self) -> float | None:
        """Its Date in Unix seconds, where it has one."""
        try:
            return parsedate_to_datetime(self.headers.get("date", "")).timestamp()
        except (ValueError, OverflowError):
            return None


class Line:
    """Sends requests to the hosts that one TLS context trusts; safe for threads."""

    def __init__(
        self, options: LineOptions, tls: ssl.SSLContext, steady: Callable[[], float]
    ) -> None:
        """`steady` is seconds of a clock that never goes back."""
        self._steady = steady
        self._http = httpx.Client(
            verify=tls,
            timeout=httpx.Timeout(options.read_timeout, connect=options.connect_timeout),
            limits=httpx.Limits(max_keepalive_connections=0),
            follow_redirects=False,
            trust_env=False,  # no proxy and no password file from the environment
            headers={"Accept-Encoding": "identity", "User-Agent": "facepay-kiosk"},
        )

    def close(self) -> None:
        """Give the sockets back."""
        self._http.close()

    def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> httpx.Request:
        """The request as it will be sent, for who must sign its target. Raises NotSent."""
        try:
            content = body if body or method != "GET" else None
            return self._http.build_request(method, url, headers=dict(headers), content=content)
        except (httpx.InvalidURL, ValueError) as error:
            raise NotSent("the address cannot be asked", "Check the URLs in the config.") from error

    def send(self, request: httpx.Request, *, most: int, within: float) -> Reply:
        """Its answer of at most `most` bytes in `within` seconds, whatever its status.

        Raises NotSent or OutcomeUnknown.
        """
        try:
            response = self._http.send(request, stream=True)
            try:
                content = self._read(response, most, within)
            finally:
                response.close()
        except _NEVER_LEFT as error:
            raise NotSent(f"WeChat Pay is not reachable ({_name(error)})", _CHECK_NETWORK) from None
        except (httpx.HTTPError, OSError) as error:
            # `from None`: the library's error holds the request, and with it the payment code
            raise OutcomeUnknown(f"no answer of WeChat Pay ({_name(error)})") from None
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status_code, headers, content)

    def _read(self, response: httpx.Response, most: int, within: float) -> bytes:
        """The raw body, within the time and size that an answer may take as a whole."""
        deadline = self._steady() + within
        content = bytearray()
        for chunk in response.iter_raw():
            content += chunk
            if len(content) > most:
                raise OutcomeUnknown("WeChat Pay's answer is too long")
            if self._steady() > deadline:
                raise OutcomeUnknown("WeChat Pay's answer did not end in time")
        return bytes(content)


def tls_context(
    urls: tuple[str, ...],
    ca_path: Path | None,
    certificate_path: Path | None = None,
    private_key_path: Path | None = None,
) -> ssl.SSLContext:
    """Verifies the channel against public authorities (or `ca_path`); shows our certificate.

    Without an https address it trusts nobody at all, and saves reading the authorities. Raises
    ChannelError for a certificate that cannot be read.
    """
    try:
        if ca_path:
            context = ssl.create_default_context(cafile=str(ca_path))
        elif any(url.lower().startswith("https:") for url in urls):
            context = httpx.create_ssl_context(trust_env=False)
        else:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if certificate_path:
            context.load_cert_chain(certificate_path, private_key_path)
    except OSError as error:
        raise ChannelError(
            f"a certificate of WeChat Pay cannot be used: {error.strerror or _name(error)}",
            "Check ca_path, certificate_path and private_key_path in the config.",
        ) from error
    return context


def _name(error: Exception) -> str:
    return type(error).__name__
