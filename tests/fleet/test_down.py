"""Orders and documents on their way down: who gets them, how often, and how fast."""

from __future__ import annotations

import hashlib
import json
import threading
import time

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fleet.clock import wall_ms
from fleet.down import Answer, Commands, Desired, Scope, State, Target
from fleet.down.commands import OPEN
from fleet.down.desired import Told
from fleet.register import LOST, Store
from fleet.who import Who
from tests.fleet.server import Server
from tests.fleet.till import NOON

AT_ONCE = 2.0  # seconds in which a command reaches its kiosk


@pytest.fixture(scope="module")
def server(fleet_database, database_url):
    server = Server(database_url)
    yield server
    server.kill()


@pytest.fixture
def commands(fleet_database):
    return Commands(fleet_database)


@pytest.fixture
def desired(fleet_database):
    return Desired(fleet_database)


class Line:
    """A kiosk that has joined, and asks."""

    def __init__(self, server, who, key):
        self.server, self.who, self.key = server, who, key

    def asks(self, **says):
        answer = self.server.post(
            "/v1/down", json.dumps({"wait": 0, **says}).encode(), self.key, str(self.who)
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def fetches(self, kind, version):
        body = json.dumps({"version": version}).encode()
        return self.server.post(f"/v1/down/{kind}", body, self.key, str(self.who))


@pytest.fixture
def line(server, shop):
    return Line(server, *shop.join())


# --- commands


@pytest.mark.parametrize(
    ("what", "arguments", "says"),
    [
        ("explode", {}, "no command"),
        ("suspend", {"device": "printer"}, "takes nothing"),
        ("test_device", {}, "takes device"),
        ("test_device", {"device": 5}, "no str"),
        ("refund", {"out_trade_no": "1", "fen": True, "reason": ""}, "no int"),
        ("refund", {"out_trade_no": "1", "fen": 0, "reason": ""}, "at least one fen"),
        ("query", {"out_trade_no": "1" * 201}, "no str"),
    ],
)
def test_an_order_that_no_kiosk_could_obey_is_not_given(shop, commands, what, arguments, says):
    who, _ = shop.join()
    with pytest.raises(ValueError, match=says):
        commands.give(who, what, arguments, "staff", NOON)
    assert commands.of(who) == []


def test_nobody_is_ordered_who_is_not_there(shop, commands):
    who, _ = shop.join()
    with pytest.raises(ValueError, match="not registered"):
        commands.give(Who(shop.merchant_id, "9999"), "suspend", {}, "staff", NOON)
    shop.register.revoke(who, LOST, "staff", NOON)
    with pytest.raises(ValueError, match="lost"):
        commands.give(who, "suspend", {}, "staff", NOON)


def test_a_terminal_has_so_many_open_commands_and_no_more(shop, commands):
    who, _ = shop.join()
    for _ in range(OPEN):
        commands.give(who, "send_now", {}, "staff", NOON)
    with pytest.raises(ValueError, match="wait for"):
        commands.give(who, "send_now", {}, "staff", NOON)


def test_a_command_is_delivered_until_it_is_held_and_its_answer_stands(line, commands):
    given = commands.give(line.who, "test_device", {"device": "printer"}, "staff", NOON)
    wanted = {"command_id": given, "what": "test_device", "arguments": {"device": "printer"}}
    assert line.asks()["commands"] == [wanted]
    assert line.asks()["commands"] == [wanted]  # its answer may have been lost
    assert line.asks(holding=[given])["commands"] == []
    answer = {"command_id": given, "done": True, "said": "printed"}
    assert line.asks(answers=[answer])["commands"] == []
    line.asks(answers=[{**answer, "done": False, "said": "again"}])
    (one,) = commands.of(line.who)
    assert (one.done, one.said, one.by) == (True, "printed", "staff")
    assert one.given_ms <= one.fetched_ms <= one.answered_ms
    assert commands.find(line.who.merchant_id, given) == one


def test_an_answer_for_another_terminals_command_changes_nothing(shop, server, line, commands):
    other, key = shop.join("0002")
    given = commands.give(line.who, "suspend", {}, "staff", NOON)
    stranger = Line(server, other, key)
    answer = {"command_id": given, "done": True, "said": ""}
    assert stranger.asks(answers=[answer])["commands"] == []
    assert commands.find(line.who.merchant_id, given).done is None
    assert commands.find("M-other", given) is None


def test_a_command_reaches_a_kiosk_that_waits_at_once(line, commands):
    found, took = [], []

    def wait():
        start = time.monotonic()
        found.append(line.asks(wait=20))
        took.append(time.monotonic() - start)

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(1.0)
    commands.give(line.who, "suspend", {}, "staff", wall_ms())
    thread.join()
    assert [one["what"] for one in found[0]["commands"]] == ["suspend"]
    assert took[0] < 1.0 + AT_ONCE


def test_whoever_has_nothing_to_do_is_let_go_when_his_time_is_over(line):
    start = time.monotonic()
    assert line.asks(wait=0.6) == {"commands": [], "documents": {}}
    assert 0.3 < time.monotonic() - start < 5


def test_a_stranger_is_told_nothing(server, line, commands):
    commands.give(line.who, "suspend", {}, "staff", NOON)
    other = Ed25519PrivateKey.generate()
    answer = server.post("/v1/down", b'{"wait": 0}', other, str(line.who))
    assert answer.status_code == 401
    assert commands.of(line.who)[0].fetched_ms is None


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"wait": 26}', b'{"waits": 1}', b'{"holding": ["x"]}', b'{"seen": 5}']
)
def test_what_is_no_question_is_refused(server, line, body):
    answer = server.post("/v1/down", body, line.key, str(line.who))
    assert (answer.status_code, answer.json()["code"]) == (400, "MALFORMED")


