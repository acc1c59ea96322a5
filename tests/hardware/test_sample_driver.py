"""A driver of somebody else, installed as he would ship it: found by name, as good as ours."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from hardware.link import Backoff
from hardware.netline import NetLine
from hardware.testing import ScannerContract, ScannerRig, wait_until
from kiosk import registry
from kiosk.demo.hand import Hand
from kiosk.demo.settings import Play
from kiosk.demo.shopper import GOODS
from kiosk.demo.stage import Stage
from kiosk.errors import ConfigError
from kiosk.messages import Screen, Start
from kiosk.settings import Driver

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests" / "sample_driver"


@pytest.fixture(scope="session")
def target(tmp_path_factory) -> Path:
    """The folder that it is installed into, offline and away from this interpreter's own."""
    source = shutil.copytree(SAMPLE, tmp_path_factory.mktemp("made") / "sample")
    target = tmp_path_factory.mktemp("installed")
    offline = ["--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check"]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", *offline]
    subprocess.run([*pip, "--target", str(target), str(source)], check=True, timeout=50)
    return target


@pytest.fixture
def installed(target, monkeypatch) -> Path:
    monkeypatch.syspath_prepend(str(target))
    python = os.pathsep.join([str(target), str(ROOT), os.environ.get("PYTHONPATH", "")])
    monkeypatch.setenv("PYTHONPATH", python)
    return target


class Tunnel:
    """The scanner's end: a port that listens, and sends lines to whoever has connected."""

    def __init__(self) -> None:
        self.line = NetLine()
        self.line.plug()
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def scan(self, code: str) -> None:
        wait_until(lambda: self.line._client is not None, 0.5)  # a closed driver is none
        self.line.write(f"{code}\r\n".encode())

    def close(self) -> None:
        self._ends.set()
        self._thread.join()
        self.line.unplug()

    def _run(self) -> None:
        while not self._ends.wait(0.002):
            self.line.read()


class TestTheSampleDriver(ScannerContract):
    @pytest.fixture(autouse=True)
    def _installed(self, installed):
        pass

    @contextmanager
    def rig(self, folder):
        tunnel = Tunnel()
        options = {"host": "127.0.0.1", "port": tunnel.line.port}
        given = {"name": "scanner", "backoff": Backoff(0.01, 0.05)}
        scanner = registry.build("scanner", Driver("lan", options), **given)
        yield ScannerRig(scanner, tunnel.scan, tunnel.line.unplug, tunnel.line.plug)
        tunnel.close()


def test_its_name_is_known_only_where_it_is_installed(target, monkeypatch):
    with pytest.raises(ConfigError, match="no scanner driver lan"):
        registry.find("scanner", "lan")
    monkeypatch.syspath_prepend(str(target))
    assert "lan" in registry.known("scanner")
    with pytest.raises(ConfigError, match="does not take colour"):
        registry.build("scanner", Driver("lan", {"host": "x", "colour": "red"}))


@pytest.fixture
def doctor(installed, tmp_path):
    """The shipped command, with these settings."""

    def run(*words: str, settings: str = "") -> str:
        path = tmp_path / "kiosk.toml"
        path.write_text(f'terminal_id = "0001"\n[paths]\nstate = "{tmp_path}"\n{settings}', "utf-8")
        command = [sys.executable, "-m", "kiosk", *words, "--config", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=40, check=False)
        assert "Traceback" not in done.stderr
        return done.stdout

    return run


def test_the_doctor_looks_at_it_by_its_name(doctor):
    with closing(Tunnel()) as tunnel:
        port = f"port = {tunnel.line.port}\n"
        settings = f'[devices.scanner]\ndriver = "lan"\nhost = "127.0.0.1"\n{port}'
        told = json.loads(doctor("doctor", "--json", settings=settings))
        (one,) = [one for one in told["findings"] if one["what"] == "scanner"]
        assert (one["state"], one["says"]) == ("good", "127.0.0.1")


def test_its_finder_is_asked(installed, tmp_path):
    from hardware.plugged.found import Roots
    from kiosk.config import Config
    from kiosk.doctor import find

    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/lan-scanner").write_text("10.0.0.7\n")
    roots = Roots(tmp_path / "dev", tmp_path / "sys")
    text = "\n".join(find.proposed(Config("0001"), find.found(roots)))
    assert '[devices.scanner]\ndriver = "lan"\nhost = "10.0.0.7"' in text


def test_a_core_sells_what_it_reads(installed, tmp_path):
    with closing(Tunnel()) as tunnel:
        table = {"driver": "lan", "host": "127.0.0.1", "port": tunnel.line.port}
        play = Play("", enrolled=False, settings={"devices.scanner2": table})
        with Stage(tmp_path, play, kiosk=("core",)) as stage, closing(Hand(stage)) as hand:
            hand.sees(lambda seen: seen.screen is Screen.ATTRACT, "an idle kiosk")
            hand.touches(Start())
            hand.sees(lambda seen: seen.screen is Screen.BASKET, "an empty basket")
            tunnel.scan(GOODS[0])
            hand.sees(lambda seen: seen.count == 1, "the goods")
