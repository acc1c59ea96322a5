"""One signed question, one verified answer, and the truth about how far a failed one came.

    refused, no route, unknown host, TLS not agreed  ─► NotSent: no byte of the request has left
    anything later, any status but 200, an answer
    that is cut, too long, not XML or wrongly signed ─► OutcomeUnknown

Nothing is sent a second time from here. Each call has a connection of its own: an idle one that
died unnoticed would turn a payment into an unknown outcome, to save a tenth of a second.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

import httpx

from kiosk.channels.channel import ChannelError, NotSent, OutcomeUnknown
from kiosk.channels.wechatpay import signing, xml
from kiosk.channels.wechatpay.options import WechatPayOptions

_NEVER_LEFT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
)
_CHECK_NETWORK = "Check the kiosk's network: cable, router, name server."


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer's fields; signed unless `return_code` is not SUCCESS, which may come unsigned.

    `server_time` is the Date of the answer in Unix seconds, where it has one.
    """

    fields: Mapping[str, str] = field(repr=False)
    server_time: float | None = None

    def __getitem__(self, name: str) -> str:
        """The field's value, "" where it is missing."""
        return self.fields.get(name, "")


@dataclass(frozen=True, slots=True)
class _Reply:
    """What came back with status 200, and the Date beside it in Unix seconds."""

    content: bytes = field(repr=False)
    server_time: float | None


class SignedClient:
    """Speaks the v2 interface to one merchant's hosts; safe for threads, keeps no state."""

    def __init__(
        self, options: WechatPayOptions, nonce: Callable[[], str], steady: Callable[[], float]
    ) -> None:
        """`nonce` gives at most 32 characters; `steady` seconds of a clock that never goes back.

        Raises ChannelError for a certificate that cannot be read.
        """
        self._options = options
        self._nonce = nonce
        self._steady = steady
        self._http = httpx.Client(
            verify=_tls(options),
            timeout=httpx.Timeout(options.read_timeout, connect=options.connect_timeout),
            limits=httpx.Limits(max_keepalive_connections=0),
            follow_redirects=False,
            trust_env=False,  # no proxy and no password file from the environment
            headers={"Content-Type": "text/xml; charset=utf-8", "Accept-Encoding": "identity"},
        )

    def close(self) -> None:
        """Give the sockets back."""
        self._http.close()

    def ask(self, url: str, fields: Mapping[str, str]) -> Answer:
        """Send `fields`, signed, to `url`; raises NotSent or OutcomeUnknown."""
        reply = self._post(url, fields, xml.LIMIT, self._options.answer_within)
        try:
            answer = Answer(xml.parse(reply.content), reply.server_time)
        except ValueError as error:
            raise OutcomeUnknown(f"WeChat Pay's answer cannot be read: {error}") from error
        if (answer["return_code"] == "SUCCESS" or answer["sign"]) and not signing.verify(
            answer.fields, self._options.key, self._options.sign_type
        ):
            raise OutcomeUnknown(
                "WeChat Pay's answer is not signed with our key",
                "Check the APIv2 key; if it is right, something answers in WeChat Pay's place.",
            )
        return answer

    def ask_any(self, path: str, fields: Mapping[str, str]) -> Answer:
        """Ask what may be asked twice; of the spare host where the first is out of reach."""
        try:
            return self.ask(self._options.pay_url + path, fields)
        except NotSent:
            if not self._options.backup_url:
                raise
        return self.ask(self._options.backup_url + path, fields)

    def download(self, path: str, fields: Mapping[str, str], *, most: int, within: float) -> bytes:
        """A file of at most `most` bytes in `within` seconds; it is not signed, only TLS vouches.

        Raises NotSent or OutcomeUnknown.
        """
        return self._post(self._options.pay_url + path, fields, most, within).content

    def _signed(self, fields: Mapping[str, str]) -> dict[str, str]:
        sign_type = self._options.sign_type
        sent = {name: value for name, value in fields.items() if value}
        sent |= {"nonce_str": self._nonce(), "sign_type": sign_type.value}
        return {**sent, "sign": signing.sign(sent, self._options.key, sign_type)}

    def _post(self, url: str, fields: Mapping[str, str], most: int, within: float) -> _Reply:
        try:
            body = xml.encode(self._signed(fields))
        except ValueError as error:
            raise NotSent(str(error), "Tell the service provider.") from error
        try:
            with self._http.stream("POST", url, content=body) as response:
                if response.status_code != httpx.codes.OK:
                    raise OutcomeUnknown(f"WeChat Pay answered HTTP {response.status_code}")
                content = self._read(response, most, within)
                return _Reply(content, _unix(response.headers.get("Date", "")))
        except _NEVER_LEFT as error:
            raise NotSent(f"WeChat Pay is not reachable ({_name(error)})", _CHECK_NETWORK) from None
        except (httpx.HTTPError, OSError) as error:
            # `from None`: the library's error holds the request, and with it the payment code
            raise OutcomeUnknown(f"no answer of WeChat Pay ({_name(error)})") from None

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


def _tls(options: WechatPayOptions) -> ssl.SSLContext:
    """Verifies the channel against public authorities (or `ca_path`); shows our certificate.

    Without an https address it trusts nobody at all, and saves reading the authorities.
    """
    urls = (options.pay_url, options.face_url, options.backup_url)
    try:
        if options.ca_path:
            context = ssl.create_default_context(cafile=str(options.ca_path))
        elif any(url.lower().startswith("https:") for url in urls):
            context = httpx.create_ssl_context(trust_env=False)
        else:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if options.certificate_path:
            context.load_cert_chain(options.certificate_path, options.private_key_path)
    except OSError as error:
        raise ChannelError(
            f"a certificate of WeChat Pay cannot be used: {error.strerror or _name(error)}",
            "Check ca_path, certificate_path and private_key_path in the config.",
        ) from error
    return context


def _unix(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
        return None


def _name(error: Exception) -> str:
    return type(error).__name__