# --- documents


def test_the_narrowest_scope_decides_and_withdrawing_gives_way_to_the_wider(shop, line, desired):
    merchant, terminal = line.who.merchant_id, line.who.terminal_id

    def put(scope, scope_id, text):
        return desired.put(Target(merchant, scope, scope_id), "software", text, "staff", NOON)

    def version():
        return line.asks()["documents"].get("software", {}).get("version", 0)

    assert version() == 0
    shop.register.put_store(Store(merchant, "S2", "二号店"))
    put(Scope.STORE, "S2", "9.9")
    assert version() == 0
    for_all = put(Scope.MERCHANT, "", "1.0")
    assert version() == for_all
    for_store = put(Scope.STORE, "S1", "1.1")
    assert version() == for_store
    own = put(Scope.TERMINAL, terminal, "1.2")
    assert version() == own
    put(Scope.TERMINAL, terminal, "")
    assert version() == for_store
    put(Scope.STORE, "S1", "")
    assert version() == for_all
    put(Scope.MERCHANT, "", "")
    assert line.asks(seen={"software": for_all})["documents"] == {
        "software": {"version": 0, "sha256": ""}
    }
    assert line.asks(seen={"software": 0})["documents"] == {}


def test_a_document_is_fetched_whole_and_only_by_whom_it_is_for(server, shop, line, desired):
    text = '[shop]\nname = "鲜果超市"\n'
    version = desired.put(Target(line.who.merchant_id), "config", text, "staff", NOON)
    told = line.asks()["documents"]["config"]
    assert told == {"version": version, "sha256": hashlib.sha256(text.encode()).hexdigest()}
    assert line.fetches("config", version).json() == {"kind": "config", **told, "text": text}
    assert line.asks(seen={"config": version})["documents"] == {}
    for kind, asked in (("config", version + 1), ("menu", version), ("secrets", 1)):
        assert line.fetches(kind, asked).status_code == 404
    other = type(shop)(shop.database)
    stranger = Line(server, *other.join())
    assert stranger.asks()["documents"] == {}
    assert stranger.fetches("config", version).status_code == 404


def test_what_terminals_make_of_it_is_kept_beside_what_is_wanted(shop, line, desired):
    merchant = line.who.merchant_id
    shop.join("0002")
    version = desired.put(Target(merchant), "config", "[visit]\nidle = 5\n", "staff", NOON)
    word = {"kind": "config", "version": version, "state": "REFUSED", "said": "fleet:1: visit"}
    line.asks(states=[word])
    mine, other = desired.standing(merchant)
    assert (mine.told.state, mine.told.said, mine.in_force) == (
        State.REFUSED,
        "fleet:1: visit",
        False,
    )
    assert (other.who.terminal_id, other.told, other.in_force) == ("0002", None, False)
    desired.tell(line.who, [Told("config", version, State.APPLIED)], NOON)
    assert desired.standing(merchant)[0].in_force
    newer = desired.put(Target(merchant), "config", "", "staff", NOON)
    assert newer > version
    assert desired.standing(merchant) == []


@pytest.mark.parametrize(
    ("kind", "text", "says"),
    [
        ("poster", "x", "no kind"),
        ("config", "not toml", "no config"),
        ("config", "#" * 70_000, "at most"),
        ("menu", "[]", "no JSON object"),
        ("campaigns", "{}", "no JSON list"),
        ("campaigns", "[" * 100_000, "no campaigns"),
        ("price_book", "hello", "no columns"),
        ("software", "1.0; rm -rf /", "no version"),
    ],
)
def test_what_no_kiosk_could_understand_is_not_desired(shop, desired, kind, text, says):
    shop.join()
    with pytest.raises(ValueError, match=says):
        desired.put(Target(shop.merchant_id), kind, text, "staff", NOON)


def test_nothing_is_desired_for_whom_there_is_not(shop, desired):
    for target in (
        Target("M-none"),
        Target(shop.merchant_id, Scope.STORE, "S9"),
        Target(shop.merchant_id, Scope.TERMINAL, "9999"),
        Target(shop.merchant_id, Scope.MERCHANT, "S1"),
    ):
        with pytest.raises(ValueError, match="no "):
            desired.put(target, "software", "1.0", "staff", NOON)


def test_a_document_for_a_merchant_wakes_all_of_his_that_wait(server, shop, desired):
    lines = [Line(server, *shop.join(f"{number:04d}")) for number in range(1, 5)]
    found = []
    threads = [
        threading.Thread(target=lambda line=line: found.append(line.asks(wait=20)))
        for line in lines
    ]
    for thread in threads:
        thread.start()
    time.sleep(1.0)
    start = time.monotonic()
    desired.put(Target(shop.merchant_id), "software", "2.0", "staff", wall_ms())
    for thread in threads:
        thread.join()
    assert time.monotonic() - start < 2 * AT_ONCE
    assert [list(one["documents"]) for one in found] == [["software"]] * 4


def test_what_was_given_while_the_fleet_was_down_is_there_when_it_is_up(server, line, commands):
    server.kill()
    given = commands.give(line.who, "resume", {}, "staff", NOON)
    server.start()
    assert [one["command_id"] for one in line.asks()["commands"]] == [given]
    commands.answer(line.who, [Answer(given, done=True, said="")], NOON)
