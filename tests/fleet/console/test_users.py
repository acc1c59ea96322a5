"""Who may sign in, with what he knows and what he has."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import select, update

from fleet.console.keys import ConsoleKey, key_path, read_key
from fleet.console.roles import Role, User
from fleet.console.sessions import CODE, CODE_MS, IDLE_MS, IN, LONGEST_MS, Sessions
from fleet.console.tables import console_session, console_user
from fleet.console.throttle import TRIES, WINDOW_MS, Throttle
from fleet.console.users import PERIOD, UserError, Users
from tests.fleet.console.town import PHRASE
from tests.fleet.till import NOON


@pytest.fixture
def user(town):
    return town.user(Role.PROVIDER)


def test_a_pass_phrase_is_kept_as_a_hash_that_says_how_it_was_made(town, user):
    with town.database.read() as connection:
        row = connection.execute(select(console_user).where(console_user.c.name == user.name)).one()
    assert row.pass_hash.startswith("$argon2id$")
    assert PHRASE not in row.pass_hash
    assert town.users.knows(user.name, PHRASE)
    assert not town.users.knows(user.name, PHRASE + "r")
    assert not town.users.knows("nobody", PHRASE)


def test_a_code_counts_once_and_so_does_an_older_one(town, user):
    factor = town.factor(user)
    code = factor.at(NOON // 1000)
    assert not town.users.enrolled(user.name)
    assert town.users.has(user.name, code, NOON)
    assert town.users.enrolled(user.name)
    assert not town.users.has(user.name, code, NOON)
    assert not town.users.has(user.name, factor.at(NOON // 1000 - PERIOD), NOON)
    later = NOON + PERIOD * 1000
    assert town.users.has(user.name, factor.at(later // 1000), later)


def test_a_clock_may_be_off_by_one_code_and_no_more(town, user):
    factor = town.factor(user)
    assert not town.users.has(user.name, factor.at(NOON // 1000 - 2 * PERIOD), NOON)
    assert not town.users.has(user.name, factor.at(NOON // 1000 + 2 * PERIOD), NOON)
    assert town.users.has(user.name, factor.at(NOON // 1000 + PERIOD), NOON)


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "１２３４５６", "0" * 300])
def test_what_is_no_code_is_none(town, user, code):
    town.factor(user)
    assert not town.users.has(user.name, code, NOON)


def test_the_secret_is_shown_until_he_has_enrolled_and_never_again(town, user):
    first = town.users.enrolment(user.name)
    assert town.users.enrolment(user.name) == first
    assert town.users.has(user.name, town.factor(user).at(NOON // 1000), NOON)
    with pytest.raises(UserError):
        town.users.enrolment(user.name)


def test_a_reset_takes_away_everything_he_had(town, user):
    factor, sessions = town.factor(user), Sessions(town.database)
    assert town.users.has(user.name, factor.at(NOON // 1000), NOON)
    token = sessions.begin(user.name, IN, NOON)
    town.users.reset(user.name, "another horse and battery")
    assert sessions.find(token, NOON) is None
    assert not town.users.knows(user.name, PHRASE)
    assert not town.users.enrolled(user.name)
    assert not town.users.has(user.name, factor.at(NOON // 1000 + PERIOD), NOON)
    assert town.users.enrolment(user.name)


def test_another_key_reads_no_secret(town, user):
    town.users.enrolment(user.name)
    with pytest.raises(ValueError, match="another console's key"):
        Users(town.database, ConsoleKey(b"x" * 32)).enrolment(user.name)


@pytest.mark.parametrize(
    ("role", "where"),
    [
        (Role.MERCHANT, {}),
        (Role.MERCHANT, {"merchant_id": "nobody"}),
        (Role.STORE, {"store_id": "S9"}),
        (Role.OPERATOR, {}),
        (Role.OPERATOR, {"districts": frozenset({"nowhere"})}),
        (Role.PROVIDER, {"merchant_id": "mine"}),
    ],
)
def test_nobody_is_tied_to_what_does_not_fit(town, role, where):
    known = {"merchant_id": town.fruit} if where.get("merchant_id") == "mine" else {}
    if role is Role.STORE:
        known = {"merchant_id": town.fruit}
    with pytest.raises(UserError):
        town.users.add(User("x" * 20, role, **{**where, **known}), PHRASE, NOON)


def test_a_short_phrase_and_a_taken_name_are_refused(town, user):
    with pytest.raises(UserError, match="12 to 200"):
        town.users.add(User("short", Role.PROVIDER), "elevenchars", NOON)
    with pytest.raises(UserError, match="there is a user"):
        town.users.add(user, PHRASE, NOON)


# ---- sessions


def test_a_session_ends_after_half_an_hour_without_an_act(town, user):
    sessions = Sessions(town.database)
    token = sessions.begin(user.name, IN, NOON)
    assert sessions.find(token, NOON + IDLE_MS) is not None
    assert sessions.find(token, NOON + IDLE_MS + 1) is None
    at_ms = NOON
    while at_ms + IDLE_MS < NOON + LONGEST_MS:
        at_ms += IDLE_MS
        assert sessions.find(token, at_ms, touch=True) is not None
    assert sessions.find(token, NOON + LONGEST_MS + 1) is None


def test_half_a_sign_in_is_worth_five_minutes_and_its_token_nothing_afterwards(town, user):
    sessions = Sessions(town.database)
    half = sessions.begin(user.name, CODE, NOON)
    assert sessions.find(half, NOON + CODE_MS, touch=True).stage == CODE
    assert sessions.find(half, NOON + CODE_MS + 1) is None
    whole = sessions.begin(user.name, IN, NOON, instead_of=half)
    assert sessions.find(half, NOON) is None
    sessions.end(whole)
    assert sessions.find(whole, NOON) is None


def test_the_database_holds_no_token(town, user):
    token = Sessions(town.database).begin(user.name, IN, NOON)
    with town.database.read() as connection:
        kept = connection.execute(
            select(console_session.c.token_hash).where(console_session.c.name == user.name)
        ).scalars()
        assert list(kept) == [hashlib.sha256(token.encode()).hexdigest()]


# ---- throttle


def test_guesses_of_a_name_are_counted_before_they_are_looked_at(town, user):
    throttle, limit = Throttle(town.database), TRIES["user"]
    tries = [throttle.allows(user.name, f"10.0.0.{at}", NOON) for at in range(limit + 3)]
    assert tries == [True] * limit + [False] * 3
    assert throttle.allows(user.name, "10.0.0.99", NOON + WINDOW_MS)


def test_guesses_from_an_address_are_counted_over_all_names(town):
    throttle, limit = Throttle(town.database), TRIES["address"]
    address = f"10.1.{id(town) % 250}.7"
    tries = [throttle.allows(f"{address} {at}", address, NOON) for at in range(limit + 1)]
    assert tries == [True] * limit + [False]
    assert throttle.allows("another", "10.9.9.9", NOON)


def test_the_right_answer_gives_the_name_its_tries_back(town, user):
    throttle = Throttle(town.database)
    for _ in range(TRIES["user"]):
        assert throttle.allows(user.name, "10.2.0.1", NOON)
    throttle.forget(user.name, "10.2.0.1")
    assert throttle.allows(user.name, "10.2.0.1", NOON)


# ---- the key


def test_a_key_is_made_once_for_its_owner_alone(tmp_path):
    path = tmp_path / "state" / "console.key"
    first = read_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_key(path).cookies == first.cookies
    assert first.unseal(first.seal("s")) == "s"


def test_the_key_is_looked_for_where_systemd_puts_it(tmp_path):
    (tmp_path / "console.key").write_text("00" * 32)
    assert key_path({"CREDENTIALS_DIRECTORY": str(tmp_path)}) == tmp_path / "console.key"
    named = {"CREDENTIALS_DIRECTORY": str(tmp_path), "FLEET_CONSOLE_KEY": "/x"}
    assert str(key_path(named)) == "/x"


def test_a_user_whose_row_was_changed_is_found_as_he_is_now(town, user):
    changed = update(console_user).where(console_user.c.name == user.name)
    with town.database.write() as connection:
        connection.execute(changed.values(role="merchant", merchant_id=town.fruit))
    assert town.users.find(user.name).role is Role.MERCHANT
