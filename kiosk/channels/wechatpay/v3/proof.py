"""Whether an answer or a notify is WeChat Pay's, and of now: what its headers must prove.

Wechatpay-Timestamp       within five minutes of our clock, before and after
Wechatpay-Serial          names a key that we have from WeChat Pay
Wechatpay-Signature       over time, nonce and the body as it came
WECHATPAY/SIGNTEST/…      never holds: WeChat Pay tests now and then whether it is checked
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from kiosk.channels.wechatpay.v3 import signing

SKEW = 300.0  # seconds that the two clocks may be apart, by the channel's document

_SECONDS = re.compile(r"[0-9]{1,12}")
_NONCE = re.compile(r"[!-~]{1,128}")


class StaleSignature(ValueError):
    """Signed more than five minutes before or after now."""


def verify(
    headers: Mapping[str, str],
    body: bytes,
    find: Callable[[str], RSAPublicKey | None],
    now: float,
) -> float:
    """When an answer or notify was signed, in Unix seconds, if WeChat Pay did and within 5 minutes.

    `headers` have lower-case names. Raises ValueError for anything else.
    """
    seconds, nonce, signature, name, scheme = (
        headers.get(f"wechatpay-{each}", "")
        for each in ("timestamp", "nonce", "signature", "serial", "signature-type")
    )
    if not _SECONDS.fullmatch(seconds):
        raise ValueError("it does not say when it was signed")
    if abs(int(seconds) - now) > SKEW:
        raise StaleSignature("it was signed at another time")
    if signature.startswith(signing.PROBE):
        raise ValueError("its signature is a probe")
    if not signature or not _NONCE.fullmatch(nonce) or scheme not in ("", signing.SCHEME):
        raise ValueError("it is not signed")
    key = find(name)
    if key is None:
        raise ValueError("it is signed with a key that is not known")
    if not signing.holds(key, signing.answer_message(seconds, nonce, body), signature):
        raise ValueError("its signature does not hold")
    return float(seconds)
