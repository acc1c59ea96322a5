"""Pictures of every page in both languages, for whoever changes the console:

python -m tests.fleet.console.pictures FOLDER
"""

from __future__ import annotations

import random
import re
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page

from fleet.clock import wall_ms
from fleet.console.roles import Role, User
from fleet.database import Database
from fleet.down.commands import Commands
from fleet.down.desired import Desired, Target
from fleet.migrations.migrate import migrate
from fleet.who import Who
from kiosk.domain.payment import Method
from tests.fleet.console.browser import Console, browser, let_in
from tests.fleet.console.kiosk import answer_command
from tests.fleet.console.town import KEY, PHRASE, Town

DAY_MS = 86_400_000
SETTLES = 900  # milliseconds until a page stands still
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


class Album:
    """Photographs a console."""

    def __init__(self, chromium: Browser, console: Console, town: Town, folder: Path) -> None:
        self.chromium, self.console, self.town, self.folder = chromium, console, town, folder

    def pages(
        self, user: User, language: str, wanted: dict[str, str], size, tail: str = ""
    ) -> None:
        """Each page as it lies open, and the question before a refund."""
        page = self._page(language, size, user)
        for name, path in wanted.items():
            page.goto(self.console.address + path)
            page.wait_for_timeout(SETTLES)
            self._take(page, f"{name}-{language[:2]}{tail}")
            if name == "payment" and not tail:
                page.get_by_role("button", name=re.compile("申请退款|Request a refund")).click()
                page.wait_for_timeout(SETTLES)
                self._take(page, f"refund-{language[:2]}")
        page.context.close()

    def sign_in(self, language: str) -> None:
        """Both steps of the first time."""
        user = self.town.user(Role.PROVIDER)
        page = self._page(language, DESK)
        page.goto(f"{self.console.address}/sign-in")
        self._take(page, f"sign-in-{language[:2]}")
        page.locator("#name").fill(user.name)
        page.locator("#phrase").fill(PHRASE)
        page.keyboard.press("Enter")
        page.wait_for_url("**/code")
        self._take(page, f"enrol-{language[:2]}")
        page.context.close()

    def _page(self, language: str, size, user: User | None = None) -> Page:
        context = self.chromium.new_context(locale=language, viewport=size)
        if user is not None:
            let_in(context, self.console, self.town.database, KEY, user)
        return context.new_page()

    def _take(self, page: Page, name: str) -> None:
        page.screenshot(path=self.folder / f"{name}.png")


def draw(folder: Path) -> None:
    """All of them."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as here, browser() as chromium:
        url = f"sqlite:///{here}/fleet.db"
        database = Database(url)
        migrate(database)
        town = Town(database, wall_ms())
        who, paid, unknown = business(town)
        user = town.user(Role.PROVIDER)
        commands = Commands(database)
        commands.give(who, "query", {"out_trade_no": paid}, user.name, town.now_ms)
        answer_command(database, who, "query", said=f"{paid} PAID")
        commands.give(who, "suspend", {}, user.name, town.now_ms)
        Desired(database).put(Target(who.merchant_id), "software", "0.2.0", "office", town.now_ms)
        wanted = {
            "overview": "/",
            "terminals": "/terminals",
            "terminal": f"/terminals/{who}",
            "transactions": "/transactions",
            "payments": "/payments",
            "payment": f"/payments/{who}/{paid}",
            "unknown": f"/payments/{who}/{unknown}",
            "nothing": "/payments/x/1001/0",
        }
        few = {name: wanted[name] for name in ("overview", "payments", "payment")}
        console = Console(url, Path(here))
        album = Album(chromium, console, town, folder)
        try:
            for language in ("zh-CN", "en-GB"):
                album.sign_in(language)
                album.pages(user, language, wanted, DESK)
                album.pages(user, language, few, PHONE, "-phone")
        finally:
            console.stop()
            database.close()


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
