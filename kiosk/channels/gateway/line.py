"""One signed request to the service provider, and how sure its fate is.

no connection, a refusal (4xx, or 503 in the fleet's own words)  ─► NotSent: nothing was done
401 for the clock                                                ─► signed once more, then NotSent
401 since this very request was made before; 408; other 5xx      ─► OutcomeUnknown
a time-out, a cut line, an answer too long                       ─► OutcomeUnknown
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from typing import Any

import httpx

from kiosk.channels.channel import NotSent, OutcomeUnknown
from kiosk.channels.gateway.options import GatewayOptions
from kiosk.domain.signed import Signer

MOST_BYTES = 1 << 20  # of an answer
# The fleet lets go of an idle connection after five seconds; what is older is not used again,
# since a connection that died unnoticed turns a payment into an unknown outcome.
_IDLE = 3.0
_AT_ONCE = 16  # connections
_NEVER_LEFT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
)
_CHECK_NETWORK = "Check the kiosk's network: cable, router, name server."
_NOT_DONE = frozenset({"TRY_AGAIN", "BUSY"})
_MENDS: Mapping[str, str] = {
    "TERMINAL_UNKNOWN": "The service provider must let this terminal join again.",
    "CHANNEL_UNKNOWN": "The service provider must set this channel up.",
    "CLOCK": "Set the kiosk's clock; it must follow a time server.",
}


class GatewayLine:
    """One kiosk's line for one channel; safe for threads."""

    def __init__(self, options: GatewayOptions, signer: Signer) -> None:
        """Nothing is connected yet. Raises OSError for a `trust` that cannot be read."""
        self._signer = signer
        trust = str(options.trust) if options.trust else None
        secure = options.url.startswith("https:")
        verify: Any = ssl.create_default_context(cafile=trust) if trust else secure
        self._http = httpx.Client(
            base_url=options.url,
            verify=verify,
            timeout=httpx.Timeout(options.read_timeout, connect=options.connect_timeout),
            limits=httpx.Limits(max_connections=_AT_ONCE, keepalive_expiry=_IDLE),
            follow_redirects=False,
            trust_env=False,
        )

    def close(self) -> None:
        """Let go of the connections; no call may follow."""
        self._http.close()

    def ask(self, path: str, body: bytes) -> bytes:
        """What was answered. Raises NotSent or OutcomeUnknown."""
        answer = self._send(path, body)
        if answer.status_code == 401 and self._signer.set_clock(_table(answer)):
            answer = self._send(path, body)
        if answer.status_code != 200:
            raise _fate(answer)
        return answer.content

    def _send(self, path: str, body: bytes) -> httpx.Response:
        try:
            with self._http.stream(
                "POST", path, content=body, headers=self._signer.headers(path, body)
            ) as answer:
                content = bytearray()
                for part in answer.iter_bytes():
                    content += part
                    if len(content) > MOST_BYTES:
                        raise OutcomeUnknown("the service provider's answer is too long")
                return httpx.Response(answer.status_code, content=bytes(content))
        except _NEVER_LEFT as error:
            cause = f"the service provider is not reachable ({type(error).__name__})"
            raise NotSent(cause, _CHECK_NETWORK) from None
        except (httpx.HTTPError, OSError) as error:
            # `from None`: the library's error holds the request, and with it the payment code
            cause = f"no answer of the service provider ({type(error).__name__})"
            raise OutcomeUnknown(cause) from None


def _fate(answer: httpx.Response) -> NotSent | OutcomeUnknown:
    """What a refusal says about the request."""
    told, status = _table(answer), answer.status_code
    code = str(told.get("code", ""))
    cause = f"the service provider answers {status} {code}".rstrip()
    refused = 400 <= status < 500 and status != 408 and code != "REPLAYED"
    if refused or (status == 503 and code in _NOT_DONE):
        return NotSent(cause, _MENDS.get(code, "Tell the service provider."))
    return OutcomeUnknown(cause)


def _table(answer: httpx.Response) -> dict[str, Any]:
    """What a refusal says; empty where it is not the fleet's."""
    try:
        told = json.loads(answer.content)
    except (ValueError, RecursionError):
        return {}
    return told if type(told) is dict else {}
