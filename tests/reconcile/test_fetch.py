"""`kiosk bill`: the channel's file of a day, from a real sandbox into a new file."""

from __future__ import annotations

import stat
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from kiosk.channels.channel import PayOrder, Token, TokenKind
from kiosk.channels.wechatpay import WechatPay, WechatPayOptions
from kiosk.config import load
from kiosk.domain.money import Money
from kiosk.domain.number import new_trade_no
from kiosk.errors import KioskError
from kiosk.reconciling.fetch import Kind, Wanted, _write, command
from kiosk.sandbox.testing import running

TOML = """
terminal_id = "10000001"
[channels.wechatpay]
driver = "wechatpay"
key_credential = "{key}"
appid = "{appid}"
mch_id = "{mch_id}"
sandbox = true
pay_url = "{url}"
face_url = "{url}"
"""


@pytest.fixture(scope="module")
def sold(tmp_path_factory):
    """A sandbox on the morning after two sales, the settings of their till, and their day."""
    with running(tmp_path_factory.mktemp("sandbox")) as sandbox:
        merchant = sandbox.merchant()
        channel = WechatPay(
            WechatPayOptions(
                appid=merchant["appid"],
                mch_id=merchant["mch_id"],
                key=merchant["key"],
                device_id="10000001",
                store_id="S1",
                store_name="示例门店",
                sandbox=True,
                pay_url=sandbox.address,
                face_url=sandbox.address,
            )
        )
        for count in range(2):
            name = new_trade_no("10000001", 0, lambda _, count=count: count)
            token = Token(TokenKind.CODE, sandbox.code())
            channel.pay(PayOrder(name, Money(1380), "牛奶"), token)
        channel.close()
        now = datetime.fromisoformat(sandbox.control("GET", "health")["now"])
        morning = datetime(now.year, now.month, now.day, 10, tzinfo=now.tzinfo) + timedelta(days=1)
        sandbox.advance((morning - now).total_seconds())
        folder = tmp_path_factory.mktemp("till")
        (folder / "key").write_text(merchant["key"], "ascii")
        settings = folder / "kiosk.toml"
        told = merchant | {"key": str(folder / "key"), "url": sandbox.address}
        settings.write_text(TOML.format(**told), "utf-8")
        yield sandbox, settings, now.date().isoformat()


@pytest.fixture
def till(sold):
    sandbox, settings, day = sold
    sandbox.control("DELETE", "scripts")
    return sandbox, load(settings), day


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_bill_is_written_whole_for_its_owner_alone_and_the_next_step_is_told(sold, tmp_path):
    _, settings, day = sold
    out = tmp_path / "my bill.gz"
    words = [sys.executable, "-m", "kiosk", "bill", "--day", day, "--out", str(out)]
    words += ["--config", str(settings)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"{day} wechatpay: 2 rows in {out}",
        f"next: kiosk reconcile --day {day} --bill '{out}'",
    ]
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert left(tmp_path) == ["my bill.gz"]


def test_another_file_is_never_written_over(till, tmp_path):
    _, config, day = till
    out = tmp_path / "bill.gz"
    out.write_text("mine")
    with pytest.raises(KioskError, match="is there already"):
        command(config, Wanted(day, Kind.TRADE, out), lambda _: None)
    assert out.read_text() == "mine"
    assert left(tmp_path) == ["bill.gz"]


@pytest.mark.parametrize("script", ["truncated", "decline SYSTEMERROR", "drop-request"])
def test_what_does_not_come_whole_is_not_kept(till, tmp_path, script):
    sandbox, config, day = till
    sandbox.script(script, api="bill", count=9)
    with pytest.raises(KioskError):
        command(config, Wanted(day, Kind.TRADE, tmp_path / "bill.gz"), lambda _: None)
    assert left(tmp_path) == []


def test_a_day_without_a_bill_says_when_there_is_one(till, tmp_path):
    _, config, _ = till
    with pytest.raises(KioskError, match="no bill of this day") as error:
        command(config, Wanted("2020-01-01", Kind.TRADE, tmp_path / "bill.gz"), lambda _: None)
    assert "ten in the morning" in error.value.mend
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (Wanted("yesterday", Kind.TRADE, Path("/nowhere/x")), "'yesterday' is no day"),
        (Wanted("", Kind.TRADE, Path("/nowhere/x"), "alipay"), "there is no channel alipay"),
    ],
)
def test_what_cannot_be_asked_for_is_not_asked_for(till, wanted, why):
    _, config, _ = till
    with pytest.raises(KioskError, match=why):
        command(config, wanted, lambda _: None)


def test_a_folder_that_is_not_there_is_named(till):
    _, config, day = till
    with pytest.raises(KioskError, match=r"/nowhere/bill\.gz cannot be written"):
        command(config, Wanted(day, Kind.TRADE, Path("/nowhere/bill.gz")), lambda _: None)


def test_a_file_that_appears_meanwhile_is_not_written_over(tmp_path):
    out = tmp_path / "bill.gz"
    out.write_text("mine")
    with pytest.raises(FileExistsError):
        _write(out, b"a bill")
    assert out.read_text() == "mine"
    assert left(tmp_path) == ["bill.gz"]


def test_the_movements_of_the_account_are_fetched_alike(till, tmp_path):
    _, config, day = till
    out, said = tmp_path / "flow.gz", []
    command(config, Wanted(day, Kind.FUND_FLOW, out), said.append)
    assert said[0].splitlines() == [
        f"{day} wechatpay: 4 rows in {out}",
        f"next: kiosk reconcile --day {day} --bill BILL --fund-flow {out}",
    ]
