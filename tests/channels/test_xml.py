"""The XML codec: what goes out comes back, and nothing that comes in can hurt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.channels.wechatpay import xml

NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,11}", fullmatch=True)
CARRIED = st.text(st.characters(exclude_categories=("Cs",))).map(xml.without_forbidden)

BOMB = b"""<!DOCTYPE xml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<xml><return_code>&b;</return_code></xml>"""
FILE = b"""<!DOCTYPE xml [<!ENTITY f SYSTEM "file:///etc/hostname">]><xml><a>&f;</a></xml>"""


@given(st.dictionaries(NAMES, CARRIED))
def test_every_field_comes_back_to_the_character(fields):
    assert xml.parse(xml.encode(fields)) == fields


def test_a_request_on_the_wire_has_one_level_and_escaped_marks():
    body = xml.encode({"body": "A&B <苹果>", "note": "1\r\n2"})
    expected = "<xml><body>A&amp;B &lt;苹果&gt;</body><note>1&#13;\n2</note></xml>"
    assert body == expected.encode()


def test_cdata_and_plain_text_are_the_same_value():
    assert xml.parse(b"<xml><a><![CDATA[x<y&z]]></a><b>x&lt;y</b><c/></xml>") == {
        "a": "x<y&z",
        "b": "x<y",
        "c": "",
    }


def test_spaces_in_a_value_stay_because_they_are_signed():
    assert xml.parse(b"<xml>\n <a> 1 </a>\n</xml>") == {"a": " 1 "}


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"", "well-formed"),
        (b"<xml><a>1</a>", "well-formed"),
        (b"<html><body>502</body></html>", "root"),
        (b"<xml><a>1</a><a>2</a></xml>", "twice"),
        (b"<xml><a><b>1</b></a></xml>", "plain text"),
        (b"<xml>stray<a>1</a></xml>", "between"),
        (b"<xml><a>1</a>stray</xml>", "between"),
        (BOMB, "well-formed"),
        (FILE, "well-formed"),
        (b"<!DOCTYPE xml><xml><a>1</a></xml>", "well-formed"),
        (b"<?xml version='1.0' encoding='klingon'?><xml/>", "well-formed"),
        (b"<xml><a>\xff</a></xml>", "well-formed"),
        (b"<xml><a>" + b"1" * xml.LIMIT + b"</a></xml>", "more than"),
        (b"<a>" * 60_000, "well-formed"),
        (b"<xml>" + b"<a>" * 30_000 + b"</a>" * 30_000 + b"</xml>", "plain text"),
    ],
)
def test_anything_else_is_refused(body, complaint):
    with pytest.raises(ValueError, match=complaint):
        xml.parse(body)


@pytest.mark.parametrize(
    "fields", [{"a b": "1"}, {"a><b": "1"}, {"": "1"}, {"a": "\x00"}, {"a": "\ud800"}]
)
def test_what_xml_cannot_carry_is_not_sent(fields):
    with pytest.raises(ValueError, match=r"field name|cannot carry"):
        xml.encode(fields)


def test_what_xml_cannot_carry_becomes_a_space():
    assert xml.without_forbidden("a\x00b\ud800c\ufffe\n苹果😀") == "a b c \n苹果😀"


@given(st.binary(max_size=400))
def test_random_bytes_are_refused_or_read_but_never_worse(noise):
    for body in (noise, b"<xml>" + noise + b"</xml>", b"<xml><a>" + noise + b"</a></xml>"):
        try:
            fields = xml.parse(body)
        except ValueError:
            continue
        assert all(isinstance(value, str) for value in fields.values())


@given(st.data())
def test_a_genuine_answer_with_bytes_changed_is_refused_or_read_but_never_worse(data):
    body = bytearray(xml.encode({"return_code": "SUCCESS", "total_fee": "1280", "body": "苹果<&>"}))
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        xml.parse(bytes(body))
    except ValueError:
        return
