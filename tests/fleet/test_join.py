"""A device joins as its installer would do it, and its core then reports by itself."""

import contextlib
import json
import os
import re
import stat
import subprocess
import sys
import time

import pytest

from fleet import tables
from fleet.clock import wall_ms
from fleet.register import Plan
from fleet.who import Who
from kiosk.demo.hand import Hand
from kiosk.demo.settings import Play
from kiosk.demo.stage import Stage
from kiosk.messages import Screen
from tests.fleet.server import Server
from tests.fleet.shop import once

pytestmark = once


@pytest.fixture(scope="module")
def server(fleet_database, database_url):
    server = Server(database_url)
    yield server
    server.kill()


def joined(config, shop, who):
    """Run `kiosk join`, and type its code in; all that it prints."""
    command = [sys.executable, "-m", "kiosk", "join", "--config", str(config)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) as join:
        said = ""
        while not (code := re.search(r"([2-9A-Z]{4}) ([2-9A-Z]{4})\n", said)):
            line = join.stdout.readline()
            assert line, said
            said += line
        shop.register.approve(code[1] + code[2], who, "staff", wall_ms())
        said += join.stdout.read()
    assert join.returncode == 0
    return said


def test_a_device_joins_and_its_core_reports_and_uploads(server, shop, tmp_path):
    who = Who(shop.merchant_id, "0001")
    serial = f"SN-{shop.merchant_id}"
    shop.register.plan(Plan(who, "S1", serial), "staff", wall_ms())
    fleet = {"url": server.address, "serial": serial}
    play = Play(display="", enrolled=False, settings={"fleet": fleet})
    with Stage(tmp_path, play, kiosk=()) as stage:
        assert f"Joined: 0001 of {shop.merchant_id}." in joined(stage.places.config, shop, who)
        key = tmp_path / "state" / "fleet.key"
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        stage.start("core")
        deadline = time.monotonic() + 20
        while not shop.rows(tables.health, who) and time.monotonic() < deadline:
            time.sleep(0.1)
        (row,) = shop.rows(tables.health, who)
        report = json.loads(row["report"])
        assert set(report["channels"]) == {"wechatpay", "wechatpay_native"}
        assert "printer" in report["devices"]
        entries = shop.rows(tables.entry, who)
        assert [entry["kind"] for entry in entries][:1] == ["month"]


def test_a_kiosk_that_cannot_sell_yet_shows_its_code_and_joins_by_itself(server, shop, tmp_path):
    who = Who(shop.merchant_id, "0001")
    serial = f"SN-{shop.merchant_id}"
    shop.register.plan(Plan(who, "S1", serial), "staff", wall_ms())
    through = {"wechatpay": {"driver": "gateway", "takes": "face", "sandbox": True}}
    fleet = {"url": server.address, "serial": serial}
    play = Play(display="", enrolled=False, channels=through, settings={"fleet": fleet})
    with Stage(tmp_path, play, kiosk=("core",)) as stage, contextlib.closing(Hand(stage)) as hand:
        seen = hand.sees(lambda now: "code" in _args(now), "a code to join by")
        assert (seen.screen, seen.said.key) == (Screen.OUT_OF_ORDER, "out.joining")
        shop.register.approve(_args(seen)["code"], who, "staff", wall_ms())
        deadline = time.monotonic() + 20
        while stage.alive("core"):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert (tmp_path / "state" / "fleet.merchant").read_text("utf-8") == shop.merchant_id
        stage.start("core")
        while not shop.rows(tables.health, who):
            assert time.monotonic() < deadline + 20
            time.sleep(0.1)


def _args(seen):
    return seen.said.args if seen.said is not None else {}
