"""A device joins as its installer would do it, and its core then reports by itself."""

import json
import os
import re
import stat
import subprocess
import sys
import time

import pytest

from fleet import tables
from fleet.door import wall_ms
from fleet.register import Plan
from fleet.who import Who
from kiosk.demo.settings import Play
from kiosk.demo.stage import Stage
from tests.fleet.server import Server


@pytest.fixture(scope="module")
def server(fleet_database, database_url):
    server = Server(database_url)
    yield server
    server.kill()


def joined(config, shop, who):
    """Run `kiosk join`, type its code in, and read what it prints; the merchant's id."""
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
    return re.search(r'merchant_id = "(.+)"', said)[1]


def test_a_device_joins_and_its_core_reports_and_uploads(server, shop, tmp_path):
    who = Who(shop.merchant_id, "0001")
    serial = f"SN-{shop.merchant_id}"
    shop.register.plan(Plan(who, "S1", serial), "staff", wall_ms())
    fleet = {"url": server.address, "serial": serial}
    play = Play(display="", enrolled=False, settings={"fleet": fleet})
    with Stage(tmp_path, play, kiosk=()) as stage:
        merchant_id = joined(stage.places.config, shop, who)
        assert merchant_id == shop.merchant_id
        key = tmp_path / "state" / "fleet.key"
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        text = stage.places.config.read_text("utf-8")
        stage.places.config.write_text(
            text.replace("[fleet]", f"[fleet]\nmerchant_id = {json.dumps(merchant_id)}"), "utf-8"
        )
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
