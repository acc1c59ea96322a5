"""The catalogues, and where their sentences are broken into lines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.messages import Text
from kiosk.ui.linebreak import CLOSING, break_lines
from kiosk.ui.words import LANGUAGES, LAST_RESORT, Catalogue, named, placeholders, yuan

ROOT = Path(__file__).resolve().parents[2]
UI = ROOT / "kiosk" / "ui"
CATALOGUE = Catalogue.load()
TOPS = sorted({key.partition(".")[0] for key in CATALOGUE.keys("en")})
LITERAL = re.compile(rf"['\"]((?:{'|'.join(TOPS)})\.[a-z_0-9]+(?:\.[a-z_]+)?)['\"]")
WIDGETS = re.compile(r"name: |\bname=|tap\(|touch\(|switch to|\.csv|\.json|_HOSTS = ")

PROMISED = """
hint.unknown_barcode hint.bad_check_digit hint.payment_code_in_basket hint.not_a_payment_code
hint.code_already_used hint.wrong_wallet hint.wrong_qr hint.scan_first hint.limit_reached
hint.attendant_called hint.not_offered hint.unsold hint.expired hint.scale_missing hint.scale_empty
hint.not_settled hint.weighed_already hint.overweight hint.scale_under_zero
say.confirming say.confirm_on_phone say.checking say.cancelling say.last_payment say.paid
say.not_recognised say.face_ended say.face_timed_out say.face_unavailable say.reversed
say.ask_staff say.channel_unavailable
say.declined.balance say.declined.card say.declined.code_expired say.declined.code_used
say.declined.wrong_code say.declined.limit say.declined.password say.declined.unavailable
say.declined.other
money.none_taken money.returned money.being_checked money.taken_staff money.paid
todo.other_way todo.try_again todo.wait todo.ask_staff todo.take_slip todo.slip_failed
todo.goes_back
out.ledger out.channels out.printer out.clock out.config out.starting out.core
hint.part_refused say.qr_expired say.parts_left say.abandoned money.part_back
hint.member_known hint.member_unknown hint.member_ask_staff say.member basket.gift
tender.face tender.code tender.qr staff.line line.discount
hint.sold_out hint.no_such_table hint.options hint.order_first hint.pay_before_code
hint.sold_out_in_order todo.pick_up todo.to_table
"""


def test_both_languages_have_the_same_sentences():
    zh, en = (CATALOGUE.keys(language) for language in LANGUAGES)
    assert zh == en
    assert len(zh) > 100


@pytest.mark.parametrize("key", sorted(CATALOGUE.keys("zh") - {"line.discount", "staff.park.gone"}))
def test_a_sentence_names_the_same_things_in_both_languages(key):
    zh, en = (CATALOGUE.sentence(language, key) for language in LANGUAGES)
    assert zh
    assert en
    assert placeholders(zh) == placeholders(en)


def test_a_discount_is_named_in_the_language_of_the_visit():
    said = Text("line.discount", {"zh": "面包周特价", "en": "Bread week"})
    assert CATALOGUE.text("zh", said) == "面包周特价"
    assert CATALOGUE.text("en", said) == "Bread week"


@pytest.mark.parametrize("key", PROMISED.split())
def test_every_sentence_the_core_may_say_is_there(key):
    assert CATALOGUE.has(key)


def test_there_is_one_instruction_for_every_guidance_of_the_face_pipeline():
    source = (ROOT / "vision" / "types.py").read_text("utf-8")
    body = source.split("class Guidance")[1].split("\n\n\n")[0]
    members = re.findall(r"^    ([A-Z_]+) = \"", body, re.MULTILINE)
    assert len(members) > 8
    assert {f"guidance.{member.lower()}" for member in members} <= CATALOGUE.keys("zh")


def used_keys():
    for path in sorted((ROOT / "kiosk").rglob("*")):
        if path.suffix not in (".py", ".kv"):
            continue
        for line in path.read_text("utf-8").splitlines():
            if not WIDGETS.search(line):
                keys = (key for key in LITERAL.findall(line) if not key.endswith(".json"))
                yield from ((path.name, key) for key in keys)


def test_every_key_in_the_code_has_a_sentence():
    used = list(used_keys())
    assert len(used) > 80
    assert [(where, key) for where, key in used if not CATALOGUE.has(key)] == []


def test_a_shopper_never_reads_a_key():
    assert CATALOGUE.say("en", "say.no_such_thing") == CATALOGUE.say("en", LAST_RESORT)
    assert CATALOGUE.say("en", "hint.unknown_barcode") == (
        "This item is not known here (). Please ask our staff."
    )


JAPANESE = """
msgid ""
msgstr ""
"Language: ja\\n"
"Content-Type: text/plain; charset=UTF-8\\n"

