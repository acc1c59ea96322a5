"""The pages as a person at a browser uses them."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from fleet.clock import wall_ms
from fleet.console.roles import Role
from fleet.console.tables import console_event, console_session
from fleet.console.words import money
from fleet.gateway.tables import gateway_ask
from fleet.who import Who
from kiosk.domain.payment import Approved
from tests.fleet.console.browser import let_in
from tests.fleet.console.kiosk import answer_command
from tests.fleet.console.town import KEY, PHRASE

# What a page shows does not depend on the engine; one whole day is tried on each.
ONE_ENGINE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True, scope="session")
SOON = 4_000  # milliseconds until what is live is there
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture
def sheet(window, console):
    """A page of a browser of its own, in English; no request of it leaves for elsewhere."""
    context = window.new_context(locale="en-GB", viewport=DESK, base_url=console.address)
    page = context.new_page()
    asked, failed = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.on("console", lambda line: failed.append(line.text) if line.type == "error" else None)
    yield page
    context.close()
    places = {urlsplit(url).netloc for url in asked if not url.startswith("data:")}
    assert places == {urlsplit(console.address).netloc}
    assert [each for each in failed if " 401 " not in each and " 404 " not in each] == []


def enter(sheet, console, town, role=Role.PROVIDER, **where):
    user = town.user(role, **where)
    let_in(sheet.context, console, town.database, KEY, user)
    return user


def enrol(sheet, town, user):
    """The first sign-in, with a wrong pass phrase and a wrong code on the way."""
    sheet.goto("/")
    sheet.get_by_label("User name").fill(user.name)
    sheet.get_by_label("Pass phrase").fill("not this one, surely")
    sheet.get_by_role("button", name="Continue").click()
    expect(sheet.get_by_role("alert")).to_contain_text("do not fit")
    sheet.get_by_label("User name").fill(user.name)
    sheet.get_by_label("Pass phrase").fill(PHRASE)
    sheet.keyboard.press("Enter")
    expect(sheet.get_by_role("heading", name="Set up your second factor")).to_be_visible()
    secret = sheet.locator("#secret").inner_text().replace(" ", "")
    factor = town.factor(user)
    assert secret == factor.secret
    code = factor.at(wall_ms() // 1000)
    sheet.get_by_label("Six-digit code").fill(f"{(int(code) + 1) % 1_000_000:06d}")
    sheet.keyboard.press("Enter")
    expect(sheet.get_by_role("alert")).to_contain_text("wrong")
    sheet.get_by_label("Six-digit code").fill(code)
    sheet.keyboard.press("Enter")
    expect(sheet.get_by_role("heading", name="Overview")).to_be_visible()


@pytest.fixture
def first_sale(town):
    payment = town.counters[Who(town.fruit, "1001")].sale(town.now_ms)
    town.send(Who(town.fruit, "1001"))
    return payment


def watch(sheet, town, first):
    """The overview counts another payment by itself; answers it."""
    expect(sheet.get_by_role("heading", name="Overview")).to_be_visible()
    expect(sheet.locator("#tile-paid")).to_have_text("1")
    expect(sheet.locator("#tile-sum")).to_have_text(money(first.amount.fen))
    who = Who(town.fruit, "1001")
    second = town.counters[who].sale(town.now_ms)
    town.send(who)
    expect(sheet.locator("#tile-paid")).to_have_text("2", timeout=SOON)
    expect(sheet.locator("#tile-sum")).to_have_text(
        money(first.amount.fen + second.amount.fen), timeout=SOON
    )
    expect(sheet.locator("canvas")).to_be_visible()
    return second


def test_a_day_at_the_console(sheet, town, first_sale):
    """From the first sign-in to the slip of a payment, in the other language, and out."""
    user = town.user(Role.MERCHANT, merchant_id=town.fruit)
    enrol(sheet, town, user)
    second = watch(sheet, town, first_sale)
    both = money(first_sale.amount.fen + second.amount.fen)
    sheet.get_by_role("navigation").get_by_role("link", name="Transactions").click()
    row = sheet.get_by_role("row", name="WeChat Pay")
    expect(row).to_contain_text(both)
    row.get_by_role("link", name="1001").click()
    expect(sheet.get_by_role("row")).to_have_count(3)
    sheet.get_by_role("link", name=second.out_trade_no).click()
    expect(sheet.locator(".story li")).to_have_count(5)
    expect(sheet.locator(".story")).to_contain_text("The channel took the money")
    paper = sheet.locator(".paper")
    expect(paper).to_contain_text("鲜果超市一号店")
    expect(paper).to_contain_text("Tuna rice ball")
    expect(paper).to_contain_text(second.transaction_id or f"4200{second.out_trade_no}")
    expect(sheet.get_by_text("Drawn from the ledger")).to_be_visible()

    sheet.get_by_role("button", name="中文").click()
    expect(sheet.get_by_role("heading", name="小票")).to_be_visible()
    expect(sheet.locator(".badge", has_text="已支付").first).to_be_visible()
    assert sheet.locator("html").get_attribute("lang") == "zh-CN"
    assert town.users.language(user.name) == "zh"
    sheet.get_by_role("button", name="退出登录").click()
    expect(sheet.get_by_role("heading", name="登录")).to_be_visible()
    sheet.goto("/payments")
    expect(sheet.get_by_role("heading", name="登录")).to_be_visible()
    assert _acts(town, user) == [
        "second factor enrolled",
        "sign-in refused",
        "sign-in refused",
        "signed in",
        "signed out",
    ]


@ONE_ENGINE
def test_a_payment_is_asked_about_and_the_channels_answer_is_shown(sheet, console, town):
    who = Who(town.fruit, "1001")
    unknown = town.counters[who].unknown(town.now_ms - 30_000)
    town.send(who)
    user = enter(sheet, console, town)
    sheet.goto(f"/payments/{who}/{unknown.out_trade_no}")
    expect(sheet.get_by_text("The answer was lost; the terminal asks the channel.")).to_be_visible()
    expect(sheet.get_by_role("button", name="Request a refund")).to_be_disabled()
    sheet.get_by_role("button", name="Ask the channel").click()
    expect(sheet.get_by_text("Waiting for the channel")).to_be_visible()
    with town.database.write() as connection:
        mine = gateway_ask.c.out_trade_no == unknown.out_trade_no
        ask = connection.execute(select(gateway_ask).where(mine)).one()
        assert (ask.channel, ask.by) == ("wechatpay", user.name)
        told = {"state": "paid", "said": "paid", "transaction_id": "42007", "fen": 981}
        connection.execute(update(gateway_ask).where(mine).values(answered_ms=town.now_ms, **told))
    expect(sheet.locator(".answers")).to_contain_text("42007", timeout=SOON)
    expect(sheet.locator(".answers")).to_contain_text("¥9.81")

    sheet.get_by_role("button", name="Ask the terminal").click()
    expect(sheet.get_by_text("Waiting for the terminal")).to_be_visible(timeout=SOON)
    fen = unknown.amount.fen
    town.counters[who].happens(unknown, Approved("42007", fen), town.now_ms)
    town.send(who)
    answer_command(town.database, who, "query", said="PAID 42007")
    expect(sheet.get_by_text("PAID 42007")).to_be_visible(timeout=SOON)
    expect(sheet.get_by_text("The channel took the money.")).to_be_visible(timeout=SOON)
    assert _acts(town, user) == ["query", "query"]


@ONE_ENGINE
def test_a_refund_is_asked_for_once_and_waits_for_its_terminal(sheet, console, town):
    who = Who(town.fruit, "1001")
    counter = town.counters[who]
    paid = counter.sale(town.now_ms)
    town.send(who)
    user = enter(sheet, console, town, Role.MERCHANT, merchant_id=town.fruit)
    sheet.goto(f"/payments/{who}/{paid.out_trade_no}")
    sheet.get_by_role("button", name="Request a refund").click()
    dialog = sheet.get_by_role("dialog")
    amount, confirm = dialog.get_by_label("Amount"), dialog.get_by_role("button", name="Request")
    for wrong in ("0", "-1", "abc", f"{paid.amount.fen / 100 + 0.01:.2f}"):
        amount.fill(wrong)
        confirm.click()
        expect(dialog.get_by_role("alert")).to_contain_text("no more than is left")
    amount.fill(f"{paid.amount.fen / 100:.2f}")
    dialog.get_by_label("Reason").fill("broken bottle")
    confirm.click()
    expect(dialog).to_be_hidden()
    expect(sheet.get_by_text("Waiting for the terminal")).to_be_visible(timeout=SOON)
    expect(sheet.get_by_role("button", name="Request a refund")).to_be_disabled(timeout=SOON)
    counter.back(paid, paid.amount.fen, town.now_ms)
    town.send(who)
    said = f"{paid.out_trade_no}R1 DONE"
    command = answer_command(town.database, who, "refund", said=said)
    assert command.arguments == {
        "out_trade_no": paid.out_trade_no,
        "fen": paid.amount.fen,
        "reason": "broken bottle",
    }
    assert command.by == user.name
    expect(sheet.get_by_text(said)).to_be_visible(timeout=SOON)
    expect(sheet.locator(".badge", has_text="Given back")).to_be_visible(timeout=SOON)
    assert _acts(town, user) == ["refund requested"]


@ONE_ENGINE
def test_a_terminal_is_commanded_and_what_stops_sales_is_asked_twice(sheet, console, town):
    who = Who(town.fruit, "2001")
    town.report(who, printer="the paper is out")
    where = {"districts": frozenset({town.district})}
    user = enter(sheet, console, town, Role.OPERATOR, **where)
    sheet.goto("/terminals")
    expect(sheet.get_by_role("row")).to_have_count(2)
    expect(sheet.get_by_role("navigation").get_by_role("link", name="Payments")).to_have_count(0)
    sheet.get_by_role("link", name="2001").click()
    expect(sheet.get_by_text("the paper is out")).to_be_visible()
    sheet.get_by_role("button", name="Suspend").click()
    dialog = sheet.get_by_role("dialog")
    expect(dialog).to_contain_text("takes no more shoppers")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()
    assert _acts(town, user) == []
    sheet.get_by_role("button", name="Send now").click()
    expect(sheet.get_by_text("Waiting for the terminal")).to_be_visible(timeout=SOON)
    town.report(who)
    expect(sheet.get_by_text("the paper is out")).to_be_hidden(timeout=SOON)
    assert _acts(town, user) == ["command"]


@ONE_ENGINE
def test_a_page_that_lies_open_closes_when_its_session_ends(sheet, console, town):
    user = enter(sheet, console, town)
    sheet.goto("/terminals")
    expect(sheet.get_by_role("heading", name="Terminals")).to_be_visible()
    with town.database.write() as connection:
        mine = console_session.c.name == user.name
        connection.execute(update(console_session).where(mine).values(seen_ms=1))
    expect(sheet.get_by_role("heading", name="Sign in")).to_be_visible(timeout=15_000)


@ONE_ENGINE
def test_a_list_pages_on_and_a_number_is_found(sheet, console, town):
    who = Who(town.fruit, "1001")
    sold = [town.counters[who].sale(town.now_ms - at * 1_000) for at in range(60)]
    town.send(who)
    enter(sheet, console, town, Role.STORE, merchant_id=town.fruit, store_id="S1")
    sheet.goto("/payments")
    expect(sheet.get_by_role("row")).to_have_count(51)
    expect(sheet.get_by_role("row").nth(1)).to_contain_text(sold[0].out_trade_no)
    sheet.get_by_role("link", name="Older").click()
    expect(sheet.get_by_role("row")).to_have_count(11)
    expect(sheet.get_by_role("row").last).to_contain_text(sold[-1].out_trade_no)
    sheet.get_by_label("Order or transaction number").fill(f"4200{sold[7].out_trade_no}")
    sheet.keyboard.press("Enter")
    expect(sheet.get_by_role("row")).to_have_count(2)
    sheet.get_by_role("link", name=sold[7].out_trade_no).click()
    expect(sheet.get_by_role("heading", name="Slip")).to_be_visible()
    expect(sheet.get_by_role("button", name="Request a refund")).to_have_count(0)


@ONE_ENGINE
def test_every_page_fits_a_phone_and_names_its_fields(window, console, town):
    who = Who(town.fruit, "1001")
    paid = town.counters[who].sale(town.now_ms)
    town.counters[who].declined(town.now_ms)
    town.send(who)
    town.report(who, printer="the paper is out, and nobody has brought any for a long time")
    user = town.user(Role.PROVIDER)
    context = window.new_context(locale="zh-CN", viewport=PHONE, base_url=console.address)
    let_in(context, console, town.database, KEY, user)
    page = context.new_page()
    one = f"/payments/{who}/{paid.out_trade_no}"
    for path in ("/", "/terminals", f"/terminals/{who}", "/transactions", "/payments", one):
        page.goto(path)
        expect(page.locator("h1").first).to_be_visible()
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= PHONE["width"], path
        nameless = page.evaluate(
            "[...document.querySelectorAll('input:not([type=hidden]), select')]"
            ".filter(x => !x.labels?.length && !x.ariaLabel).map(x => x.outerHTML)"
        )
        assert nameless == [], path
        assert "Asia/Shanghai" in page.locator("body").inner_text(), path
    page.goto("/payments")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    context.close()


@ONE_ENGINE
def test_what_a_kiosk_says_is_text_and_no_markup(sheet, console, town):
    who = Who(town.fruit, "1002")
    evil = "<img src=x onerror=\"document.title='taken'\">"
    town.report(who, printer=evil)
    enter(sheet, console, town)
    sheet.goto(f"/terminals/{who}")
    expect(sheet.get_by_text(evil)).to_be_visible()
    assert "taken" not in sheet.title()


@ONE_ENGINE
def test_a_forked_chain_is_shown_as_what_it_is(sheet, console, town):
    who = Who(town.fruit, "1001")
    counter = town.counters[who]
    counter.sale(town.now_ms)
    town.send(who)
    old = list(counter.entries[:2])
    counter.entries, counter.sent = old, 2
    counter.sale(town.now_ms + 1)
    town.send(who)
    town.report(who)
    enter(sheet, console, town)
    sheet.goto(f"/terminals?merchant={town.fruit}&condition=trouble")
    expect(sheet.get_by_role("row")).to_have_count(2)
    expect(sheet.get_by_role("row").last).to_contain_text("an old disk was put back (1)")


def _acts(town, user):
    table = console_event
    query = select(table.c.what).where(table.c.name == user.name)
    with town.database.read() as connection:
        return sorted(connection.execute(query).scalars())
