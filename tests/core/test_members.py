"""The file of members: digests only, read strictly, its faults told without a number."""

from __future__ import annotations

import io
import json

import pytest

from kiosk.cli import main
from kiosk.content import ContentError
from kiosk.domain.order import Member
from kiosk.errors import ConfigError, KioskError
from kiosk.members import digest, load_members, member_file, members_of, plain

SALT = bytes(range(16))


def test_a_member_is_found_by_phone_or_card_however_it_is_written(tmp_path):
    path = tmp_path / "members.json"
    path.write_text(
        member_file(["13800000000,gold\n", "\n", " 99001234 , silver\n"], SALT), "utf-8"
    )
    assert "13800000000" not in path.read_text("utf-8")
    members = load_members(path)
    assert members.any
    assert members.find("+86 138 0000-0000") == Member("gold")
    assert members.find("99001234") == Member("silver")
    assert [members.find(x) for x in ("13800000001", "", "1", "九九", "9" * 99)] == [None] * 5


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("13800000000", "13800000000"),
        ("+8613800000000", "13800000000"),
        ("8613800000000", "13800000000"),
        ("138-0000 0000", "13800000000"),
        ("8600000000000", "8600000000000"),
        ("AB12", "AB12"),
        ("AB1", None),
        ("１３８00000000", None),
        ("a" * 33, None),
    ],
)
def test_a_number_is_made_plain(written, number):
    assert plain(written) == number


def test_a_digest_is_scrypt_with_the_salt_of_the_file():
    assert digest("13800000000", SALT) != digest("13800000000", SALT[::-1])
    assert len(digest("13800000000", SALT)) == 64


GOOD = {"salt": SALT.hex(), "prefixes": ["99"], "members": {"0" * 64: "gold"}}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"salt": "00"}, "key salt"),
        ({"salt": None}, "key salt"),
        ({"prefixes": "99"}, "key prefixes"),
        ({"prefixes": ["9"]}, "key prefixes"),
        ({"members": []}, "key members"),
        ({"members": {"13800000000": "gold"}}, "member 1"),
        ({"members": {"0" * 64: "Gold"}}, "member 1"),
        ({"more": 1}, "the keys are"),
    ],
)
def test_a_fault_is_told_without_a_number(tmp_path, change, says):
    path = tmp_path / "members.json"
    path.write_text(json.dumps({**GOOD, **change}), "utf-8")
    with pytest.raises(ContentError, match=says) as caught:
        load_members(path)
    assert "13800000000" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "[]", "{\n'", "[" * 100_000])
def test_what_is_no_file_of_members_is_refused(tmp_path, text):
    (tmp_path / "members.json").write_text(text, "utf-8")
    with pytest.raises(ContentError, match=r"members.json"):
        load_members(tmp_path / "members.json")
    with pytest.raises(ConfigError, match=r"members.json"):
        members_of(tmp_path / "members.json")


def test_nobody_is_a_member_without_a_file():
    members = members_of(None)
    assert not members.any
    assert members.find("13800000000") is None


def test_the_command_makes_the_file_and_names_a_wrong_line_only(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("13800000000,gold\n"))
    assert main(["members"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert [*made["members"].values()] == ["gold"]
    with pytest.raises(KioskError, match="line 2") as caught:
        member_file(["99001234,gold", "13800000000;gold"], SALT)
    assert "13800000000" not in str(caught.value)