msgctxt "basket.pay"
msgid "Pay"
msgstr "お会計"

msgctxt "basket.count"
msgid "Items: {count}"
msgstr "{number} 点"

#, fuzzy
msgctxt "basket.cancel"
msgid "Cancel"
msgstr "たぶん"

msgctxt "no.such_key"
msgid "?"
msgstr "？"
"""


@pytest.fixture
def japanese(tmp_path):
    (tmp_path / "ja.po").write_text(JAPANESE, "utf-8")
    (tmp_path / "README.toml").write_text("is no language", "utf-8")
    (tmp_path / "ko.toml").write_text("[not closed", "utf-8")
    return Catalogue.load(("zh", "en", "ja", "ko"), tmp_path)


def test_a_further_language_is_one_file_of_those_that_translators_use(japanese):
    assert japanese.offered == ("zh", "en", "ja")
    assert japanese.say("ja", "basket.pay") == "お会計"
    assert dict(japanese.names())["ja"] == "日本語"


def test_a_sentence_that_a_language_lacks_is_said_in_english(japanese, caplog):
    english = japanese.say("en", "basket.cancel")
    assert japanese.say("ja", "basket.cancel") == english
    assert japanese.say("ja", "basket.cancel") == english
    assert caplog.text.count("key=basket.cancel") == 1


def test_a_sentence_that_would_name_something_else_is_left_out(japanese):
    assert japanese.say("ja", "basket.count", {"count": 3, "number": 7}) == "Items: 3"
    assert not japanese.has("no.such_key")


def test_an_operators_words_for_one_sentence_replace_ours():
    ours = Catalogue.load()
    texts = {"zh": {"attract.title": "欢迎光临"}, "en": {"basket.count": "{oops}"}}
    his = Catalogue.load(texts=texts)
    assert his.say("zh", "attract.title") == "欢迎光临"
    assert his.say("zh", "basket.pay") == ours.say("zh", "basket.pay")
    assert his.say("en", "basket.count", {"count": 3}) == "Items: 3"


def test_goods_without_a_name_in_the_language_have_their_english_one():
    names = {"zh": "苹果", "en": "Apples"}
    assert [named(names, language) for language in ("zh", "en", "ja")] == [
        "苹果",
        "Apples",
        "Apples",
    ]
    assert named({"zh": "苹果"}, "ja") == "苹果"


@pytest.mark.parametrize(
    ("fen", "text"), [(0, "0.00"), (5, "0.05"), (123456789, "1,234,567.89"), (-250, "−2.50")]
)
def test_fen_are_written_as_yuan(fen, text):
    assert yuan(fen) == text


def width(text):
    return sum(1.0 if letter > "\u2000" else 0.5 for letter in text)


@pytest.mark.parametrize(
    ("text", "room", "lines"),
    [
        ("请扫描第一件商品", 20, ["请扫描第一件商品"]),
        ("拍摄您的面部，只用于确认这一次付款。", 14, ["拍摄您的面部，", "只用于确认这一次付款。"]),
        ("加密发送，只由您的钱包进行比对。", 15, ["加密发送，", "只由您的钱包进行比对。"]),
        ("one two three four", 5, ["one two", "three four"]),
        ("", 5, []),
        ("unbreakable", 2, ["unbreakable"]),
    ],
)
def test_lines_end_where_the_sentence_breathes(text, room, lines):
    assert break_lines(text, room, width) == lines


@given(st.text("请您看摄像头，。（）ab1,", max_size=80), st.integers(8, 30))
def test_nothing_is_lost_and_no_line_begins_with_a_closing_mark(text, room):
    lines = break_lines(text, room, width)
    assert "".join(lines) == text
    assert not any(line[0] in CLOSING for line in lines[1:])


def test_a_name_of_nothing_but_emoji_is_said_in_the_other_language():
    assert named({"zh": "苹果", "en": "🍎👨‍👩‍👧‍👦"}, "en") == "苹果"
    assert named({"zh": "苹果", "en": "🍎 Apple"}, "en") == "Apple"
    assert named({"zh": "🍎", "en": ""}, "en") == "🍎"
    assert named({}, "en") == ""
