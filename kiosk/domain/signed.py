"""How a terminal signs its requests: one profile of HTTP Message Signatures (RFC 9421).

    Content-Digest:  sha-256=:…:                                       (RFC 9530)
    Signature-Input: kiosk=("@method" "@path" …);created=…;nonce="…";keyid="M1/0001";alg="ed25519"
    Signature:       kiosk=:…:                                         Ed25519 over the base

The base names method, path, query and digest, so that nothing of a request can be exchanged. Both
ends make it with the functions here; the key itself is where each end keeps it. A kiosk's clock may
be days off and its requests must be fresh: so a refusal says what time it is there, and `Signer`
signs once more with that.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

LABEL = "kiosk"
WINDOW = 300  # seconds that a request's time may be off the fleet's
CLOCK = "CLOCK"  # the code of a refusal for the request's time
_COVERED = ("@method", "@path", "@query", "content-digest")
_INPUT = re.compile(
    rf"{LABEL}=(\(.{{1,80}}?\);created=([0-9]{{1,12}});"
    r'nonce="([A-Za-z0-9_-]{16,64})";keyid="([A-Za-z0-9_./-]{1,130})";alg="ed25519")'
)


@dataclass(frozen=True, slots=True)
class Seal:
    """Who signed, when (seconds since 1970), and a word that is used once."""

    keyid: str
    created: int
    nonce: str

    @property
    def parameters(self) -> str:
        """As they stand in Signature-Input and at the end of the base."""
        covered = " ".join(f'"{name}"' for name in _COVERED)
        return (
            f'({covered});created={self.created};nonce="{self.nonce}"'
            f';keyid="{self.keyid}";alg="ed25519"'
        )


def content_digest(body: bytes) -> str:
    """The value of Content-Digest."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def signature_base(method: str, path: str, query: str, digest: str, seal: Seal) -> bytes:
    """What is signed; `path` and `query` as they travel, the query without its question mark."""
    lines = [
        f'"@method": {method.upper()}',
        f'"@path": {path}',
        f'"@query": ?{query}',
        f'"content-digest": {digest}',
        f'"@signature-params": {seal.parameters}',
    ]
    return "\n".join(lines).encode()


def signed_headers(digest: str, seal: Seal, signature: bytes) -> dict[str, str]:
    """The headers that carry it."""
    return {
        "content-digest": digest,
        "signature-input": f"{LABEL}={seal.parameters}",
        "signature": f"{LABEL}=:{base64.b64encode(signature).decode()}:",
    }


def read_signature(headers: Mapping[str, str]) -> tuple[Seal, bytes]:
    """The seal and the signature of a request; nothing of them is verified yet.

    `headers` are asked by lower-case names. Raises ValueError for anything but this profile.
    """
    found = _INPUT.fullmatch(headers.get("signature-input", ""))
    if found is None:
        raise ValueError("no Signature-Input of this profile")
    seal = Seal(found[4], int(found[2]), found[3])
    if seal.parameters != found[1]:
        raise ValueError("Signature-Input covers something else")
    value = headers.get("signature", "")
    if not (value.startswith(f"{LABEL}=:") and value.endswith(":")):
        raise ValueError("no Signature of this profile")
    try:
        signature = base64.b64decode(value[len(LABEL) + 2 : -1], validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("a Signature that is no base64") from error
    return seal, signature


class Signer:
    """Signs one terminal's requests in the time of who reads them; safe for threads."""

    def __init__(
        self,
        keyid: str,
        sign: Callable[[bytes], bytes],
        wall_ms: Callable[[], int],
        nonce: Callable[[], str],
    ) -> None:
        """`sign` makes an Ed25519 signature; `nonce` a word that nobody used before."""
        self._keyid, self._sign, self._wall_ms, self._nonce = keyid, sign, wall_ms, nonce
        self._ahead_ms = 0

    def headers(self, path: str, body: bytes) -> dict[str, str]:
        """What a POST of the body to the path carries."""
        seal = Seal(self._keyid, (self._wall_ms() + self._ahead_ms) // 1000, self._nonce())
        digest = content_digest(body)
        return signed_headers(
            digest, seal, self._sign(signature_base("POST", path, "", digest, seal))
        )

    def set_clock(self, refusal: Mapping[str, object]) -> bool:
        """Whether a refusal was for the clock, which is set now."""
        theirs = refusal.get("now_ms")
        if refusal.get("code") != CLOCK or type(theirs) is not int:
            return False
        self._ahead_ms = theirs - self._wall_ms()
        return True
