"""One signed question and one verified answer over the v2 interface.

    what the line says                                ─► NotSent or OutcomeUnknown, see line.py
    any status but 200, an answer that is not XML
    or wrongly signed                                 ─► OutcomeUnknown

Nothing is sent a second time from here, except what may be asked twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx

from kiosk.channels.channel import NotSent, OutcomeUnknown
from kiosk.channels.wechatpay import signing, xml
from kiosk.channels.wechatpay.line import Line, Reply, tls_context
from kiosk.channels.wechatpay.options import WechatPayOptions
from kiosk.channels.wechatpay.signing import SignType


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
        urls = (options.pay_url, options.face_url, options.backup_url)
        ours = (options.certificate_path, options.private_key_path)
        self._line = Line(options, tls_context(urls, options.ca_path, *ours), steady)

    def close(self) -> None:
        """Give the sockets back."""
        self._line.close()

    def ask(self, url: str, fields: Mapping[str, str]) -> Answer:
        """Send `fields`, signed, to `url`; raises NotSent or OutcomeUnknown."""
        body = self._signed(fields, self._options.sign_type)
        reply = self._post(url, body, xml.LIMIT, self._options.answer_within)
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

    def download(
        self,
        path: str,
        fields: Mapping[str, str],
        *,
        most: int,
        within: float,
        sign_type: SignType | None = None,
    ) -> bytes:
        """A file of at most `most` bytes in `within` seconds; it is not signed, only TLS vouches.

        `sign_type` is the one algorithm that a call allows, where it does. Raises NotSent or
        OutcomeUnknown.
        """
        body = self._signed(fields, sign_type or self._options.sign_type)
        return self._post(self._options.pay_url + path, body, most, within).content

    def _signed(self, fields: Mapping[str, str], sign_type: SignType) -> bytes:
        """The request's XML; raises NotSent for what XML cannot carry."""
        sent = {name: value for name, value in fields.items() if value}
        sent |= {"nonce_str": self._nonce(), "sign_type": sign_type.value}
        try:
            return xml.encode({**sent, "sign": signing.sign(sent, self._options.key, sign_type)})
        except ValueError as error:
            raise NotSent(str(error), "Tell the service provider.") from error

    def _post(self, url: str, body: bytes, most: int, within: float) -> Reply:
        headers = {"Content-Type": "text/xml; charset=utf-8"}
        reply = self._line.send(
            self._line.request("POST", url, headers, body), most=most, within=within
        )
        if reply.status != httpx.codes.OK:
            raise OutcomeUnknown(f"WeChat Pay answered HTTP {reply.status}")
        return reply
