"""Pictures of every page in both languages, for whoever changes the console:

python -m tests.fleet.console.pictures FOLDER
"""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

from alembic import command

from fleet.console.roles import Role
from fleet.database import Database
from fleet.door import wall_ms
from fleet.down.commands import Commands
from fleet.migrations.migrate import config
from fleet.schema import metadata
from fleet.who import Who
from kiosk.domain.payment import Method
from tests.fleet.console.browser import Console, browser, let_in
from tests.fleet.console.town import KEY, Town

DAY_MS = 86_400_000
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
WAYS = (
    ("wechatpay", Method.FACE),
    ("wechatpay", Method.CODE),
    ("alipay", Method.CODE),
    ("cash", Method.CASH),
)


def business(town: Town) -> tuple[Who, str, str]:
    """Two weeks of it; answers a terminal, and the numbers of a refunded and an unknown payment."""
    dice = random.Random(7)
    terminals = list(town.counters)
    for back in range(13, -1, -1):
        for who in terminals:
            counter, times = town.counters[who], dice.randrange(14, 34)
            for at_ms in sorted(_times(town.now_ms, back, times, dice)):
                channel, method = dice.choice(WAYS)
                roll, how = dice.random(), {"channel": channel, "method": method}
                size = dice.randrange(1, 5)
                if roll < 0.06:
                    counter.declined(at_ms, size=size, **how)
                else:
                    counter.sale(at_ms, size=size, **how)
    who = terminals[0]
    counter = town.counters[who]
    paid = counter.sale(town.now_ms - 900_000, "wechatpay", Method.FACE, 4)
    counter.back(paid, 500, town.now_ms - 500_000)
    unknown = counter.unknown(town.now_ms - 40_000)
    town.counters[terminals[1]].undoing(town.now_ms - 120_000, channel="alipay", method=Method.CODE)
    for each in terminals:
        town.send(each)
    town.report(terminals[0])
    town.report(terminals[1], printer="the paper is out")
    town.report(terminals[2], town.now_ms - 1_500_000)
    town.report(terminals[3])
    town.join(Who(town.fruit, "2002"), "S2")
    return who, paid.out_trade_no, unknown.out_trade_no


def _times(now_ms: int, back: int, count: int, dice: random.Random) -> list[int]:
    midnight = now_ms - (now_ms + 8 * 3_600_000) % DAY_MS
    begun = midnight - back * DAY_MS
    hours = min(now_ms - 60_000, begun + 22 * 3_600_000) - begun
    first = min(7 * 3_600_000, hours // 4)
    return [begun + dice.randrange(first, max(first + 1, hours)) for _ in range(count)]


def draw(folder: Path) -> None:
    """All of them."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as here:
        url = f"sqlite:///{here}/fleet.db"
        database = Database(url)
        metadata.create_all(database.engine)
        with database.write() as connection:
            command.stamp(config(connection), "head")
        town = Town(database, wall_ms())
        who, paid, unknown = business(town)
        user = town.user(Role.PROVIDER)
        Commands(database).give(who, "query", {"out_trade_no": paid}, user.name, town.now_ms)
        Commands(database).give(who, "suspend", {}, user.name, town.now_ms)
        console = Console(url, Path(here))
        pages = {
            "overview": "/",
            "terminals": "/terminals",
            "terminal": f"/terminals/{who}",
            "transactions": "/transactions",
            "payments": "/payments",
            "payment": f"/payments/{who}/{paid}",
            "unknown": f"/payments/{who}/{unknown}",
            "nothing": "/payments/x/1001/0",
        }
        try:
            with browser() as chromium:
                for language, name in (("zh-CN", "zh"), ("en", "en")):
                    _language(chromium, console, database, user, (language, name), pages, folder)
                _sign_in(chromium, console, town, folder)
        finally:
            console.stop()
            database.close()


def _language(chromium, console, database, user, language, pages, folder) -> None:
    for size, tail, which in (
        (DESK, "", pages),
        (PHONE, "-phone", ("overview", "payments", "payment")),
    ):
        context = chromium.new_context(locale=language[0], viewport=size)
        let_in(context, console, database, KEY, user)
        page = context.new_page()
        for name in which:
            page.goto(console.address + pages[name])
            page.wait_for_timeout(900)
            page.screenshot(path=folder / f"{name}-{language[1]}{tail}.png", full_page=bool(tail))
            if name == "payment" and not tail:
                page.get_by_role("button", name="退款" if language[1] == "zh" else "refund").click()
                page.wait_for_timeout(500)
                page.screenshot(path=folder / f"refund-{language[1]}.png")
        context.close()


def _sign_in(chromium, console, town, folder) -> None:
    from tests.fleet.console.town import PHRASE

    user = town.user(Role.PROVIDER)
    context = chromium.new_context(locale="zh-CN", viewport=DESK)
    page = context.new_page()
    page.goto(f"{console.address}/sign-in")
    page.screenshot(path=folder / "sign-in-zh.png")
    page.locator("#name").fill(user.name)
    page.locator("#phrase").fill(PHRASE)
    page.keyboard.press("Enter")
    page.wait_for_url("**/code")
    page.screenshot(path=folder / "enrol-zh.png")
    context.close()


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
