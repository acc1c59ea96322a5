"""The wallet's second-version wire: one flat XML document each way, signed with a shared key.

    <xml> <name>text</name> <name><![CDATA[text]]></name> … <sign>…</sign> </xml>

Signature (v2 rules): every non-empty field except `sign`, in byte order of the names, joined as
`name=value&…&key=KEY`; then MD5, or HMAC-SHA256 under the same key, in upper-case hex. Values are
signed raw: UTF-8, not escaped. An answer carries the algorithm of its request.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from enum import Enum
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

Fields = dict[str, str]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class SignType(Enum):
    """How a message is signed; MD5 where the field `sign_type` is absent."""

    MD5 = "MD5"
    HMAC_SHA256 = "HMAC-SHA256"


class Malformed(Exception):
    """A request the wallet cannot read at all; its answer is unsigned and says only why."""

    def __init__(self, return_msg: str) -> None:
        super().__init__(return_msg)
        self.return_msg = return_msg


def parse(body: bytes) -> Fields:
    """The fields of one XML document; raises Malformed in the wallet's words."""
    if not body.strip():
        raise Malformed("post数据为空")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("编码格式错误，请使用UTF-8") from error
    try:
        root = fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise Malformed("XML格式错误") from error
    return _flat(root)


def _flat(root: Element) -> Fields:
    if root.tag != "xml" or root.attrib or (root.text or "").strip():
        raise Malformed("XML格式错误")
    fields: Fields = {}
    for child in root:
        flat = len(child) == 0 and not child.attrib and not (child.tail or "").strip()
        if not flat or not _NAME.fullmatch(child.tag) or child.tag in fields:
            raise Malformed("XML格式错误")
        fields[child.tag] = child.text or ""
    return fields


def render(fields: Mapping[str, str], root: str = "xml") -> bytes:
    """The XML document of `fields`; every value as CDATA, as the wallet writes them."""
    lines = [f"<{name}><![CDATA[{_escaped(value)}]]></{name}>" for name, value in fields.items()]
    return "\n".join([f"<{root}>", *lines, f"</{root}>"]).encode()


def _escaped(value: str) -> str:
    return _NOT_XML.sub("�", value).replace("]]>", "]]]]><![CDATA[>")


def signature(fields: Mapping[str, str], key: str, sign_type: SignType) -> str:
    """The signature of `fields` under the 32-character `key`, 32 or 64 upper-case hex digits."""
    pairs = sorted((name, value) for name, value in fields.items() if value and name != "sign")
    message = "&".join(f"{name}={value}" for name, value in [*pairs, ("key", key)]).encode()
    if sign_type is SignType.MD5:
        return hashlib.md5(message).hexdigest().upper()  # noqa: S324  the wallet's own choice
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest().upper()


def signed(fields: Mapping[str, str], key: str, sign_type: SignType) -> Fields:
    """`fields` without empty values, with their signature last."""
    kept = {name: value for name, value in fields.items() if value}
    return {**kept, "sign": signature(kept, key, sign_type)}


def sign_type_of(fields: Mapping[str, str]) -> SignType:
    """The algorithm a request names; raises Malformed for one the wallet does not know."""
    try:
        return SignType(fields.get("sign_type") or "MD5")
    except ValueError as error:
        raise Malformed("签名类型不支持") from error


def verify(fields: Mapping[str, str], key: str) -> SignType:
    """The algorithm of a request whose signature holds; raises Malformed when it does not."""
    sign_type = sign_type_of(fields)
    expected = signature(fields, key, sign_type).encode()
    if not hmac.compare_digest(expected, fields.get("sign", "").encode()):
        raise Malformed("签名错误")
    return sign_type
