"""Users are made, reset and listed from a shell."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from fleet.console.keys import read_key
from fleet.console.users import Users
from fleet.database import Database
from fleet.migrations.migrate import migrate
from fleet.register import Register
from tests.fleet.console.town import PHRASE


@pytest.fixture
def shell(tmp_path):
    """A database with one merchant, and a shell on it."""
    url = f"sqlite:///{tmp_path}/fleet.db"
    database = Database(url)
    migrate(database)
    Register(database, lambda n: 0).put_merchant("M1", "鲜果超市", 0)
    places = {"FLEET_DATABASE": url, "FLEET_CONSOLE_KEY": str(tmp_path / "console.key")}

    def run(*words: str, phrase: str = PHRASE) -> tuple[int, str]:
        command = [sys.executable, "-m", "fleet", "user", *words]
        done = subprocess.run(
            command,
            env={**os.environ, **places},
            input=f"{phrase}\n",
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    run.users = Users(database, read_key(tmp_path / "console.key"))
    yield run
    database.close()


def test_a_user_is_added_listed_and_reset(shell):
    assert shell("add", "li", "merchant", "--merchant", "M1") == (0, "")
    assert shell("list") == (0, "li\tmerchant\tM1\tnot enrolled\n")
    assert shell.users.knows("li", PHRASE)
    assert shell("reset", "li", phrase="another horse and battery") == (0, "")
    assert not shell.users.knows("li", PHRASE)
    assert shell.users.knows("li", "another horse and battery")


@pytest.mark.parametrize(
    ("words", "phrase", "why"),
    [
        (("add", "li", "provider"), "short", "12 to 200 characters"),
        (("reset", "nobody"), PHRASE, "there is no user nobody"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(shell, words, phrase, why):
    status, said = shell(*words, phrase=phrase)
    assert (status, why in said) == (1, True), said
