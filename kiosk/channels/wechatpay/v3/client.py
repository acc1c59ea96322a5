"""One signed question and one verified answer over the third-version interface.

    what the line says                                       ─► NotSent or OutcomeUnknown
    no key yet to check an answer with                       ─► NotSent: nothing is asked before
    more than five minutes between the two clocks            ─► OutcomeUnknown("clock")
    another key's signature, none, a probe; no JSON          ─► OutcomeUnknown
    anything else, whatever its status                       ─► an Answer

A refusal is as well signed as a success, and believed no sooner.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import httpx
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from kiosk.channels.channel import ChannelError, NotSent, OutcomeUnknown
from kiosk.channels.wechatpay.line import Line, Reply, tls_context
from kiosk.channels.wechatpay.v3 import documents, signing
from kiosk.channels.wechatpay.v3.documents import Document
from kiosk.channels.wechatpay.v3.keyring import Keyring
from kiosk.channels.wechatpay.v3.keys import (
    PUBLIC_KEY,
    Certificate,
    merchant_key,
    public_keys,
    read_certificates,
)
from kiosk.channels.wechatpay.v3.options import WechatNativeOptions
from kiosk.channels.wechatpay.v3.proof import SKEW, StaleSignature, verify

CERTIFICATES = "/v3/certificates"

_CLOCK_MEND = "Set the kiosk's clock; it must follow a time server."


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer whose signature holds; `request_id` is not signed. `at` is when it was made."""

    status: int
    document: Document = field(repr=False)
    request_id: str = ""
    at: float = 0.0

    @property
    def code(self) -> str:
        """The code of a refusal; "" for none."""
        return self.text("code")

    @property
    def number(self) -> str:
        """The number that stands for the outcome at the end of Request-ID; "" where none does."""
        number = self.request_id.rpartition("-")[2]
        return number if number.isascii() and number.isdigit() else ""

    def text(self, *path: str) -> str:
        """The text at this path; "" where there is none."""
        return documents.text(self.document, *path)

    def fen(self, *path: str) -> int:
        """The amount at this path; raises OutcomeUnknown where there is none."""
        try:
            return documents.fen(self.document, *path)
        except ValueError as error:
            raise OutcomeUnknown(f"WeChat Pay's answer has {error}") from error


