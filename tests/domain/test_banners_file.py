"""The file of banners: what it may hold, and what is said of one that is wrong."""

from __future__ import annotations

import json
from datetime import date

import pytest

from kiosk.banners import load_banners
from kiosk.config import SAMPLE
from kiosk.content import ContentError


@pytest.fixture
def written(tmp_path):
    def write(*banners):
        path = tmp_path / "banners.json"
        path.write_text(json.dumps(banners), "utf-8")
        return path

    return write


def test_the_sample_shops_banners_are_read_with_their_pictures():
    first, second = load_banners(SAMPLE.with_name("banners.json"))
    assert first.coupon == "FRUIT10"
    for each in (first, second):
        assert each.en
        assert SAMPLE.parent.joinpath(each.picture).is_file()


def test_a_banner_is_a_sentence_and_what_else_there_is(written, tmp_path):
    path = written({"zh": "早餐", "first": "2026-03-01", "picture": "a.png"}, {"zh": "晚餐"})
    first, second = load_banners(path)
    assert (first.first, first.picture) == (date(2026, 3, 1), str(tmp_path / "a.png"))
    assert (second.first, second.coupon, second.names["en"]) == (None, "", "晚餐")


@pytest.mark.parametrize(
    ("banner", "said"),
    [
        ({"en": "no Chinese"}, "zh"),
        ({"zh": ""}, "banner 1, zh"),
        ({"zh": "字" * 41}, "banner 1, zh"),
        ({"zh": "一", "en": "x" * 81}, "banner 1, en"),
        ({"zh": "一", "colour": "red"}, "colour"),
        ({"zh": "一", "coupon": "满减"}, "coupon"),
        ({"zh": "一", "coupon": "x" * 41}, "coupon"),
        ({"zh": "一", "first": "2026-03-02", "last": "2026-03-01"}, "last"),
        ({"zh": "一", "first": "tomorrow"}, "first"),
        ({"zh": "一", "picture": "../secret.png"}, "picture"),
        ({"zh": "一", "picture": "/etc/passwd"}, "picture"),
    ],
)
def test_what_is_wrong_is_named(written, banner, said):
    with pytest.raises(ContentError, match=said):
        load_banners(written(banner))


def test_a_file_that_is_missing_or_no_list_is_named(tmp_path):
    with pytest.raises(ContentError, match=r"none\.json"):
        load_banners(tmp_path / "none.json")
    (tmp_path / "text.json").write_text("{}", "utf-8")
    with pytest.raises(ContentError, match=r"text\.json"):
        load_banners(tmp_path / "text.json")
