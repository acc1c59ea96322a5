"""The staff's PIN: what is kept of it, and how often one may guess."""

from __future__ import annotations

import subprocess
import sys

import pytest

from kiosk.config import load
from kiosk.errors import ConfigError
from kiosk.pin import LOCK, TRIES, PinHash, Tries, hash_pin

SALT = b"0123456789abcdef"
# scrypt(N=16384, r=8, p=1) of "246810" with that salt, by openssl kdf
GOLDEN = "scrypt$14$8$1$MDEyMzQ1Njc4OWFiY2RlZg$VNGS1BW6RTVlqYHVNZWZLy1uluVTXvizqmgrNsKPYWU"


def test_a_pin_matches_its_hash_and_no_other():
    kept = PinHash.parse(hash_pin("246810", SALT))
    assert kept.matches("246810")
    assert not kept.matches("246811")
    assert not kept.matches("")
    assert "246810" not in hash_pin("246810", SALT)
    assert hash_pin("246810", SALT) == GOLDEN


def test_the_hash_is_not_in_what_a_log_would_say():
    kept = PinHash.parse(hash_pin("246810", SALT))
    assert str(SALT) not in repr(kept)
    assert str(kept.key) not in repr(kept)


@pytest.mark.parametrize("pin", ["", "12345", "1234567890123", "12345a", "１２３４５６"])
def test_a_pin_has_six_to_twelve_digits(pin):
    with pytest.raises(ValueError, match="6 to 12 digits"):
        hash_pin(pin, SALT)


@pytest.mark.parametrize(
    "text",
    [
        "246810",
        "scrypt$14$8$1$!!$!!",
        "scrypt$14$8$1$AA$AA",
        hash_pin("246810", SALT).replace("scrypt", "argon"),
        hash_pin("246810", SALT).replace("$14$", "$20$"),
        hash_pin("246810", SALT).replace("$14$", "$0$"),
        hash_pin("246810", SALT).replace("$8$1$", "$8$9$"),
    ],
)
def test_a_setting_that_is_no_hash_is_named_with_its_line(tmp_path, text):
    path = tmp_path / "kiosk.toml"
    path.write_text(f'terminal_id = "0001"\n\n[staff]\npin_hash = "{text}"\n', "utf-8")
    with pytest.raises(ConfigError, match=r"kiosk\.toml:4: staff\.pin_hash"):
        load(path)


def test_five_wrong_tries_lock_for_five_minutes_and_a_right_one_forgets_them():
    tries = Tries()
    for _ in range(TRIES - 1):
        tries.count(100.0)
    tries.forget()
    for _ in range(TRIES - 1):
        tries.count(100.0)
    assert tries.locked_for(100.0) == 0
    tries.count(100.0)
    assert tries.locked_for(100.0) == LOCK == 300
    assert tries.locked_for(400.0) == 0
    tries.count(400.0)
    assert tries.locked_for(400.0) == 0


def test_the_command_prints_a_setting_that_the_program_takes(tmp_path):
    command = [sys.executable, "-m", "kiosk", "staff-pin"]
    run = subprocess.run(
        command, input="135791\n", capture_output=True, text=True, timeout=30, check=False
    )
    assert run.returncode == 0
    assert "135791" not in run.stdout + run.stderr
    path = tmp_path / "kiosk.toml"
    path.write_text(f'terminal_id = "0001"\n{run.stdout}', "utf-8")
    assert PinHash.parse(load(path).staff.pin_hash).matches("135791")


def test_the_command_says_what_a_pin_is():
    command = [sys.executable, "-m", "kiosk", "staff-pin"]
    run = subprocess.run(
        command, input="12\n", capture_output=True, text=True, timeout=30, check=False
    )
    assert run.returncode == 1
    assert run.stderr == "kiosk: a PIN has 6 to 12 digits. Choose another\n"