class V3Client:
    """Speaks the third-version interface to one merchant's hosts; safe for threads."""

    def __init__(
        self,
        options: WechatNativeOptions,
        wall: Callable[[], float],
        steady: Callable[[], float],
        nonce: Callable[[], str],
    ) -> None:
        """`wall` is Unix seconds, `steady` seconds that never go back, `nonce` ≤ 32 characters.

        Asks nothing yet. Raises ChannelError for a key or certificate that cannot be read.
        """
        self._options = options
        self._wall = wall
        self._nonce = nonce
        self._key = merchant_key(options)
        self.keys = Keyring(public_keys(options), self._certificates, wall, steady)
        urls = (options.pay_url, options.backup_url)
        self._line = Line(options, tls_context(urls, options.ca_path), steady)

    def close(self) -> None:
        """Give the sockets back."""
        self._line.close()

    def ask(self, method: str, target: str, document: Document | None = None) -> Answer:
        """Ask once, at the first host. Raises NotSent or OutcomeUnknown."""
        self._prepare()
        return self._ask(self._options.pay_url, method, target, document)

    def ask_any(self, method: str, target: str, document: Document | None = None) -> Answer:
        """Ask what may be asked twice; of the spare host where the first is out of reach."""
        try:
            return self.ask(method, target, document)
        except NotSent:
            if not self._options.backup_url:
                raise
        self._prepare()
        return self._ask(self._options.backup_url, method, target, document)

    def download(self, url: str, *, most: int, within: float) -> Reply:
        """A file of at most `most` bytes in `within` seconds, which nobody has signed.

        Raises NotSent or OutcomeUnknown.
        """
        return self._line.send(self._request("GET", url, b""), most=most, within=within)

    def _prepare(self) -> None:
        try:
            self.keys.prepare()
        except ChannelError as error:
            raise NotSent(error.cause, error.mend) from error

    def _ask(self, host: str, method: str, target: str, document: Document | None) -> Answer:
        try:
            body = b"" if document is None else documents.encode(document)
        except ValueError as error:
            raise NotSent(
                "an order that JSON cannot carry", "Tell the service provider."
            ) from error
        within = self._options.answer_within
        request = self._request(method, host + target, body)
        reply = self._line.send(request, most=documents.LIMIT, within=within)
        at = self._verified(reply, self.keys.find)
        try:
            said = documents.parse(reply.content)
        except ValueError as error:
            raise OutcomeUnknown(f"WeChat Pay's answer cannot be read: {error}") from error
        return Answer(reply.status, said, reply.headers.get("request-id", ""), at)

    def _request(self, method: str, url: str, body: bytes) -> httpx.Request:
        """Signed over the target as the line will send it."""
        headers = {"Accept": "application/json"}
        if body:
            headers["Content-Type"] = "application/json"
        if self._options.public_key_id:
            headers["Wechatpay-Serial"] = self._options.public_key_id
        request = self._line.request(method, url, headers, body)
        seconds, nonce = str(int(self._wall())), self._nonce()
        target = request.url.raw_path.decode("ascii")
        message = signing.request_message(method, target, seconds, nonce, body)
        request.headers["Authorization"] = signing.authorization(
            {
                "mchid": self._options.mch_id,
                "nonce_str": nonce,
                "signature": signing.sign(self._key.private, message),
                "timestamp": seconds,
                "serial_no": self._key.serial_no,
            }
        )
        return request

    def _verified(self, reply: Reply, find: Callable[[str], RSAPublicKey | None]) -> float:
        """When the answer was made, in Unix seconds, once it is surely WeChat Pay's and of now.

        Raises OutcomeUnknown.
        """
        try:
            return verify(reply.headers, reply.content, find, self._wall())
        except StaleSignature as error:
            raise OutcomeUnknown("clock", _CLOCK_MEND) from error
        except ValueError as error:
            self._demand_clock(reply)
            said = f"WeChat Pay's answer (HTTP {reply.status})"
            raise OutcomeUnknown(f"{said} is not to be believed: {error}", _mend(reply)) from error

    def _demand_clock(self, reply: Reply) -> None:
        """A server that refuses our time may say so before it knows whom to sign for."""
        if reply.server_time is not None and abs(reply.server_time - self._wall()) > SKEW:
            raise OutcomeUnknown("clock", _CLOCK_MEND)

    def _certificates(self) -> Sequence[Certificate]:
        """Fetch them. The answer is proved by itself: only WeChat Pay has the key they are sealed
        with, and its signature must be that of one of them.
        """
        try:
            return self._certificates_of(self._options.pay_url)
        except NotSent:
            if not self._options.backup_url:
                raise
        return self._certificates_of(self._options.backup_url)

    def _certificates_of(self, host: str) -> Sequence[Certificate]:
        within = self._options.answer_within
        request = self._request("GET", host + CERTIFICATES, b"")
        reply = self._line.send(request, most=documents.LIMIT, within=within)
        if reply.status != httpx.codes.OK:
            self._demand_clock(reply)
            raise OutcomeUnknown(
                f"WeChat Pay gives no certificates (HTTP {reply.status})",
                "Check mch_id, serial_no and private_key_path. A merchant without certificates"
                " needs public_key_id and public_key_path.",
            )
        try:
            found = read_certificates(documents.parse(reply.content), self._options.key)
        except ValueError as error:
            raise OutcomeUnknown(
                f"WeChat Pay's certificates cannot be read: {error}",
                "Check the APIv3 key; if it is right, something answers in WeChat Pay's place.",
            ) from error
        now = self._wall()
        self._verified(reply, {one.serial_no: one.key for one in found if one.in_force(now)}.get)
        return found


def _mend(reply: Reply) -> str:
    """What staff look at first; an answer that is not believed may still be a hint."""
    if reply.status == httpx.codes.UNAUTHORIZED:
        return "Check mch_id, serial_no and private_key_path in the config."
    if reply.headers.get("wechatpay-serial", "").startswith(PUBLIC_KEY):
        return "Check public_key_id and public_key_path in the config."
    return ""
