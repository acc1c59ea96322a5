"""The XML of the WeChat Pay v2 interface: one level under <xml>, text only.

    <xml><return_code>SUCCESS</return_code><total_fee>1280</total_fee></xml>

What comes in is untrusted: no DTD, no entities, no second level, no field twice, and a size limit.
The channel's own first client read external entities, and shops lost their keys by it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree.ElementTree import ParseError

from defusedxml.ElementTree import fromstring

LIMIT = 256 * 1024  # bytes of an answer; the largest genuine ones have a tenth of it

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")
# What XML 1.0 cannot carry at all, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def encode(fields: Mapping[str, str]) -> bytes:
    """The fields as XML, UTF-8; raises ValueError for what XML cannot carry.

    A carriage return is escaped, since every reader turns a bare one into a line feed and the
    signature would no longer fit.
    """
    parts = ["<xml>"]
    for name, value in fields.items():
        if not _NAME.fullmatch(name):
            raise ValueError(f"not a field name: {name!r}")
        if _FORBIDDEN.search(value):
            raise ValueError(f"{name} holds a character that XML cannot carry")
        parts.append(f"<{name}>{_escape(value)}</{name}>")
    parts.append("</xml>")
    return "".join(parts).encode()


def parse(body: bytes) -> dict[str, str]:
    """The fields of an answer, values untouched; raises ValueError for anything else."""
    if len(body) > LIMIT:
        raise ValueError(f"an answer of more than {LIMIT} bytes")
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, ValueError, LookupError) as error:
        # LookupError: an encoding that Python does not know; refused XML is a ValueError
        raise ValueError(f"not well-formed: {type(error).__name__}") from error
    if root.tag != "xml":
        raise ValueError("the root is not <xml>")
    fields: dict[str, str] = {}
    for child in root:
        if len(child):
            raise ValueError(f"<{child.tag}> is not plain text")
        if child.tag in fields:
            raise ValueError(f"<{child.tag}> is there twice")
        fields[child.tag] = child.text or ""
    if (root.text or "").strip() or any((child.tail or "").strip() for child in root):
        raise ValueError("text between the fields")
    return fields


def without_forbidden(text: str) -> str:
    """`text` with a space in place of each character that XML cannot carry."""
    return _FORBIDDEN.sub(" ", text)


def _escape(value: str) -> str:
    for character, escaped in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#13;")):
        value = value.replace(character, escaped)
    return value
