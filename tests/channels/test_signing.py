"""The v2 signature against worked vectors, one of them the channel's own sample."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.channels.wechatpay.signing import SignType, sign, text_to_sign, verify

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))
KEY = VECTORS["key"]
FIELDS = st.dictionaries(
    st.text("abcdefgh_", min_size=1, max_size=8).filter(lambda name: name != "sign"),
    st.text(st.characters(exclude_categories=("Cs",)), max_size=12),
    max_size=8,
)


def fields_of(text: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in text.split("&") if not pair.startswith("key="))


@pytest.mark.parametrize("vector", VECTORS["requests"], ids=lambda vector: vector["name"])
def test_a_request_is_signed_as_in_the_vector(vector):
    fields = fields_of(vector["string"])
    algorithm = SignType(fields.get("sign_type", "MD5"))
    shuffled = dict(reversed(list(fields.items()))) | {"attach": "", "sign": "anything"}
    assert text_to_sign(shuffled, KEY) == vector["string"]
    assert sign(shuffled, KEY, algorithm) == vector["sign"]


@pytest.mark.parametrize("algorithm", SignType, ids=lambda algorithm: algorithm.value)
def test_the_channels_own_sample_has_the_published_signature(algorithm):
    sample = VECTORS["official"]
    assert sign(sample["fields"], sample["key"], algorithm) == sample[algorithm.value]


def test_names_are_sorted_as_bytes_with_capitals_first():
    assert (
        text_to_sign({"b": "1", "B": "2", "a_1": "3", "a1": "4"}, "k") == "B=2&a1=4&a_1=3&b=1&key=k"
    )


@given(FIELDS, st.sampled_from(SignType))
def test_what_is_signed_verifies(fields, algorithm):
    assert verify({**fields, "sign": sign(fields, KEY, algorithm)}, KEY, algorithm)


@given(FIELDS, st.sampled_from(SignType), st.text("xyz", min_size=1), st.text(min_size=1))
def test_a_field_that_was_added_is_noticed(fields, algorithm, name, value):
    signed = {**fields, "sign": sign(fields, KEY, algorithm)}
    value = value.encode(errors="ignore").decode() or "1"
    assert not verify({**signed, name: value}, KEY, algorithm)


@pytest.mark.parametrize("given_sign", ["", "0" * 64, "签名"])
def test_a_missing_or_odd_signature_is_wrong(given_sign):
    fields = {"a": "1"}
    assert not verify({**fields, "sign": given_sign}, KEY, SignType.MD5)


def test_the_signature_of_another_algorithm_or_key_is_wrong():
    fields = {"a": "1"}
    assert not verify(
        {**fields, "sign": sign(fields, KEY, SignType.MD5)}, KEY, SignType.HMAC_SHA256
    )
    assert not verify({**fields, "sign": sign(fields, "k" * 32, SignType.MD5)}, KEY, SignType.MD5)
