"""The way in, as whoever has no browser and no scruples meets it."""

from __future__ import annotations

import subprocess
import sys
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import select

from fleet.clock import wall_ms
from fleet.console.acts import ActError, Acts
from fleet.console.events import Events
from fleet.console.gate import COOKIE
from fleet.console.roles import MAY, Act, Role
from fleet.console.tables import console_event
from fleet.console.throttle import TRIES
from fleet.console.view import NotThere
from fleet.down.commands import Commands
from fleet.who import Who
from tests.fleet.console.browser import cookie_of
from tests.fleet.console.town import KEY, PHRASE
from tests.fleet.shop import once

# Some of these look at nothing that is in the database.
pytestmark = [once, pytest.mark.usefixtures("database_url")]


@pytest.fixture
def client(console):
    with httpx.Client(base_url=console.address, timeout=20, verify=False) as made:
        yield made


def signed_in(console, town, user) -> httpx.Client:
    cookies = {COOKIE: cookie_of(town.database, KEY, user)}
    return httpx.Client(base_url=console.address, cookies=cookies, timeout=20, verify=False)


def test_nothing_is_answered_to_who_is_not_signed_in(client):
    for path in ("/", "/terminals", "/payments", "/payments.csv", "/payments/a/1/2", "/elsewhere"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    for path in ("/_nicegui_ws/socket.io/?EIO=4&transport=polling", "/_nicegui/3.18.0/x"):
        assert client.get(path).status_code == 403
    assert client.get("/sign-in").status_code == 200
    assert client.get("/assets/console.css").status_code == 200


def test_a_forged_cookie_opens_nothing(console, town):
    user = town.user(Role.PROVIDER)
    good = cookie_of(town.database, KEY, user)
    for value in (good[:-2] + "xx", "x", good.split(".")[0]):
        with httpx.Client(
            base_url=console.address, cookies={COOKIE: value}, verify=False
        ) as client:
            assert client.get("/").status_code == 303
    with signed_in(console, town, user) as client:
        assert client.get("/").status_code == 200


def test_guesses_are_refused_after_some_even_with_the_right_phrase(client, town):
    user = town.user(Role.PROVIDER)
    for _ in range(TRIES["user"]):
        answer = client.post("/sign-in", data={"name": user.name, "phrase": "wrong" * 3})
        assert answer.status_code == 401
    answer = client.post("/sign-in", data={"name": user.name, "phrase": PHRASE})
    assert answer.status_code == 429
    what = [event.what for event in _events(town, user.name)]
    assert what == ["sign-in refused"] * TRIES["user"] + ["sign-in throttled"]


def test_one_half_of_a_sign_in_shows_no_page(client, town):
    user = town.user(Role.PROVIDER)
    factor = town.factor(user)
    answer = client.post("/sign-in", data={"name": user.name, "phrase": PHRASE})
    assert answer.headers["location"] == "/sign-in/code"
    assert client.get("/").status_code == 303
    half = client.cookies[COOKIE]
    code = factor.at(wall_ms() // 1000)
    assert client.post("/sign-in/code", data={"code": code}).headers["location"] == "/"
    assert client.get("/").status_code == 200
    with httpx.Client(base_url=client.base_url, cookies={COOKIE: half}, verify=False) as planted:
        assert planted.get("/").status_code == 303
    again = httpx.Client(base_url=client.base_url, verify=False)
    again.post("/sign-in", data={"name": user.name, "phrase": PHRASE})
    assert again.post("/sign-in/code", data={"code": code}).status_code == 401
    again.close()


def test_the_cookie_is_for_this_site_and_no_script(client, town):
    user = town.user(Role.PROVIDER)
    answer = client.post("/sign-in", data={"name": user.name, "phrase": PHRASE})
    words = {each.strip().lower() for each in answer.headers["set-cookie"].split(";")}
    assert {"httponly", "samesite=lax"} <= words


def test_another_site_changes_nothing(console, town):
    user = town.user(Role.PROVIDER)
    with signed_in(console, town, user) as client:
        for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            assert client.post("/sign-out", headers=headers).status_code == 403
        assert client.get("/").status_code == 200
        own = {"Origin": console.address}
        assert client.post("/sign-out", headers=own).status_code == 303
        assert client.get("/").status_code == 303


def test_no_page_leads_elsewhere_after_the_language(console, town):
    with signed_in(console, town, town.user(Role.PROVIDER)) as client:
        for back in ("//evil.example", "https://evil.example", "/\\evil.example"):
            answer = client.post("/language", data={"language": "en", "back": back})
            assert urlsplit(answer.headers["location"]).netloc == ""
            assert answer.headers["location"] == "/"


def test_every_page_forbids_the_browser_to_go_elsewhere(console, town):
    with signed_in(console, town, town.user(Role.PROVIDER)) as client:
        headers = client.get("/").headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"


def test_a_guessed_address_is_as_unknown_as_a_made_up_one(console, town):
    who, other = Who(town.fruit, "1001"), Who(town.books, "1001")
    numbers = {}
    for each in (who, other):
        numbers[each] = town.counters[each].sale(town.now_ms).out_trade_no
        town.send(each)
    with signed_in(console, town, town.user(Role.MERCHANT, merchant_id=town.fruit)) as client:
        assert client.get(f"/payments/{who}/{numbers[who]}").status_code == 200
        made_up = client.get(f"/payments/{who}/{numbers[who][:-1]}x")
        for path in (
            f"/payments/{other}/{numbers[other]}",
            f"/payments/{who}/{numbers[other]}",
            f"/terminals/{other}",
            "/terminals/nobody/1001",
        ):
            guess = client.get(path)
            assert guess.status_code == made_up.status_code == 404
            assert guess.text == made_up.text
        assert numbers[other] not in client.get(f"/payments?merchant={town.books}").text
        text = client.get(f"/payments.csv?merchant={town.books}").text
        assert numbers[other] not in text
        assert len(text.splitlines()) == 1
    operator = town.user(Role.OPERATOR, merchants=frozenset({town.fruit}))
    with signed_in(console, town, operator) as client:
        assert client.get(f"/terminals/{who}").status_code == 200
        for path in (
            "/payments",
            "/transactions",
            "/payments.csv",
            f"/payments/{who}/{numbers[who]}",
        ):
            assert client.get(path).status_code == 404


def test_no_address_breaks_a_page(console, town):
    who = Who(town.fruit, "1001")
    with signed_in(console, town, town.user(Role.PROVIDER)) as client:
        for path in (
            "/payments?after=x~y~z~w",
            "/payments?after=99999999999999999999~y~z~w",
            "/payments?day=2026-02-31&outcome=x&number=%00%00%00%00%00%00%00",
            "/payments?merchant=%00&store=%27;--&terminal=%F0%9F%92%A9",
            "/transactions?first=x&last=0000-00-00&after=1~2~3~4~5~6",
            "/terminals?condition=x&after=%00~1",
            f"/payments?after={'1~' * 300}",
        ):
            assert client.get(path).status_code == 200, path
        for path in ("/terminals/%00/1", f"/payments/{who}/%00", f"/payments/{who}/{'9' * 3000}"):
            assert client.get(path).status_code == 404, path


def test_a_field_operator_sees_no_payment_in_the_orders_of_a_terminal(town):
    who = Who(town.fruit, "1001")
    commands = Commands(town.database)
    refund = {"out_trade_no": "1" * 24, "fen": 100, "reason": ""}
    for what, arguments in (("refund", refund), ("send_now", {})):
        commands.give(who, what, arguments, "office", town.now_ms)
    seen = {
        role: {each.what for each in Acts(town.view(role, **where), None, "").recent(who)}
        for role, where in (
            (Role.OPERATOR, {"merchants": frozenset({town.fruit})}),
            (Role.MERCHANT, {"merchant_id": town.fruit}),
        )
    }
    assert seen == {Role.OPERATOR: {"send_now"}, Role.MERCHANT: {"send_now", "refund"}}


@pytest.mark.parametrize("role", Role)
def test_each_role_does_what_it_may_and_nothing_else(town, role):
    who = Who(town.fruit, "1001")
    where = {
        Role.PROVIDER: {},
        Role.OPERATOR: {"merchants": frozenset({town.fruit})},
        Role.MERCHANT: {"merchant_id": town.fruit},
        Role.STORE: {"merchant_id": town.fruit, "store_id": "S1"},
    }[role]
    paid = town.counters[who].sale(town.now_ms).out_trade_no
    town.send(who)
    acts = Acts(town.view(role, **where), Events(town.database), "127.0.0.1")
    tried = {
        Act.COMMAND: lambda: acts.command(who, "resume", "", town.now_ms),
        Act.QUERY: lambda: acts.ask_terminal(who, paid, town.now_ms),
        Act.REFUND: lambda: acts.refund(who, paid, 1, "", town.now_ms),
    }
    for act, does in tried.items():
        if act in MAY[role]:
            assert does()
        else:
            with pytest.raises(NotThere):
                does()
    foreign = Who(town.books, "1001")
    if role is not Role.PROVIDER:
        with pytest.raises(NotThere):
            acts.command(foreign, "reboot", "", town.now_ms)
        assert Commands(town.database).of(foreign) == []


def test_no_more_is_asked_back_than_is_left_after_what_was_asked_for(town):
    who = Who(town.fruit, "1001")
    counter = town.counters[who]
    paid = counter.sale(town.now_ms)
    counter.back(paid, 100, town.now_ms)
    town.send(who)
    view = town.view(Role.MERCHANT, merchant_id=town.fruit)
    acts, number = Acts(view, Events(town.database), ""), paid.out_trade_no
    left = paid.amount.fen - 100
    with pytest.raises(ActError):
        acts.refund(who, number, left + 1, "", town.now_ms)
    acts.refund(who, number, left - 50, "", town.now_ms)
    with pytest.raises(ActError):
        acts.refund(who, number, 51, "", town.now_ms)
    acts.refund(who, number, 50, "", town.now_ms)
    with pytest.raises(ActError):
        acts.refund(who, number, 1, "", town.now_ms)


def test_files_come_as_the_lists_are_filtered_and_are_written_down(console, town):
    who = Who(town.fruit, "1001")
    counter = town.counters[who]
    paid, failed = counter.sale(town.now_ms), counter.declined(town.now_ms)
    town.send(who)
    user = town.user(Role.STORE, merchant_id=town.fruit, store_id="S1")
    with signed_in(console, town, user) as client:
        answer = client.get("/payments.csv?outcome=failed", headers={"Accept-Language": "en"})
        days = client.get("/transactions.csv").text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert failed.out_trade_no in answer.text
    assert paid.out_trade_no not in answer.text
    assert len(days.splitlines()) == 2
    events = _events(town, user.name)
    assert [(each.what, each.about) for each in events] == [
        ("export", "payments"),
        ("export", "transactions"),
    ]
    assert {each.merchant_id for each in events} == {town.fruit}


def test_the_machine_interface_loads_nothing_of_the_pages():
    looks = "import sys, fleet.__main__, fleet.app; print('nicegui' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", looks], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def _events(town, name):
    table = console_event
    query = select(table).where(table.c.name == name).order_by(table.c.event_id)
    with town.database.read() as connection:
        return connection.execute(query).all()
